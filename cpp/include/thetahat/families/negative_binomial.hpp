#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct negative_binomial {
  static constexpr family_info info = {
      .name = "negative_binomial",
      .class_name = "NegativeBinomial",
      .summary = "Overdispersed counts: a Poisson law whose rate is a gamma variable.",
      .formula = "log p(x) = log Gamma(x + total_count) - log Gamma(total_count) - log(x!) "
                 "+ total_count * log(1 - probs) + x log(probs)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, chapter 5",
      .kind = kind::discrete,
      .support = {0.0, infinity, true, false, "x = 0, 1, 2, ..."},
      .scipy = "nbinom",
      .scipy_arguments = {{"n", convert::identity, "total_count"}, {"p", convert::complement, "probs"}},
      .torch = "NegativeBinomial",
      .alternatives = {{"logits", "probs", convert::logistic},
                       {keyword{"mean", domain::positive, "expectation"},
                        keyword{"dispersion", domain::positive, "alpha of variance = mean + alpha mean^2 (NB2)"},
                        replacement{"total_count", convert::reciprocal, "dispersion"},
                        replacement{"probs", convert::odds_share, "mean", "dispersion"}}},
      .limits = {{.kind = limit_kind::boundary, .family = "poisson", .parameter = "total_count", .value = infinity},
                 {.kind = limit_kind::interior,
                  .family = "geometric",
                  .parameter = "total_count",
                  .value = 1.0,
                  .arguments = {{"probs", convert::complement, "probs"}}}},
  };
  struct theta {
    double total_count, probs;
  };
  static constexpr parameter parameters[] = {
      {"total_count", domain::positive, coordinate::log, "real-valued shape: the reciprocal of the dispersion"},
      {"probs", domain::unit, coordinate::logit, "probability of the event that is counted"},
  };
  static constexpr theta cases[] = {{5.0, 0.3}, {0.6, 0.9}, {1e6, 1e-5}, {1e-3, 0.5}, {50.0, 0.999}};

  // mean and dispersion: the dispersion reaches the Poisson law at a finite point, zero.
  template <class R, class P>
  THETAHAT_INLINE static auto internal(const R& total_count, const P& probs) {
    return at(zero{}, unit_scale{}, total_count * (probs * recip(1.0 - probs)), recip(total_count));
  }
  static theta canonical(const point& p) {
    const double odds = p.shape[0] * p.shape[1];
    return {1.0 / p.shape[1], odds / (1.0 + odds)};
  }
  static constexpr axis axes[] = {{slot::a, coordinate::log}, {slot::b, coordinate::identity, 0.0, &info.limits[0]}};

  template <class M, class A, class L, class Q>
  struct fields {
    M log_mean;
    A alpha;
    L log_rest;   // log(1 + alpha mean)
    Q log_zero;   // -log p(0) = log1p(alpha mean) / alpha
    double mean;
  };
  template <class M, class A>
  static auto prepare(const M& mean, const A& alpha) {
    return fields<decltype(log(mean)), A, decltype(log1p(alpha * mean)), decltype(log1p_ratio(alpha, mean))>{
        log(mean), alpha, log1p(alpha * mean), log1p_ratio(alpha, mean), value(mean)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(-p.log_zero);
    sink.add(p.log_mean - p.log_rest, z);
    sink.add(-1.0, log_factorial(z));
    sink.add(1.0, log_rising(z, p.alpha));
  }
  // Loader (2000) with a real number of trials.
  static double log_density(const fields<double, double, double, double>& p, double k) {
    if (k == 0.0) return -p.log_zero;
    const double r = 1.0 / p.alpha, m = p.mean;
    const double expected = m * ((1.0 + p.alpha * k) / (1.0 + p.alpha * m));
    const double tail = special::stirling_correction(k) + special::deviance(k, expected);
    if (r > 1e15) return -0.5 * (log_two_pi + std::log(k)) - tail;
    const double n = r + k;
    return 0.5 * (std::log(r / n) - log_two_pi - std::log(k)) + special::stirling_correction(n) -
           special::stirling_correction(r) - tail - special::deviance(r, n / (1.0 + p.alpha * m));
  }

  static double cdf(theta t, double x) { return special::beta_p(t.total_count, x + 1.0, 1.0 - t.probs, t.probs); }
  static double sf(theta t, double x) { return special::beta_q(t.total_count, x + 1.0, 1.0 - t.probs, t.probs); }
  static double log_cdf(theta t, double x) {
    return special::log_beta_p(t.total_count, x + 1.0, 1.0 - t.probs, t.probs);
  }
  static double log_sf(theta t, double x) {
    return special::log_beta_q(t.total_count, x + 1.0, 1.0 - t.probs, t.probs);
  }
  static double mean(theta t) { return t.total_count * (t.probs / (1.0 - t.probs)); }
  static double variance(theta t) { return mean(t) / (1.0 - t.probs); }
  static double skewness(theta t) { return (1.0 + t.probs) / std::sqrt(t.probs * t.total_count); }
  static double kurtosis(theta t) { return (6.0 + (1.0 - t.probs) * (1.0 - t.probs) / t.probs) / t.total_count; }
  static double moment(theta t, int k) {
    return raw_moment(k, [&](int j) {
      double m = 1.0;
      for (int i = 0; i < j; ++i) m *= (t.total_count + i) * (t.probs / (1.0 - t.probs));
      return m;
    });
  }
  static double mode(theta t) {
    return t.total_count > 1.0 ? std::floor((t.total_count - 1.0) * (t.probs / (1.0 - t.probs))) : 0.0;
  }

  static theta start(const start_sample& s, theta) {
    const double alpha = std::fmax((s.variance - s.mean) / (s.mean * s.mean), 1e-3 / (1.0 + s.mean));
    return {1.0 / alpha, alpha * s.mean / (1.0 + alpha * s.mean)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
