#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct inverse_gamma {
  static constexpr family_info info = {
      .name = "inverse_gamma",
      .class_name = "InverseGamma",
      .summary = "Reciprocal of a gamma variable: the conjugate law of a normal variance, power-law upper tails.",
      .formula = "log p(x) = concentration * log(rate) - (concentration + 1) * log(x) - rate / x "
                 "- log Gamma(concentration)",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 17, section 8.5",
      .group = group::scale,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "invgamma",
      .scipy_arguments = {{"a", convert::identity, "concentration"}, {"scale", convert::identity, "rate"}},
      .torch = "InverseGamma",
  };
  struct theta {
    double concentration, rate;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::log, "shape: the power of the upper tail"},
      {"rate", domain::positive, coordinate::log, "rate of the gamma law of 1/x: a scale of x"},
  };
  static constexpr theta cases[] = {{3.5, 2.0}, {1.0, 0.3}, {0.3, 1e-6}, {40.0, 1e5}, {0.1, 1.0}, {1e6, 1e-12}};

  template <class A, class R>
  THETAHAT_INLINE static auto internal(const A& concentration, const R& rate) {
    return at(zero{}, rate, concentration);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.scale}; }

  template <class C, class N>
  struct fields {
    C exponent;
    N norm;
    double shape, log_shape, centre;
  };
  template <class A>
  static auto prepare(const A& a) {
    const double shape = value(a), log_shape = log(shape);
    return fields<decltype(-(a + 1.0)), decltype(-lgamma(a))>{
        -(a + 1.0), -lgamma(a), shape, log_shape, 0.5 * (log_shape - log_two_pi) - special::stirling_correction(shape)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.add(-1.0, recip(z));
  }
  // The terms cancel to a few nats of their size.
  static bool admissible(const point& p) { return p.shape[0] < 64.0; }
  // The gamma law's saddle-point form at 1/z: no large terms cancel, whatever the shape.
  THETAHAT_INLINE static double log_density(const fields<double, double>& p, double z) {
    const double l = vlog(z);
    const double h = (p.centre - l) - scaled_deviance(p.shape, recip(z), -l - p.log_shape);
    return z < infinity ? h : not_a_number;
  }
  // Where z overflows, from log z.
  static double far_log_density(const fields<double, double>& p, double log_z) { return p.norm + p.exponent * log_z; }

  static double sf(theta t, double x) {
    const double y = t.rate / x;
    return y > tiny ? special::gamma_p(t.concentration, y) : std::exp(log_sf(t, x));
  }
  static double cdf(theta t, double x) {
    const double y = t.rate / x;
    return y > tiny ? special::gamma_q(t.concentration, y) : -std::expm1(log_sf(t, x));
  }
  static double log_sf(theta t, double x) {
    const double y = t.rate / x;
    if (y > tiny) return special::log_gamma_p(t.concentration, y);
    return t.concentration * (std::log(t.rate) - std::log(x)) - special::lgamma(t.concentration + 1.0);
  }
  static double log_cdf(theta t, double x) {
    const double y = t.rate / x;
    return y > tiny ? special::log_gamma_q(t.concentration, y) : special::log1mexp(-log_sf(t, x));
  }
  static double icdf(theta t, double q) { return t.rate / special::gamma_q_inverse(t.concentration, q); }
  static double isf(theta t, double q) { return t.rate / special::gamma_p_inverse(t.concentration, q); }
  static double moment_order(theta t) { return t.concentration; }
  static double mean(theta t) { return t.concentration > 1.0 ? t.rate / (t.concentration - 1.0) : infinity; }
  static double variance(theta t) {
    const double a = t.concentration, m = t.rate / (a - 1.0);
    return a > 2.0 ? m * (m / (a - 2.0)) : infinity;
  }
  static double mode(theta t) { return t.rate / (t.concentration + 1.0); }
  static double entropy(theta t) {  // the gamma law's, and twice the mean of log x
    const double a = t.concentration;
    if (a > 1e3) {  // the terms below cancel; their expansion does not
      const double r = 1.0 / a;
      return 0.5 * (log_two_pi + 1.0 + std::log(a)) + std::log(t.rate) - 2.0 * special::digamma(a) -
             r * (1.0 / 3 + r * (1.0 / 12 + r * (1.0 / 90 - r * (1.0 / 120))));
    }
    return a + std::log(t.rate) + special::lgamma(a) - (1.0 + a) * special::digamma(a);
  }
  static double moment(theta t, int k) {
    double m = 1.0;
    for (int j = 1; j <= k; ++j) m *= t.rate / (t.concentration - j);
    return m;
  }
  static double gamma_shape(theta t) { return t.concentration; }
  static double draw_from_gamma(theta t, double g) { return t.rate / g; }

  static theta start(const statistics& s) {  // Minka (2002), Estimating a Gamma distribution, for 1/x
    const double mean = (s.ratio - s.sum + s.weight * s.pivot) / (s.pivot * s.pivot) / s.weight;
    const double gap = std::fmax(std::log(mean) + s.log / s.weight, 1e-16);
    const double a = (3.0 - gap + std::sqrt((gap - 3.0) * (gap - 3.0) + 24.0 * gap)) / (12.0 * gap);
    return {a, a / mean};
  }

 private:
  static constexpr double tiny = 1e-290;  // below it rate / x loses digits, and P(a, y) = y^a / Gamma(a + 1)
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
