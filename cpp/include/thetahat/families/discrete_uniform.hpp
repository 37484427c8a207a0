#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct discrete_uniform {
  static constexpr family_info info = {
      .name = "discrete_uniform",
      .class_name = "DiscreteUniform",
      .summary = "Every whole number of a range equally likely: a fair die.",
      .formula = "log p(x) = -log(high - low + 1), low <= x <= high",
      .source = "Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 6.10.1",
      .kind = kind::discrete,
      .tier = 2,
      .support = {-infinity, infinity, false, false, "x = low, low + 1, ..., high"},
      .constraint = "low <= high",
      .scipy = "randint",
      .scipy_arguments = {{"low", convert::identity, "low"}, {"high", convert::successor, "high"}},
  };
  struct theta {
    double low, high;
  };
  static constexpr parameter parameters[] = {
      {.name = "low",
       .domain = domain::integer,
       .coordinate = coordinate::identity,
       .doc = "smallest value; its estimate is the sample minimum",
       .boundary = true},
      {.name = "high",
       .domain = domain::integer,
       .coordinate = coordinate::identity,
       .doc = "largest value; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{1.0, 6.0}, {-20.0, 79.0}, {1e9, 1e9 + 3.0}, {-1e5, 1e5}};

  template <class L, class H>
  THETAHAT_INLINE static auto internal(const L& low, const H& high) {
    return at(zero{}, unit_scale{}, low, high);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }
  static bool valid(theta t) { return t.low <= t.high; }

  template <class N>
  struct fields {
    N norm;
    double low, high;
  };
  template <class L, class H>
  static auto prepare(const L& low, const H& high) {
    const double norm = -log(value(high) - value(low) + 1.0);
    return fields<double>{norm, value(low), value(high)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x >= p.low && x <= p.high;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z&, const E&, Sink& sink) {
    sink.constant(p.norm);
  }
  static bool regular(theta) { return false; }
  static double lower(theta t) { return t.low; }
  static double upper(theta t) { return t.high; }

  static double size(theta t) { return t.high - t.low + 1.0; }
  static double cdf(theta t, double x) { return (x - t.low + 1.0) / size(t); }
  static double sf(theta t, double x) { return (t.high - x) / size(t); }
  static double mean(theta t) { return 0.5 * t.low + 0.5 * t.high; }
  static double variance(theta t) { return (size(t) - 1.0) * (size(t) + 1.0) / 12.0; }
  static double mode(theta t) { return t.low; }
  // About the mean: by the sum, or by Euler and Maclaurin's formula for the midpoints of unit cells.
  static double central(double n, int order) {
    if (order % 2 == 1) return 0.0;
    if (order == 0) return 1.0;
    double sum = 0.0;
    if (n <= 1024.0) {
      for (double k = 0.5 * (n - 1.0); k > 0.0; k -= 1.0) sum += 2.0 * std::pow(k, order);
      return sum / n;
    }
    const double half = 0.5 * n, d = order;
    const double first = 1.0 / (d + 1.0), second = -d / 24.0, third = 7.0 * d * (d - 1.0) * (d - 2.0) / 5760.0;
    return std::pow(half, order) * (first + (second + third / (half * half)) / (half * half));
  }
  static double moment(theta t, int k) {
    const double m = mean(t);
    double sum = 0.0, choose = 1.0;
    for (int j = 0; j <= k; ++j) {
      sum += choose * std::pow(m, k - j) * central(size(t), j);
      choose *= static_cast<double>(k - j) / (j + 1);
    }
    return sum;
  }
  static double skewness(theta t) { return t.low < t.high ? 0.0 : not_a_number; }
  static double kurtosis(theta t) {
    const double n = size(t);
    return t.low < t.high ? -1.2 * ((n + 1.0 / n) / (n - 1.0 / n)) : not_a_number;
  }
  static double entropy(theta t) { return std::log(size(t)); }

  static theta mle(const statistics& s) { return {s.minimum, s.maximum}; }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
