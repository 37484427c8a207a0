#pragma once

#include "beta_prime.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct fisher_snedecor {
  static constexpr family_info info = {
      .name = "fisher_snedecor",
      .class_name = "FisherSnedecor",
      .summary =
          "Ratio of two mean squares of `df1` and `df2` independent normal variables: the law of the F statistic.",
      .formula = "log p(x) = df1 / 2 * log(df1 / df2) + (df1 / 2 - 1) * log(x) "
                 "- (df1 + df2) / 2 * log(1 + df1 / df2 * x) - log B(df1 / 2, df2 / 2)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 27",
      .tier = 2,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "f",
      .scipy_arguments = {{"dfn", convert::identity, "df1"}, {"dfd", convert::identity, "df2"}},
      .torch = "FisherSnedecor",
  };
  struct theta {
    double df1, df2;
  };
  static constexpr parameter parameters[] = {
      {"df1", domain::positive, coordinate::log, "degrees of freedom of the numerator"},
      {"df2", domain::positive, coordinate::log, "degrees of freedom of the denominator: twice the tail index"},
  };
  static constexpr theta cases[] = {{5.0, 10.0}, {1.0, 3.0}, {0.6, 0.8}, {300.0, 7.0}, {7.0, 300.0}, {2e5, 4e6}};

  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& df1, const B& df2) {
    return at(zero{}, unit_scale{}, 0.5 * df1, 0.5 * df2);
  }
  static theta canonical(const point& p) { return {2.0 * p.shape[0], 2.0 * p.shape[1]}; }

  // log_beta_peak(a, b) with its derivatives, which do not cancel when the shapes are large.
  template <class... P, class... Q>
  static auto peak_of(const jet<P...>& a, const jet<Q...>& b) {
    const double n = a.v + b.v, ra = b.v / a.v / n, rb = a.v / b.v / n, second = trigamma_rest(n);
    return chain(log_beta_peak(a.v, b.v), 0.5 * ra + (digamma_rest(a.v) - digamma_rest(n)),
                 0.5 * rb + (digamma_rest(b.v) - digamma_rest(n)),
                 second - trigamma_rest(a.v) - 0.5 * ra * (1.0 / n + 1.0 / a.v), second + 0.5 / n / n,
                 second - trigamma_rest(b.v) - 0.5 * rb * (1.0 / n + 1.0 / b.v), a, b);
  }
  static double peak_of(double a, double b) { return log_beta_peak(a, b); }

  template <class A, class B, class C, class D, class R, class N, class K>
  struct fields {
    A exponent;
    B total;
    C shape1;
    D shape0;
    R ratio;
    N norm;
    K peak;
    double share1, share0;
  };
  template <class A, class B>
  static auto prepare(const A& c1, const B& c0) {
    const double a = value(c1), b = value(c0), n = a + b;
    auto ratio = c1 * recip(c0);
    auto norm = minus_log_beta(c1, c0) + c1 * log(ratio);
    auto peak = peak_of(c1, c0);
    return fields<decltype(c1 - 1.0), decltype(-(c1 + c0)), A, B, decltype(ratio), decltype(norm), decltype(peak)>{
        c1 - 1.0, -(c1 + c0), c1, c0, ratio, norm, peak, a / n, b / n};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.log(p.total, 1.0 + p.ratio * z, ge_one);
  }
  static bool admissible(const point& p) { return p.shape[0] < 64.0 && p.shape[1] < 64.0; }
  // Loader's saddle-point form: with the shares of a and b in a + b and w = share0 + share1 z, the beta variable is
  // share1 z / w.
  template <class P>
  THETAHAT_INLINE static double saddle_point(const P& p, double z) {
    const double w = p.share0 + p.share1 * z, l = vlog(z), lw = vlog(w), a = value(p.shape1), b = value(p.shape0);
    return (value(p.peak) - l) - scaled_deviance(a, a * (z / w), l - lw) - scaled_deviance(b, b / w, -lw);
  }
  // At fixed a and b it is smallest in w, so that w adds nothing to the first derivatives.
  template <class A, class B, class C, class D, class R, class N, class K>
  THETAHAT_INLINE static auto log_density(const fields<A, B, C, D, R, N, K>& p, double z) {
    if constexpr (is_jet<A>) {
      const double w = p.share0 + p.share1 * z, lw = vlog(w), t = (z - 1.0) / w;
      const double second = t * t / (p.shape1.v + p.shape0.v);
      auto sum = p.peak + chain(0.0, -scaled_deviance(1.0, z / w, vlog(z) - lw), -scaled_deviance(1.0, 1.0 / w, -lw),
                                p.share0 * p.share0 * second, -p.share0 * p.share1 * second,
                                p.share1 * p.share1 * second, p.shape1, p.shape0);
      sum.v = saddle_point(p, z);
      return sum;
    } else {
      return saddle_point(p, z);
    }
  }

  static beta_prime::theta shapes(theta t) { return {0.5 * t.df1, 0.5 * t.df2}; }
  static double odds(theta t, double x) { return x * (t.df1 / t.df2); }
  static double from_odds(theta t, double x) { return x * (t.df2 / t.df1); }
  static double cdf(theta t, double x) { return beta_prime::cdf(shapes(t), odds(t, x)); }
  static double sf(theta t, double x) { return beta_prime::sf(shapes(t), odds(t, x)); }
  static double log_cdf(theta t, double x) { return beta_prime::log_cdf(shapes(t), odds(t, x)); }
  static double log_sf(theta t, double x) { return beta_prime::log_sf(shapes(t), odds(t, x)); }
  static double icdf(theta t, double q) { return from_odds(t, beta_prime::icdf(shapes(t), q)); }
  static double isf(theta t, double q) { return from_odds(t, beta_prime::isf(shapes(t), q)); }
  static double moment_order(theta t) { return 0.5 * t.df2; }
  static double moment(theta t, int k) {  // for k < df2 / 2
    double m = 1.0;
    for (int j = 0; j < k; ++j) m *= (1.0 + 2.0 * j / t.df1) * (t.df2 / (t.df2 - 2.0 - 2.0 * j));
    return m;
  }
  static double mean(theta t) { return t.df2 > 2.0 ? moment(t, 1) : infinity; }
  static double variance(theta t) {
    const double m = t.df2 / (t.df2 - 2.0);
    return t.df2 > 4.0 ? m * m * (2.0 / t.df1 * ((t.df1 + t.df2 - 2.0) / (t.df2 - 4.0))) : infinity;
  }
  static double mode(theta t) { return t.df1 > 2.0 ? (t.df1 - 2.0) / t.df1 * (t.df2 / (t.df2 + 2.0)) : 0.0; }
  static double entropy(theta t) { return beta_prime::entropy(shapes(t)) + std::log(t.df2 / t.df1); }

  // With a and b half the degrees of freedom, log x has a mean near 1/(2b) - 1/(2a) and a variance near 1/a + 1/b.
  static theta start(const start_sample& s) {
    const auto [mean, variance] = beta_prime::logs_of(s);
    const double skew = std::fmin(std::fmax(2.0 * mean / variance, -0.9), 0.9);
    return {2.0 * beta_prime::trigamma_inverse(0.5 * variance * (1.0 - skew)),
            2.0 * beta_prime::trigamma_inverse(0.5 * variance * (1.0 + skew))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
