#pragma once

#include "elementary.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// a (r - 1 - log r) with r = m/a, given log r: without cancellation however close m is to a.
THETAHAT_INLINE double scaled_deviance(double a, double m, double log_ratio) {
  const double t = m - a;
  const double s = t / (m + a);
  const double w = s * s;
  double p = 1.0 / 17;
  p = __builtin_fma(p, w, 1.0 / 15);
  p = __builtin_fma(p, w, 1.0 / 13);
  p = __builtin_fma(p, w, 1.0 / 11);
  p = __builtin_fma(p, w, 1.0 / 9);
  p = __builtin_fma(p, w, 1.0 / 7);
  p = __builtin_fma(p, w, 1.0 / 5);
  p = __builtin_fma(p, w, 1.0 / 3);
  const double near = t * s - 2.0 * a * (w * s * p);  // log r = 2 atanh(s)
  const double far = t - a * log_ratio;
  return __builtin_fabs(s) < 0.1 ? near : far;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
