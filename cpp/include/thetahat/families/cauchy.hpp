#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct cauchy {
  static constexpr family_info info = {
      .name = "cauchy",
      .class_name = "Cauchy",
      .summary = "Ratio of two normal variables: resonances, and tails so heavy that no mean exists.",
      .formula = "log p(x) = -log(1 + z^2) - log(pi scale), z = (x - loc) / scale",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 16",
      .group = group::location_scale,
      .scipy = "cauchy",
      .scipy_arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}},
      .torch = "Cauchy",
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "median and mode"},
      {"scale", domain::positive, coordinate::log, "half the distance between the quartiles"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-2.0, 0.1}, {1e9, 3.0}, {5.0, 1e12}, {1.0, 1e-9}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(loc, scale);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale}; }

  struct fields {};
  static fields prepare() { return {}; }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P&, const Z& z, const E&, Sink& sink) {
    sink.constant(-log_pi);
    sink.log(-1.0, 1.0 + sq(z), ge_one);
  }
  THETAHAT_INLINE static double log_density(const fields&, double z) {
    const double g = 1.0 + sq(z), h = -log_pi - vlog(g);
    return g < infinity ? h : not_a_number;
  }
  // Where z^2 overflows, from log |z|.
  static double far_log_density(const fields&, double log_abs_z) { return -log_pi - 2.0 * log_abs_z; }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double upper(double z) { return std::atan2(1.0, z) / pi; }
  static double log_upper(double z, double distance, double scale) {
    if (z > 1e9) return std::log(scale) - std::log(distance) - log_pi;  // 1/z underflows before its logarithm does
    return z > 0.0 ? std::log(upper(z)) : std::log1p(-upper(-z));
  }
  static double sf(theta t, double x) { return upper(z(t, x)); }
  static double cdf(theta t, double x) { return upper(-z(t, x)); }
  static double log_sf(theta t, double x) { return log_upper(z(t, x), x - t.loc, t.scale); }
  static double log_cdf(theta t, double x) { return log_upper(-z(t, x), t.loc - x, t.scale); }
  static double quantile(double q) {
    if (q < 0.25) return -1.0 / std::tan(pi * q);
    return q > 0.75 ? 1.0 / std::tan(pi * (1.0 - q)) : std::tan(pi * (q - 0.5));
  }
  static double icdf(theta t, double q) { return t.loc + t.scale * quantile(q); }
  static double isf(theta t, double q) { return t.loc - t.scale * quantile(q); }
  static double moment_order(theta) { return 1.0; }
  static double mean(theta) { return not_a_number; }
  static double variance(theta) { return not_a_number; }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return std::log(4.0 * pi) + std::log(t.scale); }

  // With both parameters free the likelihood has one maximum (Copas 1975, Biometrika 62, 701). With the scale held it has
  // up to one for each observation: the search then starts at the quantile of largest likelihood.
  static theta start(const start_sample& s, theta known) {
    const double spread = 0.5 * (s.quantile(0.75) - s.quantile(0.25));
    theta best = {s.quantile(0.5), std::fmax(spread, 1e-9 * std::sqrt(s.variance))};
    if (!(known.scale > 0.0)) return best;
    best.scale = known.scale;
    const auto loss = [&](double loc) {
      double sum = 0.0;
      for (std::size_t i = 0; i < s.n; ++i) sum += std::log1p(sq((s.sorted[i] - loc) / known.scale));
      return sum;
    };
    double least = loss(best.loc);
    const std::size_t tries = s.n < 64 ? s.n : 16;
    for (std::size_t k = 0; k < tries; ++k) {
      const double loc = s.quantile((static_cast<double>(k) + 0.5) / static_cast<double>(tries));
      const double here = loss(loc);
      if (here < least) best.loc = loc, least = here;
    }
    return best;
  }

 private:
  static constexpr double log_pi = 1.1447298858494001741;
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
