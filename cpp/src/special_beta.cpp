#include "special_detail.hpp"

namespace thetahat::special {

double lbeta(double a, double b) {
  using namespace detail;
  if (!(a > 0.0 && b > 0.0)) return not_a_number;
  if (b < a) return lbeta(b, a);
  if (a < 1.0) return log_gamma_1p(a) - vlog(a) - log_gamma_ratio(a, b);
  const double correction = stirling_correction(a) + (stirling_correction(b) - stirling_correction(a + b));
  return (half_log_two_pi - 0.5 * vlog(b)) + correction - (a - 0.5) * vlog1p(b / a) - b * vlog1p(a / b);
}

namespace {

using detail::tail;

// The arguments of an incomplete beta function with the distance of x from the mean.
struct arguments {
  double a, b, x, y;
  double offset;  // (a + b) x - a
};

arguments mirrored(const arguments& s) { return {s.b, s.a, s.y, s.x, -s.offset}; }

arguments make_arguments(double a, double b, double x, double y) {
  const double n = a + b;
  const double n_low = a > b ? b - (n - a) : a - (n - b);
  const double smaller = x < y ? x : y;
  const double product = n * smaller;
  const double low = __builtin_fma(n, smaller, -product) + n_low * smaller;
  const double offset = x < y ? (product - a) + low : (b - product) - low;
  return {a, b, x, y, offset};
}

// a log((a + offset)/a) - offset, (a + offset)/a = x (1 + b/a): minus a deviance.
double log_power(double a, double b, double x, double offset) {
  const double relative = offset / a;
  if (relative > -0.5 && relative < 1.0) return a * log1pmx(relative);
  const double ratio = x * (1.0 + b / a);
  const double log_ratio = ratio > 0x1p-1000 ? vlog(ratio) : vlog(x) + vlog(1.0 + b / a);
  return a * log_ratio - offset;
}

double log_y(const arguments& s) { return s.x < 0.5 ? vlog1p(-s.x) : vlog(s.y); }

// log of x^a y^b / B(a, b): the density of log(x/y).
double log_beta_density(const arguments& s) {
  using namespace detail;
  if (s.a >= 1.0 && s.b >= 1.0) {
    const double n = s.a + s.b;
    const double correction = stirling_correction(n) - stirling_correction(s.a) - stirling_correction(s.b);
    const double shape = 0.5 * vlog(s.a / n * s.b) - half_log_two_pi + correction;
    return shape + (log_power(s.a, s.b, s.x, s.offset) + log_power(s.b, s.a, s.y, -s.offset));
  }
  if (s.b < s.a) return log_beta_density(mirrored(s));
  const double shape = vlog(s.a) - log_gamma_1p(s.a);
  if (s.b < 1.0) return shape + log_gamma_ratio(s.a, s.b) + s.a * vlog(s.x) + s.b * log_y(s);
  return shape + log_gamma_shift(s.a, s.b) + s.a * vlog(s.b * s.x) + s.b * log_y(s);
}

// Both tails near x = 0, where for a small a most of the probability lies: the power series
// I = e^u (1 + a T), u = log of x^a / (a B(a, b)), and 1 - I = -(e^u - 1) - e^u a T.
tail beta_origin(const arguments& s) {
  using namespace detail;
  double term = 1.0, sum = 0.0;
  for (double n = 1.0; n < 1000.0; n += 1.0) {
    term *= (n - s.b) / n * s.x;
    const double added = term / (s.a + n);
    sum += added;
    if (__builtin_fabs(added) <= epsilon * __builtin_fabs(sum)) break;
  }
  const double scaled =
      s.b < 1.0 ? s.a * vlog(s.x) + log_gamma_ratio(s.a, s.b) : s.a * vlog(s.b * s.x) + log_gamma_shift(s.a, s.b);
  const double u = scaled - log_gamma_1p(s.a);
  const double power = vexp(u);
  if (u + vlog1p(s.a * sum) < log_half) return {true, power * (1.0 + s.a * sum), u + vlog1p(s.a * sum)};
  const double q = -vexpm1(u) - power * s.a * sum;
  return {false, q, vlog(q)};
}

// I / density for x below the mean, by the continued fraction of DiDonato and Morris (ACM TOMS 18 (1992) 360, eq. 9),
// summed by Steed's method.
double beta_fraction(const arguments& s) {
  const double a = s.a, b = s.b, x = s.x;
  double d = (a + 1.0) / (a * (1.0 - s.offset));
  double added = d, sum = d;
  for (double n = 1.0; __builtin_fabs(added) > detail::epsilon * sum; n += 1.0) {
    const double even = a + 2.0 * n - 1.0;
    const double numerator = (a + n - 1.0) / even * ((a + b + n - 1.0) / even) * n * (b - n) * x * x;
    const double denominator =
        n + n * (b - n) * x / even + (a + n) * ((1.0 - s.offset) + n * (1.0 + s.y)) / (even + 2.0);
    const double next = 1.0 / (numerator * d + denominator);
    added *= -numerator * d * next;
    sum += added;
    d = next;
  }
  return sum;
}

// Temme's expansion, for a <= b.
tail beta_centre(const arguments& s) {
  using namespace detail;
  const double h = s.a / s.b;
  const double distance = -(log_power(s.a, s.b, s.x, s.offset) + log_power(s.b, s.a, s.y, -s.offset));
  const double g = vexp(stirling_correction(s.a) + (stirling_correction(s.b) - stirling_correction(s.a + s.b)));
  const bool lower = s.offset < 0.0;
  const double factor = transition(h).factor(s.a * (1.0 + h), distance, lower, g);
  return {lower, vexp(-distance) * factor, vlog(factor) - distance};
}

tail opposite(const tail& t) { return {!t.lower, t.value, t.log}; }

bool near_origin(const arguments& s) { return s.a < 1.0 && s.b * s.x <= 1.0 && s.x <= 0.6; }

bool near_centre(const arguments& s) { return s.a <= s.b && s.a >= 40.0 && __builtin_fabs(s.offset) <= 0.4 * s.a; }

tail beta_tail(const arguments& s) {
  using namespace detail;
  if (s.x <= 0.0) return {true, 0.0, -infinity};
  if (s.y <= 0.0) return {false, 0.0, -infinity};
  const arguments m = mirrored(s);
  if (near_origin(s)) return beta_origin(s);
  if (near_origin(m)) return opposite(beta_origin(m));
  if (near_centre(s)) return beta_centre(s);
  if (near_centre(m)) return opposite(beta_centre(m));
  const bool lower = s.offset < 0.0;
  const double density = log_beta_density(s);
  const double factor = beta_fraction(lower ? s : m);
  return {lower, vexp(density) * factor, density + vlog(factor)};
}

tail beta_tail(double a, double b, double x, double y) {
  const bool valid = a > 0.0 && b > 0.0 && a < detail::infinity && b < detail::infinity && x >= 0.0 && y >= 0.0;
  if (!valid) return {true, detail::not_a_number, detail::not_a_number};
  return beta_tail(make_arguments(a, b, x, y));
}

// The x whose lower or upper tail has the logarithm `target`, at most log(1/2) or so. Newton's method in log(x/y), in
// which both logarithms are concave, so that it converges from anywhere; the start is the normal law's.
unit_pair beta_solve(double a, double b, bool lower, double target) {
  using namespace detail;
  const bool valid = a > 0.0 && b > 0.0 && a < infinity && b < infinity && target == target;
  if (!valid) return {not_a_number, not_a_number};
  constexpr unit_pair zero = {0.0, 1.0}, one = {1.0, 0.0};
  constexpr double smallest = 1e-300;
  if (target == -infinity) return lower ? zero : one;
  const double z = normal_quantile_log(target) * (lower ? 1.0 : -1.0);
  double start = digamma(a) - digamma(b) + z * __builtin_sqrt(trigamma(a) + trigamma(b));
  start = start < -700.0 ? -700.0 : start > 700.0 ? 700.0 : start;
  double odds = vexp(start < 0.0 ? start : -start);
  const double small = odds / (1.0 + odds);
  double x = start < 0.0 ? small : 1.0 - small;
  double y = start < 0.0 ? 1.0 - small : small;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const arguments s = make_arguments(a, b, x, y);
    const tail t = beta_tail(s);
    const double log_tail = lower ? log_lower(t) : log_upper(t);
    const double residual = target - log_tail;
    const double slope = vexp(log_beta_density(s) - log_tail);
    const double step = lower ? residual / slope : -residual / slope;
    // In log(x/y): the smaller of the two is multiplied, so that it keeps its digits however close to an end.
    if (step < 0.0) {
      const double shrink = vexp(step);
      const double scale = y + x * shrink;
      x = x * shrink / scale;
      y = x < 0.5 ? 1.0 - x : y / scale;
    } else {
      const double shrink = vexp(-step);
      const double scale = x + y * shrink;
      y = y * shrink / scale;
      x = y < 0.5 ? 1.0 - y : x / scale;
    }
    // From the flat side of the logarithm a step can leave the representable numbers; from 1e-300, where the logarithm
    // is a straight line, it cannot do so wrongly.
    if (!(x > 0.0)) {
      if (s.x <= smallest) return zero;
      x = smallest;
    }
    if (!(y > 0.0)) {
      if (s.y <= smallest) return one;
      y = smallest;
    }
    if (__builtin_fabs(residual) < 1e-9) break;
  }
  return x < y ? unit_pair{x, 1.0 - x} : unit_pair{1.0 - y, y};
}

}  // namespace

double beta_p(double a, double b, double x, double y) { return detail::lower(beta_tail(a, b, x, y)); }
double beta_q(double a, double b, double x, double y) { return detail::upper(beta_tail(a, b, x, y)); }
double log_beta_p(double a, double b, double x, double y) { return detail::log_lower(beta_tail(a, b, x, y)); }
double log_beta_q(double a, double b, double x, double y) { return detail::log_upper(beta_tail(a, b, x, y)); }

unit_pair beta_p_inverse(double a, double b, double p) {
  if (!(p >= 0.0 && p <= 1.0)) return {detail::not_a_number, detail::not_a_number};
  return p < 0.5 ? beta_solve(a, b, true, vlog(p)) : beta_solve(a, b, false, vlog(1.0 - p));
}

unit_pair beta_q_inverse(double a, double b, double q) {
  if (!(q >= 0.0 && q <= 1.0)) return {detail::not_a_number, detail::not_a_number};
  return q < 0.5 ? beta_solve(a, b, false, vlog(q)) : beta_solve(a, b, true, vlog(1.0 - q));
}

}  // namespace thetahat::special
