#pragma once

#include "../math/bessel.hpp"
#include "../math/hyperbolic.hpp"
#include "../math/tails.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log K_nu(y) + y, even in nu.
inline double scaled_log_k(double nu, double y) { return special::log_bessel_k(nu, y); }
template <class... P, class... Q>
inline auto scaled_log_k(const jet<P...>& nu, const jet<Q...>& y) {
  const special::bessel_k_log k = special::bessel_k(nu.v, y.v);
  const double r = 1.0 / y.v;
  return chain(k.f, k.n, k.x * r, k.nn, k.nx * r, k.xx * r * r, nu, y);
}

struct generalized_hyperbolic {
  static constexpr family_info info = {
      .name = "generalized_hyperbolic",
      .class_name = "GeneralizedHyperbolic",
      .summary = "Normal law whose variance is generalised inverse Gaussian: hyperbolic, normal-inverse Gaussian, "
                 "Student and variance-gamma laws in one family.",
      .formula = "log p(x) = concentration * log(gamma / scale) - log(2 pi) / 2 - log K(concentration, scale * gamma) "
                 "+ log K(concentration - 1/2, tailweight * q) + (concentration - 1/2) * log(q / tailweight) "
                 "+ skewness * (x - loc), q = sqrt(scale^2 + (x - loc)^2), gamma = sqrt(tailweight^2 - skewness^2)",
      .source = "Barndorff-Nielsen and Blaesild (1981), Hyperbolic Distributions and Ramifications",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .constraint = "abs(skewness) < tailweight",
      .scipy = "genhyperbolic",
      .scipy_arguments = {{"p", convert::identity, "concentration"},
                          {"a", convert::product, "tailweight", "scale"},
                          {"b", convert::product, "skewness", "scale"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double concentration, tailweight, skewness, loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::real, coordinate::identity, "order of the mixing law: 1 hyperbolic, -1/2 the NIG law"},
      {"tailweight", domain::positive, coordinate::log, "rate at which the tails fall, before skewness tilts them"},
      {"skewness", domain::real, coordinate::identity, "how much slower the upper tail falls than the lower one"},
      {"loc", domain::real, coordinate::identity, "centre of the law without skewness"},
      {"scale", domain::positive, coordinate::log, "width of the core"},
  };
  static constexpr theta cases[] = {{1.0, 2.0, 0.5, 0.0, 1.0},  {-1.5, 1.0, 0.3, 3.0, 2.0}, {0.5, 50.0, 40.0, -1.0, 3.0},
                                    {-3.0, 1e-6, 0.0, 1e9, 2e6}, {4.0, 1.5, -1.0, 0.0, 0.5}};

  // gamma scale > 0 and skewness / gamma are free of each other and of the constraint.
  template <class C, class A, class B, class L, class S>
  THETAHAT_INLINE static auto internal(const C& concentration, const A& tailweight, const B& skewness, const L& loc,
                                       const S& scale) {
    auto gamma = sqrt((tailweight - skewness) * (tailweight + skewness));
    return at(loc, scale, gamma * scale, skewness * recip(gamma), concentration);
  }
  static theta canonical(const point& p) {
    const double gamma = p.shape[0] / p.scale;
    return {p.shape[2], gamma * root_1p_square(p.shape[1]), gamma * p.shape[1], p.loc, p.scale};
  }
  static bool valid(theta t) { return std::fabs(t.skewness) < t.tailweight; }
  static constexpr axis axes[] = {{slot::c, coordinate::identity},
                                  {slot::a, coordinate::log},
                                  {slot::b, coordinate::identity},
                                  {slot::loc, coordinate::identity},
                                  {slot::scale, coordinate::log}};

  template <class A, class T, class R, class O, class N>
  struct fields {
    A gamma;
    T tilt;   // asinh(skewness / gamma)
    R alpha;  // tailweight scale
    O order;  // concentration - 1/2
    N norm;
  };
  template <class A, class B, class C>
  static auto prepare(const A& gamma, const B& ratio, const C& concentration) {
    auto root = root_1p_square(ratio);
    auto alpha = gamma * root;
    auto order = concentration - 0.5;
    auto norm = 0.5 * log(gamma) - order * log(root) - scaled_log_k(concentration, gamma) - 0.5 * log_two_pi;
    return fields<A, decltype(asinh(ratio)), decltype(alpha), decltype(order), decltype(norm)>{gamma, asinh(ratio),
                                                                                               alpha, order, norm};
  }
  // The exponent gamma + skewness z - tailweight q is -gamma (cosh(t - tilt) - 1) for z = sinh t.
  template <class P, class Z>
  THETAHAT_INLINE static auto log_density(const P& p, const Z& z) {
    auto q = root_1p_square(z);
    return p.norm + p.order * log(q) - p.gamma * cosh_m1(asinh(z) - p.tilt) + scaled_log_k(p.order, p.alpha * q);
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(1.0, opaque_term(p, z));
  }
  // A density that is no sum of simple terms: sums take it row by row.
  static bool admissible(const point&) { return false; }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto opaque_term(const P& p, const Z& z) {
    if constexpr (is_tag<Z>) {
      return opaque{};
    } else {
      using result = decltype(log_density(p, z) - p.norm);
      if (__builtin_is_constant_evaluated()) return result{};  // where only the derivatives' types are asked
      return result(log_density(p, z) - p.norm);
    }
  }

  static double gamma_of(theta t) {
    return std::sqrt(t.tailweight - t.skewness) * std::sqrt(t.tailweight + t.skewness);
  }
  // Of z; parameters gamma scale, skewness / gamma and concentration.
  static double slope(const double* k, double z) {
    const double q = root_1p_square(z), s = half_sinh(asinh(z) - asinh(k[1])), order = k[2] - 0.5;
    const special::bessel_k_at b = special::bessel_k_in_x(order, k[0] * root_1p_square(k[1]) * q);
    return (order + b.x) * (z / q / q) - k[0] * 2.0 * s * root_1p_square(s) / q;
  }
  static double mode_of(const double* k) {
    if (k[1] == 0.0) return 0.0;
    double a = 0.0, b = k[1];
    for (int i = 0; i < 1000 && (slope(k, b) > 0.0) == (k[1] > 0.0); ++i) a = b, b *= 2.0;
    for (int i = 0; i < 200; ++i) {
      const double z = 0.5 * (a + b);
      if (z == a || z == b) break;
      ((slope(k, z) > 0.0) == (k[1] > 0.0) ? a : b) = z;
    }
    return a;
  }
  static special::density law(theta t) {
    const double gamma = gamma_of(t);
    return {[](const double* k, double z) { return log_density(prepare(k[0], k[1], k[2]), z); },
            mode_of,
            {gamma * t.scale, t.skewness / gamma, t.concentration},
            -infinity,
            infinity};
  }
  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double cdf(theta t, double x) { return special::lower_tail(law(t), z(t, x)); }
  static double sf(theta t, double x) { return special::upper_tail(law(t), z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_lower_tail(law(t), z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_upper_tail(law(t), z(t, x)); }
  static double icdf(theta t, double q) { return t.loc + t.scale * special::lower_quantile(law(t), q); }
  static double isf(theta t, double q) { return t.loc + t.scale * special::upper_quantile(law(t), q); }
  static double mean(theta t) {
    const double gamma = gamma_of(t);
    return t.loc + t.scale * (t.skewness / gamma) * special::bessel_k_ratio(t.concentration, gamma * t.scale).ratio;
  }
  static double variance(theta t) {
    const double gamma = gamma_of(t), b = t.skewness / gamma;
    const special::bessel_k_ratios w = special::bessel_k_ratio(t.concentration, gamma * t.scale);
    return t.scale * t.scale * (w.ratio / (gamma * t.scale) + b * b * w.variance);
  }
  static double mode(theta t) {
    const special::density f = law(t);
    return t.loc + t.scale * mode_of(f.parameters);
  }
  static double entropy(theta t) { return special::entropy(law(t)) + std::log(t.scale); }

  // The normal-inverse Gaussian law of the sample's skewness and excess kurtosis.
  static theta start(const start_sample& s, theta known) {
    const double order = std::isnan(known.concentration) ? -0.5 : known.concentration;
    const double spread = std::fmax(s.quantile(0.75) - s.quantile(0.25), 1e-9 * std::sqrt(s.variance));
    const double deviation = std::sqrt(s.variance), n = static_cast<double>(s.n);
    if (deviation > 5.0 * spread) return {order, 0.5 / spread, 0.0, s.quantile(0.5), 0.5 * spread};
    double third = 0.0, fourth = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double d = (s.sorted[i] - s.mean) / deviation;
      third += d * d * d / n;
      fourth += d * d * d * d / n;
    }
    const double a = 3.0 / std::fmax(fourth - 3.0 - 4.0 / 3.0 * third * third, 0.06);
    const double tilt = std::fmin(std::fmax(third * std::sqrt(a) / 3.0, -0.8), 0.8);  // skewness / tailweight
    const double c = 1.0 / std::sqrt(1.0 - tilt * tilt), scale = deviation * std::sqrt(a) / c, gamma = a / scale;
    return {order, gamma * c, gamma * c * tilt, s.mean - scale * tilt * c, scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
