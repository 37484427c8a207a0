#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct inverse_gaussian {
  static constexpr family_info info = {
      .name = "inverse_gaussian",
      .class_name = "InverseGaussian",
      .summary = "First time at which a drifting Brownian motion reaches a level (Wald's law).",
      .formula = "log p(x) = (log(concentration) - log(2 pi) - 3 log(x)) / 2 "
                 "- concentration * (x - loc)^2 / (2 loc^2 x)",
      .source = "Chhikara and Folks (1989), The Inverse Gaussian Distribution, chapter 2",
      .group = group::scale,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "invgauss",
      .scipy_arguments = {{"mu", convert::ratio, "loc", "concentration"},
                          {"scale", convert::identity, "concentration"}},
  };
  struct theta {
    double loc, concentration;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::positive, coordinate::log, "mean"},
      {"concentration", domain::positive, coordinate::log, "shape: loc^3 / variance"},
  };
  static constexpr theta cases[] = {{1.0, 1.0}, {3.0, 0.2}, {1e6, 5e6}, {2.0, 2e4}, {1e-6, 1e-5}};

  template <class L, class C>
  THETAHAT_INLINE static auto internal(const L& loc, const C& concentration) {
    return at(zero{}, unit_scale{}, loc, concentration);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  template <class N, class C, class A, class B, class L, class G>
  struct fields {
    N norm;
    C cross;
    A slope;
    B inverse;
    L loc;
    G factor;
  };
  template <class L, class C>
  static auto prepare(const L& loc, const C& concentration) {
    auto ratio = concentration * recip(loc);
    auto factor = 0.5 * (ratio * recip(loc));
    return fields<decltype(0.5 * log(concentration)), decltype(ratio), decltype(-factor),
                  decltype(-0.5 * concentration), L, decltype(factor)>{
        0.5 * log(concentration) - 0.5 * log_two_pi, ratio, -factor, -0.5 * concentration, loc, factor};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.constant(p.cross);
    sink.log(-1.5, z, positive);
    sink.add(p.slope, z);
    sink.add(p.inverse, recip(z));
  }
  // The three terms around exp cancel when the law is concentrated.
  static bool admissible(const point& p) { return p.shape[1] < 64.0 * p.shape[0]; }
  template <class N, class C, class A, class B, class L, class G>
  THETAHAT_INLINE static auto log_density(const fields<N, C, A, B, L, G>& p, double z) {
    const auto d = z - p.loc;
    return p.norm - 1.5 * vlog(z) - (p.factor * d) * (d * (1.0 / z));
  }

  // With r = sqrt(concentration / x), the distribution function is Phi(a) + exp(2 concentration / loc) Phi(-b).
  static double a(theta t, double x) { return std::sqrt(t.concentration / x) * ((x - t.loc) / t.loc); }
  static double b(theta t, double x) { return std::sqrt(t.concentration / x) * ((x + t.loc) / t.loc); }
  static double log_second(theta t, double x) {
    return 2.0 * t.concentration / t.loc + special::log_normal_cdf(-b(t, x));
  }
  static double log_cdf(theta t, double x) {
    return special::log_sum_exp(special::log_normal_cdf(a(t, x)), log_second(t, x));
  }
  // 1 - t M(t), M the Mills ratio of the normal law.
  static double mills_slope(double t) {
    if (t < 1.5) return 1.0 - t * std::exp(special::log_normal_cdf(-t) + 0.5 * t * t + 0.5 * log_two_pi);
    double k = t;  // Laplace's continued fraction
    for (int i = 160; i >= 2; --i) k = t + i / k;
    const double rest = 1.0 / k;
    return rest / (t + rest);
  }
  static double log_sf(theta t, double x) {
    const double first = special::log_normal_cdf(-a(t, x)), gap = first - log_second(t, x);
    if (gap > 1.0) return first + special::log1mexp(gap);
    // The terms cancel: phi(a) times the integral of 1 - t M(t) from a to b, by Gauss and Legendre.
    constexpr double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                               0.9739065285171717};
    constexpr double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                                 0.0666713443086881};
    const double from = a(t, x), half = std::sqrt(t.concentration / x), centre = from + half;
    if (!(std::fabs(from) < 1e150)) return -infinity;
    double sum = 0.0;
    for (int i = 0; i < 5; ++i)
      sum += weight[i] * (mills_slope(centre - half * node[i]) + mills_slope(centre + half * node[i]));
    return -0.5 * from * from - 0.5 * log_two_pi + std::log(half * sum);
  }
  static double mean(theta t) { return t.loc; }
  static double variance(theta t) { return t.loc * t.loc * (t.loc / t.concentration); }
  static double mode(theta t) {
    const double r = 1.5 * t.loc / t.concentration;
    return t.loc / (std::sqrt(1.0 + r * r) + r);
  }
  static double moment(theta t, int k) {  // E x^k = loc^k sum_j (k-1+j)! / (j! (k-1-j)!) (loc / (2 concentration))^j
    const double r = 0.5 * t.loc / t.concentration;
    double term = 1.0, sum = 1.0;
    for (int j = 1; j < k; ++j) {
      term *= r * (k - 1 + j) * (k - j) / j;
      sum += term;
    }
    return k == 0 ? 1.0 : std::pow(t.loc, k) * sum;
  }
  static double skewness(theta t) { return 3.0 * std::sqrt(t.loc / t.concentration); }
  static double kurtosis(theta t) { return 15.0 * (t.loc / t.concentration); }
  static double kl(theta p, theta q) {
    const double d = (p.loc - q.loc) / q.loc;
    return 0.5 *
           (special::deviance(p.concentration, q.concentration) / p.concentration + q.concentration / p.loc * d * d);
  }

  static theta mle(const statistics& s) {
    const double m = s.pivot + s.sum / s.weight;
    const double d = s.sum / s.weight;
    const double excess = (s.ratio / s.weight - d * d / m) / (s.pivot * s.pivot);  // mean of 1/x less 1/mean
    return {m, 1.0 / excess};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
