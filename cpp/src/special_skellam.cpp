#include "thetahat/math/skellam.hpp"

#include <cmath>
#include <vector>

#include "special_detail.hpp"
#include "thetahat/math/bessel.hpp"
#include "thetahat/math/tails.hpp"

namespace thetahat::special {

namespace {

// The most likely counts whose difference is k: up - down = k, up down = a b; r = up + down.
struct split {
  double x, r, up, down;
};
split split_at(double k, double a, double b) {
  const double x = 2.0 * std::sqrt(a) * std::sqrt(b), size = std::fabs(k);
  const double big = size > x ? size : x, small = size > x ? x : size;
  const double r = big * std::sqrt(1.0 + (small / big) * (small / big));
  const double large = 0.5 * (r + size), rest = k >= 0.0 ? (a / large) * b : (b / large) * a;
  return {x, r, k >= 0.0 ? large : rest, k >= 0.0 ? rest : large};
}

// exp(-(a + b)) (a/b)^(k/2) I_k(x), with the exponent as two deviances.
double from_split(const split& s, double a, double b, double rest) {
  return (rest - detail::half_log_two_pi - 0.5 * vlog(s.r)) - deviance(s.up, a) - deviance(s.down, b);
}

// d log p / d log(1/rate of the upper count): how steeply log p falls with k; the later derivatives are -1/r and k/r^3.
double slope(double k, double a, double b) {
  const split s = split_at(k, a, b);
  const double log_ratio = k >= 0.0 ? vlog(s.up / a) : -vlog(s.down / b);
  return -log_ratio - 0.5 * (k / s.r) / s.r;
}

// Sum of p(j) over j = k, k + 1, ... as a multiple of p(k), for k above the mode: by ratios of Bessel functions, which
// are recurred downwards, 64 at a time.
double relative_tail(double k, double a, double b) {
  constexpr int block = 64;
  const double x = 2.0 * std::sqrt(a) * std::sqrt(b), root = std::sqrt(a / b);
  double term = 1.0, sum = 1.0;
  for (; k < 0.0; k += 1.0) {
    // p(k+1)/p(k) = sqrt(a/b) I_(|k|-1)/I_|k|
    term *= root / bessel_i_ratio(-k - 1.0, x);
    sum += term;
    if (term < 1e-18 * sum) return sum;
  }
  for (int rounds = 0; rounds < 1 << 24; ++rounds, k += block) {
    double ratio[block];
    ratio[block - 1] = bessel_i_ratio(k + (block - 1), x);
    for (int i = block - 1; i > 0; --i) ratio[i - 1] = 1.0 / (2.0 * (k + i) / x + ratio[i]);
    for (int i = 0; i < block; ++i) {
      term *= root * ratio[i];
      sum += term;
      if (!(term >= 1e-18 * sum)) return sum;
    }
  }
  return sum;
}

density smooth(double a, double b) {
  return {[](const double* m, double y) { return log_skellam((m[0] - m[1]) + y, m[0], m[1]); }, [](const double*) {
    return 0.0;
  }, {a, b}, -detail::infinity, detail::infinity};
}

// log P(X >= k), k above the mean. Flat tails of wide laws by the integral with Euler and Maclaurin's corrections.
double log_tail(double k, double a, double b) {
  if (a + b > 4e6) {
    const double from = k - 0.5, first = slope(from, a, b);
    if (std::fabs(first) < 0.02) {
      const split s = split_at(from, a, b);
      const density f = smooth(a, b);
      const double integral = upper_tail(f, from - (a - b)), p = vexp(log_skellam(from, a, b));
      const double third = first * first * first - 3.0 * first / s.r + from / s.r / s.r / s.r;
      return vlog(integral + p * (first / 24.0 - third * (7.0 / 5760.0)));
    }
  }
  return log_skellam(k, a, b) + vlog(relative_tail(k, a, b));
}

// The sums on either side of every k that matters, for laws that are not wide.
struct table {
  double a = 0.0, b = 0.0, first = 0.0;
  std::vector<double> below, above;  // P(X <= first + i) and P(X > first + i)

  void fill(double mean_a, double mean_b) {
    a = mean_a, b = mean_b;
    const double centre = std::floor(a - b), width = 12.0 * std::sqrt(a + b) + 30.0;
    first = centre - std::floor(width);
    const auto n = static_cast<std::size_t>(2.0 * std::floor(width));
    below.resize(n), above.resize(n);
    std::vector<double> p(n);
    for (std::size_t i = 0; i < n; ++i) p[i] = vexp(log_skellam(first + static_cast<double>(i), a, b));
    double sum = vexp(log_tail(-first + 1.0, b, a));
    for (std::size_t i = 0; i < n; ++i) below[i] = sum += p[i];
    sum = vexp(log_tail(first + static_cast<double>(n), a, b));
    for (std::size_t i = n; i-- > 0; sum += p[i]) above[i] = sum;
  }
  bool holds(double k) const { return k >= first && k < first + static_cast<double>(below.size()); }
};

constexpr double widest_tabulated = 4e6;
const table* table_of(double a, double b) {
  if (!(a + b <= widest_tabulated)) return nullptr;
  constexpr int kept = 4;
  thread_local table tables[kept];
  thread_local int latest = 0;
  for (const table& t : tables)
    if (t.a == a && t.b == b) return &t;
  latest = (latest + 1) % kept;
  tables[latest].fill(a, b);
  return &tables[latest];
}

// The smaller of the two tails as its logarithm.
struct side {
  bool lower;
  double log;
};
side side_at(double k, double a, double b) {
  if (k >= a - b) return {false, log_tail(k + 1.0, a, b)};
  return {true, log_tail(-k, b, a)};
}

}  // namespace

double log_skellam(double k, double a, double b) {
  const split s = split_at(k, a, b);
  if (!(s.r < detail::infinity)) return -detail::infinity;
  return from_split(s, a, b, bessel_i_rest(std::fabs(k), s.x).f);
}

skellam_derivatives skellam_log_density(double k, double a, double b) {
  const split s = split_at(k, a, b);
  const double size = std::fabs(k);
  const bessel_rest rest = bessel_i_rest(size, s.x);
  // The means of the two counts, and their common variance, given the difference.
  const double smaller = 0.5 * s.x * bessel_i_ratio(size, s.x);
  const double up = k >= 0.0 ? smaller + size : smaller, down = k >= 0.0 ? smaller : smaller + size;
  const double q = (s.x / s.r) * (s.x / s.r), share = (k / s.r) * (k / s.r);
  const double variance = 0.25 * (rest.f2 + (q * s.r - q * share));
  return {from_split(s, a, b, rest.f), (up - a) / a,     (down - b) / b,
          (variance - up) / a / a,     variance / a / b, (variance - down) / b / b};
}

double skellam_cdf(double k, double a, double b) {
  const table* const t = table_of(a, b);
  if (t != nullptr && t->holds(k)) return t->below[static_cast<std::size_t>(k - t->first)];
  const side s = side_at(k, a, b);
  return s.lower ? vexp(s.log) : -vexpm1(s.log);
}
double skellam_sf(double k, double a, double b) {
  const table* const t = table_of(a, b);
  if (t != nullptr && t->holds(k)) return t->above[static_cast<std::size_t>(k - t->first)];
  const side s = side_at(k, a, b);
  return s.lower ? -vexpm1(s.log) : vexp(s.log);
}
double log_skellam_cdf(double k, double a, double b) {
  const side s = side_at(k, a, b);
  return s.lower ? s.log : log1mexp(-s.log);
}
double log_skellam_sf(double k, double a, double b) {
  const side s = side_at(k, a, b);
  return s.lower ? log1mexp(-s.log) : s.log;
}

}  // namespace thetahat::special
