#pragma once

namespace thetahat::special {

struct with_derivatives {
  double f, f1, f2;
};

// log Gamma(x + 1/2) - log Gamma(x) - log(x)/2 at x = 1/(2 eta), and its derivatives in eta; eta >= 0, 0 included.
// Absolute error of f below 4e-15.
with_derivatives student_norm(double eta);

}  // namespace thetahat::special
