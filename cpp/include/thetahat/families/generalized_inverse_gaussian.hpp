#pragma once

#include "../math/bessel.hpp"
#include "../math/tails.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log K_nu(x), which is even in nu.
inline double log_k(double nu, double x) { return special::log_bessel_k(nu, x) - x; }
template <class... P, class... Q>
inline auto log_k(const jet<P...>& nu, const jet<Q...>& x) {
  const special::bessel_k_log k = special::bessel_k(nu.v, x.v);
  const double r = 1.0 / x.v;
  return chain(k.f - x.v, k.n, k.x * r - 1.0, k.nn, k.nx * r, k.xx * r * r, nu, x);
}

struct generalized_inverse_gaussian {
  static constexpr family_info info = {
      .name = "generalized_inverse_gaussian",
      .class_name = "GeneralizedInverseGaussian",
      .summary = "Gamma and inverse gamma laws joined: the mixing law of the generalised hyperbolic family.",
      .formula = "log p(x) = concentration / 2 * log(psi / chi) - log(2 K(concentration, sqrt(chi * psi))) "
                 "+ (concentration - 1) * log(x) - (chi / x + psi * x) / 2",
      .source = "Jorgensen (1982), Statistical Properties of the Generalized Inverse Gaussian Distribution, chapter 2",
      .group = group::scale,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "geninvgauss",
      .scipy_arguments = {{"p", convert::identity, "concentration"},
                          {"b", convert::root_product, "chi", "psi"},
                          {"scale", convert::root_ratio, "chi", "psi"}},
  };
  struct theta {
    double concentration, chi, psi;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::real, coordinate::identity, "order: the power of x beside the exponential terms"},
      {"chi", domain::positive, coordinate::log, "weight of 1/x: what keeps the law from zero"},
      {"psi", domain::positive, coordinate::log, "weight of x: what keeps the law from infinity"},
  };
  static constexpr theta cases[] = {{1.5, 2.0, 0.7},   {-0.5, 1.0, 3.0}, {0.0, 1e-6, 5e5},
                                    {-3.0, 10.0, 0.5}, {4.0, 0.5, 4.0},  {2.0, 30.0, 20.0}};

  // In units of sqrt(chi/psi), with omega = sqrt(chi psi).
  template <class C, class A, class B>
  THETAHAT_INLINE static auto internal(const C& concentration, const A& chi, const B& psi) {
    return at(zero{}, sqrt(chi * recip(psi)), concentration, sqrt(chi * psi));
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1] * p.scale, p.shape[1] / p.scale}; }
  static constexpr axis axes[] = {
      {slot::a, coordinate::identity}, {slot::b, coordinate::log}, {slot::scale, coordinate::log}};

  // With u = log z about the mode of its density, up and down are the weights of exp(u) and exp(-u) there.
  struct saddle {
    double mode, up, down;
  };
  static saddle saddle_at(double order, double omega) {
    const double size = std::fabs(order), r = std::sqrt(size * size + omega * omega);
    const double large = 0.5 * (r + size), small = 0.5 * omega * (omega / (r + size));
    return {special::asinh(order / omega), order < 0.0 ? small : large, order < 0.0 ? large : small};
  }
  template <class C, class N, class H>
  struct fields {
    C exponent;
    N norm;
    H half;
    double mode, up, down, log_mass;
  };
  template <class C, class W>
  static auto prepare(const C& order, const W& omega) {
    const saddle s = saddle_at(value(order), value(omega));
    return fields<decltype(order - 1.0), decltype(-log_k(order, omega) - 1.0), decltype(-0.5 * omega)>{
        order - 1.0, -log_k(order, omega) - 0.69314718055994530942,         -0.5 * omega, s.mode, s.up,
        s.down,      special::log_bessel_k_mass(value(order), value(omega))};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.add(p.half, z);
    sink.add(p.half, recip(z));
  }
  // The terms cancel to a few nats of their size.
  static bool admissible(const point& p) { return std::fabs(p.shape[0]) < 32.0 && p.shape[1] < 32.0; }
  // Two deviances about the mode, which do not.
  THETAHAT_INLINE static double log_density(const fields<double, double, double>& p, double z) {
    const double l = vlog(z), u = l - p.mode;
    return (-l - p.log_mass) - (scaled_deviance(p.up, -p.half * z, u) + scaled_deviance(p.down, -p.half / z, -u));
  }

  static double omega(theta t) { return std::sqrt(t.chi) * std::sqrt(t.psi); }
  static double unit_of(theta t) { return std::sqrt(t.chi / t.psi); }
  static special::density law(theta t) {  // of log z about its mode
    return {[](const double* k, double u) { return -special::bessel_k_exponent(k[0], k[1], u); }, [](const double*) {
      return 0.0;
    }, {t.concentration, omega(t)}, -infinity, infinity};
  }
  static double mode_of_log(theta t) { return special::asinh(t.concentration / omega(t)); }
  static double coordinate_of(theta t, double x) { return std::log(x / unit_of(t)) - mode_of_log(t); }
  static double back(theta t, double u) { return unit_of(t) * std::exp(u + mode_of_log(t)); }
  static double cdf(theta t, double x) { return special::lower_tail(law(t), coordinate_of(t, x)); }
  static double sf(theta t, double x) { return special::upper_tail(law(t), coordinate_of(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_lower_tail(law(t), coordinate_of(t, x)); }
  static double log_sf(theta t, double x) { return special::log_upper_tail(law(t), coordinate_of(t, x)); }
  static double icdf(theta t, double q) { return back(t, special::lower_quantile(law(t), q)); }
  static double isf(theta t, double q) { return back(t, special::upper_quantile(law(t), q)); }
  static double mean(theta t) { return unit_of(t) * special::bessel_k_ratio(t.concentration, omega(t)).ratio; }
  static double variance(theta t) {
    return t.chi / t.psi * special::bessel_k_ratio(t.concentration, omega(t)).variance;
  }
  static double mode(theta t) {
    const double c = t.concentration - 1.0, w = omega(t), r = std::sqrt(c * c + w * w);
    return unit_of(t) * (c > 0.0 ? (c + r) / w : w / (r - c));
  }
  static double moment(theta t, int k) {
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= unit_of(t) * special::bessel_k_ratio(t.concentration + j, omega(t)).ratio;
    return m;
  }
  static double entropy(theta t) {
    const special::bessel_k_log k = special::bessel_k(t.concentration, omega(t));
    return std::log(unit_of(t)) + 0.69314718055994530942 + k.f + (1.0 - t.concentration) * k.n - k.x;
  }

  // Order zero and the geometric mean: the arithmetic and harmonic means stand apart by about 1/omega in logarithms.
  static theta start(const statistics& s) {
    const double mean = s.pivot + s.sum / s.weight, d = s.sum / s.weight;
    const double inverse = std::fmax((s.ratio / s.weight - d * d / mean) / (s.pivot * s.pivot), 0.0) + 1.0 / mean;
    const double gap = std::fmin(std::fmax(std::log(mean) + std::log(inverse), 1e-12), 1e3);
    const double unit = std::exp(s.log / s.weight), w = 1.0 / gap;
    return {0.0, w * unit, w / unit};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
