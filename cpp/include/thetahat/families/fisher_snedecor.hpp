#pragma once

#include "beta_prime.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// The internal shapes are 2 / df1 and 2 / df2, in which the law stays smooth up to zero: there a mean square is one.
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
      {"df1", domain::positive, coordinate::reciprocal, "degrees of freedom of the numerator"},
      {"df2", domain::positive, coordinate::reciprocal, "degrees of freedom of the denominator: twice the tail index"},
  };
  static constexpr theta cases[] = {{5.0, 10.0}, {1.0, 3.0}, {0.6, 0.8}, {300.0, 7.0}, {7.0, 300.0}, {2e5, 4e6}};

  template <class A, class B>
  THETAHAT_INLINE static auto internal(const A& df1, const B& df2) {
    return at(zero{}, unit_scale{}, 2.0 * recip(df1), 2.0 * recip(df2));
  }
  static theta canonical(const point& p) { return {2.0 / p.shape[0], 2.0 / p.shape[1]}; }
  // A fit stops at 2e10 degrees of freedom, beyond which no sample tells the law from the limit.
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 1e-10}, {slot::b, coordinate::identity, 1e-10}};
  static constexpr bool axes_are_parameters = true;  // axis k depends on parameter k alone

  // Derivatives of the Stirling correction of 1/e in e.
  struct correction {
    double first, second;
  };
  static correction correction_of(double e) {
    const double w = e * e, x = 1.0 / e;
    if (e > 0.05) {
      const double r = digamma_rest(x);
      return {x * x * r, x * x * x * (x * trigamma_rest(x) - 2.0 * r)};
    }
    return {1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132)))),
            -e * (1.0 / 60 - w * (1.0 / 63 - w * (1.0 / 40 - w * (2.0 / 33))))};
  }
  // log_beta_peak of 1/e1 and 1/e0, -log(2 pi (e1 + e0)) / 2 and the corrections.
  template <class... P, class... Q>
  static auto peak_of(const jet<P...>& e1, const jet<Q...>& e0) {
    const double e = e1.v + e0.v, r = 1.0 / e, s1 = e1.v * r, s0 = e0.v * r;
    // 1/(a + b) is e1 e0 / e, with the derivatives s0^2 and s1^2, -2 s0^2/e, 2 s0 s1/e and -2 s1^2/e.
    const correction n = correction_of(e1.v * s0), a = correction_of(e1.v), b = correction_of(e0.v);
    const double half = 0.5 * r * r;
    return chain(log_beta_peak(1.0 / e1.v, 1.0 / e0.v), -0.5 * r + (s0 * s0 * n.first - a.first),
                 -0.5 * r + (s1 * s1 * n.first - b.first),
                 half + (s0 * s0 * (s0 * s0 * n.second - 2.0 * r * n.first) - a.second),
                 half + s0 * s1 * (s0 * s1 * n.second + 2.0 * r * n.first),
                 half + (s1 * s1 * (s1 * s1 * n.second - 2.0 * r * n.first) - b.second), e1, e0);
  }
  static double peak_of(double e1, double e0) { return log_beta_peak(1.0 / e1, 1.0 / e0); }

  template <class A, class B, class C, class D, class R, class N, class K>
  struct fields {
    A exponent;
    B total;
    C e1;
    D e0;
    R ratio;
    N norm;
    K peak;
    double share1, share0;
  };
  template <class A, class B>
  static auto prepare(const A& e1, const B& e0) {
    auto a = recip(e1);
    auto b = recip(e0);
    auto ratio = e0 * recip(e1);
    auto norm = minus_log_beta(a, b) + a * log(ratio);
    auto peak = peak_of(e1, e0);
    const double e = value(e1) + value(e0);
    return fields<decltype(a - 1.0), decltype(-(a + b)), A, B, decltype(ratio), decltype(norm), decltype(peak)>{
        a - 1.0, -(a + b), e1, e0, ratio, norm, peak, value(e0) / e, value(e1) / e};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, z, positive);
    sink.log(p.total, 1.0 + p.ratio * z, ge_one);
  }
  static bool admissible(const point& p) { return p.shape[0] > 1.0 / 64 && p.shape[1] > 1.0 / 64; }
  // Loader's saddle-point form: with the shares of a and b in a + b and w = share0 + share1 z, the beta variable is
  // share1 z / w.
  template <class P>
  THETAHAT_INLINE static double saddle_point(const P& p, double z) {
    const double w = p.share0 + p.share1 * z, l = vlog(z), lw = vlog(w), a = 1.0 / value(p.e1), b = 1.0 / value(p.e0);
    return (value(p.peak) - l) - scaled_deviance(a, a * (z / w), l - lw) - scaled_deviance(b, b / w, -lw);
  }
  // What a shape e1 adds to the derivative in itself, (u - log r) / e1^2 with r = z / w = 1 + u, u = e1 t, and to the
  // second one, where e0 is the other shape and w depends on both; far from one r keeps digits that u lacks.
  struct curvature {
    double first, second;
  };
  THETAHAT_INLINE static curvature curvature_of(double t, double e1, double e0, double r, double z) {
    const double u = e1 * t, g = 1.0 / r, e = 1.0 / (e1 + e0);
    const log1p_quotient l = log1p_over(u);
    const double far = (u - vlog(r)) / (u * u);
    const bool near = __builtin_fabs(u) < 0.5;
    const double near_second = t * (l.f2 - g * g) - e / z;
    const double far_second = (e0 * e - 2.0 * far) / e1;
    return {t * t * (near ? g + l.f1 : far), t * t * (near ? near_second : far_second)};
  }
  // The deviances are smallest in w, so that it adds nothing to first derivatives. In 1 / x the shapes change places.
  template <class A, class B, class C, class D, class R, class N, class K>
  THETAHAT_INLINE static auto log_density(const fields<A, B, C, D, R, N, K>& p, double z) {
    if constexpr (is_jet<A>) {
      const double e1 = p.e1.v, e0 = p.e0.v, e = e1 + e0, d = 1.0 / (e1 + e0 * z), t = (z - 1.0) * d;
      const curvature above = curvature_of(t, e1, e0, z * e * d, z), below = curvature_of(-t, e0, e1, e * d, 1.0 / z);
      auto sum = p.peak + chain(0.0, above.first, below.first, above.second, -(t * t) / e, below.second, p.e1, p.e0);
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
