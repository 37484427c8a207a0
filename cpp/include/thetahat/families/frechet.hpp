#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct frechet {
  static constexpr family_info info = {
      .name = "frechet",
      .class_name = "Frechet",
      .summary = "Largest of many values with power-law tails: extreme losses, floods (the inverse Weibull law).",
      .formula = "log p(x) = log(concentration / scale) - (concentration + 1) * log(x / scale) "
                 "- (x / scale)^(-concentration)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 22, type 2",
      .group = group::scale,
      .observed = observed::log,
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "invweibull",
      .scipy_arguments = {{"c", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double scale, concentration;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "36.8 % of observations lie below it"},
      {"concentration", domain::positive, coordinate::log, "tail index"},
  };
  static constexpr theta cases[] = {{1.0, 2.5}, {2.0, 1.0}, {1e-6, 0.4}, {1e5, 30.0}, {3.0, 0.1}, {1e12, 3.0}};

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
    return -z;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E& e, Sink& sink) {
    sink.add(-1.0, z);
    sink.add(-1.0, e);
  }

  static double power(theta t, double x) { return std::pow(x / t.scale, -t.concentration); }
  static double log_cdf(theta t, double x) { return -power(t, x); }
  static double log_sf(theta t, double x) {
    const double h = power(t, x);  // underflows before its logarithm does
    return h < 1e-300 ? -t.concentration * std::log(x / t.scale) : special::log1mexp(h);
  }
  static double cdf(theta t, double x) { return std::exp(-power(t, x)); }
  static double sf(theta t, double x) { return -std::expm1(-power(t, x)); }
  static double icdf(theta t, double q) { return t.scale * std::pow(-std::log(q), -1.0 / t.concentration); }
  static double isf(theta t, double q) { return t.scale * std::pow(-std::log1p(-q), -1.0 / t.concentration); }
  static double moment_order(theta t) { return t.concentration; }
  static double moment(theta t, int k) {  // for k < concentration
    return std::exp(k * std::log(t.scale) + special::lgamma(1.0 - k / t.concentration));
  }
  static double mean(theta t) { return t.concentration > 1.0 ? moment(t, 1) : infinity; }
  static double variance(theta t) {  // Gamma(1 - 2s) - Gamma(1 - s)^2 = Gamma(1 - s)^2 expm1(gap), s = 1/concentration
    if (t.concentration <= 2.0) return infinity;
    const double s = 1.0 / t.concentration, m = mean(t);
    return m * m * std::expm1(log_gamma_gap(s));
  }
  // log Gamma(1 - 2s) - 2 log Gamma(1 - s): the sum over k of zeta(k) (2^k - 2) s^k / k where s is small.
  static double log_gamma_gap(double s) {
    if (s > 1.0 / 64) return special::lgamma(1.0 - 2.0 * s) - 2.0 * special::lgamma(1.0 - s);
    constexpr double zeta[] = {1.6449340668482264, 1.2020569031595943, 1.0823232337111382, 1.0369277551433699,
                               1.0173430619844491, 1.0083492773819228, 1.0040773561979443, 1.0020083928260822,
                               1.0009945751278181, 1.0004941886041195, 1.0002460865533080, 1.0001227133475785};
    double sum = 0.0;
    for (int k = 13; k >= 2; --k) sum = sum * s + zeta[k - 2] * (std::ldexp(1.0, k) - 2.0) / k;
    return s * s * sum;
  }
  static double mode(theta t) { return t.scale * std::exp(-std::log1p(1.0 / t.concentration) / t.concentration); }
  static double entropy(theta t) {
    return 1.0 + euler_gamma * (1.0 + 1.0 / t.concentration) + std::log(t.scale / t.concentration);
  }
  static double draw_from_exponential(theta t, double e) { return t.scale * std::pow(e, -1.0 / t.concentration); }

  static theta start(const start_sample& s) {  // quantiles of log x, whose law is Gumbel's for maxima
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    const double scale = std::fmax(spread / 1.5725, 1e-12 * (1.0 + std::fabs(s.mean)));
    return {std::exp(s.quantile(0.5) - 0.36651 * scale), 1.0 / scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
