#pragma once

// Summation: fixed lanes inside a block, a fixed tree over the lanes, error-free transformation over the blocks.

#include "../core/hot_table.hpp"
#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

THETAHAT_INLINE void add_to(exact_sum& s, double x) {  // Knuth's TwoSum
  const double t = s.high + x;
  const double b = t - s.high;
  s.low += (s.high - (t - b)) + (x - b);
  s.high = t;
}

THETAHAT_INLINE double total(const exact_sum& s) {
  // An infinite total leaves a NaN in the error term; the infinity itself is the answer.
  return s.high - s.high == 0.0 ? s.high + s.low : s.high;
}

double fold_lanes(const double* lane);  // of lane_count of them

constexpr std::size_t prefetch_distance = 512;  // doubles: 4 KiB

THETAHAT_INLINE void prefetch_lanes(const double* x) {
  __builtin_prefetch(x + prefetch_distance);
  __builtin_prefetch(x + prefetch_distance + 8);
  __builtin_prefetch(x + prefetch_distance + 16);
  __builtin_prefetch(x + prefetch_distance + 24);
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
