#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log(high / low), without cancellation.
inline double log_span(double low, double high) { return log_quotient(high, low); }
template <class... P, class... Q>
inline auto log_span(const jet<P...>& low, const jet<Q...>& high) {
  const double l = 1.0 / low.v, h = 1.0 / high.v;
  return chain(log_span(low.v, high.v), -l, h, l * l, zero{}, -h * h, low, high);
}

struct log_uniform {
  static constexpr family_info info = {
      .name = "log_uniform",
      .class_name = "LogUniform",
      .summary = "Every order of magnitude equally likely, between two ends: the scale-free prior (reciprocal law).",
      .formula = "log p(x) = -log(x) - log(log(high / low)), low <= x <= high",
      .source = "Hamming (1970), On the distribution of numbers, Bell System Technical Journal 49, 1609-1625",
      .group = group::scale,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "low <= x <= high"},
      .constraint = "low < high",
      .scipy = "loguniform",
      .scipy_arguments = {{"a", convert::identity, "low"}, {"b", convert::identity, "high"}},
  };
  struct theta {
    double low, high;
  };
  static constexpr parameter parameters[] = {
      {.name = "low",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "lower end; its estimate is the sample minimum",
       .boundary = true},
      {.name = "high",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "upper end; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{1.0, 100.0}, {0.5, 0.75}, {1e-6, 1e6}, {3.0, 3.0003}, {1e-25, 1e15}};

  template <class L, class H>
  THETAHAT_INLINE static auto internal(const L& low, const H& high) {
    return at(zero{}, unit_scale{}, low, high);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }
  static bool valid(theta t) { return t.low < t.high; }

  template <class N>
  struct fields {
    N norm;
    double low, high;
  };
  template <class L, class H>
  static auto prepare(const L& low, const H& high) {
    auto norm = -log(log_span(low, high));
    return fields<decltype(norm)>{norm, value(low), value(high)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x >= p.low && x <= p.high;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(-1.0, z, positive);
  }
  static bool admissible(const point&) { return false; }  // nothing but the row's own test tells whether it is inside
  static bool regular(theta) { return false; }
  static double lower(theta t) { return t.low; }
  static double upper(theta t) { return t.high; }

  static double span(theta t) { return log_span(t.low, t.high); }
  static double cdf(theta t, double x) { return log_span(t.low, x) / span(t); }
  static double sf(theta t, double x) { return log_span(x, t.high) / span(t); }
  // From the end that is nearer.
  static double icdf(theta t, double q) {
    return q < 0.5 ? t.low * std::exp(q * span(t)) : t.high * std::exp((q - 1.0) * span(t));
  }
  static double isf(theta t, double q) {
    return q < 0.5 ? t.high * std::exp(-q * span(t)) : t.low * std::exp((1.0 - q) * span(t));
  }
  static double moment(theta t, int k) { return std::pow(t.low, k) * std::expm1(k * span(t)) / (k * span(t)); }
  static double mean(theta t) { return (t.high - t.low) / span(t); }
  static double variance(theta t) {
    const double h = 0.5 * span(t), m = mean(t);
    if (h > 1.0) return m * (m * (h / std::tanh(h) - 1.0));
    // h coth(h) - 1, by Lambert's continued fraction
    double k = 23.0;
    for (int i = 21; i >= 3; i -= 2) k = i + h * h / k;
    return m * m * (h * h / k);
  }
  static double mode(theta t) { return t.low; }
  static double entropy(theta t) { return std::log(t.low) + 0.5 * span(t) + std::log(span(t)); }

  static theta mle(const statistics& s) { return {s.minimum, s.maximum}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
