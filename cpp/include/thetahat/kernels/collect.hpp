#pragma once

// Sufficient statistics of one chunk in one pass. The pass depends on a family only through the sums that it needs and on
// what it observes, so that families share it.

#include "reduce.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

template <unsigned Needed, std::size_t Width = lane_count>
struct statistic_lanes {
  static constexpr int logs = bool(Needed & needs_log) + bool(Needed & needs_log_complement);
  double sum[Width], square[Width], ratio[Width];
  double minimum[Width], maximum[Width];
  product_lanes<Width> log, log_complement;

  void reset() {
    for (std::size_t l = 0; l < Width; ++l) {
      sum[l] = square[l] = ratio[l] = 0.0;
      minimum[l] = infinity;
      maximum[l] = -infinity;
    }
    log.reset();
    log_complement.reset();
  }

  template <std::size_t W>
  using part_of = statistic_lanes<Needed, W>;
  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(statistic_lanes<Needed, W>& part, std::size_t at, Copy copy) {
    copy(minimum + at, part.minimum);
    copy(maximum + at, part.maximum);
    if constexpr (Needed & needs_sum) copy(sum + at, part.sum);
    if constexpr (Needed & needs_square) copy(square + at, part.square);
    if constexpr (Needed & needs_ratio) copy(ratio + at, part.ratio);
    if constexpr (Needed & needs_log) log.exchange(part.log, at, copy);
    if constexpr (Needed & needs_log_complement) log_complement.exchange(part.log_complement, at, copy);
  }
  template <std::size_t Rows>
  THETAHAT_INLINE void fold() {
    if constexpr (rows_per_fold<positive_type> != Rows && Rows != 1) return;
    if constexpr (Needed & needs_log) log.template fold<positive_type>();
    if constexpr (Needed & needs_log_complement) log_complement.template fold<positive_type>();
  }
};

template <unsigned Needed, class Lanes>
THETAHAT_INLINE void statistic_point(double pivot, double x, double v, Lanes& s, std::size_t l) {
  track_range<true, true>(s, l, x);
  const double d = v - pivot;
  if constexpr (Needed & needs_sum) s.sum[l] += d;
  if constexpr (Needed & needs_square) s.square[l] = __builtin_fma(d, d, s.square[l]);
  if constexpr (Needed & needs_ratio) s.ratio[l] = __builtin_fma(d, d / v, s.ratio[l]);
  if constexpr (Needed & needs_log) s.log.template multiply<positive_type>(l, x);
  if constexpr (Needed & needs_log_complement) s.log_complement.template multiply<positive_type>(l, 1.0 - x);
}

inline void statistic_extremes(double low, double high, chunk_statistics& out) {
  out.minimum = low < out.minimum ? low : out.minimum;
  out.maximum = high > out.maximum ? high : out.maximum;
}

// Every logarithm taken and weighted: for weights, and for blocks with an argument that a product cannot hold.
template <unsigned Needed, observed Observed>
inline void collect_direct(const statistics_request& q, std::size_t begin, std::size_t end, tile_source& source,
                           weight_source& weights) {
  chunk_statistics& out = *q.out;
  alignas(64) double logs[tile_size];
  for (std::size_t t = begin; t < end; t += tile_size) {
    const std::size_t count = end - t < tile_size ? end - t : tile_size;
    const double* x = source.tile(t, count);
    const double* v =
        observe_tile<Observed>(x, count, logs, [](double u, std::size_t) __attribute__((always_inline)) { return u; });
    const double* w = weights.tile(t, count);
    alignas(64) double term[tile_size];
    const auto put = [&](exact_sum& s, auto f) {
      for (std::size_t i = 0; i < count; ++i) term[i] = f(i);
      add_to(s, weighted_sum(w, term, count));
    };
    double rows = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
      if (w[i] == 0.0) continue;
      ++rows;
      statistic_extremes(x[i], x[i], out);
    }
    add_to(out.rows, rows);
    add_to(out.weight, plain_sum(w, count));
    const auto centred = [&](std::size_t i) { return v[i] - q.pivot; };
    if constexpr (Needed & needs_sum) put(out.sum, centred);
    if constexpr (Needed & needs_square) put(out.square, [&](std::size_t i) { return centred(i) * centred(i); });
    if constexpr (Needed & needs_ratio) put(out.ratio, [&](std::size_t i) { return centred(i) * (centred(i) / v[i]); });
    if constexpr (Needed & needs_log) put(out.log, [&](std::size_t i) { return vlog(x[i]); });
    if constexpr (Needed & needs_log_complement) put(out.log_complement, [&](std::size_t i) { return vlog1p(-x[i]); });
  }
}

template <unsigned Needed, observed Observed>
inline bool collect_block(const statistics_request& q, std::size_t begin, std::size_t end, tile_source& source,
                          hot_tile& tile) {
  constexpr bool transformed = Observed == observed::log && (Needed & needs_sum);
  chunk_statistics& out = *q.out;
  const double pivot = q.pivot;
  statistic_lanes<Needed> s;
  s.reset();
  tile.watch.reset();
  for (std::size_t t = begin; t < end; t += tile_size) {
    const std::size_t count = end - t < tile_size ? end - t : tile_size;
    const double* x = source.tile(t, count);
    const double* v = x;
    if constexpr (transformed) {
      over_parts<tuning::stage_width, true>(tile.watch, x, count,
                                            [&](auto& part, std::size_t i, std::size_t l)
                                                __attribute__((always_inline)) { tile.v[i] = observe(x[i], part, l); });
      v = tile.v;
    }
    over_parts<tuning::value_width(decltype(s)::logs), !transformed>(
        s, x, count, [&](auto& part, std::size_t i, std::size_t l) __attribute__((always_inline)) {
      statistic_point<Needed>(pivot, x[i], v[i], part, l);
    });
  }
  bool in_domain = valid(s.log.watch) && valid(s.log_complement.watch) && valid(tile.watch);
  const double sum = fold_lanes(s.sum), square = fold_lanes(s.square), ratio = fold_lanes(s.ratio);
  in_domain = in_domain && __builtin_fabs(sum) < infinity && __builtin_fabs(square) < infinity &&
              __builtin_fabs(ratio) < infinity;
  if (!in_domain) return false;
  for (std::size_t l = 0; l < lane_count; ++l) statistic_extremes(s.minimum[l], s.maximum[l], out);
  const double rows = static_cast<double>(end - begin);
  add_to(out.weight, rows);
  add_to(out.rows, rows);
  add_to(out.sum, sum);
  add_to(out.square, square);
  add_to(out.ratio, ratio);
  if constexpr (Needed & needs_log) add_log(s.log, out.log);
  if constexpr (Needed & needs_log_complement) add_log(s.log_complement, out.log_complement);
  return true;
}

template <unsigned Needed, observed Observed>
void collect(const statistics_request& q) {
  *q.out = chunk_statistics{};
  q.out->minimum = infinity;
  q.out->maximum = -infinity;
  tile_source source(q.data->value);
  weight_source weights(q.data->weight);
  std::size_t whole = q.begin;
  if (q.data->weight.data == nullptr) {
    whole = q.end - (q.end - q.begin) % lane_count;
    hot_tile tile;
    for (std::size_t b = q.begin; b < whole; b += block_size) {
      const std::size_t end = whole - b < block_size ? whole : b + block_size;
      if (!collect_block<Needed, Observed>(q, b, end, source, tile))
        collect_direct<Needed, Observed>(q, b, end, source, weights);
    }
  }
  collect_direct<Needed, Observed>(q, whole, q.end, source, weights);
}

// What most families need is compiled once, in cpp/targets/collect.cpp; anything else in the family's own unit.
#define THETAHAT_FOR_EACH_COLLECT(X) \
  X(needs_sum, observed::identity) \
  X(needs_sum | needs_square, observed::identity) \
  X(needs_sum | needs_log, observed::identity) \
  X(needs_sum | needs_ratio | needs_log, observed::identity) \
  X(needs_log, observed::identity) \
  X(needs_log | needs_log_complement, observed::identity) \
  X(needs_log, observed::log) \
  X(needs_sum | needs_square, observed::log)
#define THETAHAT_COLLECT_ELSEWHERE(needed, what) \
  extern template void collect<(needed), what>(const statistics_request&);
THETAHAT_FOR_EACH_COLLECT(THETAHAT_COLLECT_ELSEWHERE)
#undef THETAHAT_COLLECT_ELSEWHERE

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
