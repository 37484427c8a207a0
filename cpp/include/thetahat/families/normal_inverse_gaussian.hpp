#pragma once

#include "../math/bessel.hpp"
#include "../math/hyperbolic.hpp"
#include "../math/tails.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log K_1(y) + y
inline double scaled_log_k1(double y) { return special::log_bessel_k(1.0, y); }
template <class... P>
inline auto scaled_log_k1(const jet<P...>& y) {
  const special::bessel_k_at k = special::bessel_k_in_x(1.0, y.v);
  const double r = 1.0 / y.v;
  return chain(k.f, k.x * r, k.xx * r * r, y);
}

struct normal_inverse_gaussian {
  static constexpr family_info info = {
      .name = "normal_inverse_gaussian",
      .class_name = "NormalInverseGaussian",
      .summary = "Normal law whose variance is inverse Gaussian: skewed returns with semi-heavy tails.",
      .formula = "log p(x) = log(tailweight * scale / (pi q)) + scale * gamma + skewness * (x - loc) "
                 "+ log K1(tailweight * q), q = sqrt(scale^2 + (x - loc)^2), gamma = sqrt(tailweight^2 - skewness^2)",
      .source = "Barndorff-Nielsen (1997), Normal Inverse Gaussian Distributions and Stochastic Volatility Modelling",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .constraint = "abs(skewness) < tailweight",
      .scipy = "norminvgauss",
      .scipy_arguments = {{"a", convert::product, "tailweight", "scale"},
                          {"b", convert::product, "skewness", "scale"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double tailweight, skewness, loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"tailweight", domain::positive, coordinate::log, "rate at which the tails fall, before skewness tilts them"},
      {"skewness", domain::real, coordinate::identity, "how much slower the upper tail falls than the lower one"},
      {"loc", domain::real, coordinate::identity, "centre of the law without skewness"},
      {"scale", domain::positive, coordinate::log, "width of the core"},
  };
  static constexpr theta cases[] = {{2.0, 0.5, 0.0, 1.0},  {1.0, -0.4, 3.0, 2.0}, {50.0, 40.0, -1.0, 3.0},
                                    {1e-6, 0.0, 1e9, 2e6}, {1.5, 0.0, 0.0, 1e3},  {20.0, -19.9, 1.0, 0.3}};

  // gamma scale > 0 and skewness / gamma are free of each other and of the constraint.
  template <class A, class B, class L, class S>
  THETAHAT_INLINE static auto internal(const A& tailweight, const B& skewness, const L& loc, const S& scale) {
    auto gamma = sqrt((tailweight - skewness) * (tailweight + skewness));
    return at(loc, scale, gamma * scale, skewness * recip(gamma));
  }
  static theta canonical(const point& p) {
    const double gamma = p.shape[0] / p.scale;
    return {gamma * root_1p_square(p.shape[1]), gamma * p.shape[1], p.loc, p.scale};
  }
  static bool valid(theta t) { return std::fabs(t.skewness) < t.tailweight; }
  static constexpr axis axes[] = {{slot::a, coordinate::log},
                                  {slot::b, coordinate::identity},
                                  {slot::loc, coordinate::identity},
                                  {slot::scale, coordinate::log}};

  template <class A, class T, class R, class N>
  struct fields {
    A gamma;
    T tilt;   // asinh(skewness / gamma)
    R alpha;  // tailweight scale
    N norm;
  };
  template <class A, class B>
  static auto prepare(const A& gamma, const B& ratio) {
    auto alpha = gamma * root_1p_square(ratio);
    return fields<A, decltype(asinh(ratio)), decltype(alpha), decltype(log(alpha) - 1.0)>{
        gamma, asinh(ratio), alpha, log(alpha) - 1.1447298858494001741};
  }
  // The exponent gamma + skewness z - tailweight q is -gamma (cosh(t - tilt) - 1) for z = sinh t.
  template <class P, class Z>
  THETAHAT_INLINE static auto log_density(const P& p, const Z& z) {
    auto q = root_1p_square(z);
    return p.norm - log(q) - p.gamma * cosh_m1(asinh(z) - p.tilt) + scaled_log_k1(p.alpha * q);
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
  // Of z; parameters gamma scale and skewness / gamma.
  static double slope(const double* k, double z) {
    const double q = root_1p_square(z), t = asinh(z) - asinh(k[1]);
    const double s = half_sinh(t);
    const special::bessel_k_at b = special::bessel_k_in_x(1.0, k[0] * root_1p_square(k[1]) * q);
    return (b.x - 1.0) * (z / q / q) - k[0] * 2.0 * s * root_1p_square(s) / q;
  }
  static double mode_of(const double* k) {
    if (k[1] == 0.0) return 0.0;
    double a = 0.0, b = k[1];  // the exponent alone is largest at k[1], the rest at zero
    for (int i = 0; i < 200; ++i) {
      const double z = 0.5 * (a + b);
      if (z == a || z == b) break;
      ((slope(k, z) > 0.0) == (k[1] > 0.0) ? a : b) = z;
    }
    return a;
  }
  static special::density law(theta t) {
    const double gamma = gamma_of(t);
    return {[](const double* k, double z) {
      return log_density(prepare(k[0], k[1]), z);
    }, mode_of, {gamma * t.scale, t.skewness / gamma}, -infinity, infinity};
  }
  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double cdf(theta t, double x) { return special::lower_tail(law(t), z(t, x)); }
  static double sf(theta t, double x) { return special::upper_tail(law(t), z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_lower_tail(law(t), z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_upper_tail(law(t), z(t, x)); }
  static double icdf(theta t, double q) { return t.loc + t.scale * special::lower_quantile(law(t), q); }
  static double isf(theta t, double q) { return t.loc + t.scale * special::upper_quantile(law(t), q); }
  static double mean(theta t) { return t.loc + t.scale * (t.skewness / gamma_of(t)); }
  static double variance(theta t) {
    const double gamma = gamma_of(t), c = t.tailweight / gamma;
    return t.scale / gamma * c * c;
  }
  static double mode(theta t) {
    const special::density f = law(t);
    return t.loc + t.scale * mode_of(f.parameters);
  }
  static double entropy(theta t) { return special::entropy(law(t)) + std::log(t.scale); }

  // From skewness and excess kurtosis, in the quartiles' units where outliers rule the moments.
  static theta start(const start_sample& s) {
    const double spread = std::fmax(s.quantile(0.75) - s.quantile(0.25), 1e-9 * std::sqrt(s.variance));
    const double deviation = std::sqrt(s.variance), n = static_cast<double>(s.n);
    if (deviation > 5.0 * spread) return {0.5 / spread, 0.0, s.quantile(0.5), 0.5 * spread};
    double third = 0.0, fourth = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double d = (s.sorted[i] - s.mean) / deviation;
      third += d * d * d / n;
      fourth += d * d * d * d / n;
    }
    const double a = 3.0 / std::fmax(fourth - 3.0 - 4.0 / 3.0 * third * third, 0.06);
    const double tilt = std::fmin(std::fmax(third * std::sqrt(a) / 3.0, -0.8), 0.8);  // skewness / tailweight
    const double c = 1.0 / std::sqrt(1.0 - tilt * tilt), scale = deviation * std::sqrt(a) / c, gamma = a / scale;
    return {gamma * c, gamma * c * tilt, s.mean - scale * tilt * c, scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
