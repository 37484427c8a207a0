#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct birnbaum_saunders {
  static constexpr family_info info = {
      .name = "birnbaum_saunders",
      .class_name = "BirnbaumSaunders",
      .summary = "Cycles until a crack that grows by random amounts has reached a length: fatigue life.",
      .formula = "log p(x) = log(sqrt(z) + 1 / sqrt(z)) - log(2 dispersion x) - log(2 pi) / 2 "
                 "- (z + 1 / z - 2) / (2 dispersion^2), z = x / scale",
      .source = "Birnbaum and Saunders (1969), A new family of life distributions",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "fatiguelife",
      .scipy_arguments = {{"c", convert::identity, "dispersion"}, {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double dispersion, scale;
  };
  static constexpr parameter parameters[] = {
      {"dispersion", domain::positive, coordinate::log,
       "standard deviation of the normal variable, and of log x nearly"},
      {"scale", domain::positive, coordinate::log, "median"},
  };
  static constexpr theta cases[] = {{0.5, 1.0}, {1.5, 3.0}, {0.05, 1e6}, {10.0, 1e-6}, {1e-4, 2.0}, {3.0, 1e12}};

  template <class D, class S>
  THETAHAT_INLINE static auto internal(const D& dispersion, const S& scale) {
    return at(zero{}, scale, dispersion);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.scale}; }

  template <class N, class F>
  struct fields {
    N norm;
    F factor;
  };
  template <class D>
  static auto prepare(const D& dispersion) {
    const auto r = recip(dispersion);
    return fields<decltype(-0.5 * log_two_pi - log(dispersion)), decltype(-0.5 * (r * r))>{
        (-0.5 * log_two_pi - 0.69314718055994530942) - log(dispersion), -0.5 * (r * r)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    const auto d = z - 1.0;
    sink.constant(p.norm);
    sink.log(-1.5, z, positive);
    sink.log(1.0, 1.0 + z, ge_one);
    sink.add(p.factor, d * (d * recip(z)));  // (z - 1)^2 / z, which neither cancels nor overflows early
  }

  static double normal(theta t, double x) {  // (sqrt(z) - 1 / sqrt(z)) / dispersion
    return (x - t.scale) / std::sqrt(x) / std::sqrt(t.scale) / t.dispersion;
  }
  static double cdf(theta t, double x) { return special::normal_cdf(normal(t, x)); }
  static double sf(theta t, double x) { return special::normal_sf(normal(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(normal(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-normal(t, x)); }
  static double from_normal(theta t, double n) {
    const double h = 0.5 * t.dispersion * std::fabs(n), root = h + std::sqrt(h * h + 1.0);
    return n > 0.0 ? t.scale * root * root : t.scale / root / root;
  }
  static double icdf(theta t, double q) { return from_normal(t, special::normal_quantile(q)); }
  static double isf(theta t, double q) { return from_normal(t, -special::normal_quantile(q)); }
  static double draw_from_normal(theta t, double n) { return from_normal(t, n); }
  static double mean(theta t) { return t.scale * (1.0 + 0.5 * t.dispersion * t.dispersion); }
  static double variance(theta t) {
    const double v = t.dispersion * t.dispersion;
    return t.scale * t.scale * v * (1.0 + 1.25 * v);
  }
  // z^k + z^-k is the Chebyshev polynomial 2 T_k(1 + dispersion^2 n^2 / 2), and both have the same mean.
  static double moment(theta t, int k) {
    double term = 1.0, sum = 1.0;
    for (int j = 0; j < k; ++j) {
      term *= t.dispersion * t.dispersion * (k + j) * (k - j) / (2.0 * j + 2.0);
      sum += term;
    }
    return std::pow(t.scale, k) * sum;
  }
  // E log z = 0 and E log((1 + z)^2 / (4 z)) = E log(1 + dispersion^2 n^2 / 4), by trapezoids in log n.
  static double entropy(theta t) {
    constexpr double step = 0.1;
    double sum = 0.0;
    for (int i = -400; i <= 23; ++i) {
      const double n = std::exp(step * i), h = 0.5 * t.dispersion * n;
      sum += n * std::exp(-0.5 * n * n) * std::log1p(h * h);
    }
    const double spread = std::log(t.dispersion) + std::log(t.scale);
    return 0.5 * (log_two_pi + 1.0) + spread - step * sum / std::sqrt(2.0 * pi);
  }
  static double mode(theta t) {  // the root of (z - 1)(z + 1)^2 + dispersion^2 z (z + 3), convex and rising, by Newton
    const double v = t.dispersion * t.dispersion;
    double z = 1.0;
    for (int i = 0; i < 200; ++i) {
      const double f = (z - 1.0) * (z + 1.0) * (z + 1.0) + v * z * (z + 3.0);
      const double next = z - f / ((z + 1.0) * (3.0 * z - 1.0) + v * (2.0 * z + 3.0));
      if (!(next < z)) break;
      z = next;
    }
    return t.scale * z;
  }

  // Quartiles: log x lies evenly about the log of the median, at 2 asinh(dispersion n / 2).
  static theta start(const start_sample& s) {
    const double spread = std::log(s.quantile(0.75)) - std::log(s.quantile(0.25));
    return {std::sinh(std::fmin(std::fmax(0.25 * spread, 1e-9), 30.0)) / 0.33724487510280, s.quantile(0.5)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
