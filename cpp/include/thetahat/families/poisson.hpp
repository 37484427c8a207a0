#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct poisson {
  static constexpr family_info info = {
      .name = "poisson",
      .class_name = "Poisson",
      .summary = "Number of independent rare events in a fixed exposure.",
      .formula = "log p(x) = x log(rate) - rate - log(x!)",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, chapter 4",
      .kind = kind::discrete,
      .support = {0.0, infinity, true, false, "x = 0, 1, 2, ..."},
      .scipy = "poisson",
      .scipy_arguments = {{"mu", convert::identity, "rate"}},
      .torch = "Poisson",
  };
  struct theta {
    double rate;
  };
  static constexpr parameter parameters[] = {
      {"rate", domain::positive, coordinate::log, "expected number of events"},
  };
  static constexpr theta cases[] = {{3.3}, {0.02}, {100.0}, {1e6}, {1e-12}};

  template <class R>
  THETAHAT_INLINE static auto internal(const R& rate) {
    return at(zero{}, unit_scale{}, rate);
  }
  static theta canonical(const point& p) { return {p.shape[0]}; }

  template <class R, class L>
  struct fields {
    R rate;
    L log_rate;
  };
  template <class R>
  static auto prepare(const R& rate) {
    return fields<R, decltype(log(rate))>{rate, log(rate)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(-p.rate);
    sink.add(p.log_rate, z);
    sink.add(-1.0, log_factorial(z));
  }
  // Loader (2000), Fast and Accurate Computation of Binomial Probabilities.
  static double log_density(const fields<double, double>& p, double k) {
    if (k == 0.0) return -p.rate;
    return -0.5 * (log_two_pi + log(k)) - special::stirling_correction(k) - special::deviance(k, p.rate);
  }

  static double cdf(theta t, double x) { return special::gamma_q(x + 1.0, t.rate); }
  static double sf(theta t, double x) { return special::gamma_p(x + 1.0, t.rate); }
  static double log_cdf(theta t, double x) { return special::log_gamma_q(x + 1.0, t.rate); }
  static double log_sf(theta t, double x) { return special::log_gamma_p(x + 1.0, t.rate); }
  static double mean(theta t) { return t.rate; }
  static double variance(theta t) { return t.rate; }
  static double mode(theta t) { return std::floor(t.rate); }
  static double moment(theta t, int k) {
    return raw_moment(k, [&](int j) { return std::pow(t.rate, j); });
  }
  static double skewness(theta t) { return 1.0 / std::sqrt(t.rate); }
  static double kurtosis(theta t) { return 1.0 / t.rate; }
  static double kl(theta p, theta q) { return special::deviance(p.rate, q.rate); }
  static double poisson_rate(theta t) { return t.rate; }

  static theta mle(const statistics& s) { return {s.pivot + s.sum / s.weight}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
