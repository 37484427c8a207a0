#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log Gamma(x + 1/2) - log Gamma(x) - log(x) / 2 at x = 1 / (2 eta), with its derivatives in eta, smooth at eta = 0.
inline double student_norm(double eta) { return special::student_norm(eta).f; }
template <class... P>
inline auto student_norm(const jet<P...>& eta) {
  const auto n = special::student_norm(eta.v);
  return chain(n.f, n.f1, n.f2, eta);
}

struct student_t {
  static constexpr family_info info = {
      .name = "student_t",
      .class_name = "StudentT",
      .summary = "Normal core with power-law tails: robust regression, daily returns.",
      .formula = "log p(x) = log Gamma((df + 1) / 2) - log Gamma(df / 2) - log(pi df) / 2 - log(scale) "
                 "- (df + 1) / 2 * log(1 + ((x - loc) / scale)^2 / df)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 28",
      .group = group::location_scale,
      .scipy = "t",
      .scipy_arguments = {{"df", convert::identity, "df"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .torch = "StudentT",
      .limits = {{.kind = limit_kind::boundary,
                  .family = "normal",
                  .parameter = "df",
                  .value = infinity,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double df, loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"df", domain::positive, coordinate::reciprocal, "degrees of freedom: the power of the tails"},
      {"loc", domain::real, coordinate::identity, "centre"},
      {"scale", domain::positive, coordinate::log, "spread: the standard deviation of the normal limit"},
  };
  static constexpr theta cases[] = {{5.0, 0.0, 1.0},  {1.0, 3.0, 0.5}, {0.2, -1.0, 1e6},
                                    {30.0, 1e9, 2.0}, {1e4, 0.0, 1.0}, {1e10, 1.0, 1e-12}};

  template <class D, class L, class S>
  THETAHAT_INLINE static auto internal(const D& df, const L& loc, const S& scale) {
    return at(loc, scale, recip(df));
  }
  static theta canonical(const point& p) { return {1.0 / p.shape[0], p.loc, p.scale}; }

  // 1/df reaches the normal law at a finite point, zero.
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 0.0, &info.limits[0]},
                                  {slot::loc, coordinate::identity},
                                  {slot::scale, coordinate::log}};
  static constexpr bool axes_are_parameters = true;  // axis k depends on parameter k alone

  template <class C, class A, class N>
  struct fields {
    C exponent;
    A eta;
    N norm;
  };
  template <class A>
  static auto prepare(const A& eta) {
    auto exponent = -0.5 * (recip(eta) + 1.0);
    auto norm = student_norm(eta) - 0.5 * log_two_pi;
    return fields<decltype(exponent), A, decltype(norm)>{exponent, eta, norm};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, 1.0 + p.eta * sq(z), ge_one);
  }
  // Near the normal law a product of numbers close to one loses the digits that 1/eta then multiplies.
  static bool admissible(const point& p) { return p.shape[0] > 1e-3; }
  template <class C, class A, class N, class Z>
  THETAHAT_INLINE static auto log_density(const fields<C, A, N>& p, const Z& z) {
    return p.norm - 0.5 * ((1.0 + p.eta) * log1p_ratio(p.eta, sq(z)));
  }

  // Where z^2 overflows, from log |z|.
  static double far_log_density(const fields<double, double, double>& p, double log_abs_z) {
    return p.norm + p.exponent * (log(p.eta) + 2.0 * log_abs_z);
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static bool nearly_normal(theta t) { return t.df > 1e15; }
  // I_y(df/2, 1/2) with y = df / (df + z^2) is the probability of both tails.
  static double tails(theta t, double z, double (*beta)(double, double, double, double)) {
    const double w = z * z / t.df;
    return beta(0.5 * t.df, 0.5, 1.0 / (1.0 + w), w < infinity ? w / (1.0 + w) : 1.0);
  }
  static double upper(theta t, double z) {
    if (nearly_normal(t)) return special::normal_cdf(-z);
    return z >= 0.0 ? 0.5 * tails(t, z, special::beta_p) : 0.5 + 0.5 * tails(t, z, special::beta_q);
  }
  static double log_upper(theta t, double z) {
    if (nearly_normal(t)) return special::log_normal_cdf(-z);
    return z >= 0.0 ? tails(t, z, special::log_beta_p) - 0.69314718055994530942
                    : std::log1p(-0.5 * tails(t, z, special::beta_p));
  }
  static double quantile(theta t, double q) {  // of the lower half, q <= 1/2
    if (nearly_normal(t)) return special::normal_quantile(q);
    const auto y = special::beta_p_inverse(0.5 * t.df, 0.5, 2.0 * q);
    return -std::sqrt(t.df * (y.one_minus_x / y.x));
  }
  static double sf(theta t, double x) { return upper(t, z(t, x)); }
  static double cdf(theta t, double x) { return upper(t, -z(t, x)); }
  static double log_sf(theta t, double x) { return log_upper(t, z(t, x)); }
  static double log_cdf(theta t, double x) { return log_upper(t, -z(t, x)); }
  static double icdf(theta t, double q) {
    return t.loc + t.scale * (q <= 0.5 ? quantile(t, q) : -quantile(t, 1.0 - q));
  }
  static double isf(theta t, double q) { return t.loc - t.scale * (q <= 0.5 ? quantile(t, q) : -quantile(t, 1.0 - q)); }
  static double moment_order(theta t) { return t.df; }
  static double mean(theta t) { return t.df > 1.0 ? t.loc : not_a_number; }
  static double variance(theta t) {
    if (t.df <= 1.0) return not_a_number;
    return t.df > 2.0 ? t.scale * t.scale / (1.0 - 2.0 / t.df) : infinity;
  }
  static double mode(theta t) { return t.loc; }
  static double skewness(theta t) { return t.df > 3.0 ? 0.0 : not_a_number; }
  static double kurtosis(theta t) { return t.df > 4.0 ? 6.0 / (t.df - 4.0) : t.df > 2.0 ? infinity : not_a_number; }
  static double entropy(theta t) {
    const double eta = 1.0 / t.df;
    // (df + 1) / 2 [digamma((df + 1) / 2) - digamma(df / 2)] - norm, through the smooth norm and its derivative:
    // with N(eta) = log-norm, E log(1 + z^2 eta) (1 + 1/eta) / 2 = (1 + eta)(1/2 - eta N'(eta)).
    const auto n = special::student_norm(eta);
    return (1.0 + eta) * (0.5 - eta * n.f1) - n.f + 0.5 * log_two_pi + std::log(t.scale);
  }

  static theta start(const start_sample& s) {
    const double spread = s.quantile(0.75) - s.quantile(0.25);
    return {4.0, s.quantile(0.5), std::fmax(0.675 * spread, 1e-9 * std::sqrt(s.variance))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
