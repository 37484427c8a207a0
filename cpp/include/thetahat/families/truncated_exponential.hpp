#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct truncated_exponential {
  static constexpr family_info info = {
      .name = "truncated_exponential",
      .class_name = "TruncatedExponential",
      .summary = "Exponential density on a finite interval, falling or, at a negative rate, rising.",
      .formula = "log p(x) = -rate * x - log((1 - exp(-rate * high)) / rate), 0 <= x <= high",
      .source = "Deemer and Votaw (1955), Estimation of parameters of truncated or censored exponential distributions, "
                "Annals of Mathematical Statistics 26, 498-504",
      .group = group::scale,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, true, false, "0 <= x <= high"},
      .scipy = "truncexpon",
      .scipy_arguments = {{"b", convert::product, "rate", "high"}, {"scale", convert::reciprocal, "rate"}},
  };
  struct theta {
    double rate, high;
  };
  static constexpr parameter parameters[] = {
      {"rate", domain::real, coordinate::identity, "of decay: zero for the uniform law, negative for growth"},
      {.name = "high",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "upper end; its estimate is the sample maximum",
       .boundary = true},
  };
  static constexpr theta cases[] = {{1.0, 3.0},  {0.02, 5.0}, {-0.7, 4.0},   {0.0, 2.0},
                                    {1e6, 1e-4}, {1e-9, 1.0}, {-50.0, 10.0}, {3e3, 1.0}};

  template <class R, class H>
  THETAHAT_INLINE static auto internal(const R& rate, const H& high) {
    return at(zero{}, unit_scale{}, rate, high);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }

  // The density falls from the anchor: zero, or for negative rates the upper end.
  template <class S, class A, class N>
  struct fields {
    S slope;
    A anchor;
    N norm;
    double high;
  };
  template <class R, class H>
  static auto prepare(const R& rate, const H& high) {
    auto anchor = high * (value(rate) < 0.0 ? 1.0 : 0.0);
    auto norm = -(log(high) + log_mean_exponential(abs(rate * high)));
    return fields<decltype(-rate), decltype(anchor), decltype(norm)>{-rate, anchor, norm, value(high)};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double x) {
    return x <= p.high;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm - p.slope * p.anchor);
    sink.add(p.slope, z);
  }
  static bool admissible(const point&) { return false; }  // nothing but the row's own test tells whether it is inside
  template <class S, class A, class N>
  THETAHAT_INLINE static auto log_density(const fields<S, A, N>& p, double z) {
    return p.norm + p.slope * (z - p.anchor);
  }
  static double upper(theta t) { return t.high; }

  static double product(theta t) { return t.rate * t.high; }
  static double share(theta t, double x) { return x / t.high; }
  static double rest(theta t, double x) { return (t.high - x) / t.high; }
  static double cdf(theta t, double x) { return truncated_law::cdf(product(t), share(t, x), rest(t, x)); }
  static double sf(theta t, double x) { return truncated_law::sf(product(t), share(t, x), rest(t, x)); }
  static double log_cdf(theta t, double x) { return truncated_law::log_cdf(product(t), share(t, x), rest(t, x)); }
  static double log_sf(theta t, double x) { return truncated_law::log_cdf(-product(t), rest(t, x), share(t, x)); }
  static double at_share(theta t, truncated_law::place p) { return p.u < 0.5 ? p.u * t.high : t.high - p.v * t.high; }
  static double icdf(theta t, double q) { return at_share(t, truncated_law::quantile(product(t), q, false)); }
  static double isf(theta t, double q) { return at_share(t, truncated_law::quantile(product(t), q, true)); }
  static double mean(theta t) { return t.high * truncated_law::mean(product(t)); }
  static double variance(theta t) { return t.high * t.high * log_mean_exponential_parts(product(t)).f2; }
  static double mode(theta t) { return t.rate < 0.0 ? t.high : 0.0; }
  static double entropy(theta t) { return std::log(t.high) + truncated_law::entropy(product(t)); }

  static theta mle(const statistics& s, theta known) {
    theta t = known;
    if (std::isnan(t.high)) t.high = s.maximum;
    const double shift = s.sum / s.weight;
    if (std::isnan(t.rate))
      t.rate = truncated_law::rate_of_mean((s.pivot + shift) / t.high, ((t.high - s.pivot) - shift) / t.high) / t.high;
    return t;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
