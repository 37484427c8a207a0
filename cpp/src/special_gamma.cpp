#include "special_detail.hpp"

namespace thetahat::special {

namespace detail {

namespace {

// log Gamma(2 + t) for -3/4 <= t <= 1/2: t times a minimax polynomial, relative error 2^-58.6.
double log_gamma_2p(double t) {
  static constexpr double coefficient[] = {
      -0.0673523010531978,     0.020580808427790503,   -0.0073855510287006544,  0.002890510330358109,
      -0.001192753910897701,   0.000509669536103862,   -0.00022315476747475672, 9.945732959570847e-05,
      -4.4926247874280885e-05, 2.0508937063301405e-05, -9.43829735979371e-06,   4.3653018997427706e-06,
      -2.0509736396909325e-06, 9.844619992670227e-07,  -3.950936235905721e-07,  1.749361868252989e-07,
      -2.239166296579848e-07,  2.5254162025615114e-08, 8.785431861591536e-08,   8.964650997880852e-08,
  };
  // The first two coefficients cancel for negative t; fma halves what that costs.
  const double slope = __builtin_fma(t, polynomial(coefficient, t), 0.3224670334241132);
  return t * __builtin_fma(t, slope, 0.42278433509846713);
}

// B_2k / (2k (2k - 1)), k = 1...: Stirling's series. Enough of them for arguments from 8.
constexpr double stirling_from = 8.0;
constexpr double stirling[] = {
    1.0 / 12,  -1.0 / 360,       1.0 / 1260,       -1.0 / 1680,        1.0 / 1188,     -691.0 / 360360,
    1.0 / 156, -3617.0 / 122400, 43867.0 / 244188, -174611.0 / 125400, 77683.0 / 5796, -236364091.0 / 1506960,
};
constexpr std::size_t stirling_terms = sizeof(stirling) / sizeof(stirling[0]);

double stirling_series(double a) {
  const double r = 1.0 / a;
  return polynomial(stirling, r * r) * r;
}

// atanh(s)/s - 1 for 0 <= s < 1.
double atanh_excess(double s) {
  const double w = s * s;
  double sum = 0.0, power = w;
  for (double n = 3.0; power > epsilon * w; n += 2.0) {
    sum += power / n;
    power *= w;
  }
  return sum;
}

}  // namespace

double log_gamma_1p(double a) {
  if (a <= 0.28) return log_gamma_2p(a) - vlog1p(a);
  return lgamma(1.0 + a);
}

double log_gamma_ratio(double a, double b) {
  if (b >= stirling_from) return a * vlog(b) + log_gamma_shift(a, b);
  double passed = 0.0;
  double from = b;
  for (; from < stirling_from; from += 1.0) passed += vlog1p(a / from);
  return a * vlog(from) + log_gamma_shift(a, from) - passed;
}

double log_gamma_shift(double a, double b) {
  if (b < stirling_from) return log_gamma_ratio(a, b) - a * vlog(b);
  // stirling_correction(a + b) - stirling_correction(b): with q = b/(a + b) its terms are c b^-n (q^n - 1), and
  // 1 - q^n = (1 - q)(1 + q + ... + q^(n-1)).
  const double q = b / (a + b);
  const double r = 1.0 / (b * b);
  double term[stirling_terms];
  double geometric = 1.0;  // 1 + q + ... + q^(2k)
  double power = 1.0;
  for (std::size_t k = 0; k < stirling_terms; ++k) {
    term[k] = stirling[k] * geometric * power;
    geometric = 1.0 + q + q * q * geometric;
    power *= r;
  }
  double sum = 0.0;
  for (std::size_t k = stirling_terms; k-- > 0;) sum += term[k];
  const double correction = -(a / (a + b)) * sum / b;
  const double t = a / b;
  return b * log1pmx(t) + (a - 0.5) * vlog1p(t) + correction;
}

transition::transition(double h) {
  double series[terms];  // v/t
  double square[terms];  // (v/t)^2
  series[0] = square[0] = ratio_[0] = 1.0;
  for (std::size_t k = 1; k < terms; ++k) {
    double sum = 2.0 * (1.0 - h) * series[k - 1];
    if (k >= 2) sum -= 2.0 * h * square[k - 2];
    square[k] = sum / static_cast<double>(k + 2);
    sum = square[k];
    for (std::size_t i = 1; i < k; ++i) sum -= series[i] * series[k - i];
    series[k] = 0.5 * sum;
    sum = 0.0;
    for (std::size_t i = 1; i <= k; ++i) sum -= series[i] * ratio_[k - i];
    ratio_[k] = sum;
  }
}

double transition::factor(double m, double distance, bool lower, double g) const {
  const double t = __builtin_sqrt(2.0 * distance / m) * (lower ? -1.0 : 1.0);
  double sum = 0.0;
  double here = 0.0, next = 0.0;  // coefficients of t^(n-1) and t^n, from the top
  for (std::size_t n = terms - 1; n > 0; --n) {
    const double previous = ratio_[n] / g + static_cast<double>(n + 1) / m * next;
    next = here;
    here = previous;
    sum = sum * t + here;
  }
  constexpr double inverse_sqrt_two_pi = 0.39894228040143267794;
  const double correction = sum * inverse_sqrt_two_pi / __builtin_sqrt(m);
  return 0.5 * scaled_erfc(__builtin_sqrt(distance)) + (lower ? -correction : correction);
}

}  // namespace detail

double lgamma(double x) {
  if (!(x >= 0.0)) return detail::not_a_number;
  if (x < 0.5) return (detail::log_gamma_2p(x) - vlog1p(x)) - vlog(x);
  if (x < 1.28) return detail::log_gamma_2p(x - 1.0) - vlog1p(x - 1.0);
  if (x < 2.5) return detail::log_gamma_2p(x - 2.0);
  if (x < detail::stirling_from) {
    double product = 1.0;
    while (x >= 2.5) product *= x -= 1.0;
    return vlog(product) + detail::log_gamma_2p(x - 2.0);
  }
  if (x > 0x1p1014) return x == detail::infinity ? x : x * (vlog(x) - 1.0);
  return (x - 0.5) * (vlog(x) - 1.0) + (detail::stirling_series(x) + (detail::half_log_two_pi - 0.5));
}

double digamma(double x) {
  // psi(x)/(x - root) in x - 3/2 on [1, 2], minimax, relative error 2^-58.5.
  static constexpr double centred[] = {
      0.9510558760318328,    -0.4236274212814606,     0.24054248424078722,    -0.1484049230538802,
      0.09498872445285,      -0.061922133275551204,   0.04076083394337873,    -0.026975796657283623,
      0.017907248235912516,  -0.01190822016070709,    0.00792702332215541,    -0.00527993653615163,
      0.0035180887554618896, -0.002345500662395011,   0.0015635030998648234,  -0.001036427701544579,
      0.0006902832309155254, -0.00048604844383236685, 0.0003258784442555225,  -0.00014463165792407096,
      9.329754557227845e-05, -0.00017835234655475197, 0.00012117249089823691,
  };
  // B_2k / 2k
  static constexpr double asymptotic[] = {
      1.0 / 12, -1.0 / 120,     1.0 / 252,       -1.0 / 240,       1.0 / 132,     -691.0 / 32760,
      1.0 / 12, -3617.0 / 8160, 43867.0 / 14364, -174611.0 / 6600, 77683.0 / 276, -236364091.0 / 65520,
  };
  constexpr double root = 1.4616321449683622, root_low = 9.549995429965697e-17;
  constexpr double root_minus_one = 0.46163214496836236, root_minus_one_low = -1.5522348162858677e-17;
  if (!(x >= 0.0)) return detail::not_a_number;
  if (x >= detail::stirling_from) {
    const double r = 1.0 / x;
    return vlog(x) - (0.5 * r + detail::polynomial(asymptotic, r * r) * (r * r));
  }
  if (x < 1.0) { return ((x - root_minus_one) - root_minus_one_low) * detail::polynomial(centred, x - 0.5) - 1.0 / x; }
  double sum = 0.0;
  while (x > 2.0) {
    x -= 1.0;
    sum += 1.0 / x;
  }
  return ((x - root) - root_low) * detail::polynomial(centred, x - 1.5) + sum;
}

double trigamma(double x) {
  // B_2k
  static constexpr double asymptotic[] = {
      1.0 / 6, -1.0 / 30,     1.0 / 42,      -1.0 / 30,       5.0 / 66,       -691.0 / 2730,
      7.0 / 6, -3617.0 / 510, 43867.0 / 798, -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730,
  };
  if (!(x >= 0.0)) return detail::not_a_number;
  if (x < detail::stirling_from) return 1.0 / (x * x) + trigamma(x + 1.0);
  const double r = 1.0 / x;
  return r + r * r * (0.5 + r * detail::polynomial(asymptotic, r * r));
}

double tetragamma(double x) {
  // (2k + 1) B_2k
  static constexpr double asymptotic[] = {
      1.0 / 2,  -1.0 / 6,     1.0 / 6,      -3.0 / 10,        5.0 / 6,      -691.0 / 210,
      35.0 / 2, -3617.0 / 30, 43867.0 / 42, -1222277.0 / 110, 854513.0 / 6, -1181820455.0 / 546,
  };
  if (!(x >= 0.0)) return detail::not_a_number;
  if (x < detail::stirling_from) return tetragamma(x + 1.0) - 2.0 / (x * x * x);
  const double r = 1.0 / x;
  return -r * r * (1.0 + r * (1.0 + r * detail::polynomial(asymptotic, r * r)));
}

double stirling_correction(double a) {
  if (!(a >= 0.0)) return detail::not_a_number;
  if (a == 0.0) return detail::infinity;
  if (a >= detail::stirling_from) return detail::stirling_series(a);
  const double step =  // correction(a) - correction(a + 1), positive
      a < 0.15 ? (a + 0.5) * (vlog1p(a) - vlog(a)) - 1.0 : detail::atanh_excess(1.0 / (2.0 * a + 1.0));
  return step + stirling_correction(a + 1.0);
}

double log1pmx(double x) {
  if (x < -0.5 || x > 1.0) return x == detail::infinity ? -x : vlog1p(x) - x;
  // log(1 + x) = 2 atanh(s), and x - 2s = x s
  const double s = x / (2.0 + x);
  return s * (2.0 * detail::atanh_excess(__builtin_fabs(s)) - x);
}

double deviance(double x, double m) {
  if (!(x >= 0.0 && m >= 0.0)) return detail::not_a_number;
  if (x == 0.0) return m;
  if (m == 0.0 || x == detail::infinity || m == detail::infinity) return x == m ? 0.0 : detail::infinity;
  const double difference = x - m;
  const double s = 0.5 * difference / (0.5 * x + 0.5 * m);
  if (__builtin_fabs(s) < 0.4) return difference * s + 2.0 * x * s * detail::atanh_excess(__builtin_fabs(s));
  const double ratio = x / m;
  const bool representable = ratio > 0x1p-1000 && ratio < 0x1p1000;
  const double log_ratio = representable ? vlog(ratio) : vlog(x) - vlog(m);
  return x * (log_ratio - 1.0) + m;
}

namespace {

// log of x^a e^-x / Gamma(a), the logarithm's density.
double log_gamma_density(double a, double x) {
  using namespace detail;
  if (a < 1.0) return a * vlog(x) - x - (log_gamma_1p(a) - vlog(a));
  return 0.5 * vlog(a) - half_log_two_pi - stirling_correction(a) - deviance(a, x);
}

// Both tails near zero, where for a small a most of the probability lies: P = e^u (1 + a T) and Q = -(e^u - 1) - e^u a
// T, u = a log x - log Gamma(1 + a). For a < 1, x < 1.
detail::tail gamma_origin(double a, double x) {
  double term = 1.0, sum = 0.0;
  for (double n = 1.0; n < 40.0; n += 1.0) {
    term *= -x / n;
    sum += term / (a + n);
    if (__builtin_fabs(term) < detail::epsilon * __builtin_fabs(sum)) break;
  }
  const double u = a * vlog(x) - detail::log_gamma_1p(a);
  const double power = vexp(u);
  if (u < detail::log_half) return {true, power * (1.0 + a * sum), u + vlog1p(a * sum)};
  const double q = -vexpm1(u) - power * a * sum;
  return {false, q, vlog(q)};
}

// P / density, by the series of positive terms.
double gamma_series(double a, double x) {
  double term = 1.0 / a, sum = 0.0;
  for (double n = 1.0; term > detail::epsilon * sum; n += 1.0) {
    sum += term;
    term *= x / (a + n);
  }
  return sum;
}

// Q / density, by Legendre's continued fraction, summed by Steed's method: a product of ratios would gather the
// rounding of every step.
double gamma_fraction(double a, double x) {
  double b = x + 1.0 - a;
  double d = 1.0 / b;
  double added = d, sum = d;
  for (double n = 1.0; __builtin_fabs(added) > detail::epsilon * sum; n += 1.0) {
    const double numerator = n * (a - n);
    b += 2.0;
    const double next = 1.0 / (numerator * d + b);
    added *= -numerator * d * next;
    sum += added;
    d = next;
  }
  return sum;
}

detail::tail gamma_tail(double a, double x) {
  using namespace detail;
  if (!(a > 0.0 && x >= 0.0) || a == infinity) return {true, not_a_number, not_a_number};
  if (x == 0.0) return {true, 0.0, -infinity};
  if (x == infinity) return {false, 0.0, -infinity};
  if (a < 1.0 && x < 1.0) return gamma_origin(a, x);
  const bool lower = x < a;
  if (a >= 20.0 && __builtin_fabs(x - a) <= 0.4 * a) {
    static const transition centre(0.0);
    const double distance = deviance(a, x);
    const double factor = centre.factor(a, distance, lower, vexp(stirling_correction(a)));
    return {lower, vexp(-distance) * factor, vlog(factor) - distance};
  }
  const double density = log_gamma_density(a, x);
  const double factor = lower ? gamma_series(a, x) : gamma_fraction(a, x);
  return {lower, vexp(density) * factor, density + vlog(factor)};
}

// The x whose lower or upper tail has the logarithm `target`, at most log(1/2) or so. Newton's method in log x: both
// logarithms are concave in it, so that it converges from anywhere.
double gamma_solve(double a, bool lower, double target) {
  using namespace detail;
  if (!(a > 0.0) || target != target || a == infinity) return not_a_number;
  if (target == -infinity) return lower ? 0.0 : infinity;
  constexpr double smallest = 1e-300;
  const double log_lower_target = lower ? target : log1mexp(-target);
  const double start = (log_lower_target + log_gamma_1p(a)) / a;  // from P ~ x^a / Gamma(1 + a)
  double x = vexp(start < -700.0 ? -700.0 : start > 5.0 ? 5.0 : start);
  if (a >= 1.0) {
    // Wilson and Hilferty, Proc. Natl. Acad. Sci. 17 (1931) 684
    const double z = normal_quantile_log(target) * (lower ? 1.0 : -1.0);
    const double root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * __builtin_sqrt(a));
    if (root > 0.3) x = a * root * root * root;
  } else if (!lower && start > -1.0) {
    x = -target > 1.0 ? -target : 1.0;
  }
  for (int iteration = 0; iteration < 100; ++iteration) {
    const tail t = gamma_tail(a, x);
    const double log_tail = lower ? log_lower(t) : log_upper(t);
    const double residual = target - log_tail;
    const double slope = vexp(log_gamma_density(a, x) - log_tail);
    double step = lower ? residual / slope : -residual / slope;
    if (step > 2.0 && !lower) step = 2.0;
    // From the flat side of the logarithm a step can leave the representable numbers; from 1e-300, where the logarithm
    // is a straight line, it cannot do so wrongly.
    const double next = x * vexp(step);
    if (!(next > 0.0) && x <= smallest) return 0.0;
    x = next > 0.0 ? next : smallest;
    if (__builtin_fabs(residual) < 1e-9) break;
  }
  return x;
}

}  // namespace

double gamma_p(double a, double x) { return detail::lower(gamma_tail(a, x)); }
double gamma_q(double a, double x) { return detail::upper(gamma_tail(a, x)); }
double log_gamma_p(double a, double x) { return detail::log_lower(gamma_tail(a, x)); }
double log_gamma_q(double a, double x) { return detail::log_upper(gamma_tail(a, x)); }

double gamma_p_inverse(double a, double p) {
  if (!(p >= 0.0 && p <= 1.0)) return detail::not_a_number;
  return p < 0.5 ? gamma_solve(a, true, vlog(p)) : gamma_solve(a, false, vlog(1.0 - p));
}

double gamma_q_inverse(double a, double q) {
  if (!(q >= 0.0 && q <= 1.0)) return detail::not_a_number;
  return q < 0.5 ? gamma_solve(a, false, vlog(q)) : gamma_solve(a, true, vlog(1.0 - q));
}

}  // namespace thetahat::special
