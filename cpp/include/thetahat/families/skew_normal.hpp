#pragma once

#include "../math/log_ndtr.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct skew_normal {
  static constexpr family_info info = {
      .name = "skew_normal",
      .class_name = "SkewNormal",
      .summary = "Normal law of which one tail is thinned: the larger of two correlated normal variables (Azzalini).",
      .formula = "log p(x) = log(2) - z^2 / 2 - log(2 pi) / 2 + log Phi(asymmetry * z) - log(scale), "
                 "z = (x - loc) / scale",
      .source = "Azzalini and Capitanio (2014), The Skew-Normal and Related Families, chapter 2",
      .group = group::location_scale,
      .scipy = "skewnorm",
      .scipy_arguments = {{"a", convert::identity, "asymmetry"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::irregular,
                  .family = "normal",
                  .parameter = "asymmetry",
                  .value = 0.0,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double loc, scale, asymmetry;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "centre of the normal law whose tail is thinned"},
      {"scale", domain::positive, coordinate::log, "spread of that law"},
      {.name = "asymmetry",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "slant: zero for the normal law, infinite for the half-normal",
       .endless = "half-normal law from loc"},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 3.0},    {-2.0, 0.1, -1.0}, {1e9, 3.0, 8.0}, {5.0, 1e12, 0.3},
                                    {1.0, 1e-6, -40.0}, {0.0, 2.0, 0.0},   {0.0, 1.0, -1e4}};

  template <class L, class S, class A>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const A& asymmetry) {
    return at(loc, scale, asymmetry);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0]}; }

  template <class A>
  struct fields {
    A asymmetry;
    double norm;
  };
  template <class A>
  static auto prepare(const A& asymmetry) {
    return fields<A>{asymmetry, log_two - 0.5 * log_two_pi};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    const auto l = split_log_ndtr(p.asymmetry * z);
    sink.add(1.0, l.exponent - 0.5 * sq(z));
    sink.log(1.0, l.argument, positive);
  }
  static bool regular(theta t) { return t.asymmetry != 0.0; }  // there the scores of loc and asymmetry are proportional

  // The law at z with the slant made positive by reflection; `upper` asks for P(Z > z). The lower tail is twice what
  // Owen's T leaves of the quadrant; above zero there is half the normal law's tail to either side of it.
  static double log_tail(double a, double z, bool upper) {
    if (a < 0.0) return log_tail(-a, -z, !upper);
    const double log_rest = special::log_owen_rest(std::fabs(z), a);
    if (z <= 0.0) return upper ? std::log1p(-2.0 * std::exp(log_rest)) : log_two + log_rest;
    const double log_normal = special::log_normal_cdf(-z);
    if (log_normal == -infinity) return upper ? -infinity : 0.0;
    const double log_upper = log_two + log_normal + std::log1p(-std::exp(log_rest - log_normal));
    if (upper) return log_upper;
    return log_upper < -log_two ? std::log1p(-std::exp(log_upper))
                                : std::log(std::erf(z * std::sqrt(0.5)) + 2.0 * std::exp(log_rest));
  }
  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double log_cdf(theta t, double x) { return log_tail(t.asymmetry, z(t, x), false); }
  static double log_sf(theta t, double x) { return log_tail(t.asymmetry, z(t, x), true); }
  static double cdf(theta t, double x) { return std::exp(log_cdf(t, x)); }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }

  // Newton's method on the logarithm of the tail, which is concave: from its second step on it comes from one side. The
  // tail lies between those of the normal law and of the half-normal one, whose quantile is where it begins.
  static double quantile(double a, double q, bool upper) {
    if (a < 0.0) return -quantile(-a, q, !upper);
    if (q > 0.5) return quantile(a, 1.0 - q, !upper);
    const double n = special::normal_quantile(q), log_q = std::log(q), side = upper ? -1.0 : 1.0;
    double z = upper ? -special::normal_quantile(0.5 * q) : special::normal_quantile(0.5 + 0.5 * q);
    if (!upper) {  // Cornish and Fisher's, where it is no worse
      const double d = a / std::hypot(1.0, a), m = std::sqrt(2.0 / pi) * d, deviation = std::sqrt(1.0 - m * m);
      const double skew = (2.0 - 0.5 * pi) * (m * m * m) / (deviation * deviation * deviation);
      const double guess = m + deviation * (n + skew / 6.0 * (n * n - 1.0));
      if (guess >= n && guess < z && (a < 1.0 || guess > 0.5 * z)) z = guess;
    }
    for (int k = 0; k < 100; ++k) {
      const double log_p = log_tail(a, z, upper), gap = log_p - log_q;
      const double log_density = log_two - 0.5 * (z * z + log_two_pi) + log_ndtr(a * z);
      z -= side * gap * std::exp(log_p - log_density);
      if (!(std::fabs(gap) > 4e-16 * (1.0 - log_q))) break;
    }
    return z;
  }
  static double icdf(theta t, double q) { return t.loc + t.scale * quantile(t.asymmetry, q, false); }
  static double isf(theta t, double q) { return t.loc + t.scale * quantile(t.asymmetry, q, true); }

  static double delta(theta t) { return t.asymmetry / std::hypot(1.0, t.asymmetry); }
  static double mean(theta t) { return t.loc + t.scale * (std::sqrt(2.0 / pi) * delta(t)); }
  // The mean of log Phi(a z) over twice z's density Phi(a z) phi(z), by Gauss and Legendre where it is not negligible.
  static double entropy(theta t) {
    constexpr double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                               0.9739065285171717};
    constexpr double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                                 0.0666713443086881};
    const double a = std::fabs(t.asymmetry), half = 0.75 * std::fmin(1.0, 1.0 / a);
    double sum = 0.0;
    for (int panel = -7; panel < 7; ++panel)
      for (int i = 0; i < 10; ++i) {
        const double z = half * (2 * panel + 1 + (i < 5 ? -node[i] : node[i - 5]));
        const double l = log_ndtr(a * z);
        sum += weight[i % 5] * l * std::exp(l - 0.5 * z * z);
      }
    return 0.5 * (log_two_pi + 1.0) - log_two + std::log(t.scale) - 2.0 * half * sum * std::exp(-0.5 * log_two_pi);
  }
  static double variance(theta t) { return t.scale * t.scale * (1.0 - 2.0 / pi * sq(delta(t))); }
  // The root of z = a f'(a z), f = log Phi, between zero and 0.8, which f'' < 0 makes the only one.
  static double mode(theta t) {
    const double a = std::fabs(t.asymmetry);
    double low = 0.0, high = 0.8, z = std::fmin(0.5, a > 1.0 ? 1.0 / a : 0.5 * a);
    for (int k = 0; k < 200 && high - low > 1e-16 * high; ++k) {
      const log_ndtr_parts l = log_ndtr_of(a * z);
      const double gap = a * l.f1 - z;
      (gap > 0.0 ? low : high) = z;
      const double next = z - gap / (a * a * l.f2 - 1.0);
      if (next == z) break;
      z = next > low && next < high ? next : 0.5 * (low + high);
    }
    return t.loc + std::copysign(t.scale * z, t.asymmetry);
  }

  // From the third moment, which has the sign of the slant, where it may be that of a skew normal law.
  static theta start(const start_sample& s, theta known) {
    const double deviation = std::sqrt(s.variance);
    double third = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double d = (s.sorted[i] - s.mean) / deviation;
      third += d * d * d;
    }
    const double sample = std::fmin(std::fmax(third / static_cast<double>(s.n), -0.95), 0.95);
    double a = known.asymmetry;
    if (std::isnan(a)) {
      const double power = std::cbrt(sample * sample), rest = std::cbrt(sq(2.0 - 0.5 * pi));
      const double square = std::fmin(0.5 * pi * power / (power + rest), 0.995);
      a = std::copysign(std::fmax(std::sqrt(square / (1.0 - square)), 0.01), sample);
    }
    const double d = a / std::hypot(1.0, a);
    const double scale = std::isnan(known.scale) ? deviation / std::sqrt(1.0 - 2.0 / pi * d * d) : known.scale;
    return {s.mean - scale * (std::sqrt(2.0 / pi) * d), scale, a};
  }

 private:
  static constexpr double log_two = 0.69314718055994530942;
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
