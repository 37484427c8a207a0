#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct pareto {
  static constexpr family_info info = {
      .name = "pareto",
      .class_name = "Pareto",
      .summary = "Power law above a smallest value: incomes, file sizes, city populations.",
      .formula = "log p(x) = log(alpha) + alpha * log(scale) - (alpha + 1) * log(x)",
      .source = "Arnold (2015), Pareto Distributions, chapter 1",
      .group = group::scale,
      .observed = observed::log,
      .support = {0.0, infinity, false, false, "x >= scale"},
      .scipy = "pareto",
      .scipy_arguments = {{"b", convert::identity, "alpha"}, {"scale", convert::identity, "scale"}},
      .torch = "Pareto",
  };
  struct theta {
    double scale, alpha;
  };
  static constexpr parameter parameters[] = {
      {.name = "scale",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "smallest possible value; its estimate is the sample minimum",
       .boundary = true},
      {"alpha", domain::positive, coordinate::log, "tail index"},
  };
  static constexpr theta cases[] = {{1.0, 2.5}, {1e-6, 0.3}, {1e6, 30.0}, {2.0, 1e5}};

  template <class S, class A>
  THETAHAT_INLINE static auto internal(const S& scale, const A& alpha) {
    return at(log(scale), recip(alpha));
  }
  static theta canonical(const point& p) { return {std::exp(p.loc), 1.0 / p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.add(-1.0, z);
  }
  static constexpr double lowest_z = 0.0;
  static double unit(theta t) { return t.scale; }
  static double lower(theta t) { return t.scale; }

  static double hazard(theta t, double x) { return t.alpha * std::log1p((x - t.scale) / t.scale); }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) { return special::log1mexp(hazard(t, x)); }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double icdf(theta t, double q) { return t.scale * std::exp(-std::log1p(-q) / t.alpha); }
  static double isf(theta t, double q) { return t.scale * std::exp(-std::log(q) / t.alpha); }
  static double moment_order(theta t) { return t.alpha; }
  static double mean(theta t) { return t.alpha > 1.0 ? t.alpha * t.scale / (t.alpha - 1.0) : infinity; }
  static double variance(theta t) {
    const double d = t.alpha - 1.0;
    return t.alpha > 2.0 ? (t.scale / d) * (t.scale / d) * t.alpha / (t.alpha - 2.0) : infinity;
  }
  static double mode(theta t) { return t.scale; }
  static double entropy(theta t) { return std::log(t.scale / t.alpha) + 1.0 / t.alpha + 1.0; }
  static double moment(theta t, int k) { return t.alpha / (t.alpha - k) * std::pow(t.scale, k); }
  static double skewness(theta t) {
    const double a = t.alpha;
    if (a <= 3.0) return a > 2.0 ? infinity : not_a_number;
    return 2.0 * (1.0 + a) / (a - 3.0) * std::sqrt((a - 2.0) / a);
  }
  static double kurtosis(theta t) {
    const double a = t.alpha;
    if (a <= 4.0) return a > 2.0 ? infinity : not_a_number;
    return 6.0 * ((1.0 + (1.0 - (6.0 + 2.0 / a) / a) / a) / ((1.0 - 3.0 / a) * (1.0 - 4.0 / a)));
  }
  static double kl(theta p, theta q) {
    if (p.scale < q.scale) return infinity;
    return special::deviance(p.alpha, q.alpha) / p.alpha + q.alpha * log_quotient(p.scale, q.scale);
  }
  static double draw_from_exponential(theta t, double e) { return t.scale * std::exp(e / t.alpha); }

  static theta mle(const statistics& s) { return {s.minimum, s.weight / (s.log - s.weight * std::log(s.minimum))}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
