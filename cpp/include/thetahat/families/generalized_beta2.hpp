#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct generalized_beta2 {
  static constexpr family_info info = {
      .name = "generalized_beta2",
      .class_name = "GeneralizedBeta2",
      .summary = "Incomes: Burr, Dagum, log-logistic and, at the ends, generalised gamma laws in one family.",
      .formula = "log p(x) = log(power) + concentration1 * z - (concentration1 + concentration0) * log(1 + exp(z)) "
                 "- log B(concentration1, concentration0) - log(x), z = power * log(x / scale)",
      .source = "McDonald (1984), Econometrica 52, 647-665",
      .group = group::scale,
      .observed = observed::log,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .limits = {{.kind = limit_kind::interior,
                  .family = "dagum",
                  .parameter = "concentration0",
                  .value = 1.0,
                  .arguments = {{"power", convert::identity, "power"},
                                {"concentration1", convert::identity, "concentration1"},
                                {"scale", convert::identity, "scale"}}},
                 {.kind = limit_kind::interior,
                  .family = "burr12",
                  .parameter = "concentration1",
                  .value = 1.0,
                  .arguments = {{"power", convert::identity, "power"},
                                {"concentration0", convert::identity, "concentration0"},
                                {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double power, concentration1, concentration0, scale;
  };
  static constexpr parameter parameters[] = {
      {"power", domain::positive, coordinate::log, "power of x whose odds have a beta prime law"},
      {"concentration1", domain::positive, coordinate::log, "shape of the lower tail, of power * concentration1"},
      {"concentration0", domain::positive, coordinate::log, "shape of the upper tail, of power * concentration0"},
      {"scale", domain::positive, coordinate::log, "unit of x"},
  };
  static constexpr theta cases[] = {{2.0, 1.5, 1.2, 1.0},  {5.0, 0.4, 0.7, 1e5},  {1.0, 1.0, 1.0, 3.0},
                                    {0.9, 2.0, 3.0, 1e-6}, {20.0, 0.5, 2.0, 1.0}, {1.5, 0.9, 2.0, 1e12}};

  template <class W, class P, class Q, class S>
  THETAHAT_INLINE static auto internal(const W& power, const P& concentration1, const Q& concentration0,
                                       const S& scale) {
    return at(log(scale), recip(power), concentration1, concentration0);
  }
  static theta canonical(const point& p) { return {1.0 / p.scale, p.shape[0], p.shape[1], std::exp(p.loc)}; }
  static double unit(theta t) { return t.scale; }

  template <class P, class Q>
  static auto prepare(const P& p, const Q& q) {
    return beta_odds_prepare(p, q, value(p), value(q), minus_log_beta(p, q));
  }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P&, const Z& z) {
    return -abs(z);
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E& e, Sink& sink) {
    beta_odds_terms(p, z, e, sink);
  }
  static bool admissible(const point& p) { return p.shape[0] < 64.0 && p.shape[1] < 64.0; }
  THETAHAT_INLINE static double log_density(const beta_odds_fields<double, double, double, double>& p, double z) {
    return beta_odds_density(p, z);
  }

  static double z(theta t, double x) {
    const double ratio = x / t.scale;
    const bool normal = ratio > 1e-300 && ratio < infinity;
    return t.power * (normal ? std::log(ratio) : std::log(x) - std::log(t.scale));
  }
  static double from_z(theta t, double z) { return t.scale * std::exp(z / t.power); }
  static double cdf(theta t, double x) { return beta_odds::lower(t.concentration1, t.concentration0, z(t, x)); }
  static double sf(theta t, double x) { return beta_odds::lower(t.concentration0, t.concentration1, -z(t, x)); }
  static double log_cdf(theta t, double x) { return beta_odds::log_lower(t.concentration1, t.concentration0, z(t, x)); }
  static double log_sf(theta t, double x) { return beta_odds::log_lower(t.concentration0, t.concentration1, -z(t, x)); }
  static double icdf(theta t, double q) {
    return from_z(t, beta_odds::quantile(t.concentration1, t.concentration0, q));
  }
  static double isf(theta t, double q) {
    return from_z(t, beta_odds::upper_quantile(t.concentration1, t.concentration0, q));
  }
  static double moment_order(theta t) { return t.power * t.concentration0; }
  static double moment(theta t, int k) {
    return std::exp(k * std::log(t.scale) + beta_odds::log_moment(t.concentration1, t.concentration0, k / t.power));
  }
  static double mean(theta t) {
    return moment_order(t) > 1.0
               ? t.scale * std::exp(beta_odds::log_moment(t.concentration1, t.concentration0, 1.0 / t.power))
               : infinity;
  }
  static double variance(theta t) {
    if (!(moment_order(t) > 2.0)) return infinity;
    const double m = mean(t);
    return m * m * beta_odds::relative_variance(t.concentration1, t.concentration0, 1.0 / t.power);
  }
  static double mode(theta t) {
    const double rise = t.power * t.concentration1 - 1.0;
    return rise > 0.0 ? t.scale * std::pow(rise / (t.power * t.concentration0 + 1.0), 1.0 / t.power) : 0.0;
  }
  static double entropy(theta t) {
    return beta_odds::entropy(t.concentration1, t.concentration0) +
           beta_odds::mean(t.concentration1, t.concentration0) / t.power - std::log(t.power) + std::log(t.scale);
  }

  static theta start(const start_sample& s) {  // the log-logistic law with the same quartiles
    const double spread = std::fmax(s.quantile(0.75) - s.quantile(0.25), 1e-12 * (1.0 + std::fabs(s.mean)));
    return {2.1972 / spread, 1.0, 1.0, std::exp(s.quantile(0.5))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
