#pragma once

#include "../math/asinh.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log of the density at asinh = 0: -log(2^(a+b-1) B(a, b) sqrt(a + b)), by Stirling's series, whose leading parts cancel.
inline double jones_faddy_norm(double a, double b) {
  const double n = a + b, d = (a - b) / n;
  return -0.5 * log_two_pi -
         (special::stirling_correction(a) + special::stirling_correction(b) - special::stirling_correction(n)) -
         (a - 0.5) * (d < 0.0 ? log(2.0 * a / n) : log1p(d)) - (b - 0.5) * (d < 0.0 ? log1p(-d) : log(2.0 * b / n));
}
template <class... P, class... Q>
inline auto jones_faddy_norm(const jet<P...>& a, const jet<Q...>& b) {
  const double n = a.v + b.v, r = 1.0 / n;
  const double first = special::digamma(n) - 0.5 * r - log_two, second = special::trigamma(n) + 0.5 * r * r;
  return chain(jones_faddy_norm(a.v, b.v), first - special::digamma(a.v), first - special::digamma(b.v),
               second - special::trigamma(a.v), second, second - special::trigamma(b.v), a, b);
}

struct jones_faddy_skew_t {
  static constexpr family_info info = {
      .name = "jones_faddy_skew_t",
      .class_name = "JonesFaddySkewT",
      .summary = "Student's law with a power of its own for each tail; equal concentrations of df / 2 give it back.",
      .formula =
          "log p(x) = (a + 1/2) * log(1 + s) + (b + 1/2) * log(1 - s) - log(2^(a + b - 1) B(a, b) sqrt(a + b)) "
          "- log(scale), s = z / sqrt(a + b + z^2), z = (x - loc) / scale, a = concentration1, b = concentration0",
      .source =
          "Jones and Faddy (2003), A skew extension of the t-distribution, with applications, Journal of the Royal "
          "Statistical Society B 65, 159-174",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .scipy = "jf_skew_t",
      .scipy_arguments = {{"a", convert::identity, "concentration1"},
                          {"b", convert::identity, "concentration0"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double concentration1, concentration0, loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration1", domain::positive, coordinate::log, "half the power of the left tail"},
      {"concentration0", domain::positive, coordinate::log, "half the power of the right tail"},
      {"loc", domain::real, coordinate::identity, "location: the median where the two are equal"},
      {"scale", domain::positive, coordinate::log, "spread"},
  };
  static constexpr theta cases[] = {{3.0, 1.5, 0.0, 1.0},  {2.0, 5.0, -2.0, 0.5}, {2.5, 2.5, 1e9, 3.0},
                                    {0.3, 0.7, 0.0, 1e-9}, {4.0, 3.0, 5.0, 1e9},  {1.0, 6.0, 0.0, 1.0}};

  // z = (x - loc) / (scale sqrt(a + b)) would make the scale depend on the shapes: the root stays with the terms.
  template <class A, class B, class L, class S>
  THETAHAT_INLINE static auto internal(const A& concentration1, const B& concentration0, const L& loc, const S& scale) {
    return at(loc, scale, concentration1, concentration0);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1], p.loc, p.scale}; }

  template <class N, class D, class T, class R>
  struct fields {
    N norm;
    D lean;
    T total;  // a + b + 1, negated
    R root;   // 1 / sqrt(a + b)
    double a, b, log_share1, log_share0, centre;
  };
  template <class A, class B>
  static auto prepare(const A& a, const B& b) {
    auto norm = jones_faddy_norm(a, b);
    auto root = exp(-0.5 * log(a + b));
    const double c1 = value(a), c0 = value(b), n = c1 + c0;
    return fields<decltype(norm), decltype(a - b), decltype(-(a + b + 1.0)), decltype(root)>{
        norm,
        a - b,
        -(a + b + 1.0),
        root,
        c1,
        c0,
        log(c1 / n),
        log(c0 / n),
        0.5 * (log(c1 / n) + log(c0 / n) - log_two_pi) + log_two +
            (special::stirling_correction(n) - special::stirling_correction(c1) - special::stirling_correction(c0))};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.lean, asinh(p.root * z));
    sink.add(p.total, half_log1p_square(p.root * z));
  }

  // The terms cancel for large concentrations: then Loader's saddle-point form of the beta law of y = (1 + s) / 2, with
  // the slope of y in z, 4 (y (1 - y))^(3/2) / sqrt(a + b).
  static bool admissible(const point& p) { return p.shape[0] < 64.0 && p.shape[1] < 64.0; }
  THETAHAT_INLINE static double log_density(const fields<double, double, double, double>& p, double z) {
    const double w = p.root * z, v = abs(w), h = half_log1p_square(w);
    const double root = __builtin_sqrt(1.0 + v * v);
    const double small = 0.5 / (root * (root + v));
    const double log_large = log1p(-small), log_small = -2.0 * (h + log_two) - log_large;
    const double n = p.a + p.b;
    const double y1 = w < 0.0 ? small : 1.0 - small, y0 = w < 0.0 ? 1.0 - small : small;
    return (p.centre - h) - scaled_deviance(p.a, n * y1, (w < 0.0 ? log_small : log_large) - p.log_share1) -
           scaled_deviance(p.b, n * y0, (w < 0.0 ? log_large : log_small) - p.log_share0);
  }

  // Where z overflows, from its factors.
  static double far_log_density(const fields<double, double, double, double>& p, double d, double r) {
    const double l = log(abs(d)) + log(r * p.root);
    return p.norm + p.lean * __builtin_copysign(l + log_two, d) + p.total * l;
  }

  // The cdf is I_y(a, b) with y = (1 + s) / 2.
  static special::unit_pair share(theta t, double x) {
    const double z = (x - t.loc) / t.scale / std::sqrt(t.concentration1 + t.concentration0);
    const double y = std::fabs(z), root = std::sqrt(1.0 + y * y);
    const double small = y < 0x1p500 ? 0.5 / (root * (root + y)) : 0.25 / y / y;
    return z < 0.0 ? special::unit_pair{small, 1.0 - small} : special::unit_pair{1.0 - small, small};
  }
  static double by(theta t, double x, double (*beta)(double, double, double, double)) {
    const auto y = share(t, x);
    return beta(t.concentration1, t.concentration0, y.x, y.one_minus_x);
  }
  static double cdf(theta t, double x) { return by(t, x, special::beta_p); }
  static double sf(theta t, double x) { return by(t, x, special::beta_q); }
  static double log_cdf(theta t, double x) { return by(t, x, special::log_beta_p); }
  static double log_sf(theta t, double x) { return by(t, x, special::log_beta_q); }
  static double value_of(theta t, special::unit_pair y) {
    const double root = std::sqrt(t.concentration1 + t.concentration0);
    return t.loc + t.scale * root * ((y.x - 0.5) / std::sqrt(y.x) / std::sqrt(y.one_minus_x));
  }
  static double icdf(theta t, double q) {
    return value_of(t, special::beta_p_inverse(t.concentration1, t.concentration0, q));
  }
  static double isf(theta t, double q) {
    return value_of(t, special::beta_q_inverse(t.concentration1, t.concentration0, q));
  }
  static double moment_order(theta t) { return 2.0 * std::fmin(t.concentration1, t.concentration0); }
  // Gamma(a - 1/2) / Gamma(a) times the same of b
  static double gamma_ratios(double a, double b) {
    return std::exp(special::lgamma(a - 0.5) - special::lgamma(a) + special::lgamma(b - 0.5) - special::lgamma(b));
  }
  static double standard_mean(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    return 0.5 * (a - b) * std::sqrt(a + b) * gamma_ratios(a, b);
  }
  static double mean(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    if (!(a > 0.5) || !(b > 0.5)) return not_a_number;
    return t.loc + t.scale * standard_mean(t);
  }
  static double variance(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    if (!(a > 0.5) || !(b > 0.5)) return not_a_number;
    if (!(a > 1.0) || !(b > 1.0)) return infinity;
    const double m = standard_mean(t), d = a - b;
    return t.scale * t.scale * (0.25 * (a + b) * (d * d + (a + b - 2.0)) / (a - 1.0) / (b - 1.0) - m * m);
  }
  static double mode(theta t) {
    const double a = t.concentration1, b = t.concentration0;
    return t.loc + t.scale * (a - b) * std::sqrt(a + b) / std::sqrt(2.0 * a + 1.0) / std::sqrt(2.0 * b + 1.0);
  }
  // With y the beta variable, s = 2y - 1: means of log y and log(1 - y).
  static double entropy(theta t) {
    const double a = t.concentration1, b = t.concentration0, total = special::digamma(a + b) - log_two;
    return std::log(t.scale) - jones_faddy_norm(a, b) - (a + 0.5) * (special::digamma(a) - total) -
           (b + 0.5) * (special::digamma(b) - total);
  }

  // As both concentrations grow the law becomes normal.
  static constexpr bool ridges = true;

  // Tails of Student's law with 5 degrees of freedom, leaning as the quantiles do.
  static theta start(const start_sample& s) {
    const double low = s.quantile(0.05), middle = s.quantile(0.5), high = s.quantile(0.95);
    const double spread = std::fmax(high - low, 1e-9 * std::sqrt(s.variance));
    const double lean = std::fmin(std::fmax((high - 2.0 * middle + low) / spread, -0.6), 0.6);
    theta t{2.5 * (1.0 + lean), 2.5 * (1.0 - lean), 0.0, 1.0};
    const double first = icdf(t, 0.05), centre = icdf(t, 0.5), last = icdf(t, 0.95);
    t.scale = spread / (last - first);
    t.loc = middle - t.scale * centre;
    return t;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
