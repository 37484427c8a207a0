#pragma once

// Kernels that serve every family, one table per target.

#include "thetahat/api.hpp"
#include "thetahat/random/sampling_table.hpp"

namespace thetahat {

constexpr std::size_t count_limit = 8192;  // whole numbers below it are tabulated

struct common_table {
  double (*sum)(const column& c, std::size_t begin, std::size_t end);
  void (*read)(const column& c, std::size_t begin, std::size_t count, double* out);  // count <= tile_size
  // Adds the rows to counts[value]; false when some row is not a whole number in [0, count_limit).
  bool (*count)(const column& c, std::size_t begin, std::size_t end, std::uint64_t* counts);
  // The sum of table[value] over the rows; false where `count` would be.
  bool (*look_up)(const column& c, std::size_t begin, std::size_t end, const double* table, exact_sum& out);
  void (*widen)(const column& c, std::size_t begin, std::size_t end, extent& all);
  // Writes the rows from `low` to `high` to `inside`, which has room for all, and returns their number.
  std::size_t (*split)(const column& c, std::size_t begin, std::size_t end, double low, double high, double* inside,
                       std::size_t& below);
  // The first row that holds an integer beyond 2^53, or `end`.
  std::size_t (*first_inexact)(const column& c, std::size_t begin, std::size_t end);
  // The coordinate of at most a tile of rows; those outside the map's domain get a meaningless number.
  void (*straighten)(const panel_coordinate& c, const double* x, std::size_t count, double* out);
  // Adds weight T_k(t) of at most a tile of rows to the moments of the panel in their slot, or weight T_j(s) T_k(t).
  void (*line_moments)(const double* t, const double* weight, const std::uint32_t* slot, std::size_t count,
                       double* moments);
  void (*square_moments)(const double* s, const double* t, const double* weight, const std::uint32_t* slot,
                         std::size_t count, double* moments);
  void (*look)(const double* lower, const double* upper, std::size_t count, survey& all);
  double (*log_widths)(const double* from, const double* to, const double* weight, std::size_t count);
};

std::string text(double x);  // the shortest that reads back as x

const common_table& common();
const sampling_table& sampling();

}  // namespace thetahat
