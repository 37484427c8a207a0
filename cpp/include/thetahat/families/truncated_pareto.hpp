#pragma once

#include "definition.hpp"
#include "log_uniform.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct truncated_pareto {
  static constexpr family_info info = {
      .name = "truncated_pareto",
      .class_name = "TruncatedPareto",
      .summary = "Power law between two ends: earthquake energies, fragment sizes, wealth below a cut-off.",
      .formula = "log p(x) = log(alpha) - (alpha + 1) * log(x) - log(low^-alpha - high^-alpha), low <= x <= high",
      .source = "Aban, Meerschaert and Panorska (2006), Parameter estimation for the truncated Pareto distribution, "
                "Journal of the American Statistical Association 101, 270-277",
      .group = group::scale,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "low <= x <= high"},
      .constraint = "low < high",
      .scipy = "truncpareto",
      .scipy_arguments = {{"b", convert::identity, "alpha"},
                          {"c", convert::ratio, "high", "low"},
                          {"scale", convert::identity, "low"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "log_uniform",
                  .parameter = "alpha",
                  .value = 0.0,
                  .arguments = {{"low", convert::identity, "low"}, {"high", convert::identity, "high"}}}},
  };
  struct theta {
    double alpha, low, high;
  };
  static constexpr parameter parameters[] = {
      {"alpha", domain::real, coordinate::identity, "tail index; between ends it may be zero or negative"},
      {.name = "low",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "lower end; its estimate is the sample minimum",
       .boundary = true},
      {.name = "high",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "upper end; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{1.5, 1.0, 50.0},  {0.3, 1e-6, 1e-3}, {-2.5, 2.0, 3.0},     {0.0, 1.0, 10.0},
                                    {200.0, 5.0, 1e3}, {1e-9, 1.0, 7.0},  {-0.01, 1e-25, 1e15}, {40.0, 3.0, 3.03}};

  template <class A, class L, class H>
  THETAHAT_INLINE static auto internal(const A& alpha, const L& low, const H& high) {
    return at(zero{}, unit_scale{}, alpha, low, high);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1], p.shape[2]}; }
  static bool valid(theta t) { return t.low < t.high; }

  // The density of log x falls from the anchor: the lower end, or for negative alpha the upper one.
  template <class X, class A, class R, class G, class N>
  struct fields {
    X exponent;
    A alpha;
    R per_anchor;
    G log_anchor;
    N norm;  // of log(x / anchor)
    double low, high;
  };
  template <class A, class L, class H>
  static auto prepare(const A& alpha, const L& low, const H& high) {
    auto span = log_span(low, high);
    const bool rises = value(alpha) < 0.0;
    auto anchor = low * (rises ? 0.0 : 1.0) + high * (rises ? 1.0 : 0.0);
    auto norm = -(log(span) + log_mean_exponential(abs(alpha * span)));
    return fields<decltype(-(alpha + 1.0)), A, decltype(recip(anchor)), decltype(log(anchor)), decltype(norm)>{
        -(alpha + 1.0), alpha, recip(anchor), log(anchor), norm, value(low), value(high)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x >= p.low && x <= p.high;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm + p.alpha * p.log_anchor);
    sink.log(p.exponent, z, positive);
  }
  static bool admissible(const point&) { return false; }  // nothing but the row's own test tells whether it is inside
  // From log(x / anchor): log x and log anchor would cancel.
  template <class X, class A, class R, class G, class N>
  THETAHAT_INLINE static auto log_density(const fields<X, A, R, G, N>& p, double z) {
    const auto ratio = z * p.per_anchor;
    const double l = vlog(z);
    return p.norm - (p.alpha * log_quotient_of(ratio, l, p.log_anchor) + l);
  }
  // log(x / anchor); from the two logarithms where the quotient leaves the range of doubles.
  THETAHAT_INLINE static double log_quotient_of(double ratio, double l, double log_anchor) {
    const double near = vlog(ratio), far = l - log_anchor;
    return ratio > 1e-300 && ratio < infinity ? near : far;
  }
  template <class... P, class... Q>
  THETAHAT_INLINE static auto log_quotient_of(const jet<P...>& ratio, double l, const jet<Q...>& log_anchor) {
    auto difference = l - log_anchor;
    difference.v = log_quotient_of(ratio.v, l, log_anchor.v);
    return difference;
  }
  static double lower(theta t) { return t.low; }
  static double upper(theta t) { return t.high; }

  // log x is a truncated exponential variable.
  static double span(theta t) { return log_span(t.low, t.high); }
  static double product(theta t) { return t.alpha * span(t); }
  static double share(theta t, double x) { return log_span(t.low, x) / span(t); }
  static double rest(theta t, double x) { return log_span(x, t.high) / span(t); }
  static double cdf(theta t, double x) { return truncated_law::cdf(product(t), share(t, x), rest(t, x)); }
  static double sf(theta t, double x) { return truncated_law::sf(product(t), share(t, x), rest(t, x)); }
  static double log_cdf(theta t, double x) { return truncated_law::log_cdf(product(t), share(t, x), rest(t, x)); }
  static double log_sf(theta t, double x) { return truncated_law::log_cdf(-product(t), rest(t, x), share(t, x)); }
  static double at_share(theta t, truncated_law::place p) {
    return p.u < 0.5 ? t.low * std::exp(p.u * span(t)) : t.high * std::exp(-p.v * span(t));
  }
  static double icdf(theta t, double q) { return at_share(t, truncated_law::quantile(product(t), q, false)); }
  static double isf(theta t, double q) { return at_share(t, truncated_law::quantile(product(t), q, true)); }
  static double moment(theta t, int k) {  // of exponentials that are at most one, times where x^k p(x) is largest
    const double l = span(t), r = product(t);
    const double top = r >= k * l ? std::pow(t.low, k)
                       : r <= 0.0 ? std::pow(t.high, k)
                                  : std::pow(t.high, k) * std::pow(t.low / t.high, t.alpha);
    return top * std::exp(log_mean_exponential(std::fabs(r - k * l)) - log_mean_exponential(std::fabs(r)));
  }
  static double mean(theta t) { return moment(t, 1); }
  // E x^2 / (E x)^2 - 1, from the second difference of the cumulant function: where that is small, as the integral of
  // its second derivative.
  static double variance(theta t) {
    const double l = span(t), r = product(t), m = mean(t);
    double difference = log_mean_exponential(r - 2.0 * l) - 2.0 * log_mean_exponential(r - l) + log_mean_exponential(r);
    if (difference > 1.0) return moment(t, 2) - m * m;
    constexpr double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                               0.9739065285171717};
    constexpr double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                                 0.0666713443086881};
    const int panels = 1 + static_cast<int>(std::fmin(l, 1e5));
    const double half = 0.5 * l / panels;
    difference = 0.0;
    for (int i = 0; i < panels; ++i)
      for (int k = 0; k < 10; ++k) {
        const double s = half * (2 * i + 1 + (k < 5 ? node[k] : -node[k - 5]));
        const auto second = [&](double d) { return log_mean_exponential_parts(r - l + d).f2; };
        difference += half * weight[k % 5] * (l - s) * (second(s) + second(-s));
      }
    return m * (m * std::expm1(difference));
  }
  static double mode(theta t) { return t.alpha < -1.0 ? t.high : t.low; }
  static double entropy(theta t) {
    return std::log(t.low) + span(t) * truncated_law::mean(product(t)) + std::log(span(t)) +
           truncated_law::entropy(product(t));
  }

  static theta mle(const statistics& s, theta known) {
    theta t = known;
    if (std::isnan(t.low)) t.low = s.minimum;
    if (std::isnan(t.high)) t.high = s.maximum;
    const double above = s.log / s.weight - std::log(t.low), below = std::log(t.high) - s.log / s.weight;
    if (std::isnan(t.alpha)) t.alpha = truncated_law::rate_of_mean(above / span(t), below / span(t)) / span(t);
    return t;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
