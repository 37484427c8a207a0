#pragma once

// Plain data that crosses the border between units compiled for different targets: no functions, no templates.

#include <cstddef>
#include <cstdint>

namespace thetahat {

enum class dtype : std::uint8_t { float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64 };

// One strided column of numbers in any byte order; `data == nullptr` means that the column is absent.
struct column {
  const void* data = nullptr;
  std::ptrdiff_t stride = 0;  // bytes
  dtype type = dtype::float64;
  bool swapped = false;  // byte order differs from the machine's
  double multiplier = 1.0;  // of every number: a power of two, by which a fit brings data near one
};

// What a likelihood is evaluated on. An observation is a value, or an interval (lower, upper); it may be truncated to
// a window, carry a weight and belong to a group. Absent columns are null.
struct observations {
  std::size_t n = 0;
  column value;
  column lower, upper;
  column window_low, window_high;
  column weight;
  column group;
};

constexpr int max_shapes = 3;
constexpr int max_parameters = max_shapes + 2;  // and loc and scale
constexpr int max_points = 8;

// Observations are summed in blocks, and blocks in chunks; both are fixed functions of the index, never of the threads.
constexpr std::size_t lane_count = 32;
constexpr std::size_t tile_size = 256;
constexpr std::size_t block_size = 4096;
constexpr std::size_t blocks_per_chunk = 16;
constexpr std::size_t chunk_size = block_size * blocks_per_chunk;

// A family's position in its internal coordinates: z = (observed - loc) / scale, and the shapes psi. Where log x is
// observed, a family may name the unit exp(loc): log(x / unit) then keeps the digits that log(x) - loc would lose.
// A fit measures loc from a pivot inside the data: far from zero loc itself has too few digits to search in.
struct point {
  double loc = 0.0;
  double pivot = 0.0;
  double unit = 1.0;
  double scale = 1.0;
  double shape[max_shapes] = {0.0, 0.0, 0.0};
};

// Sums over the observations of log h(z; psi) and its derivatives; `z_` factors belong to the scale's chain rule.
enum component : int {
  value_,
  d_z,
  z_d_z,
  d_zz,
  z_d_zz,
  zz_d_zz,
  d_a,
  d_b,
  d_c,
  d_za,
  d_zb,
  d_zc,
  z_d_za,
  z_d_zb,
  z_d_zc,
  d_aa,
  d_ab,
  d_ac,
  d_bb,
  d_bc,
  d_cc,
  component_count
};

struct exact_sum {  // an unevaluated sum of two doubles
  double high = 0.0;
  double low = 0.0;
};

struct derivative_sums {
  double weight = 0.0;
  double sum[component_count] = {};
};

// What a closed form or a Newton iteration on sufficient statistics needs, about `pivot` and after the family's
// transformation of the observations: v = x or log x.
struct statistics {
  double weight = 0.0;       // sum of weights
  double rows = 0.0;         // observations of positive weight
  double pivot = 0.0;
  double sum = 0.0;          // sum of w (v - pivot)
  double square = 0.0;       // sum of w (v - pivot)^2
  double ratio = 0.0;        // sum of w (v - pivot)^2 / v
  double log = 0.0;          // sum of w log v
  double log_complement = 0.0;  // sum of w log(1 - v)
  double minimum = 0.0;
  double maximum = 0.0;
};

enum statistic : unsigned {
  needs_sum = 1,
  needs_square = 2,
  needs_ratio = 4,
  needs_log = 8,
  needs_log_complement = 16
};

// A coordinate in which the terms of a likelihood are smooth at every distance from the bulk of the rows:
// asinh((u - centre) / spread) of u = x, log y or log(y / (width - y)), y = x + shift.
enum class end_map { identity, log, logit };
struct panel_coordinate {
  end_map map = end_map::identity;
  double shift = 0.0, width = 0.0, centre = 0.0, per_spread = 1.0;
};
constexpr int line_nodes = 12;    // of a panel of values or of one-sided intervals
constexpr int square_nodes = 12;  // along either side of a panel of two-sided intervals

}  // namespace thetahat
