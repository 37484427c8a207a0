#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct geometric {
  static constexpr family_info info = {
      .name = "geometric",
      .class_name = "Geometric",
      .summary = "Number of failures before the first success.",
      .formula = "log p(x) = log(probs) + x log(1 - probs)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 5.2",
      .kind = kind::discrete,
      .support = {0.0, infinity, true, false, "x = 0, 1, 2, ..."},
      .scipy = "geom",
      .scipy_arguments = {{"p", convert::identity, "probs"}, {"loc", convert::constant, "", "", -1.0}},
      .torch = "Geometric",
      .alternatives = {{"logits", "probs", convert::logistic}},
  };
  struct theta {
    double probs;
  };
  static constexpr parameter parameters[] = {
      {"probs", domain::unit, coordinate::logit, "probability of success in one trial"},
  };
  static constexpr theta cases[] = {{0.3}, {0.9}, {1e-3}, {1e-9}};

  template <class P>
  THETAHAT_INLINE static auto internal(const P& probs) {
    return at(zero{}, unit_scale{}, probs);
  }
  static theta canonical(const point& p) { return {p.shape[0]}; }

  template <class L, class Q>
  struct fields {
    L log_success;
    Q log_failure;
  };
  template <class S>
  static auto prepare(const S& probs) {
    return fields<decltype(log(probs)), decltype(log1p(-probs))>{log(probs), log1p(-probs)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.log_success);
    sink.add(p.log_failure, z);
  }

  static double hazard(theta t, double x) { return -(x + 1.0) * std::log1p(-t.probs); }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) { return special::log1mexp(hazard(t, x)); }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double mean(theta t) { return (1.0 - t.probs) / t.probs; }
  static double variance(theta t) { return (1.0 - t.probs) / t.probs / t.probs; }
  static double moment(theta t, int k) {
    return raw_moment(k, [&](int j) {
      double m = 1.0;
      for (int i = 0; i < j; ++i) m *= (1.0 + i) * ((1.0 - t.probs) / t.probs);
      return m;
    });
  }
  static double mode(theta) { return 0.0; }
  static double entropy(theta t) { return -std::log(t.probs) - (1.0 - t.probs) / t.probs * std::log1p(-t.probs); }
  static double skewness(theta t) { return (2.0 - t.probs) / std::sqrt(1.0 - t.probs); }
  static double kurtosis(theta t) { return 6.0 + t.probs * t.probs / (1.0 - t.probs); }
  static double kl(theta p, theta q) {  // that of one trial, for each of 1/probs trials
    return (special::deviance(p.probs, q.probs) + special::deviance(1.0 - p.probs, 1.0 - q.probs)) / p.probs;
  }

  static theta mle(const statistics& s) { return {s.weight / (s.weight + (s.pivot * s.weight + s.sum))}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
