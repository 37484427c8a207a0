#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// The internal coordinates are those of the generalised Pareto law, scale / concentration and 1 / concentration, in
// which the exponential law is at a finite point.
struct lomax {
  static constexpr family_info info = {
      .name = "lomax",
      .class_name = "Lomax",
      .summary =
          "Power-law tail that starts at zero (Pareto's second kind): an exponential waiting time whose rate is a "
          "gamma variable.",
      .formula = "log p(x) = log(concentration / scale) - (concentration + 1) * log(1 + x / scale)",
      .source = "Arnold (2015), Pareto Distributions, chapter 1",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, true, false, "x >= 0"},
      .scipy = "lomax",
      .scipy_arguments = {{"c", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
      .limits =
          {{.kind = limit_kind::boundary, .family = "exponential", .parameter = "concentration", .value = infinity}},
  };
  struct theta {
    double concentration, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::reciprocal, "tail index"},
      {"scale", domain::positive, coordinate::reciprocal, "where the power law sets in"},
  };
  static constexpr theta cases[] = {{2.5, 1.0}, {1.0, 0.3}, {0.3, 1e6}, {30.0, 1e-6}, {1e6, 3e6}, {1e10, 1e-2}};

  template <class C, class S>
  THETAHAT_INLINE static auto internal(const C& concentration, const S& scale) {
    return at(zero{}, scale * recip(concentration), recip(concentration));
  }
  static theta canonical(const point& p) { return {1.0 / p.shape[0], p.scale / p.shape[0]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 0.0, &info.limits[0]},
                                  {slot::scale, coordinate::log}};

  template <class C, class X>
  struct fields {
    C exponent;
    X xi;
  };
  template <class X>
  static auto prepare(const X& xi) {
    return fields<decltype(-(recip(xi) + 1.0)), X>{-(recip(xi) + 1.0), xi};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.log(p.exponent, 1.0 + p.xi * z, ge_one);
  }
  // Near the exponential law a product of numbers close to one loses the digits that 1/xi then multiplies.
  static bool admissible(const point& p) { return p.shape[0] > 1e-3; }
  template <class C, class X, class Z>
  THETAHAT_INLINE static auto log_density(const fields<C, X>& p, const Z& z) {
    return -((1.0 + p.xi) * log1p_ratio(p.xi, z));
  }
  // Where z overflows, from log |z|.
  static double far_log_density(const fields<double, double>& p, double log_abs_z) {
    if (p.xi == 0.0) return -infinity;
    return p.exponent * (log(p.xi) + log_abs_z);
  }

  static double hazard(theta t, double x) {
    const double z = x / t.scale;
    return t.concentration * (z < infinity ? std::log1p(z) : std::log(x) - std::log(t.scale));
  }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) { return special::log1mexp(hazard(t, x)); }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double from_hazard(theta t, double h) { return t.scale * std::expm1(h / t.concentration); }
  static double icdf(theta t, double q) { return from_hazard(t, -std::log1p(-q)); }
  static double isf(theta t, double q) { return from_hazard(t, -std::log(q)); }
  static double moment_order(theta t) { return t.concentration; }
  static double moment(theta t, int k) {  // for k < concentration
    double m = 1.0;
    for (int j = 1; j <= k; ++j) m *= j * (t.scale / (t.concentration - j));
    return m;
  }
  static double mean(theta t) { return t.concentration > 1.0 ? moment(t, 1) : infinity; }
  static double variance(theta t) {
    const double m = t.scale / (t.concentration - 1.0);
    return t.concentration > 2.0 ? m * m * (t.concentration / (t.concentration - 2.0)) : infinity;
  }
  static double mode(theta) { return 0.0; }
  static double entropy(theta t) { return 1.0 + 1.0 / t.concentration + std::log(t.scale / t.concentration); }
  static double draw_from_exponential(theta t, double e) { return from_hazard(t, e); }

  // From two quantiles, at which the hazard is log 2 and 2 log 2: their ratio is 1 + 2^(1/concentration).
  static theta start(const start_sample& s) {
    const double log_two = 0.69314718055994530942;
    const double median = std::fmax(s.quantile(0.5), 1e-9 * s.sorted[s.n - 1]);
    const double excess = std::fmax(s.quantile(0.75) / median - 1.0, 1.0);
    const double xi = std::fmin(std::fmax(std::log(excess) / log_two, 0.05), 20.0);
    return {1.0 / xi, median / std::expm1(log_two * xi)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
