#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct generalized_poisson {
  static constexpr family_info info = {
      .name = "generalized_poisson",
      .class_name = "GeneralizedPoisson",
      .summary = "Overdispersed counts of events that bring others with them (Consul and Jain).",
      .formula = "log p(x) = x log(r) + (x - 1) log(1 + dispersion * x) - r (1 + dispersion * x) - log(x!), "
                 "r = rate / (1 + dispersion * rate)",
      .source = "Consul and Famoye (2006), Lagrangian Probability Distributions, chapter 9",
      .kind = kind::discrete,
      .tier = 2,
      .support = {0.0, infinity, true, false, "x = 0, 1, 2, ..."},
      .limits = {{.kind = limit_kind::boundary,
                  .family = "poisson",
                  .parameter = "dispersion",
                  .value = 0.0,
                  .arguments = {{"rate", convert::identity, "rate"}}}},
  };
  struct theta {
    double rate, dispersion;
  };
  static constexpr parameter parameters[] = {
      {"rate", domain::positive, coordinate::log, "expected number of events"},
      {"dispersion", domain::positive, coordinate::log, "the variance is rate (1 + dispersion * rate)^2"},
  };
  static constexpr theta cases[] = {{4.0, 0.2}, {0.3, 2.0}, {50.0, 1e-3}, {20.0, 0.5}, {1e4, 1e-9}};

  template <class M, class D>
  THETAHAT_INLINE static auto internal(const M& rate, const D& dispersion) {
    return at(zero{}, unit_scale{}, rate, dispersion);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::log}, {slot::b, coordinate::identity, 0.0, &info.limits[0]}};
  static constexpr bool axes_are_parameters = true;

  template <class R, class S, class L>
  struct fields {
    R first;  // minus log p(0)
    S dispersion;
    L slope;
    double rate, rest;  // 1 / (1 + dispersion * rate)
  };
  template <class M, class D>
  static auto prepare(const M& rate, const D& dispersion) {
    const auto rest = recip(1.0 + dispersion * rate);
    const auto first = rate * rest;
    const auto slope = log(first) - first * dispersion;
    return fields<decltype(first + 0.0), D, decltype(slope + 0.0)>{first, dispersion, slope, value(rate), value(rest)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(-p.first);
    sink.add(p.slope, z);
    sink.add(1.0, (z - 1.0) * log1p(p.dispersion * z));
    sink.add(-1.0, log_factorial(z));
  }
  // A Poisson term whose rate follows the count: nothing of the size of the count cancels.
  static double log_density(const fields<double, double, double>& p, double k) {
    return from_poisson(p.first, p.dispersion, p.rate, p.rest, k);
  }
  static double from_poisson(double first, double dispersion, double rate, double rest, double k) {
    if (k == 0.0) return -first;
    const double further = rest * (rate - k) / k;  // of the rate from the count
    const double deviance =
        further > -0.5 ? -k * special::log1pmx(further) : special::deviance(k, first * (1.0 + dispersion * k));
    return -0.5 * (log_two_pi + std::log(k)) - special::stirling_correction(k) - deviance - std::log1p(dispersion * k);
  }

  static auto law(theta t) {
    const double rest = 1.0 / (1.0 + t.dispersion * t.rate), first = t.rate * rest;
    const double s = t.dispersion, rate = t.rate, share = first * s;
    return lattice_law{[=](double k) { return from_poisson(first, s, rate, rest, k); }, [=](double k) {
      const double g = 1.0 + s * k, nearer = rest * (rate - k) / (k + 1.0) - 1.0 / (k + 1.0);
      return std::exp((nearer < -0.5 ? std::log(first * g / (k + 1.0)) : std::log1p(nearer)) + rest - 1.0 / g +
                      k * special::log1pmx(s / g));
    }, 0.0, infinity, rate, share * std::exp(rest)};
  }
  static double cdf(theta t, double x) { return law(t).cdf(x); }
  static double sf(theta t, double x) { return law(t).sf(x); }
  static double log_cdf(theta t, double x) { return law(t).log_cdf(x); }
  static double log_sf(theta t, double x) { return law(t).log_sf(x); }
  static double mean(theta t) { return t.rate; }
  static double variance(theta t) {
    const double g = 1.0 + t.dispersion * t.rate;
    return t.rate * g * g;
  }
  static double mode(theta t) { return law(t).mode(); }

  static theta start(const start_sample& s, theta) {
    return {s.mean, std::fmax((std::sqrt(s.variance / s.mean) - 1.0) / s.mean, 1e-3 / (1.0 + s.mean))};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
