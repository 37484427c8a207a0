#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log1p(xi z) / xi, the Gumbel variable that a generalised extreme value is a power of, for sums over many rows: its
// derivatives have eight digits where xi z is small, a third of the work of log1p_ratio. The layout of the sums is found
// at compile time, from the types of the derivatives alone.
THETAHAT_INLINE double gumbel_variable(double xi, double z) {
  const double t = xi * z;
  return t == 0.0 ? z : log1p(t) / xi;
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto gumbel_variable(const jet<P...>& xi, const jet<Q...>& z) {
  if (__builtin_is_constant_evaluated()) return chain(0.0, 1.0, 1.0, 1.0, 1.0, 1.0, xi, z);
  const double t = xi.v * z.v, zz = z.v * z.v, r = 1.0 / xi.v;
  const double g = 1.0 / (1.0 + t), y = t == 0.0 ? z.v : log1p(t) * r;
  const double far1 = (z.v * g - y) * r, far2 = -(z.v * g * (z.v * g) + 2.0 * far1) * r;
  double near1 = __builtin_fma(t, 6.0 / 7, -5.0 / 6);
  near1 = __builtin_fma(t, near1, 4.0 / 5);
  near1 = __builtin_fma(t, near1, -3.0 / 4);
  near1 = __builtin_fma(t, near1, 2.0 / 3);
  near1 = __builtin_fma(t, near1, -1.0 / 2);
  double near2 = __builtin_fma(t, -21.0 / 4, 30.0 / 7);
  near2 = __builtin_fma(t, near2, -10.0 / 3);
  near2 = __builtin_fma(t, near2, 12.0 / 5);
  near2 = __builtin_fma(t, near2, -3.0 / 2);
  near2 = __builtin_fma(t, near2, 2.0 / 3);
  const bool near = __builtin_fabs(t) < 0.02;
  const double gg = g * g;
  return chain(y, near ? zz * near1 : far1, g, near ? zz * z.v * near2 : far2, -z.v * gg, -xi.v * gg, xi, z);
}
template <class X, class Z, if_tags<X, Z> = 0>
constexpr opaque gumbel_variable(X, Z) {
  return {};
}
template <class... P>
THETAHAT_INLINE constexpr auto exp_minus(const jet<P...>& y) {
  const double e = __builtin_is_constant_evaluated() ? 1.0 : exp(-y.v);
  return chain(e, -e, e, y);
}
THETAHAT_INLINE double exp_minus(double y) { return exp(-y); }
template <class Y, if_tags<Y, Y> = 0>
constexpr opaque exp_minus(Y) {
  return {};
}

struct generalized_extreme_value {
  static constexpr family_info info = {
      .name = "generalized_extreme_value",
      .class_name = "GeneralizedExtremeValue",
      .summary = "Largest of many, whatever the tail of the one: Gumbel, Frechet and reversed Weibull in one family.",
      .formula = "log p(x) = -(1 + concentration) * y - exp(-y) - log(scale), "
                 "y = log(1 + concentration * z) / concentration, z = (x - loc) / scale",
      .source = "Coles (2001), An Introduction to Statistical Modeling of Extreme Values, section 3.1.3",
      .group = group::location_scale,
      .support = {-infinity, infinity, false, false, "1 + concentration * (x - loc) / scale > 0"},
      .scipy = "genextreme",
      .scipy_arguments = {{"c", convert::negative, "concentration"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "gumbel",
                  .parameter = "concentration",
                  .value = 0.0,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double loc, scale, concentration;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "quantile of 1/e: the mode where concentration is 0"},
      {"scale", domain::positive, coordinate::log, "spread"},
      {.name = "concentration",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "tail index: positive for a power-law upper tail, negative for a finite upper end",
       .lower = -1.0},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 0.2},    {3.0, 2.0, -0.3}, {0.0, 1e6, 1.5},  {0.0, 1.0, 0.0},
                                    {-1.0, 1e-6, 1e-9}, {0.0, 5.0, -0.9}, {1e9, 3.0, -1e-5}};

  template <class L, class S, class X>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const X& concentration) {
    return at(loc, scale, concentration);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0]}; }

  template <class P, class X>
  struct fields {
    P power;
    X xi;
  };
  template <class X>
  static auto prepare(const X& xi) {
    return fields<decltype(1.0 + xi), X>{1.0 + xi, xi};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double z) {
    return 1.0 + p.xi * z > 0.0;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    const auto y = gumbel_variable(p.xi, z);
    sink.add(-1.0, p.power * y + exp_minus(y));
  }
  // With all digits, row by row.
  template <class Q, class X, class Z>
  THETAHAT_INLINE static auto log_density(const fields<Q, X>& p, const Z& z) {
    const auto y = log1p_ratio(p.xi, z);
    return -(p.power * y + exp_minus(y));
  }
  // Where z overflows, from log |z|.
  static double far_log_density(const fields<double, double>& p, double log_abs_z) {
    if (p.xi == 0.0) return -infinity;
    const double y = (log(__builtin_fabs(p.xi)) + log_abs_z) / p.xi;
    return -(p.power * y + exp(-y));
  }
  static bool regular(theta t) { return t.concentration > -0.5; }
  static double lower(theta t) { return t.concentration > 0.0 ? t.loc - t.scale / t.concentration : -infinity; }
  static double upper(theta t) { return t.concentration < 0.0 ? t.loc - t.scale / t.concentration : infinity; }

  static double y(theta t, double x) {
    const double xi = t.concentration, z = (x - t.loc) / t.scale;
    if (std::fabs(xi * z) < infinity) return log1p_ratio(xi, z);
    return xi == 0.0 ? z : (std::log(std::fabs(xi)) + std::log(std::fabs(x - t.loc)) - std::log(t.scale)) / xi;
  }
  static double log_cdf(theta t, double x) { return -std::exp(-y(t, x)); }
  static double log_sf(theta t, double x) {
    const double u = y(t, x), e = std::exp(-u);
    return u > 40.0 ? -u - 0.5 * e : special::log1mexp(e);  // e itself underflows before its logarithm does
  }
  static double cdf(theta t, double x) { return std::exp(-std::exp(-y(t, x))); }
  static double sf(theta t, double x) { return -std::expm1(-std::exp(-y(t, x))); }
  static double standard(double xi, double y) { return xi == 0.0 ? y : std::expm1(xi * y) / xi; }
  static double from_y(theta t, double y) { return t.loc + t.scale * standard(t.concentration, y); }
  static double icdf(theta t, double q) { return from_y(t, -std::log(-std::log(q))); }
  static double isf(theta t, double q) { return from_y(t, -std::log(-std::log1p(-q))); }
  static double draw_from_exponential(theta t, double e) { return from_y(t, -std::log(e)); }

  // (log Gamma(1 - x) - euler_gamma x) / x^2 = sum of zeta(k) x^(k - 2) / k, |x| <= 1/4
  static double log_gamma_rest(double x) {
    constexpr double coefficient[] = {
        0.8224670334241132,   0.40068563438653143,  0.27058080842778454, 0.20738555102867398, 0.1695571769974082,
        0.1440498967688461,   0.12550966952474304,  0.11133426586956469, 0.1000994575127818,  0.09095401714582904,
        0.083353840546109,    0.0769325164113522,   0.07143294629536133, 0.06666870588242046, 0.06250095514121304,
        0.058823978658684585, 0.055555767627403614, 0.05263167937961666, 0.05000004769810169, 0.047619070330142226,
        0.04545455629320467,  0.04347826605304026,  0.04166666915034121, 0.04000000119214014, 0.03846153903467518,
        0.037037037312989324, 0.035714285847333355};
    double sum = 0.0;
    for (int k = static_cast<int>(sizeof coefficient / sizeof *coefficient); k-- > 0;) sum = sum * x + coefficient[k];
    return sum;
  }
  static double log_gamma(double xi) {  // log Gamma(1 - xi)
    return std::fabs(xi) <= 0.125 ? xi * (euler_gamma + xi * log_gamma_rest(xi)) : special::lgamma(1.0 - xi);
  }
  static double moment_order(theta t) { return t.concentration > 0.0 ? 1.0 / t.concentration : infinity; }
  static double mean(theta t) {
    const double xi = t.concentration;
    if (xi >= 1.0) return infinity;
    return t.loc + t.scale * (xi == 0.0 ? euler_gamma : std::expm1(log_gamma(xi)) / xi);
  }
  static double variance(theta t) {  // Gamma(1 - 2 xi) - Gamma(1 - xi)^2 = Gamma(1 - xi)^2 expm1(gap)
    const double xi = t.concentration;
    if (xi >= 0.5) return infinity;
    const bool near = std::fabs(xi) <= 0.125;
    const double quotient = near ? 4.0 * log_gamma_rest(2.0 * xi) - 2.0 * log_gamma_rest(xi) : 0.0;  // gap / xi^2
    const double gap = near ? xi * xi * quotient : special::lgamma(1.0 - 2.0 * xi) - 2.0 * special::lgamma(1.0 - xi);
    const double ratio = !near       ? std::expm1(gap) / (xi * xi)
                         : gap > 0.0 ? quotient * (std::expm1(gap) / gap)
                                     : quotient;
    const double size = t.scale * std::exp(log_gamma(xi));
    return size * size * ratio;
  }
  static double mode(theta t) { return t.concentration > -1.0 ? from_y(t, -std::log1p(t.concentration)) : upper(t); }
  static double entropy(theta t) { return std::log(t.scale) + euler_gamma * (1.0 + t.concentration) + 1.0; }

  // The tail index from probability-weighted moments (Hosking, Wallis and Wood 1985), the rest from quartiles; then so
  // wide that the support holds the sample.
  static theta start(const start_sample& s, theta known) {
    // At -1 the law is a reversed exponential one, and its end the largest observation: the maximum itself.
    if (known.concentration == -1.0 && std::isnan(known.loc) && std::isnan(known.scale)) {
      const double end = s.sorted[s.n - 1];
      double spread = 0.0;
      for (std::size_t i = 0; i < s.n; ++i) spread += (end - s.sorted[i]) / static_cast<double>(s.n);
      const double beside = std::fmax(1e-13 * spread, std::nextafter(end, infinity) - end);  // the support is open
      return {end - spread + beside, spread, -1.0};
    }
    const double median = s.quantile(0.5), n = static_cast<double>(s.n);
    double b0 = 0.0, b1 = 0.0, b2 = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double p = (static_cast<double>(i) + 0.65) / n, d = s.sorted[i] - median;
      b0 += d;
      b1 += p * d;
      b2 += p * p * d;
    }
    double xi = known.concentration;
    if (std::isnan(xi)) {
      const double c = (2.0 * b1 - b0) / (3.0 * b2 - b0) - 0.63092975357145743710;  // log 2 / log 3
      xi = -c * (7.8590 + 2.9554 * c);
      xi = xi > -0.5 ? std::fmin(xi, 0.8) : xi <= -0.5 ? -0.5 : 0.1;
      if (std::fabs(xi) < 1e-3) xi = 1e-3;
    }
    const auto h = [&](double p) { return standard(xi, -std::log(-std::log(p))); };
    double scale = (s.quantile(0.75) - s.quantile(0.25)) / (h(0.75) - h(0.25));
    scale = std::fmax(scale, 1e-9 * std::sqrt(s.variance));
    const double low = s.sorted[0], high = s.sorted[s.n - 1], margin = 1.02 * std::fabs(xi);
    if (!std::isnan(known.loc))
      return {known.loc, std::fmax(scale, margin * (xi > 0.0 ? known.loc - low : high - known.loc)), xi};
    if (!std::isnan(known.scale)) {
      double loc = median - known.scale * h(0.5);
      if (xi > 0.0) loc = std::fmin(loc, low + 0.98 * known.scale / xi);
      if (xi < 0.0) loc = std::fmax(loc, high + 0.98 * known.scale / xi);
      return {loc, known.scale, xi};
    }
    // the end of the support is loc - scale / xi, and the median loc + scale h(1/2)
    const double distance = xi > 0.0 ? median - low : high - median;
    scale = std::fmax(scale, margin * distance / (1.0 + xi * h(0.5)));
    return {median - scale * h(0.5), scale, xi};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
