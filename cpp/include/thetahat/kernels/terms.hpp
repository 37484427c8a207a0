#pragma once

// The ways in which a family's terms can be evaluated. `terms` calls a sink once per term, always in the same order:
//   constant(b)       b
//   add(b, t)         b t(z)
//   log(c, g, range)  c log g(z)

#include "products.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// ----- one row, every logarithm taken -----------------------------------------------------------------------------------

struct direct_sink {
  double sum = 0.0;
  THETAHAT_INLINE void constant(double b) { sum += b; }
  THETAHAT_INLINE void add(double b, double t) { sum = __builtin_fma(b, t, sum); }
  template <class R>
  THETAHAT_INLINE void log(double c, double g, R) {
    const double l = c * vlog(g);
    sum += c == 0.0 ? 0.0 : l;  // 0 log 0 = 0
  }
};

template <class F, class P>
THETAHAT_INLINE double density(const P& p, double z, double e) {
  if constexpr (has_log_density<F>) {
    return F::log_density(p, z);
  } else {
    direct_sink sink;
    F::terms(p, z, e, sink);
    return sink.sum;
  }
}

// clang-format off
struct jet_sum {
  double v = 0, z = 0, a = 0, b = 0, c = 0, zz = 0, za = 0, zb = 0, zc = 0, aa = 0, ab = 0, ac = 0, bb = 0, bc = 0,
         cc = 0;
  template <class T>
  THETAHAT_INLINE void take(const T& t) {
    if constexpr (is_jet<T>) {
#define THETAHAT_TAKE(part) \
  if constexpr (!is_zero<decltype(t.part)>) part += t.part;
      THETAHAT_TAKE(v)
      THETAHAT_TAKE(z)
      THETAHAT_TAKE(a) THETAHAT_TAKE(b) THETAHAT_TAKE(c) THETAHAT_TAKE(zz) THETAHAT_TAKE(za) THETAHAT_TAKE(zb)
          THETAHAT_TAKE(zc) THETAHAT_TAKE(aa) THETAHAT_TAKE(ab) THETAHAT_TAKE(ac) THETAHAT_TAKE(bb) THETAHAT_TAKE(bc)
              THETAHAT_TAKE(cc)
#undef THETAHAT_TAKE
    } else {
      v += t;
    }
  }
};

// clang-format on
struct direct_jet_sink {
  jet_sum sum;
  template <class B>
  THETAHAT_INLINE void constant(const B& b) {
    sum.take(b);
  }
  template <class B, class T>
  THETAHAT_INLINE void add(const B& b, const T& t) {
    sum.take(b * t);
  }
  template <class C, class G, class R>
  THETAHAT_INLINE void log(const C& c, const G& g, R) {
    sum.take(c * thetahat::log(g));
  }
};

template <class F, class P, class Z, class E>
THETAHAT_INLINE jet_sum jet_density(const P& p, const Z& z, const E& e) {
  if constexpr (has_jet_log_density<F>) {
    jet_sum sum;
    sum.take(F::log_density(p, z));
    return sum;
  } else {
    direct_jet_sink sink;
    F::terms(p, z, e, sink);
    return sink.sum;
  }
}

// exp of the staged argument, as a jet when its argument is one.
template <class U>
THETAHAT_INLINE constexpr auto staged(double e, const U& u) {
  if constexpr (is_jet<U>) return chain(e, e, e, u);
  else return e;
}

// ----- sums over rows with derivatives ------------------------------------------------------------------------------------

// Calls visit(component, value) for every sum that a term with derivatives `t` contributes to.
template <class F, class T, class Visit>
THETAHAT_INLINE constexpr void visit_parts(const T& t, double z, Visit visit) {
  if constexpr (is_jet<T>) {
#define THETAHAT_VISIT(component, expression, part) \
  if constexpr (!is_zero<decltype(t.part)>) visit(component, t.part, expression);
    if constexpr (has_loc<F>) {
      THETAHAT_VISIT(d_z, one{}, z)
      THETAHAT_VISIT(d_zz, one{}, zz)
      THETAHAT_VISIT(z_d_zz, z, zz)
      THETAHAT_VISIT(d_za, one{}, za)
      THETAHAT_VISIT(d_zb, one{}, zb)
      THETAHAT_VISIT(d_zc, one{}, zc)
    }
    THETAHAT_VISIT(z_d_z, z, z)
    THETAHAT_VISIT(zz_d_zz, z * z, zz)
    THETAHAT_VISIT(z_d_za, z, za)
    THETAHAT_VISIT(z_d_zb, z, zb)
    THETAHAT_VISIT(z_d_zc, z, zc)
    THETAHAT_VISIT(d_a, one{}, a)
    THETAHAT_VISIT(d_b, one{}, b)
    THETAHAT_VISIT(d_c, one{}, c)
    THETAHAT_VISIT(d_aa, one{}, aa)
    THETAHAT_VISIT(d_ab, one{}, ab)
    THETAHAT_VISIT(d_ac, one{}, ac)
    THETAHAT_VISIT(d_bb, one{}, bb)
    THETAHAT_VISIT(d_bc, one{}, bc)
    THETAHAT_VISIT(d_cc, one{}, cc)
#undef THETAHAT_VISIT
  }
}

// Derivatives of log g without the logarithm.
template <class... P>
THETAHAT_INLINE constexpr auto log_derivatives(const jet<P...>& g) {
  const double r = 1.0 / g.v;
  const auto z = part::mul(r, g.z);
  const auto a = part::mul(r, g.a);
  const auto b = part::mul(r, g.b);
  const auto c = part::mul(r, g.c);
#define THETAHAT_DD(i, j, ij) part::mac(part::neg(i), j, part::mul(r, g.ij))
  return make_jet(0.0, z, a, b, c, THETAHAT_DD(z, z, zz), THETAHAT_DD(z, a, za), THETAHAT_DD(z, b, zb),
                  THETAHAT_DD(z, c, zc), THETAHAT_DD(a, a, aa), THETAHAT_DD(a, b, ab), THETAHAT_DD(a, c, ac),
                  THETAHAT_DD(b, b, bb), THETAHAT_DD(b, c, bc), THETAHAT_DD(c, c, cc));
#undef THETAHAT_DD
}

// Terms whose coefficient is free of the shapes share set 0; each other term has a set of its own, which its
// coefficient and the coefficient's derivatives multiply after the last row. A slot is a sum that some term adds to.
template <int Sets>
struct derivative_layout {
  int slot[Sets][component_count];
  int count = 0;

  constexpr derivative_layout() {
    for (auto& set : slot)
      for (int& s : set) s = -1;
  }
  constexpr void mark(int set, int component) {
    if (slot[set][component] < 0) slot[set][component] = count++;
  }
};

template <class F, int Sets>
struct layout_sink {
  derivative_layout<Sets>& layout;
  int next_set = 0;

  template <class T>
  constexpr void mark(int set, const T& t) {
    visit_parts<F>(t, 1.0, [&](int component, auto, auto) { layout.mark(set, component); });
  }
  template <class B>
  constexpr void constant(const B&) {}
  template <class B, class T>
  constexpr void add(const B&, const T& t) {
    const int set = is_jet<B> ? ++next_set : 0;
    if constexpr (is_jet<B>) layout.mark(set, value_);
    mark(set, t);
  }
  template <class C, class G, class R>
  constexpr void log(const C&, const G& g, R) {
    const int set = is_jet<C> ? ++next_set : 0;
    if constexpr (is_jet<G>) mark(set, log_derivatives(g));
    else (void)g, (void)set;
  }
};

template <class F>
inline constexpr int set_count = 1 + structure_of<F>.shape_coefficients;

// Found by running the terms at compile time on fields that are all one.
template <class F>
inline constexpr derivative_layout<set_count<F>> layout_of = [] {
  derivative_layout<set_count<F>> layout;
  struct ones {
    double word[sizeof(jet_fields_of<F>) / sizeof(double) + 1];
  } all{};
  for (double& w : all.word) w = 1.0;
  const auto z = z_variable<F>(1.0);
  layout_sink<F, set_count<F>> sink{layout};
  const auto run = [&](const auto& p) {
    if constexpr (has_stage<F>) F::terms(p, z, staged(1.0, F::stage(p, z)), sink);
    else F::terms(p, z, 1.0, sink);
  };
  if constexpr (std::is_empty_v<jet_fields_of<F>>) run(jet_fields_of<F>{});
  else run(__builtin_bit_cast(jet_fields_of<F>, first_bytes<sizeof(jet_fields_of<F>)>(all)));
  return layout;
}();

template <class F, std::size_t Width = lane_count>
struct derivative_lanes {
  double part[layout_of<F>.count > 0 ? layout_of<F>.count : 1][Width];

  template <std::size_t W>
  using part_of = derivative_lanes<F, W>;
  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(derivative_lanes<F, W>& p, std::size_t at, Copy copy) {
    for (int k = 0; k < layout_of<F>.count; ++k) copy(part[k] + at, p.part[k]);
  }
};

template <class F, std::size_t Width = lane_count>
struct value_and_derivative_lanes {
  static constexpr int logs = structure_of<F>.logs;
  value_lanes<F, Width> value;
  derivative_lanes<F, Width> derivative;

  void reset() {
    value.reset();
    derivative = {};
  }

  template <std::size_t W>
  using part_of = value_and_derivative_lanes<F, W>;
  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(value_and_derivative_lanes<F, W>& p, std::size_t at, Copy copy) {
    value.exchange(p.value, at, copy);
    derivative.exchange(p.derivative, at, copy);
  }
  template <std::size_t Rows>
  THETAHAT_INLINE void fold() {
    value.template fold<Rows>();
  }
};

template <class F, class Lanes>
struct derivative_sink {
  Lanes& lanes;
  std::size_t lane;
  double z;
  int next_set = 0;

  template <class Factor, class T>
  THETAHAT_INLINE void accumulate(int set, Factor factor, const T& t) {
    visit_parts<F>(t, z, [&](int component, auto x, auto weight) __attribute__((always_inline)) {
      double& sum = lanes.part[layout_of<F>.slot[set][component]][lane];
      if constexpr (is_one<decltype(weight)>) sum = part::mac(factor, x, sum);
      else sum = part::mac(part::mul(factor, x), weight, sum);
    });
  }

  template <class B>
  THETAHAT_INLINE void constant(const B&) {}
  template <class B, class T>
  THETAHAT_INLINE void add(const B& b, const T& t) {
    if constexpr (is_jet<B>) {
      const int set = ++next_set;
      lanes.part[layout_of<F>.slot[set][value_]][lane] += value(t);
      accumulate(set, one{}, t);
    } else {
      accumulate(0, b, t);
    }
  }
  template <class C, class G, class R>
  THETAHAT_INLINE void log(const C& c, const G& g, R) {
    if constexpr (is_jet<C>) {
      const int set = ++next_set;
      if constexpr (is_jet<G>) accumulate(set, one{}, log_derivatives(g));
    } else {
      if constexpr (is_jet<G>) accumulate(0, c, log_derivatives(g));
    }
  }
};

// Values and derivatives from one run of the terms.
template <class Values, class Derivatives>
struct both_sinks {
  Values& values;
  Derivatives& derivatives;

  template <class B>
  THETAHAT_INLINE void constant(const B&) {}
  template <class B, class T>
  THETAHAT_INLINE void add(const B& b, const T& t) {
    values.add(value(b), value(t));
    derivatives.add(b, t);
  }
  template <class C, class G, class R>
  THETAHAT_INLINE void log(const C& c, const G& g, R range) {
    values.log(value(c), value(g), range);
    derivatives.log(c, g, range);
  }
};
template <class Values, class Derivatives>
both_sinks(Values&, Derivatives&) -> both_sinks<Values, Derivatives>;

// Joins the sets: sum_k d(b_k T_k), given the totals of every set and the logarithms of every product.
template <class F>
struct joining_sink {
  const exact_sum (*part)[component_count];
  const exact_sum* logs;
  double rows;
  chunk_sums& out;
  int next_set = 0, next_log = 0;

  void put(int component, double x) { add_to(out.sum[component], x); }

  template <class B>
  void constant(const B& b) {
    put(value_, rows * value(b));
    scale_shapes(b, rows);
  }

  // the derivatives of a coefficient times the sum that it multiplies
  template <class B>
  void scale_shapes(const B& b, double s) {
    if constexpr (is_jet<B>) {
#define THETAHAT_SCALE(component, p) \
  if constexpr (!is_zero<decltype(b.p)>) put(component, b.p* s);
      THETAHAT_SCALE(d_a, a)
      THETAHAT_SCALE(d_b, b)
      THETAHAT_SCALE(d_c, c)
      THETAHAT_SCALE(d_aa, aa)
      THETAHAT_SCALE(d_ab, ab)
      THETAHAT_SCALE(d_ac, ac) THETAHAT_SCALE(d_bb, bb) THETAHAT_SCALE(d_bc, bc) THETAHAT_SCALE(d_cc, cc)
#undef THETAHAT_SCALE
    }
  }

  // b jet in the shapes, its own set: the value is elsewhere, d(b t) = b dt + t db, d2(b t) = b d2t + 2 sym(db dt) + t d2b
  template <class B>
  void join(const B& b, int set, double t_value) {
    const auto& s = part[set];
    const auto sum = [&](int component) { return total(s[component]); };
    for (int k = d_z; k < component_count; ++k) {
      const double x = sum(k);
      if (x != 0.0) put(k, b.v * x);
    }
    scale_shapes(b, t_value);
    const double b1[3] = {plain_part(b.a), plain_part(b.b), plain_part(b.c)};
    const double t1[3] = {sum(d_a), sum(d_b), sum(d_c)};
    const double t_z = sum(d_z), t_zz = sum(z_d_z);
    const int second[3][3] = {{d_aa, d_ab, d_ac}, {d_ab, d_bb, d_bc}, {d_ac, d_bc, d_cc}};
    for (int i = 0; i < 3; ++i) {
      if (b1[i] == 0.0) continue;
      put(d_za + i, b1[i] * t_z);
      put(z_d_za + i, b1[i] * t_zz);
      for (int j = 0; j < 3; ++j) put(second[i][j], (i == j ? 2.0 : 1.0) * b1[i] * t1[j]);
    }
  }
  template <class T>
  static double plain_part(const T& t) {
    if constexpr (is_zero<T>) return 0.0;
    else return t;
  }

  template <class B, class T>
  void add(const B& b, const T&) {
    if constexpr (is_jet<B>) {
      const int set = ++next_set;
      join(b, set, total(part[set][value_]));
    }
  }
  template <class C, class G, class R>
  void log(const C& c, const G&, R) {
    const exact_sum& l = logs[next_log++];
    put(value_, value(c) * l.high);
    put(value_, value(c) * l.low);
    if constexpr (is_jet<C>) join(c, ++next_set, total(l));
  }
  void shared() {
    for (int k = 0; k < component_count; ++k) {
      add_to(out.sum[k], part[0][k].high);
      add_to(out.sum[k], part[0][k].low);
    }
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
