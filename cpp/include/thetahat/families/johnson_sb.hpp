#pragma once

#include "definition.hpp"
#include "logit_normal.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct johnson_sb {
  static constexpr family_info info = {
      .name = "johnson_sb",
      .class_name = "JohnsonSB",
      .summary = "Normal after a logit between two ends: bounded measurements of any asymmetry, tree diameters.",
      .formula = "log p(x) = log(tailweight) - log(scale) - log(2 pi) / 2 - log(z) - log(1 - z) "
                 "- (asymmetry + tailweight * log(z / (1 - z)))^2 / 2, z = (x - loc) / scale",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 12.4.3",
      .tier = 2,
      .accuracy = 64,
      .support = {-infinity, infinity, false, false, "loc < x < loc + scale"},
      .scipy = "johnsonsb",
      .scipy_arguments = {{"a", convert::identity, "asymmetry"},
                          {"b", convert::identity, "tailweight"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
  };
  struct theta {
    double asymmetry, tailweight, loc, scale;
  };
  static constexpr parameter parameters[] = {
      {"asymmetry", domain::real, coordinate::identity, "shift of the normal variable: positive for mass near loc"},
      {"tailweight", domain::positive, coordinate::log, "how closely the mass lies together"},
      // With free ends the likelihood is unbounded: it grows as an end approaches an extreme observation.
      {.name = "loc",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "lower end: known, not estimated",
       .known = 0.0},
      {.name = "scale",
       .domain = domain::positive,
       .coordinate = coordinate::log,
       .doc = "distance of the ends: known, not estimated",
       .known = 1.0},
  };
  static constexpr theta cases[] = {{0.5, 1.2, 0.0, 1.0}, {-1.0, 0.7, 0.0, 1.0},  {2.0, 3.0, 12.0, 10.0},
                                    {0.3, 0.5, 1e6, 2.0}, {-3e4, 1e4, 0.0, 1e-6}, {20.0, 1.0, 0.0, 1.0}};

  template <class G, class D, class L, class S>
  THETAHAT_INLINE static auto internal(const G& asymmetry, const D& tailweight, const L& loc, const S& scale) {
    return at(loc, scale, asymmetry, tailweight);
  }
  static theta canonical(const point& p) { return {p.shape[0], p.shape[1], p.loc, p.scale}; }

  template <class G, class D, class N>
  struct fields {
    G asymmetry;
    D tailweight;
    N norm;
  };
  template <class G, class D>
  static auto prepare(const G& asymmetry, const D& tailweight) {
    return fields<G, D, decltype(log(tailweight) - 0.5 * log_two_pi)>{asymmetry, tailweight,
                                                                      log(tailweight) - 0.5 * log_two_pi};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P&, double z) {
    return z > 0.0 && z < 1.0;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    const auto one = log(z);
    const auto other = log1p(-z);
    sink.constant(p.norm);
    sink.add(-0.5, sq(p.asymmetry + p.tailweight * (one - other)));
    sink.add(-1.0, one);
    sink.add(-1.0, other);
  }
  static double lower(theta t) { return t.loc; }
  static double upper(theta t) { return t.loc + t.scale; }

  static logit_normal::theta logit_law(theta t) { return {-t.asymmetry / t.tailweight, 1.0 / t.tailweight}; }
  static double z(theta t, double x) {
    const double above = x - t.loc;
    return t.asymmetry + t.tailweight * (std::log(above / t.scale) - std::log((t.scale - above) / t.scale));
  }
  static double at_normal(theta t, double n) {
    return t.loc + t.scale * logit_normal::logistic((n - t.asymmetry) / t.tailweight);
  }
  static double cdf(theta t, double x) { return special::normal_cdf(z(t, x)); }
  static double sf(theta t, double x) { return special::normal_cdf(-z(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(z(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-z(t, x)); }
  static double icdf(theta t, double q) { return at_normal(t, special::normal_quantile(q)); }
  static double isf(theta t, double q) { return at_normal(t, -special::normal_quantile(q)); }
  static double moment(theta t, int k) {
    return logit_normal::expectation_of(
        logit_law(t), k, [&](double y) { return std::pow(t.loc + t.scale * logit_normal::logistic(y), k); });
  }
  static double mean(theta t) { return t.loc + t.scale * logit_normal::mean(logit_law(t)); }
  static double variance(theta t) { return t.scale * (t.scale * logit_normal::variance(logit_law(t))); }
  static double mode(theta t) { return t.loc + t.scale * logit_normal::mode(logit_law(t)); }
  static double entropy(theta t) { return std::log(t.scale) + logit_normal::entropy(logit_law(t)); }
  static double draw_from_normal(theta t, double n) { return at_normal(t, n); }

  // Mean and standard deviation of the logits, between ends somewhat beyond the sample where they are free.
  static theta start(const start_sample& s, theta known) {
    const double low = s.sorted[0], width = s.sorted[s.n - 1] - low;
    theta t = known;
    if (std::isnan(t.loc)) t.loc = low - 0.1 * width;
    if (std::isnan(t.scale)) t.scale = 1.1 * (low + width - t.loc);
    double sum = 0.0, square = 0.0, count = 0.0;
    const double centre = logit_normal::logit((s.quantile(0.5) - t.loc) / t.scale);
    for (std::size_t i = 0; i < s.n; ++i) {
      const double y = logit_normal::logit((s.sorted[i] - t.loc) / t.scale) - centre;
      if (!std::isfinite(y)) continue;
      sum += y;
      square += y * y;
      ++count;
    }
    const double m = sum / count, spread = std::sqrt(std::fmax(square / count - m * m, 1e-30));
    t.tailweight = count > 0.0 ? 1.0 / spread : 1.0;
    t.asymmetry = count > 0.0 ? -(centre + m) / spread : 0.0;
    return t;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
