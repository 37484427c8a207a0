#pragma once

#include "student_t.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct fernandez_steel_skew_t {
  static constexpr family_info info = {
      .name = "fernandez_steel_skew_t",
      .class_name = "FernandezSteelSkewT",
      .summary =
          "Student's law with its two halves stretched by asymmetry and its reciprocal: skewed, heavy-tailed returns.",
      .formula = "log p(x) = log(2 / (asymmetry + 1 / asymmetry)) - log(scale) + log t(y; df), z = (x - loc) / scale, "
                 "y = z * asymmetry below 0 and z / asymmetry above, t the density of Student's law",
      .source = "Fernandez and Steel (1998), On Bayesian modeling of fat tails and asymmetry, Journal of the American "
                "Statistical Association 93, 359-371",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .limits = {{.kind = limit_kind::interior,
                  .family = "student_t",
                  .parameter = "asymmetry",
                  .value = 1.0,
                  .arguments = {{"loc", convert::identity, "loc"},
                                {"scale", convert::identity, "scale"},
                                {"df", convert::identity, "df"}}},
                 {.kind = limit_kind::boundary,
                  .family = "split_normal",
                  .parameter = "df",
                  .value = infinity,
                  .arguments = {{"loc", convert::identity, "loc"}}}},
  };
  struct theta {
    double loc, scale, asymmetry, df;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mode"},
      {"scale", domain::positive, coordinate::log, "spread"},
      {"asymmetry", domain::positive, coordinate::log, "root of the odds of a value above the mode: 1 is symmetric"},
      {"df", domain::positive, coordinate::reciprocal, "degrees of freedom: the power of the tails"},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 1.5, 4.0},  {-2.0, 0.5, 0.8, 8.0}, {1e9, 3.0, 1.0, 1.0},
                                    {0.0, 1e-9, 2.0, 0.5}, {5.0, 1e9, 0.4, 1e4},  {0.0, 1.0, 1.2, 1e9}};

  template <class L, class S, class G, class D>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const G& asymmetry, const D& df) {
    return at(loc, scale, asymmetry, recip(df));
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0], 1.0 / p.shape[1]}; }
  // 1/df reaches the split normal law at a finite point, zero.
  static constexpr axis axes[] = {{slot::loc, coordinate::identity},
                                  {slot::scale, coordinate::log},
                                  {slot::a, coordinate::log},
                                  {slot::b, coordinate::identity, 0.0, &info.limits[1]}};
  static constexpr bool axes_are_parameters = true;

  template <class C, class G, class R, class A, class N>
  struct fields {
    C exponent;
    G left;
    R right;
    A eta;
    N norm;
  };
  template <class G, class A>
  static auto prepare(const G& asymmetry, const A& eta) {
    auto exponent = -0.5 * (recip(eta) + 1.0);
    auto norm = student_norm(eta) - log(0.5 * (asymmetry + recip(asymmetry))) - 0.5 * log_two_pi;
    return fields<decltype(exponent), G, decltype(recip(asymmetry)), A, decltype(norm)>{exponent, asymmetry,
                                                                                        recip(asymmetry), eta, norm};
  }
  template <class P, class Z>
  THETAHAT_INLINE static constexpr auto stretched(const P& p, const Z& z) {
    return p.left * negative_part(z) + p.right * positive_part(z);
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(p.exponent, 1.0 + p.eta * sq(stretched(p, z)), ge_one);
  }
  static bool admissible(const point& p) { return p.shape[1] > 1e-3; }
  template <class C, class G, class R, class A, class N, class Z>
  THETAHAT_INLINE static auto log_density(const fields<C, G, R, A, N>& p, const Z& z) {
    const auto y = stretched(p, z);
    const auto near = p.norm - 0.5 * ((1.0 + p.eta) * log1p_ratio(p.eta, sq(y)));
    if constexpr (is_jet<Z>) return near;
    else return abs(y) < 0x1p500 ? near : far_log_density(p, z, 1.0);
  }

  // Where z overflows, from its factors.
  static double far_log_density(const fields<double, double, double, double, double>& p, double d, double r) {
    return p.norm + p.exponent * (log(p.eta) + 2.0 * (log(abs(d)) + log(r * (d < 0.0 ? p.left : p.right))));
  }

  static student_t::theta student(theta t) { return {t.df, 0.0, 1.0}; }
  static double within(double df, double y) {  // P(|T| <= y)
    const student_t::theta t{df, 0.0, 1.0};
    return student_t::nearly_normal(t) ? special::gamma_p(0.5, 0.5 * y * y) : student_t::tails(t, y, special::beta_q);
  }
  // One side's law seen from the mode outwards: a half of Student's law stretched by g, with the share g^2 / (1 + g^2).
  static double share(double g) { return g / (g + 1.0 / g); }
  static double tail(double d, double g, double df) {  // P(beyond the distance d on this side)
    const student_t::theta t{df, 0.0, 1.0};
    if (d >= 0.0) return 2.0 * share(g) * student_t::upper(t, d / g);
    return share(g) + share(1.0 / g) * within(df, d * g);
  }
  static double log_tail(double d, double g, double df) {
    const student_t::theta t{df, 0.0, 1.0};
    if (d >= 0.0) return std::log(2.0 * share(g)) + student_t::log_upper(t, d / g);
    const double p = tail(d, g, df);
    return p < 0.5 ? std::log(p) : std::log1p(-2.0 * share(1.0 / g) * student_t::upper(t, -d * g));
  }
  static double distance(double q, double g, double df) {  // where the tail is q
    const student_t::theta t{df, 0.0, 1.0};
    const double w = share(g), other = share(1.0 / g);
    if (q <= w) return -g * student_t::quantile(t, 0.5 * (q / w));
    const double p = (q - w) / other;
    if (p > 0.5) return student_t::quantile(t, 0.5 * ((1.0 - q) / other)) / g;
    if (student_t::nearly_normal(t)) return -std::sqrt(2.0 * special::gamma_p_inverse(0.5, p)) / g;
    const auto y = special::beta_q_inverse(0.5 * df, 0.5, p);
    return -std::sqrt(df * (y.one_minus_x / y.x)) / g;
  }
  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double sf(theta t, double x) { return tail(z(t, x), t.asymmetry, t.df); }
  static double cdf(theta t, double x) { return tail(-z(t, x), 1.0 / t.asymmetry, t.df); }
  static double log_sf(theta t, double x) { return log_tail(z(t, x), t.asymmetry, t.df); }
  static double log_cdf(theta t, double x) { return log_tail(-z(t, x), 1.0 / t.asymmetry, t.df); }
  static double icdf(theta t, double q) { return t.loc - t.scale * distance(q, 1.0 / t.asymmetry, t.df); }
  static double isf(theta t, double q) { return t.loc + t.scale * distance(q, t.asymmetry, t.df); }
  static double moment_order(theta t) { return t.df; }
  static double absolute_mean(double df) {
    return std::sqrt(2.0 / pi / (1.0 - 1.0 / df)) * std::exp(-special::student_norm(1.0 / (df - 1.0)).f);
  }
  static double mean(theta t) {
    if (!(t.df > 1.0)) return not_a_number;
    return t.loc + t.scale * absolute_mean(t.df) * (t.asymmetry - 1.0 / t.asymmetry);
  }
  static double variance(theta t) {
    if (!(t.df > 1.0)) return not_a_number;
    if (!(t.df > 2.0)) return infinity;
    const double m = absolute_mean(t.df), square = 1.0 / (1.0 - 2.0 / t.df), d = t.asymmetry - 1.0 / t.asymmetry;
    return t.scale * t.scale * (square + (square - m * m) * d * d);
  }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) {
    return std::log(0.5 * t.scale * (t.asymmetry + 1.0 / t.asymmetry)) + student_t::entropy(student(t));
  }

  // As asymmetry grows or falls with the scale one half of the law is left.
  static constexpr bool ridges = true;

  // Tails of 5 degrees of freedom, leaning as the quantiles do.
  static theta start(const start_sample& s) {
    const double low = s.quantile(0.05), middle = s.quantile(0.5), high = s.quantile(0.95);
    const double spread = std::fmax(high - low, 1e-9 * std::sqrt(s.variance));
    const double lean = std::fmin(std::fmax((high - 2.0 * middle + low) / spread, -0.6), 0.6);
    theta t{0.0, 1.0, std::exp(lean), 5.0};
    t.scale = spread / (isf(t, 0.05) - icdf(t, 0.05));
    t.loc = middle - icdf(t, 0.5);
    return t;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
