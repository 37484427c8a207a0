#pragma once

#include <cmath>

#include "functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// sum over j < k of log(1 + alpha j), which is lgamma(k + 1/alpha) - lgamma(1/alpha) + k log(alpha).
struct rising_sums {
  double f, f1, f2;
};
// Its Euler-Maclaurin series from the integral, smooth at alpha = 0; for alpha <= 1/64 the next term is below 1e-15.
inline rising_sums rising_series(double k, double alpha) {
  const double t = alpha * k, w = 1.0 / (1.0 + t);
  const log1p_quotient l = log1p_over(t);
  const double a2 = alpha * alpha, a3 = a2 * alpha, a4 = a2 * a2, a5 = a4 * alpha, k2 = k * k;
  const double w2 = w * w, w3 = w2 * w, w4 = w2 * w2, w5 = w4 * w, w6 = w3 * w3, w7 = w6 * w;
  return {k * (t * (l.f - l.f1 - w)) - 0.5 * std::log1p(t) + alpha * (w - 1.0) / 12 - a3 * (w3 - 1.0) / 360 +
              a5 * (w5 - 1.0) / 1260,
          k2 * (l.f1 + w) - 0.5 * k * w + (w - 1.0) / 12 - alpha * k * w2 / 12 - a2 * (w3 - 1.0) / 120 +
              a3 * k * w4 / 120 + a4 * (w5 - 1.0) / 252 - a5 * k * w6 / 252,
          -k2 * k * (w2 - l.f2) + 0.5 * k2 * w2 - k * w2 / 6 + alpha * k2 * w3 / 6 - alpha * (w3 - 1.0) / 60 +
              a2 * k * w4 / 20 - a3 * k2 * w5 / 30 + a3 * (w5 - 1.0) / 63 - 5.0 * a4 * k * w6 / 126 +
              a5 * k2 * w7 / 42};
}
inline rising_sums rising(double k, double alpha) {
  if (k <= 256.0) {
    rising_sums s{0.0, 0.0, 0.0};
    for (double j = 1.0; j < k; ++j) {
      const double g = j / (1.0 + alpha * j);
      s.f += std::log1p(alpha * j);
      s.f1 += g;
      s.f2 -= g * g;
    }
    return s;
  }
  if (alpha <= 1.0 / 64) return rising_series(k, alpha);
  const double r = 1.0 / alpha;
  const double d = special::digamma(r + k) - special::digamma(r);
  const double t = special::trigamma(r) - special::trigamma(r + k);
  return {special::lgamma(r + k) - special::lgamma(r) - k * std::log(r), r * (k - r * d),
          -r * r * (k - 2.0 * r * d + r * r * t)};
}
inline double log_rising(double k, double alpha) { return rising(k, alpha).f; }
template <class... P>
inline auto log_rising(double k, const jet<P...>& alpha) {
  const rising_sums s = rising(k, alpha.v);
  return chain(s.f, s.f1, s.f2, alpha);
}
template <class K, class A, if_tags<K, A> = 0>
constexpr opaque log_rising(K, A) {
  return {};
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
