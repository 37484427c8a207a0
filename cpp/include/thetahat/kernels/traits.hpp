#pragma once

// What the kernels read off a family's types at compile time.

#include <type_traits>
#include <utility>

#include "../core/family.hpp"
#include "../core/hot_table.hpp"
#include "../math/functions.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

template <class F>
using theta_of = typename F::theta;

template <class F>
inline constexpr int parameter_count = sizeof(theta_of<F>) / sizeof(double);

template <class F>
inline constexpr bool discrete = F::info.kind == kind::discrete;

// internal(theta) with every parameter a double, or the jets that the caller passes.
template <class F, class... T>
THETAHAT_INLINE auto internal_of(const T&... theta) {
  return F::internal(theta...);
}
template <class F, class T, int... K>
THETAHAT_INLINE auto internal_from(const T* v, std::integer_sequence<int, K...>) {
  return F::internal(v[K]...);
}
template <class F, class T>
THETAHAT_INLINE auto internal_from(const T* v) {
  return internal_from<F>(v, std::make_integer_sequence<int, parameter_count<F>>{});
}
template <class F>
inline auto internal_of(const theta_of<F>& t) {
  double v[parameter_count<F>];
  __builtin_memcpy(v, &t, sizeof t);
  return internal_from<F>(v);
}

template <class F>
using position_of = decltype(internal_of<F>(std::declval<theta_of<F>>()));

template <class F>
inline constexpr bool has_loc = !is_zero<decltype(position_of<F>::loc)>;
template <class F>
inline constexpr bool has_scale = !std::is_same_v<decltype(position_of<F>::scale), unit_scale>;

template <class F>
inline constexpr int shape_count = !is_zero<decltype(position_of<F>::a)> + !is_zero<decltype(position_of<F>::b)> +
                                   !is_zero<decltype(position_of<F>::c)>;

template <class T>
inline double plain(const T& x) {
  if constexpr (is_zero<T>) return 0.0;
  else if constexpr (std::is_same_v<T, unit_scale>) return 1.0;
  else return value(x);
}

template <class F>
inline constexpr bool has_unit = requires(theta_of<F> t) { F::unit(t); };

template <class F>
inline point point_of(const theta_of<F>& t) {
  const auto p = internal_of<F>(t);
  double unit = 1.0;
  if constexpr (has_unit<F>) unit = F::unit(t);
  return {plain(p.loc), 0.0, unit, plain(p.scale), {plain(p.a), plain(p.b), plain(p.c)}};
}

template <class F>
inline theta_of<F> theta_at(const parameter_columns& c, std::size_t row) {
  double v[parameter_count<F>];
  for (int k = 0; k < parameter_count<F>; ++k) v[k] = c.data[k][static_cast<std::ptrdiff_t>(row) * c.stride[k]];
  theta_of<F> t;
  __builtin_memcpy(&t, v, sizeof t);
  return t;
}

template <class F>
inline auto fields_at(const point& p) {
  if constexpr (shape_count<F> == 0) return F::prepare();
  else if constexpr (shape_count<F> == 1) return F::prepare(p.shape[0]);
  else if constexpr (shape_count<F> == 2) return F::prepare(p.shape[0], p.shape[1]);
  else return F::prepare(p.shape[0], p.shape[1], p.shape[2]);
}
template <class F>
inline auto jet_fields_at(const point& p) {
  if constexpr (shape_count<F> == 0) return F::prepare();
  else if constexpr (shape_count<F> == 1) return F::prepare(variable_shape<0>(p.shape[0]));
  else if constexpr (shape_count<F> == 2)
    return F::prepare(variable_shape<0>(p.shape[0]), variable_shape<1>(p.shape[1]));
  else return F::prepare(variable_shape<0>(p.shape[0]), variable_shape<1>(p.shape[1]), variable_shape<2>(p.shape[2]));
}

template <class F>
using fields_of = decltype(fields_at<F>(std::declval<point>()));
template <class F>
using jet_fields_of = decltype(jet_fields_at<F>(std::declval<point>()));

// The standardised observation as a jet; a family without loc and scale is never differentiated in it.
template <class F>
THETAHAT_INLINE constexpr auto z_variable(double z) {
  if constexpr (has_loc<F> || has_scale<F>) return variable_z(z);
  else return z;
}

template <class F>
inline constexpr bool has_stage = requires(const fields_of<F>& p, double z) { F::stage(p, z); };
template <class F>
inline constexpr bool has_log_density = requires(const fields_of<F>& p, double z) { F::log_density(p, z); };
template <class F>
inline constexpr bool has_jet_log_density =
    requires(const jet_fields_of<F>& p) { F::log_density(p, z_variable<F>(1.0)); };
template <class F>
inline constexpr bool has_lowest_z = requires { F::lowest_z; };

// The interval that every x, or every z where the support moves with the parameters, has to lie in.
template <class F>
inline constexpr support_set tracked_support = [] {
  if constexpr (has_lowest_z<F>) return support_set{F::lowest_z, infinity, true, false};
  else return F::info.support;
}();
template <std::size_t Size>
struct byte_block {
  unsigned char byte[Size];
};
template <std::size_t Size, class T>
constexpr byte_block<Size> first_bytes(const T& from) {
  const auto all = __builtin_bit_cast(byte_block<sizeof(T)>, from);
  byte_block<Size> out{};
  for (std::size_t i = 0; i < Size; ++i) out.byte[i] = all.byte[i];
  return out;
}

// ----- which sums suffice, found by running `terms` on tags -----------------------------------------------------------

template <class T>
struct symbolic {
  using type = T;
};
template <template <class...> class X, class... T>
struct symbolic<X<T...>> {
  using type = X<std::conditional_t<true, symbol, T>...>;
};
template <class F>
using symbolic_fields = typename symbolic<fields_of<F>>::type;

struct structure {
  bool sufficient = true;
  unsigned needed = 0;
  int logs = 0;
  bool ge_one[4] = {};  // by logarithm
  int shape_coefficients = 0;  // terms whose coefficient depends on the shapes

  constexpr void constant(auto) {}
  template <class B, class T>
  constexpr void add(B, T) {
    shape_coefficients += std::is_same_v<B, symbol>;
    if constexpr (std::is_same_v<T, monomial<1>>) needed |= needs_sum;
    else if constexpr (std::is_same_v<T, monomial<2>>) needed |= needs_sum | needs_square;
    else if constexpr (std::is_same_v<T, monomial<-1>>) needed |= needs_sum | needs_ratio;
    else sufficient = false;
  }
  template <class C, class G, class R>
  constexpr void log(C, G, R) {
    ge_one[logs++] = std::is_same_v<R, ge_one_type>;
    shape_coefficients += std::is_same_v<C, symbol>;
    if constexpr (std::is_same_v<G, monomial<1>>) needed |= needs_log;
    else if constexpr (std::is_same_v<G, complement>) needed |= needs_log_complement;
    else sufficient = false;
  }
};

template <class F>
inline constexpr structure structure_of = [] {
  structure s;
  F::terms(symbolic_fields<F>{}, monomial<1>{}, opaque{}, s);
  return s;
}();

// Which ends of it the hot loops look out for: a logarithm of z or 1 - z notices its own end, log x is watched itself.
template <class F>
inline constexpr bool tracks_values = F::info.observed == observed::identity || has_lowest_z<F>;
template <class F>
inline constexpr bool tracks_lower = tracks_values<F> && tracked_support<F>.lower != -infinity &&
                                     !(tracked_support<F>.lower == 0.0 && (structure_of<F>.needed & needs_log));
template <class F>
inline constexpr bool tracks_upper =
    tracks_values<F> && tracked_support<F>.upper != infinity &&
    !(tracked_support<F>.upper == 1.0 && (structure_of<F>.needed & needs_log_complement));

// The sums to collect: a family of log x whose terms are linear in it needs no logarithm per row.
template <class F>
inline constexpr unsigned needed_statistics =
    F::info.observed == observed::log && structure_of<F>.needed == needs_sum ? unsigned{needs_log}
                                                                             : structure_of<F>.needed;

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
