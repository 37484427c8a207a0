#pragma once

#include "../math/mills.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// log density of N + k E, N standard normal, E standard exponential, and its derivatives in k and z.
struct exgaussian_parts {
  double f, k, z, kk, kz, zz;
};

// With s = 1/k and t = s - z it is log s - z^2/2 - log(2 pi)/2 + log R(t), R Mills' ratio. Far to the left of s, where
// everything is smooth through k = 0, log(s R) = -log(1 - k z) - log(1 + w^2 c), w = 1/t, c by the continued fraction;
// right of s, by the normal law's distribution function.
THETAHAT_INLINE double exgaussian(double k, double z) {
  const double s = 1.0 / k, t = s - z, kz = k * z;
  const double w = k / (1.0 - kz);
  const mills_tails m = mills_fraction(w < 0.2 ? w : 0.2);
  const double half_square = 0.5 * (z * z) + 0.5 * log_two_pi;
  const double far = -half_square - log1p(w * w * m.k) - log1p(-kz);
  const double ratio = mills_ratio(abs(t));
  const double tail = exp(-0.5 * (t * t)) * 0.39894228040143267794 * ratio;  // P(N > |t|)
  const double near = t < 0.0 ? s * (0.5 * s - z) + log1p(-tail) : log(ratio) - half_square;
  return kz < 1.0 && w <= 0.2 ? far : near - log(k);
}
THETAHAT_INLINE exgaussian_parts exgaussian_derivatives(double k, double z) {
  const double s = 1.0 / k, t = s - z, kz = k * z;
  const double r = 1.0 / (1.0 - kz);
  const double w = k * r;
  const bool far = kz < 1.0 && w <= 0.2;
  const mills_tails m = mills_fraction(w < 0.2 ? w : 0.2);
  const double half_square = 0.5 * (z * z) + 0.5 * log_two_pi;
  // H(w) = -log(1 + w^2 k'), k' the fraction's first tail
  const double h1 = -w * (m.c * m.k);
  const double h2 = m.c * m.k * (1.0 + m.k - m.d);
  const double ww = w * w, rr = r * r;
  const double far_f = -half_square - log1p(ww * m.k) - log1p(-kz);
  // The hazard of the normal law at t, and how far it lies above t.
  const double ratio = mills_ratio(abs(t));
  const double phi = exp(-0.5 * (t * t)) * 0.39894228040143267794;
  const double tail = phi * ratio;
  const double hazard = t < 0.0 ? phi / (1.0 - tail) : 1.0 / ratio;
  const double excess = hazard - t;
  const double rest = 1.0 - hazard * excess;
  const double near_f = (t < 0.0 ? s * (0.5 * s - z) + log1p(-tail) : log(ratio) - half_square) - log(k);
  const double ss = s * s;
  return {far ? far_f : near_f,
          far ? rr * (z * (1.0 - kz) + h1) : s * (excess * s - 1.0),
          far ? (w - z) + h1 * ww : hazard - s,
          far ? rr * (z * z + rr * h2 + 2.0 * z * r * h1) : ss * (1.0 - 2.0 * (excess * s) + rest * ss),
          far ? rr * (1.0 + ww * h2 + 2.0 * w * h1) : rest * ss,
          far ? ww * (1.0 + ww * h2 + 2.0 * w * h1) - 1.0 : rest - 1.0};
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto exgaussian(const jet<P...>& k, const jet<Q...>& z) {
  exgaussian_parts p{};
  if (!__builtin_is_constant_evaluated()) p = exgaussian_derivatives(k.v, z.v);
  return chain(p.f, p.k, p.z, p.kk, p.kz, p.zz, k, z);
}
template <class K, class Z, if_tags<K, Z> = 0>
constexpr opaque exgaussian(K, Z) {
  return {};
}

struct exponentially_modified_gaussian {
  static constexpr family_info info = {
      .name = "exponentially_modified_gaussian",
      .class_name = "ExponentiallyModifiedGaussian",
      .summary = "Sum of a normal and an exponential variable: chromatographic peaks, response times.",
      .formula = "log p(x) = log(rate) + rate^2 scale^2 / 2 - rate * (x - loc) "
                 "+ log Phi((x - loc) / scale - rate * scale)",
      .source = "Grushka (1972), Characterization of exponentially modified Gaussian peaks in chromatography, "
                "Analytical Chemistry 44, 1733-1738",
      .group = group::location_scale,
      .tier = 2,
      .accuracy = 64,
      .scipy = "exponnorm",
      .scipy_arguments = {{"K", convert::reciprocal_product, "rate", "scale"},
                          {"loc", convert::identity, "loc"},
                          {"scale", convert::identity, "scale"}},
      .limits = {{.kind = limit_kind::boundary,
                  .family = "normal",
                  .parameter = "rate",
                  .value = infinity,
                  .arguments = {{"loc", convert::identity, "loc"}, {"scale", convert::identity, "scale"}}}},
  };
  struct theta {
    double loc, scale, rate;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean of the normal variable"},
      {"scale", domain::positive, coordinate::log, "standard deviation of the normal variable"},
      {"rate", domain::positive, coordinate::reciprocal, "rate of the exponential variable"},
  };
  static constexpr theta cases[] = {{0.0, 1.0, 0.5}, {3.0, 0.5, 2.0},   {1e9, 2.0, 0.2},
                                    {0.0, 1.0, 1e8}, {-1.0, 0.05, 1.0}, {0.0, 1e9, 3e-9}};

  // The shape is the exponential's mean in units of scale.
  template <class L, class S, class R>
  THETAHAT_INLINE static auto internal(const L& loc, const S& scale, const R& rate) {
    return at(loc, scale, recip(rate * scale));
  }
  // A fit's shapes stay above this one, whose skewness of 2e-6 no data tell from the normal law's: all that tells the two
  // apart is the third power of the shape, so that at zero itself every derivative vanishes.
  static constexpr double least_shape = 1e-2;
  static theta canonical(const point& p) {
    return {p.loc, p.scale, p.shape[0] > least_shape ? 1.0 / (p.shape[0] * p.scale) : infinity};
  }
  static constexpr axis axes[] = {{slot::loc, coordinate::identity},
                                  {slot::scale, coordinate::log},
                                  {slot::a, coordinate::identity, least_shape, &info.limits[0]}};

  template <class K>
  struct fields {
    K k;
  };
  template <class K>
  static auto prepare(const K& k) {
    return fields<K>{k};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.add(1.0, exgaussian(p.k, z));
  }

  // Where z overflows, from its factors: the exponential tail.
  static double far_log_density(const fields<double>& p, double d, double r) {
    const double s = 1.0 / p.k;
    return d < 0.0 || !(s < infinity) ? -infinity : (0.5 * s * s - log(p.k)) - s * r * d;
  }

  static double z(theta t, double x) { return (x - t.loc) / t.scale; }
  static double k(theta t) { return 1.0 / (t.rate * t.scale); }
  // log of P(N > t) exp(t^2/2 - z^2/2), s = t + z: what the exponential adds to the upper tail
  static double log_second(double s, double z) {
    const double t = s - z;
    if (t < 0.0) return s * (0.5 * s - z) + special::log_normal_cdf(-t);
    return std::log(mills_ratio(t)) - 0.5 * z * z - 0.5 * log_two_pi;
  }
  // 1 - t R(t)
  static double mills_slope(double t) {
    if (t > 5.0) {
      const mills_tails m = mills_fraction(1.0 / t);
      return m.k / (t * t + m.k);
    }
    return 1.0 - t * mills_ratio(t);
  }
  // P(N + k E <= z) = phi(z) times the integral of 1 - v R(v) from a = -z to a + s.
  static double log_lower(double s, double z) {
    const double a = -z;
    const double log_phi = -0.5 * z * z - 0.5 * log_two_pi;
    if (s > 1.0 && !(s < 0.25 * a)) {
      if (a >= 0.0) return log_phi + std::log(mills_ratio(a) - mills_ratio(a + s));
      return std::log(special::normal_cdf(z) - std::exp(log_second(s, z)));
    }
    constexpr double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                               0.9739065285171717};
    constexpr double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                                 0.0666713443086881};
    const double half = 0.5 * s, centre = a + half;
    const auto integral = [&](auto g) {
      double sum = 0.0;
      for (int i = 0; i < 5; ++i) sum += weight[i] * (g(centre - half * node[i]) + g(centre + half * node[i]));
      return half * sum;
    };
    if (z >= 1.0) {  // P(z - s < N <= z) and, of the rest, the share whose exponential stays below
      const double between = integral([&](double v) { return std::exp(-0.5 * v * v); }) * 0.39894228040143267794;
      return std::log(between - std::expm1(s * (half - z)) * special::normal_cdf(z - s));
    }
    if (a >= 0.0) return log_phi + std::log(integral(mills_slope));
    const double inner = integral([&](double v) {
      const double grown = std::exp(0.5 * (v - a) * (v + a));
      return 0.39894228040143267794 * std::exp(-0.5 * a * a) - v * grown * special::normal_cdf(-v);
    });
    return std::log(inner);
  }
  static double log_upper(double s, double z) {
    return special::log_sum_exp(special::log_normal_cdf(-z), log_second(s, z));
  }
  static double log_cdf(theta t, double x) {
    const double up = log_upper(t.rate * t.scale, z(t, x));
    return up < -0.7 ? special::log1mexp(-up) : log_lower(t.rate * t.scale, z(t, x));
  }
  static double log_sf(theta t, double x) {
    const double up = log_upper(t.rate * t.scale, z(t, x));
    return up < -0.7 ? up : special::log1mexp(-log_lower(t.rate * t.scale, z(t, x)));
  }
  static double mean(theta t) { return t.loc + 1.0 / t.rate; }
  static double variance(theta t) { return t.scale * t.scale + 1.0 / (t.rate * t.rate); }
  static double moment(theta t, int order) {  // of N and E apart: E (loc + scale N)^j by recurrence
    double normal[65] = {1.0, t.loc}, sum = 0.0, term = 1.0;
    if (order > 64) return not_a_number;
    for (int j = 2; j <= order; ++j) normal[j] = t.loc * normal[j - 1] + (j - 1) * t.scale * t.scale * normal[j - 2];
    for (int j = 0; j <= order; ++j) {  // order! / (order - j)! / rate^j
      sum += term * normal[order - j];
      term *= (order - j) / t.rate;
    }
    return sum;
  }
  static double mode(theta t) {  // where the hazard of the normal law at s - z is s
    const double s = t.rate * t.scale;
    double low = 0.0, high = std::fmin(1.0 / s, s + 40.0);  // the mode lies between loc and the mean
    for (int step = 0; step < 200 && high - low > 1e-16 * high; ++step) {
      const double middle = 0.5 * (low + high);
      if (middle <= low || middle >= high) break;
      (exgaussian_derivatives(1.0 / s, middle).z > 0.0 ? low : high) = middle;
    }
    return t.loc + t.scale * 0.5 * (low + high);
  }

  // As the scale falls to zero the law becomes exponential from loc on.
  static constexpr bool ridges = true;

  // By quantiles: the two laws of the sum, with what lies between in proportion to the skewness 2 r^3, r the
  // exponential's share of the standard deviation.
  static theta start(const start_sample& s) {
    const double low = s.quantile(0.05), middle = s.quantile(0.5), high = s.quantile(0.95);
    const double spread = std::fmax(high - low, 1e-9 * std::sqrt(s.variance));
    const double lean = std::fmin(std::fmax((high - 2.0 * middle + low) / spread / 0.565, 0.03), 0.9);
    const double r = std::cbrt(lean), deviation = spread / (3.29 - 0.345 * lean);
    const double mean = middle + 0.307 * lean * deviation;
    return {mean - r * deviation, deviation * std::sqrt(1.0 - r * r), 1.0 / (r * deviation)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
