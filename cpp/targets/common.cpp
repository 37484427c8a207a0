// Kernels that serve every family, compiled once per target.

#include "../src/dispatch.hpp"
#include "thetahat/kernels/panels.hpp"
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

// Where the rows lie that will be read some tiles later: a body asks for a line of them at every eighth row, an even pace
// that memory can follow.
struct rows_ahead {
  const char* address;
  std::size_t step;  // bytes of eight rows
  void prefetch(std::size_t row) const { __builtin_prefetch(address + row / 8 * step); }
};

// Calls body(key, count, ahead) with the whole numbers of a tile of rows; false when some row is not one below
// count_limit.
template <class Body>
inline bool over_keys(const column& c, std::size_t begin, std::size_t end, Body body) {
  tile_source source(c);
  const bool int64 = c.type == dtype::int64 && contiguous(c, 8);
  const bool int32 = c.type == dtype::int32 && contiguous(c, 4);
  for (std::size_t b = begin; b < end; b += tile_size) {
    const std::size_t count = end - b < tile_size ? end - b : tile_size;
    std::uint16_t key[tile_size];
    bool valid;
    rows_ahead ahead{};
    const auto look_ahead = [&](const auto* x) {
      ahead = {reinterpret_cast<const char*>(x + prefetch_distance), 8 * sizeof *x};
      return x;
    };
    if (int64) valid = integer_keys(look_ahead(static_cast<const std::int64_t*>(c.data) + b), count, key);
    else if (int32) valid = integer_keys(look_ahead(static_cast<const std::int32_t*>(c.data) + b), count, key);
    else valid = double_keys(look_ahead(source.tile(b, count)), count, key);
    if (!valid) return false;
    body(key, count, ahead);
  }
  return true;
}

// Four tables take turns, so that a run of equal counts does not wait for its own stores.
inline bool count_rows(const column& c, std::size_t begin, std::size_t end, std::uint64_t* counts) {
  constexpr std::size_t tables = 4;
  using row = std::uint32_t[count_limit];
  static thread_local std::uint32_t storage[tables][count_limit];
  row* const table = storage;  // the address of a thread's own variable costs a call each time
  std::memset(table, 0, sizeof storage);
  const bool valid = over_keys(c, begin, end, [&](const std::uint16_t* key, std::size_t count, rows_ahead ahead) {
    std::size_t i = 0;
    for (; i + tables <= count; i += tables) {
      if (i % 8 == 0) ahead.prefetch(i);
      ++table[0][key[i]];
      ++table[1][key[i + 1]];
      ++table[2][key[i + 2]];
      ++table[3][key[i + 3]];
    }
    for (; i < count; ++i) ++table[0][key[i]];
  });
  if (!valid) return false;
  for (std::size_t k = 0; k < count_limit; ++k)
    counts[k] += std::uint64_t{table[0][k]} + table[1][k] + table[2][k] + table[3][k];
  return true;
}

// The same lanes and blocks as every other sum.
inline bool look_up_rows(const column& c, std::size_t begin, std::size_t end, const double* table, exact_sum& out) {
  double lane[lane_count] = {};
  std::size_t in_block = 0;
  exact_sum sum;
  const auto flush = [&] {
    add_to(sum, fold_lanes(lane));
    for (double& l : lane) l = 0.0;
    in_block = 0;
  };
  const bool valid = over_keys(c, begin, end, [&](const std::uint16_t* key, std::size_t count, rows_ahead ahead) {
    const std::size_t whole = count - count % lane_count;
    for (std::size_t g = 0; g < lane_count; g += 8) {  // eight sums in registers at a time
      double s[8];
      for (std::size_t l = 0; l < 8; ++l) s[l] = lane[g + l];
      for (std::size_t i = g; i < whole; i += lane_count) {
        ahead.prefetch(g * (whole / lane_count) + i / lane_count * 8);
        for (std::size_t l = 0; l < 8; ++l) s[l] += table[key[i + l]];
      }
      for (std::size_t l = 0; l < 8; ++l) lane[g + l] = s[l];
    }
    for (std::size_t i = whole; i < count; ++i) lane[i - whole] += table[key[i]];
    in_block += count;
    if (in_block == block_size) flush();
  });
  flush();
  out = sum;
  return valid;
}

inline void widen_by_rows(const column& c, std::size_t begin, std::size_t end, extent& all) {
  tile_source source(c);
  alignas(64) double low[lane_count], high[lane_count], check[lane_count];
  for (std::size_t l = 0; l < lane_count; ++l) low[l] = all.low, high[l] = all.high, check[l] = 0.0;
  for (std::size_t b = begin; b < end; b += tile_size) {
    const std::size_t count = end - b < tile_size ? end - b : tile_size;
    const double* x = source.tile(b, count);
    const auto see = [&](std::size_t i, std::size_t l) __attribute__((always_inline)) {
      low[l] = x[i] < low[l] ? x[i] : low[l];
      high[l] = x[i] > high[l] ? x[i] : high[l];
      check[l] += x[i] - x[i];
    };
    const std::size_t whole = count - count % lane_count;
    for (std::size_t i = 0; i < whole; i += lane_count) {
      prefetch_lanes(x + i);
#pragma omp simd
      for (std::size_t l = 0; l < lane_count; ++l) see(i + l, l);
    }
    for (std::size_t i = whole; i < count; ++i) see(i, i - whole);
  }
  for (std::size_t l = 0; l < lane_count; ++l) {
    all.low = low[l] < all.low ? low[l] : all.low;
    all.high = high[l] > all.high ? high[l] : all.high;
    all.finite &= check[l] == 0.0;
  }
}

// Most rows are outside [low, high].
inline std::size_t split_rows(const column& c, std::size_t begin, std::size_t end, double low, double high,
                              double* inside, std::size_t& below) {
  tile_source source(c);
  std::size_t found = 0;
  below = 0;
  for (std::size_t b = begin; b < end; b += tile_size) {
    const std::size_t count = end - b < tile_size ? end - b : tile_size;
    const double* x = source.tile(b, count);
    std::int64_t less = 0;
    for (std::size_t i = 0; i < count; ++i) less += x[i] < low ? 1 : 0;
    below += static_cast<std::size_t>(less);
    for (std::size_t i = 0; i < count; i += 8) {
      if (i % 32 == 0) prefetch_lanes(x + i);
      const std::size_t stop = count - i < 8 ? count - i : 8;
      bool any = false;
      for (std::size_t k = 0; k < stop; ++k) any |= (x[i + k] >= low) & (x[i + k] <= high);
      if (!any) continue;
      for (std::size_t k = i; k < i + stop; ++k)
        if (x[k] >= low && x[k] <= high) inside[found++] = x[k];
    }
  }
  return found;
}

template <class T>
inline std::size_t inexact_integer(const column& c, std::size_t begin, std::size_t end) {
  constexpr T most = T{1} << 53;
  const auto beyond = [](T v) __attribute__((always_inline)) {
    if constexpr (std::is_signed_v<T>) return (v > most) | (v < -most);
    else return v > most;
  };
  std::size_t i = begin;
  if (contiguous(c, sizeof(T))) {  // tiles without such a row are passed over whole
    const T* x = static_cast<const T*>(c.data);
    for (; end - i >= tile_size; i += tile_size) {
      T any = 0;
      for (std::size_t k = i; k < i + tile_size; ++k) any |= beyond(x[k]) ? T{1} : T{0};
      if (any) break;
    }
  }
  const auto* at = static_cast<const unsigned char*>(c.data);
  for (; i < end; ++i)
    if (beyond(read_value<T>(at + static_cast<std::ptrdiff_t>(i) * c.stride, c.swapped))) return i;
  return end;
}
inline std::size_t first_inexact(const column& c, std::size_t begin, std::size_t end) {
  return c.type == dtype::int64    ? inexact_integer<std::int64_t>(c, begin, end)
         : c.type == dtype::uint64 ? inexact_integer<std::uint64_t>(c, begin, end)
                                   : end;
}

inline void look_at_rows(const double* lower, const double* upper, std::size_t count, survey& all) {
  double bad = 0.0, exact = 0.0, left = 0.0, right = 0.0, unknown = 0.0;
  double least_upper = all.least_upper, greatest_lower = all.greatest_lower;
  double least_exact = all.least_exact, greatest_exact = all.greatest_exact;
#pragma omp simd reduction(+ : bad, exact, left, right, unknown) reduction(min : least_upper, least_exact) \
    reduction(max : greatest_lower, greatest_exact)
  for (std::size_t i = 0; i < count; ++i) {
    const double a = lower[i], b = upper[i];
    const bool known = a == b, below = a == -infinity, above = b == infinity;
    bad += ((a <= b) & !(known & (below | (a == infinity)))) ? 0.0 : 1.0;
    exact += known ? 1.0 : 0.0;
    left += (below & !above & !known) ? 1.0 : 0.0;
    right += (above & !below & !known) ? 1.0 : 0.0;
    unknown += (below & above) ? 1.0 : 0.0;
    const double low_known = known ? a : infinity, high_known = known ? a : -infinity;
    least_upper = b < least_upper ? b : least_upper;
    greatest_lower = a > greatest_lower ? a : greatest_lower;
    least_exact = low_known < least_exact ? low_known : least_exact;
    greatest_exact = high_known > greatest_exact ? high_known : greatest_exact;
  }
  all.valid &= bad == 0.0;
  all.exact += static_cast<std::size_t>(exact);
  all.left += static_cast<std::size_t>(left);
  all.right += static_cast<std::size_t>(right);
  all.unknown += static_cast<std::size_t>(unknown);
  all.least_upper = least_upper;
  all.greatest_lower = greatest_lower;
  all.least_exact = least_exact;
  all.greatest_exact = greatest_exact;
}

}  // namespace THETAHAT_TARGET

#define THETAHAT_JOIN(a, b) a##b
#define THETAHAT_NAME(a, b) THETAHAT_JOIN(a, b)
extern const common_table THETAHAT_NAME(common_, THETAHAT_TARGET);
constexpr common_table THETAHAT_NAME(common_, THETAHAT_TARGET) = {
    sum_rows,      read_rows,       count_rows,       look_up_rows,       widen_by_rows, split_rows,
    first_inexact, straighten_rows, add_line_moments, add_square_moments, look_at_rows,  sum_log_widths};

}  // namespace thetahat
