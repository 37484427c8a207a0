#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct beta_prime {
  static constexpr family_info info = {
      .name = "beta_prime",
      .class_name = "BetaPrime",
      .summary = "Ratio of two gamma variables: the odds of a beta variable.",
      .formula = "log p(x) = (concentration1 - 1) * log(x) - (concentration1 + concentration0) * log(1 + x) "
                 "- log B(concentration1, concentration0)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 27",
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "betaprime",
      .scipy_arguments = {{"a", convert::identity, "concentration1"}, {"b", convert::identity, "concentration0"}},
  };
  struct theta {
    double concentration1, concentration0;
  };
  static constexpr parameter parameters[] = {
      {"concentration1", domain::positive, coordinate::log, "shape of the numerator: the exponent at zero, plus one"},
      {"concentration0", domain::positive, coordinate::log, "shape of the denominator: tail index"},
  };
  static constexpr theta cases[] = {{2.0, 3.0}, {1.0, 1.0}, {0.3, 0.4}, {0.05, 5.0}, {300.0, 2.0}, {1e5, 2e6}};

  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& concentration1, const B& concentration0) {
    return at(zero{}, unit_scale{}, concentration1, concentration0);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  template <class A, class B, class C, class N>
  struct fields {
    A exponent1;
    B exponent0;
    C total;
    N norm;
    double a, b, n, log_share1, log_share0, peak;
  };
  template <class A, class B>
  static auto prepare(const A& c1, const B& c0) {
    const double a = value(c1), b = value(c0), n = a + b;
    auto norm = minus_log_beta(c1, c0);
    return fields<decltype(c1 - 1.0), decltype(-(c0 + 1.0)), decltype(-(c1 + c0)), decltype(norm)>{
        c1 - 1.0, -(c0 + 1.0), -(c1 + c0), norm, a, b, n, log(a / n), log(b / n), log_beta_peak(a, b)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent1, z, positive);
    sink.log(p.total, 1.0 + z, ge_one);
  }
  static bool admissible(const point& p) { return p.shape[0] < 64.0 && p.shape[1] < 64.0; }
  // Loader's saddle-point form of the beta law of x / (1 + x).
  template <class P>
  THETAHAT_INLINE static double saddle_point(const P& p, double z) {
    const double l = vlog(z), l0 = vlog1p(z), rest = 1.0 / (1.0 + z);
    return (p.peak - l) - scaled_deviance(p.a, p.n * (z * rest), (l - l0) - p.log_share1) -
           scaled_deviance(p.b, p.n * rest, -l0 - p.log_share0);
  }
  // The derivatives from log(x / (1 + x)) and log(1 / (1 + x)), of which either is small where its shape is large.
  template <class A, class B, class C, class N>
  THETAHAT_INLINE static auto log_density(const fields<A, B, C, N>& p, double z) {
    if constexpr (is_jet<A>) {
      auto sum = p.norm - vlog1p(1.0 / z) * p.exponent1 + vlog1p(z) * p.exponent0;
      sum.v = saddle_point(p, z);
      return sum;
    } else {
      return saddle_point(p, z);
    }
  }

  static double tail(theta t, double x, double (*beta)(double, double, double, double)) {
    const double r = x < 1.0 ? x : 1.0 / x, large = 1.0 / (1.0 + r), small = r / (1.0 + r);
    return x < 1.0 ? beta(t.concentration1, t.concentration0, small, large)
                   : beta(t.concentration1, t.concentration0, large, small);
  }
  static double cdf(theta t, double x) { return tail(t, x, special::beta_p); }
  static double sf(theta t, double x) { return tail(t, x, special::beta_q); }
  static double log_cdf(theta t, double x) { return tail(t, x, special::log_beta_p); }
  static double log_sf(theta t, double x) { return tail(t, x, special::log_beta_q); }
  static double icdf(theta t, double q) {
    const auto y = special::beta_p_inverse(t.concentration1, t.concentration0, q);
    return y.x / y.one_minus_x;
  }
  static double isf(theta t, double q) {
    const auto y = special::beta_q_inverse(t.concentration1, t.concentration0, q);
    return y.x / y.one_minus_x;
  }
  static double moment_order(theta t) { return t.concentration0; }
  static double moment(theta t, int k) {  // for k < concentration0
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= (t.concentration1 + j) / (t.concentration0 - 1.0 - j);
    return m;
  }
  static double mean(theta t) { return t.concentration0 > 1.0 ? moment(t, 1) : infinity; }
  static double variance(theta t) {
    const double d = t.concentration0 - 1.0, m = t.concentration1 / d;
    return t.concentration0 > 2.0 ? m * ((t.concentration1 + d) / d / (d - 1.0)) : infinity;
  }
  static double mode(theta t) {
    return t.concentration1 > 1.0 ? (t.concentration1 - 1.0) / (t.concentration0 + 1.0) : 0.0;
  }
  // By Stirling's series with its remainders, as the beta law's.
  static double entropy(theta t) {
    const double a = t.concentration1, b = t.concentration0, n = a + b;
    const auto stirling = [](double x) { return special::stirling_correction(x); };
    return 0.5 * (std::log(a / b) + std::log(n / b) - std::log(b) + log_two_pi + 1.0) - 0.5 / a + 0.5 / b +
           (a - 1.0) * digamma_rest(a) + (b + 1.0) * digamma_rest(b) - n * digamma_rest(n) + stirling(a) + stirling(b) -
           stirling(n);
  }

  // The root of v a^2 - a - 1 is close to that of trigamma(a) = v, for small and for large v.
  static double trigamma_inverse(double v) { return 0.5 * (1.0 + std::sqrt(1.0 + 4.0 * v)) / v; }
  struct log_moments {
    double mean, variance;
  };
  static log_moments logs_of(const start_sample& s) {
    double sum = 0.0, square = 0.0;
    const double n = static_cast<double>(s.n), middle = std::log(s.quantile(0.5));
    for (std::size_t i = 0; i < s.n; ++i) {
      const double d = std::log(s.sorted[i]) - middle;
      sum += d;
      square += d * d;
    }
    return {middle + sum / n, std::fmax((square - sum * (sum / n)) / n, 1e-12)};
  }
  // The mean of log x is close to log(concentration1 / concentration0), its variance the sum of two trigammas.
  static theta start(const start_sample& s) {
    const auto [mean, variance] = logs_of(s);
    const double odds = std::exp(std::fmin(std::fmax(mean, -20.0), 20.0));
    return {trigamma_inverse(variance / (1.0 + odds)), trigamma_inverse(variance * (odds / (1.0 + odds)))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
