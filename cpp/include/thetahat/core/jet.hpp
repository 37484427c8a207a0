#pragma once

// Truncated Taylor expansions in the standardised observation z and up to three shapes a, b, c, to second order. Each
// derivative has its own type: `double`, or the empty tag `zero` for one that vanishes identically, so that the
// compiler sees the family's sparsity and a derivative costs what it would cost written by hand.

#include <type_traits>

#include "target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

struct zero {};
struct one {  // the derivative of a variable by itself: additions instead of multiplications
  constexpr operator double() const { return 1.0; }
};

template <class T>
inline constexpr bool is_zero = std::is_same_v<std::remove_cv_t<std::remove_reference_t<T>>, zero>;
template <class T>
inline constexpr bool is_one = std::is_same_v<std::remove_cv_t<std::remove_reference_t<T>>, one>;

namespace part {  // arithmetic on the parts of a jet, where `zero` is absorbed at compile time

template <class A, class B>
THETAHAT_INLINE constexpr auto mul(A a, B b) {
  if constexpr (is_zero<A> || is_zero<B>) return zero{};
  else if constexpr (is_one<A>) return b;
  else if constexpr (is_one<B>) return a;
  else return a * b;
}
template <class A, class B>
THETAHAT_INLINE constexpr auto add(A a, B b) {
  if constexpr (is_zero<A>) return b;
  else if constexpr (is_zero<B>) return a;
  else return double(a) + double(b);
}
template <class A>
THETAHAT_INLINE constexpr auto neg(A a) {
  if constexpr (is_zero<A>) return zero{};
  else return -double(a);
}
template <class A, class B, class C>
THETAHAT_INLINE constexpr auto mac(A a, B b, C c) {  // a b + c
  if constexpr (is_zero<A> || is_zero<B>) return c;
  else if constexpr (is_zero<C> || is_one<A> || is_one<B>) return add(mul(a, b), c);
  else if (__builtin_is_constant_evaluated()) return a * b + double(c);  // clang's fma is no constant expression
  else return __builtin_fma(a, b, double(c));
}
}  // namespace part

template <class V, class Z, class A, class B, class C, class ZZ, class ZA, class ZB, class ZC, class AA, class AB,
          class AC, class BB, class BC, class CC>
struct jet {
  V v;
  Z z;
  A a;
  B b;
  C c;
  ZZ zz;
  ZA za;
  ZB zb;
  ZC zc;
  AA aa;
  AB ab;
  AC ac;
  BB bb;
  BC bc;
  CC cc;
};

template <class... P>
THETAHAT_INLINE constexpr jet<P...> make_jet(P... parts) {
  return jet<P...>{parts...};
}

template <class T>
struct is_jet_type : std::false_type {};
template <class... P>
struct is_jet_type<jet<P...>> : std::true_type {};
template <class T>
inline constexpr bool is_jet = is_jet_type<std::remove_cv_t<std::remove_reference_t<T>>>::value;

template <class T>
THETAHAT_INLINE constexpr auto value(const T& x) {
  if constexpr (is_jet<T>) return x.v;
  else return x;
}

THETAHAT_INLINE constexpr auto variable_z(double v) {
  constexpr zero o;
  return make_jet(v, one{}, o, o, o, o, o, o, o, o, o, o, o, o, o);
}
template <int K>
THETAHAT_INLINE constexpr auto variable_shape(double v) {
  constexpr zero o;
  if constexpr (K == 0) return make_jet(v, o, one{}, o, o, o, o, o, o, o, o, o, o, o, o);
  else if constexpr (K == 1) return make_jet(v, o, o, one{}, o, o, o, o, o, o, o, o, o, o, o);
  else return make_jet(v, o, o, o, one{}, o, o, o, o, o, o, o, o, o, o);
}

THETAHAT_INLINE constexpr auto dense(double v) {  // every part a number: what is a variable is known at run time
  return make_jet(v, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
}

#define THETAHAT_JET_FIRST(F) F(z), F(a), F(b), F(c)
#define THETAHAT_JET_SECOND(F) \
  F(z, z, zz), F(z, a, za), F(z, b, zb), F(z, c, zc), F(a, a, aa), F(a, b, ab), F(a, c, ac), F(b, b, bb), F(b, c, bc), \
      F(c, c, cc)

// f(x) given the value f and the derivatives f1 = f'(x.v), f2 = f''(x.v).
template <class F1, class F2, class... P>
THETAHAT_INLINE constexpr auto chain(double f, F1 f1, F2 f2, const jet<P...>& x) {
#define THETAHAT_D(i) part::mul(f1, x.i)
#define THETAHAT_DD(i, j, ij) part::mac(f1, x.ij, part::mul(f2, part::mul(x.i, x.j)))
  return make_jet(f, THETAHAT_JET_FIRST(THETAHAT_D), THETAHAT_JET_SECOND(THETAHAT_DD));
#undef THETAHAT_D
#undef THETAHAT_DD
}

// f(x, y) given its value and its partial derivatives.
template <class F1, class F2, class F11, class F12, class F22, class... P, class... Q>
THETAHAT_INLINE constexpr auto chain(double f, F1 f1, F2 f2, F11 f11, F12 f12, F22 f22, const jet<P...>& x,
                                     const jet<Q...>& y) {
#define THETAHAT_D(i) part::mac(f1, x.i, part::mul(f2, y.i))
#define THETAHAT_DD(i, j, ij) \
  part::add(part::mac(f1, x.ij, part::mul(f2, y.ij)), \
            part::add(part::mac(f11, part::mul(x.i, x.j), part::mul(f22, part::mul(y.i, y.j))), \
                      part::mul(f12, part::add(part::mul(x.i, y.j), part::mul(x.j, y.i)))))
  return make_jet(f, THETAHAT_JET_FIRST(THETAHAT_D), THETAHAT_JET_SECOND(THETAHAT_DD));
#undef THETAHAT_D
#undef THETAHAT_DD
}

template <class... P, class... Q>
THETAHAT_INLINE constexpr auto operator*(const jet<P...>& x, const jet<Q...>& y) {
#define THETAHAT_D(i) part::mac(x.v, y.i, part::mul(x.i, y.v))
#define THETAHAT_DD(i, j, ij) part::mac(x.v, y.ij, part::mac(x.ij, y.v, part::mac(x.i, y.j, part::mul(x.j, y.i))))
  return make_jet(x.v * y.v, THETAHAT_JET_FIRST(THETAHAT_D), THETAHAT_JET_SECOND(THETAHAT_DD));
#undef THETAHAT_D
#undef THETAHAT_DD
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto operator+(const jet<P...>& x, const jet<Q...>& y) {
#define THETAHAT_D(i) part::add(x.i, y.i)
#define THETAHAT_DD(i, j, ij) part::add(x.ij, y.ij)
  return make_jet(x.v + y.v, THETAHAT_JET_FIRST(THETAHAT_D), THETAHAT_JET_SECOND(THETAHAT_DD));
#undef THETAHAT_D
#undef THETAHAT_DD
}
template <class... P>
THETAHAT_INLINE constexpr auto operator-(const jet<P...>& x) {
#define THETAHAT_D(i) part::neg(x.i)
#define THETAHAT_DD(i, j, ij) part::neg(x.ij)
  return make_jet(-x.v, THETAHAT_JET_FIRST(THETAHAT_D), THETAHAT_JET_SECOND(THETAHAT_DD));
#undef THETAHAT_D
#undef THETAHAT_DD
}
template <class... P>
THETAHAT_INLINE constexpr auto operator*(double s, const jet<P...>& x) {
  return chain(s * x.v, s, zero{}, x);
}
template <class... P>
THETAHAT_INLINE constexpr auto operator+(double s, const jet<P...>& x) {
  return chain(s + x.v, one{}, zero{}, x);
}

#undef THETAHAT_JET_FIRST
#undef THETAHAT_JET_SECOND

template <class... P>
THETAHAT_INLINE constexpr auto operator*(const jet<P...>& x, double s) {
  return s * x;
}
template <class... P>
THETAHAT_INLINE constexpr auto operator+(const jet<P...>& x, double s) {
  return s + x;
}
template <class... P>
THETAHAT_INLINE constexpr auto operator-(const jet<P...>& x, double s) {
  return -s + x;
}
template <class... P>
THETAHAT_INLINE constexpr auto operator-(double s, const jet<P...>& x) {
  return s + -x;
}
template <class... P, class... Q>
THETAHAT_INLINE constexpr auto operator-(const jet<P...>& x, const jet<Q...>& y) {
  return x + -y;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
