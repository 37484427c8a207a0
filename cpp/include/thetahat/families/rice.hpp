#pragma once

#include "../math/bessel.hpp"
#include "../math/tails.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log I_0(sqrt(w)), smooth at w = 0.
inline double log_i0_of_square(double w) { return special::bessel_i0_of_square(w).f + __builtin_sqrt(w); }
template <class... P>
constexpr auto log_i0_of_square(const jet<P...>& w) {
  if (__builtin_is_constant_evaluated()) return chain(1.0, 1.0, 1.0, w);  // where only the derivatives' types are asked
  const special::bessel_rest i = special::bessel_i0_of_square(w.v);
  return chain(i.f + __builtin_sqrt(w.v), i.f1, i.f2, w);
}
template <class A, if_tags<A, A> = 0>
constexpr opaque log_i0_of_square(A) {
  return {};
}

struct rice {
  static constexpr family_info info = {
      .name = "rice",
      .class_name = "Rice",
      .summary = "Distance from the origin of a point about (noncentrality, 0): signal amplitudes in noise.",
      .formula = "log p(x) = log(x) - 2 log(scale) - (x^2 + noncentrality^2) / (2 scale^2) "
                 "+ log I0(x * noncentrality / scale^2)",
      .source = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, section 29.4",
      .group = group::scale,
      .tier = 2,
      .accuracy = 64,
      .support = {0.0, infinity, false, false, "x > 0"},
      .scipy = "rice",
      .scipy_arguments = {{"b", convert::ratio, "noncentrality", "scale"}, {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::boundary,
                  .family = "rayleigh",
                  .parameter = "noncentrality",
                  .value = 0.0,
                  .arguments = {{"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double noncentrality, scale;
  };
  static constexpr parameter parameters[] = {
      {"noncentrality", domain::nonnegative, coordinate::identity, "distance of the centre from the origin"},
      {"scale", domain::positive, coordinate::log, "standard deviation of either coordinate"},
  };
  static constexpr theta cases[] = {{2.0, 1.0}, {0.3, 0.2}, {0.0, 3.0}, {1e-3, 10.0}, {3e6, 1e5}, {1e5, 2.0}};

  // The squared ratio reaches the Rayleigh law at zero with a slope.
  template <class N, class S>
  THETAHAT_INLINE static auto internal(const N& noncentrality, const S& scale) {
    return at(zero{}, scale, sq(noncentrality * recip(scale)));
  }
  static theta canonical(const point& p) { return {std::sqrt(p.shape[0]) * p.scale, p.scale}; }
  static constexpr axis axes[] = {{slot::a, coordinate::identity, 0.0, &info.limits[0]},
                                  {slot::scale, coordinate::log}};

  template <class A, class N>
  struct fields {
    A square;
    N norm;
    double ratio;
  };
  template <class A>
  static auto prepare(const A& square) {
    return fields<A, decltype(-0.5 * square)>{square, -0.5 * square, std::sqrt(value(square))};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.log(1.0, z, positive);
    sink.add(-0.5, sq(z));
    sink.add(1.0, log_i0_of_square(p.square * sq(z)));
  }
  static bool admissible(const point& p) { return p.shape[0] < 16.0; }
  static double log_density(const fields<double, double>& p, double z) {  // the squares cancel beside a large ratio
    const double d = z - p.ratio, y = p.ratio * z;
    return vlog(z) - 0.5 * d * d + (y < infinity ? special::log_bessel_i(0.0, y) : -infinity);
  }

  // The same with its derivatives; beside small arguments of I_0 in the square of the ratio, which may be zero.
  template <class A, class N, class... P>
  static auto log_density(const fields<A, N>& p, const jet<P...>& zj) {
    const double z = zj.v, a = p.square.v, b = p.ratio, y = b * z, r = 1.0 / z;
    if (y < 25.0) {
      const special::bessel_rest i = special::bessel_i0_of_square(a * z * z);
      const double w = z * z, f = log_density(fields<double, double>{a, -0.5 * a, b}, z);
      return chain(f, r - z + 2.0 * a * z * i.f1, w * i.f1 - 0.5, 2.0 * a * i.f1 + 4.0 * a * a * w * i.f2 - r * r - 1.0,
                   2.0 * z * i.f1 + 2.0 * a * z * w * i.f2, w * w * i.f2, zj, p.square);
    }
    const special::bessel_i_log i = special::bessel_i(0.0, y);
    const double d = z - b, half = 0.5 / b, in_b = d + i.x / b, in_bb = i.xx / a - 1.0;
    return chain(vlog(z) - 0.5 * d * d + i.f, (1.0 + i.x) * r - d, in_b * half, (i.xx - 1.0) * r * r - 1.0,
                 (1.0 + (i.x + i.xx) / y) * half, (in_bb - in_b / b) * half * half, zj, p.square);
  }

  static double ratio(theta t) { return t.noncentrality / t.scale; }
  // Of log(z / ratio) where the law is away from zero, of log z elsewhere.
  static bool away(theta t) { return ratio(t) >= 3.0; }
  static special::density law(theta t) {
    if (away(t))
      return {[](const double* k, double y) {
        const double d = k[0] * std::expm1(y);
        return 2.0 * y - 0.5 * d * d + special::log_bessel_i(0.0, k[0] * k[0] * std::exp(y));
      }, [](const double* k) { return 1.5 / (k[0] * k[0]); }, {ratio(t)}, -infinity, infinity};
    return {[](const double* k, double y) {
      const double z = std::exp(y), d = z - k[0];
      return 2.0 * y - 0.5 * d * d + special::log_bessel_i(0.0, k[0] * z);
    }, [](const double* k) { return 0.5 * std::log(2.0 + k[0] * k[0]); }, {ratio(t)}, -infinity, infinity};
  }
  static double coordinate_of(theta t, double x) {
    const double d = (x - t.noncentrality) / t.noncentrality;
    if (!away(t)) return std::log(x / t.scale);
    return std::fabs(d) < 0.5 ? std::log1p(d) : std::log(x / t.noncentrality);
  }
  static double back(theta t, double y) { return (away(t) ? t.noncentrality : t.scale) * std::exp(y); }
  static double cdf(theta t, double x) { return special::lower_tail(law(t), coordinate_of(t, x)); }
  static double sf(theta t, double x) { return special::upper_tail(law(t), coordinate_of(t, x)); }
  static double log_cdf(theta t, double x) { return special::log_lower_tail(law(t), coordinate_of(t, x)); }
  static double log_sf(theta t, double x) { return special::log_upper_tail(law(t), coordinate_of(t, x)); }
  static double icdf(theta t, double q) { return back(t, special::lower_quantile(law(t), q)); }
  static double isf(theta t, double q) { return back(t, special::upper_quantile(law(t), q)); }

  static double excess(double b) {  // of the mean over b, from the expansion for large b
    double term = b, sum = 0.0;
    for (int k = 1; k < 60; ++k) {
      const double c = k - 1.5, next = term * c * c / k * 2.0 / (b * b);
      if (!(next > 1e-18 * sum)) break;
      sum += term = next;
    }
    return sum;
  }
  static double mean_of(double b) {
    if (b > 12.0) return b + excess(b);
    const double q = 0.25 * b * b;
    return std::sqrt(0.5 * pi) * std::exp(special::log_bessel_i(0.0, q)) *
           ((1.0 + 2.0 * q) + 2.0 * q * special::bessel_i_ratio(0.0, q));
  }
  static double mean(theta t) { return t.scale * mean_of(ratio(t)); }
  static double variance(theta t) {
    const double b = ratio(t), m = mean_of(b), d = b > 12.0 ? excess(b) : 0.0;
    return t.scale * t.scale * (b > 12.0 ? 2.0 - d * (2.0 * b + d) : 2.0 + b * b - m * m);
  }
  static double moment(theta t, int k) {  // by the recurrence of Laguerre's functions, even and odd orders apart
    const double b = ratio(t), b2 = b * b;
    double before, here;
    int j;
    if (k % 2 == 0) {
      before = 0.0, here = 1.0, j = 0;
    } else {
      before = std::sqrt(0.5 * pi) * std::exp(special::log_bessel_i(0.0, 0.25 * b2)), here = mean_of(b), j = 1;
    }
    for (; j < k; j += 2) {
      const double next = (2.0 * j + 2.0 + b2) * here - static_cast<double>(j) * j * before;
      before = here, here = next;
    }
    return std::pow(t.scale, k) * here;
  }
  static double mode(theta t) {  // z^2 = 1 + b z I1(b z) / I0(b z), by Newton's method
    const double b = ratio(t);
    double z = 0.5 * (b + std::sqrt(b * b + (b > 1.0 ? 2.0 : 4.0)));
    for (int i = 0; i < 40; ++i) {
      const special::bessel_i_log s = special::bessel_i(0.0, b * z);
      const double first = s.x + b * z, g = (1.0 + s.x) - z * (z - b), slope = (s.xx + first) / z - 2.0 * z;
      const double next = std::fmax(z - g / slope, 0.5 * z);
      if (std::fabs(next - z) < 1e-16 * z) break;
      z = next;
    }
    return t.scale * z;
  }
  static double entropy(theta t) {
    const special::density f = law(t);
    return std::log(t.scale) + special::entropy(f) + special::mean(f) + (away(t) ? std::log(ratio(t)) : 0.0);
  }

  static theta start(const start_sample& s) {  // from the mean and variance of x^2
    const double unit = s.sorted[s.n - 1] > 0.0 ? s.sorted[s.n - 1] : 1.0, n = static_cast<double>(s.n);
    double mean = 0.0, square = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) mean += sq(s.sorted[i] / unit) / n;
    for (std::size_t i = 0; i < s.n; ++i) square += sq(sq(s.sorted[i] / unit) - mean) / n;
    const double share = std::fmax(square / (mean * mean), 1e-14);  // 4 (1 + b^2) / (2 + b^2)^2
    const double total = share < 1.0 ? 2.0 * (1.0 + std::sqrt(1.0 - share)) / share : 2.0;
    const double b2 = std::fmax(total - 2.0, 0.05), scale = unit * std::sqrt(mean / (2.0 + b2));
    return {std::sqrt(b2) * scale, scale};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
