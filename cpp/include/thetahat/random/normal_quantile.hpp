#pragma once

#include "../math/elementary.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// The standard normal quantile for lane loops: Wichura (1988), algorithm AS 241, PPND16, coefficients by select. For
// 2^-53 <= u <= 1 - 2^-53, where leaving out the third branch costs 5e-13; `log_tail` is log(min(u, 1 - u)).
THETAHAT_INLINE double normal_quantile(double u, double log_tail) {
  const double q = u - 0.5;
  const bool central = __builtin_fabs(q) <= 0.425;
  const double r = central ? __builtin_fma(-q, q, 0.180625) : __builtin_sqrt(-log_tail) - 1.6;
  double n = central ? 2.5090809287301226727e+3 : 7.74545014278341407640e-4;
  double d = central ? 5.2264952788528545610e+3 : 1.05075007164441684324e-9;
  n = __builtin_fma(n, r, central ? 3.3430575583588128105e+4 : 2.27238449892691845833e-2);
  d = __builtin_fma(d, r, central ? 2.8729085735721942674e+4 : 5.47593808499534494600e-4);
  n = __builtin_fma(n, r, central ? 6.7265770927008700853e+4 : 2.41780725177450611770e-1);
  d = __builtin_fma(d, r, central ? 3.9307895800092710610e+4 : 1.51986665636164571966e-2);
  n = __builtin_fma(n, r, central ? 4.5921953931549871457e+4 : 1.27045825245236838258e0);
  d = __builtin_fma(d, r, central ? 2.1213794301586595867e+4 : 1.48103976427480074590e-1);
  n = __builtin_fma(n, r, central ? 1.3731693765509461125e+4 : 3.64784832476320460504e0);
  d = __builtin_fma(d, r, central ? 5.3941960214247511077e+3 : 6.89767334985100004550e-1);
  n = __builtin_fma(n, r, central ? 1.9715909503065514427e+3 : 5.76949722146069140550e0);
  d = __builtin_fma(d, r, central ? 6.8718700749205790830e+2 : 1.67638483018380384940e0);
  n = __builtin_fma(n, r, central ? 1.3314166789178437745e+2 : 4.63033784615654529590e0);
  d = __builtin_fma(d, r, central ? 4.2313330701600911252e+1 : 2.05319162663775882187e0);
  n = __builtin_fma(n, r, central ? 3.3871328727963666080e0 : 1.42343711074968357734e0);
  d = __builtin_fma(d, r, 1.0);
  const double quotient = n / d;
  return central ? q * quotient : __builtin_copysign(quotient, q);
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
