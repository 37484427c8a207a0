#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct asymmetric_laplace {
  static constexpr family_info info = {
      .name = "asymmetric_laplace",
      .class_name = "AsymmetricLaplace",
      .summary = "Two exponential tails of unequal length, joined at the mode: log returns, quantile regression.",
      .formula = "log p(x) = -log(scale) - log(asymmetry + 1 / asymmetry) - asymmetry * max(z, 0) "
                 "- max(-z, 0) / asymmetry, z = (x - loc) / scale",
      .source = "Kotz, Kozubowski and Podgorski (2001), The Laplace Distribution and Generalizations, chapter 3",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 16,
      .scipy = "laplace_asymmetric",
      .scipy_arguments = {{"kappa", convert::identity, "asymmetry"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "laplace",
                  .parameter = "asymmetry",
                  .value = 1.0,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double loc, scale, asymmetry;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mode, where the two tails meet"},
      {"scale", domain::positive, coordinate::log, "geometric mean of the two tails' mean lengths"},
      {"asymmetry", domain::positive, coordinate::log,
       "square root of the left tail's mean length over the right one's: below 1 for a long right tail"},
  };
  static constexpr theta cases[] = {
      {0.0, 1.0, 2.0}, {-2.0, 0.1, 0.7}, {1e9, 3.0, 1.0}, {0.0, 1e-12, 5.0}, {5.0, 1e12, 0.2}};

  template <class L, class S, class K>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const K& asymmetry) {
    return at(loc, scale, asymmetry);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0]}; }

  template <class N, class R, class L>
  struct fields {
    N norm;
    R right;
    L left;
  };
  template <class K>
  static auto prepare(const K& k) {
    auto norm = -log(k + recip(k));
    return fields<decltype(norm), decltype(-k), decltype(recip(k))>{norm, -k, recip(k)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.right, positive_part(z));
    sink.add(p.left, negative_part(z));
  }

  // Where z overflows, from its factors.
  static double far_log_density(const fields<double, double, double>& p, double d, double r) {
    return p.norm + (d < 0.0 ? p.left * r : p.right * r) * d;
  }

  // One side's law seen from the mode outwards: a tail of rate k with the share 1 / (1 + k^2).
  static double share(double k) { return 1.0 / (1.0 + k * k); }
  static double other_share(double k) { return k / (k + 1.0 / k); }
  static double tail(double d, double k) {  // P(beyond the distance d on this side)
    if (d >= 0.0) return share(k) * std::exp(-k * d);
    return share(k) - other_share(k) * std::expm1(d / k);
  }
  static double log_tail(double d, double k) {
    if (d >= 0.0) return -std::log1p(k * k) - k * d;
    return tail(d, k) < 0.5 ? std::log(tail(d, k)) : std::log1p(-other_share(k) * std::exp(d / k));
  }
  static double distance(double q, double k) {  // where the tail is q
    if (q <= share(k)) return -std::log(q / share(k)) / k;
    const double p = (q - share(k)) / other_share(k);
    return k * (p < 0.5 ? std::log1p(-p) : std::log((1.0 - q) / other_share(k)));
  }
  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double sf(theta t, double x) { return tail(z(t, x), t.asymmetry); }
  static double cdf(theta t, double x) { return tail(-z(t, x), 1.0 / t.asymmetry); }
  static double log_sf(theta t, double x) { return log_tail(z(t, x), t.asymmetry); }
  static double log_cdf(theta t, double x) { return log_tail(-z(t, x), 1.0 / t.asymmetry); }
  static double icdf(theta t, double q) { return t.loc - t.scale * distance(q, 1.0 / t.asymmetry); }
  static double isf(theta t, double q) { return t.loc + t.scale * distance(q, t.asymmetry); }
  static double mean(theta t) { return t.loc + t.scale * (1.0 / t.asymmetry - t.asymmetry); }
  static double variance(theta t) {
    return t.scale * t.scale * (1.0 / (t.asymmetry * t.asymmetry) + t.asymmetry * t.asymmetry);
  }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return 1.0 + std::log(t.scale) + std::log(t.asymmetry + 1.0 / t.asymmetry); }

  // The density has a kink, so the information is expected, not observed.
  static double expected_information(theta t, int i, int j) {
    const double k = t.asymmetry, s = t.scale, w = 1.0 + k * k;
    if (i != j) {
      if (i + j == 1) return 0.0;
      return i + j == 2 ? -2.0 / (w * s) : (k - 1.0 / k) / (w * s);
    }
    return i < 2 ? 1.0 / (s * s) : 1.0 / (k * k) + 4.0 / (w * w);
  }
  // Given the mean distances of the rows above and below loc, the best of the parameters that are not known and the
  // log-likelihood per row there: the estimate of loc is the row at which it is largest (Kotz et al., section 3.5).
  static double at_kink(double above, double below, theta& t) {
    const bool free_scale = std::isnan(t.scale), free_asymmetry = std::isnan(t.asymmetry);
    if (free_asymmetry && free_scale) t.asymmetry = std::sqrt(std::sqrt(below / above));
    if (free_scale) t.scale = t.asymmetry * above + below / t.asymmetry;
    if (free_asymmetry && !free_scale) {  // log k from the score, which falls
      double low = -60.0, high = 60.0;
      for (int step = 0; step < 80; ++step) {
        const double u = 0.5 * (low + high), k = std::exp(u);
        (below / (k * t.scale) - k * above / t.scale > std::tanh(u) ? low : high) = u;
      }
      t.asymmetry = std::exp(0.5 * (low + high));
    }
    if (free_scale && free_asymmetry) return -2.0 * std::log(std::sqrt(above) + std::sqrt(below)) - 1.0;
    return -std::log(t.scale * (t.asymmetry + 1.0 / t.asymmetry)) -
           (t.asymmetry * above + below / t.asymmetry) / t.scale;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
