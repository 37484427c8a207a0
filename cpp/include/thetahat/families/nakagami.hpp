#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct nakagami {
  static constexpr family_info info = {
      .name = "nakagami",
      .class_name = "Nakagami",
      .summary = "Amplitude of a fading signal: the square root of a gamma variable.",
      .formula = "log p(x) = log(2) + concentration * log(concentration) - log Gamma(concentration) - log(scale) "
                 "+ (2 concentration - 1) * log(z) - concentration * z^2, z = x / scale",
      .source = "Nakagami (1960), The m-distribution, in Statistical Methods in Radio Wave Propagation, eq. 3",
      .group = group::scale,
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "nakagami",
      .scipy_arguments = {{"nu", convert::identity, "concentration"}, {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "half_normal",
                  .parameter = "concentration",
                  .value = 0.5,
                  .arguments = {{"scale", convert::identity, "scale"}}},
                 {.kind = limit_kind::interior, .family = "rayleigh", .parameter = "concentration", .value = 1.0}},
  };
  struct theta {
    double concentration, scale;
  };
  static constexpr parameter parameters[] = {
      {"concentration", domain::positive, coordinate::log, "shape: mean square of the power over its variance"},
      {"scale", domain::positive, coordinate::log, "root mean square"},
  };
  static constexpr theta cases[] = {{2.5, 1.0}, {0.5, 3.0}, {20.0, 1e6}, {0.1, 1e-6}, {1e6, 1.0}, {1e10, 1e9}};

  template <class M, class S>
  THETAHAT_INLINE static auto internal(const M& concentration, const S& scale) {
    return at(zero{}, scale, concentration);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.scale}; }

  static constexpr double log_two = 0.69314718055994530942;
  // log 2 + m log m - log Gamma(m), and what of it does not cancel m z^2 at z = 1.
  template <class M>
  static auto log_norm(const M& m) {
    return log_two + m * log(m) - lgamma(m);
  }
  static double centre(double m) { return log_two + 0.5 * (log(m) - log_two_pi) - special::stirling_correction(m); }
  template <class... P>
  static auto centre(const jet<P...>& m) {
    const double r = 1.0 / m.v;
    return chain(centre(m.v), 0.5 * r + digamma_rest(m.v), -0.5 * r * r - trigamma_rest(m.v), m);
  }

  template <class M, class C, class S, class N, class K>
  struct fields {
    C exponent;
    S slope;
    N norm;
    M concentration;
    K centre;
  };
  template <class M>
  static auto prepare(const M& m) {
    return fields<M, decltype(2.0 * m - 1.0), decltype(-1.0 * m), decltype(log_norm(m)), decltype(centre(m))>{
        2.0 * m - 1.0, -1.0 * m, log_norm(m), m, centre(m)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.add(p.slope, sq(z));
  }
  // The terms cancel to a few nats of their size.
  static bool admissible(const point& p) { return p.shape[0] < 64.0; }
  // The gamma law's saddle-point form at z^2: no large terms cancel, whatever the concentration.
  template <class M, class C, class S, class N, class K>
  THETAHAT_INLINE static double log_density(const fields<M, C, S, N, K>& p, double z) {
    const double l = vlog(z);
    return (p.centre - l) - scaled_deviance(p.concentration, p.concentration * (z * z), 2.0 * l);
  }
  template <class M, class C, class S, class N, class K, class... Q>
  THETAHAT_INLINE static auto log_density(const fields<M, C, S, N, K>& p, const jet<Q...>& z) {
    const double r = 1.0 / z.v, t = z.v * z.v;  // z^2 - 1 - 2 log z
    const auto deviance =
        chain(scaled_deviance(1.0, t, 2.0 * vlog(z.v)), 2.0 * (z.v - 1.0) * (z.v + 1.0) * r, 2.0 + 2.0 * r * r, z);
    return p.centre - log(z) - p.concentration * deviance;
  }

  static double power(theta t, double x) { return t.concentration * (x / t.scale) * (x / t.scale); }
  static constexpr double small = 1e-290;  // where m z^2 soon underflows, and the law is a power law to all digits
  static double log_power_law(theta t, double x) {
    const double m = t.concentration;
    return m * (std::log(m) + 2.0 * (std::log(x) - std::log(t.scale))) - special::lgamma(m + 1.0);
  }
  static double log_cdf(theta t, double x) {
    const double y = power(t, x);
    return y < small ? log_power_law(t, x) : special::log_gamma_p(t.concentration, y);
  }
  static double log_sf(theta t, double x) {
    const double y = power(t, x);
    return y < small ? special::log1mexp(-log_power_law(t, x)) : special::log_gamma_q(t.concentration, y);
  }
  static double cdf(theta t, double x) {
    const double y = power(t, x);
    return y < small ? std::exp(log_power_law(t, x)) : special::gamma_p(t.concentration, y);
  }
  static double sf(theta t, double x) {
    const double y = power(t, x);
    return y < small ? -std::expm1(log_power_law(t, x)) : special::gamma_q(t.concentration, y);
  }
  static double quantile(theta t, double y, double log_p) {  // p is the lower tail's probability
    const double m = t.concentration;
    if (y >= small) return t.scale * std::sqrt(y / m);
    return t.scale * std::exp(0.5 * ((log_p + special::lgamma(m + 1.0)) / m - std::log(m)));
  }
  static double icdf(theta t, double q) {
    return quantile(t, special::gamma_p_inverse(t.concentration, q), std::log(q));
  }
  static double isf(theta t, double q) {
    return quantile(t, special::gamma_q_inverse(t.concentration, q), std::log1p(-q));
  }
  // log of Gamma(m + 1/2) / (Gamma(m) sqrt(m)), smooth at 1/m = 0.
  static double log_mean(theta t) { return special::student_norm(0.5 / t.concentration).f; }
  static double mean(theta t) { return t.scale * std::exp(log_mean(t)); }
  static double variance(theta t) { return -t.scale * t.scale * std::expm1(2.0 * log_mean(t)); }
  static double mode(theta t) { return t.concentration > 0.5 ? t.scale * std::sqrt(1.0 - 0.5 / t.concentration) : 0.0; }
  static double entropy(theta t) {
    const double m = t.concentration;
    return special::stirling_correction(m) + (m - 0.5) * (0.5 / m + digamma_rest(m)) +
           0.5 * (log_two_pi - std::log(m)) - log_two + std::log(t.scale);
  }
  static double moment(theta t, int k) {  // E z^(j + 2) = (1 + j / (2 m)) E z^j
    double product = k % 2 == 0 ? 1.0 : mean(t);
    for (int j = k % 2; j < k; j += 2) product *= (1.0 + 0.5 * j / t.concentration) * t.scale * t.scale;
    return product;
  }
  static double gamma_shape(theta t) { return t.concentration; }
  static double draw_from_gamma(theta t, double g) { return t.scale * std::sqrt(g / t.concentration); }

  static theta start(const statistics& s) {  // Minka (2002) for the gamma law of x^2
    const double shift = s.sum / s.weight, mean = s.pivot + shift;
    const double square = s.square / s.weight - shift * shift + mean * mean;
    const double gap = std::fmax(std::log(square) - 2.0 * s.log / s.weight, 1e-16);
    return {(3.0 - gap + std::sqrt((gap - 3.0) * (gap - 3.0) + 24.0 * gap)) / (12.0 * gap), std::sqrt(square)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
