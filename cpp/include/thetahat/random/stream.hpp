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

#include <cstddef>

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

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
