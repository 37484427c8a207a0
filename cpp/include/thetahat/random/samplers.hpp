#pragma once

// Draws that need one uniform each, and normals: draw i of the key's stream goes to out[i - begin].

#include "tiles.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

inline void sample_uniform(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out) {
  for_each_span<tile_draws>(begin, end, out, [&](std::uint64_t tile, std::size_t, std::size_t, double* draws) {
    tile_words words;
    fill_words(key, tile, purpose::value, 0, draws, words);
#pragma omp simd
    for (std::size_t j = 0; j < tile_draws; ++j) draws[j] = unit_interval(words.word[j]);
  });
}

inline void sample_exponential(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out) {
  for_each_span<tile_draws>(begin, end, out, [&](std::uint64_t tile, std::size_t, std::size_t, double* draws) {
    tile_words words;
    fill_words(key, tile, purpose::value, 0, draws, words);
#pragma omp simd
    for (std::size_t j = 0; j < tile_draws; ++j) draws[j] = -vlog_positive(unit_interval(words.word[j]));
  });
}

// A point on the unit circle: 50 bits give an angle in (-pi/4, pi/4), one reflects it at the vertical axis and one
// swaps the coordinates, which together reach every direction once. Minimax polynomials, relative error below 2^-53.
THETAHAT_INLINE void circle_point(std::uint64_t word, double& x, double& y) {
  constexpr std::uint64_t fraction = (std::uint64_t{1} << 51) - 2;
  constexpr std::uint64_t two_and_half_a_step = 0x4000000000000001u;
  const double r = elementary::from_bits((word >> 11 & fraction) | two_and_half_a_step) - 2.5;  // quarter turns
  const double z = r * r;
  double s = __builtin_fma(z, 5.6337210129122454e-08, -3.5986417544520816e-06);
  double c = __builtin_fma(z, 4.65533725775682e-07, -2.5200143059589476e-05);
  s = __builtin_fma(z, s, 0.00016044115029165178);
  c = __builtin_fma(z, c, 0.0009192599541478852);
  s = __builtin_fma(z, s, -0.004681754132282418);
  c = __builtin_fma(z, c, -0.02086348073586744);
  s = __builtin_fma(z, s, 0.07969262624603957);
  c = __builtin_fma(z, c, 0.25366950789995935);
  s = __builtin_fma(z, s, -0.6459640975062443);
  c = __builtin_fma(z, c, -1.2337005501361553);
  s = __builtin_fma(z, s, 1.5707963267948966) * r;
  c = __builtin_fma(z, c, 1.0);
  c = elementary::from_bits(elementary::bits(c) | (word << 1 & elementary::sign_bit));
  const bool swapped = static_cast<std::int64_t>(word) < 0;
  x = swapped ? s : c;
  y = swapped ? c : s;
}

inline std::size_t to_int64(double* draws, std::size_t count) {
  constexpr double shift = 0x1.8p52;  // a whole number below 2^51 stands in the low bits of its sum with this
  for (std::size_t t = 0; t < count; t += tile_draws) {
    double* const tile = draws + t;
    const std::size_t rows = count - t < tile_draws ? count - t : tile_draws;
    std::int64_t large = 0;
    for (std::size_t i = 0; i < rows; ++i) large |= __builtin_fabs(tile[i]) < 0x1p51 ? 0 : 1;
    for (std::size_t i = 0; large == 0 && i < rows; ++i)
      tile[i] = elementary::from_bits(elementary::bits(tile[i] + shift) - elementary::bits(shift));
    for (std::size_t i = 0; large != 0 && i < rows; ++i) {
      if (!(__builtin_fabs(tile[i]) < 0x1p63)) return t + i;
      tile[i] = elementary::from_bits(static_cast<std::uint64_t>(static_cast<std::int64_t>(tile[i])));
    }
  }
  return count;
}

// Box and Muller (1958): the first half of a block gives the radius, the second the direction. The square root goes
// with the polynomials, because the logarithm's division already keeps the divider busy.
inline void normal_tile(const tile_words& words, double* draws) {
  alignas(64) double squared_radius[tile_blocks];
#pragma omp simd
  for (std::size_t j = 0; j < tile_blocks; ++j) squared_radius[j] = -2.0 * vlog_positive(unit_interval(words.word[j]));
#pragma omp simd
  for (std::size_t j = 0; j < tile_blocks; ++j) {
    const double radius = __builtin_sqrt(squared_radius[j]);
    double x, y;
    circle_point(words.word[tile_blocks + j], x, y);
    draws[j] = radius * x;
    draws[tile_blocks + j] = radius * y;
  }
}

inline void sample_normal(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out) {
  for_each_span<tile_draws>(begin, end, out, [&](std::uint64_t tile, std::size_t, std::size_t, double* draws) {
    tile_words words;
    fill_words(key, tile, purpose::value, 0, draws, words);
    normal_tile(words, draws);
  });
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
