#pragma once

// What a unit compiled for one family and one target offers to the rest of the library.

#include "types.hpp"

namespace thetahat {

// Canonical parameters, one pointer each; stride 0 for a scalar, 1 for one value per row.
struct parameter_columns {
  const double* data[max_parameters] = {};
  std::ptrdiff_t stride[max_parameters] = {};
};

struct map_request {
  const observations* data;
  std::size_t begin, end;
  parameter_columns theta;
  double* out;  // out[i] for row begin + i
};

struct chunk_sums {
  exact_sum weight;
  exact_sum sum[component_count];
};

struct reduce_request {
  const observations* data;
  std::size_t begin, end;  // inside one chunk
  const point* points;
  int count;
  bool direct;  // take the logarithm of every term instead of products
  chunk_sums* out;  // one per point
};

// Derivatives of log h(z; psi) of every row, in the order of `jet_part`; parts that vanish identically are not written.
enum jet_part : int {
  part_v,
  part_z,
  part_a,
  part_b,
  part_c,
  part_zz,
  part_za,
  part_zb,
  part_zc,
  part_aa,
  part_ab,
  part_ac,
  part_bb,
  part_bc,
  part_cc,
  part_count
};

struct jet_tile {
  double part[part_count][tile_size];
  double z[tile_size];
  unsigned present;  // bit k: part[k] was written
};

struct jet_request {
  const observations* data;
  std::size_t begin, end;  // at most a tile
  parameter_columns theta;
  jet_tile* out;
};

struct chunk_statistics {
  exact_sum weight, rows, sum, square, ratio, log, log_complement;
  double minimum, maximum;
};

struct statistics_request {
  const observations* data;
  std::size_t begin, end;
  double pivot;
  chunk_statistics* out;
};

struct hot_table {
  void (*map)(const map_request&);
  void (*value)(const reduce_request&);
  void (*derivatives)(const reduce_request&);
  void (*jets)(const jet_request&);
  void (*collect)(const statistics_request&);  // null where no finite set of sums suffices
  unsigned needed;                             // the sums that `collect` fills: bits of `statistic`
};

}  // namespace thetahat
