#pragma once

// Inverse hyperbolic sine for lane loops, and what families written in it share.

#include <cmath>

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

constexpr double log_two = 0.69314718055994530942;

THETAHAT_INLINE double asinh(double x) {
  const double a = abs(x);
  const bool huge = a > 0x1p500;  // where the square overflows
  const double small = huge ? 1.0 : a;
  const double near = log1p(small + small * small / (1.0 + __builtin_sqrt(1.0 + small * small)));
  return __builtin_copysign(huge ? log(huge ? a : 1.0) + log_two : near, x);
}
// log(1 + x^2) / 2, which is log cosh asinh x.
THETAHAT_INLINE double half_log1p_square(double x) {
  const double a = abs(x);
  const bool huge = a > 0x1p500;
  const double small = huge ? 1.0 : a;
  return huge ? log(huge ? a : 1.0) : 0.5 * log1p(small * small);
}
template <class... P>
THETAHAT_INLINE constexpr auto asinh(const jet<P...>& x) {
  const double r = 1.0 / (1.0 + x.v * x.v);
  double f = 0.0, f1 = 0.0;
  if (!__builtin_is_constant_evaluated()) f = asinh(x.v), f1 = __builtin_sqrt(r);
  return chain(f, f1, -x.v * r * f1, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto half_log1p_square(const jet<P...>& x) {
  const double r = 1.0 / (1.0 + x.v * x.v), t = x.v * r;
  double f = 0.0;
  if (!__builtin_is_constant_evaluated()) f = half_log1p_square(x.v);
  return chain(f, t, r - 2.0 * t * t, x);
}
template <class T, if_tags<T, T> = 0>
constexpr auto asinh(T t) {
  return combine(t, t);
}
template <class T, if_tags<T, T> = 0>
constexpr auto half_log1p_square(T t) {
  return combine(t, t);
}

// The zero between two ends of a function that falls.
template <class Function>
inline double falling_root(double low, double high, Function f) {
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    if (!(middle > low && middle < high)) break;
    (f(middle) > 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// Two shapes, a location and a scale by five quantiles, for laws whose standard quantile is
// sinh((transformed normal quantile + lean) / tail): the tail from the ratio of ranges, the lean from that of the sides.
struct quantile_match {
  double lean, tail, loc, scale;
};
template <class Transform, class Sample>
inline quantile_match match_quantiles(const Sample& s, Transform transform) {
  const double far = transform(1.6448536269514722), near = transform(0.67448975019608171);
  const double low = s.quantile(0.05), first = s.quantile(0.25), middle = s.quantile(0.5), third = s.quantile(0.75),
               high = s.quantile(0.95);
  const double least = 1e-9 * __builtin_sqrt(s.variance);
  const auto larger = [](double a, double b) { return a > b ? a : b; };
  const double wide = larger(high - low, least), narrow = larger(third - first, 1e-3 * wide);
  const double above = larger(high - middle, 0.02 * wide), below = larger(middle - low, 0.02 * wide);
  quantile_match m{0.0, 1.0, middle, wide};
  const auto at = [&](double w, double lean, double tail) { return std::sinh((w + lean) / tail); };
  for (int round = 0; round < 3; ++round) {
    m.tail = falling_root(0.2, 5.0, [&](double tail) {
      return (at(far, m.lean, tail) - at(-far, m.lean, tail)) / (at(near, m.lean, tail) - at(-near, m.lean, tail)) -
             wide / narrow;
    });
    m.lean = falling_root(-2.0, 2.0, [&](double lean) {
      const double centre = at(0.0, lean, m.tail);
      return above / below - (at(far, lean, m.tail) - centre) / (centre - at(-far, lean, m.tail));
    });
  }
  m.scale = wide / (at(far, m.lean, m.tail) - at(-far, m.lean, m.tail));
  m.loc = middle - m.scale * at(0.0, m.lean, m.tail);
  return m;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
