#pragma once

#include "../math/asinh.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log cosh u - sinh(u)^2 / 2.
THETAHAT_INLINE double sinh_exponent(double u) {
  const double e = exp(abs(u)), r = 1.0 / e, s = 0.5 * (e - r);
  return (abs(u) + log1p(r * r)) - (log_two + 0.5 * (s * s));
}
template <class... P>
THETAHAT_INLINE constexpr auto sinh_exponent(const jet<P...>& u) {
  double f = 0.0, s = 0.0, c = 1.0;
  if (!__builtin_is_constant_evaluated()) {
    const double e = exp(u.v), r = 1.0 / e;
    f = sinh_exponent(u.v), s = 0.5 * (e - r), c = 0.5 * (e + r);
  }
  const double t = s / c;
  return chain(f, -t * (s * s), 1.0 - t * t - (c * c + s * s), u);
}
template <class T, if_tags<T, T> = 0>
constexpr auto sinh_exponent(T t) {
  return combine(t, t);
}

struct sinh_arcsinh {
  static constexpr family_info info = {
      .name = "sinh_arcsinh",
      .class_name = "SinhArcsinh",
      .summary =
          "Normal law with asymmetry and tails of its own, lighter or heavier: sinh of a linear function of arcsinh.",
      .formula = "log p(x) = log(tailweight / scale) - log(2 pi (1 + z^2)) / 2 + log(cosh u) - sinh(u)^2 / 2, "
                 "u = tailweight * arcsinh(z) - asymmetry, z = (x - loc) / scale",
      .source = "Jones and Pewsey (2009), Sinh-arcsinh distributions, Biometrika 96, 761-780",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
  };
  struct theta {
    double loc, scale, asymmetry, tailweight;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "location: the median where asymmetry is 0"},
      {"scale", domain::positive, coordinate::log, "spread: the standard deviation of the normal law at 0, 1"},
      {"asymmetry", domain::real, coordinate::identity, "0 is symmetric, positive a long right tail"},
      {"tailweight", domain::positive, coordinate::log, "1 has normal tails, less has heavier ones"},
  };
  static constexpr theta cases[] = {
      {0.0, 1.0, 0.5, 0.8}, {-2.0, 0.5, -0.3, 1.5}, {1e9, 3.0, 0.0, 1.0}, {0.0, 1e-9, 1.0, 0.5}, {5.0, 1e9, -1.0, 2.0}};

  template <class L, class S, class A, class B>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const A& asymmetry, const B& tailweight) {
    return at(loc, scale, asymmetry, tailweight);
  }
  static theta canonical(const point& p) { return {p.loc, p.scale, p.shape[0], p.shape[1]}; }

  template <class N, class A, class B>
  struct fields {
    N norm;
    A asymmetry;
    B tailweight;
  };
  template <class A, class B>
  static auto prepare(const A& asymmetry, const B& tailweight) {
    auto norm = log(tailweight) - 0.5 * log_two_pi;
    return fields<decltype(norm), A, B>{norm, asymmetry, tailweight};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(-1.0, half_log1p_square(z));
    sink.add(1.0, sinh_exponent(p.tailweight * asinh(z) - p.asymmetry));
  }

  // Where z overflows, from its factors.
  static double far_log_density(const fields<double, double, double>& p, double d, double r) {
    const double l = log(abs(d)) + log(r);
    return p.norm - l + sinh_exponent(p.tailweight * __builtin_copysign(l + log_two, d) - p.asymmetry);
  }

  // The standard normal variable that x is a function of, and back.
  static double normal_of(theta t, double x) {
    return std::sinh(t.tailweight * asinh((x - t.loc) / t.scale) - t.asymmetry);
  }
  static double value_of(theta t, double n) {
    return t.loc + t.scale * std::sinh((asinh(n) + t.asymmetry) / t.tailweight);
  }
  static double cdf(theta t, double x) { return special::normal_cdf(normal_of(t, x)); }
  static double sf(theta t, double x) { return special::normal_cdf(-normal_of(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_normal_cdf(normal_of(t, x)); }
  static double log_sf(theta t, double x) { return special::log_normal_cdf(-normal_of(t, x)); }
  static double icdf(theta t, double q) { return value_of(t, special::normal_quantile(q)); }
  static double isf(theta t, double q) { return value_of(t, -special::normal_quantile(q)); }
  static double draw_from_normal(theta t, double n) { return value_of(t, n); }

  // E cosh(q arcsinh N) - 1 (Jones and Pewsey, equation 7): trapezoids in arcsinh N, which double their digits with them.
  static double excess(double q) {
    constexpr double step = 1.0 / 16;
    double sum = 0.0;
    for (int i = 1; i < 16 * 40; ++i) {
      const double v = step * i, s = std::sinh(v), h = std::sinh(0.5 * q * v);
      const double term = 2.0 * h * h * std::exp(-0.5 * s * s) * std::cosh(v);
      sum += term;
      if (s > 1.0 && term < 1e-20 * sum && 0.5 * s * s > q * v) break;
    }
    return 2.0 * step * sum * 0.39894228040143267794;
  }
  static double mean(theta t) {
    return t.loc + t.scale * std::sinh(t.asymmetry / t.tailweight) * (1.0 + excess(1.0 / t.tailweight));
  }
  static double variance(theta t) {
    const double a = t.asymmetry / t.tailweight, h = std::sinh(a);
    const double one = excess(1.0 / t.tailweight), two = excess(2.0 / t.tailweight);
    return t.scale * t.scale * (0.5 * two + h * h * (two - one * (2.0 + one)));
  }
  static double mode(theta t) {
    const double e = t.asymmetry, d = t.tailweight;
    const double y = falling_root(std::fmin(0.0, e / d), std::fmax(0.0, e / d), [&](double v) {
      const double s = std::sinh(d * v - e);
      return -std::tanh(v) - d * std::tanh(d * v - e) * s * s;
    });
    return t.loc + t.scale * std::sinh(y);
  }

  // As tailweight and scale grow together the law becomes that of arcsinh of a normal variable.
  static constexpr bool ridges = true;

  static theta start(const start_sample& s) {
    const quantile_match m = match_quantiles(s, [](double w) { return w < 0.0 ? -asinh(-w) : asinh(w); });
    return {m.loc, m.scale, m.lean, m.tail};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
