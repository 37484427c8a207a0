#pragma once

// asinh and cosh - 1 for laws whose densities are functions of the distance from a point to a hyperbola.

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

THETAHAT_INLINE double root_1p_square(double y) {  // sqrt(1 + y^2)
  const double a = __builtin_fabs(y);
  return a < 1e8 ? __builtin_sqrt(1.0 + a * a) : a;
}
THETAHAT_INLINE double asinh(double y) {
  const double a = __builtin_fabs(y);
  const double b = a < 1e8 ? a : 1e8;
  const double near = vlog1p(b + b * (b / (1.0 + __builtin_sqrt(1.0 + b * b))));
  const double far = vlog(a > 1.0 ? a : 1.0) + 0.69314718055994530942;
  return __builtin_copysign(a < 1e8 ? near : far, y);
}
THETAHAT_INLINE double half_sinh(double t) {  // sinh(t/2)
  const double e = vexpm1(0.5 * __builtin_fabs(t));
  return __builtin_copysign(0.5 * (e + e / (e + 1.0)), t);
}
THETAHAT_INLINE double cosh_m1(double t) {
  const double s = half_sinh(t);
  return 2.0 * s * s;
}

template <class... P>
THETAHAT_INLINE auto root_1p_square(const jet<P...>& y) {
  const double q = root_1p_square(y.v), r = 1.0 / q;
  return chain(q, y.v * r, r * r * r, y);
}
template <class... P>
THETAHAT_INLINE auto asinh(const jet<P...>& y) {
  const double r = 1.0 / root_1p_square(y.v);
  return chain(asinh(y.v), r, -y.v * r * r * r, y);
}
template <class... P>
THETAHAT_INLINE auto cosh_m1(const jet<P...>& t) {
  const double s = half_sinh(t.v), f = 2.0 * s * s;
  return chain(f, 2.0 * s * root_1p_square(s), 1.0 + f, t);
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
