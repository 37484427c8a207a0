#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct laplace {
  static constexpr family_info info = {
      .name = "laplace",
      .class_name = "Laplace",
      .summary = "Two exponential tails back to back; its location estimate is the median.",
      .formula = "log p(x) = -|x - loc| / scale - log(2 scale)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 24",
      .group = group::location_scale,
      .scipy = "laplace",
      .scipy_arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}},
      .torch = "Laplace",
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "median"},
      {"scale", domain::positive, coordinate::log, "mean absolute deviation from the median"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-2.0, 0.1}, {1e9, 3.0}, {5.0, 1e12}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(loc, scale);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.constant(-0.69314718055994530942);
    sink.add(-1.0, abs(z));
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double tail(double z) { return z >= 0.0 ? 0.5 * std::exp(-z) : -std::expm1(z) + 0.5 * std::exp(z); }
  static double log_tail(double z) { return z >= 0.0 ? -z - 0.69314718055994530942 : std::log1p(-0.5 * std::exp(z)); }
  static double sf(theta t, double x) { return tail(z(t, x)); }
  static double cdf(theta t, double x) { return tail(-z(t, x)); }
  static double log_sf(theta t, double x) { return log_tail(z(t, x)); }
  static double log_cdf(theta t, double x) { return log_tail(-z(t, x)); }
  static double quantile(double q) { return q <= 0.5 ? std::log(2.0 * q) : -std::log(2.0 * (1.0 - q)); }
  static double icdf(theta t, double q) { return t.loc + t.scale * quantile(q); }
  static double isf(theta t, double q) { return t.loc - t.scale * quantile(q); }
  static double mean(theta t) { return t.loc; }
  static double variance(theta t) { return 2.0 * t.scale * t.scale; }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return 1.0 + std::log(2.0 * t.scale); }
  static double skewness(theta) { return 0.0; }
  static double kurtosis(theta) { return 3.0; }
  static double kl(theta p, theta q) {
    return special::deviance(q.scale, p.scale) / q.scale +
           p.scale / q.scale * special::exp_rest(-std::fabs(p.loc - q.loc) / p.scale);
  }

  // The density has a kink, so the information about loc is expected, not observed.
  static double expected_information(theta t, int i, int j) { return i == j ? 1.0 / (t.scale * t.scale) : 0.0; }
  // loc maximises at the (weighted) median, scale at the mean absolute deviation from it.
  static constexpr bool median_location = true;
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
