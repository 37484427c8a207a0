#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct uniform {
  static constexpr family_info info = {
      .name = "uniform",
      .class_name = "Uniform",
      .summary = "Every point of an interval equally likely; its estimate is the sample's range.",
      .formula = "log p(x) = -log(high - low), low <= x <= high",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 26",
      .group = group::location_scale,
      .support = {-infinity, infinity, false, false, "low <= x <= high"},
      .constraint = "low < high",
      .scipy = "uniform",
      .scipy_arguments = {{"loc", convert::identity, "low"}, {"scale", convert::difference, "high", "low"}},
      .torch = "Uniform",
  };
  struct theta {
    double low, high;
  };
  static constexpr parameter parameters[] = {
      {.name = "low",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "lower end; its estimate is the sample minimum",
       .boundary = true},
      {.name = "high",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "upper end; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-2.5, 7.0}, {1e9, 1e9 + 3.0}, {-1e-12, 1e-12}};

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
    return fields<decltype(-log(high - low))>{-log(high - low), value(low), value(high)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x >= p.low && x <= p.high;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z&, const E&, Sink& sink) {
    sink.constant(p.norm);
  }
  static bool admissible(const point&) { return false; }  // nothing but the row's own test tells whether it is inside
  static bool regular(theta) { return false; }
  static double lower(theta t) { return t.low; }
  static double upper(theta t) { return t.high; }

  static double share(theta t, double x) { return (x - t.low) / (t.high - t.low); }
  static double cdf(theta t, double x) { return share(t, x); }
  static double sf(theta t, double x) { return (t.high - x) / (t.high - t.low); }
  static double icdf(theta t, double q) { return t.low + (t.high - t.low) * q; }
  static double isf(theta t, double q) { return t.high - (t.high - t.low) * q; }
  static double mean(theta t) { return 0.5 * t.low + 0.5 * t.high; }
  static double variance(theta t) { return (t.high - t.low) * (t.high - t.low) / 12.0; }
  static double mode(theta t) { return mean(t); }
  static double entropy(theta t) { return std::log(t.high - t.low); }
  static double skewness(theta) { return 0.0; }
  static double kurtosis(theta) { return -1.2; }
  static double kl(theta p, theta q) {
    if (p.low < q.low || p.high > q.high) return infinity;
    return std::log1p(((q.high - p.high) + (p.low - q.low)) / (p.high - p.low));
  }

  static theta mle(const statistics& s) { return {s.minimum, s.maximum}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
