#pragma once

// What every family header is written with.

#include <cmath>

#include "../core/family.hpp"
#include "../math/beta_odds.hpp"
#include "../math/counts.hpp"
#include "../math/deviance.hpp"
#include "../math/exponential_rests.hpp"
#include "../math/factorial_moments.hpp"
#include "../math/functions.hpp"
#include "../math/lattice_sums.hpp"
#include "../math/log_beta.hpp"
#include "../math/rising.hpp"
#include "../math/truncated.hpp"

namespace thetahat {
constexpr double log_two_pi = 1.8378770664093454836;
constexpr double euler_gamma = 0.57721566490153286061;
constexpr double pi = 3.14159265358979323846;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// log(a / b), a, b > 0, with the digits of a - b where the two are close.
inline double log_quotient(double a, double b) {
  if (a > 0.5 * b && a < 2.0 * b) return std::log1p((a - b) / b);
  const double ratio = a / b;
  return ratio > 0.0 && ratio < infinity ? std::log(ratio) : std::log(a) - std::log(b);
}
}  // namespace thetahat
