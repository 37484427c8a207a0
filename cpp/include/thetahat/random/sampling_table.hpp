#pragma once
// PLACEHOLDER by the lead so that the rest links: overwrite me.
#include <cstddef>
#include <cstdint>
#include "stream_key.hpp"
namespace thetahat {
struct sampling_table {
  void (*uniform)(stream_key key, std::uint64_t begin, std::uint64_t end, double* out);
  void (*normal)(stream_key key, std::uint64_t begin, std::uint64_t end, double* out);
  void (*exponential)(stream_key key, std::uint64_t begin, std::uint64_t end, double* out);
  void (*gamma)(stream_key key, std::uint64_t begin, std::uint64_t end, const double* shape, std::ptrdiff_t stride, double* out);
  void (*poisson)(stream_key key, std::uint64_t begin, std::uint64_t end, const double* rate, std::ptrdiff_t stride, double* out);
};
}
