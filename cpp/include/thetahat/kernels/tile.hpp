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

void load_tile(const column& c, std::size_t begin, std::size_t count, double* out);

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
