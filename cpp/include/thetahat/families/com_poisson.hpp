#pragma once

#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log of the sum over k of (m^k / k!)^decay, less decay * m.
inline double com_poisson_norm(double m, double decay) { return special::com_poisson(m, decay).f; }
template <class... P, class... Q>
inline auto com_poisson_norm(const jet<P...>& m, const jet<Q...>& decay) {
  const auto s = special::com_poisson(m.v, decay.v);
  return chain(s.f, s.f1, s.f2, s.f11, s.f12, s.f22, m, decay);
}

struct com_poisson {
  static constexpr family_info info = {
      .name = "com_poisson",
      .class_name = "ConwayMaxwellPoisson",
      .summary = "Counts with more or less spread than Poisson's: queues whose servers hurry or tire.",
      .formula = "log p(x) = x log(rate) - decay * log(x!) - log Z, Z = sum over k of rate^k / (k!)^decay",
      .source = "Shmueli, Minka, Kadane, Borle and Boatwright (2005), Applied Statistics 54, 127-142",
      .kind = kind::discrete,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, true, false, "x = 0, 1, 2, ..."},
      .limits = {{.kind = limit_kind::interior,
                  .family = "poisson",
                  .parameter = "decay",
                  .value = 1.0,
                  .arguments = {{"rate", convert::identity, "rate"}}}},
  };
  struct theta {
    double rate, decay;
  };
  static constexpr parameter parameters[] = {
      {"rate", domain::positive, coordinate::log, "ratio of p(1) to p(0)"},
      {"decay", domain::positive, coordinate::log,
       "how fast the ratios of neighbours fall: 1 is Poisson's law, more is less spread"},
  };
  static constexpr theta cases[] = {{5.0, 1.5}, {1.5, 0.4}, {1e4, 2.0}, {3.0, 12.0}, {0.5, 0.05}, {1e3, 1.3}};

  // The centre rate^(1 / decay), which hardly depends on how the counts spread about it.
  template <class R, class D>
  THETAHAT_INLINE static auto internal(const R& rate, const D& decay) {
    return at(zero{}, unit_scale{}, exp(log(rate) * recip(decay)), decay);
  }
  static theta canonical(const point& p) { return {std::exp(p.shape[1] * std::log(p.shape[0])), p.shape[1]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::log}, {slot::b, coordinate::log}};

  template <class S, class D, class N>
  struct fields {
    S slope;
    D decay;
    N norm;
    double centre, rest;
  };
  template <class M, class D>
  static auto prepare(const M& centre, const D& decay) {
    const auto rest = com_poisson_norm(centre, decay);
    const auto slope = decay * log(centre);
    const auto norm = -(decay * centre) - rest;
    return fields<decltype(slope + 0.0), D, decltype(norm + 0.0)>{slope, decay, norm, value(centre), value(rest)};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.slope, z);
    sink.add(-p.decay, log_factorial(z));
  }
  static double log_density(const fields<double, double, double>& p, double k) {
    return from_centre(p.centre, p.decay, p.rest, k);
  }
  static double from_centre(double centre, double decay, double rest, double k) {
    if (k == 0.0) return -decay * centre - rest;
    return -decay *
               (special::deviance(k, centre) + 0.5 * (log_two_pi + std::log(k)) + special::stirling_correction(k)) -
           rest;
  }

  static double centre(theta t) { return std::exp(std::log(t.rate) / t.decay); }
  static auto law(theta t) {
    const double m = centre(t), decay = t.decay, rest = com_poisson_norm(m, decay);
    return lattice_law{[=](double k) { return from_centre(m, decay, rest, k); }, [=](double k) {
      return std::exp(decay * std::log(m / (k + 1.0)));
    }, 0.0, infinity, mean(t), 0.0};
  }
  static double cdf(theta t, double x) { return law(t).cdf(x); }
  static double sf(theta t, double x) { return law(t).sf(x); }
  static double log_cdf(theta t, double x) { return law(t).log_cdf(x); }
  static double log_sf(theta t, double x) { return law(t).log_sf(x); }
  static double mean(theta t) { return special::com_poisson(centre(t), t.decay).mean; }
  static double variance(theta t) { return special::com_poisson(centre(t), t.decay).variance; }
  static double mode(theta t) { return std::floor(centre(t)); }

  static theta start(const start_sample& s,
                     theta) {  // mean = centre - (decay - 1) / (2 decay), variance = centre / decay
    const double decay = std::fmin(std::fmax(s.mean / std::fmax(s.variance, 1e-3 * s.mean), 0.05), 50.0);
    const double m = std::fmax(s.mean + 0.5 * (decay - 1.0) / decay, 0.1 * s.mean);
    return {std::exp(decay * std::log(m)), decay};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
