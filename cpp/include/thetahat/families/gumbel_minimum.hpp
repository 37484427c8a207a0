#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct gumbel_minimum {
  static constexpr family_info info = {
      .name = "gumbel_minimum",
      .class_name = "GumbelMinimum",
      .summary =
          "Smallest of many: the logarithm of a Weibull variable, the extreme-value law of light tails for minima.",
      .formula = "log p(x) = z - exp(z) - log(scale), z = (x - loc) / scale",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 22",
      .group = group::location_scale,
      .tier = 2,
      .scipy = "gumbel_l",
      .scipy_arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mode"},
      {"scale", domain::positive, coordinate::log, "standard deviation times sqrt(6) / pi"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-2.0, 0.1}, {1e9, 3.0}, {5.0, 1e12}, {1.0, 1e-12}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(loc, scale);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P&, const Z& z) {
    return z;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E& e, Sink& sink) {
    sink.add(1.0, z);
    sink.add(-1.0, e);
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double log_sf(theta t, double x) { return -std::exp(z(t, x)); }
  static double log_cdf(theta t, double x) {
    const double u = z(t, x), e = std::exp(u);
    return u < -40.0 ? u - 0.5 * e : special::log1mexp(e);  // e itself underflows before its logarithm does
  }
  static double sf(theta t, double x) { return std::exp(-std::exp(z(t, x))); }
  static double cdf(theta t, double x) { return -std::expm1(-std::exp(z(t, x))); }
  static double isf(theta t, double q) { return t.loc + t.scale * std::log(-std::log(q)); }
  static double icdf(theta t, double q) { return t.loc + t.scale * std::log(-std::log1p(-q)); }
  static double mean(theta t) { return t.loc - euler_gamma * t.scale; }
  static double variance(theta t) { return t.scale * t.scale * (pi * pi / 6.0); }
  static double skewness(theta) { return -1.1395470994046486575; }  // -12 sqrt(6) zeta(3) / pi^3
  static double kurtosis(theta) { return 2.4; }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return std::log(t.scale) + euler_gamma + 1.0; }
  static double draw_from_exponential(theta t, double e) { return t.loc + t.scale * std::log(e); }

  static theta start(const start_sample& s) {
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    // So wide that no observation lies where the density has underflown.
    const double farthest = s.sorted[s.n - 1] - s.quantile(0.5), fewest = 3.0 + std::log(static_cast<double>(s.n));
    const double scale = std::fmax(std::fmax(spread / 1.5725, farthest / fewest), 1e-9 * std::sqrt(s.variance));
    return {s.quantile(0.5) + 0.36651 * scale, scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
