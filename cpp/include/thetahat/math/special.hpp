#pragma once

// Special functions of probability, one number at a time, compiled once for every target. They throw nothing, touch no
// global state and call nothing of the C library's mathematics, so that a result has the same bits on every machine.
// Outside its domain a function returns NaN. `error` is in units in the last place of the result, times the scale of
// the function's line in bounds.hpp, and holds for the functions below it.

namespace thetahat::special {

// log Gamma(x), x >= 0: relatively accurate next to its zeros at 1 and 2.
// error: 3.5 ulp
double lgamma(double x);
// Derivatives of lgamma, x > 0; digamma is relatively accurate next to its zero at 1.4616.
// error: 3.5 ulp
double digamma(double x);
double trigamma(double x);
double tetragamma(double x);

// log Gamma(a) - [(a - 1/2) log a - a + log(2 pi)/2], a > 0: what Stirling's formula leaves.
// error: 7 ulp
double stirling_correction(double a);
// log(1 + x) - x, x >= -1.
// error: 3 ulp
double log1pmx(double x);
// x log(x/m) + m - x, x, m >= 0: nonnegative, without cancellation however close x is to m.
// error: 6 ulp
double deviance(double x, double m);
// exp(x) - 1 - x, without cancellation next to zero.
// error: 5 ulp
double exp_rest(double x);
// trigamma(x) - 1/x, x > 0.
// error: 6 ulp
double trigamma_rest(double x);
// g(b) - g(a) - g'(a) (b - a) of the convex g(x) = log Gamma(x) - x log(x) + x, a, b > 0: nonnegative, without
// cancellation however close a and b are.
// error: 8 ulp
double shape_divergence(double a, double b);
// log B(a, b), a, b > 0.
// error: 8 ulp
double lbeta(double a, double b);
// log(1 - exp(-x)), x >= 0.
// error: 2 ulp
double log1mexp(double x);
// log(exp(a) + exp(b)).
// error: 2 ulp
double log_sum_exp(double a, double b);

// The standard normal law; the logarithm and the quantile of one stay right where the probability underflows.
// error: 4 ulp
double normal_cdf(double x);
double normal_sf(double x);
double log_normal_cdf(double x);
// The logarithm of what Owen's T leaves of a quadrant: 1/(2 pi) times the integral over x from a to infinity of
// exp(-h^2 (1 + x^2) / 2) / (1 + x^2), which is Phi(-h)/2 - T(h, a); h, a >= 0.
// error: 4 ulp
double log_owen_rest(double h, double a);
// error: 7 ulp
double normal_quantile(double p);
double normal_quantile_log(double log_p);

// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P, a > 0, x >= 0. The logarithms stay right where
// the values underflow.
// error: 16 ulp
double gamma_p(double a, double x);
double gamma_q(double a, double x);
double log_gamma_p(double a, double x);
double log_gamma_q(double a, double x);
// The x with P(a, x) = p, or Q(a, x) = q.
// error: 16 ulp
double gamma_p_inverse(double a, double p);
double gamma_q_inverse(double a, double q);

// The regularised incomplete beta function I_x(a, b) and its complement, a, b > 0, x in [0, 1]. Of x and 1 - x the
// smaller is taken as exact.
// error: 16 ulp
double beta_p(double a, double b, double x, double one_minus_x);
double beta_q(double a, double b, double x, double one_minus_x);
double log_beta_p(double a, double b, double x, double one_minus_x);
// error: 20 ulp
double log_beta_q(double a, double b, double x, double one_minus_x);

// log I_nu(x) - x, I_(nu+1)(x) / I_nu(x), nu, x >= 0, and log K_nu(x) + x, x > 0.
// error: 16 ulp
double log_bessel_i(double nu, double x);
double bessel_i_ratio(double nu, double x);
double log_bessel_k(double nu, double x);
// Their derivatives in nu (dn) and in x times x (dx), times x^2 (dxx); math/bessel.hpp has them together.
// error: 64 ulp
double log_bessel_k_dx(double nu, double x);
double log_bessel_k_dxx(double nu, double x);
double log_bessel_k_dn(double nu, double x);
double log_bessel_k_dnn(double nu, double x);
double log_bessel_k_dnx(double nu, double x);
// error: 256 ulp
double log_bessel_i_dx(double nu, double x);
// error: 512 ulp
double log_bessel_i_dxx(double nu, double x);

struct unit_pair {
  double x, one_minus_x;
};
// The x with I_x(a, b) = p, or 1 - I_x(a, b) = q; the error is that of the smaller of x and 1 - x.
// error: 16 ulp
unit_pair beta_p_inverse(double a, double b, double p);
unit_pair beta_q_inverse(double a, double b, double q);

}  // namespace thetahat::special
