#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct rayleigh {
  static constexpr family_info info = {
      .name = "rayleigh",
      .class_name = "Rayleigh",
      .summary =
          "Length of a vector of two independent normal components of equal scale: wave heights, fading signals.",
      .formula = "log p(x) = log(x) - 2 log(scale) - (x / scale)^2 / 2",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 18.10",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "rayleigh",
      .scipy_arguments = {{"scale", convert::identity, "scale"}},
  };
  struct theta {
    double scale;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "standard deviation of each component: the mode"},
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
    sink.log(1.0, z, positive);
    sink.add(-0.5, sq(z));
  }

  static double hazard(theta t, double x) { return 0.5 * (x / t.scale) * (x / t.scale); }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) {
    const double h = hazard(t, x);  // underflows before its logarithm does
    return h < 1e-300 ? 2.0 * (std::log(x) - std::log(t.scale)) - 0.69314718055994530942 : special::log1mexp(h);
  }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double icdf(theta t, double q) { return t.scale * std::sqrt(-2.0 * std::log1p(-q)); }
  static double isf(theta t, double q) { return t.scale * std::sqrt(-2.0 * std::log(q)); }
  static double mean(theta t) { return 1.2533141373155002512 * t.scale; }  // sqrt(pi / 2)
  static double variance(theta t) { return (2.0 - 0.5 * pi) * t.scale * t.scale; }
  static double mode(theta t) { return t.scale; }
  static double entropy(theta t) { return 1.0 + 0.5 * (euler_gamma - 0.69314718055994530942) + std::log(t.scale); }
  static double moment(theta t, int k) {
    double m = k % 2 == 0 ? 1.0 : mean(t);  // E x^k = k scale^2 E x^(k - 2)
    for (int j = k % 2 + 2; j <= k; j += 2) m *= j * t.scale * t.scale;
    return m;
  }
  static double draw_from_exponential(theta t, double e) { return t.scale * std::sqrt(2.0 * e); }

  static theta mle(const statistics& s) {  // half the mean square
    const double shift = s.sum / s.weight;
    const double mean = s.pivot + shift;
    return {std::sqrt(0.5 * (s.square / s.weight - shift * shift + mean * mean))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
