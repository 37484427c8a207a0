#pragma once

#include "thetahat/fit/objective.hpp"

namespace thetahat {

struct newton_options {
  double tolerance = 1e-12;  // of the decrement s' I^-1 s: its root is the distance in standard errors
  int iteration_limit = 200;
  double smallest_log_scale = -infinity;  // a scale below it is on its way to zero
  bool leave_ridges = false;  // the search may end as `drifting`
  std::function<void(int, double)> progress;
};

enum class newton_outcome { converged, iteration_limit, unbounded, drifting, failed };

struct newton_result {
  newton_outcome outcome = newton_outcome::failed;
  vector at{};        // the last evaluated point
  vector estimate{};  // that point plus its last step
  evaluation last;
  std::array<bool, max_axes> active{};    // free, and not held by a bound
  std::array<bool, max_axes> at_bound{};
  std::array<int, max_axes> drift{};  // 1 where a coordinate ran upwards to no end, -1 where downwards
  bool definite = false;
  double decrement = 0.0;
  int iterations = 0;
  int passes = 0;
};

newton_result newton(objective& data, const cold_table& f, const coordinates& c, vector start,
                     const newton_options& options);

// The inverse on the active axes, zero elsewhere; false when it is not positive definite.
bool invert(const matrix& a, const std::array<bool, max_axes>& active, int n, matrix& out);

}  // namespace thetahat
