#pragma once

// Exponential laws on a finite interval: the logarithm of a mean of exponentials, and what follows from it.

#include <cmath>

#include "../core/jet.hpp"
#include "special.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log(x / y), x, y > 0, relatively accurate where x is close to y.
inline double log_quotient(double x, double y) {
  const double q = x / y;
  if (q > 0.5 && q < 2.0) return std::log1p((x - y) / y);
  return q > 0.0 && q < 1e300 ? std::log(q) : std::log(x) - std::log(y);
}

// f(t) = log((1 - exp(-t)) / t), zero at t = 0: the cumulant function of a uniform variable on (0, 1), at -t.
struct log_mean_exponential_value {
  double f, f1, f2;
};

inline log_mean_exponential_value log_mean_exponential_parts(double t) {
  const double a = std::fabs(t);
  if (a < 1.0) {  // -t/2 and the even function log(sinh(a/2) / (a/2))
    constexpr double c[] = {0.041666666666666666667,    -0.00034722222222222222222, 5.5114638447971781305e-6,
                            -1.0333994708994708995e-7,  2.0876756987868098979e-9,   -4.403491782239577654e-11,
                            9.5589546647747705949e-13,  -2.1185501852016142918e-14, 4.7700344757099136467e-16,
                            -1.0874343492790309365e-17, 2.5040921947091952342e-19};
    const double w = a * a;
    double s = 0.0, s1 = 0.0, s2 = 0.0;
    for (int n = 11; n >= 1; --n) {
      s = c[n - 1] + w * s;
      s1 = 2 * n * c[n - 1] + w * s1;
      s2 = 2 * n * (2 * n - 1) * c[n - 1] + w * s2;
    }
    return {w * s - 0.5 * t, t * s1 - 0.5, s2};
  }
  const double r = 1.0 / std::expm1(a), i = 1.0 / a;
  const double f = special::log1mexp(a) - std::log(a), f1 = r - i, f2 = i * i - r * (1.0 + r);
  return t > 0.0 ? log_mean_exponential_value{f, f1, f2} : log_mean_exponential_value{f + a, -1.0 - f1, f2};
}

inline double log_mean_exponential(double t) { return log_mean_exponential_parts(t).f; }
template <class... P>
inline auto log_mean_exponential(const jet<P...>& t) {
  const auto p = log_mean_exponential_parts(t.v);
  return chain(p.f, p.f1, p.f2, t);
}

// The density proportional to exp(-t u) on (0, 1), t real.
namespace truncated_law {

inline double descending_cdf(double t, double u) {  // t >= 0
  return t < 1e-20 ? u : std::expm1(-t * u) / std::expm1(-t);
}
// v is 1 - u, of which either may be the exact one.
inline double cdf(double t, double u, double v) {
  if (t >= 0.0) return descending_cdf(t, u);
  return std::exp(t * v) * descending_cdf(-t, u);
}
inline double sf(double t, double u, double v) { return cdf(-t, v, u); }
inline double log_cdf(double t, double u, double v) {
  const double p = cdf(t, u, v);
  if (p >= 0.5) return std::log1p(-sf(t, u, v));
  return std::log(u) + log_mean_exponential(std::fabs(t) * u) - log_mean_exponential(std::fabs(t)) +
         (t < 0.0 ? t * v : 0.0);
}

inline double mean(double t) { return -log_mean_exponential_parts(t).f1; }
// Even in t.
inline double entropy(double t) {
  const auto p = log_mean_exponential_parts(std::fabs(t));
  return p.f - std::fabs(t) * p.f1;
}

struct place {
  double u, v;
};
// Where the cdf is q <= 1/2, u and 1 - u.
inline place lower_quantile(double t, double q) {
  const double a = std::fabs(t);
  double u = q;
  if (t >= 1e-20) {
    u = -std::log1p(q * std::expm1(-t)) / t;
  } else if (t <= -1e-20) {
    const double high = a + std::log(q);  // of q exp(a)
    if (high > 40.0) return {1.0 + std::log(q) / a, -std::log(q) / a};
    u = (a < 700.0 ? std::log1p(q * std::expm1(a)) : std::log1p(std::exp(high))) / a;
    if (a > 1.0) return {u, -std::log(q + (1.0 - q) * std::exp(-a)) / a};
  }
  return {u, 1.0 - u};
}
inline place quantile(double t, double q, bool upper) {
  if (q > 0.5) return quantile(t, 1.0 - q, !upper);
  if (!upper) return lower_quantile(t, q);
  const place p = lower_quantile(-t, q);
  return {p.v, p.u};
}

// The t at which the mean is `average`, given also as its distance from one.
inline double rate_of_mean(double average, double rest) {
  if (rest < average) return -rate_of_mean(rest, average);
  const double y = rest - average;  // Langevin's function of t/2
  double t = std::fmin(2.0 * y * (3.0 - y * y) / (1.0 - y * y), 2.0 / average);
  for (int i = 0; i < 50; ++i) {
    const auto p = log_mean_exponential_parts(t);
    // In log t and log mean where the mean is small: there it is close to 1/t.
    const double m = -p.f1;
    const double step = t < 1.0 ? (m - average) / p.f2 : t * std::expm1(std::log(m / average) * m / (t * p.f2));
    t += step;
    if (std::fabs(step) <= 1e-15 * std::fabs(t)) break;
  }
  return t;
}

}  // namespace truncated_law

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
