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
};

std::string text(double x);  // the shortest that reads back as x

const common_table& common();
const sampling_table& sampling();

}  // namespace thetahat
