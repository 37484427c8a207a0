#pragma once

// Philox on vectors of blocks, for the host.

#include <cstddef>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "philox.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

namespace philox {

// A vector of 64-bit lanes and the product of their lower halves. gcc 12 has no pattern for that product and would
// multiply all 64 bits, at about half the speed, so it is written by hand where the instruction exists.
#if defined(__AVX512F__)
typedef std::uint64_t lanes __attribute__((vector_size(64)));
THETAHAT_INLINE lanes multiply_lower(lanes a, lanes b) {
  return reinterpret_cast<lanes>(_mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#elif defined(__AVX2__)
typedef std::uint64_t lanes __attribute__((vector_size(32)));
THETAHAT_INLINE lanes multiply_lower(lanes a, lanes b) {
  return reinterpret_cast<lanes>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
#elif defined(__SSE2__)
typedef std::uint64_t lanes __attribute__((vector_size(16)));
THETAHAT_INLINE lanes multiply_lower(lanes a, lanes b) {
  return reinterpret_cast<lanes>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
#else
typedef std::uint64_t lanes __attribute__((vector_size(16)));
THETAHAT_INLINE lanes multiply_lower(lanes a, lanes b) { return (a & 0xffffffffu) * (b & 0xffffffffu); }
#endif

constexpr std::size_t lane_width = sizeof(lanes) / sizeof(std::uint64_t);

THETAHAT_INLINE lanes broadcast(std::uint64_t x) { return lanes{} + x; }
THETAHAT_INLINE lanes count_from(std::uint64_t x) {
  lanes result{};
  for (std::size_t l = 0; l < lane_width; ++l) result[l] = x + l;
  return result;
}

// Many blocks whose counters differ in word 0 alone. Nearly half of the first three rounds is then the same for all of
// them and is done once, here. Lanes carry rubbish in their upper halves, which the multiplication ignores.
class batch {
 public:
  batch(std::uint32_t key_0, std::uint32_t key_1, std::uint32_t word_1, std::uint32_t word_2, std::uint32_t word_3) {
    std::uint32_t round_key[rounds][2];
    for (int r = 0; r < rounds; ++r) {
      round_key[r][0] = key_0 + static_cast<std::uint32_t>(r) * weyl_0;
      round_key[r][1] = key_1 + static_cast<std::uint32_t>(r) * weyl_1;
    }
    const std::uint64_t p1 = static_cast<std::uint64_t>(multiplier_1) * word_2;
    const std::uint32_t c0 = static_cast<std::uint32_t>(p1 >> 32) ^ word_1 ^ round_key[0][0];
    const std::uint64_t p0 = static_cast<std::uint64_t>(multiplier_0) * c0;
    after_0 = broadcast(word_3 ^ round_key[0][1]);
    after_1_even = broadcast(static_cast<std::uint32_t>(p1) ^ round_key[1][0]);
    after_1_odd = broadcast(static_cast<std::uint32_t>(p0 >> 32) ^ round_key[1][1]);
    after_2_even = broadcast(round_key[2][0]);
    after_2_odd = broadcast(static_cast<std::uint32_t>(p0) ^ round_key[2][1]);
    for (int r = 3; r < rounds; ++r) {
      even[r - 3] = broadcast(round_key[r][0]);
      odd[r - 3] = broadcast(round_key[r][1]);
    }
  }

  // The blocks of `vectors` vectors of counters at a time: a round is a chain of dependent instructions, and several
  // independent chains fill the multipliers.
  template <int vectors>
  THETAHAT_INLINE void blocks(const lanes* word_0, lanes* first, lanes* second) const {
    const lanes m0 = broadcast(multiplier_0);
    const lanes m1 = broadcast(multiplier_1);
    lanes p0[vectors], p1[vectors], c0[vectors], c2[vectors];
    for (int v = 0; v < vectors; ++v) {  // rounds 0, 1 and 2
      const lanes initial = multiply_lower(m0, word_0[v]);
      const lanes once = multiply_lower(m1, (initial >> 32) ^ after_0);
      const lanes even_2 = (once >> 32) ^ after_1_even;
      p0[v] = multiply_lower(m0, even_2);
      p1[v] = multiply_lower(m1, initial ^ after_1_odd);
      c0[v] = (p1[v] >> 32) ^ once ^ after_2_even;
      c2[v] = (p0[v] >> 32) ^ after_2_odd;
    }
    for (int r = 0; r < rounds - 4; ++r) {
      for (int v = 0; v < vectors; ++v) {
        const lanes q0 = multiply_lower(m0, c0[v]);
        const lanes q1 = multiply_lower(m1, c2[v]);
        c0[v] = (q1 >> 32) ^ (p1[v] ^ even[r]);
        c2[v] = (q0 >> 32) ^ (p0[v] ^ odd[r]);
        p0[v] = q0;
        p1[v] = q1;
      }
    }
    for (int v = 0; v < vectors; ++v) {  // the last product already has both words where they belong
      first[v] = multiply_lower(m1, c2[v]) ^ ((p1[v] ^ even[rounds - 4]) << 32);
      second[v] = multiply_lower(m0, c0[v]) ^ ((p0[v] ^ odd[rounds - 4]) << 32);
    }
  }

 private:
  lanes after_0, after_1_even, after_1_odd, after_2_even, after_2_odd;
  lanes even[rounds - 3], odd[rounds - 3];
};

}  // namespace philox

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
