#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// Stirling's remainder of log Gamma at 1/q^2 with its derivatives in q, smooth at q = 0.
struct stirling_at {
  double f, f1, f2;
};
inline stirling_at stirling_at_inverse_square(double q) {
  const double w = q * q;
  if (w < 1.0 / 400) {
    return {w / 12 - w * w * w / 360 + w * w * w * w * w / 1260, q * (1.0 / 6 - w * w / 60 + w * w * w * w / 126),
            1.0 / 6 - w * w / 12 + w * w * w * w / 14};
  }
  const double a = 1.0 / w, first = -digamma_rest(a), slope = -2.0 * a / q;
  return {special::stirling_correction(a), first * slope, trigamma_rest(a) * slope * slope + first * (6.0 * a * a)};
}
inline double stirling_norm(double q) { return -0.5 * 1.8378770664093454836 - stirling_at_inverse_square(q).f; }
template <class... P>
inline auto stirling_norm(const jet<P...>& q) {
  const stirling_at s = stirling_at_inverse_square(q.v);
  return chain(-0.5 * 1.8378770664093454836 - s.f, -s.f1, -s.f2, q);
}

struct generalized_gamma {
  static constexpr family_info info = {
      .name = "generalized_gamma",
      .class_name = "GeneralizedGamma",
      .summary = "A power of a gamma variable: gamma, Weibull and, at the end, log-normal lifetimes in one family.",
      .formula = "log p(x) = log(power) + concentration * z - exp(z) - log Gamma(concentration) - log(x), "
                 "z = power * log(x / scale)",
      .source = "Prentice (1974), Biometrika 61, 539-544; Stacy (1962), Ann. Math. Stat. 33, 1187-1192",
      .group = group::scale,
      .observed = observed::log,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "gengamma",
      .scipy_arguments = {{"a", convert::identity, "concentration"},
                          {"c", convert::identity, "power"},
                          {"scale", convert::identity, "scale"}},
      .limits =
          {{.kind = limit_kind::boundary, .family = "log_normal", .parameter = "concentration", .value = infinity},
           {.kind = limit_kind::interior,
            .family = "gamma",
            .parameter = "power",
            .value = 1.0,
            .arguments = {{"concentration", convert::identity, "concentration"},
                          {"rate", convert::reciprocal, "scale"}}},
           {.kind = limit_kind::interior,
            .family = "weibull",
            .parameter = "concentration",
            .value = 1.0,
            .arguments = {{"concentration", convert::identity, "power"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double concentration, power, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::log, "shape of the gamma variable (x / scale)^power"},
      {"power", domain::positive, coordinate::log, "power of x that has a gamma law"},
      {"scale", domain::positive, coordinate::log, "unit of x"},
  };
  static constexpr theta cases[] = {{2.0, 1.5, 1.0},  {0.7, 3.0, 1e-6}, {1.0, 1.0, 5.0},
                                    {10.0, 0.5, 1e3}, {0.3, 8.0, 2.0},  {5.0, 20.0, 1.0}};

  // Prentice's coordinates, in which the log-normal law is a point inside: q = 1 / sqrt(concentration).
  template <class A, class C, class S>
  THETAHAT_INLINE static auto internal(const A& concentration, const C& power, const S& scale) {
    const auto log_a = log(concentration);
    const auto q = exp(-0.5 * log_a);
    return at(log(scale) + log_a * recip(power), q * recip(power), q);
  }
  static theta canonical(const point& p) {
    const double a = 1.0 / (p.shape[0] * p.shape[0]), power = p.shape[0] / p.scale;
    return {a, power, std::exp(p.loc - std::log(a) / power)};
  }
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 0.0, &info.limits[0]},
                                  {slot::scale, coordinate::log},
                                  {slot::loc, coordinate::identity}};

  template <class Q, class N>
  struct fields {
    Q q;
    N norm;
  };
  template <class Q>
  static auto prepare(const Q& q) {
    return fields<Q, decltype(stirling_norm(q))>{q, stirling_norm(q)};
  }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P& p, const Z& z) {
    return p.q * z;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E& e, Sink& sink) {
    sink.constant(p.norm);
    sink.add(-1.0, exp_rest_ratio(p.q, z, value(e)));
  }

  static double log_z(theta t, double x) {  // of (x / scale)^power
    const double ratio = x / t.scale;
    const bool normal = ratio > 1e-300 && ratio < infinity;
    return t.power * (normal ? std::log(ratio) : std::log(x) - std::log(t.scale));
  }
  static double cdf(theta t, double x) {
    const double z = log_z(t, x);
    return z < -700.0 ? std::exp(log_cdf(t, x)) : special::gamma_p(t.concentration, std::exp(z));
  }
  static double sf(theta t, double x) { return special::gamma_q(t.concentration, std::exp(log_z(t, x))); }
  static double log_cdf(theta t, double x) {
    const double z = log_z(t, x);
    if (z < -700.0) return t.concentration * z - special::lgamma(1.0 + t.concentration);  // exp(z) underflows
    return special::log_gamma_p(t.concentration, std::exp(z));
  }
  static double log_sf(theta t, double x) { return special::log_gamma_q(t.concentration, std::exp(log_z(t, x))); }
  static double from_gamma(theta t, double g) { return t.scale * std::pow(g, 1.0 / t.power); }
  // Next to zero, where the gamma variable underflows and x need not.
  static double near_zero(theta t, double log_q) {
    return t.scale * std::exp((log_q + special::lgamma(1.0 + t.concentration)) / t.concentration / t.power);
  }
  static double icdf(theta t, double q) {
    const double g = special::gamma_p_inverse(t.concentration, q);
    return g > 1e-290 ? from_gamma(t, g) : near_zero(t, std::log(q));
  }
  static double isf(theta t, double q) {
    const double g = special::gamma_q_inverse(t.concentration, q);
    return g > 1e-290 ? from_gamma(t, g) : near_zero(t, std::log1p(-q));
  }
  // E x^k / scale^k; the second difference in k of its logarithm is that of log Gamma(concentration + k / power).
  static double log_moment(theta t, double k) { return log_gamma_step(t.concentration, k / t.power); }
  static double moment(theta t, int k) { return std::exp(k * std::log(t.scale) + log_moment(t, k)); }
  static double mean(theta t) { return t.scale * std::exp(log_moment(t, 1.0)); }
  static double variance(theta t) {
    const double m = mean(t);
    return m * m * std::expm1(second_difference(t.concentration, 1.0 / t.power));
  }
  static double mode(theta t) {
    const double c = t.concentration - 1.0 / t.power;
    return c > 0.0 ? from_gamma(t, c) : 0.0;
  }
  static double entropy(theta t) {
    const double a = t.concentration, rest = digamma_rest(a);
    // of the logarithm, through Stirling's remainders: a - a log a + log Gamma(a) cancel
    return 0.5 * (log_two_pi + 1.0 - std::log(a)) + special::stirling_correction(a) + a * rest - std::log(t.power) +
           std::log(t.scale) + (std::log(a) - 0.5 / a - rest) / t.power;
  }
  static double gamma_shape(theta t) { return t.concentration; }
  static double draw_from_gamma(theta t, double g) { return from_gamma(t, g); }

  static theta start(
      const start_sample& s) {  // Weibull's law by its quartiles, with a little more weight in the middle
    const double spread = std::fmax(s.quantile(0.75) - s.quantile(0.25), 1e-12 * (1.0 + std::fabs(s.mean)));
    const double power = 1.2 / spread;
    return {1.5, power, std::exp(s.quantile(0.5) - 0.157 / power)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
