#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log of the sum of k^-(1 + a) over k = 1, ..., last, with its derivatives in a.
inline double log_power_sum(double a, double last) { return special::sum_powers(1.0 + a, 1.0, last).log_sum; }
template <class... P>
inline auto log_power_sum(const jet<P...>& a, double last) {
  const auto s = special::sum_powers(1.0 + a.v, 1.0, last);
  return chain(s.log_sum, -s.mean_log, s.variance_log, a);
}

struct zeta {
  static constexpr family_info info = {
      .name = "zeta",
      .class_name = "Zeta",
      .summary = "Zipf's power law on the whole numbers: ranks of words, degrees of networks.",
      .formula = "log p(x) = -power * log(x) - log zeta(power)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 11.2.20",
      .kind = kind::discrete,
      .tier = 2,
      .support = {1.0, infinity, true, false, "x = 1, 2, 3, ..."},
      .scipy = "zipf",
      .scipy_arguments = {{"a", convert::identity, "power"}},
  };
  struct theta {
    double power;
  };
  static constexpr parameter parameters[] = {
      {"power", domain::above_one, coordinate::identity, "exponent of the power law"},
  };
  static constexpr theta cases[] = {{2.5}, {3.7}, {1.6}, {30.0}, {400.0}};

  template <class S>
  THETAHAT_INLINE static auto internal(const S& power) {
    return at(zero{}, unit_scale{}, power - 1.0);
  }
  static theta canonical(const point& p) { return {1.0 + p.shape[0]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::log}};
  static constexpr bool axes_are_parameters = true;

  template <class S, class N>
  struct fields {
    S exponent;
    N norm;
  };
  template <class A>
  static auto prepare(const A& a) {
    auto norm = -log_power_sum(a, infinity);
    return fields<decltype(-1.0 - a), decltype(norm)>{-1.0 - a, norm};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
  }

  static double log_total(theta t) { return special::sum_powers(t.power, 1.0, infinity).log_sum; }
  static double log_sf(theta t, double x) {
    return special::sum_powers(t.power, x + 1.0, infinity).log_sum - log_total(t);
  }
  static double log_cdf(theta t, double x) { return special::log1mexp(-log_sf(t, x)); }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(log_sf(t, x)); }
  static double moment_order(theta t) { return t.power - 1.0; }
  static double moment(theta t, int k) {
    return std::exp(special::sum_powers(t.power - k, 1.0, infinity).log_sum - log_total(t));
  }
  static double mean(theta t) { return t.power > 2.0 ? moment(t, 1) : infinity; }
  static double variance(theta t) {
    if (!(t.power > 3.0)) return t.power > 2.0 ? infinity : not_a_number;
    // E (x - 1)(x - 2) and E (x - 1) from two on: nothing cancels for a law that is nearly all at one
    double first = 0.0, second = 0.0;
    if (t.power > 20.0) {
      for (double k = 64.0; k >= 2.0; --k) {
        const double p = std::exp(-t.power * std::log(k) - log_total(t));
        first += p * (k - 1.0);
        second += p * (k - 1.0) * (k - 1.0);
      }
      return second - first * first;
    }
    return moment(t, 2) - mean(t) * mean(t);
  }
  static double mode(theta) { return 1.0; }
  static double entropy(theta t) {
    const auto s = special::sum_powers(t.power, 1.0, infinity);
    return t.power * s.mean_log + s.log_sum;
  }

  static theta start(const start_sample& s, theta) {  // of the share of ones, 1 / zeta(power)
    double ones = 0.0, log_sum = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      ones += s.sorted[i] == 1.0;
      log_sum += std::log(s.sorted[i]);
    }
    const double n = static_cast<double>(s.n);
    // The continuous law's estimate from 1/2 on (Clauset, Shalizi and Newman 2009), and the share's for steep ones.
    const double plain = 1.0 + 1.0 / (log_sum / n + 0.6931471805599453);
    return {ones < 0.9 * n ? plain : std::fmax(1.5, -std::log2(std::fmax(1.0 - ones / n, 1e-300)))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
