#pragma once

// The functions a family header is written in, for plain numbers and for jets. A primitive's derivatives use exactly
// the expressions of the headers, so that the compiler can share divisions between them.

#include "../core/jet.hpp"
#include "elementary.hpp"
#include "special.hpp"
#include "student.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

THETAHAT_INLINE constexpr double sq(double x) { return x * x; }
THETAHAT_INLINE constexpr double recip(double x) { return 1.0 / x; }
// At compile time only the structure of terms is looked at: any number stands for the value.
THETAHAT_INLINE constexpr double log(double x) { return __builtin_is_constant_evaluated() ? 1.0 : vlog(x); }
THETAHAT_INLINE constexpr double exp(double x) { return __builtin_is_constant_evaluated() ? 1.0 : vexp(x); }
THETAHAT_INLINE constexpr double log1p(double x) { return __builtin_is_constant_evaluated() ? 1.0 : vlog1p(x); }
THETAHAT_INLINE constexpr double expm1(double x) { return __builtin_is_constant_evaluated() ? 1.0 : vexpm1(x); }
// log(1 - exp(-x)), x > 0.
THETAHAT_INLINE constexpr double log1mexp(double x) {
  const double near = log(-expm1(-x)), far = log1p(-exp(-x));
  return x < 0.69314718055994530942 ? near : far;
}
THETAHAT_INLINE constexpr double sqrt(double x) { return __builtin_is_constant_evaluated() ? 1.0 : __builtin_sqrt(x); }
THETAHAT_INLINE constexpr double abs(double x) { return __builtin_fabs(x); }
inline double lgamma(double x) { return special::lgamma(x); }
inline double log_factorial(double k) { return special::lgamma(k + 1.0); }

template <class... P>
THETAHAT_INLINE constexpr auto sq(const jet<P...>& x) {
  return x * x;
}
template <class... P>
THETAHAT_INLINE constexpr auto recip(const jet<P...>& x) {
  const double r = 1.0 / x.v;
  return chain(r, -r * r, 2.0 * r * r * r, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto log(const jet<P...>& x) {
  const double r = 1.0 / x.v;
  return chain(log(x.v), r, -r * r, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto exp(const jet<P...>& x) {
  const double e = exp(x.v);
  return chain(e, e, e, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto sqrt(const jet<P...>& x) {
  const double s = sqrt(x.v), r = 1.0 / x.v;
  return chain(s, 0.5 * s * r, -0.25 * s * r * r, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto log1p(const jet<P...>& x) {
  const double r = __builtin_is_constant_evaluated() ? 1.0 : 1.0 / (1.0 + x.v);  // then only the types count
  return chain(log1p(x.v), r, -r * r, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto expm1(const jet<P...>& x) {
  const double e = exp(x.v);
  return chain(expm1(x.v), e, e, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto log1mexp(const jet<P...>& x) {
  const double r = 1.0 / expm1(x.v);
  return chain(log1mexp(x.v), r, -r * (1.0 + r), x);
}
template <class... P>
THETAHAT_INLINE constexpr auto abs(const jet<P...>& x) {
  return chain(__builtin_fabs(x.v), __builtin_copysign(1.0, x.v), zero{}, x);
}
// The parts of x on either side of zero: x = positive_part(x) + negative_part(x), and one of them is zero; not a
// number in both where x is none.
THETAHAT_INLINE constexpr double positive_part(double x) { return x < 0.0 ? 0.0 : x; }
THETAHAT_INLINE constexpr double negative_part(double x) { return x > 0.0 ? 0.0 : x; }
template <class... P>
THETAHAT_INLINE constexpr auto positive_part(const jet<P...>& x) {
  return chain(positive_part(x.v), x.v < 0.0 ? 0.0 : 1.0, zero{}, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto negative_part(const jet<P...>& x) {
  return chain(negative_part(x.v), x.v < 0.0 ? 1.0 : 0.0, zero{}, x);
}
template <class... P>
inline auto lgamma(const jet<P...>& x) {
  return chain(special::lgamma(x.v), special::digamma(x.v), special::trigamma(x.v), x);
}

// log1p(t)/t and its first two derivatives, smooth through t = 0.
struct log1p_quotient {
  double f, f1, f2;
};

THETAHAT_INLINE log1p_quotient log1p_over(double t) {
  // Near zero through log1p(t) = 2 atanh(s), s = t/(2 + t): a series in s^2 whose derivatives do not cancel.
  const double m = 1.0 / (2.0 + t);
  const double s = t * m;
  const double w = s * s;
  double p = 1.0 / 27;
  p = __builtin_fma(p, w, 1.0 / 25);
  p = __builtin_fma(p, w, 1.0 / 23);
  p = __builtin_fma(p, w, 1.0 / 21);
  p = __builtin_fma(p, w, 1.0 / 19);
  p = __builtin_fma(p, w, 1.0 / 17);
  p = __builtin_fma(p, w, 1.0 / 15);
  p = __builtin_fma(p, w, 1.0 / 13);
  p = __builtin_fma(p, w, 1.0 / 11);
  p = __builtin_fma(p, w, 1.0 / 9);
  p = __builtin_fma(p, w, 1.0 / 7);
  p = __builtin_fma(p, w, 1.0 / 5);
  p = __builtin_fma(p, w, 1.0 / 3);
  p = __builtin_fma(p, w, 1.0);
  double q = 13.0 / 27;  // dp/dw
  q = __builtin_fma(q, w, 12.0 / 25);
  q = __builtin_fma(q, w, 11.0 / 23);
  q = __builtin_fma(q, w, 10.0 / 21);
  q = __builtin_fma(q, w, 9.0 / 19);
  q = __builtin_fma(q, w, 8.0 / 17);
  q = __builtin_fma(q, w, 7.0 / 15);
  q = __builtin_fma(q, w, 6.0 / 13);
  q = __builtin_fma(q, w, 5.0 / 11);
  q = __builtin_fma(q, w, 4.0 / 9);
  q = __builtin_fma(q, w, 3.0 / 7);
  q = __builtin_fma(q, w, 2.0 / 5);
  q = __builtin_fma(q, w, 1.0 / 3);
  double r = 13.0 * 12.0 / 27;  // d2p/dw2
  r = __builtin_fma(r, w, 12.0 * 11.0 / 25);
  r = __builtin_fma(r, w, 11.0 * 10.0 / 23);
  r = __builtin_fma(r, w, 10.0 * 9.0 / 21);
  r = __builtin_fma(r, w, 9.0 * 8.0 / 19);
  r = __builtin_fma(r, w, 8.0 * 7.0 / 17);
  r = __builtin_fma(r, w, 7.0 * 6.0 / 15);
  r = __builtin_fma(r, w, 6.0 * 5.0 / 13);
  r = __builtin_fma(r, w, 5.0 * 4.0 / 11);
  r = __builtin_fma(r, w, 4.0 * 3.0 / 9);
  r = __builtin_fma(r, w, 3.0 * 2.0 / 7);
  r = __builtin_fma(r, w, 2.0 / 5);
  // f = 2 m p(w), with m' = -m^2 and w' = 4 s m^2.
  const double m2 = m * m;
  const double w1 = 4.0 * s * m2;
  const double w2 = 8.0 * m2 * m * (m - s);
  const double near_f = 2.0 * m * p;
  const double near_f1 = 2.0 * (m * q * w1 - m2 * p);
  const double near_f2 = 2.0 * (2.0 * m2 * m * p - 2.0 * m2 * q * w1 + m * (r * w1 * w1 + q * w2));
  const double i = 1.0 / t;
  const double g = 1.0 / (1.0 + t);
  const double far_f = log1p(t) * i;
  const double far_f1 = (g - far_f) * i;
  const double far_f2 = -(g * g + 2.0 * far_f1) * i;
  const bool near = __builtin_fabs(s) < 0.22;
  return {near ? near_f : far_f, near ? near_f1 : far_f1, near ? near_f2 : far_f2};
}

// log1p(x y)/x, which is y at x = 0: the removable singularity of power laws that become exponential.
THETAHAT_INLINE double log1p_ratio(double x, double y) { return y * log1p_over(x * y).f; }
template <class... P, class... Q>
THETAHAT_INLINE auto log1p_ratio(const jet<P...>& x, const jet<Q...>& y) {
  const double t = x.v * y.v;
  const log1p_quotient l = log1p_over(t);
  const double g = 1.0 / (1.0 + t);
  // d/dx is y^2 f'(t): far from t = 0 by t f' and t^2 f'', because powers of y overflow where these do not.
  const bool far = __builtin_fabs(t) > 1.0;
  const double r = 1.0 / x.v;
  const double tf1 = g - l.f;
  const double ttf2 = -(t * g * g + 2.0 * tf1);
  const double yr = y.v * r;
  const double yy = y.v * y.v;
  return chain(y.v * l.f, far ? yr * tf1 : yy * l.f1, g, far ? yr * r * ttf2 : yy * y.v * l.f2, -y.v * g * g,
               -x.v * g * g, x, y);
}
template <class... Q>
THETAHAT_INLINE auto log1p_ratio(double x, const jet<Q...>& y) {
  const double t = x * y.v;
  const double g = 1.0 / (1.0 + t);
  return chain(y.v * log1p_over(t).f, g, -x * g * g, y);
}

// expm1(x y)/x, which is y at x = 0: the removable singularity of exponential growth that becomes linear.
THETAHAT_INLINE double expm1_ratio(double x, double y) {
  const double t = x * y, i = 1.0 / x;
  const double half = vexp(0.5 * t);  // exp(t) overflows before exp(t)/x does
  const double far = t > 600.0 ? half * i * half : vexpm1(t) * i;
  return __builtin_fabs(t) < 1e-20 ? y : far;
}
struct expm1_quotient {
  double f, f1, f2;
};

// expm1(t)/t and its first two derivatives, smooth through t = 0.
THETAHAT_INLINE expm1_quotient expm1_over(double t) {
  // With f(t) = expm1(t)/t and the remainders f = 1 + t g, g = 1/2 + t h: f' = f - g, f'' = f - 2 g + 2 h.
  const double i = 1.0 / t;
  double near = 1.0 / 121645100408832000;  // h(t), the sum of t^k / (k + 3)!
  near = __builtin_fma(near, t, 1.0 / 6402373705728000);
  near = __builtin_fma(near, t, 1.0 / 355687428096000);
  near = __builtin_fma(near, t, 1.0 / 20922789888000);
  near = __builtin_fma(near, t, 1.0 / 1307674368000);
  near = __builtin_fma(near, t, 1.0 / 87178291200);
  near = __builtin_fma(near, t, 1.0 / 6227020800);
  near = __builtin_fma(near, t, 1.0 / 479001600);
  near = __builtin_fma(near, t, 1.0 / 39916800);
  near = __builtin_fma(near, t, 1.0 / 3628800);
  near = __builtin_fma(near, t, 1.0 / 362880);
  near = __builtin_fma(near, t, 1.0 / 40320);
  near = __builtin_fma(near, t, 1.0 / 5040);
  near = __builtin_fma(near, t, 1.0 / 720);
  near = __builtin_fma(near, t, 1.0 / 120);
  near = __builtin_fma(near, t, 1.0 / 24);
  near = __builtin_fma(near, t, 1.0 / 6);
  const bool small = __builtin_fabs(t) < 1.0;
  const double far_f = vexpm1(t) * i, far_g = (far_f - 1.0) * i;
  const double h = small ? near : (far_g - 0.5) * i;
  const double g = small ? __builtin_fma(t, near, 0.5) : far_g;
  const double f = small ? __builtin_fma(t, g, 1.0) : far_f;
  return {f, f - g, f - 2.0 * g + 2.0 * h};
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto expm1_ratio(const jet<P...>& x, const jet<Q...>& y) {
  // Which derivatives there are is asked for at compile time, where the exponential is none of the compiler's.
  if (__builtin_is_constant_evaluated()) return chain(y.v, 1.0, 1.0, 1.0, 1.0, 1.0, x, y);
  const double t = x.v * y.v, yy = y.v * y.v;
  const expm1_quotient q = expm1_over(t);
  const double e = __builtin_fma(t, q.f, 1.0);  // exp(t)
  return chain(y.v * q.f, yy * q.f1, e, yy * y.v * q.f2, y.v * e, x.v * e, x, y);
}

// What the compiler runs `terms` on to find out, before any data is seen, which sums suffice: z^K, 1 - z, a function of
// the parameters alone, and everything else.
template <int K>
struct monomial {};
struct complement {};
struct symbol {};
struct opaque {};

template <class T>
inline constexpr bool is_tag = std::is_same_v<T, complement> || std::is_same_v<T, symbol> || std::is_same_v<T, opaque>;
template <int K>
inline constexpr bool is_tag<monomial<K>> = true;
template <class A, class B>
using if_tags = std::enable_if_t<(is_tag<A> || is_tag<B>) && !is_jet<A> && !is_jet<B>, int>;

template <class T>
struct degree_of {
  static constexpr int value = 0;
  static constexpr bool known = false;
};
template <int K>
struct degree_of<monomial<K>> {
  static constexpr int value = K;
  static constexpr bool known = true;
};

template <class T>
inline constexpr bool is_plain = std::is_same_v<T, symbol> || std::is_same_v<T, double>;

template <class A, class B>
constexpr auto combine(A, B) {
  if constexpr (is_plain<A> && is_plain<B>) return symbol{};
  else return opaque{};
}
template <class A, class B, if_tags<A, B> = 0>
constexpr auto operator*(A a, B b) {
  if constexpr (degree_of<A>::known && degree_of<B>::known)
    return monomial<degree_of<A>::value + degree_of<B>::value>{};
  else return combine(a, b);
}
template <class A, class B, if_tags<A, B> = 0>
constexpr auto operator+(A a, B b) {
  return combine(a, b);
}
template <class A, class B, if_tags<A, B> = 0>
constexpr auto operator-(A a, B b) {
  if constexpr (std::is_same_v<A, double> && std::is_same_v<B, monomial<1>>) return complement{};
  else return combine(a, b);
}
template <class A, if_tags<A, A> = 0>
constexpr auto operator-(A a) {
  return combine(a, a);
}
template <class A, if_tags<A, A> = 0>
constexpr auto sq(A a) {
  return a * a;
}
template <class A, if_tags<A, A> = 0>
constexpr auto recip(A a) {
  if constexpr (degree_of<A>::known) return monomial<-degree_of<A>::value>{};
  else return combine(a, a);
}
template <class A, class B, if_tags<A, B> = 0>
constexpr auto expm1_ratio(A a, B b) {
  return combine(a, b);
}
#define THETAHAT_TAG_FUNCTION(name) \
  template <class A, if_tags<A, A> = 0> \
  constexpr auto name(A a) { \
    return combine(a, a); \
  }
THETAHAT_TAG_FUNCTION(log)
THETAHAT_TAG_FUNCTION(exp)
THETAHAT_TAG_FUNCTION(sqrt)
THETAHAT_TAG_FUNCTION(log1p)
THETAHAT_TAG_FUNCTION(expm1)
THETAHAT_TAG_FUNCTION(log1mexp)
THETAHAT_TAG_FUNCTION(abs)
THETAHAT_TAG_FUNCTION(positive_part)
THETAHAT_TAG_FUNCTION(negative_part)
THETAHAT_TAG_FUNCTION(lgamma)
THETAHAT_TAG_FUNCTION(log_factorial)
#undef THETAHAT_TAG_FUNCTION

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
