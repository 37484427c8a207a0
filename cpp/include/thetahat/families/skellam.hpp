#pragma once

#include "../math/skellam.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

inline double log_skellam(double k, double a, double b) { return special::log_skellam(k, a, b); }
template <class... P, class... Q>
inline auto log_skellam(double k, const jet<P...>& a, const jet<Q...>& b) {
  const special::skellam_derivatives s = special::skellam_log_density(k, a.v, b.v);
  return chain(s.f, s.a, s.b, s.aa, s.ab, s.bb, a, b);
}
template <class K, class A, class B, if_tags<K, A> = 0>
constexpr opaque log_skellam(K, A, B) {
  return {};
}

struct skellam {
  static constexpr family_info info = {
      .name = "skellam",
      .class_name = "Skellam",
      .summary = "Difference of two independent Poisson counts: goals of one team less those of the other.",
      .formula = "log p(x) = -(rate1 + rate2) + x / 2 * log(rate1 / rate2) + log I(|x|, 2 sqrt(rate1 * rate2))",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 4.12.3",
      .kind = kind::discrete,
      .tier = 2,
      .accuracy = 64,
      .support = {-infinity, infinity, false, false, "x = ..., -1, 0, 1, ..."},
      .scipy = "skellam",
      .scipy_arguments = {{"mu1", convert::identity, "rate1"}, {"mu2", convert::identity, "rate2"}},
  };
  struct theta {
    double rate1, rate2;
  };
  static constexpr parameter parameters[] = {
      {"rate1", domain::positive, coordinate::log, "expected count that is added"},
      {"rate2", domain::positive, coordinate::log, "expected count that is taken away"},
  };
  static constexpr theta cases[] = {{3.0, 1.5}, {0.2, 0.4}, {20.0, 900.0}, {1e-3, 1e3}, {3e4, 2.9e4}, {1e-6, 1e-7}};

  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& rate1, const B& rate2) {
    return at(zero{}, unit_scale{}, rate1, rate2);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  template <class A, class B>
  struct fields {
    A rate1;
    B rate2;
  };
  template <class A, class B>
  static auto prepare(const A& rate1, const B& rate2) {
    return fields<A, B>{rate1, rate2};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.add(1.0, log_skellam(z, p.rate1, p.rate2));
  }

  static double cdf(theta t, double x) { return special::skellam_cdf(x, t.rate1, t.rate2); }
  static double sf(theta t, double x) { return special::skellam_sf(x, t.rate1, t.rate2); }
  static double log_cdf(theta t, double x) { return special::log_skellam_cdf(x, t.rate1, t.rate2); }
  static double log_sf(theta t, double x) { return special::log_skellam_sf(x, t.rate1, t.rate2); }
  static double mean(theta t) { return t.rate1 - t.rate2; }
  static double variance(theta t) { return t.rate1 + t.rate2; }
  static double moment(theta t, int k) {  // from the cumulants, which are the mean and the variance in turn
    double m[32] = {1.0};
    for (int n = 1; n <= k && n < 32; ++n) {
      double choose = 1.0;
      for (int j = 0; j < n; ++j) {
        m[n] += choose * ((n - j) % 2 == 1 ? mean(t) : variance(t)) * m[j];
        choose *= static_cast<double>(n - 1 - j) / (j + 1);
      }
    }
    return k < 32 ? m[k] : not_a_number;
  }
  static double mode(theta t) {  // log p is concave
    double k = std::floor(mean(t));
    const auto rises = [&](double from, double to) {
      return special::log_skellam(to, t.rate1, t.rate2) > special::log_skellam(from, t.rate1, t.rate2);
    };
    while (rises(k, k + 1.0)) k += 1.0;
    while (rises(k, k - 1.0)) k -= 1.0;
    return k;
  }

  static theta start(const start_sample& s, theta) {  // from the mean and the variance, which may fall short of it
    const double size = std::fabs(s.mean), variance = std::fmax(s.variance, size + 0.02 * (1.0 + size));
    return {0.5 * (variance + s.mean), 0.5 * (variance - s.mean)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
