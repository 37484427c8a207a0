#pragma once

#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// E X^order from the factorial moments falling(j) = E X (X - 1) ... (X - j + 1), all terms positive:
// sum over j of S(order, j) falling(j), S the Stirling numbers of the second kind.
template <class Falling>
inline double raw_moment(int order, Falling falling) {
  constexpr int limit = 64;
  if (order > limit) return __builtin_nan("");
  double stirling[limit + 1] = {1.0};  // S(n, 0 .. n), n growing
  for (int n = 1; n <= order; ++n) {
    for (int j = n; j >= 1; --j) stirling[j] = (j < n ? j * stirling[j] : 0.0) + stirling[j - 1];
    stirling[0] = 0.0;
  }
  double sum = 0.0;
  for (int j = 1; j <= order; ++j) sum += stirling[j] * falling(j);
  return order == 0 ? 1.0 : sum;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
