#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// The internal coordinates are scale / concentration, the reciprocal of the initial hazard, and 1 / concentration: the
// exponential law is at a finite point.
struct gompertz {
  static constexpr family_info info = {
      .name = "gompertz",
      .class_name = "Gompertz",
      .summary = "Lifetimes with a hazard that grows exponentially with age: human mortality.",
      .formula = "log p(x) = log(concentration / scale) + z - concentration * (exp(z) - 1), z = x / scale",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, section 22.8",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, true, false, "x >= 0"},
      .scipy = "gompertz",
      .scipy_arguments = {{"c", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
      .limits =
          {{.kind = limit_kind::boundary, .family = "exponential", .parameter = "concentration", .value = infinity}},
  };
  struct theta {
    double concentration, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::reciprocal, "shape: the hazard at zero, per scale"},
      {"scale", domain::positive, coordinate::reciprocal, "time over which the hazard grows by a factor e"},
  };
  static constexpr theta cases[] = {{0.5, 1.0}, {1e-3, 10.0}, {3.0, 1e-6}, {1e-8, 1e9}, {1e6, 2e6}, {1e10, 5.0}};

  template <class C, class S>
  THETAHAT_INLINE static auto internal(const C& concentration, const S& scale) {
    return at(zero{}, scale * recip(concentration), recip(concentration));
  }
  static theta canonical(const point& p) { return {1.0 / p.shape[0], p.scale / p.shape[0]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 0.0, &info.limits[0]},
                                  {slot::scale, coordinate::log}};

  template <class A>
  struct fields {
    A eta;
  };
  template <class A>
  static auto prepare(const A& eta) {
    return fields<A>{eta};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.add(p.eta, z);
    sink.add(-1.0, expm1_ratio(p.eta, z));
  }

  static double hazard(theta t, double x) { return t.concentration * std::expm1(x / t.scale); }
  static double log_sf(theta t, double x) { return -hazard(t, x); }
  static double log_cdf(theta t, double x) {
    const double h = hazard(t, x);  // underflows before its logarithm does
    return h < 1e-300 ? std::log(t.concentration) + std::log(x) - std::log(t.scale) : special::log1mexp(h);
  }
  static double sf(theta t, double x) { return std::exp(-hazard(t, x)); }
  static double cdf(theta t, double x) { return -std::expm1(-hazard(t, x)); }
  static double from_hazard(theta t, double h) { return t.scale * std::log1p(h / t.concentration); }
  static double icdf(theta t, double q) { return from_hazard(t, -std::log1p(-q)); }
  static double isf(theta t, double q) { return from_hazard(t, -std::log(q)); }
  // The mean of g(z), z = log(1 + h / concentration) with h standard exponential, by trapezoids in log h.
  template <class G>
  static double average(theta t, G g) {
    constexpr double step = 0.2;
    double sum = 0.0;
    for (int i = -220; i <= 20; ++i) {
      const double h = std::exp(step * i);
      sum += h * std::exp(-h) * g(std::log1p(h / t.concentration));
    }
    return step * sum;
  }
  static double mean(theta t) {
    return t.scale * average(t, [](double z) { return z; });
  }
  static double variance(theta t) {
    const double m = mean(t) / t.scale;
    return t.scale * t.scale * average(t, [m](double z) { return (z - m) * (z - m); });
  }
  static double mode(theta t) { return t.concentration < 1.0 ? -t.scale * std::log(t.concentration) : 0.0; }
  static double entropy(theta t) { return 1.0 - mean(t) / t.scale - std::log(t.concentration / t.scale); }
  static double moment(theta t, int k) {
    return average(t, [t, k](double z) { return std::pow(t.scale * z, k); });
  }
  static double draw_from_exponential(theta t, double e) { return from_hazard(t, e); }

  // From two quantiles, at which the hazard is log 2 and log 10: the ratio of their expm1(x / scale) is known.
  static theta start(const start_sample& s) {
    const double low = std::fmax(s.quantile(0.5), 1e-9 * s.sorted[s.n - 1]), high = s.quantile(0.9);
    const double at_low = 0.69314718055994530942, ratio = 3.3219280948873623;
    double below = 0.05, above = 50.0;  // low / scale: nearly exponential, and a law that is nearly a point
    for (int i = 0; i < 60; ++i) {
      const double u = std::sqrt(below * above);
      (std::expm1(u * (high / low)) < ratio * std::expm1(u) ? below : above) = u;
    }
    return {at_low / std::expm1(below), low / below};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
