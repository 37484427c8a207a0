#pragma once

// Standard gamma draws of any shape, scalar or one per draw (Marsaglia and Tsang 2000, "A simple method for generating
// gamma variables"): d (1 + c z)^3 with d = shape - 1/3, c = 1 / (3 sqrt(d)) and z normal, accepted with probability
// exp(h(z)). Shapes below 1 draw from shape + 1 and multiply by u^(1 / shape).
//
// The spare bits of the words behind z are the upper 12 bits of the uniform that decides; they settle almost every
// draw through the bound exp(h(z)) >= 1 - 0.1989 c^2 z^4, which holds for d >= 2/3. Only the rest fetches the lower
// bits and takes logarithms: those draws are collected over a span of tiles, and stay until they are accepted.

#include "samplers.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

namespace gamma_sampler {

constexpr std::size_t span_tiles = 4;
constexpr std::size_t span_draws = span_tiles * tile_draws;
constexpr std::size_t span_blocks = span_tiles * tile_blocks;
constexpr std::size_t padding = 16;  // a vector of any target

struct alignas(64) tile_parameters {
  double d[tile_draws], c[tile_draws], bound[tile_draws];
};

inline void prepare(const double* shape, tile_parameters& out) {
#pragma omp simd
  for (std::size_t j = 0; j < tile_draws; ++j) {
    const double a = shape[j];
    const double d = (a < 1.0 ? a + 1.0 : a) - 1.0 / 3.0;
    const double c = 1.0 / (3.0 * __builtin_sqrt(d));
    out.d[j] = d;
    out.c[j] = c;
    out.bound[j] = 0.1989 * (c * c);
  }
}

// The logarithm of the acceptance probability of z, z^2 / 2 + d (1 - v + log v) with v = (1 + c z)^3. For large d the
// terms cancel down to d c^4 z^4 and a series in c z takes over.
THETAHAT_INLINE double log_acceptance(double z, double d, double c) {
  const double y = c * z;
  const double root = 1.0 + y;
  const double v = root * root * root;
  const double direct = __builtin_fma(d, (1.0 - v) + vlog_positive(v), 0.5 * z * z);
  double series = __builtin_fma(y, -3.0 / 8.0, 3.0 / 7.0);
  series = __builtin_fma(y, series, -3.0 / 6.0);
  series = __builtin_fma(y, series, 3.0 / 5.0);
  series = __builtin_fma(y, series, -3.0 / 4.0);
  const double y2 = y * y;
  return d < 1e6 ? direct : d * y2 * y2 * series;
}

// The draws of a span that wait for acceptance.
struct alignas(64) waiting_draws {
  std::size_t count = 0;
  std::uint32_t place[span_draws + padding];  // within the span
  std::uint32_t block[span_draws + padding];
  double z[span_draws + padding], d[span_draws + padding], c[span_draws + padding];
  double spare[span_draws + padding];
  std::uint64_t half[2][span_draws + padding];

  void pad() {
    for (std::size_t k = count; k < count + padding; ++k) block[k] = 0;
  }

  std::uint64_t word(std::size_t k) const { return half[place[k] / tile_blocks % 2][k]; }

  // Decides every waiting draw; the accepted ones are stored and leave.
  void decide(const stream_key& key, std::uint64_t first_block, std::uint32_t attempt, double* draws) {
    pad();
    fill_selected_words(key, first_block, purpose::acceptance, attempt, block, count, half[0], half[1]);
    for (std::size_t k = 0; k < count; ++k) half[0][k] = word(k);
    alignas(64) double value[span_draws + padding];
#pragma omp simd
    for (std::size_t k = 0; k < count; ++k) {
      const double uniform = (spare[k] + unit_interval(half[0][k])) * 0x1p-12;
      const double root = 1.0 + c[k] * z[k];
      const double accepted = d[k] * (root * root * root);
      const bool rejected = (vlog_positive(uniform) >= log_acceptance(z[k], d[k], c[k])) | (root <= 0.0);
      value[k] = rejected ? -1.0 : accepted;
    }
    std::size_t left = 0;
    for (std::size_t k = 0; k < count; ++k) {
      draws[place[k]] = value[k];
      place[left] = place[k];
      block[left] = block[k];
      d[left] = d[k];
      c[left] = c[k];
      left += value[k] < 0.0;
    }
    count = left;
  }

  // New normals for the draws that were rejected.
  void redraw(const stream_key& key, std::uint64_t first_block, std::uint32_t attempt) {
    pad();
    fill_selected_words(key, first_block, purpose::value, attempt, block, count, half[0], half[1]);
#pragma omp simd
    for (std::size_t k = 0; k < count; ++k) {
      const bool second = (place[k] / tile_blocks % 2) != 0;
      double x, y;
      circle_point(half[1][k], x, y);
      z[k] = __builtin_sqrt(-2.0 * vlog_positive(unit_interval(half[0][k]))) * (second ? y : x);
      spare[k] = second ? spare_bits(half[1][k]) : spare_bits(half[0][k]);
    }
  }
};

// The first attempt of a tile: everything is stored, and what the bound does not settle joins `waiting` as well.
inline void first_attempt(const tile_words& words, const tile_parameters& parameters, std::uint32_t tile_in_span,
                          double* draws, waiting_draws& waiting) {
  alignas(64) double normal[tile_draws];
  alignas(64) double margin[tile_draws];
  normal_tile(words, normal);
  const std::uint64_t* const word = words.word;
#pragma omp simd
  for (std::size_t j = 0; j < tile_draws; ++j) {
    const double z2 = normal[j] * normal[j];
    const double root = 1.0 + parameters.c[j] * normal[j];
    draws[j] = parameters.d[j] * (root * root * root);
    margin[j] = (1.0 - parameters.bound[j] * (z2 * z2)) - (spare_bits(word[j]) + 1.0) * 0x1p-12;
  }
  std::size_t count = waiting.count;
  const std::size_t before = count;
  for (std::uint32_t j = 0; j < tile_draws; ++j) {
    waiting.place[count] = j;
    count += elementary::bits(margin[j]) >> 63;
  }
  for (std::size_t k = before; k < count; ++k) {
    const std::uint32_t j = waiting.place[k];
    waiting.place[k] = tile_in_span * tile_draws + j;
    waiting.block[k] = tile_in_span * tile_blocks + j % tile_blocks;
    waiting.z[k] = normal[j];
    waiting.d[k] = parameters.d[j];
    waiting.c[k] = parameters.c[j];
    waiting.spare[k] = spare_bits(word[j]);
  }
  waiting.count = count;
}

// u^(1 / shape) as the square of its root: where shape is tiny the power underflows long before the root does.
inline void boost(const tile_words& words, const double* shape, double* draws) {
  const std::uint64_t* const word = words.word;
  alignas(64) double exponent[tile_draws];
#pragma omp simd
  for (std::size_t j = 0; j < tile_draws; ++j) exponent[j] = 0.5 * vlog_positive(unit_interval(word[j]));
#pragma omp simd
  for (std::size_t j = 0; j < tile_draws; ++j) {
    const double root = vexp(exponent[j] / shape[j]);
    draws[j] = shape[j] < 1.0 ? draws[j] * root * root : draws[j];
  }
}

}  // namespace gamma_sampler

// shape[0] for every draw if stride is 0, else shape[(i - begin) * stride] for draw i.
inline void sample_gamma(const stream_key& key, std::uint64_t begin, std::uint64_t end, const double* shape,
                         std::ptrdiff_t stride, double* out) {
  using namespace gamma_sampler;
  tile_parameters parameters;
  waiting_draws waiting;
  alignas(64) double shapes[span_draws];
  if (stride == 0) {
    for (double& a : shapes) a = *shape;
    prepare(shapes, parameters);
  }
  for_each_span<span_draws>(begin, end, out,
                            [&](std::uint64_t span, std::size_t first, std::size_t last, double* draws) {
    if (stride != 0) {
      const double* const given = shape + static_cast<std::ptrdiff_t>(span * span_draws + first - begin) * stride;
      if (last - first != span_draws)
        for (double& a : shapes) a = 1.0;
      for (std::size_t j = first; j < last; ++j) shapes[j] = given[static_cast<std::ptrdiff_t>(j - first) * stride];
    }
    const std::size_t tile_begin = first / tile_draws;
    const std::size_t tile_end = (last + tile_draws - 1) / tile_draws;
    tile_words words;
    waiting.count = 0;
    for (std::size_t t = tile_begin; t < tile_end; ++t) {
      double* const tile = draws + t * tile_draws;
      if (stride != 0) prepare(shapes + t * tile_draws, parameters);
      fill_words(key, span * span_tiles + t, purpose::value, 0, tile, words);
      first_attempt(words, parameters, static_cast<std::uint32_t>(t), tile, waiting);
    }
    for (std::uint32_t attempt = 0; waiting.count != 0; ++attempt) {
      if (attempt != 0) waiting.redraw(key, span * span_blocks, attempt);
      waiting.decide(key, span * span_blocks, attempt, draws);
    }
    for (std::size_t t = tile_begin; t < tile_end; ++t) {
      const double* const tile = shapes + t * tile_draws;
      std::uint64_t below_one = 0;
#pragma omp simd reduction(| : below_one)
      for (std::size_t j = 0; j < tile_draws; ++j) below_one |= elementary::bits(tile[j] - 1.0) >> 63;
      if (below_one == 0) continue;
      fill_words(key, span * span_tiles + t, purpose::boost, 0, nullptr, words);
      boost(words, tile, draws + t * tile_draws);
    }
  });
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
