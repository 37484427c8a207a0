#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct split_normal {
  static constexpr family_info info = {
      .name = "split_normal",
      .class_name = "SplitNormal",
      .summary =
          "Two halves of normal laws of unequal spread, joined at the mode: skewed errors, fan charts of forecasts.",
      .formula = "log p(x) = log(2 / pi) / 2 - log(scale1 + scale2) - ((x - loc) / s)^2 / 2, "
                 "s = scale1 below loc and scale2 above",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 13.10.3; "
                "John (1982), Communications in Statistics: Theory and Methods 11, 879-885",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 16,
  };
  struct theta {
    double loc, scale1, scale2;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mode"},
      {"scale1", domain::positive, coordinate::log, "spread below the mode"},
      {"scale2", domain::positive, coordinate::log, "spread above the mode"},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 2.0}, {-2.0, 0.5, 0.1},  {1e9, 3.0, 3.0},
                                    {0.0, 0.1, 3.0}, {5.0, 1e12, 2e12}, {0.0, 2e-12, 1e-12}};

  // The scale is that of the left half, the shape the ratio of the right one to it.
  template <class L, class S, class T>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale1, const T& scale2) {
    return at(loc, scale1, scale2 * recip(scale1));
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.scale * p.shape[0]}; }

  template <class N, class R>
  struct fields {
    N norm;
    R right;  // scale1 / scale2
  };
  template <class A>
  static auto prepare(const A& ratio) {
    auto norm = 0.5 * (log_two_pi - 2.0 * 1.1447298858494001741) - log1p(ratio);  // log(2 / pi) / 2
    return fields<decltype(norm), decltype(recip(ratio))>{norm, recip(ratio)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(-0.5, sq(negative_part(z)));
    sink.add(-0.5, sq(p.right * positive_part(z)));
  }

  // One side's law, seen from the mode outwards: `s` and `other` are the scales of this side and of the other one.
  static double share(double s, double other) { return s / (s + other); }
  static double tail(double d, double s, double other) {  // P(beyond the distance d on this side)
    if (d >= 0.0) return 2.0 * share(s, other) * special::normal_cdf(-d / s);
    return share(s, other) + share(other, s) * special::gamma_p(0.5, 0.5 * sq(d / other));
  }
  static double log_tail(double d, double s, double other) {
    if (d >= 0.0) return std::log(2.0 * share(s, other)) + special::log_normal_cdf(-d / s);
    const double t = tail(d, s, other);
    return t < 0.5 ? std::log(t) : std::log1p(-2.0 * share(other, s) * special::normal_cdf(d / other));
  }
  static double distance(double q, double s, double other) {  // where the tail is q
    const double w = share(s, other);
    if (q <= w) return -s * special::normal_quantile(0.5 * (q / w));
    const double p = (q - w) / share(other, s);
    if (p > 0.5) return other * special::normal_quantile(0.5 * ((1.0 - q) / share(other, s)));
    return -other * std::sqrt(2.0 * special::gamma_p_inverse(0.5, p));
  }
  static double sf(theta t, double x) { return tail(x - t.loc, t.scale2, t.scale1); }
  static double cdf(theta t, double x) { return tail(t.loc - x, t.scale1, t.scale2); }
  static double log_sf(theta t, double x) { return log_tail(x - t.loc, t.scale2, t.scale1); }
  static double log_cdf(theta t, double x) { return log_tail(t.loc - x, t.scale1, t.scale2); }
  static double icdf(theta t, double q) { return t.loc - distance(q, t.scale1, t.scale2); }
  static double isf(theta t, double q) { return t.loc + distance(q, t.scale2, t.scale1); }
  static double mean(theta t) { return t.loc + std::sqrt(2.0 / pi) * (t.scale2 - t.scale1); }
  static double variance(theta t) {
    const double d = t.scale2 - t.scale1;
    return (1.0 - 2.0 / pi) * d * d + t.scale1 * t.scale2;
  }
  static double mode(theta t) { return t.loc; }
  static double entropy(theta t) { return 0.5 * (log_two_pi + 1.0) + std::log(0.5 * t.scale1 + 0.5 * t.scale2); }

  // The second derivative in loc has a jump, so that a row beside it would decide on the observed information.
  static double expected_information(theta t, int i, int j) {
    constexpr double two_root = 1.5957691216057307117;  // 2 sqrt(2 / pi)
    const double s1 = t.scale1, s2 = t.scale2, w = s1 + s2;
    if (i == 0 && j == 0) return 1.0 / s1 / s2;
    if (i == 0 || j == 0) return i + j == 1 ? -two_root / (s1 * w) : two_root / (s2 * w);
    return i == j ? (3.0 / (i == 1 ? s1 : s2) - 1.0 / w) / w : -1.0 / (w * w);
  }

  // As one scale falls to zero the law becomes half a normal one.
  static constexpr bool ridges = true;

  // At a given mode the scales have a closed form, and the likelihood is a falling function of the sum of the cube roots
  // of the two sums of squares (John 1982): the best of the sample's own values. The mode at an extreme is half a law.
  static theta start(const start_sample& s) {
    double below = 0.0, below2 = 0.0, sum = 0.0, sum2 = 0.0, best = infinity;
    const double n = static_cast<double>(s.n), centre = s.quantile(0.5);
    for (std::size_t i = 0; i < s.n; ++i) sum += s.sorted[i] - centre, sum2 += sq(s.sorted[i] - centre);
    theta found{centre, 1.0, 1.0};
    const std::size_t edge = s.n / 64;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double m = s.sorted[i] - centre, k = static_cast<double>(i);
      const double left = std::cbrt(std::fmax(below2 - m * (2.0 * below - k * m), 0.0));
      const double right = std::cbrt(std::fmax((sum2 - below2) - m * (2.0 * (sum - below) - (n - k) * m), 0.0));
      if (left + right < best && i >= edge && i + edge < s.n) {
        best = left + right;
        const double least = 1e-3 * best, factor = std::sqrt(best / n);
        found = {s.sorted[i], std::fmax(left, least) * factor, std::fmax(right, least) * factor};
      }
      below += m, below2 += m * m;
    }
    return found;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
