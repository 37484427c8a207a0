#pragma once

// What a unit compiled for one target offers for drawing random numbers: every function fills out[0 .. end - begin)
// with draws begin <= i < end of the stream that the key names.

#include <cstddef>
#include <cstdint>

#include "stream_key.hpp"

namespace thetahat {

struct sampling_table {
  void (*uniform)(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out);
  void (*normal)(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out);
  void (*exponential)(const stream_key& key, std::uint64_t begin, std::uint64_t end, double* out);
  // A shape or rate for every draw (stride 1), or one for all (stride 0).
  void (*gamma)(const stream_key& key, std::uint64_t begin, std::uint64_t end, const double* shape,
                std::ptrdiff_t stride, double* out);
  void (*poisson)(const stream_key& key, std::uint64_t begin, std::uint64_t end, const double* rate,
                  std::ptrdiff_t stride, double* out);
  // Turns whole numbers into int64 in place; returns the index of the first that does not fit, or count.
  std::size_t (*to_int64)(double* draws, std::size_t count);
};

}  // namespace thetahat
