#pragma once

// What is left of log Gamma and its derivatives when their large parts are taken out or cancel in a beta function.

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

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
