#pragma once

// What compressing rows into nodes does to every row: its coordinate, and its share of a panel's Chebyshev moments.
// Every row is treated alone and in order, so that the same bits come out on every target.

#include <cmath>

#include "../core/types.hpp"
#include "../math/elementary.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

inline void straighten_rows(const panel_coordinate& c, const double* x, std::size_t count, double* out) {
  const double shift = c.shift, width = c.width, centre = c.centre, per_spread = c.per_spread;
  if (c.map == end_map::log) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[i] = vlog_positive(x[i] + shift);
  } else if (c.map == end_map::logit) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[i] = vlog_positive((x[i] + shift) / (width - (x[i] + shift)));
  } else {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[i] = x[i];
  }
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    const double q = (out[i] - centre) * per_spread;
    const double size = vlog_positive(__builtin_fabs(q) + __builtin_sqrt(q * q + 1.0));
    out[i] = q < 0.0 ? -size : size;
  }
}

constexpr std::size_t padded_tile = tile_size + 8;  // rows of a power of two would fall into one set of the cache

// out[k] = first T_k(t)
template <int Nodes>
inline void polynomials(const double* t, const double* first, std::size_t count, double (*out)[padded_tile]) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    out[0][i] = first[i];
    out[1][i] = first[i] * t[i];
  }
  for (int k = 2; k < Nodes; ++k) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[k][i] = 2.0 * t[i] * out[k - 1][i] - out[k - 2][i];
  }
}

inline void add_line_moments(const double* t, const double* weight, const std::uint32_t* slot, std::size_t count,
                             double* moments) {
  alignas(64) double part[line_nodes][padded_tile];
  polynomials<line_nodes>(t, weight, count, part);
  for (std::size_t i = 0; i < count; ++i) {
    double* const to = moments + std::size_t{slot[i]} * line_nodes;
    for (int k = 0; k < line_nodes; ++k) to[k] += part[k][i];
  }
}

inline void add_square_moments(const double* s, const double* t, const double* weight, const std::uint32_t* slot,
                               std::size_t count, double* moments) {
  alignas(64) double first[square_nodes][padded_tile], second[square_nodes][padded_tile], ones[tile_size];
  for (std::size_t i = 0; i < count; ++i) ones[i] = 1.0;
  polynomials<square_nodes>(s, weight, count, first);
  polynomials<square_nodes>(t, ones, count, second);
  for (std::size_t i = 0; i < count; ++i) {
    double* const to = moments + std::size_t{slot[i]} * (square_nodes * square_nodes);
    double row[square_nodes];
    for (int k = 0; k < square_nodes; ++k) row[k] = second[k][i];
    for (int j = 0; j < square_nodes; ++j) {
      const double factor = first[j][i];
      for (int k = 0; k < square_nodes; ++k) to[j * square_nodes + k] += factor * row[k];
    }
  }
}

inline double sum_log_widths(const double* from, const double* to, const double* weight, std::size_t count) {
  alignas(64) double part[tile_size];
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) part[i] = weight[i] * vlog_positive(to[i] - from[i]);
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += part[i];
  return sum;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
