#pragma once

// Sums of values over rows with the logarithms of products: log g_1 + log g_2 + ... as one logarithm per lane and block.

#include <cstdint>

#include "sums.hpp"
#include "traits.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

constexpr double smallest_normal = 0x1p-1022;

// How many arguments are multiplied before the exponent of the product is set apart. Arguments that cannot fall below one
// lose no digits on the way, and an overflow stays infinite; other products must be looked at before they recover.
template <class R>
inline constexpr std::size_t rows_per_fold = std::is_same_v<R, ge_one_type> ? 8 : 2;
constexpr std::size_t most_rows_per_fold = 8;

// The extremes of what a lane has seen, by which a block finds out whether its sums can be trusted: everything below
// `lowest` and everything that was not finite in `check`.
template <std::size_t Width = lane_count>
struct watched_lanes {
  double lowest[Width];
  double check[Width];

  void reset() {
    for (std::size_t l = 0; l < Width; ++l) {
      lowest[l] = infinity;
      check[l] = 0.0;
    }
  }
  template <std::size_t W>
  using part_of = watched_lanes<W>;
  THETAHAT_INLINE void see(std::size_t l, double g) { lowest[l] = g < lowest[l] ? g : lowest[l]; }
  THETAHAT_INLINE void add(std::size_t l, double g) { check[l] += g; }

  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(watched_lanes<W>& part, std::size_t at, Copy copy) {
    copy(lowest + at, part.lowest);
    copy(check + at, part.check);
  }
};

// All that was seen was positive and normal, all that was added finite.
bool valid(const watched_lanes<>& watch);

// The product of the arguments so far, and the exponents that were taken out of it.
template <std::size_t Width = lane_count>
struct product_lanes {
  double product[Width];  // in [1, 2) after `fold`
  std::int64_t exponent[Width];
  watched_lanes<Width> watch;
  std::int64_t folds;  // over all lanes; each has added 1023 too much to an exponent

  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(product_lanes<W>& part, std::size_t at, Copy copy) {
    copy(product + at, part.product);
    copy(exponent + at, part.exponent);
    watch.exchange(part.watch, at, copy);
    copy.one(&folds, &part.folds);
  }

  void reset() {
    for (std::size_t l = 0; l < Width; ++l) {
      product[l] = 1.0;
      exponent[l] = 0;
    }
    watch.reset();
    folds = 0;
  }

  template <class R>
  THETAHAT_INLINE void multiply(std::size_t l, double g) {
    product[l] *= g;
    if constexpr (!std::is_same_v<R, ge_one_type>) watch.see(l, g);
  }

  template <class R>
  THETAHAT_INLINE void fold() {
#pragma omp simd
    for (std::size_t l = 0; l < Width; ++l) fold_lane<R>(l);
    folds += static_cast<std::int64_t>(Width);
  }
  template <class R>
  THETAHAT_INLINE void fold_lane(std::size_t l) {
    const double g = product[l];
    if constexpr (!std::is_same_v<R, ge_one_type>) watch.see(l, g);
    watch.add(l, g);
    const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, g);
    exponent[l] += static_cast<std::int64_t>(bits >> 52);
    product[l] = __builtin_bit_cast(double, (bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  }
};

// Adds the sum of the logarithms, after the last `fold`.
void add_log(const product_lanes<>& lanes, exact_sum& out);

// Copies lanes between the sums of a block and the part of them that a loop holds in registers.
struct load_lanes {
  template <class T, std::size_t Width>
  THETAHAT_INLINE void operator()(const T* from, T (&to)[Width]) const {
    for (std::size_t l = 0; l < Width; ++l) to[l] = from[l];
  }
  THETAHAT_INLINE void one(const std::int64_t* from, std::int64_t* to) const { *to = *from; }
};
struct store_lanes {
  template <class T, std::size_t Width>
  THETAHAT_INLINE void operator()(T* to, const T (&from)[Width]) const {
    for (std::size_t l = 0; l < Width; ++l) to[l] = from[l];
  }
  THETAHAT_INLINE void one(std::int64_t* to, const std::int64_t* from) const { *to = *from; }
};

// Sums of terms with constant coefficients; products for the rest.
template <class F, std::size_t Width = lane_count>
struct value_lanes {
  static constexpr int logs = structure_of<F>.logs;
  double sum[Width];
  double minimum[Width], maximum[Width];
  product_lanes<Width> product[logs > 0 ? logs : 1];

  template <std::size_t W>
  using part_of = value_lanes<F, W>;
  template <std::size_t W, class Copy>
  THETAHAT_INLINE void exchange(value_lanes<F, W>& part, std::size_t at, Copy copy) {
    copy(sum + at, part.sum);
    copy(minimum + at, part.minimum);
    copy(maximum + at, part.maximum);
    for (int j = 0; j < logs; ++j) product[j].exchange(part.product[j], at, copy);
  }

  void reset() {
    for (std::size_t l = 0; l < Width; ++l) {
      sum[l] = 0.0;
      minimum[l] = infinity;
      maximum[l] = -infinity;
    }
    for (int j = 0; j < logs; ++j) product[j].reset();
  }

  // Folds the products that are full after `Rows` rows; all of them after a single row.
  template <std::size_t Rows, int J = 0>
  THETAHAT_INLINE void fold() {
    if constexpr (J < logs) {
      using range = std::conditional_t<structure_of<F>.ge_one[J], ge_one_type, positive_type>;
      if constexpr (rows_per_fold<range> == Rows || Rows == 1) product[J].template fold<range>();
      fold<Rows, J + 1>();
    }
  }
};
template <class Lanes>
inline constexpr bool folds = requires { requires Lanes::logs > 0; };

template <class Lanes>
struct value_sink {
  Lanes& lanes;
  std::size_t lane;
  double sum;
  int next = 0;

  THETAHAT_INLINE void constant(double) {}
  THETAHAT_INLINE void add(double b, double t) { sum = __builtin_fma(b, t, sum); }
  template <class R>
  THETAHAT_INLINE void log(double, double g, R) {
    lanes.product[next++].template multiply<R>(lane, g);
  }
};

struct coefficient_sink {  // the parts of a sum that no row changes
  double constants = 0.0;
  double coefficient[4] = {};
  int next = 0;

  void constant(double b) { constants += b; }
  void add(double, double) {}
  template <class R>
  void log(double c, double, R) {
    coefficient[next++] = c;
  }
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
