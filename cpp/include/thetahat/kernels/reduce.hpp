#pragma once

// Sums over one chunk of rows: the log-likelihood at several points, or at one with all derivatives. Blocks take the
// logarithm of products where every argument is a positive normal number, and of every term otherwise.

#include "map.hpp"
#include "tuning.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

inline void clear(chunk_sums& s) { s = chunk_sums{}; }

// Reads rows [begin, begin + count) of a column that may be absent; an absent weight is one.
class weight_source {
 public:
  explicit weight_source(const column& c) : present_(c.data != nullptr), source_(c) {
    for (double& w : ones_) w = 1.0;
  }
  const double* tile(std::size_t begin, std::size_t count) { return present_ ? source_.tile(begin, count) : ones_; }

 private:
  bool present_;
  tile_source source_;
  alignas(64) double ones_[tile_size];
};

// ----- every term's logarithm -----------------------------------------------------------------------------------------------

// A row of weight zero is absent: it contributes nothing, even where its log density is infinite.
double weighted_sum(const double* w, const double* h, std::size_t count);
double plain_sum(const double* w, std::size_t count);

// Built at its first use: most chunks never need it.
template <class F>
class direct_state {
 public:
  row_tile<F> tile;
  alignas(64) double out[tile_size];  // log p of the rows of a tile

  // `rows` is how many the caller has.
  void map(const point& p, std::size_t rows, const double* x, std::size_t count) {
    if (!filled_) rows_.fill(p);
    filled_ = true;
    if constexpr (discrete<F>) {
      if (!counted_ && rows > count_table<F>::worth_it) counts_.fill(rows_), counted_ = true;
      if (counted_) return counts_.map_tile(rows_, x, count, out);
    }
    map_tile<F>(rows_, tile, x, count, out);
  }

 private:
  row_parameters<F> rows_;
  [[no_unique_address]] std::conditional_t<discrete<F>, count_table<F>, zero> counts_;
  bool filled_ = false, counted_ = false;
};

// One state per point, not set to zero first. <vector> would be a tenth of what a hot unit takes to compile.
template <class State>
class per_point {
 public:
  explicit per_point(int count) : first_(new State[static_cast<std::size_t>(count)]) {}
  per_point(const per_point&) = delete;
  per_point& operator=(const per_point&) = delete;
  ~per_point() { delete[] first_; }
  State& operator[](int k) { return first_[k]; }

 private:
  State* first_;
};

// Sum of w log p, the Jacobians of scale and observation included.
template <class F>
[[gnu::noinline]] inline void direct_value(std::size_t begin, std::size_t end, const point& p, direct_state<F>& state,
                                           tile_source& source, weight_source& weights, chunk_sums& out) {
  for (std::size_t i = begin; i < end; i += tile_size) {
    const std::size_t count = end - i < tile_size ? end - i : tile_size;
    const double* x = source.tile(i, count);
    const double* w = weights.tile(i, count);
    state.map(p, end - begin, x, count);
    add_to(out.sum[value_], weighted_sum(w, state.out, count));
  }
}

// Adds the sums of a tile's derivatives.
void add_parts(const jet_tile& t, const double* w, std::size_t count, bool loc, chunk_sums& out);

template <class F>
[[gnu::noinline]] inline void direct_derivatives(std::size_t begin, std::size_t end, const point& p,
                                                 direct_state<F>& state, tile_source& source, weight_source& weights,
                                                 chunk_sums& out) {
  jet_tile jets;
  for (std::size_t i = begin; i < end; i += tile_size) {
    const std::size_t count = end - i < tile_size ? end - i : tile_size;
    const double* x = source.tile(i, count);
    const double* w = weights.tile(i, count);
    state.map(p, end - begin, x, count);
    add_to(out.sum[value_], weighted_sum(w, state.out, count));
    jet_tile_at<F>(p, x, count, state.tile, jets);
    add_parts(jets, w, count, has_loc<F>, out);
  }
}

// ----- products -------------------------------------------------------------------------------------------------------------

// The tile of the hot loops: no columns of parameters, one point.
struct hot_tile {
  alignas(64) double v[tile_size];
  alignas(64) double e[tile_size];
  watched_lanes<> watch;  // of the arguments of log x
};

template <class F>
struct standardiser {
  double loc, pivot, reciprocal, unit;
  standardiser() = default;
  explicit standardiser(const point& p)
      : loc(p.loc), pivot(p.pivot), reciprocal(1.0 / p.scale), unit(has_lowest_z<F> ? p.unit : 1.0 / p.unit) {}
  // Divided where the unit is the lower end of the support, which has to come out as one.
  THETAHAT_INLINE double in_units(double x) const {
    if constexpr (!has_unit<F>) return x;
    else if constexpr (has_lowest_z<F>) return x / unit;
    else return x * unit;
  }
  THETAHAT_INLINE double operator()(double v) const {
    if constexpr (has_loc<F> && !has_unit<F>) v = (v - pivot) - loc;
    if constexpr (has_scale<F>) v *= reciprocal;
    return v;
  }
};

// log x in the hot loops, for positive normal numbers; `watch` tells of others.
template <class Watch>
THETAHAT_INLINE double observe(double x, Watch& watch, std::size_t l) {
  watch.see(l, x);
  watch.add(l, x);
  return vlog_positive(x);
}

template <class F, class P>
THETAHAT_INLINE double stage_point(const P& p, const standardiser<F>& s, double v) {
  if constexpr (has_stage<F>) return vexp_moderate(F::stage(p, s(v)));
  else return 0.0;
}

template <bool Lower, bool Upper, class Lanes>
THETAHAT_INLINE void track_range(Lanes& lanes, std::size_t l, double x) {
  if constexpr (Lower) lanes.minimum[l] = x < lanes.minimum[l] ? x : lanes.minimum[l];
  if constexpr (Upper) lanes.maximum[l] = x > lanes.maximum[l] ? x : lanes.maximum[l];
}

// What a row adds to the sums of values beside its terms.
template <class F, class Lanes>
THETAHAT_INLINE void finish_value(double x, double v, double z, double sum, Lanes& lanes, std::size_t l) {
  track_range<tracks_lower<F>, tracks_upper<F>>(lanes, l, has_lowest_z<F> ? z : x);
  lanes.sum[l] = F::info.observed == observed::log ? sum - v : sum;
}

template <class F, class P, class Lanes>
THETAHAT_INLINE void value_point(const P& p, const standardiser<F>& s, double x, double v, double e, Lanes& lanes,
                                 std::size_t l) {
  const double z = s(v);
  value_sink<Lanes> sink{lanes, l, lanes.sum[l]};
  F::terms(p, z, e, sink);
  finish_value<F>(x, v, z, sink.sum, lanes, l);
}

template <class F, class P, class Sink>
THETAHAT_INLINE void jet_terms(const P& p, double z, double e, Sink& sink) {
  const auto zj = z_variable<F>(z);
  if constexpr (has_stage<F>) F::terms(p, zj, staged(e, F::stage(p, zj)), sink);
  else F::terms(p, zj, 0.0, sink);
}
template <class F, class P, class Lanes>
THETAHAT_INLINE void derivative_point(const P& p, const standardiser<F>& s, double v, double e, Lanes& lanes,
                                      std::size_t l) {
  const double z = s(v);
  derivative_sink<F, Lanes> sink{lanes, l, z};
  jet_terms<F>(p, z, e, sink);
}
template <class F, class P, class Lanes>
THETAHAT_INLINE void value_and_derivative_point(const P& p, const standardiser<F>& s, double x, double v, double e,
                                                Lanes& lanes, std::size_t l) {
  const double z = s(v);
  value_sink<decltype(lanes.value)> values{lanes.value, l, lanes.value.sum[l]};
  derivative_sink<F, decltype(lanes.derivative)> derivatives{lanes.derivative, l, z};
  both_sinks sink{values, derivatives};
  jet_terms<F>(p, z, e, sink);
  finish_value<F>(x, v, z, values.sum, lanes.value, l);
}

template <class F>
inline constexpr bool buffered = F::info.observed == observed::log || has_stage<F>;

// Runs `body(lanes, row, lane)` over the rows of a tile, Width lanes at a time, so that their sums stay in registers;
// products are folded in between. Memory is asked for the next tile at an even pace.
template <std::size_t Width, bool Prefetch, class Lanes, class Body>
THETAHAT_INLINE void over_parts(Lanes& lanes, [[maybe_unused]] const double* x, std::size_t count, Body body) {
  constexpr std::size_t group = most_rows_per_fold * lane_count;
  [[maybe_unused]] const double* ahead = x + prefetch_distance;
  const auto row = [&](auto& part, std::size_t i) __attribute__((always_inline)) {
    if constexpr (Prefetch) {
      for (std::size_t l = 0; l < Width; l += 8) __builtin_prefetch(ahead + l);
      ahead += Width;
    }
#pragma omp simd
    for (std::size_t l = 0; l < Width; ++l) body(part, i + l, l);
  };
  for (std::size_t g = 0; g < lane_count; g += Width) {
    typename Lanes::template part_of<Width> part;
    lanes.template exchange<Width>(part, g, load_lanes{});
    std::size_t i = g;
    if constexpr (folds<decltype(part)>) {
      for (; i + group <= count + g; i += group) {
        for (std::size_t r = 0; r < most_rows_per_fold; r += 2) {
          row(part, i + r * lane_count);
          row(part, i + (r + 1) * lane_count);
          part.template fold<2>();
        }
        part.template fold<most_rows_per_fold>();
      }
    }
    for (; i < count; i += lane_count) {
      row(part, i);
      if constexpr (folds<decltype(part)>) part.template fold<1>();
    }
    lanes.template exchange<Width>(part, g, store_lanes{});
  }
}

// Runs `consume(x, v, e, count)` over the tiles of rows [begin, end), a multiple of lane_count of them: the rows, what
// the family observes of them, and the staged exponentials.
template <class F, class Source, class Stage, class Consume>
THETAHAT_INLINE void over_tiles(Source& source, hot_tile& tile, const standardiser<F>& s, std::size_t begin,
                                std::size_t end, Stage stage, Consume consume) {
  const std::size_t step = !buffered<F> && source.direct() ? tuning::long_tile : tile_size;
  tile.watch.reset();
  for (std::size_t t = begin; t < end; t += step) {
    const std::size_t count = end - t < step ? end - t : step;
    const double* x = source.tile(t, count);
    const double* v = x;
    if constexpr (F::info.observed == observed::log) {
      over_parts<tuning::stage_width, true>(
          tile.watch, x, count, [&](auto& part, std::size_t i, std::size_t l) __attribute__((always_inline)) {
        tile.v[i] = observe(s.in_units(x[i]), part, l);
      });
      v = tile.v;
    }
    if constexpr (has_stage<F>) {
      for (std::size_t i = 0; i < count; i += lane_count) {
        if constexpr (F::info.observed == observed::identity) prefetch_lanes(x + i);
#pragma omp simd
        for (std::size_t l = 0; l < lane_count; ++l) tile.e[i + l] = stage(v[i + l]);
      }
    }
    consume(x, v, tile.e, count);
  }
}

// Runs `body(x, v, e, part, lane)` over a tile.
template <class F, std::size_t Width, bool Prefetch, class Lanes, class Body>
THETAHAT_INLINE void over_lanes(Lanes& lanes, const double* x, const double* v, const double* e, std::size_t count,
                                Body body) {
  over_parts<Width, Prefetch && !buffered<F>>(
      lanes, x, count, [&](auto& part, std::size_t i, std::size_t l) __attribute__((always_inline)) {
    body(x[i], v[i], has_stage<F> ? e[i] : 0.0, part, l);
  });
}

double least(const double* lane);
double greatest(const double* lane);

template <bool Lower, bool Upper, class Lanes>
inline bool in_range(const Lanes& lanes, const support_set& s) {
  bool in = true;
  if constexpr (Lower) {
    const double low = least(lanes.minimum);
    in &= s.lower_closed ? low >= s.lower : low > s.lower;
  }
  if constexpr (Upper) {
    const double high = greatest(lanes.maximum);
    in &= s.upper_closed ? high <= s.upper : high < s.upper;
  }
  return in;
}

// Whether every row of the block was inside the domain of the forms that the hot loops use.
template <class F, class Lanes>
inline bool block_valid(const Lanes& lanes, const hot_tile& tile) {
  bool all = valid(tile.watch);
  for (int j = 0; j < structure_of<F>.logs; ++j) all &= valid(lanes.product[j].watch);
  return all && in_range<tracks_lower<F>, tracks_upper<F>>(lanes, tracked_support<F>);
}

// The staged exponential of the hot loops stops growing at exp(709): sums that large are left to the direct form.
inline bool moderate(double sum) { return __builtin_fabs(sum) < 1e300; }

// One of the points at which a pass evaluates the log-likelihood.
template <class F>
struct value_state {
  static constexpr int logs = structure_of<F>.logs;
  fields_of<F> fields;
  standardiser<F> standardise;
  exact_sum sum;
  exact_sum log_sum[logs > 0 ? logs : 1];
  double rows = 0.0;

  value_state() = default;
  explicit value_state(const point& p) : fields(fields_at<F>(p)), standardise(p) {}

  void join(const point& p, exact_sum& out) const {
    coefficient_sink c;
    F::terms(fields, 1.0, 1.0, c);
    add_to(out, sum.high);
    add_to(out, sum.low);
    add_to(out, rows * c.constants);
    if constexpr (has_scale<F>) add_to(out, -rows * vlog(p.scale));
    if constexpr (has_unit<F>) add_to(out, -rows * vlog(p.unit));
    for (int j = 0; j < logs; ++j) {
      add_to(out, c.coefficient[j] * log_sum[j].high);
      add_to(out, c.coefficient[j] * log_sum[j].low);
    }
  }
};

template <class F>
inline void product_block(value_state<F>& state, const reduce_request& q, int k, std::size_t begin, std::size_t end,
                          tile_source& source, weight_source& weights, direct_state<F>& direct) {
  constexpr int logs = structure_of<F>.logs;
  const fields_of<F> p = state.fields;
  const standardiser<F> s = state.standardise;
  hot_tile tile;
  value_lanes<F> lanes;
  lanes.reset();
  over_tiles<F>(source, tile, s, begin, end, [&](double v) __attribute__((always_inline)) {
    return stage_point<F>(p, s, v);
  }, [&](const double* xs, const double* vs, const double* es, std::size_t count) __attribute__((always_inline)) {
    over_lanes<F, tuning::value_width(logs), true>(
        lanes, xs, vs, es, count,
        [&](double x, double v, double e, auto& part, std::size_t l)
            __attribute__((always_inline)) { value_point<F>(p, s, x, v, e, part, l); });
  });
  const double sum = fold_lanes(lanes.sum);
  if (!block_valid<F>(lanes, tile) || !moderate(sum))
    return direct_value<F>(begin, end, q.points[k], direct, source, weights, q.out[k]);
  add_to(state.sum, sum);
  for (int j = 0; j < logs; ++j) add_log(lanes.product[j], state.log_sum[j]);
  state.rows += static_cast<double>(end - begin);
}

template <class F>
inline void product_derivatives(const reduce_request& q, std::size_t whole, tile_source& source, weight_source& weights,
                                direct_state<F>& direct) {
  constexpr int logs = structure_of<F>.logs;
  constexpr auto& layout = layout_of<F>;
  const point& at = q.points[0];
  const auto p = jet_fields_at<F>(at);
  const auto values = fields_at<F>(at);
  const standardiser<F> s(at);

  exact_sum sum[set_count<F>][component_count];
  exact_sum log_sum[logs > 0 ? logs : 1];
  double rows = 0.0;
  value_and_derivative_lanes<F> lanes;
  hot_tile tile;
  for (std::size_t b = q.begin; b < whole; b += block_size) {
    const std::size_t end = whole - b < block_size ? whole : b + block_size;
    lanes.reset();
    over_tiles<F>(source, tile, s, b, end, [&](double v) __attribute__((always_inline)) {
      return stage_point<F>(values, s, v);
    }, [&](const double* xs, const double* vs, const double* es, std::size_t count) __attribute__((always_inline)) {
      if constexpr (tuning::fuse_derivatives(layout.count, logs)) {
        over_lanes<F, tuning::derivative_width, true>(
            lanes, xs, vs, es, count,
            [&](double x, double v, double e, auto& part, std::size_t l)
                __attribute__((always_inline)) { value_and_derivative_point<F>(p, s, x, v, e, part, l); });
      } else {
        over_lanes<F, tuning::value_width(logs), true>(
            lanes.value, xs, vs, es, count,
            [&](double x, double v, double e, auto& part, std::size_t l)
                __attribute__((always_inline)) { value_point<F>(values, s, x, v, e, part, l); });
        over_lanes<F, tuning::derivative_width, false>(
            lanes.derivative, xs, vs, es, count,
            [&](double, double v, double e, auto& part, std::size_t l)
                __attribute__((always_inline)) { derivative_point<F>(p, s, v, e, part, l); });
      }
    });
    double folded[layout.count > 0 ? layout.count : 1] = {};
    const double value_sum = fold_lanes(lanes.value.sum);
    bool valid = block_valid<F>(lanes.value, tile) && moderate(value_sum);
    for (int k = 0; k < layout.count; ++k) {
      folded[k] = fold_lanes(lanes.derivative.part[k]);
      valid = valid && moderate(folded[k]);
    }
    if (!valid) {
      direct_derivatives<F>(b, end, at, direct, source, weights, q.out[0]);
      continue;
    }
    for (int k = 0; k < set_count<F>; ++k)
      for (int c = 0; c < component_count; ++c)
        if (layout.slot[k][c] >= 0) add_to(sum[k][c], folded[layout.slot[k][c]]);
    add_to(sum[0][value_], value_sum);
    for (int j = 0; j < logs; ++j) add_log(lanes.value.product[j], log_sum[j]);
    rows += static_cast<double>(end - b);
  }
  joining_sink<F> join{sum, log_sum, rows, q.out[0]};
  F::terms(p, z_variable<F>(1.0), z_variable<F>(1.0), join);
  join.shared();
  if constexpr (has_scale<F>) add_to(q.out[0].sum[value_], -rows * vlog(at.scale));
  if constexpr (has_unit<F>) add_to(q.out[0].sum[value_], -rows * vlog(at.unit));
}

// ----- entry points -----------------------------------------------------------------------------------------------------------

template <class F>
inline bool use_products(const reduce_request& q) {
  if (discrete<F> || q.direct || q.data->weight.data != nullptr) return false;
  if constexpr (requires { F::admissible(q.points[0]); }) {
    for (int k = 0; k < q.count; ++k)
      if (!F::admissible(q.points[k])) return false;
  }
  return true;
}

// The sum of the weights, for every point.
void add_weights(const reduce_request& q, weight_source& weights);

template <class F>
inline void values(const reduce_request& q) {
  tile_source source(q.data->value);
  weight_source weights(q.data->weight);
  per_point<direct_state<F>> direct(q.count);
  for (int k = 0; k < q.count; ++k) clear(q.out[k]);
  add_weights(q, weights);
  std::size_t whole = q.begin;
  if (use_products<F>(q)) {
    whole = q.end - (q.end - q.begin) % lane_count;
    per_point<value_state<F>> states(q.count);
    for (int k = 0; k < q.count; ++k) states[k] = value_state<F>(q.points[k]);
    for (std::size_t b = q.begin; b < whole; b += block_size) {
      const std::size_t end = whole - b < block_size ? whole : b + block_size;
      for (int k = 0; k < q.count; ++k) product_block<F>(states[k], q, k, b, end, source, weights, direct[k]);
    }
    for (int k = 0; k < q.count; ++k) states[k].join(q.points[k], q.out[k].sum[value_]);
  }
  for (int k = 0; k < q.count; ++k) direct_value<F>(whole, q.end, q.points[k], direct[k], source, weights, q.out[k]);
}

template <class F>
inline void derivatives(const reduce_request& q) {
  tile_source source(q.data->value);
  weight_source weights(q.data->weight);
  direct_state<F> direct;
  clear(q.out[0]);
  add_weights(q, weights);
  std::size_t whole = q.begin;
  if constexpr (!discrete<F>) {
    if (use_products<F>(q)) {
      whole = q.end - (q.end - q.begin) % lane_count;
      product_derivatives<F>(q, whole, source, weights, direct);
    }
  }
  direct_derivatives<F>(whole, q.end, q.points[0], direct, source, weights, q.out[0]);
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
