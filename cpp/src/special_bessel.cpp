#include "thetahat/math/bessel.hpp"

#include <cstdint>

#include "special_detail.hpp"

// log I_nu by its power series where r = sqrt(nu^2 + x^2) < 25, by Debye's and Hankel's expansions beyond. log K_nu by
// the trapezoidal rule for the integral of exp(nu t - x cosh t)/2 about its saddle point: all terms are positive, their
// moments are the derivatives, and no argument needs a recurrence.

namespace thetahat::special {

namespace {

using detail::not_a_number;

constexpr double log_two = 0.69314718055994530942;

// ----- the exponent about its saddle point ------------------------------------------------------------------------------

double root_of_squares(double a, double b) {
  const double large = a > b ? a : b, small = a > b ? b : a;
  if (large > 0x1p500 || large < 0x1p-500) {
    const double q = large > 0.0 ? small / large : 0.0;
    return large * __builtin_sqrt(1.0 + q * q);
  }
  return __builtin_sqrt(a * a + b * b);
}

// exp without fma, which the baseline would have to call; y <= 0, flushed to 0 below -708.
inline double decay(double y) {
  const double shifted = (y > -708.0 ? y : -708.0) * elementary::log2_e + elementary::round_to_integer;
  const double n = shifted - elementary::round_to_integer;
  const double r = ((y > -708.0 ? y : -708.0) - n * elementary::ln2_high) - n * elementary::ln2_low;
  const double r2 = r * r, r4 = r2 * r2;
  const double low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
  const double middle = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
  const double high = (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600);
  const double p = 1.0 + (r + r2 * (low + r4 * (middle + r4 * high)));
  const std::uint64_t scale = (elementary::bits(shifted) + 1023) << 52;
  return y > -708.0 ? p * elementary::from_bits(scale) : 0.0;
}

struct curves {
  double c, s;  // cosh s - 1 and sinh s - s
};

inline curves curves_by_series(double s) {
  const double w = s * s;
  double c = 1.0, d = 1.0;
  c = 1.0 + w * (1.0 / (15 * 16)) * (1.0 + w * (1.0 / (17 * 18)));
  c = 1.0 + w * (1.0 / (11 * 12)) * (1.0 + w * (1.0 / (13 * 14)) * c);
  c = 1.0 + w * (1.0 / (7 * 8)) * (1.0 + w * (1.0 / (9 * 10)) * c);
  c = 0.5 * w * (1.0 + w * (1.0 / (3 * 4)) * (1.0 + w * (1.0 / (5 * 6)) * c));
  d = 1.0 + w * (1.0 / (16 * 17)) * (1.0 + w * (1.0 / (18 * 19)));
  d = 1.0 + w * (1.0 / (12 * 13)) * (1.0 + w * (1.0 / (14 * 15)) * d);
  d = 1.0 + w * (1.0 / (8 * 9)) * (1.0 + w * (1.0 / (10 * 11)) * d);
  d = s * w * (1.0 / 6) * (1.0 + w * (1.0 / (4 * 5)) * (1.0 + w * (1.0 / (6 * 7)) * d));
  return {c, d};
}

inline curves curves_at(double s) {
  const double size = __builtin_fabs(s);
  if (size <= 1.25) return curves_by_series(s);
  const double small = decay(-size), large = 1.0 / small;
  const double sinh = 0.5 * (large - small);
  return {0.5 * (large + small) - 1.0, s > 0.0 ? sinh - s : -sinh - s};
}

// How far either side of s = 0 the integrand exp(-u) matters; r - nu = x^2 / (r + nu) does not cancel.
constexpr double negligible = 42.0;
double acosh_1p(double y) { return y < 1e8 ? vlog1p(y + __builtin_sqrt(y * (y + 2.0))) : vlog(y) + log_two; }
double smaller(double a, double b) { return a < b ? a : b; }
double right_reach(double r) { return acosh_1p(negligible / r); }
// log of r - nu, which may be far below the least double.
double log_excess(double nu, double x, double r) { return 2.0 * vlog(x) - vlog(r + nu); }
double left_reach(double nu, double excess, double log_of_excess) {
  const double by_x = log_of_excess > -20.0 ? acosh_1p(negligible / excess) : vlog(2.0 * negligible) - log_of_excess;
  if (!(nu > 0.0)) return by_x;
  const double w = negligible / nu;
  return smaller(by_x, __builtin_sqrt(2.0 * w) + w);
}

// Sums over the nodes of the trapezoidal rule, whose error is exponentially small: the integrand is entire.
struct moments {
  double mass = 0.0;
  double s = 0.0, ss = 0.0;            // of s
  double d = 0.0, dd = 0.0, ds = 0.0;  // of d = r (cosh s - 1) + nu sinh s, by which x cosh t exceeds its saddle value
  double step = 0.0;
};

// For moderate arguments the nodes are fixed, and what depends on them alone is tabulated: with excess = r - nu,
// u(+-s) = excess (cosh s - 1) + nu (e^+-s - 1 -+ s). Two at a time; the sums have one order on every machine.
constexpr int table_nodes = 72;
constexpr double node_steps[] = {0.18, 0.13, 0.09};
constexpr double node_limits[] = {6.0, 12.0, 26.0};  // of r
struct node_table {
  double s[table_nodes], c[table_nodes], right[table_nodes], left[table_nodes];
  explicit constexpr node_table(double step) : s{}, c{}, right{}, left{} {
    for (int k = 0; k < table_nodes; ++k) {
      const long double x = static_cast<long double>(step) * k;
      long double even = 0.0L, odd = 0.0L, term = x;  // cosh x - 1, sinh x - x
      for (int n = 2; n < 90; ++n) {
        term *= x / n;
        (n % 2 == 0 ? even : odd) += term;
      }
      long double falling = even - odd;  // e^-x - 1 + x
      if (x < 1.0L) {
        falling = 0.0L, term = -x;
        for (int n = 2; n < 40; ++n) {
          term *= -x / n;
          falling += term;
        }
      } else if (x > 4.0L) {
        long double e = 1.0L, power = 1.0L;  // e^x
        for (int n = 1; n < 90; ++n) e += power *= x / n;
        falling = 1.0L / e - 1.0L + x;
      }
      s[k] = static_cast<double>(x);
      c[k] = static_cast<double>(even);
      right[k] = static_cast<double>(even + odd);
      left[k] = static_cast<double>(falling);
    }
  }
};
constexpr node_table node_tables[] = {node_table(node_steps[0]), node_table(node_steps[1]), node_table(node_steps[2])};

typedef double pair __attribute__((vector_size(16)));
typedef std::uint64_t pair_bits __attribute__((vector_size(16)));
inline __attribute__((always_inline)) pair both(double x) { return pair{x, x}; }
inline __attribute__((always_inline)) pair decay(pair y) {  // y >= -700
  const pair shifted = y * both(elementary::log2_e) + both(elementary::round_to_integer);
  const pair n = shifted - both(elementary::round_to_integer);
  const pair r = (y - n * both(elementary::ln2_high)) - n * both(elementary::ln2_low);
  const pair r2 = r * r, r4 = r2 * r2;
  const pair low = (both(1.0 / 2) + r * both(1.0 / 6)) + r2 * (both(1.0 / 24) + r * both(1.0 / 120));
  const pair middle = (both(1.0 / 720) + r * both(1.0 / 5040)) + r2 * (both(1.0 / 40320) + r * both(1.0 / 362880));
  const pair high = (both(1.0 / 3628800) + r * both(1.0 / 39916800)) + r2 * both(1.0 / 479001600);
  const pair p = both(1.0) + (r + r2 * (low + r4 * (middle + r4 * high)));
  const pair_bits scale = (reinterpret_cast<pair_bits>(shifted) + 1023) << 52;
  return p * reinterpret_cast<pair>(scale);
}

enum class wanted { mass, in_x, all };

struct pair_sums {
  pair mass, s, ss, d, dd, ds;
};
template <wanted Which>
inline __attribute__((always_inline)) void add_nodes(pair_sums& m, const double* s, const double* c, const double* rest,
                                                     double sign, double excess, double nu, int from, int count) {
  for (int k = from; k < count; k += 2) {
    pair node, curve, other;
    __builtin_memcpy(&node, s + k, sizeof node);
    __builtin_memcpy(&curve, c + k, sizeof curve);
    __builtin_memcpy(&other, rest + k, sizeof other);
    pair u = both(excess) * curve + both(nu) * other;
    u = u < both(700.0) ? u : both(700.0);
    const pair w = decay(-u);
    m.mass += w;
    if constexpr (Which != wanted::mass) {
      const pair at = both(sign) * node;
      const pair d = u + both(nu) * at, wd = w * d;
      m.d += wd;
      m.dd += wd * d;
      if constexpr (Which == wanted::all) {
        m.s += w * at;
        m.ss += w * (at * at);
        m.ds += wd * at;
      }
    }
  }
}

template <wanted Which>
bool integrate_tabulated(double nu, double r, double excess, double log_of_excess, moments& m) {
  const int which = r < node_limits[0] ? 0 : r < node_limits[1] ? 1 : 2;
  const node_table& t = node_tables[which];
  const double per_step = 1.0 / node_steps[which];
  const double left = left_reach(nu, excess, log_of_excess) * per_step, right = right_reach(r) * per_step;
  if (!(left < table_nodes - 3 && right < table_nodes - 3)) return false;
  pair_sums p{};
  add_nodes<Which>(p, t.s, t.c, t.left, -1.0, excess, nu, 1, static_cast<int>(left) + 2);
  add_nodes<Which>(p, t.s, t.c, t.right, 1.0, excess, nu, 1, static_cast<int>(right) + 2);
  m.step = node_steps[which];
  m.mass = (p.mass[0] + p.mass[1]) + 1.0;
  if constexpr (Which != wanted::mass) {
    const double w = 1.0 / m.mass;
    m.d = (p.d[0] + p.d[1]) * w;
    m.dd = (p.dd[0] + p.dd[1]) * w - m.d * m.d;
    m.s = (p.s[0] + p.s[1]) * w;
    m.ss = (p.ss[0] + p.ss[1]) * w - m.s * m.s;
    m.ds = (p.ds[0] + p.ds[1]) * w - m.s * m.d;
  }
  return true;
}

template <wanted Which>
moments integrate(double nu, double x) {
  const double r = root_of_squares(nu, x), excess = x * (x / (r + nu)), log_of_excess = log_excess(nu, x, r);
  const double root = __builtin_sqrt(r);
  // The error is the integrand's Fourier transform at 2 pi / step, like |Gamma(nu + 2 pi i / step)| for small x.
  const double step = r < 20.0 ? smaller(0.18, 0.45 / root) : 0.5 / root;
  moments m;
  if (r < node_limits[2] && integrate_tabulated<Which>(nu, r, excess, log_of_excess, m)) return m;
  m.step = step;
  const long first = -static_cast<long>(left_reach(nu, excess, log_of_excess) / step) - 1;
  const long last = static_cast<long>(right_reach(r) / step) + 1;
  constexpr long tile = 32;
  double s[tile], u[tile], d[tile];
  for (long from = first; from <= last; from += tile) {
    const long count = last - from + 1 < tile ? last - from + 1 : tile;
    const double span = step * static_cast<double>(count);
    if (step * static_cast<double>(from) >= -1.25 && step * static_cast<double>(from) + span <= 1.25) {
      for (long i = 0; i < count; ++i) {
        s[i] = step * static_cast<double>(from + i);
        const curves k = curves_by_series(s[i]);
        u[i] = r * k.c + nu * k.s;
        d[i] = u[i] + nu * s[i];
      }
    } else {
      for (long i = 0; i < count; ++i) {
        s[i] = step * static_cast<double>(from + i);
        // On the left the growing parts of cosh and sinh leave only (r - nu) cosh.
        if (s[i] < -30.0) {
          u[i] = vexp(log_of_excess - s[i] - log_two) + nu * (-1.0 - s[i]);
        } else {
          const curves k = curves_at(s[i]);
          u[i] = s[i] < -1.25 ? excess * k.c + nu * (decay(s[i]) - 1.0 - s[i]) : r * k.c + nu * k.s;
        }
        d[i] = u[i] + nu * s[i];
      }
    }
    for (long i = 0; i < count; ++i) u[i] = decay(-u[i]);
    for (long i = 0; i < count; ++i) m.mass += u[i];
    if constexpr (Which != wanted::mass) {
      for (long i = 0; i < count; ++i) {
        const double ws = u[i] * s[i], wd = u[i] * d[i];
        m.s += ws;
        m.ss += ws * s[i];
        m.d += wd;
        m.dd += wd * d[i];
        m.ds += wd * s[i];
      }
    }
  }
  if constexpr (Which != wanted::mass) {
    const double w = 1.0 / m.mass;
    m.s *= w, m.d *= w;
    m.ss = m.ss * w - m.s * m.s;
    m.dd = m.dd * w - m.d * m.d;
    m.ds = m.ds * w - m.s * m.d;
  }
  return m;
}

// ----- Debye's expansions -----------------------------------------------------------------------------------------------
// log I = r - nu asinh(nu/x) - log(2 pi r)/2 + log S, S = sum over k of U_k(t)/nu^k, t = nu/r (DLMF 10.41(ii)). With
// U_k(t) = t^k p_k(t^2) the k-th term is p_k(t^2)/r^k, which holds at nu = 0 too, where it is Hankel's expansion; K has
// the same terms with alternating signs.

constexpr int debye_terms = 24;
constexpr double debye_from = 25.0;

struct debye_table {
  double c[debye_terms][debye_terms];
  double size[debye_terms];  // the sum of a row's absolute values
  constexpr debye_table() : c{}, size{} {
    c[0][0] = 1.0;
    for (int k = 0; k + 1 < debye_terms; ++k)
      for (int j = 0; j <= k; ++j) {  // both contributions to a coefficient have one sign
        const double m = k + 2 * j;
        c[k + 1][j] += c[k][j] * (0.5 * m + 0.125 / (m + 1.0));
        c[k + 1][j + 1] -= c[k][j] * (0.5 * m + 0.625 / (m + 3.0));
      }
    for (int k = 0; k < debye_terms; ++k)
      for (int j = 0; j <= k; ++j) size[k] += c[k][j] < 0.0 ? -c[k][j] : c[k][j];
  }
};
constexpr debye_table debye{};

// The sum and its sums with factors m and m^2, m the power of 1/r: derivatives in log x are -q m, q = x^2/r^2.
struct debye_sums {
  double s, m, mm;
};
debye_sums sum_debye(double nu, double r, double sign) {
  const double t = nu / r, w = t * t, step = sign / r;
  debye_sums sum{0.0, 0.0, 0.0};
  double power = step;
  for (int k = 1; k < debye_terms; ++k) {
    double p = 0.0, p1 = 0.0, p2 = 0.0;
    for (int j = k; j >= 0; --j) {
      const double c = debye.c[k][j], m = k + 2 * j;
      p = p * w + c;
      p1 = p1 * w + m * c;
      p2 = p2 * w + m * m * c;
    }
    sum.s += power * p;
    sum.m += power * p1;
    sum.mm += power * p2;
    if (__builtin_fabs(power) * debye.size[k] < 1e-18) break;
    power *= step;
  }
  return sum;
}

// Where nu is small beside x, Hankel's expansion of what the Debye form leaves at nu = 0: one product a term.
bool by_hankel(double nu, double x) { return x >= debye_from && nu * nu <= 0.5 * x; }
struct hankel_sums {
  double s, k, kk;  // the sum but for its first term, and with factors k and k^2: derivatives in log x are -k
};
hankel_sums sum_hankel(double nu, double x, double sign) {
  const double square = 4.0 * nu * nu, step = -sign / (8.0 * x);
  hankel_sums sum{0.0, 0.0, 0.0};
  double term = 1.0;
  for (int n = 1; n < 40; ++n) {
    const double k = n, odd = 2.0 * k - 1.0;
    static constexpr double over[] = {0.0,      1.0,      1.0 / 2,  1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,  1.0 / 7,
                                      1.0 / 8,  1.0 / 9,  1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13, 1.0 / 14, 1.0 / 15,
                                      1.0 / 16, 1.0 / 17, 1.0 / 18, 1.0 / 19, 1.0 / 20, 1.0 / 21, 1.0 / 22, 1.0 / 23,
                                      1.0 / 24, 1.0 / 25, 1.0 / 26, 1.0 / 27, 1.0 / 28, 1.0 / 29, 1.0 / 30, 1.0 / 31,
                                      1.0 / 32, 1.0 / 33, 1.0 / 34, 1.0 / 35, 1.0 / 36, 1.0 / 37, 1.0 / 38, 1.0 / 39};
    term *= (square - odd * odd) * (step * over[n]);
    sum.s += term;
    sum.k += k * term;
    sum.kk += k * k * term;
    if (__builtin_fabs(term) < 1e-18) break;
  }
  return sum;
}

bessel_rest rest_by_debye(double nu, double x, double r, double sign) {
  const debye_sums s = sum_debye(nu, r, sign);
  const double q = (x / r) * (x / r), rest = (nu / r) * (nu / r);
  const double inverse = 1.0 / (1.0 + s.s);
  const double first = -q * s.m * inverse;
  return {vlog1p(s.s), first, (q * q * s.mm - 2.0 * q * rest * s.m) * inverse - first * first};
}

// ----- the power series of I --------------------------------------------------------------------------------------------

struct series_moments {
  double log_sum, mean, variance;  // of the index k under weights (x^2/4)^k / (k! (nu + 1)_k)
};
series_moments sum_series(double nu, double x) {
  const double q = 0.25 * x * x;
  double weight[160];
  double sum = 1.0, mean = 0.0, w = 1.0;
  int n = 1;
  weight[0] = 1.0;
  for (; n < 160; ++n) {
    const double k = n;
    w *= q / (k * (nu + k));
    weight[n] = w;
    sum += w;
    mean += k * w;
    if (w < 1e-19 * sum && k * (nu + k) > q) break;
  }
  const int count = n < 160 ? n + 1 : 160;
  mean /= sum;
  double square = 0.0;
  for (int k = 0; k < count; ++k) square += weight[k] * ((k - mean) * (k - mean));
  return {vlog(sum), mean, square / sum};
}

// nu asinh(nu/x)
double leading(double nu, double x) { return nu > 0.0 ? nu * asinh(nu / x) : 0.0; }

}  // namespace

double asinh(double y) {
  const double a = __builtin_fabs(y);
  const double f = a < 1e8 ? vlog1p(a + a * (a / (1.0 + __builtin_sqrt(1.0 + a * a)))) : vlog(a) + log_two;
  return y < 0.0 ? -f : f;
}

double bessel_k_exponent(double nu, double x, double s) {
  if (nu < 0.0) return bessel_k_exponent(-nu, x, -s);
  const double r = root_of_squares(nu, x);
  if (s < -30.0) return vexp(log_excess(nu, x, r) - s - log_two) + nu * (-1.0 - s);
  if (s < -1.25) {
    const double excess = x * (x / (r + nu));
    return excess * curves_at(s).c + nu * (decay(s) - 1.0 - s);
  }
  if (s > 700.0) return vexp(s + vlog(0.5 * (r + nu)));
  const curves k = curves_at(s);
  return r * k.c + nu * k.s;
}

double log_bessel_k_mass(double nu, double x) {
  nu = __builtin_fabs(nu);
  const double r = root_of_squares(nu, x);
  if (r >= debye_from) return detail::half_log_two_pi - 0.5 * vlog(r) + rest_by_debye(nu, x, r, -1.0).f;
  const moments m = integrate<wanted::mass>(nu, x);
  return vlog(m.mass * m.step);
}

bessel_rest bessel_i_rest(double nu, double x) {
  const double r = root_of_squares(nu, x);
  if (r >= debye_from) return rest_by_debye(nu, x, r, 1.0);
  const bessel_i_log f = bessel_i(nu, x);
  const double q = r > 0.0 ? (x / r) * (x / r) : 0.0, rest = r > 0.0 ? (nu / r) * (nu / r) : 1.0;
  const series_moments m = sum_series(nu, x);
  const double first = nu + 2.0 * m.mean;
  const double centre = nu > 0.0 ? nu * (nu / (r + x)) - leading(nu, x) : 0.0;
  return {f.f - (centre - detail::half_log_two_pi - 0.5 * vlog(r)), first - (r - 0.5 * q),
          4.0 * m.variance - (q * r - q * rest)};
}

bessel_i_log bessel_i(double nu, double x) {
  if (!(nu >= 0.0 && x >= 0.0)) return {not_a_number, not_a_number, not_a_number};
  if (x == 0.0) {
    if (nu == 0.0) return {0.0, 0.0, 0.0};
    return {-detail::infinity, nu, -nu};
  }
  if (by_hankel(nu, x)) {
    const hankel_sums h = sum_hankel(nu, x, 1.0);
    const double w = 1.0 / (1.0 + h.s), first = h.k * w;
    return {vlog1p(h.s) - detail::half_log_two_pi - 0.5 * vlog(x), -(0.5 + first),
            (0.5 + first) + (h.kk * w - first * first)};
  }
  const double r = root_of_squares(nu, x);
  if (r >= debye_from) {
    const bessel_rest s = rest_by_debye(nu, x, r, 1.0);
    const double q = (x / r) * (x / r), rest = nu > 0.0 ? nu * (nu / r) : 0.0, share = (nu / r) * (nu / r);
    const double centre = nu > 0.0 ? nu * (nu / (r + x)) : 0.0;  // r - x
    const double f = (centre - leading(nu, x)) + (s.f - detail::half_log_two_pi - 0.5 * vlog(r));
    // In log x: r - q/2 + s.f1, and q r - q share + s.f2.
    return {f, centre - 0.5 * q + s.f1, ((0.5 * q - s.f1) - rest) + (s.f2 - q * share)};
  }
  const series_moments m = sum_series(nu, x);
  const double power = nu > 0.0 ? nu * (vlog(x) - log_two) - lgamma(nu + 1.0) : 0.0;
  const double first = nu + 2.0 * m.mean;
  return {power + m.log_sum - x, first - x, 4.0 * m.variance - first};
}

bessel_rest bessel_i0_of_square(double w) {
  const double x = __builtin_sqrt(w);
  if (x >= debye_from) {
    const bessel_i_log i = bessel_i(0.0, x);
    // In log w, half of log x: w d/dw = (i.x + x)/2.
    const double first = 0.5 * (i.x + x), second = 0.25 * (i.xx + (i.x + x)) - first;
    return {i.f, first / w, second / w / w};
  }
  // I_0 = sum of (w/4)^k / k!^2; its derivatives are sums of positive terms too.
  const double q = 0.25 * w;
  double term = 1.0, sum = 0.0, first = 0.0, second = 0.0;
  for (int k = 0; k < 60; ++k) {
    const double r = 1.0 / (k + 1.0), slope = term * r;
    sum += term;
    first += slope;
    second += slope / (k + 2.0);
    term = slope * q * r;
    if (term < 1e-18 * sum) break;
  }
  const double i = 1.0 / sum, f1 = 0.25 * first * i;
  return {vlog(sum) - x, f1, 0.0625 * second * i - f1 * f1};
}

bessel_k_ratios bessel_k_ratio(double nu, double x) {
  if (nu <= -1.0) {
    const double inverse = bessel_k_ratio(-nu - 1.0, x).ratio;  // K_(nu+1)/K_nu = K_(-nu-1)/K_(-nu)
    const double inverse_excess = bessel_k_ratio(-nu - 1.0, x).excess;
    const double ratio = 1.0 / inverse, excess = -inverse_excess * ratio;
    // 1 + 2 (nu + 1)/x ratio - ratio^2, by the recurrence of K
    return {excess, ratio, 2.0 * (nu + 1.0) * ratio / x - excess * (2.0 + excess)};
  }
  const double slope = bessel_k_in_x(nu, x).x;  // of log K + x in log x
  const double excess = (nu - slope) / x;
  return {excess, 1.0 + excess, 2.0 * (1.0 + (nu + 1.0) * excess + slope) / x - excess * excess};
}

double log_bessel_i(double nu, double x) { return bessel_i(nu, x).f; }

double bessel_i_ratio(double nu, double x) {
  if (!(nu >= 0.0 && x >= 0.0)) return not_a_number;
  const double r = root_of_squares(nu, x);
  if (r >= debye_from) {
    // From (d/dx) log I = ratio + nu/x, with the factor x^2 that the difference has taken out.
    const debye_sums s = sum_debye(nu, r, 1.0);
    const double lead = x / (r + nu);
    return lead - 0.5 * (x / r) * ((1.0 + s.s + 2.0 * s.m) / (1.0 + s.s)) / r;
  }
  double ratio = 0.0;
  for (int k = 80 + static_cast<int>(x); k >= 1; --k) ratio = x / (2.0 * (nu + k) + x * ratio);
  return ratio;
}

bessel_k_at bessel_k_in_x(double nu, double x) {
  nu = __builtin_fabs(nu);
  if (!(x > 0.0)) {
    if (x == 0.0) return {detail::infinity, -nu, nu};
    return {not_a_number, not_a_number, not_a_number};
  }
  if (by_hankel(nu, x)) {
    const hankel_sums h = sum_hankel(nu, x, -1.0);
    const double w = 1.0 / (1.0 + h.s), first = h.k * w;
    return {vlog1p(h.s) + (detail::half_log_two_pi - log_two) - 0.5 * vlog(x), -(0.5 + first),
            (0.5 + first) + (h.kk * w - first * first)};
  }
  const double r = root_of_squares(nu, x);
  const double centre = nu > 0.0 ? nu * (nu / (r + x)) : 0.0;  // r - x
  if (r >= debye_from) {
    const bessel_rest s = rest_by_debye(nu, x, r, -1.0);
    const double q = (x / r) * (x / r), rest = nu > 0.0 ? nu * (nu / r) : 0.0, share = (nu / r) * (nu / r);
    const double f = (leading(nu, x) - centre) + (s.f + (detail::half_log_two_pi - log_two) - 0.5 * vlog(r));
    return {f, s.f1 - centre - 0.5 * q, ((0.5 * q - s.f1) + rest) + (s.f2 - q * share)};
  }
  const moments m = integrate<wanted::in_x>(nu, x);
  const double f = (leading(nu, x) - centre) + vlog(0.5 * m.mass * m.step);
  return {f, -(centre + m.d), m.dd};  // x (1 - E cosh t) and x^2 Var cosh t
}

bessel_k_log bessel_k(double nu, double x) {
  if (nu < 0.0) {
    const bessel_k_log k = bessel_k(-nu, x);
    return {k.f, -k.n, k.x, k.nn, -k.nx, k.xx};
  }
  if (!(x > 0.0)) {
    const bessel_k_at k = bessel_k_in_x(nu, x);
    return {k.f, not_a_number, k.x, not_a_number, not_a_number, k.xx};
  }
  const double r = root_of_squares(nu, x);
  const double centre = nu > 0.0 ? nu * (nu / (r + x)) : 0.0;  // r - x
  const double from = nu > 0.0 ? asinh(nu / x) : 0.0;
  moments m = integrate<wanted::all>(nu, x);
  if (nu == 0.0) m.s = m.ds = 0.0;
  const double n = from + m.s, nx = -m.ds;
  if (r >= debye_from) {
    const bessel_k_at k = bessel_k_in_x(nu, x);
    return {k.f, n, k.x, m.ss, nx, k.xx};
  }
  return {(nu * from - centre) + vlog(0.5 * m.mass * m.step), n, -(centre + m.d), m.ss, nx, m.dd};
}

double log_bessel_k(double nu, double x) { return bessel_k_in_x(nu, x).f; }
double log_bessel_i_dx(double nu, double x) { return bessel_i(nu, x).x; }
double log_bessel_i_dxx(double nu, double x) { return bessel_i(nu, x).xx; }
double log_bessel_k_dx(double nu, double x) { return bessel_k_in_x(nu, x).x; }
double log_bessel_k_dxx(double nu, double x) { return bessel_k_in_x(nu, x).xx; }
double log_bessel_k_dn(double nu, double x) { return bessel_k(nu, x).n; }
double log_bessel_k_dnn(double nu, double x) { return bessel_k(nu, x).nn; }
double log_bessel_k_dnx(double nu, double x) { return bessel_k(nu, x).nx; }

}  // namespace thetahat::special
