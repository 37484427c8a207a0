// What the kernels of every family call once per tile or block: nothing here knows a family. Compiled once per target, so
// that a family's unit holds its own loops alone.

#include "thetahat/kernels/reduce.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// ----- sums over lanes -----

double fold_lanes(const double* lane) {
  double s[16];
  for (int i = 0; i < 16; ++i) s[i] = lane[i] + lane[i + 16];
  for (int i = 0; i < 8; ++i) s[i] += s[i + 8];
  for (int i = 0; i < 4; ++i) s[i] += s[i + 4];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

double least(const double* lane) {
  double low = infinity;
  for (std::size_t l = 0; l < lane_count; ++l) low = lane[l] < low ? lane[l] : low;
  return low;
}
double greatest(const double* lane) {
  double high = -infinity;
  for (std::size_t l = 0; l < lane_count; ++l) high = lane[l] > high ? lane[l] : high;
  return high;
}

bool valid(const watched_lanes<>& watch) {
  bool all = true;
  for (std::size_t l = 0; l < lane_count; ++l) all &= watch.lowest[l] >= smallest_normal && watch.check[l] < infinity;
  return all;
}

void add_log(const product_lanes<>& lanes, exact_sum& out) {
  std::int64_t e = -1023 * lanes.folds;
  double rest = 1.0;  // each factor is below two
  for (std::size_t l = 0; l < lane_count; ++l) {
    e += lanes.exponent[l];
    rest *= lanes.product[l];
  }
  const double k = static_cast<double>(e);
  add_to(out, k * 0x1.62e42feep-1);  // ln 2, its first 32 bits: the product with k is exact
  add_to(out, k * 0x1.a39ef35793c76p-33);
  add_to(out, vlog(rest));
}

// ----- tiles -----

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

void load_tile(const column& c, std::size_t begin, std::size_t count, double* out) {
  widen_any(c, begin, count, out);
  if (c.multiplier == 1.0) return;
  for (std::size_t i = 0; i < count; ++i) out[i] *= c.multiplier;
}

// ----- weighted sums over the rows of a tile -----

THETAHAT_INLINE double weighted(double w, double h) { return w == 0.0 ? 0.0 : w * h; }

double weighted_sum(const double* w, const double* h, std::size_t count) {
  alignas(64) double lane[lane_count] = {};
  const std::size_t whole = count - count % lane_count;
  for (std::size_t i = 0; i < whole; i += lane_count) {
    prefetch_lanes(w + i);
#pragma omp simd
    for (std::size_t l = 0; l < lane_count; ++l) lane[l] += weighted(w[i + l], h[i + l]);
  }
  for (std::size_t i = whole; i < count; ++i) lane[i - whole] += weighted(w[i], h[i]);
  return fold_lanes(lane);
}

static double weighted_sum(const double* w, const double* f, const double* h, std::size_t count) {
  alignas(64) double product[tile_size];
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) product[i] = f[i] * h[i];
  return weighted_sum(w, product, count);
}

double plain_sum(const double* w, std::size_t count) {
  alignas(64) double lane[lane_count] = {};
  const std::size_t whole = count - count % lane_count;
  for (std::size_t i = 0; i < whole; i += lane_count) {
#pragma omp simd
    for (std::size_t l = 0; l < lane_count; ++l) lane[l] += w[i + l];
  }
  for (std::size_t i = whole; i < count; ++i) lane[i - whole] += w[i];
  return fold_lanes(lane);
}

void add_parts(const jet_tile& t, const double* w, std::size_t count, bool loc, chunk_sums& out) {
  const auto has = [&](int part) { return t.present >> part & 1u; };
  const auto put = [&](int component, int part) { add_to(out.sum[component], weighted_sum(w, t.part[part], count)); };
  const auto put_z = [&](int component, int part) {
    add_to(out.sum[component], weighted_sum(w, t.z, t.part[part], count));
  };
  for (int k = 0; k < 3; ++k) {
    if (has(part_a + k)) put(d_a + k, part_a + k);
    if (has(part_za + k)) {
      if (loc) put(d_za + k, part_za + k);
      put_z(z_d_za + k, part_za + k);
    }
  }
  for (int k = 0; k < 6; ++k)
    if (has(part_aa + k)) put(d_aa + k, part_aa + k);
  if (has(part_z)) {
    if (loc) {
      put(d_z, part_z);
      put(d_zz, part_zz);
      put_z(z_d_zz, part_zz);
    }
    put_z(z_d_z, part_z);
    alignas(64) double square[tile_size];
    for (std::size_t i = 0; i < count; ++i) square[i] = t.z[i] * t.z[i];
    add_to(out.sum[zz_d_zz], weighted_sum(w, square, t.part[part_zz], count));
  }
}

void add_weights(const reduce_request& q, weight_source& weights) {
  exact_sum sum;
  if (q.data->weight.data == nullptr) {
    sum.high = static_cast<double>(q.end - q.begin);
  } else {
    for (std::size_t i = q.begin; i < q.end; i += tile_size) {
      const std::size_t count = q.end - i < tile_size ? q.end - i : tile_size;
      add_to(sum, plain_sum(weights.tile(i, count), count));
    }
  }
  for (int k = 0; k < q.count; ++k) q.out[k].weight = sum;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
