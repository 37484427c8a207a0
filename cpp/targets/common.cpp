// Kernels that serve every family, compiled once per target.

#include "../src/dispatch.hpp"
#include "thetahat/kernels/sums.hpp"
#include "thetahat/kernels/tile.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

inline double sum_rows(const column& c, std::size_t begin, std::size_t end) {
  tile_source source(c);
  alignas(64) double lane[lane_count] = {};
  exact_sum total_sum;
  const std::size_t step = source.direct() ? block_size : tile_size;
  for (std::size_t b = begin; b < end; b += step) {
    const std::size_t count = end - b < step ? end - b : step;
    const double* x = source.tile(b, count);
    const std::size_t whole = count - count % lane_count;
    for (double& l : lane) l = 0.0;
    for (std::size_t i = 0; i < whole; i += lane_count) {
      prefetch_lanes(x + i);
#pragma omp simd
      for (std::size_t l = 0; l < lane_count; ++l) lane[l] += x[i + l];
    }
    for (std::size_t i = whole; i < count; ++i) lane[i - whole] += x[i];
    add_to(total_sum, fold_lanes(lane));
  }
  return total(total_sum);
}

inline void read_rows(const column& c, std::size_t begin, std::size_t count, double* out) {
  load_tile(c, begin, count, out);
}

// Whole numbers of a tile as table indices; false when some row is not one below count_limit.
template <class T>
inline bool integer_keys(const T* x, std::size_t count, std::uint16_t* key) {
  static_assert((count_limit & (count_limit - 1)) == 0);
  std::uint64_t high_bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto v = static_cast<std::uint64_t>(x[i]);  // a negative number becomes a huge one
    high_bits |= v & ~static_cast<std::uint64_t>(count_limit - 1);
    key[i] = static_cast<std::uint16_t>(v);
  }
  return high_bits == 0;
}
inline bool double_keys(const double* x, std::size_t count, std::uint16_t* key) {
  std::int64_t bad = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double shifted = x[i] + 0x1p52;  // holds x in its low bits when x is a whole number below 2^51
    const bool valid = (shifted - 0x1p52 == x[i]) & (x[i] >= 0.0) & (x[i] < static_cast<double>(count_limit));
    bad |= valid ? 0 : 1;
    key[i] = static_cast<std::uint16_t>(__builtin_bit_cast(std::uint64_t, shifted));
  }
  return bad == 0;
}

inline bool contiguous(const column& c, std::size_t size) {
  return c.stride == static_cast<std::ptrdiff_t>(size) && !c.swapped &&
         reinterpret_cast<std::uintptr_t>(c.data) % size == 0;
}

// Four tables take turns, so that a run of equal counts does not wait for its own stores.
inline bool count_rows(const column& c, std::size_t begin, std::size_t end, std::uint64_t* counts) {
  constexpr std::size_t tables = 4;
  static thread_local std::uint32_t table[tables][count_limit];
  for (auto& t : table) std::memset(t, 0, sizeof t);
  tile_source source(c);
  const bool int64 = c.type == dtype::int64 && contiguous(c, 8);
  const bool int32 = c.type == dtype::int32 && contiguous(c, 4);
  for (std::size_t b = begin; b < end; b += tile_size) {
    const std::size_t count = end - b < tile_size ? end - b : tile_size;
    std::uint16_t key[tile_size];
    bool valid;
    if (int64) {
      const auto* x = static_cast<const std::int64_t*>(c.data) + b;
      for (std::size_t i = 0; i < count; i += 8) __builtin_prefetch(x + i + prefetch_distance);
      valid = integer_keys(x, count, key);
    } else if (int32) {
      valid = integer_keys(static_cast<const std::int32_t*>(c.data) + b, count, key);
    } else {
      valid = double_keys(source.tile(b, count), count, key);
    }
    if (!valid) return false;
    std::size_t i = 0;
    for (; i + tables <= count; i += tables) {
      ++table[0][key[i]];
      ++table[1][key[i + 1]];
      ++table[2][key[i + 2]];
      ++table[3][key[i + 3]];
    }
    for (; i < count; ++i) ++table[0][key[i]];
  }
  for (std::size_t k = 0; k < count_limit; ++k)
    counts[k] += std::uint64_t{table[0][k]} + table[1][k] + table[2][k] + table[3][k];
  return true;
}

}  // namespace THETAHAT_TARGET

#define THETAHAT_JOIN(a, b) a##b
#define THETAHAT_NAME(a, b) THETAHAT_JOIN(a, b)
extern const common_table THETAHAT_NAME(common_, THETAHAT_TARGET);
constexpr common_table THETAHAT_NAME(common_, THETAHAT_TARGET) = {sum_rows, read_rows, count_rows};

}  // namespace thetahat
