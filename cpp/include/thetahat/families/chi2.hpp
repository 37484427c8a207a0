#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// The internal shape is df / 2, the concentration of a gamma law of scale 2.
struct chi2 {
  static constexpr family_info info = {
      .name = "chi2",
      .class_name = "Chi2",
      .summary = "Sum of squares of `df` independent standard normal variables: the law of test statistics.",
      .formula = "log p(x) = (df / 2 - 1) * log(x) - x / 2 - df / 2 * log(2) - log Gamma(df / 2)",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 18",
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "chi2",
      .scipy_arguments = {{"df", convert::identity, "df"}},
      .torch = "Chi2",
  };
  struct theta {
    double df;
  };
  static constexpr parameter parameters[] = {
      {"df", domain::positive, coordinate::log, "degrees of freedom: the mean"},
  };
  static constexpr theta cases[] = {{3.0}, {0.7}, {40.0}, {2.0}, {0.01}, {1e6}, {1e10}};

  template <class D>
  THETAHAT_INLINE static auto internal(const D& df) {
    return at(zero{}, unit_scale{}, 0.5 * df);
  }
  static theta canonical(const point& p) { return {2.0 * p.shape[0]}; }

  template <class C, class N>
  struct fields {
    C exponent;
    N norm;
    double shape, log_df, centre;
  };
  template <class A>
  static auto prepare(const A& a) {
    const double shape = value(a), log_two = 0.69314718055994530942;
    return fields<decltype(a - 1.0), decltype(-(lgamma(a) + log_two * a))>{
        a - 1.0, -(lgamma(a) + log_two * a), shape, log(2.0 * shape),
        0.5 * (log(shape) - log_two_pi) - special::stirling_correction(shape)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.add(-0.5, z);
  }
  // The terms cancel to a few nats of their size.
  static bool admissible(const point& p) { return p.shape[0] < 64.0; }
  // Loader's saddle-point form: no large terms cancel, whatever the degrees of freedom.
  THETAHAT_INLINE static double log_density(const fields<double, double>& p, double z) {
    const double l = vlog(z);
    return (p.centre - l) - scaled_deviance(p.shape, 0.5 * z, l - p.log_df);
  }

  static double cdf(theta t, double x) { return special::gamma_p(0.5 * t.df, 0.5 * x); }
  static double sf(theta t, double x) { return special::gamma_q(0.5 * t.df, 0.5 * x); }
  static double log_cdf(theta t, double x) { return special::log_gamma_p(0.5 * t.df, 0.5 * x); }
  static double log_sf(theta t, double x) { return special::log_gamma_q(0.5 * t.df, 0.5 * x); }
  static double icdf(theta t, double q) { return 2.0 * special::gamma_p_inverse(0.5 * t.df, q); }
  static double isf(theta t, double q) { return 2.0 * special::gamma_q_inverse(0.5 * t.df, q); }
  static double mean(theta t) { return t.df; }
  static double variance(theta t) { return 2.0 * t.df; }
  static double skewness(theta t) { return std::sqrt(8.0 / t.df); }
  static double kurtosis(theta t) { return 12.0 / t.df; }
  static double mode(theta t) { return t.df > 2.0 ? t.df - 2.0 : 0.0; }
  // By Stirling's series with its remainders: log Gamma and the digamma cancel when df is large.
  static double entropy(theta t) {
    const double a = 0.5 * t.df;
    return 0.5 * (log_two_pi + 1.0 + std::log(a)) + 0.69314718055994530942 + special::stirling_correction(a) - 0.5 / a +
           (a - 1.0) * digamma_rest(a);
  }
  static double moment(theta t, int k) {
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= t.df + 2.0 * j;
    return m;
  }
  static double gamma_shape(theta t) { return 0.5 * t.df; }
  static double draw_from_gamma(theta, double g) { return 2.0 * g; }

  // The maximum is where digamma(df / 2) is the mean of log(x / 2): Minka's approximation of the inverse.
  static theta start(const statistics& s) {
    const double g = s.log / s.weight - 0.69314718055994530942;
    return {2.0 * (g > -2.22 ? std::exp(g) + 0.5 : -1.0 / (g + euler_gamma))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
