#include "special_detail.hpp"
#include "thetahat/math/mills.hpp"

namespace thetahat::special {

namespace detail {

double scaled_erfc(double x) { return thetahat::scaled_erfc(x); }

namespace {

constexpr double sqrt_half = 0.70710678118654752440;

// P(X > x) of a standard normal for x >= 0.
double upper_tail(double x) {
  // 1/2 - x E(x^2) near zero, E minimax for x^2 <= 1/2, relative error 2^-57.8: P(X > 0) is 1/2 exactly.
  static constexpr double central[] = {
      0.3989422804014327,     -0.06649038006690494,   0.009973557010009026,
      -0.0011873282149317869, 0.00011543468197897232, -9.444623667733757e-06,
      6.658583879110167e-07,  -4.100551958845881e-08, 2.0333760580733476e-09,
  };
  if (x * x < 0.5) return 0.5 - x * polynomial(central, x * x);
  if (x > 40.0) return 0.0;
  const double square = x * x;
  const double lost = __builtin_fma(x, x, -square);
  return vexp(-0.5 * square) * (1.0 - 0.5 * lost) * (0.5 * scaled_erfc(x * sqrt_half));
}

double log_upper_tail(double x) {
  const double square = x * x;
  if (square == infinity) return -infinity;
  const double lost = __builtin_fma(x, x, -square);
  return -0.5 * square + (vlog(0.5 * scaled_erfc(x * sqrt_half)) - 0.5 * lost);
}

// Wichura, Algorithm AS 241, Applied Statistics 37 (1988) 477. `q` = p - 1/2, |q| <= 0.425.
double central_quantile(double q) {
  static constexpr double numerator[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                         1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                         3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr double denominator[] = {1.0,
                                           4.2313330701600911252e+1,
                                           6.8718700749205790830e+2,
                                           5.3941960214247511077e+3,
                                           2.1213794301586595867e+4,
                                           3.9307895800092710610e+4,
                                           2.8729085735721942674e+4,
                                           5.2264952788528545610e+3};
  const double r = 0.180625 - q * q;
  return q * polynomial(numerator, r) / polynomial(denominator, r);
}

// The z with log P(X > z) = log_p, for log_p <= log 0.075.
double tail_quantile(double log_p) {
  static constexpr double near_numerator[] = {
      1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double near_denominator[] = {1.0,
                                                2.05319162663775882187e0,
                                                1.67638483018380384940e0,
                                                6.89767334985100004550e-1,
                                                1.48103976427480074590e-1,
                                                1.51986665636164571966e-2,
                                                5.47593808499534494600e-4,
                                                1.05075007164441684324e-9};
  static constexpr double far_numerator[] = {
      6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double far_denominator[] = {1.0,
                                               5.99832206555887937690e-1,
                                               1.36929880922735805310e-1,
                                               1.48753612908506148525e-2,
                                               7.86869131145613259100e-4,
                                               1.84631831751005468180e-5,
                                               1.42151175831644588870e-7,
                                               2.04426310338993978564e-15};
  const double r = __builtin_sqrt(-log_p);
  if (r <= 5.0) return polynomial(near_numerator, r - 1.6) / polynomial(near_denominator, r - 1.6);
  if (r <= 27.0) return polynomial(far_numerator, r - 5.0) / polynomial(far_denominator, r - 5.0);
  if (log_p == -infinity) return infinity;
  // Newton's method on the logarithm; the tail's log is nearly quadratic out here, so that three steps are plenty.
  double z = __builtin_sqrt(2.0) * r;
  for (int step = 0; step < 3; ++step) {
    const double mills = 1.25331413731550025121 * scaled_erfc(z * sqrt_half);
    z += (log_upper_tail(z) - log_p) * mills;
  }
  return z;
}

}  // namespace
}  // namespace detail

double normal_cdf(double x) { return x < 0.0 ? detail::upper_tail(-x) : 1.0 - detail::upper_tail(x); }

double normal_sf(double x) { return normal_cdf(-x); }

double log_normal_cdf(double x) {
  if (x < -1.0) return detail::log_upper_tail(-x);
  return x < 0.0 ? vlog(detail::upper_tail(-x)) : vlog1p(-detail::upper_tail(x));
}

double normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return detail::not_a_number;
  const double q = p - 0.5;
  if (__builtin_fabs(q) <= 0.425) return detail::central_quantile(q);
  return q < 0.0 ? -detail::tail_quantile(vlog(p)) : detail::tail_quantile(vlog(1.0 - p));
}

double normal_quantile_log(double log_p) {
  constexpr double log_below = -2.5902671654458265, log_above = -0.0779615414697119;  // log 0.075, log 0.925
  if (!(log_p <= 0.0)) return detail::not_a_number;
  if (log_p < log_below) return -detail::tail_quantile(log_p);
  if (log_p > log_above) return detail::tail_quantile(log1mexp(-log_p));
  return detail::central_quantile(vexpm1(log_p) + 0.5);
}

double log1mexp(double x) { return x < -detail::log_half ? vlog(-vexpm1(-x)) : vlog1p(-vexp(-x)); }

double log_sum_exp(double a, double b) {
  const double high = a > b ? a : b;
  const double low = a > b ? b : a;
  if (high == low) return high - detail::log_half;  // equal infinities have no difference
  return high + vlog1p(vexp(low - high));
}

}  // namespace thetahat::special
