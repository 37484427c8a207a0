#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct logistic {
  static constexpr family_info info = {
      .name = "logistic",
      .class_name = "Logistic",
      .summary = "Bell-shaped with exponential tails; its distribution function is the logistic curve.",
      .formula = "log p(x) = -|z| - 2 log(1 + exp(-|z|)) - log(scale), z = (x - loc) / scale",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 23",
      .group = group::location_scale,
      .scipy = "logistic",
      .scipy_arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean"},
      {"scale", domain::positive, coordinate::log, "standard deviation times sqrt(3) / pi"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-2.0, 0.1}, {1e9, 3.0}, {5.0, 1e12}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(loc, scale);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P&, const Z& z) {
    return -abs(z);
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E& e, Sink& sink) {
    sink.add(-1.0, abs(z));
    sink.log(-2.0, 1.0 + e, ge_one);
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double log_tail(double z) { return z >= 0.0 ? -z - std::log1p(std::exp(-z)) : -std::log1p(std::exp(z)); }
  static double tail(double z) {
    const double e = std::exp(-std::fabs(z));
    return (z >= 0.0 ? e : 1.0) / (1.0 + e);
  }
  static double sf(theta t, double x) { return tail(z(t, x)); }
  static double cdf(theta t, double x) { return tail(-z(t, x)); }
  static double log_sf(theta t, double x) { return log_tail(z(t, x)); }
  static double log_cdf(theta t, double x) { return log_tail(-z(t, x)); }
  static double quantile(double q) { return std::log(q) - std::log1p(-q); }
  static double icdf(theta t, double q) { return t.loc + t.scale * quantile(q); }
  static double isf(theta t, double q) { return t.loc - t.scale * quantile(q); }
  static double mean(theta t) { return t.loc; }
  static double variance(theta t) { return t.scale * t.scale * (pi * pi / 3.0); }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return std::log(t.scale) + 2.0; }
  static double skewness(theta) { return 0.0; }
  static double kurtosis(theta) { return 1.2; }

  static theta start(const start_sample& s) {
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    return {s.quantile(0.5), std::fmax(spread / 2.1972, 1e-9 * std::sqrt(s.variance))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
