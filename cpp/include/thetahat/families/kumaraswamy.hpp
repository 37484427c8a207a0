#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct kumaraswamy {
  static constexpr family_info info = {
      .name = "kumaraswamy",
      .class_name = "Kumaraswamy",
      .summary = "Proportions with a distribution function in closed form: reservoir levels, shares.",
      .formula = "log p(x) = log(concentration1) + log(concentration0) + (concentration1 - 1) * log(x) "
                 "+ (concentration0 - 1) * log(1 - x^concentration1)",
      .source = "Jones (2009), Kumaraswamy's distribution, Statistical Methodology 6, 70-81",
      .observed = observed::log,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, 1.0, false, false, "0 < x < 1"},
      .torch = "Kumaraswamy",
      .limits = {{.kind = limit_kind::interior,
                  .family = "power_function",
                  .parameter = "concentration0",
                  .value = 1.0,
                  .arguments = {{"concentration", convert::identity, "concentration1"}}}},
  };
  struct theta {
    double concentration1, concentration0;
  };
  static constexpr parameter parameters[] = {
      {"concentration1", domain::positive, coordinate::log, "the power of x that is the least of uniform variables"},
      {"concentration0", domain::positive, coordinate::log, "how many uniform variables that is the least of"},
  };
  static constexpr theta cases[] = {{2.0, 3.0}, {0.7, 0.4}, {1.0, 1.0}, {0.05, 20.0}, {40.0, 1e4}, {1e3, 0.3}};

  // z = concentration1 log x = log x^concentration1.
  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& concentration1, const B& concentration0) {
    return at(zero{}, recip(concentration1), concentration0);
  }
  static theta canonical(const point& p) { return {1.0 / p.scale, p.shape[0]}; }

  template <class C, class N>
  struct fields {
    C exponent;
    N norm;
  };
  template <class B>
  static auto prepare(const B& b) {
    return fields<decltype(b - 1.0), decltype(log(b))>{b - 1.0, log(b)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(1.0, z);
    sink.log(p.exponent, -expm1(z), positive);
  }
  // Where most x^concentration1 are small, 1 - x^concentration1 has lost the digits that a large exponent asks for.
  static bool admissible(const point& p) { return p.shape[0] < 16.0; }
  template <class C, class N, class Z>
  THETAHAT_INLINE static auto log_density(const fields<C, N>& p, const Z& z) {
    return p.norm + z + p.exponent * log1mexp(-z);
  }

  static double log_sf(theta t, double x) {
    return t.concentration0 * special::log1mexp(-t.concentration1 * std::log(x));
  }
  static double log_cdf(theta t, double x) {
    const double w = t.concentration1 * std::log(x), both = w + std::log(t.concentration0);
    return w < -40.0 && both < -40.0 ? both : special::log1mexp(-log_sf(t, x));
  }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(log_sf(t, x)); }
  // From the log of the survival function, -h.
  static double from_hazard(theta t, double h) {
    return std::exp(special::log1mexp(h / t.concentration0) / t.concentration1);
  }
  static double icdf(theta t, double q) { return from_hazard(t, -std::log1p(-q)); }
  static double isf(theta t, double q) { return from_hazard(t, -std::log(q)); }
  static double moment(theta t, int k) {  // concentration0 B(1 + k / concentration1, concentration0)
    return std::exp(std::log(t.concentration0) + special::lbeta(1.0 + k / t.concentration1, t.concentration0));
  }
  static double mean(theta t) { return moment(t, 1); }
  // E x^2 - (E x)^2 cancels when the law is concentrated: an integral over the exponential law of the hazard instead,
  // by the double exponential rule.
  static double variance(theta t) {
    const double m = mean(t);
    double sum = 0.0, weights = 0.0;
    for (int i = -220; i <= 220; ++i) {
      const double u = i / 50.0, h = std::exp(0.5 * pi * std::sinh(u));
      const double weight = std::cosh(u) * h * std::exp(-h), d = from_hazard(t, h) - m;
      sum += weight * d * d;
      weights += weight;
    }
    return sum / weights;
  }
  static double mode(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    if (a < 1.0 || b < 1.0) return a < b ? 0.0 : 1.0;
    return a == 1.0 && b == 1.0 ? 0.5 : std::pow((a - 1.0) / (a * b - 1.0), 1.0 / a);
  }
  static double entropy(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    return (1.0 - 1.0 / b) + (1.0 - 1.0 / a) * (special::digamma(b + 1.0) + euler_gamma) - std::log(a) - std::log(b);
  }
  static double draw_from_exponential(theta t, double e) { return from_hazard(t, e); }

  // concentration0 has a closed form beside concentration1, which is searched for by the likelihood of some quantiles.
  static theta start(const start_sample& s) {
    constexpr int points = 64;
    double v[points], mean = 0.0;
    for (int i = 0; i < points; ++i) {
      v[i] = std::fmin(s.quantile((i + 0.5) / points), -1e-300);
      mean += v[i] / points;
    }
    theta best = {-1.0 / mean, 1.0};
    double most = -infinity;
    for (int k = -48; k <= 48; ++k) {
      const double a = std::exp2(0.25 * k) / -mean;
      double sum = 0.0;
      for (double each : v) sum += special::log1mexp(-a * each) / points;
      const double value = std::log(a) + a * mean - sum - std::log(-sum);
      if (value > most && sum < 0.0) {
        most = value;
        best = {a, -1.0 / sum};
      }
    }
    return best;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
