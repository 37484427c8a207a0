#pragma once

// Streams: draw i is a function of the key and of i alone, whatever range, thread or target computes it.
//
// Key. (seed, stream, FNV-1a of the family's name, sampler version) are absorbed one after the other into a 64-bit
// state by state <- finaliser((state ^ word) + 0x9e3779b97f4a7c15), finaliser as in SplitMix64 (Steele, Lea, Flood
// 2014); the state's halves are the Philox key. Each step is a bijection, so keys that differ in one argument differ.
//
// Counter. Words 0 and 1 number the blocks, word 2 is the purpose, word 3 the attempt of a rejection sampler.
//
// Layout. A tile of 512 draws takes 256 blocks: draw i uses block 256 (i / 512) + i mod 256 and its half
// (i mod 512) / 256, so that the two draws of a Box-Muller pair share a block and vectors stay contiguous.

#include <cstring>

#include "../math/elementary.hpp"
#include "philox.hpp"
#include "stream_key.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

constexpr std::size_t tile_blocks = 256;
constexpr std::size_t tile_draws = 2 * tile_blocks;

constexpr std::uint64_t fnv_1a(const char* text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (; *text != '\0'; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3u;
  return hash;
}

constexpr std::uint64_t absorb(std::uint64_t state, std::uint64_t word) {
  std::uint64_t z = (state ^ word) + 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr stream_key make_stream_key(std::uint64_t seed, std::uint64_t stream, const char* family,
                                     std::uint64_t sampler_version) {
  const std::uint64_t state = absorb(absorb(absorb(absorb(0, seed), stream), fnv_1a(family)), sampler_version);
  return {{static_cast<std::uint32_t>(state), static_cast<std::uint32_t>(state >> 32)}};
}

enum class purpose : std::uint32_t { value = 0, acceptance = 1, boost = 2 };

// 52 bits and a half: the open unit interval, symmetric about 1/2, smallest value 2^-53.
THETAHAT_INLINE double unit_interval(std::uint64_t word) {
  return elementary::from_bits(word >> 12 | elementary::bits_of_one) - (1.0 - 0x1p-53);
}

// The bits that `unit_interval` leaves, as an integer in [0, 2^12).
THETAHAT_INLINE double spare_bits(std::uint64_t word) {
  return elementary::from_bits((word & 0xfffu) | elementary::bits_of_two_to_52) - 0x1p52;
}

struct alignas(64) tile_words {
  std::uint64_t half[2][tile_blocks];
};

namespace philox {

// Vectors in flight. Four on AVX2 (16 registers) spill a little and still beat two.
constexpr int interleave = 4;

inline batch make_batch(const stream_key& key, std::uint64_t first_block, purpose use, std::uint32_t attempt) {
  return batch(key.word[0], key.word[1], static_cast<std::uint32_t>(first_block >> 32), static_cast<std::uint32_t>(use),
               attempt);
}

}  // namespace philox

// All blocks of a tile. `destination` is where the tile's draws will be stored, or null: asking for its cache lines
// here, spread over the loop, hides the time that memory takes to hand them over.
inline void fill_words(const stream_key& key, std::uint64_t tile, purpose use, std::uint32_t attempt,
                       const double* destination, tile_words& out) {
  using namespace philox;
  constexpr std::size_t step = interleave * lane_width;
  static_assert(tile_blocks % step == 0);
  const std::uint64_t first_block = tile * tile_blocks;
  const batch blocks = make_batch(key, first_block, use, attempt);
  lanes counter[interleave];
  for (std::size_t v = 0; v < interleave; ++v) counter[v] = count_from(first_block + v * lane_width);
  for (std::size_t j = 0; j < tile_blocks; j += step) {
    if (destination)
      for (std::size_t line = 0; line < 2 * step; line += 8) __builtin_prefetch(destination + 2 * j + line, 1);
    lanes first[interleave], second[interleave];
    blocks.blocks<interleave>(counter, first, second);
    for (int v = 0; v < interleave; ++v) {
      std::memcpy(&out.half[0][j + v * lane_width], &first[v], sizeof(lanes));
      std::memcpy(&out.half[1][j + v * lane_width], &second[v], sizeof(lanes));
      counter[v] += broadcast(step);
    }
  }
}

// The blocks first_block + offset[k], k < count, of which only one half each is wanted; all lie in one span of the
// counter whose upper word is constant. `offset` and `out` have room for whole vectors.
inline void fill_selected_words(const stream_key& key, std::uint64_t first_block, purpose use, std::uint32_t attempt,
                                const std::uint32_t* offset, std::size_t count, std::uint64_t* first_half,
                                std::uint64_t* second_half) {
  using namespace philox;
  const batch blocks = make_batch(key, first_block, use, attempt);
  for (std::size_t k = 0; k < count; k += lane_width) {
    lanes counter{}, first, second;
    for (std::size_t l = 0; l < lane_width; ++l) counter[l] = first_block + offset[k + l];
    blocks.blocks<1>(&counter, &first, &second);
    std::memcpy(first_half + k, &first, sizeof(lanes));
    std::memcpy(second_half + k, &second, sizeof(lanes));
  }
}

// Calls fill(index, first, last, draws) for every aligned span of `span` draws that meets [begin, end), with the
// span's index; draws[first .. last) are wanted and the call may write the whole span. Spans that lie inside the
// range are filled in place.
template <std::size_t span, class Fill>
inline void for_each_span(std::uint64_t begin, std::uint64_t end, double* out, Fill&& fill) {
  alignas(64) double buffer[span];
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t index = at / span;
    const std::size_t first = at % span;
    const std::size_t last = end - index * span < span ? end - index * span : span;
    double* const place = out + (at - begin);
    if (last - first == span) {
      fill(index, first, last, place);
    } else {
      fill(index, first, last, static_cast<double*>(buffer));
      std::memcpy(place, buffer + first, (last - first) * sizeof(double));
    }
    at += last - first;
  }
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
