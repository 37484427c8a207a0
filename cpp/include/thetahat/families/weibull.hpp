#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct weibull {
  static constexpr family_info info = {
      .name = "weibull",
      .class_name = "Weibull",
      .summary = "Lifetimes: the weakest link of many, with a hazard that is a power of time.",
      .formula = "log p(x) = log(concentration / scale) + (concentration - 1) * log(x / scale) "
                 "- (x / scale)^concentration",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 21",
      .group = group::scale,
      .observed = observed::log,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "weibull_min",
      .scipy_arguments = {{"c", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
      .torch = "Weibull",
      .limits = {{.kind = limit_kind::interior,
                  .family = "exponential",
                  .parameter = "concentration",
                  .value = 1.0,
                  .arguments = {{"rate", convert::reciprocal, "scale"}}}},
  };
  struct theta {
    double scale, concentration;
  };
  static constexpr parameter parameters[] = {
      {"scale", domain::positive, coordinate::log, "characteristic life: 63.2 % of observations lie below it"},
      {"concentration", domain::positive, coordinate::log, "shape: power of the cumulative hazard"},
  };
  static constexpr theta cases[] = {{1.0, 1.5}, {2.0, 1.0}, {1e-6, 0.4}, {1e5, 30.0}, {3.0, 0.05}, {1e12, 3.0}};

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
    return z;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E& e, Sink& sink) {
    sink.add(1.0, z);
    sink.add(-1.0, e);
  }

  static double hazard(theta t, double x) { return std::pow(x / t.scale, t.concentration); }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) {
    const double h = hazard(t, x);
    return h < 1e-300 ? t.concentration * std::log(x / t.scale) : special::log1mexp(h);
  }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double icdf(theta t, double q) { return t.scale * std::pow(-std::log1p(-q), 1.0 / t.concentration); }
  static double isf(theta t, double q) { return t.scale * std::pow(-std::log(q), 1.0 / t.concentration); }
  static double mean(theta t) { return moment(t, 1); }
  static double variance(theta t) {  // Gamma(1 + 2s) - Gamma(1 + s)^2 = Gamma(1 + s)^2 expm1(gap), s = 1/concentration
    const double s = 1.0 / t.concentration;
    const double gap = special::lgamma(1.0 + 2.0 * s) - 2.0 * special::lgamma(1.0 + s);
    const double m = mean(t);
    return m * m * std::expm1(gap);
  }
  static double mode(theta t) {
    const double s = 1.0 / t.concentration;
    return t.concentration > 1.0 ? t.scale * std::pow(1.0 - s, s) : 0.0;
  }
  static double entropy(theta t) {
    return euler_gamma * (1.0 - 1.0 / t.concentration) + std::log(t.scale / t.concentration) + 1.0;
  }
  static double moment(theta t, int k) {
    return std::exp(k * std::log(t.scale) + special::lgamma(1.0 + k / t.concentration));
  }
  // With A = E (x / scale_q)^concentration_q for x from p: A - 1 - log A, and what lgamma leaves of its tangent at 1.
  static double kl(theta p, theta q) {
    const double r = q.concentration / p.concentration;
    return special::exp_rest(q.concentration * log_quotient(p.scale, q.scale) + special::lgamma(1.0 + r)) +
           special::deviance(r, 1.0) + special::shape_divergence(1.0, r);
  }
  static double draw_from_exponential(theta t, double e) { return t.scale * std::pow(e, 1.0 / t.concentration); }

  static theta start(const start_sample& s) {  // quantiles of log x, whose law is Gumbel's for minima
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    const double scale = std::fmax(spread / 1.5725, 1e-12 * (1.0 + std::fabs(s.mean)));
    return {std::exp(s.quantile(0.5) + 0.36651 * scale), 1.0 / scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
