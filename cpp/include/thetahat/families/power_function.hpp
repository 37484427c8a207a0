#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct power_function {
  static constexpr family_info info = {
      .name = "power_function",
      .class_name = "PowerFunction",
      .summary = "Largest of `concentration` uniform variables; the reciprocal of a Pareto variable.",
      .formula = "log p(x) = log(concentration) + (concentration - 1) * log(x)",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 20.8",
      .tier = 2,
      .support = {0.0, 1.0, false, false, "0 < x < 1"},
      .scipy = "powerlaw",
      .scipy_arguments = {{"a", convert::identity, "concentration"}},
  };
  struct theta {
    double concentration;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::log, "weight near one: the exponent of x, plus one"},
  };
  static constexpr theta cases[] = {{2.5}, {0.4}, {1.0}, {0.02}, {300.0}, {1e6}};

  template <class A>
  THETAHAT_INLINE static auto internal(const A& concentration) {
    return at(zero{}, unit_scale{}, concentration);
  }
  static theta canonical(const point& p) { return {p.shape[0]}; }

  template <class C, class N>
  struct fields {
    C exponent;
    N norm;
  };
  template <class A>
  static auto prepare(const A& a) {
    return fields<decltype(a - 1.0), decltype(log(a))>{a - 1.0, log(a)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
  }

  static double log_cdf(theta t, double x) { return t.concentration * std::log(x); }
  static double log_sf(theta t, double x) { return special::log1mexp(-t.concentration * std::log(x)); }
  static double cdf(theta t, double x) { return std::exp(t.concentration * std::log(x)); }
  static double sf(theta t, double x) { return -std::expm1(t.concentration * std::log(x)); }
  static double icdf(theta t, double q) { return std::exp(std::log(q) / t.concentration); }
  static double isf(theta t, double q) { return std::exp(std::log1p(-q) / t.concentration); }
  static double mean(theta t) { return t.concentration / (t.concentration + 1.0); }
  static double variance(theta t) {
    const double n = t.concentration + 1.0;
    return t.concentration / n / n / (n + 1.0);
  }
  static double mode(theta t) { return t.concentration < 1.0 ? 0.0 : 1.0; }
  static double entropy(theta t) { return (t.concentration - 1.0) / t.concentration - std::log(t.concentration); }
  static double moment(theta t, int k) { return t.concentration / (t.concentration + k); }
  static double draw_from_exponential(theta t, double e) { return std::exp(-e / t.concentration); }

  static theta mle(const statistics& s) { return {-s.weight / s.log}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
