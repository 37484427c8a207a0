#pragma once

#include "definition.hpp"
#include "zeta.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct zipfian {
  static constexpr family_info info = {
      .name = "zipfian",
      .class_name = "Zipfian",
      .summary = "Zipf's power law over a finite number of ranks.",
      .formula = "log p(x) = -power * log(x) - log(sum over k = 1 ... size of k^-power)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 11.2.20",
      .kind = kind::discrete,
      .tier = 2,
      .support = {1.0, infinity, true, false, "x = 1, 2, ..., size"},
      .scipy = "zipfian",
      .scipy_arguments = {{"a", convert::identity, "power"}, {"n", convert::identity, "size"}},
  };
  struct theta {
    double power, size;
  };
  static constexpr parameter parameters[] = {
      {"power", domain::real, coordinate::identity,
       "exponent of the power law; negative where large ranks are frequent"},
      {.name = "size",
       .domain = domain::count,
       .coordinate = coordinate::identity,
       .doc = "largest rank; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{1.2, 50.0}, {0.6, 10.0}, {1.0, 1e6}, {3.0, 1e12}, {0.0, 1000.0}};

  template <class S, class N>
  THETAHAT_INLINE static auto internal(const S& power, const N& size) {
    return at(zero{}, unit_scale{}, power - 1.0, size);
  }
  static theta canonical(const point& p) { return {1.0 + p.shape[0], p.shape[1]}; }
  static bool valid(theta t) { return t.size >= 1.0; }

  template <class S, class N>
  struct fields {
    S exponent;
    N norm;
    double size;
  };
  template <class A, class N>
  static auto prepare(const A& a, const N& size) {
    auto norm = -log_power_sum(a, value(size));
    return fields<decltype(-1.0 - a), decltype(norm)>{-1.0 - a, norm, value(size)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x <= p.size;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
  }
  static double upper(theta t) { return t.size; }

  static double log_sum(theta t, double from, double to, double shift = 0.0) {
    return special::sum_powers(t.power - shift, from, to).log_sum;
  }
  static double log_sf(theta t, double x) { return log_sum(t, x + 1.0, t.size) - log_sum(t, 1.0, t.size); }
  static double log_cdf(theta t, double x) { return log_sum(t, 1.0, x) - log_sum(t, 1.0, t.size); }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }
  static double cdf(theta t, double x) { return std::exp(log_cdf(t, x)); }
  static double moment(theta t, int k) { return std::exp(log_sum(t, 1.0, t.size, k) - log_sum(t, 1.0, t.size)); }
  static double mean(theta t) { return moment(t, 1); }
  static double variance(theta t) { return moment(t, 2) - mean(t) * mean(t); }
  static double mode(theta t) { return t.power >= 0.0 ? 1.0 : t.size; }
  static double entropy(theta t) {
    const auto s = special::sum_powers(t.power, 1.0, t.size);
    return t.power * s.mean_log + s.log_sum;
  }

  static theta ends(const statistics& s) { return {not_a_number, s.maximum}; }
  static theta start(const start_sample& s, theta known) {
    double log_sum = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) log_sum += std::log(s.sorted[i]);
    const double share = log_sum / static_cast<double>(s.n) / std::log(std::fmax(known.size, 2.0));
    return {std::fmin(std::fmax(2.0 * (1.0 - share), -5.0), 10.0), known.size};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
