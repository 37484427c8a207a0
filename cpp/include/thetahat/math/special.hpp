#pragma once

// Special functions of probability, one number at a time, compiled once for every target. They throw nothing, touch no
// global state and call nothing of the C library, so that a result has the same bits on every machine. Outside its
// domain a function returns NaN; its bound is a line of bounds.hpp, repeated here as `error`: in units in the last
// place of the result, times the stated scale.

namespace thetahat::special {

// log Gamma(x) for x >= 0.
// error: 4 ulp relative, next to the zeros at 1 and 2 too.
double lgamma(double x);
// Derivatives of lgamma for x > 0.
// error: 4 ulp relative, next to digamma's zero at 1.4616 too.
double digamma(double x);
double trigamma(double x);
double tetragamma(double x);

// log Gamma(a) - [(a - 1/2) log a - a + log(2 pi)/2] for a > 0: what Stirling's formula leaves.
// error: 6 ulp.
double stirling_correction(double a);
// log(1 + x) - x for x >= -1.
// error: 5 ulp.
double log1pmx(double x);
// x log(x/m) + m - x for x, m >= 0: nonnegative, without cancellation however close x is to m.
// error: 6 ulp.
double deviance(double x, double m);
// log B(a, b) for a, b > 0.
// error: 8 ulp * max(1, |f|).
double lbeta(double a, double b);
// log(1 - exp(-x)) for x >= 0.
// error: 2 ulp.
double log1mexp(double x);
// log(exp(a) + exp(b)).
// error: 2 ulp * max(1, |f|).
double log_sum_exp(double a, double b);

// The standard normal law.
// error: 4 ulp for the probabilities and the logarithm; 8 ulp for the quantile, * max(1, |p log p f'/f|) from log p.
double normal_cdf(double x);
double normal_sf(double x);
double log_normal_cdf(double x);
double normal_quantile(double p);
double normal_quantile_log(double log_p);

// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P for a > 0, x >= 0.
// error: 32 ulp * max(1, |log f|) for the values and 32 ulp * max(1, |log f|)/|log f| for the logarithms, which stay
// right where the value underflows; a in [1e-10, 1e10].
double gamma_p(double a, double x);
double gamma_q(double a, double x);
double log_gamma_p(double a, double x);
double log_gamma_q(double a, double x);
// The x with P(a, x) = p, or Q(a, x) = q.
// error: 32 ulp * max(1, the relative change of x per relative change of the smaller tail * max(1, |log tail|)).
double gamma_p_inverse(double a, double p);
double gamma_q_inverse(double a, double q);

// The regularised incomplete beta function I_x(a, b) and its complement for a, b > 0 and x in [0, 1]. Of x and 1 - x
// the smaller is taken as exact.
// error: as the incomplete gamma functions; a, b in [1e-10, 1e10].
double beta_p(double a, double b, double x, double one_minus_x);
double beta_q(double a, double b, double x, double one_minus_x);
double log_beta_p(double a, double b, double x, double one_minus_x);
double log_beta_q(double a, double b, double x, double one_minus_x);

struct unit_pair {
  double x, one_minus_x;
};
// The x with I_x(a, b) = p, or 1 - I_x(a, b) = q.
// error: as the inverse gamma functions, for the smaller of x and 1 - x.
unit_pair beta_p_inverse(double a, double b, double p);
unit_pair beta_q_inverse(double a, double b, double q);

}  // namespace thetahat::special
