#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct half_normal {
  static constexpr family_info info = {
      .name = "half_normal",
      .class_name = "HalfNormal",
      .summary = "Size of a normal deviation from zero: errors without their sign, weakly informative scales.",
      .formula = "log p(x) = log(2 / pi) / 2 - log(scale) - (x / scale)^2 / 2",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 13.10.1",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, true, false, "x >= 0"},
      .scipy = "halfnorm",
      .scipy_arguments = {{"scale", convert::identity, "scale"}},
      .torch = "HalfNormal",
  };
  struct theta {
    double scale;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "standard deviation of the normal law: root mean square of x"},
  };
  static constexpr theta cases[] = {{1.0}, {0.03}, {1e9}, {1e-12}};

  template <class S>
  THETAHAT_INLINE static auto internal(const S& scale) {
    return at(zero{}, scale);
  }
  static theta canonical(const point& p) { return {p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.constant(-0.22579135264472743236);  // log(2 / pi) / 2
    sink.add(-0.5, sq(z));
  }

  static constexpr double peak = 0.79788456080286535588;  // sqrt(2 / pi), the density at zero
  static constexpr double linear = 1e-8;                  // below which the law is uniform to all digits
  static double half_square(theta t, double x) { return 0.5 * (x / t.scale) * (x / t.scale); }
  static double cdf(theta t, double x) {
    const double z = x / t.scale;
    return z < linear ? peak * z : special::gamma_p(0.5, half_square(t, x));
  }
  static double log_cdf(theta t, double x) {
    if (x / t.scale < linear) return std::log(peak) + std::log(x) - std::log(t.scale);
    return special::log_gamma_p(0.5, half_square(t, x));
  }
  static double sf(theta t, double x) { return 2.0 * special::normal_sf(x / t.scale); }
  static double log_sf(theta t, double x) {
    const double z = x / t.scale;
    return z < 0.5 ? std::log1p(-cdf(t, x)) : 0.69314718055994530942 + special::log_normal_cdf(-z);
  }
  static double icdf(theta t, double q) {
    return t.scale * (q < linear ? q / peak : std::sqrt(2.0 * special::gamma_p_inverse(0.5, q)));
  }
  static double isf(theta t, double q) {
    return q < 0.5 ? -t.scale * special::normal_quantile(0.5 * q) : icdf(t, 1.0 - q);
  }
  static double mean(theta t) { return peak * t.scale; }
  static double variance(theta t) { return (1.0 - 2.0 / pi) * t.scale * t.scale; }
  static double mode(theta) { return 0.0; }
  static double entropy(theta t) { return 0.5 + 0.22579135264472743236 + std::log(t.scale); }
  static double moment(theta t, int k) {
    double m = k % 2 == 0 ? 1.0 : mean(t);  // E x^k = (k - 1) scale^2 E x^(k - 2)
    for (int j = k % 2 + 1; j < k; j += 2) m *= j * t.scale * t.scale;
    return m;
  }
  static double draw_from_normal(theta t, double n) { return t.scale * std::fabs(n); }

  static theta mle(const statistics& s) {  // root mean square
    const double shift = s.sum / s.weight;
    const double mean = s.pivot + shift;
    return {std::sqrt(s.square / s.weight - shift * shift + mean * mean)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
