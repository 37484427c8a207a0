#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct beta {
  static constexpr family_info info = {
      .name = "beta",
      .class_name = "Beta",
      .summary = "Proportions: the share of one gamma variable in the sum of two.",
      .formula = "log p(x) = (concentration1 - 1) * log(x) + (concentration0 - 1) * log(1 - x) "
                 "- log B(concentration1, concentration0)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 25",
      .support = {0.0, 1.0, false, false, "0 < x < 1"},
      .scipy = "beta",
      .scipy_arguments = {{"a", convert::identity, "concentration1"}, {"b", convert::identity, "concentration0"}},
      .torch = "Beta",
      .alternatives = {{keyword{"mean", domain::unit, "expectation"},
                        keyword{"precision", domain::positive, "concentration1 + concentration0"},
                        replacement{"concentration1", convert::product, "mean", "precision"},
                        replacement{"concentration0", convert::complement_product, "mean", "precision"}}},
  };
  struct theta {
    double concentration1, concentration0;
  };
  static constexpr parameter parameters[] = {
      {"concentration1", domain::positive, coordinate::log, "weight near one: the exponent of x, plus one"},
      {"concentration0", domain::positive, coordinate::log, "weight near zero: the exponent of 1 - x, plus one"},
  };
  static constexpr theta cases[] = {{2.0, 3.0}, {1.0, 1.0}, {0.3, 0.4}, {0.01, 5.0}, {300.0, 2.0}, {1e5, 2e6}};

  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& concentration1, const B& concentration0) {
    return at(zero{}, unit_scale{}, concentration1, concentration0);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  template <class A, class B, class N>
  struct fields {
    A exponent1;
    B exponent0;
    N norm;
    double a, b, total, log_share1, log_share0, centre;
  };
  template <class A, class B>
  static auto prepare(const A& c1, const B& c0) {
    const double a = value(c1), b = value(c0), n = a + b;
    auto norm = minus_log_beta(c1, c0);
    return fields<decltype(c1 - 1.0), decltype(c0 - 1.0), decltype(norm)>{
        c1 - 1.0, c0 - 1.0, norm, a, b, n, log(a / n), log(b / n), log_beta_peak(a, b)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent1, z, positive);
    sink.log(p.exponent0, 1.0 - z, positive);
  }
  static bool admissible(const point& p) { return p.shape[0] < 64.0 && p.shape[1] < 64.0; }
  // Loader's saddle-point form of the binomial, with real counts.
  THETAHAT_INLINE static double log_density(const fields<double, double, double>& p, double z) {
    const double l1 = vlog(z), l0 = vlog1p(-z);
    return ((p.centre - l1) - l0) - scaled_deviance(p.a, p.total * z, l1 - p.log_share1) -
           scaled_deviance(p.b, p.total * (1.0 - z), l0 - p.log_share0);
  }

  static double cdf(theta t, double x) { return special::beta_p(t.concentration1, t.concentration0, x, 1.0 - x); }
  static double sf(theta t, double x) { return special::beta_q(t.concentration1, t.concentration0, x, 1.0 - x); }
  static double log_cdf(theta t, double x) {
    return special::log_beta_p(t.concentration1, t.concentration0, x, 1.0 - x);
  }
  static double log_sf(theta t, double x) {
    return special::log_beta_q(t.concentration1, t.concentration0, x, 1.0 - x);
  }
  static double icdf(theta t, double q) { return special::beta_p_inverse(t.concentration1, t.concentration0, q).x; }
  static double isf(theta t, double q) { return special::beta_q_inverse(t.concentration1, t.concentration0, q).x; }
  static double mean(theta t) { return t.concentration1 / (t.concentration1 + t.concentration0); }
  static double variance(theta t) {
    const double n = t.concentration1 + t.concentration0;
    return t.concentration1 / n * (t.concentration0 / n) / (n + 1.0);
  }
  static double mode(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    if (a > 1.0 && b > 1.0) return (a - 1.0) / (a + b - 2.0);
    return a == b ? (a == 1.0 ? 0.5 : 0.0) : (a > b ? 1.0 : 0.0);
  }
  // By Stirling's series with its remainders: log B and the three digammas cancel when the concentrations are large.
  static double entropy(theta t) {
    const double a = t.concentration1, b = t.concentration0, n = a + b;
    const auto stirling = [](double x) { return special::stirling_correction(x); };
    return 0.5 * (std::log(a / n) + std::log(b / n) - std::log(n) + log_two_pi + 1.0) - 0.5 / a - 0.5 / b + 1.0 / n +
           (a - 1.0) * digamma_rest(a) + (b - 1.0) * digamma_rest(b) - (n - 2.0) * digamma_rest(n) + stirling(a) +
           stirling(b) - stirling(n);
  }
  static double moment(theta t, int k) {
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= (t.concentration1 + j) / (t.concentration1 + t.concentration0 + j);
    return m;
  }
  static double skewness(theta t) {
    const double a = t.concentration1, b = t.concentration0, n = a + b;
    return 2.0 * (b - a) / (n + 2.0) * std::sqrt((n + 1.0) / a / b);
  }
  static double kurtosis(theta t) {
    const double a = t.concentration1, b = t.concentration0, n = a + b;
    return 6.0 * ((a - b) / a * ((a - b) / b) * ((n + 1.0) / (n + 2.0)) - 1.0) / (n + 3.0);
  }
  // Of the shares at q's total, as of coins, and of the shapes and the total at equal shares.
  static double kl(theta p, theta q) {
    const double a = p.concentration1, b = p.concentration0, n = a + b;
    const double c = q.concentration1, d = q.concentration0, m = c + d;
    return m * (special::deviance(c / m, a / n) + special::deviance(d / m, b / n)) +
           (special::shape_divergence(a, c) + special::shape_divergence(b, d) - special::shape_divergence(n, m));
  }
  static double fisher_information(theta t, int i, int j) {
    const double n = t.concentration1 + t.concentration0;
    if (i != j) return -special::trigamma(n);
    const double own = i == 0 ? t.concentration1 : t.concentration0,
                 other = i == 0 ? t.concentration0 : t.concentration1;
    return other / n / own + (special::trigamma_rest(own) - special::trigamma_rest(n));
  }

  // From the geometric means g of x and 1 - x: exact in the limit of large concentrations (Johnson et al., eq. 25.33).
  static theta start(const statistics& s) {
    const double g1 = std::exp(s.log / s.weight), g0 = std::exp(s.log_complement / s.weight);
    const double rest = std::fmax(1.0 - g1 - g0, 1e-15);
    return {0.5 + 0.5 * g1 / rest, 0.5 + 0.5 * g0 / rest};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
