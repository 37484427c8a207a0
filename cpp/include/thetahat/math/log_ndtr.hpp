#pragma once

// log Phi(t) of the standard normal law for lane loops, and its first two derivatives. error: 3 ulp of max(1, |f|).

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct log_ndtr_parts {
  double f, f1, f2;
};

// With M the Mills ratio at x = |t|, everything comes from r(x) = 1/M - x, which falls from sqrt(2/pi) to zero as 1/x:
// below zero f' = x + r and f'' = -(x + r) r, where no digits cancel. r (x + 3.5) is a polynomial in
// (x - 3.5)/(x + 3.5) on the whole half-line, relative error 2^-56.
THETAHAT_INLINE log_ndtr_parts log_ndtr_of(double t) {
  const double x = __builtin_fabs(t);
  const double i = 1.0 / (x + 3.5);
  const double y = (x - 3.5) * i;
  const double w = y * y;
  double even = -1.7170281947804443e-09;
  double odd = -3.974647760808169e-09;
  even = __builtin_fma(even, w, 2.227776149277638e-08);
  odd = __builtin_fma(odd, w, 2.089400050041101e-08);
  even = __builtin_fma(even, w, -1.8089360692242053e-07);
  odd = __builtin_fma(odd, w, 1.0966398638150465e-08);
  even = __builtin_fma(even, w, 1.1658078075091153e-06);
  odd = __builtin_fma(odd, w, -4.461466145609855e-07);
  even = __builtin_fma(even, w, -6.185380517495221e-06);
  odd = __builtin_fma(odd, w, 1.9258936160569064e-06);
  even = __builtin_fma(even, w, 2.762069683225279e-05);
  odd = __builtin_fma(odd, w, -3.544696655249873e-06);
  even = __builtin_fma(even, w, -0.00010731824302460504);
  odd = __builtin_fma(odd, w, -4.362967043814445e-06);
  even = __builtin_fma(even, w, 0.00037630740539779524);
  odd = __builtin_fma(odd, w, 5.555277584166589e-05);
  even = __builtin_fma(even, w, -0.0012316453576265004);
  odd = __builtin_fma(odd, w, -0.000204380461067641);
  even = __builtin_fma(even, w, 0.003867808916729445);
  odd = __builtin_fma(odd, w, 0.00027216855695113255);
  even = __builtin_fma(even, w, -0.011862644525782897);
  odd = __builtin_fma(odd, w, 0.002029881705622421);
  even = __builtin_fma(even, w, 0.035587516297510016);
  odd = __builtin_fma(odd, w, -0.02218009878281826);
  even = __builtin_fma(even, w, -0.1007895842280715);
  odd = __builtin_fma(odd, w, 0.15371368344104813);
  even = __builtin_fma(even, w, 0.21069624634473585);
  odd = __builtin_fma(odd, w, -1.0299783886096456);
  even = __builtin_fma(even, w, 1.759738854003898);
  const double r = __builtin_fma(odd, y, even) * i;
  const double m = x + r;
  const double half_square = (0.5 * x) * x;
  const double density = 0.3989422804014327 * exp(-half_square);
  const double below = 1.0 - density / m;
  const bool negative = t < 0.0;
  const double l = log(negative ? m : below);
  const double g = density / below;
  return {negative ? -half_square - (0.91893853320467274178 + l) : l, negative ? m : g,
          negative ? -(m * r) : -(g * (x + g))};
}

THETAHAT_INLINE double log_ndtr(double t) { return log_ndtr_of(t).f; }
// The layout of sums is found at compile time from the types of the derivatives alone.
template <class... P>
THETAHAT_INLINE constexpr auto log_ndtr(const jet<P...>& t) {
  if (__builtin_is_constant_evaluated()) return chain(0.0, 1.0, 1.0, t);
  const log_ndtr_parts l = log_ndtr_of(t.v);
  return chain(l.f, l.f1, l.f2, t);
}
template <class T, if_tags<T, T> = 0>
constexpr opaque log_ndtr(T) {
  return {};
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
