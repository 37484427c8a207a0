#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct binomial {
  static constexpr family_info info = {
      .name = "binomial",
      .class_name = "Binomial",
      .summary = "Number of successes in a known number of independent trials.",
      .formula = "log p(x) = log(total_count! / (x! (total_count - x)!)) + x log(probs) "
                 "+ (total_count - x) log(1 - probs)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, chapter 3",
      .kind = kind::discrete,
      .support = {0.0, infinity, true, false, "x = 0, 1, ..., total_count"},
      .scipy = "binom",
      .scipy_arguments = {{"n", convert::identity, "total_count"}, {"p", convert::identity, "probs"}},
      .torch = "Binomial",
  };
  struct theta {
    double total_count, probs;
  };
  static constexpr parameter parameters[] = {
      {"total_count", domain::count, coordinate::identity, "number of trials behind every observation"},
      {"probs", domain::unit, coordinate::logit, "probability of success in one trial"},
  };
  static constexpr theta cases[] = {{10.0, 0.3}, {1.0, 0.6}, {1e6, 1e-5}, {200.0, 0.999}, {1e9, 0.5}};

  template <class N, class P>
  THETAHAT_INLINE static auto internal(const N& total_count, const P& probs) {
    return at(zero{}, unit_scale{}, probs, total_count);
  }
  static theta canonical(const point& p) { return {p.shape[1], p.shape[0]}; }

  template <class L, class Q>
  struct fields {
    L log_odds;
    Q log_failures;  // of all trials
    double trials, success, log_factorials;
  };
  template <class S, class N>
  static auto prepare(const S& probs, const N& total_count) {
    const double n = value(total_count);
    return fields<decltype(log(probs) - log1p(-probs)), decltype(n * log1p(-probs))>{
        log(probs) - log1p(-probs), n * log1p(-probs), n, value(probs), log_factorial(n)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x <= p.trials;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.log_failures);
    sink.constant(p.log_factorials);
    sink.add(p.log_odds, z);
    sink.add(-1.0, log_factorial(z));
    sink.add(-1.0, log_factorial(p.trials - z));
  }
  static double log_density(const fields<double, double>& p, double k) {
    return special::log_binomial(k, p.trials - k, p.success);
  }

  static double upper(theta t) { return t.total_count; }
  static double cdf(theta t, double x) { return special::beta_q(x + 1.0, t.total_count - x, t.probs, 1.0 - t.probs); }
  static double sf(theta t, double x) { return special::beta_p(x + 1.0, t.total_count - x, t.probs, 1.0 - t.probs); }
  static double log_cdf(theta t, double x) {
    return special::log_beta_q(x + 1.0, t.total_count - x, t.probs, 1.0 - t.probs);
  }
  static double log_sf(theta t, double x) {
    return special::log_beta_p(x + 1.0, t.total_count - x, t.probs, 1.0 - t.probs);
  }
  static double mean(theta t) { return t.total_count * t.probs; }
  static double variance(theta t) { return t.total_count * t.probs * (1.0 - t.probs); }
  static double moment(theta t, int k) {
    return raw_moment(k, [&](int j) {
      double m = 1.0;
      for (int i = 0; i < j; ++i) m *= (t.total_count - i) * t.probs;
      return m;
    });
  }
  static double mode(theta t) { return std::fmin(std::floor((t.total_count + 1.0) * t.probs), t.total_count); }

  static theta mle(const statistics& s, theta known) {
    return {known.total_count, (s.pivot + s.sum / s.weight) / known.total_count};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
