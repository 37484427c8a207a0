#pragma once

#include "../math/pearson.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// (log(1 + u) - u) / u^2 and its derivatives, smooth at zero.
struct log1pmx_quotient {
  double f, f1, f2;
};

// Through s = u / (2 + u): log(1 + u) - u = -s u + 2 s^3 p(s^2), so that the quotient is -m + 2 s m^2 p(s^2), m = s/u.
THETAHAT_INLINE log1pmx_quotient log1pmx_near(double u) {
  const double m = 1.0 / (2.0 + u);
  const double s = u * m;
  const double w = s * s;
  double p = 1.0 / 27;
  double q = 0.0;  // dp/dw
  double r = 0.0;  // half of d2p/dw2
#define THETAHAT_STEP(c) \
  r = __builtin_fma(r, w, q); \
  q = __builtin_fma(q, w, p); \
  p = __builtin_fma(p, w, c);
  THETAHAT_STEP(1.0 / 25)
  THETAHAT_STEP(1.0 / 23)
  THETAHAT_STEP(1.0 / 21)
  THETAHAT_STEP(1.0 / 19)
  THETAHAT_STEP(1.0 / 17)
  THETAHAT_STEP(1.0 / 15)
  THETAHAT_STEP(1.0 / 13)
  THETAHAT_STEP(1.0 / 11)
  THETAHAT_STEP(1.0 / 9)
  THETAHAT_STEP(1.0 / 7)
  THETAHAT_STEP(1.0 / 5)
  THETAHAT_STEP(1.0 / 3)
#undef THETAHAT_STEP
  const double m2 = m * m, m3 = m2 * m;
  const double e = s * m2, e1 = 2.0 * m3 * (m - s), e2 = -6.0 * m2 * m2 * (2.0 * m - s);
  return {2.0 * e * p - m, m2 + 2.0 * e1 * p + 8.0 * e * e * q,
          2.0 * (e2 * p - m3) + 24.0 * e * e1 * q + 64.0 * r * e * e * e};
}

// -(u - log(1 + u)) / h^2 with u = h z: minus z^2 / 2 at h = 0.
THETAHAT_INLINE double gamma_exponent(double h, double z) {
  const double u = h * z;
  const double far = (z / h) * ((u < 1e300 ? log1p(u) / u : 0.0) - 1.0);
  return u > -0.36 && u < 0.56 ? z * z * log1pmx_near(u).f : far;
}
struct gamma_exponent_parts {
  double f, h, z, hh, hz, zz;
};
THETAHAT_INLINE gamma_exponent_parts gamma_exponent_derivatives(double h, double z) {
  const double u = h * z, z2 = z * z;
  const double g = 1.0 / (1.0 + u);
  const double zg = z * g;
  const double i = 1.0 / h;
  const bool near = u > -0.36 && u < 0.56;
  const log1pmx_quotient l = log1pmx_near(u);
  const double far_f = (z * i) * ((u < 1e300 ? log1p(u) / u : 0.0) - 1.0);
  const double far_h = -(z * zg + 2.0 * far_f) * i;
  const double far_hh = (z * zg * zg - 3.0 * far_h) * i;
  return {near ? z2 * l.f : far_f, near ? z2 * z * l.f1 : far_h, -zg, near ? z2 * z2 * l.f2 : far_hh, zg * zg, -g * g};
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto gamma_exponent(const jet<P...>& h, const jet<Q...>& z) {
  gamma_exponent_parts p{};
  if (!__builtin_is_constant_evaluated()) p = gamma_exponent_derivatives(h.v, z.v);
  return chain(p.f, p.h, p.z, p.hh, p.hz, p.zz, h, z);
}
template <class H, class Z, if_tags<H, Z> = 0>
constexpr opaque gamma_exponent(H, Z) {
  return {};
}

inline double pearson_norm(double asymmetry) {
  return -0.5 * log_two_pi - special::stirling_of_reciprocal(0.25 * asymmetry * asymmetry).f;
}
template <class... P>
inline auto pearson_norm(const jet<P...>& asymmetry) {
  const auto n = special::stirling_of_reciprocal(0.25 * asymmetry.v * asymmetry.v);
  const double slope = 0.5 * asymmetry.v;  // of asymmetry^2 / 4
  return chain(-0.5 * log_two_pi - n.f, -slope * n.f1, -slope * slope * n.f2 - 0.5 * n.f1, asymmetry);
}

struct pearson_iii {
  static constexpr family_info info = {
      .name = "pearson_iii",
      .class_name = "PearsonIII",
      .summary =
          "Gamma law with any location and either direction, by mean, standard deviation and asymmetry: floods, rain.",
      .formula = "log p(x) = log(2 / |asymmetry|) - log(scale) - log Gamma(a) + (a - 1) * log(t) - t, "
                 "a = 4 / asymmetry^2, t = a + 2 * (x - loc) / (scale * asymmetry)",
      .source = "Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 17.2 and 12.4.1",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .support = {-infinity, infinity, false, false, "1 + asymmetry * (x - loc) / (2 scale) > 0"},
      .scipy = "pearson3",
      .scipy_arguments = {{"skew", convert::identity, "asymmetry"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::interior,
                  .family = "normal",
                  .parameter = "asymmetry",
                  .value = 0.0,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double loc, scale, asymmetry;
  };
  // Beyond a asymmetry of 2 the density has a pole at its end, and the likelihood none that is its largest.
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean"},
      {"scale", domain::positive, coordinate::log, "standard deviation"},
      {.name = "asymmetry",
       .domain = domain::real,
       .coordinate = coordinate::identity,
       .doc = "third standardised moment: positive for a long right tail and an end on the left",
       .lower = -2.0,
       .upper = 2.0},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 0.7},   {3.0, 0.5, -1.2},  {1e9, 2.0, 0.05},
                                    {0.0, 1e-9, -1.5}, {5.0, 1e9, -1e-5}, {0.0, 1.0, 0.0}};

  template <class L, class S, class G>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const G& asymmetry) {
    return at(loc, scale, asymmetry);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0]}; }

  template <class N, class H>
  struct fields {
    N norm;
    H half;
  };
  template <class G>
  static auto prepare(const G& asymmetry) {
    return fields<decltype(pearson_norm(asymmetry)), decltype(0.5 * asymmetry)>{pearson_norm(asymmetry),
                                                                                0.5 * asymmetry};
  }
  template <class P>
  THETAHAT_INLINE static bool inside(const P& p, double z) {
    return 1.0 + p.half * z > 0.0;
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(1.0, gamma_exponent(p.half, z));
    sink.log(-1.0, 1.0 + p.half * z, positive);
  }
  THETAHAT_INLINE static double log_density(const fields<double, double>& p, double z) {
    const double u = p.half * z;
    return p.norm + gamma_exponent(p.half, z) - log1p(u < 0x1p1023 ? u : 0x1p1023);
  }
  static bool regular(theta t) { return t.asymmetry * t.asymmetry < 2.0; }
  static double lower(theta t) { return t.asymmetry > 0.0 ? t.loc - 2.0 * t.scale / t.asymmetry : -infinity; }
  static double upper(theta t) { return t.asymmetry < 0.0 ? t.loc - 2.0 * t.scale / t.asymmetry : infinity; }

  // A negative asymmetry is the mirror image.
  static double z(theta t, double x) { return (t.asymmetry < 0.0 ? t.loc - x : x - t.loc) / t.scale; }
  static double sf(theta t, double x) {
    const double s = std::fabs(t.asymmetry);
    return t.asymmetry < 0.0 ? special::standard_gamma_cdf(s, z(t, x)) : special::standard_gamma_sf(s, z(t, x));
  }
  static double cdf(theta t, double x) {
    const double s = std::fabs(t.asymmetry);
    return t.asymmetry < 0.0 ? special::standard_gamma_sf(s, z(t, x)) : special::standard_gamma_cdf(s, z(t, x));
  }
  static double log_sf(theta t, double x) {
    const double s = std::fabs(t.asymmetry);
    return t.asymmetry < 0.0 ? special::log_standard_gamma_cdf(s, z(t, x)) : special::log_standard_gamma_sf(s, z(t, x));
  }
  static double log_cdf(theta t, double x) {
    const double s = std::fabs(t.asymmetry);
    return t.asymmetry < 0.0 ? special::log_standard_gamma_sf(s, z(t, x)) : special::log_standard_gamma_cdf(s, z(t, x));
  }
  static double quantile(theta t, double q, bool upper) {
    const bool mirrored = t.asymmetry < 0.0;
    const double found = special::standard_gamma_quantile(std::fabs(t.asymmetry), q, upper != mirrored);
    return t.loc + t.scale * (mirrored ? -found : found);
  }
  static double icdf(theta t, double q) { return quantile(t, q, false); }
  static double isf(theta t, double q) { return quantile(t, q, true); }
  static double mean(theta t) { return t.loc; }
  static double variance(theta t) { return t.scale * t.scale; }
  static double mode(theta t) {
    const double g = t.asymmetry;
    return t.loc - t.scale * (g * g < 4.0 ? 0.5 * g : 2.0 / g);
  }
  static double entropy(theta t) {
    const double v = 0.25 * t.asymmetry * t.asymmetry;
    const auto n = special::stirling_of_reciprocal(v);
    return std::log(t.scale) + 0.5 * (log_two_pi + 1.0) - 0.5 * v + n.f + v * (1.0 - v) * n.f1;
  }

  // By quantiles: those of the normal and the exponential law, asymmetry 0 and 2, with what lies between in proportion.
  static theta start(const start_sample& s) {
    const double low = s.quantile(0.05), middle = s.quantile(0.5), high = s.quantile(0.95);
    const double spread = std::fmax(high - low, 1e-9 * std::sqrt(s.variance));
    const double lean = (high - 2.0 * middle + low) / spread;
    const double g = std::fmin(std::fmax(2.0 * lean / 0.565, -1.4), 1.4);
    const double scale = spread / (3.29 - 0.17 * std::fabs(g));
    return {middle + 0.153 * g * scale, scale, g};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
