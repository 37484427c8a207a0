#pragma once

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a keyed bijection of
// a 128-bit counter. A block's four words are used as two 64-bit ones, the even word in the upper half.

#include <cstdint>

#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

namespace philox {

constexpr std::uint32_t multiplier_0 = 0xd2511f53u;
constexpr std::uint32_t multiplier_1 = 0xcd9e8d57u;
constexpr std::uint32_t weyl_0 = 0x9e3779b9u;
constexpr std::uint32_t weyl_1 = 0xbb67ae85u;
constexpr int rounds = 10;

struct counter {
  std::uint32_t word[4];
};

struct halves {
  std::uint64_t first, second;
};

THETAHAT_INLINE halves block(counter c, std::uint32_t key_0, std::uint32_t key_1) {
  for (int r = 0; r < rounds; ++r) {
    const std::uint64_t p0 = static_cast<std::uint64_t>(multiplier_0) * c.word[0];
    const std::uint64_t p1 = static_cast<std::uint64_t>(multiplier_1) * c.word[2];
    c = {{static_cast<std::uint32_t>(p1 >> 32) ^ c.word[1] ^ key_0, static_cast<std::uint32_t>(p1),
          static_cast<std::uint32_t>(p0 >> 32) ^ c.word[3] ^ key_1, static_cast<std::uint32_t>(p0)}};
    key_0 += weyl_0;
    key_1 += weyl_1;
  }
  return {static_cast<std::uint64_t>(c.word[0]) << 32 | c.word[1],
          static_cast<std::uint64_t>(c.word[2]) << 32 | c.word[3]};
}

}  // namespace philox

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
