#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct exponential {
  static constexpr family_info info = {
      .name = "exponential",
      .class_name = "Exponential",
      .summary = "Waiting time without memory: the gap between events of a Poisson process.",
      .formula = "log p(x) = log(rate) - rate * x",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 19",
      .group = group::scale,
      .support = {0.0, infinity, true, false, "x >= 0"},
      .scipy = "expon",
      .scipy_arguments = {{"scale", convert::reciprocal, "rate"}},
      .torch = "Exponential",
      .alternatives = {{"scale", "rate", convert::reciprocal}},
  };
  struct theta {
    double rate;
  };
  static constexpr parameter parameters[] = {
      {"rate", domain::positive, coordinate::log, "events per unit of x"},
  };
  static constexpr theta cases[] = {{1.0}, {0.02}, {1e9}, {1e-12}};

  template <class R>
  THETAHAT_INLINE static auto internal(const R& rate) {
    return at(zero{}, recip(rate));
  }
  static theta canonical(const point& p) { return {1.0 / p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.add(-1.0, z);
  }

  static double log_sf(theta t, double x) { return -t.rate * x; }
  static double log_cdf(theta t, double x) { return special::log1mexp(t.rate * x); }
  static double sf(theta t, double x) { return std::exp(-t.rate * x); }
  static double cdf(theta t, double x) { return -std::expm1(-t.rate * x); }
  static double icdf(theta t, double q) { return -std::log1p(-q) / t.rate; }
  static double isf(theta t, double q) { return -std::log(q) / t.rate; }
  static double mean(theta t) { return 1.0 / t.rate; }
  static double variance(theta t) { return 1.0 / (t.rate * t.rate); }
  static double mode(theta) { return 0.0; }
  static double entropy(theta t) { return 1.0 - std::log(t.rate); }
  static double moment(theta t, int k) { return std::exp(special::lgamma(k + 1.0) - k * std::log(t.rate)); }
  static double skewness(theta) { return 2.0; }
  static double kurtosis(theta) { return 6.0; }
  static double kl(theta p, theta q) { return special::deviance(p.rate, q.rate) / p.rate; }
  static double draw_from_exponential(theta t, double e) { return e / t.rate; }

  static theta mle(const statistics& s) { return {s.weight / (s.pivot * s.weight + s.sum)}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
