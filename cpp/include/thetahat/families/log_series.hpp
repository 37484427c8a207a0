#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log(-log(1 - p)) and its derivatives in p.
inline double log_minus_log1m(double p) { return std::log(-std::log1p(-p)); }
template <class... P>
inline auto log_minus_log1m(const jet<P...>& p) {
  const double q = 1.0 / (1.0 - p.v), l = -std::log1p(-p.v), first = q / l;
  return chain(std::log(l), first, first * (q - first), p);
}

struct log_series {
  static constexpr family_info info = {
      .name = "log_series",
      .class_name = "LogSeries",
      .summary = "Fisher's law of the number of individuals per species.",
      .formula = "log p(x) = x log(probs) - log(x) - log(-log(1 - probs))",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, chapter 7",
      .kind = kind::discrete,
      .tier = 2,
      .accuracy = 64,
      .support = {1.0, infinity, true, false, "x = 1, 2, 3, ..."},
      .scipy = "logser",
      .scipy_arguments = {{"p", convert::identity, "probs"}},
  };
  struct theta {
    double probs;
  };
  static constexpr parameter parameters[] = {
      {"probs", domain::unit, coordinate::logit, "ratio of the series"},
  };
  static constexpr theta cases[] = {{0.7}, {0.2}, {0.999}, {1e-9}, {0.9999}};

  template <class P>
  THETAHAT_INLINE static auto internal(const P& probs) {
    return at(zero{}, unit_scale{}, probs);
  }
  static theta canonical(const point& p) { return {p.shape[0]}; }

  template <class L, class N>
  struct fields {
    L log_probs;
    N norm;
  };
  template <class S>
  static auto prepare(const S& probs) {
    return fields<decltype(log(probs)), decltype(-log_minus_log1m(probs))>{log(probs), -log_minus_log1m(probs)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.log_probs, z);
    sink.log(-1.0, z, positive);
  }

  static double log_sf(theta t, double x) { return special::log_series_tail(t.probs, x) - log_minus_log1m(t.probs); }
  static double log_cdf(theta t, double x) {
    if (x > 64.0) return special::log1mexp(-log_sf(t, x));
    double sum = 0.0, power = 1.0;
    for (double j = 1.0; j <= x; ++j) sum += (power *= t.probs) / j;
    return std::fmin(std::log(sum) - log_minus_log1m(t.probs), 0.0);
  }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }
  static double cdf(theta t, double x) { return std::exp(log_cdf(t, x)); }
  static double mean(theta t) { return t.probs / (1.0 - t.probs) / -std::log1p(-t.probs); }
  static double variance(theta t) {
    const double q = 1.0 - t.probs, l = -std::log1p(-t.probs);
    return t.probs / q * -special::log1pmx(-t.probs) / q / (l * l);
  }
  static double mode(theta) { return 1.0; }
  static double moment(theta t, int k) {
    const double l = -std::log1p(-t.probs);
    return raw_moment(k, [&](int j) {
      double m = t.probs / (1.0 - t.probs) / l;
      for (int i = 1; i < j; ++i) m *= i * (t.probs / (1.0 - t.probs));
      return m;
    });
  }

  static theta start(const start_sample& s, theta) {
    // mean = (e^u - 1) / u with u = -log(1 - probs), inverted by Newton's method from log-sized arguments
    const double mean = std::fmax(s.mean, 1.0 + 1e-12);
    double u = mean < 2.0 ? 2.0 * (mean - 1.0) : std::log(mean) + std::log(std::log(mean) + 1.0);
    for (int i = 0; i < 60; ++i) {
      const double e = std::expm1(u), f = e / u - mean;
      const double slope = ((e + 1.0) - e / u) / u;
      u = std::fmax(u - f / slope, 0.1 * u);
    }
    return {-std::expm1(-u)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
