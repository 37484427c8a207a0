// Normalising sums of counts: of powers by Euler and Maclaurin's formula, and the tail of the logarithmic series.

#include <cmath>

#include "special_detail.hpp"
#include "thetahat/math/counts.hpp"

namespace thetahat::special {

namespace {

// A value and its first two derivatives in the exponent.
struct taylor {
  double f, f1, f2;
};
taylor operator*(const taylor& x, const taylor& y) {
  return {x.f * y.f, x.f1 * y.f + x.f * y.f1, x.f2 * y.f + 2.0 * x.f1 * y.f1 + x.f * y.f2};
}
taylor operator*(double s, const taylor& x) { return {s * x.f, s * x.f1, s * x.f2}; }
taylor operator+(const taylor& x, const taylor& y) { return {x.f + y.f, x.f1 + y.f1, x.f2 + y.f2}; }

// expm1(v) / v and its derivatives.
taylor expm1_over(double v) {
  if (std::fabs(v) < 0.5) {
    taylor sum{0.0, 0.0, 0.0};
    double term = 1.0;  // v^n / n!
    for (int n = 0; n < 20; ++n) {
      sum.f += term / (n + 1);
      sum.f1 += term / (n + 2);
      sum.f2 += term / (n + 3);
      term *= v / (n + 1);
    }
    return sum;
  }
  const double e = std::exp(v), f = std::expm1(v) / v, f1 = (e - f) / v;
  return {f, f1, (e - 2.0 * f1) / v};
}

// (x / from)^-s
taylor power(double x, double from, double s) {
  const double l = std::log1p((x - from) / from), p = std::exp(-s * l);
  return {p, -l * p, l * l * p};
}

// Bernoulli numbers B_2j / (2j)!
constexpr double bernoulli_over_factorial[] = {
    1.0 / 12,
    -1.0 / 720,
    1.0 / 30240,
    -1.0 / 1209600,
    1.0 / 47900160,
    -691.0 / 1307674368000.0,
    1.0 / 74724249600.0,
    -3617.0 / 10670622842880000.0,
    43867.0 / 5109094217170944000.0,
    -174611.0 / 802857662698291200000.0,
    77683.0 / 14101100039391805440000.0,
    -236364091.0 / 1693824136731743669452800000.0,
    657931.0 / 186134520519971831808000000.0,
};

// What the derivatives at one end contribute: sum over j of B_2j / (2j)! s (s + 1) ... (s + 2j - 2) x^(1 - 2j) (x / from)^-s.
taylor correction(double x, double from, double s) {
  taylor rising{s / x, 1.0 / x, 0.0}, sum{0.0, 0.0, 0.0};
  double next = s + 1.0;
  for (const double b : bernoulli_over_factorial) {
    sum = sum + b * rising;
    rising = rising * taylor{next / x, 1.0 / x, 0.0} * taylor{(next + 1.0) / x, 1.0 / x, 0.0};
    next += 2.0;
  }
  return sum * power(x, from, s);
}

}  // namespace

power_sums sum_powers(double s, double from, double to) {
  const bool endless = to == detail::infinity;
  // From here on the corrections shrink fast enough.
  const double smooth = std::fmin(std::fmax(std::ceil(std::fmax(20.0, s)), from), endless ? 0x1p60 : to + 1.0);
  taylor sum{0.0, 0.0, 0.0};
  double k = from;
  bool negligible = false;
  for (; k < smooth && !negligible; k += 1.0) {
    const taylor term = power(k, from, s);
    sum = sum + term;
    negligible = s > 2.0 && term.f2 * k <= 0x1p-60 * sum.f2 && k > from + 2.0;
  }
  if (!negligible && k <= to) {
    const taylor first = power(k, from, s);
    taylor area;  // of the integral from k to the end, relative to the first term
    if (endless) {
      const double r = 1.0 / (s - 1.0);
      area = {k * r, -k * r * r, 2.0 * k * r * r * r};
    } else {
      const double l = std::log(to / k);
      const taylor e = expm1_over((1.0 - s) * l);
      area = {k * l * e.f, -k * l * l * e.f1, k * l * l * l * e.f2};
    }
    sum = sum + area * first + 0.5 * first + correction(k, from, s);
    if (!endless) sum = sum + 0.5 * power(to, from, s) + -1.0 * correction(to, from, s);
  }
  const double mean = -sum.f1 / sum.f;
  return {std::log(sum.f) - s * std::log(from), std::log(from) + mean, sum.f2 / sum.f - mean * mean};
}

namespace {

// exp(z) E_1(z), z > 0: DLMF 6.6.2, and the continued fraction 6.9.1.
double scaled_exponential_integral(double z) {
  if (z < 1.0) {
    double sum = 0.0, term = 1.0;
    for (int n = 1; n < 25; ++n) {
      term *= -z / n;
      sum -= term / n;
    }
    return std::exp(z) * (sum - std::log(z) - 0.57721566490153286061);
  }
  double k = z;
  for (int n = 120; n >= 1; --n) k = z + n / (1.0 + n / k);
  return 1.0 / k;
}

}  // namespace

double log_series_tail(double p, double k) {
  const double c = -std::log(p);
  if (p < 0.6) {
    double sum = 0.0, term = 1.0;
    for (double j = k + 1.0; term > 0x1p-60 * sum; j += 1.0) {
      sum += term / j;
      term *= p;
    }
    return (k + 1.0) * -c + std::log(sum);
  }
  // p^(k + 1) times the integral of exp(-(k + 1) s) / (1 - exp(-(s + c))) over s > 0; the fraction less its pole is
  // 1/2 + v/12 - v^3/720 ..., v = s + c, integrated term by term.
  const double from = std::fmax(k, 40.0), n = from + 1.0;
  double rest = 0.0;  // moments of v: m_j = c m_0' ..., by parts: M_j = c^j / n + j M_(j-1) / n
  double moment = 1.0 / n;
  rest += 0.5 * moment;
  double power = 1.0;
  for (int j = 1; j <= 25; ++j) {
    power *= c;
    moment = (power + j * moment) / n;
    if (j % 2 == 1) rest += bernoulli_over_factorial[(j - 1) / 2] * moment;
  }
  const double beyond = n * -c + std::log(scaled_exponential_integral(n * c) + rest);
  if (from == k) return beyond;
  double sum = std::exp(beyond - (k + 1.0) * -c), term = 1.0;
  for (double j = k + 1.0; j <= from; j += 1.0) {
    sum += term / j;
    term *= p;
  }
  return (k + 1.0) * -c + std::log(sum);
}

}  // namespace thetahat::special
