#pragma once

// Any column, tile by tile, as contiguous float64: in place where it already is that, widened into a buffer otherwise.

#include <cstring>

#include "../core/target.hpp"
#include "../core/types.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

template <class T>
inline T read_value(const unsigned char* at, bool swapped) {
  unsigned char bytes[sizeof(T)];
  if (swapped) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = at[sizeof(T) - 1 - i];
  } else {
    std::memcpy(bytes, at, sizeof(T));
  }
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

inline double half_to_double(std::uint16_t h) {
  const unsigned exponent = (h >> 10) & 31u;
  const unsigned mantissa = h & 1023u;
  double magnitude;
  if (exponent == 0) magnitude = mantissa * 0x1p-24;
  else if (exponent == 31) magnitude = mantissa ? __builtin_nan("") : __builtin_inf();
  else magnitude = (1024 + mantissa) * 0x1p-25 * static_cast<double>(1ull << exponent);
  return (h >> 15) ? -magnitude : magnitude;
}

template <class T>
inline void widen(const column& c, std::size_t begin, std::size_t count, double* out) {
  const auto* at = static_cast<const unsigned char*>(c.data) + static_cast<std::ptrdiff_t>(begin) * c.stride;
  if (c.stride == static_cast<std::ptrdiff_t>(sizeof(T)) && !c.swapped) {
    const T* in = reinterpret_cast<const T*>(at);
    if (reinterpret_cast<std::uintptr_t>(in) % alignof(T) == 0) {
      for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(in[i]);
      return;
    }
  }
  for (std::size_t i = 0; i < count; ++i, at += c.stride) out[i] = static_cast<double>(read_value<T>(at, c.swapped));
}

inline void widen_any(const column& c, std::size_t begin, std::size_t count, double* out) {
  switch (c.type) {
    case dtype::float64: return widen<double>(c, begin, count, out);
    case dtype::float32: return widen<float>(c, begin, count, out);
    case dtype::float16: {
      const auto* at = static_cast<const unsigned char*>(c.data) + static_cast<std::ptrdiff_t>(begin) * c.stride;
      for (std::size_t i = 0; i < count; ++i, at += c.stride)
        out[i] = half_to_double(read_value<std::uint16_t>(at, c.swapped));
      return;
    }
    case dtype::int8: return widen<std::int8_t>(c, begin, count, out);
    case dtype::int16: return widen<std::int16_t>(c, begin, count, out);
    case dtype::int32: return widen<std::int32_t>(c, begin, count, out);
    case dtype::int64: return widen<std::int64_t>(c, begin, count, out);
    case dtype::uint8: return widen<std::uint8_t>(c, begin, count, out);
    case dtype::uint16: return widen<std::uint16_t>(c, begin, count, out);
    case dtype::uint32: return widen<std::uint32_t>(c, begin, count, out);
    case dtype::uint64: return widen<std::uint64_t>(c, begin, count, out);
  }
}

inline void load_tile(const column& c, std::size_t begin, std::size_t count, double* out) {
  widen_any(c, begin, count, out);
  if (c.multiplier == 1.0) return;
  for (std::size_t i = 0; i < count; ++i) out[i] *= c.multiplier;
}

inline bool in_place(const column& c) {
  return c.type == dtype::float64 && c.multiplier == 1.0 && c.stride == sizeof(double) && !c.swapped &&
         reinterpret_cast<std::uintptr_t>(c.data) % alignof(double) == 0;
}

class tile_source {
 public:
  explicit tile_source(const column& c)
      : column_(c), direct_(in_place(c) ? static_cast<const double*>(c.data) : nullptr) {}

  const double* tile(std::size_t begin, std::size_t count) {
    if (direct_) return direct_ + begin;
    load_tile(column_, begin, count, buffer_);
    return buffer_;
  }
  bool direct() const { return direct_ != nullptr; }

 private:
  const column& column_;
  const double* direct_;
  alignas(64) double buffer_[tile_size];
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
