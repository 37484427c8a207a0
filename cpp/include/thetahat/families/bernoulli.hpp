#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct bernoulli {
  static constexpr family_info info = {
      .name = "bernoulli",
      .class_name = "Bernoulli",
      .summary = "One trial that succeeds or fails: 1 or 0.",
      .formula = "log p(x) = x log(probs) + (1 - x) log(1 - probs)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 3.2",
      .kind = kind::discrete,
      .support = {0.0, 1.0, true, true, "x = 0, 1"},
      .scipy = "bernoulli",
      .scipy_arguments = {{"p", convert::identity, "probs"}},
      .torch = "Bernoulli",
  };
  struct theta {
    double probs;
  };
  static constexpr parameter parameters[] = {
      {"probs", domain::unit, coordinate::logit, "probability of success, of a one"},
  };
  static constexpr theta cases[] = {{0.3}, {0.9}, {1e-3}, {1e-12}, {0.999999}};

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
    sink.add(p.log_success, z);
    sink.add(p.log_failure, 1.0 - z);
  }

  static double log_sf(theta t, double) { return std::log(t.probs); }
  static double log_cdf(theta t, double) { return std::log1p(-t.probs); }
  static double sf(theta t, double) { return t.probs; }
  static double cdf(theta t, double) { return 1.0 - t.probs; }
  static double mean(theta t) { return t.probs; }
  static double variance(theta t) { return t.probs * (1.0 - t.probs); }
  static double moment(theta t, int) { return t.probs; }
  static double mode(theta t) { return t.probs > 0.5 ? 1.0 : 0.0; }
  static double entropy(theta t) { return -t.probs * std::log(t.probs) - (1.0 - t.probs) * std::log1p(-t.probs); }

  static theta mle(const statistics& s) { return {s.pivot + s.sum / s.weight}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
