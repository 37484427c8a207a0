#pragma once

// Every number that was chosen by measurement on a machine. None of them changes a result.

#include <cstddef>

#include "thetahat/core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {
namespace tuning {

// Lanes that a pass over a tile carries at a time: few enough for their sums to stay in registers.
constexpr std::size_t value_width(int logs) { return logs > 0 ? 8 : 32; }
#if defined(__AVX512F__)
constexpr std::size_t derivative_width = 8;
#else
constexpr std::size_t derivative_width = 4;
#endif

// Rows per tile where the data is read in place.
constexpr std::size_t long_tile = 1024;

}  // namespace tuning
}  // namespace THETAHAT_TARGET
}  // namespace thetahat
