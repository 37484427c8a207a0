#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct beta_binomial {
  static constexpr family_info info = {
      .name = "beta_binomial",
      .class_name = "BetaBinomial",
      .summary = "Overdispersed successes: a binomial law whose probability is a beta variable.",
      .formula =
          "log p(x) = log(total_count! / (x! (total_count - x)!)) "
          "+ log B(x + concentration1, total_count - x + concentration0) - log B(concentration1, concentration0)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 6.9.2",
      .kind = kind::discrete,
      .support = {0.0, infinity, true, false, "x = 0, 1, ..., total_count"},
      .scipy = "betabinom",
      .scipy_arguments = {{"n", convert::identity, "total_count"},
                          {"a", convert::identity, "concentration1"},
                          {"b", convert::identity, "concentration0"}},
      .limits = {{.kind = limit_kind::boundary,
                  .family = "binomial",
                  .parameter = "concentration0",
                  .value = infinity,
                  .arguments = {{"total_count", convert::identity, "total_count"}}}},
  };
  struct theta {
    double total_count, concentration1, concentration0;
  };
  static constexpr parameter parameters[] = {
      {"total_count", domain::count, coordinate::identity, "number of trials behind every observation"},
      {"concentration1", domain::positive, coordinate::log, "weight of success: of the beta law near one"},
      {"concentration0", domain::positive, coordinate::log, "weight of failure: of the beta law near zero"},
  };
  static constexpr theta cases[] = {
      {12.0, 2.0, 3.0}, {60.0, 0.4, 0.7}, {5.0, 300.0, 200.0}, {1000.0, 5.0, 1e-2}, {20.0, 1e7, 4e6}};

  // The odds and the dispersion 1 / (concentration1 + concentration0), which reaches the binomial law at zero.
  template <class N, class A, class B>
  THETAHAT_INLINE static auto internal(const N& total_count, const A& a, const B& b) {
    return at(zero{}, unit_scale{}, a * recip(b), recip(a + b), total_count);
  }
  static theta canonical(const point& p) {
    const double rest = 1.0 / (p.shape[1] * (1.0 + p.shape[0]));
    return {p.shape[2], p.shape[0] * rest, rest};
  }
  static constexpr axis axes[] = {{slot::c, coordinate::identity},
                                  {slot::a, coordinate::log},
                                  {slot::b, coordinate::identity, 0.0, &info.limits[0]}};

  template <class L, class Q, class A, class B, class N>
  struct fields {
    L log_mean;
    Q log_rest;
    A success;  // 1 / concentration1
    B failure;
    N norm;
    double trials, log_factorials, odds, dispersion;
  };
  template <class M, class D, class N>
  static auto prepare(const M& odds, const D& dispersion, const N& total_count) {
    const double n = value(total_count);
    const auto log_mean = -log1p(recip(odds));
    const auto log_rest = -log1p(odds);
    const auto success = dispersion * (1.0 + recip(odds));
    const auto failure = dispersion * (1.0 + odds);
    const auto norm = log_rising(n, dispersion);
    return fields<decltype(log_mean + 0.0), decltype(log_rest + 0.0), decltype(success + 0.0), decltype(failure + 0.0),
                  decltype(norm + 0.0)>{log_mean, log_rest,         success,     failure,          norm,
                                        n,        log_factorial(n), value(odds), value(dispersion)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x <= p.trials;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    const auto rest = p.trials - z;
    sink.constant(p.log_factorials);
    sink.constant(-p.norm);
    sink.add(p.log_mean, z);
    sink.add(p.log_rest, rest);
    sink.add(-1.0, log_factorial(z));
    sink.add(-1.0, log_factorial(rest));
    sink.add(1.0, log_rising(z, p.success));
    sink.add(1.0, log_rising(rest, p.failure));
  }
  // Beta densities at one share, each near its mode: nothing of the size of the counts cancels.
  static double log_density(const fields<double, double, double, double, double>& p, double k) {
    return from_beta_laws(p.trials, 1.0 / p.success, 1.0 / p.failure, p.odds, k);
  }
  static double from_beta_laws(double n, double a, double b, double odds, double k) {
    if (a + b > 1e18) return special::log_binomial(k, n - k, odds / (1.0 + odds));
    const double total = n + (a + b), x = (k + a) / total, y = (n - k + b) / total;
    return special::log_beta_density(a, b, x, y) - special::log_beta_density(k + a, n - k + b, x, y) +
           special::log_beta_density(k + 1.0, n - k + 1.0, x, y) - std::log(n + 1.0);
  }

  static double upper(theta t) { return t.total_count; }
  static auto law(theta t) {
    const double n = t.total_count, a = t.concentration1, b = t.concentration0;
    return lattice_law{[=](double k) { return from_beta_laws(n, a, b, a / b, k); }, [=](double k) {
      return (n - k) / (k + 1.0) * ((k + a) / (n - k - 1.0 + b));
    }, 0.0, n, mean(t), 0.0};
  }
  static double cdf(theta t, double x) { return law(t).cdf(x); }
  static double sf(theta t, double x) { return law(t).sf(x); }
  static double log_cdf(theta t, double x) { return law(t).log_cdf(x); }
  static double log_sf(theta t, double x) { return law(t).log_sf(x); }
  static double mean(theta t) { return t.total_count * (t.concentration1 / (t.concentration1 + t.concentration0)); }
  static double variance(theta t) {
    const double s = t.concentration1 + t.concentration0;
    return mean(t) * (t.concentration0 / s) * ((s + t.total_count) / (s + 1.0));
  }
  static double mode(theta t) {
    const double a = t.concentration1, b = t.concentration0, n = t.total_count;
    if (a > 1.0 && b > 1.0) return std::fmin(std::floor((n + 1.0) * ((a - 1.0) / (a + b - 2.0))), n);
    return a > b ? n : 0.0;
  }
  static double moment(theta t, int k) {
    return raw_moment(k, [&](int j) {
      double m = 1.0;
      for (int i = 0; i < j; ++i)
        m *= (t.total_count - i) * ((t.concentration1 + i) / (t.concentration1 + t.concentration0 + i));
      return m;
    });
  }

  static theta start(const start_sample& s, theta known) {  // by moments, kept inside
    const double n = known.total_count;
    const double share = std::fmin(std::fmax(s.mean / n, 0.01 / n), 1.0 - 0.01 / n);
    const double excess = s.variance / (n * share * (1.0 - share)) - 1.0;  // (n - 1) / (total + 1)
    const double total = std::fmin(std::fmax((n - 1.0) / std::fmax(excess, 1e-3) - 1.0, 0.05), 1e4);
    return {n, share * total, (1.0 - share) * total};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
