#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct dagum {
  static constexpr family_info info = {
      .name = "dagum",
      .class_name = "Dagum",
      .summary = "Incomes (Burr III): a log-logistic law whose lower tail has a shape of its own.",
      .formula = "log p(x) = log(power * concentration1) + concentration1 * z - (concentration1 + 1) * log(1 + exp(z)) "
                 "- log(x), "
                 "z = power * log(x / scale)",
      .source =
          "Kleiber and Kotz (2003), Statistical Size Distributions in Economics and Actuarial Sciences, section 6.3",
      .group = group::scale,
      .observed = observed::log,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "burr",
      .scipy_arguments = {{"c", convert::identity, "power"},
                          {"d", convert::identity, "concentration1"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "log_logistic",
                  .parameter = "concentration1",
                  .value = 1.0,
                  .arguments = {{"concentration", convert::identity, "power"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double power, concentration1, scale;
  };
  static constexpr parameter parameters[] = {
      {"power", domain::positive, coordinate::log, "shape of the upper tail"},
      {"concentration1", domain::positive, coordinate::log, "shape of the lower tail, of power * concentration1"},
      {"scale", domain::positive, coordinate::log, "unit of x"},
  };
  static constexpr theta cases[] = {{3.0, 1.5, 1.0},  {5.0, 0.4, 1e5},  {1.0, 1.0, 3.0},
                                    {0.8, 3.0, 1e-6}, {20.0, 5.0, 1.0}, {1.5, 0.8, 1e12}};

  template <class W, class P, class S>
  THETAHAT_INLINE static auto internal(const W& power, const P& concentration1, const S& scale) {
    return at(log(scale), recip(power), concentration1);
  }
  static theta canonical(const point& p) { return {1.0 / p.scale, p.shape[0], std::exp(p.loc)}; }
  static double unit(theta t) { return t.scale; }

  template <class P>
  static auto prepare(const P& p) {
    return beta_odds_prepare(p, 1.0, value(p), 1.0, log(p));
  }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P&, const Z& z) {
    return -abs(z);
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E& e, Sink& sink) {
    beta_odds_terms(p, z, e, sink);
  }
  static bool admissible(const point& p) { return p.shape[0] < 64.0; }
  THETAHAT_INLINE static double log_density(const beta_odds_fields<double, double, double, double>& p, double z) {
    return beta_odds_density(p, z);
  }

  static double z(theta t, double x) {
    const double ratio = x / t.scale;
    const bool normal = ratio > 1e-300 && ratio < infinity;
    return t.power * (normal ? std::log(ratio) : std::log(x) - std::log(t.scale));
  }
  static double from_z(theta t, double z) { return t.scale * std::exp(z / t.power); }
  // log(1 + e^-z), over concentration1 minus the logarithm of the distribution function
  static double hazard(double z) { return z < 0.0 ? -z + std::log1p(std::exp(z)) : std::log1p(std::exp(-z)); }
  static double log_cdf(theta t, double x) { return -t.concentration1 * hazard(z(t, x)); }
  static double log_sf(theta t, double x) {
    const double u = z(t, x);
    return u > 700.0 ? std::log(t.concentration1) - u : special::log1mexp(t.concentration1 * hazard(u));
  }
  static double cdf(theta t, double x) { return std::exp(log_cdf(t, x)); }
  static double sf(theta t, double x) { return -std::expm1(log_cdf(t, x)); }
  static double from_hazard(theta t, double h) {
    return from_z(t, h > 30.0 ? -h - std::log1p(-std::exp(-h)) : -std::log(std::expm1(h)));
  }
  static double icdf(theta t, double q) { return from_hazard(t, -std::log(q) / t.concentration1); }
  static double isf(theta t, double q) { return from_hazard(t, -std::log1p(-q) / t.concentration1); }
  static double draw_from_exponential(theta t, double e) { return from_hazard(t, e / t.concentration1); }
  static double moment_order(theta t) { return t.power * 1.0; }
  static double moment(theta t, int k) {
    return std::exp(k * std::log(t.scale) + beta_odds::log_moment(t.concentration1, 1.0, k / t.power));
  }
  static double mean(theta t) {
    return moment_order(t) > 1.0 ? t.scale * std::exp(beta_odds::log_moment(t.concentration1, 1.0, 1.0 / t.power))
                                 : infinity;
  }
  static double variance(theta t) {
    if (!(moment_order(t) > 2.0)) return infinity;
    const double m = mean(t);
    return m * m * beta_odds::relative_variance(t.concentration1, 1.0, 1.0 / t.power);
  }
  static double mode(theta t) {
    const double rise = t.power * t.concentration1 - 1.0;
    return rise > 0.0 ? t.scale * std::pow(rise / (t.power * 1.0 + 1.0), 1.0 / t.power) : 0.0;
  }
  static double entropy(theta t) {
    return beta_odds::entropy(t.concentration1, 1.0) + beta_odds::mean(t.concentration1, 1.0) / t.power -
           std::log(t.power) + std::log(t.scale);
  }

  static theta start(const start_sample& s) {  // the log-logistic law with the same quartiles
    const double spread = std::fmax(s.quantile(0.75) - s.quantile(0.25), 1e-12 * (1.0 + std::fabs(s.mean)));
    return {2.1972 / spread, 1.0, std::exp(s.quantile(0.5))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
