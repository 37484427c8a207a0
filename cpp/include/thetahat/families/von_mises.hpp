#pragma once

#include "../math/bessel.hpp"
#include "../math/tails.hpp"
#include "definition.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// 1 - cos d, without cancellation next to d = 0.
struct half_angle {
  double sine = 0.0, cosine = 1.0;
};
THETAHAT_INLINE half_angle half_angle_of(double d) {
  half_angle h;
  vsincos_two_pi(d * (0.25 / pi), h.sine, h.cosine);
  return h;
}
THETAHAT_INLINE constexpr double versine(double d) {
  if (__builtin_is_constant_evaluated()) return 1.0;
  const double s = half_angle_of(d).sine;
  return 2.0 * s * s;
}
template <class... P>
THETAHAT_INLINE constexpr auto versine(const jet<P...>& d) {
  if (__builtin_is_constant_evaluated()) return chain(1.0, 1.0, 1.0, d);  // where only the derivatives' types are asked
  const half_angle h = half_angle_of(d.v);
  return chain(2.0 * h.sine * h.sine, 2.0 * h.sine * h.cosine, 1.0 - 2.0 * h.sine * h.sine, d);
}
template <class A, if_tags<A, A> = 0>
constexpr opaque versine(A) {
  return {};
}

// log I_0(k) - k
inline double log_circle_norm(double k) { return special::log_bessel_i(0.0, k); }
template <class... P>
inline auto log_circle_norm(const jet<P...>& k) {
  const special::bessel_i_log i = special::bessel_i(0.0, k.v);
  return chain(i.f, i.x / k.v, i.xx / k.v / k.v, k);
}

struct von_mises {
  static constexpr family_info info = {
      .name = "von_mises",
      .class_name = "VonMises",
      .summary = "The normal law's counterpart on the circle: directions, times of day, phases.",
      .formula = "log p(x) = concentration * cos(x - loc) - log(2 pi I0(concentration)), -pi <= x <= pi",
      .source = "Mardia and Jupp (2000), Directional Statistics, section 3.5.4",
      .tier = 2,
      .accuracy = 64,
      .support = {-pi, pi, true, true, "-pi <= x <= pi", "wrap them: (x + pi) % (2 * pi) - pi"},
      .scipy = "vonmises",
      .scipy_arguments = {{"kappa", convert::identity, "concentration"}, {"loc", convert::identity, "loc"}},
      .torch = "VonMises",
  };
  struct theta {
    double loc, concentration;
  };
  static constexpr parameter parameters[] = {
      {"loc", domain::real, coordinate::identity, "mean direction in radians, up to whole turns"},
      {"concentration", domain::positive, coordinate::log, "0 for the uniform law; 1/variance where it is large"},
  };
  static constexpr theta cases[] = {{0.5, 2.0}, {-2.0, 0.3}, {3.0, 50.0}, {0.0, 1e6}, {1.0, 1e-6}, {-3.1, 700.0}};

  template <class L, class K>
  THETAHAT_INLINE static auto internal(const L& loc, const K& concentration) {
    return at(zero{}, unit_scale{}, loc, concentration);
  }
  // |x| <= pi: whole turns of loc are given back; of the circle's double end -pi and pi both stay.
  static double wrapped(double x) {
    const double turns = std::nearbyint(x * (0.5 / pi));
    return turns == 0.0 ? x : (x - turns * (2.0 * pi)) - turns * (2.0 * pi_low);
  }
  static theta canonical(const point& p) { return {wrapped(p.shape[0]), p.shape[1]}; }
  static constexpr axis axes[] = {{slot::a, coordinate::identity}, {slot::b, coordinate::log}};
  static constexpr bool axes_are_parameters = true;

  template <class L, class K, class N>
  struct fields {
    L loc;
    K slope;
    N norm;
  };
  template <class L, class K>
  static auto prepare(const L& loc, const K& concentration) {
    return fields<L, decltype(-concentration), decltype(-log_circle_norm(concentration) - log_two_pi)>{
        loc, -concentration, -log_circle_norm(concentration) - log_two_pi};
  }
  template <class P, class Z, class E, class Sink>
  THETAHAT_INLINE static constexpr void terms(const P& p, const Z& z, const E&, Sink& sink) {
    sink.constant(p.norm);
    sink.add(p.slope, versine(z - p.loc));
  }

  // Distances from the mean direction, on either side of which half of the law lies.
  static constexpr double pi_low = 1.2246467991473532e-16;
  static special::density half(theta t) {
    return {[](const double* k, double d) { return -k[0] * versine(d); }, [](const double*) {
      return 0.0;
    }, {t.concentration}, 0.0, pi};
  }
  static double halved(double log_mass) { return log_mass - 0.69314718055994530942; }
  // log P(X <= x) and log P(X > x) for 0 <= loc <= pi: turns of x beyond loc - pi are behind it.
  static double below(theta t, double x) {
    const special::density f = half(t);
    const double d = x - t.loc, cut = (pi - t.loc) + pi_low;
    if (d < -pi) {
      const double width = (x + pi) + pi_low;  // beside the cut, where the sum of both would lose its digits
      if (width * std::sqrt(1.0 + t.concentration) < 1e-6)
        return std::log(width) - t.concentration * versine(cut + 0.5 * width) - log_circle_norm(t.concentration) -
               log_two_pi;
      return halved(special::log_between(f, cut, cut + width));
    }
    const double behind = special::log_upper_tail(f, cut);
    if (d <= 0.0) return halved(special::log_sum_exp(behind, special::log_upper_tail(f, -d)));
    const double rest = special::upper_tail(f, d) - std::exp(behind);
    return std::log1p(-0.5 * std::fmax(rest, 0.0));
  }
  static double above(theta t, double x) {
    const special::density f = half(t);
    const double d = x - t.loc, cut = (pi - t.loc) + pi_low;
    if (d >= 0.0) return halved(special::log_between(f, d, d + ((pi - x) + pi_low)));
    const double ahead = special::log_lower_tail(f, cut);
    if (d >= -pi) return halved(special::log_sum_exp(ahead, special::log_lower_tail(f, -d)));
    const double e = cut + ((x + pi) + pi_low);
    return halved(std::log(1.0 + std::exp(ahead) + std::exp(special::log_between(f, e, pi))));
  }
  static double log_cdf(theta t, double x) {
    t.loc = wrapped(t.loc);
    return t.loc < 0.0 ? above({-t.loc, t.concentration}, -x) : below(t, x);
  }
  static double log_sf(theta t, double x) {
    t.loc = wrapped(t.loc);
    return t.loc < 0.0 ? below({-t.loc, t.concentration}, -x) : above(t, x);
  }
  // The x with P(X <= x) = q or P(X > x) = q, q <= 1/2, for 0 <= loc <= pi.
  static double from_below(theta t, double q) {
    const special::density f = half(t);
    const double cut = (pi - t.loc) + pi_low, behind = special::upper_tail(f, cut), rest = 2.0 * q - behind;
    if (rest > 0.0) return t.loc - special::upper_quantile(f, std::fmin(rest, 1.0));
    return ((special::upper_quantile(f, -rest) - cut) - pi_low) - pi;
  }
  static double from_above(theta t, double q) {
    const special::density f = half(t);
    const double cut = (pi - t.loc) + pi_low, mass = 2.0 * q + special::upper_tail(f, cut);
    if (mass <= 1.0) return t.loc + special::upper_quantile(f, mass);
    return t.loc - special::lower_quantile(f, std::fmax(2.0 * q - special::lower_tail(f, cut), 0.0));
  }
  static double bounded(double x) { return std::fmin(std::fmax(x, -pi), pi); }
  static double icdf(theta t, double q) {
    if (q > 0.5) return isf(t, 1.0 - q);
    t.loc = wrapped(t.loc);
    return bounded(t.loc < 0.0 ? -from_above({-t.loc, t.concentration}, q) : from_below(t, q));
  }
  static double isf(theta t, double q) {
    if (q > 0.5) return icdf(t, 1.0 - q);
    t.loc = wrapped(t.loc);
    return bounded(t.loc < 0.0 ? -from_below({-t.loc, t.concentration}, q) : from_above(t, q));
  }
  // E g(X) by Gauss and Legendre's rule, in panels about the mean direction and the nearest of its copies beyond an end.
  template <class Function>
  static double mean_of(theta t, Function g) {
    constexpr double node[] = {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959,
                               0.96028985649753623168};
    constexpr double weight[] = {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054,
                                 0.10122853629037625915};
    const double loc = wrapped(t.loc), width = std::fmin(0.25, 0.5 / std::sqrt(t.concentration));
    const double reach = 40.0 * width < pi ? 40.0 * width : pi;
    double sum = 0.0, mass = 0.0;
    for (const double centre : {loc, loc > 0.0 ? loc - 2.0 * pi : loc + 2.0 * pi}) {
      const double from = std::fmax(-pi, centre - reach), to = std::fmin(pi, centre + reach);
      const int panels = static_cast<int>((to - from) / width) + 1;
      for (int i = 0; i < panels && from < to; ++i) {
        const double half_width = 0.5 * (to - from) / panels, middle = (from - centre) + (2 * i + 1) * half_width;
        for (int k = 0; k < 4; ++k)
          for (const double side : {-1.0, 1.0}) {
            const double d = middle + side * half_width * node[k];
            const double p = half_width * weight[k] * std::exp(-t.concentration * versine(d));
            sum += p * g(centre, d);
            mass += p;
          }
      }
    }
    return sum / mass;
  }
  static double offset(theta t) {  // of the mean from loc
    const double loc = wrapped(t.loc);
    return mean_of(t, [&](double centre, double d) { return (centre - loc) + d; });
  }
  static double mean(theta t) { return wrapped(t.loc) + offset(t); }
  static double variance(theta t) {
    const double shift = offset(t), loc = wrapped(t.loc);
    return mean_of(t, [&](double centre, double d) { return sq(((centre - loc) - shift) + d); });
  }
  static double moment(theta t, int k) {
    return mean_of(t, [&](double centre, double d) { return std::pow(centre + d, k); });
  }
  static double mode(theta t) { return bounded(wrapped(t.loc)); }
  static double entropy(theta t) {
    const special::bessel_i_log i = special::bessel_i(0.0, t.concentration);
    return log_two_pi + i.f - i.x;
  }

  static theta start(const start_sample& s) {  // from the mean direction and the mean resultant length
    double cosine = 0.0, sine = 0.0, spread = 0.0;
    for (std::size_t i = 0; i < s.n; ++i) {
      cosine += std::cos(s.sorted[i]);
      sine += std::sin(s.sorted[i]);
    }
    const double loc = std::atan2(sine, cosine);
    for (std::size_t i = 0; i < s.n; ++i) spread += versine(s.sorted[i] - loc);
    spread = std::fmax(spread / static_cast<double>(s.n), 1e-16);  // 1 - R; Fisher (1993), section 4.5.5
    const double r = std::fmax(1.0 - spread, 1e-3);
    if (r < 0.53) return {loc, r * (2.0 + r * r * (1.0 + 5.0 / 6.0 * r * r))};
    return {loc,
            r < 0.85 ? -0.4 + 1.39 * r + 0.43 / spread : 1.0 / (spread * (2.0 - spread - spread * spread) + 1e-300)};
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
