#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct normal {
  static constexpr family_info info = {
      .name = "normal",
      .class_name = "Normal",
      .summary = "Gaussian law: the limit of sums, and the maximum-entropy law for a given mean and variance.",
      .formula = "log p(x) = -((x - loc) / scale)^2 / 2 - log(scale) - log(2 pi) / 2",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 13",
      .group = group::location_scale,
      .scipy = "norm",
      .scipy_arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}},
      .torch = "Normal",
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean"},
      {"scale", domain::positive, coordinate::log, "standard deviation"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-3.5, 0.25}, {1e9, 2.0}, {0.0, 1e-12}, {2.0, 1e12}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(loc, scale);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.constant(-0.5 * log_two_pi);
    sink.add(-0.5, sq(z));
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double cdf(theta t, double x) { return special::normal_cdf(z(t, x)); }
  static double sf(theta t, double x) { return special::normal_cdf(-z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-z(t, x)); }
  static double icdf(theta t, double q) { return t.loc + t.scale * special::normal_quantile(q); }
  static double isf(theta t, double q) { return t.loc - t.scale * special::normal_quantile(q); }
  static double mean(theta t) { return t.loc; }
  static double variance(theta t) { return t.scale * t.scale; }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return 0.5 * (log_two_pi + 1.0) + std::log(t.scale); }
  static double skewness(theta) { return 0.0; }
  static double kurtosis(theta) { return 0.0; }
  static double kl(theta p, theta q) {
    const double d = (p.loc - q.loc) / q.scale, s = (p.scale - q.scale) / q.scale;
    return special::deviance(q.scale, p.scale) / q.scale + 0.5 * s * s + 0.5 * d * d;
  }
  static double draw_from_normal(theta t, double n) { return t.loc + t.scale * n; }

  static theta mle(const statistics& s) {
    const double shift = s.sum / s.weight;
    return {s.pivot + shift, std::sqrt(s.square / s.weight - shift * shift)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
