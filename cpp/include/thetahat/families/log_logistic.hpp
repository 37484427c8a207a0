#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct log_logistic {
  static constexpr family_info info = {
      .name = "log_logistic",
      .class_name = "LogLogistic",
      .summary = "Lifetimes whose hazard rises and falls, incomes (Fisk's law): the logarithm is logistic.",
      .formula = "log p(x) = -|z| - 2 log(1 + exp(-|z|)) + log(concentration) - log(x), "
                 "z = concentration * log(x / scale)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 23",
      .group = group::scale,
      .observed = observed::log,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "fisk",
      .scipy_arguments = {{"c", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double scale, concentration;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "median"},
      {"concentration", domain::positive, coordinate::log, "shape: the power of both tails"},
  };
  static constexpr theta cases[] = {{1.0, 2.5}, {3.0, 0.7}, {1e-6, 8.0}, {1e5, 100.0}, {3.0, 0.05}, {1e12, 3.5}};

  template <class S, class C>
  THETAHAT_INLINE static auto internal(const S& scale, const C& concentration) {
    return at(log(scale), recip(concentration));
  }
  static theta canonical(const point& p) { return {std::exp(p.loc), 1.0 / p.scale}; }
  static double unit(theta t) { return t.scale; }

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

  static double z(theta t, double x) {
    const double ratio = x / t.scale;
    const bool normal = ratio > 1e-300 && ratio < infinity;
    return t.concentration * (normal ? std::log(ratio) : std::log(x) - std::log(t.scale));
  }
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
  static double icdf(theta t, double q) { return t.scale * std::exp(quantile(q) / t.concentration); }
  static double isf(theta t, double q) { return t.scale * std::exp(-quantile(q) / t.concentration); }
  static double moment_order(theta t) { return t.concentration; }
  // b / sin(b) with b = pi k / concentration
  static double inverse_sinc(theta t, int k) {
    const double share = k / t.concentration, rest = (t.concentration - k) / t.concentration;
    return pi * share / std::sin(pi * (share < 0.5 ? share : rest));
  }
  static double mean(theta t) { return t.concentration > 1.0 ? t.scale * inverse_sinc(t, 1) : infinity; }
  // mean^2 (tan(b) / b - 1), by the continued fraction of the tangent: nothing cancels however small b is.
  static double variance(theta t) {
    if (!(t.concentration > 2.0)) return infinity;
    const double m = mean(t), b = pi / t.concentration, w = b * b;
    double k = 33.0;
    for (double n = 31.0; n >= 3.0; n -= 2.0) k = n - w / k;
    return m * m * (w / (k - w));
  }
  static double mode(theta t) {
    const double c = t.concentration;
    return c > 1.0 ? t.scale * std::pow((c - 1.0) / (c + 1.0), 1.0 / c) : 0.0;
  }
  static double entropy(theta t) { return std::log(t.scale) - std::log(t.concentration) + 2.0; }
  static double moment(theta t, int k) { return std::pow(t.scale, k) * inverse_sinc(t, k); }

  static theta start(const start_sample& s) {  // quantiles of log x, whose law is logistic
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    return {std::exp(s.quantile(0.5)), 1.0 / std::fmax(spread / 2.1972, 1e-12 * (1.0 + std::fabs(s.mean)))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
