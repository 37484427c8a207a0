#pragma once

// What is left of log Gamma and its derivatives when their large parts are taken out or cancel in a beta function.

#include <initializer_list>

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log x - 1/(2x) - digamma(x)
inline double digamma_rest(double x) {
  if (x < 20.0) return vlog(x) - 0.5 / x - special::digamma(x);
  const double w = 1.0 / (x * x);
  return w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132)))));
}
// trigamma(x) - 1/x - 1/(2x^2)
inline double trigamma_rest(double x) {
  const double r = 1.0 / x;
  if (x < 20.0) return special::trigamma(x) - r - 0.5 * r * r;
  const double w = r * r;
  return r * w * (1.0 / 6 - w * (1.0 / 30 - w * (1.0 / 42 - w * (1.0 / 30 - w * (5.0 / 66)))));
}
// digamma(a + b) - digamma(a) and trigamma(a + b) - trigamma(a), with all digits also where b is small beside a.
inline double digamma_gap(double a, double b) {
  const double n = a + b, r = b / a;
  return vlog1p(r) + 0.5 * r / n + (digamma_rest(a) - digamma_rest(n));
}
inline double trigamma_gap(double a, double b) {
  const double n = a + b, r = b / a / n;
  return -r - 0.5 * r * (1.0 / n + 1.0 / a) + (trigamma_rest(n) - trigamma_rest(a));
}

// -log B(a, b)
inline double minus_log_beta(double a, double b) {
  return special::lgamma(a + b) - (special::lgamma(a) + special::lgamma(b));
}
template <class... P, class... Q>
inline auto minus_log_beta(const jet<P...>& a, const jet<Q...>& b) {
  return chain(minus_log_beta(a.v, b.v), digamma_gap(a.v, b.v), digamma_gap(b.v, a.v), trigamma_gap(a.v, b.v),
               special::trigamma(a.v + b.v), trigamma_gap(b.v, a.v), a, b);
}
// log of a^a b^b / (n^n B(a, b)), n = a + b: the largest value of y^a (1 - y)^b / B(a, b), by Stirling's formula.
inline double log_beta_peak(double a, double b) {
  const double n = a + b;
  return 0.5 * (vlog(a) + vlog(b / n) - 1.8378770664093454836) +
         (special::stirling_correction(n) - special::stirling_correction(a) - special::stirling_correction(b));
}

// log Gamma(a + d) - log Gamma(a), a and a + d positive.
inline double log_gamma_step(double a, double d) {
  const double n = a + d;
  if (a < 16.0 || n < 16.0) return special::lgamma(n) - special::lgamma(a);
  // (n - 1/2) log n - n less the same at a, and the remainders of Stirling's formula
  return d * vlog(a) + (n - 0.5) * vlog1p(d / a) - d +
         (special::stirling_correction(n) - special::stirling_correction(a));
}
// log Gamma(a + 2d) - 2 log Gamma(a + d) + log Gamma(a): by Gauss and Legendre's rule from trigamma, where it cancels.
inline double second_difference(double a, double d) {
  if (__builtin_fabs(d) > 0.25 * a)
    return special::lgamma(a + 2.0 * d) - 2.0 * special::lgamma(a + d) + special::lgamma(a);
  constexpr double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                             0.9739065285171717};
  constexpr double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                               0.0666713443086881};
  double sum = 0.0;
  for (int i = 0; i < 5; ++i)
    for (const double s : {0.5 + 0.5 * node[i], 0.5 - 0.5 * node[i]})
      sum +=
          0.5 * weight[i] * (1.0 - s) * (special::trigamma(a + d * (1.0 + s)) + special::trigamma(a + d * (1.0 - s)));
  return d * d * sum;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
