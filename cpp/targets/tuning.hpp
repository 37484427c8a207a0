#pragma once

// Every number that was chosen by measurement on a machine. None of them changes a result.

#include <cstddef>

#include "thetahat/core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {
namespace tuning {

// Lanes that a pass over a tile carries at a time: few enough for their sums to stay in registers.
constexpr std::size_t stage_width = 8;
#if defined(__AVX512F__)
constexpr std::size_t derivative_width = 8;
constexpr int accumulators = 24;  // registers left beside what a row needs
#else
constexpr std::size_t derivative_width = 4;
constexpr int accumulators = 11;
#endif
constexpr std::size_t value_width(int logs) { return logs > 1 ? derivative_width : logs > 0 ? 8 : 32; }

// Whether values and derivatives share one loop: together their sums have to fit the registers.
constexpr bool fuse_derivatives(int sums, int logs) { return sums + 1 + logs <= accumulators; }

// Rows per tile where the data is read in place.
constexpr std::size_t long_tile = 1024;

}  // namespace tuning
}  // namespace THETAHAT_TARGET
}  // namespace thetahat
