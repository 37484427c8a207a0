#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct half_cauchy {
  static constexpr family_info info = {
      .name = "half_cauchy",
      .class_name = "HalfCauchy",
      .summary = "Size of a Cauchy deviation from zero: a heavy-tailed law of scales, with no mean.",
      .formula = "log p(x) = log(2 / pi) - log(scale) - log(1 + (x / scale)^2)",
      .source = "Polson and Scott (2012), On the half-Cauchy prior for a global scale parameter, section 1",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, true, false, "x >= 0"},
      .scipy = "halfcauchy",
      .scipy_arguments = {{"scale", convert::identity, "scale"}},
      .torch = "HalfCauchy",
  };
  struct theta {
    double scale;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "spread: the median"},
  };
  static constexpr theta cases[] = {{1.0}, {0.05}, {1e9}, {1e-12}};

  template <class S>
  THETAHAT_INLINE static auto internal(const S& scale) {
    return at(zero{}, scale);
  }
  static theta canonical(const point& p) { return {p.scale}; }

  static constexpr double log_half_pi = 0.45158270528945486473;
  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.constant(-log_half_pi);
    sink.log(-1.0, 1.0 + sq(z), ge_one);
  }
  // NaN where z^2 overflows, which asks for the form below.
  THETAHAT_INLINE static double log_density(const fields&, double z) { return -log_half_pi - log1p_ratio(1.0, sq(z)); }
  static double far_log_density(const fields&, double log_abs_z) { return -log_half_pi - 2.0 * log_abs_z; }

  // 2 / pi atan(x / y), the probability below x, or above y, at scale y, or x; its logarithm outlives the quotient.
  static double share(double x, double y) { return 2.0 / pi * std::atan(x / y); }
  static double log_share(double x, double y) {
    return x / y < 1e-300 ? (std::log(x) - std::log(y)) - log_half_pi : std::log(std::atan(x / y)) - log_half_pi;
  }
  static double cdf(theta t, double x) { return share(x, t.scale); }
  static double sf(theta t, double x) { return share(t.scale, x); }
  static double log_cdf(theta t, double x) {
    return x < t.scale ? log_share(x, t.scale) : std::log1p(-share(t.scale, x));
  }
  static double log_sf(theta t, double x) {
    return x > t.scale ? log_share(t.scale, x) : std::log1p(-share(x, t.scale));
  }
  static double icdf(theta t, double q) {
    return q <= 0.5 ? t.scale * std::tan(0.5 * pi * q) : t.scale / std::tan(0.5 * pi * (1.0 - q));
  }
  static double isf(theta t, double q) {
    return q <= 0.5 ? t.scale / std::tan(0.5 * pi * q) : t.scale * std::tan(0.5 * pi * (1.0 - q));
  }
  static double moment_order(theta) { return 1.0; }
  static double mean(theta) { return infinity; }
  static double variance(theta) { return infinity; }
  static double mode(theta) { return 0.0; }
  static double entropy(theta t) { return log_two_pi + std::log(t.scale); }

  static theta start(const start_sample& s) {
    const double median = s.quantile(0.5);
    return {median > 0.0 ? median : std::fmax(s.quantile(0.9), 1e-9 * s.sorted[s.n - 1])};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
