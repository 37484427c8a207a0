#include "thetahat/math/student.hpp"

#include <cmath>
#include <iterator>

#include "thetahat/math/special.hpp"

namespace thetahat::special {

namespace {

// Coefficients of -(1/x)^(2k-1): (2 - 2^(1-2k)) B_2k / (2k (2k-1)), from the expansions of log Gamma at x and x + 1/2.
constexpr double coefficient[] = {
    1.0 / 8, -1.0 / 192, 1.0 / 640, -17.0 / 14336, 31.0 / 18432, -691.0 / 180224, 5461.0 / 425984, -929569.0 / 15728640,
};

with_derivatives expansion(double eta) {
  const double u = 2.0 * eta;
  const double w = u * u;
  double f = 0.0, f1 = 0.0, f2 = 0.0;  // sums of c u^(2k-2), (2k-1) c u^(2k-2), (2k-1)(2k-2) c u^(2k-3) / u
  for (int k = static_cast<int>(std::size(coefficient)); k-- > 0;) {
    const double n = 2.0 * k + 1.0;
    f = f * w + coefficient[k];
    f1 = f1 * w + n * coefficient[k];
    if (k > 0) f2 = f2 * w + n * (n - 1.0) * coefficient[k];
  }
  return {-f * u, -2.0 * f1, -4.0 * f2 * u};
}

}  // namespace

with_derivatives student_norm(double eta) {
  if (eta < 1.0 / 16) return expansion(eta);
  const double x = 0.5 / eta;
  const double f = lgamma(x + 0.5) - lgamma(x) - 0.5 * std::log(x);
  const double d1 = digamma(x + 0.5) - digamma(x) - eta;
  const double d2 = trigamma(x + 0.5) - trigamma(x) + 2.0 * eta * eta;
  return {f, -2.0 * x * x * d1, 4.0 * x * x * x * x * d2 + 8.0 * x * x * x * d1};
}

}  // namespace thetahat::special
