#pragma once

// One number per row: log p(x; theta), and its derivatives.

#include "terms.hpp"
#include "tile.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

template <class F>
inline constexpr int field_count =
    std::is_empty_v<fields_of<F>> ? 0 : static_cast<int>(sizeof(fields_of<F>) / sizeof(double));

// Everything of a row that does not depend on x, one column per field.
template <class F>
struct row_parameters {
  alignas(64) double loc[tile_size];
  alignas(64) double pivot[tile_size];
  alignas(64) double reciprocal_scale[tile_size];
  alignas(64) double log_scale[tile_size];  // of scale and unit
  alignas(64) double unit[tile_size];
  alignas(64) double field[field_count<F> > 0 ? field_count<F> : 1][tile_size];

  void set(std::size_t i, const point& p) {
    if constexpr (has_loc<F>) loc[i] = p.loc, pivot[i] = p.pivot;
    if constexpr (has_scale<F>) {
      reciprocal_scale[i] = 1.0 / p.scale;
      log_scale[i] = vlog(p.scale);
    }
    if constexpr (has_unit<F>) {
      unit[i] = p.unit;
      log_scale[i] += vlog(p.unit);
    }
    if constexpr (field_count<F> > 0) {
      const auto fields = fields_at<F>(p);
      double raw[field_count<F>];
      __builtin_memcpy(raw, &fields, sizeof fields);
      for (int k = 0; k < field_count<F>; ++k) field[k][i] = raw[k];
    }
  }

  void fill(const point& p) {
    set(0, p);
    const auto spread = [](double* column) {
      for (std::size_t i = 1; i < tile_size; ++i) column[i] = column[0];
    };
    if constexpr (has_loc<F>) spread(loc), spread(pivot);
    if constexpr (has_scale<F>) spread(reciprocal_scale), spread(log_scale);
    if constexpr (has_unit<F>) spread(unit);
    for (int k = 0; k < field_count<F>; ++k) spread(field[k]);
  }

  void load(const parameter_columns& theta, std::size_t begin, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) set(i, point_of<F>(theta_at<F>(theta, begin + i)));
  }

  THETAHAT_INLINE auto fields(std::size_t i) const { return fields(i, std::make_index_sequence<field_count<F>>{}); }
  template <std::size_t... K>
  THETAHAT_INLINE auto fields([[maybe_unused]] std::size_t i, std::index_sequence<K...>) const {
    return fields_of<F>{field[K][i]...};
  }
  THETAHAT_INLINE double standardise(double v, [[maybe_unused]] std::size_t i) const {
    if constexpr (has_loc<F> && !has_unit<F>) v = (v - pivot[i]) - loc[i];
    if constexpr (has_scale<F>) v *= reciprocal_scale[i];
    return v;
  }
  THETAHAT_INLINE double in_units(double x, [[maybe_unused]] std::size_t i) const {
    if constexpr (has_unit<F>) x /= unit[i];  // exactly one where x is the unit, which may be an end of the support
    return x;
  }
};

template <class F, class P>
THETAHAT_INLINE bool inside(const P& p, double x, double z) {
  constexpr support_set s = F::info.support;
  bool in = __builtin_fabs(x) != infinity;
  if constexpr (s.lower != -infinity) in &= s.lower_closed ? x >= s.lower : x > s.lower;
  if constexpr (s.upper != infinity) in &= s.upper_closed ? x <= s.upper : x < s.upper;
  if constexpr (discrete<F>) in &= x == __builtin_floor(x);
  if constexpr (has_lowest_z<F>) in &= z >= F::lowest_z;
  if constexpr (requires { F::inside(p, z); }) in &= F::inside(p, z);
  in |= x != x;  // a NaN stays one
  return in;
}

template <class F>
THETAHAT_INLINE double map_row(const row_parameters<F>& r, std::size_t i, double x, double v, double e) {
  const double z = r.standardise(v, i);
  const auto p = r.fields(i);
  double h = density<F>(p, z, e);
  if constexpr (has_scale<F>) h -= r.log_scale[i];
  if constexpr (F::info.observed == observed::log) h -= v;
  h = inside<F>(p, x, z) ? h : -infinity;
  return x != x ? x : h;
}
// A family whose tails are finite where z overflows says so from the two factors of z.
template <class F>
inline constexpr bool far_by_factors = requires(const fields_of<F>& p) { F::far_log_density(p, 0.0, 0.0); };

// A finite row whose standardised value, or its square, exceeds every double.
template <class F>
inline double far_row(const row_parameters<F>& r, std::size_t i, double v) {
  if constexpr (far_by_factors<F>) {
    return F::far_log_density(r.fields(i), (v - r.pivot[i]) - r.loc[i], r.reciprocal_scale[i]) - r.log_scale[i];
  } else if constexpr (requires(const fields_of<F>& p) { F::far_log_density(p, 0.0); }) {
    if constexpr (has_loc<F>) v = (v - r.pivot[i]) - r.loc[i];
    const double log_abs_z = vlog(__builtin_fabs(v)) + vlog(r.reciprocal_scale[i]);
    return F::far_log_density(r.fields(i), log_abs_z) - r.log_scale[i];
  } else {
    return -infinity;
  }
}
template <class F>
THETAHAT_INLINE double stage_row(const row_parameters<F>& r, std::size_t i, double v) {
  return vexp(F::stage(r.fields(i), r.standardise(v, i)));
}

// log of x in units, where x / unit may leave the range of doubles.
template <class Units>
THETAHAT_INLINE double log_ratio(double x, Units units) {
  constexpr double log_two_to_600 = 415.88830833596718;
  const bool large = x > 0x1p400, small = x < 0x1p-400;
  const double scaled = large ? x * 0x1p-600 : small ? x * 0x1p600 : x;
  const double l = vlog(units(scaled));
  return l + (large ? log_two_to_600 : small ? -log_two_to_600 : 0.0);
}

// The observed values of a tile: x itself, or log x, written to `v`.
template <observed Observed, class Units>
THETAHAT_INLINE const double* observe_tile(const double* x, std::size_t count, double* v, Units units) {
  if constexpr (Observed == observed::log) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i)
      v[i] = log_ratio(x[i], [&](double u) __attribute__((always_inline)) { return units(u, i); });
    return v;
  } else {
    return x;
  }
}

// The observed values of a tile and the staged exponentials.
template <class F>
struct row_tile {
  alignas(64) double v[tile_size];
  alignas(64) double e[tile_size];

  template <class Units>
  const double* observe(const double* x, std::size_t count, Units units) {
    return observe_tile<F::info.observed>(x, count, v, units);
  }
  void stage(const row_parameters<F>& r, const double* observed, std::size_t count) {
    if constexpr (has_stage<F>) {
#pragma omp simd
      for (std::size_t i = 0; i < count; ++i) e[i] = stage_row<F>(r, i, observed[i]);
    }
  }
};

template <class F>
[[gnu::noinline]] inline void map_tile(const row_parameters<F>& r, row_tile<F>& tile, const double* x,
                                       std::size_t count, double* out) {
  const double* v =
      tile.observe(x, count, [&](double u, std::size_t i) __attribute__((always_inline)) { return r.in_units(u, i); });
  tile.stage(r, v, count);
  const double* e = tile.e;
  for (std::size_t b = 0; b < count; b += lane_count) {
    prefetch_lanes(x + b);
    const std::size_t stop = count - b < lane_count ? count : b + lane_count;
#pragma omp simd
    for (std::size_t i = b; i < stop; ++i) out[i] = map_row<F>(r, i, x[i], v[i], has_stage<F> ? e[i] : 0.0);
  }
  double check = 0.0;
#pragma omp simd reduction(+ : check)
  for (std::size_t i = 0; i < count; ++i) check += out[i] * 0.0;
  if (check != check) {  // something infinite or NaN: rows whose terms overflowed need another form
    for (std::size_t i = 0; i < count; ++i) {
      bool lost = out[i] != out[i] && x[i] == x[i];
      if constexpr (far_by_factors<F>) lost |= __builtin_isinf(r.standardise(v[i], i)) && __builtin_isfinite(x[i]);
      if (lost) out[i] = far_row<F>(r, i, v[i]);
    }
  }
}

inline bool scalar(const parameter_columns& theta) {
  for (int k = 0; k < max_parameters; ++k)
    if (theta.stride[k] != 0) return false;
  return true;
}

// Small counts repeat: each is evaluated once, exactly as it would be in its row.
template <class F>
class count_table {
 public:
  static constexpr std::size_t size = 256;
  static constexpr std::size_t worth_it = 4 * size;  // rows

  void fill(const row_parameters<F>& rows) {
    for (std::size_t k = 0; k < size; ++k) {
      const double x = static_cast<double>(k);
      value_[k] = map_row<F>(rows, 0, x, x, 0.0);
    }
  }
  void map_tile(const row_parameters<F>& rows, const double* x, std::size_t count, double* out) const {
    for (std::size_t j = 0; j < count; ++j) {
      const bool small = x[j] >= 0.0 && x[j] < static_cast<double>(size) && x[j] == __builtin_floor(x[j]);
      out[j] = small ? value_[static_cast<std::size_t>(x[j])] : map_row<F>(rows, 0, x[j], x[j], 0.0);
    }
  }

 private:
  double value_[size];
};

template <class F>
inline void map(const map_request& q) {
  tile_source x(q.data->value);
  row_parameters<F> rows;
  row_tile<F> tile;
  const bool fixed = scalar(q.theta);
  if (fixed) rows.fill(point_of<F>(theta_at<F>(q.theta, 0)));
  const auto over_tiles = [&](auto map_one) {
    for (std::size_t i = q.begin; i < q.end; i += tile_size) {
      const std::size_t count = q.end - i < tile_size ? q.end - i : tile_size;
      map_one(i, x.tile(i, count), count, q.out + (i - q.begin));
    }
  };
  if constexpr (discrete<F>) {
    if (fixed && q.end - q.begin > count_table<F>::worth_it) {
      count_table<F> counts;
      counts.fill(rows);
      return over_tiles(
          [&](std::size_t, const double* v, std::size_t n, double* out) { counts.map_tile(rows, v, n, out); });
    }
  }
  over_tiles([&](std::size_t i, const double* v, std::size_t n, double* out) {
    if (!fixed) rows.load(q.theta, i, n);
    map_tile<F>(rows, tile, v, n, out);
  });
}

// ----- derivatives of single rows ----------------------------------------------------------------------------------------

template <class F, class P>
THETAHAT_INLINE void jet_row(const P& p, double z, double e, jet_tile& out, std::size_t i) {
  const auto zj = z_variable<F>(z);
  jet_sum s;
  if constexpr (has_stage<F>) s = jet_density<F>(p, zj, staged(e, F::stage(p, zj)));
  else s = jet_density<F>(p, zj, 0.0);
  out.z[i] = z;
#define THETAHAT_PUT(name) out.part[part_##name][i] = s.name;
  THETAHAT_PUT(v)
  if constexpr (has_loc<F> || has_scale<F>) {
    THETAHAT_PUT(z) THETAHAT_PUT(zz) if constexpr (shape_count<F> > 0) { THETAHAT_PUT(za) }
    if constexpr (shape_count<F> > 1) { THETAHAT_PUT(zb) }
    if constexpr (shape_count<F> > 2) { THETAHAT_PUT(zc) }
  }
  if constexpr (shape_count<F> > 0) { THETAHAT_PUT(a) THETAHAT_PUT(aa) }
  if constexpr (shape_count<F> > 1) { THETAHAT_PUT(b) THETAHAT_PUT(bb) THETAHAT_PUT(ab) }
  if constexpr (shape_count<F> > 2) { THETAHAT_PUT(c) THETAHAT_PUT(cc) THETAHAT_PUT(ac) THETAHAT_PUT(bc) }
#undef THETAHAT_PUT
}

template <class F>
constexpr unsigned present_parts() {
  unsigned m = 1u << part_v;
  if (has_loc<F> || has_scale<F>) {
    m |= 1u << part_z | 1u << part_zz;
    if (shape_count<F> > 0) m |= 1u << part_za;
    if (shape_count<F> > 1) m |= 1u << part_zb;
    if (shape_count<F> > 2) m |= 1u << part_zc;
  }
  if (shape_count<F> > 0) m |= 1u << part_a | 1u << part_aa;
  if (shape_count<F> > 1) m |= 1u << part_b | 1u << part_bb | 1u << part_ab;
  if (shape_count<F> > 2) m |= 1u << part_c | 1u << part_cc | 1u << part_ac | 1u << part_bc;
  return m;
}

// A tile of rows at one point; the values are those of `map`, which may be a more accurate form than the terms.
template <class F>
[[gnu::noinline]] inline void jet_tile_at(const point& at, const double* x, std::size_t count, row_tile<F>& tile,
                                          jet_tile& out) {
  const auto p = jet_fields_at<F>(at);
  const auto fields = fields_at<F>(at);
  const double loc = at.loc, pivot = at.pivot, reciprocal = 1.0 / at.scale, unit = at.unit;
  const double* v = tile.observe(
      x, count, [&](double u, std::size_t) __attribute__((always_inline)) { return has_unit<F> ? u / unit : u; });
  const auto standardise = [&](double u) __attribute__((always_inline)) {
    if constexpr (has_loc<F> && !has_unit<F>) u = (u - pivot) - loc;
    if constexpr (has_scale<F>) u *= reciprocal;
    return u;
  };
  if constexpr (has_stage<F>) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) tile.e[i] = vexp(F::stage(fields, standardise(v[i])));
  }
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) jet_row<F>(p, standardise(v[i]), has_stage<F> ? tile.e[i] : 0.0, out, i);
  out.present = present_parts<F>();
}

template <class F>
inline void jets(const jet_request& q) {
  tile_source source(q.data->value);
  row_tile<F> tile;
  const std::size_t count = q.end - q.begin;
  const double* x = source.tile(q.begin, count);
  if (scalar(q.theta)) return jet_tile_at<F>(point_of<F>(theta_at<F>(q.theta, 0)), x, count, tile, *q.out);
  for (std::size_t i = 0; i < count; ++i) {
    jet_tile one;
    jet_tile_at<F>(point_of<F>(theta_at<F>(q.theta, q.begin + i)), x + i, 1, tile, one);
    for (int k = 0; k < part_count; ++k)
      if (present_parts<F>() >> k & 1u) q.out->part[k][i] = one.part[k][0];
    q.out->z[i] = one.z[0];
    q.out->present = present_parts<F>();
  }
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
