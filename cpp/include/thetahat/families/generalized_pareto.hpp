#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct generalized_pareto {
  static constexpr family_info info = {
      .name = "generalized_pareto",
      .class_name = "GeneralizedPareto",
      .summary = "Excesses over a high threshold: exponential, bounded or power-law tails in one family.",
      .formula = "log p(x) = -(1 + 1/concentration) * log(1 + concentration * z) - log(scale), z = (x - loc) / scale",
      .source = "Coles (2001), An Introduction to Statistical Modeling of Extreme Values, section 4.2",
      .group = group::scale,
      .support = {-infinity, infinity, false, false, "x >= loc, and 1 + concentration * (x - loc) / scale > 0"},
      .scipy = "genpareto",
      .scipy_arguments = {{"c", convert::identity, "concentration"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .torch = "GeneralizedPareto",
      .limits = {{.kind = limit_kind::interior,
                  .family = "exponential",
                  .parameter = "concentration",
                  .value = 0.0,
                  .arguments = {{"rate", convert::reciprocal, "scale"}},
                  .threshold = "loc"}},
  };
  struct theta {
    double loc, scale, concentration;
  };
  static constexpr parameter parameters[] = {
      {.name = "loc",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "threshold: known, not estimated",
       .known = 0.0},
      {"scale", domain::positive, coordinate::log, "spread of the excesses"},
      {.name = "concentration",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "tail index: positive for power-law tails, negative for a finite upper end",
       .lower = -1.0},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 0.2},    {3.0, 2.0, -0.3}, {0.0, 1e6, 1.5},  {0.0, 1.0, 0.0},
                                    {-1.0, 1e-6, 1e-9}, {0.0, 5.0, -0.9}, {0.0, 1.0, -1e-5}};

  template <class L, class S, class X>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const X& concentration) {
    return at(loc, scale, concentration);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0]}; }

  template <class C, class X>
  struct fields {
    C exponent;
    X xi;
  };
  template <class X>
  static auto prepare(const X& xi) {
    return fields<decltype(-(recip(xi) + 1.0)), X>{-(recip(xi) + 1.0), xi};
  }
  static constexpr double lowest_z = 0.0;
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double z) {
    return 1.0 + p.xi * z > 0.0;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.log(p.exponent, 1.0 + p.xi * z, positive);
  }
  // Near the exponential law a product of numbers close to one loses the digits that 1/xi then multiplies.
  static bool admissible(const point& p) { return std::fabs(p.shape[0]) > 1e-3; }
  template <class C, class X, class Z>
  THETAHAT_INLINE static auto log_density(const fields<C, X>& p, const Z& z) {
    return -((1.0 + p.xi) * log1p_ratio(p.xi, z));
  }
  // Where z overflows, from log |z|.
  static double far_log_density(const fields<double, double>& p, double log_abs_z) {
    if (p.xi == 0.0) return -infinity;
    return p.exponent * (log(p.xi) + log_abs_z);
  }
  static bool regular(theta t) { return t.concentration > -0.5; }
  static double lower(theta t) { return t.loc; }
  static double upper(theta t) { return t.concentration < 0.0 ? t.loc - t.scale / t.concentration : infinity; }

  static double hazard(theta t, double x) {
    const double xi = t.concentration, z = (x - t.loc) / t.scale;
    if (z < infinity) return log1p_ratio(xi, z);
    return xi > 0.0 ? (std::log(xi) + std::log(x - t.loc) - std::log(t.scale)) / xi : infinity;
  }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) { return special::log1mexp(hazard(t, x)); }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double from_hazard(theta t, double h) {
    const double xi = t.concentration;
    return t.loc + t.scale * (xi == 0.0 ? h : std::expm1(xi * h) / xi);
  }
  static double icdf(theta t, double q) { return from_hazard(t, -std::log1p(-q)); }
  static double isf(theta t, double q) { return from_hazard(t, -std::log(q)); }
  static double moment_order(theta t) { return t.concentration > 0.0 ? 1.0 / t.concentration : infinity; }
  static double mean(theta t) { return t.concentration < 1.0 ? t.loc + t.scale / (1.0 - t.concentration) : infinity; }
  static double variance(theta t) {
    const double d = 1.0 - t.concentration;
    return t.concentration < 0.5 ? t.scale / d * (t.scale / d) / (1.0 - 2.0 * t.concentration) : infinity;
  }
  static double mode(theta t) { return t.concentration >= -1.0 ? t.loc : upper(t); }
  static double entropy(theta t) { return std::log(t.scale) + t.concentration + 1.0; }
  static double skewness(theta t) {
    const double c = t.concentration;
    if (c >= 1.0 / 3) return c < 0.5 ? infinity : not_a_number;
    return 2.0 * (1.0 + c) * std::sqrt(1.0 - 2.0 * c) / (1.0 - 3.0 * c);
  }
  static double kurtosis(theta t) {
    const double c = t.concentration;
    if (c >= 0.25) return c < 0.5 ? infinity : not_a_number;
    return 6.0 * (1.0 + c * (1.0 - c * (6.0 + 2.0 * c))) / ((1.0 - 3.0 * c) * (1.0 - 4.0 * c));
  }
  static double draw_from_exponential(theta t, double e) { return from_hazard(t, e); }

  // Probability-weighted moments (Hosking and Wallis 1987), from the quartiles of the excesses where they fail.
  static theta start(const start_sample& s, theta known) {
    double b0 = 0.0, b1 = 0.0;
    const double n = static_cast<double>(s.n);
    for (std::size_t i = 0; i < s.n; ++i) {
      const double excess = s.sorted[i] - known.loc;
      b0 += excess;
      b1 += excess * (n - static_cast<double>(i) - 0.65) / n;
    }
    b0 /= n;
    b1 /= n;
    const double gap = b0 - 2.0 * b1;
    double xi = known.concentration;
    if (std::isnan(xi)) xi = std::fmin(std::fmax(gap > 0.0 ? 2.0 - b0 / gap : 0.5, -0.5), 0.7);
    const double median = s.quantile(0.5) - known.loc;
    const double scale = xi == 0.0 ? median / 0.6931471805599453 : median * xi / std::expm1(0.6931471805599453 * xi);
    const double needed = xi < 0.0 ? -1.02 * xi * (s.sorted[s.n - 1] - known.loc) : 0.0;
    return {known.loc, std::fmax(scale, needed), xi};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
