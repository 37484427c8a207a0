#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct log_normal {
  static constexpr family_info info = {
      .name = "log_normal",
      .class_name = "LogNormal",
      .summary = "Law of a positive quantity whose logarithm is normal: the limit of products.",
      .formula = "log p(x) = -((log(x) - loc) / scale)^2 / 2 - log(scale) - log(x) - log(2 pi) / 2",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 14",
      .group = group::scale,
      .observed = observed::log,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "lognorm",
      .scipy_arguments = {{"s", convert::identity, "scale"}, {"scale", convert::exp, "loc"}},
      .torch = "LogNormal",
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean of log x"},
      {"scale", domain::positive, coordinate::log, "standard deviation of log x"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {3.0, 0.5}, {-27.0, 0.1}, {1.0, 8.0}, {2.0, 1e-6}};

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

  static double z(theta t, double x) { return (std::log(x) - t.loc) / t.scale; }
  static double cdf(theta t, double x) { return special::normal_cdf(z(t, x)); }
  static double sf(theta t, double x) { return special::normal_cdf(-z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-z(t, x)); }
  static double icdf(theta t, double q) { return std::exp(t.loc + t.scale * special::normal_quantile(q)); }
  static double isf(theta t, double q) { return std::exp(t.loc - t.scale * special::normal_quantile(q)); }
  static double mean(theta t) { return std::exp(t.loc + 0.5 * t.scale * t.scale); }
  static double variance(theta t) {
    const double v = t.scale * t.scale;
    return std::expm1(v) * std::exp(2.0 * t.loc + v);
  }
  static double mode(theta t) { return std::exp(t.loc - t.scale * t.scale); }
  static double entropy(theta t) { return 0.5 * (log_two_pi + 1.0) + std::log(t.scale) + t.loc; }
  static double skewness(theta t) {
    const double u = std::expm1(t.scale * t.scale);
    return (u + 3.0) * std::sqrt(u);
  }
  static double kurtosis(theta t) {
    const double u = std::expm1(t.scale * t.scale);
    return u * (16.0 + u * (15.0 + u * (6.0 + u)));
  }
  static double kl(theta p, theta q) {  // that of the logarithms
    const double d = (p.loc - q.loc) / q.scale, s = (p.scale - q.scale) / q.scale;
    return special::deviance(q.scale, p.scale) / q.scale + 0.5 * s * s + 0.5 * d * d;
  }
  static double moment(theta t, int k) { return std::exp(k * t.loc + 0.5 * k * k * t.scale * t.scale); }
  static double draw_from_normal(theta t, double n) { return std::exp(t.loc + t.scale * n); }

  static theta mle(const statistics& s) {
    const double shift = s.sum / s.weight;
    return {s.pivot + shift, std::sqrt(s.square / s.weight - shift * shift)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
