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
};

const common_table& common();
const sampling_table& sampling();

}  // namespace thetahat
