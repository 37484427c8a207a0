#pragma once

// A stream tile by tile: its words, and the walk over the tiles that a range of draws meets.

#include <cstring>

#include "philox_lanes.hpp"
#include "stream.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// word[j] is draw j's: the first halves of all blocks, then the second halves.
struct alignas(64) tile_words {
  std::uint64_t word[tile_draws];
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
      std::memcpy(&out.word[j + v * lane_width], &first[v], sizeof(lanes));
      std::memcpy(&out.word[tile_blocks + j + v * lane_width], &second[v], sizeof(lanes));
      counter[v] += broadcast(step);
    }
  }
}

// Both halves of the blocks first_block + offset[k], k < count, whose counters share word 1. All three arrays have room
// for whole vectors.
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
