#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log Phi(1 / |x|) with its derivatives, flat to every order at x = 0.
inline double log_kept(double x) { return special::log_normal_cdf(1.0 / std::fabs(x)); }
template <class... P>
inline auto log_kept(const jet<P...>& x) {
  const double u = 1.0 / std::fabs(x.v), f = special::log_normal_cdf(u);
  const double ratio = u < 40.0 ? std::exp(-0.5 * u * u - 0.91893853320467274178 - f) : 0.0;  // phi / Phi
  if (ratio == 0.0) return chain(f, 0.0, 0.0, x);
  const double first = -ratio, second = -ratio * (u + ratio);  // in u, the first taken with du/dx = -u^2 sign(x)
  return chain(f, first * u * u * std::copysign(1.0, x.v), second * u * u * u * u + ratio * 2.0 * u * u * u, x);
}

struct box_cox_cole_green {
  static constexpr family_info info = {
      .name = "box_cox_cole_green",
      .class_name = "BoxCoxColeGreen",
      .summary = "Growth charts (the LMS method): a power of x is normal, cut off where x would be negative.",
      .formula = "log p(x) = -y^2 / 2 - log(2 pi) / 2 - log(scale) + skewness * log(x / loc) - log(x) "
                 "- log Phi(1 / (scale * |skewness|)), y = ((x / loc)^skewness - 1) / (skewness * scale)",
      .source = "Cole and Green (1992), Statistics in Medicine 11, 1305-1319; Rigby and Stasinopoulos (2004), ibid. 23",
      .group = group::scale,
      .observed = observed::log,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .limits = {{.kind = limit_kind::interior, .family = "log_normal", .parameter = "skewness", .value = 0.0}},
  };
  struct theta {
    double loc, scale, skewness;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::positive, coordinate::log, "median, up to the part that is cut off"},
      {"scale", domain::positive, coordinate::log, "coefficient of variation, about"},
      {"skewness", domain::real, coordinate::identity, "power of x that is normal: 1 none, 0 the log-normal law"},
  };
  static constexpr theta cases[] = {{10.0, 0.2, 0.5}, {100.0, 0.1, -1.5}, {1.0, 0.5, 0.0},
                                    {1e-6, 0.7, 1.3}, {3.0, 0.02, 8.0},   {1e6, 2.0, -0.3}};

  template <class L, class S, class N>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const N& skewness) {
    return at(log(loc), scale, skewness * scale);
  }
  static theta canonical(const point& p) { return {std::exp(p.loc), p.scale, p.shape[0] / p.scale}; }
  static double unit(theta t) { return t.loc; }

  template <class A, class N>
  struct fields {
    A power;
    N norm;
  };
  template <class A>
  static auto prepare(const A& power) {
    auto norm = -log_kept(power) - 0.5 * log_two_pi;
    return fields<A, decltype(norm)>{power, norm};
  }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stage(const P& p, const Z& z) {
    return p.power * z;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E& e, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.power, z);
    sink.add(-0.5, sq(expm1_ratio(p.power, z)));
  }

  static double power(theta t) { return t.scale * t.skewness; }
  static double y(theta t, double x) {
    const double z = std::log(x / t.loc) / t.scale, u = power(t) * z;
    return expm1_ratio(power(t), z);
  }
  // The end of the normal law that is cut off, and what is left of the law.
  static double end(theta t) { return -1.0 / power(t); }
  static double kept(theta t) { return special::normal_cdf(1.0 / std::fabs(power(t))); }
  static double log_kept_of(theta t) { return log_kept(power(t)); }
  // Between the cut and y, from the tail that keeps its digits.
  static double log_between(double from, double to) {
    if (from > 0.0) return log_between(-to, -from);
    const double upper = special::log_normal_cdf(to), lower = special::log_normal_cdf(from);
    return upper + special::log1mexp(upper - lower);
  }
  static double log_cdf(theta t, double x) {
    if (t.skewness > 0.0) return log_between(end(t), y(t, x)) - log_kept_of(t);
    return special::log_normal_cdf(y(t, x)) - log_kept_of(t);
  }
  static double log_sf(theta t, double x) {
    if (t.skewness < 0.0) return log_between(y(t, x), end(t)) - log_kept_of(t);
    return special::log_normal_cdf(-y(t, x)) - log_kept_of(t);
  }
  static double cdf(theta t, double x) { return std::exp(log_cdf(t, x)); }
  static double sf(theta t, double x) { return std::exp(log_sf(t, x)); }
  static double from_y(theta t, double y) {
    const double p = power(t);
    return t.loc * std::exp(t.scale * (p == 0.0 ? y : std::log1p(std::fmax(p * y, -1.0)) / p));
  }
  static double icdf(theta t, double q) {
    const double k = kept(t);
    return from_y(t, special::normal_quantile(t.skewness > 0.0 ? (1.0 - k) + k * q : k * q));
  }
  static double isf(theta t, double q) {
    const double k = kept(t);
    return from_y(t, -special::normal_quantile(t.skewness < 0.0 ? (1.0 - k) + k * q : k * q));
  }
  static double moment_order(theta t) { return t.skewness < 0.0 ? -t.skewness : infinity; }  // the end is x = infinity
  static double mode(theta t) {  // w = (x / loc)^skewness solves w (w - 1) = scale^2 skewness (skewness - 1)
    const double p = power(t), d = 4.0 * p * (p - t.scale);
    if (t.skewness == 0.0) return t.loc * std::exp(-t.scale * t.scale);
    if (d < -1.0) return 0.0;
    // log w / skewness, w - 1 = (sqrt(1 + d) - 1) / 2 without cancellation
    return t.loc * std::exp(std::log1p(0.5 * d / (1.0 + std::sqrt(1.0 + d))) / t.skewness);
  }

  static theta start(const start_sample& s) {  // log-normal by its quartiles, a small power by their asymmetry
    const double middle = s.quantile(0.5), low = middle - s.quantile(0.25), high = s.quantile(0.75) - middle;
    const double scale = std::fmax((low + high) / 1.349, 1e-12 * (1.0 + std::fabs(s.mean)));
    return {std::exp(middle), scale, 0.0};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
