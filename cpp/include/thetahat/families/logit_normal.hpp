#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct logit_normal {
  static constexpr family_info info = {
      .name = "logit_normal",
      .class_name = "LogitNormal",
      .summary = "Proportions whose log-odds are normal: random effects of logistic regression.",
      .formula = "log p(x) = -((logit(x) - loc) / scale)^2 / 2 - log(scale) - log(2 pi) / 2 - log(x) - log(1 - x)",
      .source = "Atchison and Shen (1980), Logistic-normal distributions: some properties and uses, Biometrika 67, "
                "261-272",
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, 1.0, false, false, "0 < x < 1"},
  };
  struct theta {
    double loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean of log(x / (1 - x)): the logit of the median"},
      {"scale", domain::positive, coordinate::log, "standard deviation of log(x / (1 - x))"},
  };
  static constexpr theta cases[] = {{0.0, 1.0}, {-1.5, 0.6}, {2.0, 3.0}, {-30.0, 2.0}, {4.0, 1e-6}, {-0.5, 4.0}};

  template <class L, class S>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale) {
    return at(zero{}, unit_scale{}, loc, scale);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  template <class L, class R, class N>
  struct fields {
    L loc;
    R rate;
    N norm;
  };
  template <class L, class S>
  static auto prepare(const L& loc, const S& scale) {
    return fields<L, decltype(recip(scale)), decltype(-log(scale) - 0.5 * log_two_pi)>{loc, recip(scale),
                                                                                       -log(scale) - 0.5 * log_two_pi};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    const auto one = log(z);
    const auto other = log1p(-z);
    sink.constant(p.norm);
    sink.add(-0.5, sq(((one - other) - p.loc) * p.rate));
    sink.add(-1.0, one);
    sink.add(-1.0, other);
  }

  static double logit(double x) { return std::log(x) - std::log1p(-x); }
  static double z(theta t, double x) { return (logit(x) - t.loc) / t.scale; }
  static double at_normal(theta t, double n) { return 1.0 / (1.0 + std::exp(-(t.loc + t.scale * n))); }
  static double cdf(theta t, double x) { return special::normal_cdf(z(t, x)); }
  static double sf(theta t, double x) { return special::normal_cdf(-z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-z(t, x)); }
  static double icdf(theta t, double q) { return at_normal(t, special::normal_quantile(q)); }
  static double isf(theta t, double q) { return at_normal(t, -special::normal_quantile(q)); }

  // E g(x): the integrand is analytic within pi / scale of the real line, where the trapezoidal rule squares its error
  // when the step halves. The weight of a power of x has its mode at most that many scales away.
  template <class G>
  static double expectation_of(theta t, int power, G g) {
    const double step = std::fmin(0.25, 0.4 / t.scale), reach = 12.0 + std::fmin(power * t.scale, 27.0);
    const int most = static_cast<int>(std::fmin(reach / step, 1e6));
    double sum = 0.0;
    for (int i = -most; i <= most; ++i) {
      const double n = step * i;
      sum += std::exp(-0.5 * n * n) * g(t.loc + t.scale * n);
    }
    return sum * step * 0.39894228040143267794;
  }
  static double logistic(double y) { return 1.0 / (1.0 + std::exp(-y)); }
  static double moment(theta t, int k) {
    return expectation_of(t, k, [k](double y) { return std::pow(logistic(y), k); });
  }
  static double mean(theta t) { return t.loc > 0.0 ? 1.0 - mean({-t.loc, t.scale}) : moment(t, 1); }
  static double variance(theta t) {
    if (t.loc > 0.0) return variance({-t.loc, t.scale});
    const double m = mean(t);
    return expectation_of(t, 2, [m](double y) { return (logistic(y) - m) * (logistic(y) - m); });
  }
  // logit(mode) = loc + scale^2 (2 mode - 1), by Newton's method on y = logit(mode) from beyond the root farthest from
  // zero, on the side of loc: the right side is concave there.
  static double mode(theta t) {
    if (t.loc < 0.0) {
      const double y = -mode_logit({-t.loc, t.scale});
      return logistic(y);
    }
    return logistic(mode_logit(t));
  }
  static double mode_logit(theta t) {
    const double v = t.scale * t.scale;
    double y = t.loc + v;
    for (int i = 0; i < 100; ++i) {
      const double h = std::tanh(0.5 * y), slope = 1.0 - 0.5 * v * (1.0 - h * h);
      const double step = (y - t.loc - v * h) / slope;
      if (!(step > 1e-16 * y) || !(slope > 0.0)) break;
      y -= step;
    }
    return y;
  }
  static double entropy(theta t) {  // E log x(1 - x) = -2 E log(2 cosh(y / 2))
    return 0.5 * (log_two_pi + 1.0) + std::log(t.scale) -
           expectation_of(t, 0, [](double y) { return std::fabs(y) + 2.0 * std::log1p(std::exp(-std::fabs(y))); });
  }
  static double draw_from_normal(theta t, double n) { return at_normal(t, n); }

  static theta start(const start_sample& s) {
    double sum = 0.0, square = 0.0, count = 0.0;
    const double centre = logit(s.quantile(0.5));
    for (std::size_t i = 0; i < s.n; ++i) {
      const double y = logit(s.sorted[i]) - centre;
      if (!std::isfinite(y)) continue;
      sum += y;
      square += y * y;
      ++count;
    }
    const double m = sum / count;
    return {centre + m, std::sqrt(std::fmax(square / count - m * m, 1e-30))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
