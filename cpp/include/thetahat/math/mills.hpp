#pragma once

// Mills' ratio of the normal law, R(t) = P(N > t) / phi(t), for lane loops.

#include "elementary.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// exp(x^2) erfc(x) for x >= 0: (1 + 2x) times it as a polynomial in (x - 4)/(x + 4) on the whole half-line (Shepherd and
// Laframboise, Math. Comp. 36 (1981) 249); minimax, relative error 2^-57.0.
THETAHAT_INLINE double scaled_erfc(double x) {
  const double y = (x - 4.0) / (x + 4.0);
  double sum = -2.5615959667327763e-10;
#define THETAHAT_STEP(coefficient) sum = sum * y + (coefficient);
  THETAHAT_STEP(9.306362490893699e-10)
  THETAHAT_STEP(3.1116961817603597e-09)
  THETAHAT_STEP(-1.2343945638327257e-08)
  THETAHAT_STEP(-2.0411267888168536e-08)
  THETAHAT_STEP(1.063317343414264e-07)
  THETAHAT_STEP(7.724889934130688e-08)
  THETAHAT_STEP(-8.210849364148469e-07)
  THETAHAT_STEP(2.9218029385581945e-07)
  THETAHAT_STEP(5.706597138234881e-06)
  THETAHAT_STEP(-1.12214146860773e-05)
  THETAHAT_STEP(-2.4397742663484198e-05)
  THETAHAT_STEP(0.00015062154239999247)
  THETAHAT_STEP(-0.0001992571478399694)
  THETAHAT_STEP(-0.0007577732754736832)
  THETAHAT_STEP(0.005031970067901611)
  THETAHAT_STEP(-0.016197734057403473)
  THETAHAT_STEP(0.037167515526528874)
  THETAHAT_STEP(-0.06633036581242592)
  THETAHAT_STEP(0.09373283499909571)
  THETAHAT_STEP(-0.10103906603628832)
  THETAHAT_STEP(0.06809705425466908)
  THETAHAT_STEP(0.01537965210261936)
  THETAHAT_STEP(-0.1396211168405623)
  THETAHAT_STEP(1.2329951186255526)
#undef THETAHAT_STEP
  const double ratio = sum / (1.0 + 2.0 * x);
  return x > 1e9 ? 0.56418958354775628695 / x : ratio;
}

// R(t), t >= 0.
THETAHAT_INLINE double mills_ratio(double t) {
  return 1.25331413731550025121 * scaled_erfc(t * 0.70710678118654752440);
}

// The tails of Laplace's continued fraction 1/R(t) = t + 1/(t + 2/(t + 3/(t + ...))), times t, as functions of
// w = 1/t, w <= 1/5: k = 1/(1 + w^2 c), c = 2/(1 + w^2 d), d = 3/(1 + w^2 ...). Exact to rounding, w = 0 included.
struct mills_tails {
  double k, c, d;
};
THETAHAT_INLINE mills_tails mills_fraction(double w) {
  const double s = w * w;
  double q = 0.5 * (1.0 + __builtin_sqrt(1.0 + 112.0 * s));  // the fixed point of level 28
#define THETAHAT_STEP(j) q = 1.0 + (j * s) / q;
  THETAHAT_STEP(27.0)
  THETAHAT_STEP(26.0)
  THETAHAT_STEP(25.0)
  THETAHAT_STEP(24.0)
  THETAHAT_STEP(23.0)
  THETAHAT_STEP(22.0)
  THETAHAT_STEP(21.0)
  THETAHAT_STEP(20.0)
  THETAHAT_STEP(19.0)
  THETAHAT_STEP(18.0)
  THETAHAT_STEP(17.0)
  THETAHAT_STEP(16.0)
  THETAHAT_STEP(15.0)
  THETAHAT_STEP(14.0)
  THETAHAT_STEP(13.0)
  THETAHAT_STEP(12.0)
  THETAHAT_STEP(11.0)
  THETAHAT_STEP(10.0)
  THETAHAT_STEP(9.0)
  THETAHAT_STEP(8.0)
  THETAHAT_STEP(7.0)
  THETAHAT_STEP(6.0)
  THETAHAT_STEP(5.0)
  THETAHAT_STEP(4.0)
#undef THETAHAT_STEP
  const double d = 3.0 / q;
  const double c = 2.0 / (1.0 + s * d);
  return {1.0 / (1.0 + s * c), c, d};
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
