#pragma once

// What is left of exp(t) when the first terms of its series are taken away, over the power that follows: the removable
// singularities of power laws that become logarithmic, with their derivatives.

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct exponential_rest {
  double f, f1, f2;
};

// (e^t - 1) / t: the integral of e^(s t) over 0 < s < 1, its derivatives those of s e^(s t), s^2 e^(s t).
THETAHAT_INLINE exponential_rest first_rest(double t, double e) {
  double p = 0.0, p1 = 0.0, p2 = 0.0, c = 1.0 / 403291461126605635584000000.0;  // 1 / 26!
#define THETAHAT_REST(n) \
  p = __builtin_fma(p, t, c * (1.0 / (n + 1))), p1 = __builtin_fma(p1, t, c * (1.0 / (n + 2))), \
  p2 = __builtin_fma(p2, t, c * (1.0 / (n + 3))), c *= n
  THETAHAT_REST(26);
  THETAHAT_REST(25);
  THETAHAT_REST(24);
  THETAHAT_REST(23);
  THETAHAT_REST(22);
  THETAHAT_REST(21);
  THETAHAT_REST(20);
  THETAHAT_REST(19);
  THETAHAT_REST(18);
  THETAHAT_REST(17);
  THETAHAT_REST(16);
  THETAHAT_REST(15);
  THETAHAT_REST(14);
  THETAHAT_REST(13);
  THETAHAT_REST(12);
  THETAHAT_REST(11);
  THETAHAT_REST(10);
  THETAHAT_REST(9);
  THETAHAT_REST(8);
  THETAHAT_REST(7);
  THETAHAT_REST(6);
  THETAHAT_REST(5);
  THETAHAT_REST(4);
  THETAHAT_REST(3);
  THETAHAT_REST(2);
  THETAHAT_REST(1);
#undef THETAHAT_REST
  p = __builtin_fma(p, t, 1.0), p1 = __builtin_fma(p1, t, 1.0 / 2), p2 = __builtin_fma(p2, t, 1.0 / 3);
  const double r = 1.0 / t, f = (e - 1.0) * r, f1 = (e - f) * r, f2 = (e - 2.0 * f1) * r;
  const bool near = __builtin_fabs(t) < 2.0;
  return {near ? p : f, near ? p1 : f1, near ? p2 : f2};
}

// (e^t - 1 - t) / t^2, likewise of (1 - s) e^(s t).
THETAHAT_INLINE exponential_rest second_rest(double t, double e) {
  double p = 0.0, p1 = 0.0, p2 = 0.0, c = 1.0 / 403291461126605635584000000.0;
#define THETAHAT_REST(n) \
  p = __builtin_fma(p, t, c * (1.0 / ((n + 1.0) * (n + 2.0)))), \
  p1 = __builtin_fma(p1, t, c * (1.0 / ((n + 2.0) * (n + 3.0)))), \
  p2 = __builtin_fma(p2, t, c * (1.0 / ((n + 3.0) * (n + 4.0)))), c *= n
  THETAHAT_REST(26);
  THETAHAT_REST(25);
  THETAHAT_REST(24);
  THETAHAT_REST(23);
  THETAHAT_REST(22);
  THETAHAT_REST(21);
  THETAHAT_REST(20);
  THETAHAT_REST(19);
  THETAHAT_REST(18);
  THETAHAT_REST(17);
  THETAHAT_REST(16);
  THETAHAT_REST(15);
  THETAHAT_REST(14);
  THETAHAT_REST(13);
  THETAHAT_REST(12);
  THETAHAT_REST(11);
  THETAHAT_REST(10);
  THETAHAT_REST(9);
  THETAHAT_REST(8);
  THETAHAT_REST(7);
  THETAHAT_REST(6);
  THETAHAT_REST(5);
  THETAHAT_REST(4);
  THETAHAT_REST(3);
  THETAHAT_REST(2);
  THETAHAT_REST(1);
#undef THETAHAT_REST
  p = __builtin_fma(p, t, 1.0 / 2), p1 = __builtin_fma(p1, t, 1.0 / 6), p2 = __builtin_fma(p2, t, 1.0 / 12);
  const double r = 1.0 / t, one = (e - 1.0) * r, one1 = (e - one) * r;
  const double f = (one - 1.0) * r, f1 = (one - 2.0 * f) * r, f2 = (one1 - 3.0 * f1) * r;
  const bool near = __builtin_fabs(t) < 2.0;
  return {near ? p : f, near ? p1 : f1, near ? p2 : f2};
}

// (e^(x y) - 1 - x y) / x^2, which is y^2 / 2 at x = 0.
THETAHAT_INLINE double exp_rest_ratio(double x, double y, double e) { return y * y * second_rest(x * y, e).f; }
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto exp_rest_ratio(const jet<P...>& x, const jet<Q...>& y, double e) {
  // When the compiler asks which derivatives there are, their sizes do not matter.
  if (__builtin_is_constant_evaluated()) return chain(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, x, y);
  const double t = x.v * y.v, yy = y.v * y.v;
  const exponential_rest first = first_rest(t, e), second = second_rest(t, e);
  return chain(yy * second.f, yy * y.v * second.f1, y.v * first.f, yy * yy * second.f2, yy * first.f1, e, x, y);
}

template <class A, class B, class E, if_tags<A, B> = 0>
constexpr opaque exp_rest_ratio(A, B, E) {
  return {};
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
