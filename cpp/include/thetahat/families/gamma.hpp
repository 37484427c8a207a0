#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct gamma {
  static constexpr family_info info = {
      .name = "gamma",
      .class_name = "Gamma",
      .summary =
          "Waiting time for `concentration` events of a Poisson process; the maximum-entropy law on the positive "
          "half-line for a given mean and mean logarithm.",
      .formula = "log p(x) = concentration * log(rate) + (concentration - 1) * log(x) - rate * x "
                 "- log Gamma(concentration)",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 17",
      .group = group::scale,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "gamma",
      .scipy_arguments = {{"a", convert::identity, "concentration"}, {"scale", convert::reciprocal, "rate"}},
      .torch = "Gamma",
      .alternatives = {{"scale", "rate", convert::reciprocal}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "exponential",
                  .parameter = "concentration",
                  .value = 1.0,
                  .arguments = {{"rate", convert::identity, "rate"}}}},
  };
  struct theta {
    double concentration, rate;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::log, "shape: the number of events waited for"},
      {"rate", domain::positive, coordinate::log, "inverse scale: events per unit of x"},
  };
  static constexpr theta cases[] = {{2.5, 0.5},  {1.0, 3.0},  {0.3, 1e-6}, {40.0, 1e5},
                                    {1e-3, 1.0}, {1e6, 10.0}, {1e10, 1.0}};

  template <class A, class R>
  THETAHAT_INLINE static auto internal(const A& concentration, const R& rate) {
    return at(zero{}, recip(rate), concentration);
  }
  static theta canonical(const point& p) { return {p.shape[0], 1.0 / p.scale}; }

  template <class C, class N>
  struct fields {
    C exponent;
    N norm;
    double shape, log_shape, centre;
  };
  template <class A>
  static auto prepare(const A& a) {
    const double shape = value(a), log_shape = log(shape);
    return fields<decltype(a - 1.0), decltype(-lgamma(a))>{
        a - 1.0, -lgamma(a), shape, log_shape, 0.5 * (log_shape - log_two_pi) - special::stirling_correction(shape)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.add(-1.0, z);
  }
  // The terms cancel to a few nats of their size.
  static bool admissible(const point& p) { return p.shape[0] < 64.0; }
  // Loader's saddle-point form: no large terms cancel, whatever the shape.
  THETAHAT_INLINE static double log_density(const fields<double, double>& p, double z) {
    const double l = vlog(z);
    return (p.centre - l) - scaled_deviance(p.shape, z, l - p.log_shape);
  }

  static double cdf(theta t, double x) { return special::gamma_p(t.concentration, x * t.rate); }
  static double sf(theta t, double x) { return special::gamma_q(t.concentration, x * t.rate); }
  static double log_cdf(theta t, double x) { return special::log_gamma_p(t.concentration, x * t.rate); }
  static double log_sf(theta t, double x) { return special::log_gamma_q(t.concentration, x * t.rate); }
  static double icdf(theta t, double q) { return special::gamma_p_inverse(t.concentration, q) / t.rate; }
  static double isf(theta t, double q) { return special::gamma_q_inverse(t.concentration, q) / t.rate; }
  static double mean(theta t) { return t.concentration / t.rate; }
  static double variance(theta t) { return t.concentration / t.rate / t.rate; }
  static double mode(theta t) { return t.concentration > 1.0 ? (t.concentration - 1.0) / t.rate : 0.0; }
  static double entropy(theta t) {
    const double a = t.concentration;
    if (a > 1e3) {  // the terms below cancel; their expansion does not
      const double r = 1.0 / a;
      return 0.5 * (log_two_pi + 1.0 + std::log(a)) - std::log(t.rate) -
             r * (1.0 / 3 + r * (1.0 / 12 + r * (1.0 / 90 - r * (1.0 / 120))));
    }
    return a - std::log(t.rate) + special::lgamma(a) + (1.0 - a) * special::digamma(a);
  }
  static double moment(theta t, int k) {
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= (t.concentration + j) / t.rate;
    return m;
  }
  static double skewness(theta t) { return 2.0 / std::sqrt(t.concentration); }
  static double kurtosis(theta t) { return 6.0 / t.concentration; }
  // Of the means at q's shape, and of the shapes at equal means: neither is negative.
  static double kl(theta p, theta q) {
    const double means = p.concentration / q.concentration * (q.rate / p.rate);
    return q.concentration * special::deviance(1.0, means) +
           special::shape_divergence(p.concentration, q.concentration);
  }
  static double fisher_information(theta t, int i, int j) {
    if (i != j) return -1.0 / t.rate;
    return i == 0 ? special::trigamma(t.concentration) : t.concentration / t.rate / t.rate;
  }
  static double gamma_shape(theta t) { return t.concentration; }
  static double draw_from_gamma(theta t, double g) { return g / t.rate; }

  static theta start(const statistics& s) {  // Minka (2002), Estimating a Gamma distribution
    const double mean = s.pivot + s.sum / s.weight;
    const double gap = std::fmax(std::log(mean) - s.log / s.weight, 1e-16);
    const double a = (3.0 - gap + std::sqrt((gap - 3.0) * (gap - 3.0) + 24.0 * gap)) / (12.0 * gap);
    return {a, a / mean};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
