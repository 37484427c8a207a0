#pragma once

// The gamma law moved and scaled to mean 0 and variance 1, as a function of its skewness: smooth at skewness zero, where
// it is the standard normal law. Errors are some ulp of the result times max(1, |its logarithm|).

#include "student.hpp"

namespace thetahat::special {

// stirling_correction(1/v) and its derivatives in v, v >= 0: what the density's norm differs by from the normal law's.
with_derivatives stirling_of_reciprocal(double v);

// P(Z <= z) and P(Z > z), skewness >= 0.
double standard_gamma_cdf(double skewness, double z);
double standard_gamma_sf(double skewness, double z);
double log_standard_gamma_cdf(double skewness, double z);
double log_standard_gamma_sf(double skewness, double z);
// The z with P(Z <= z) = p, or P(Z > z) = p.
double standard_gamma_quantile(double skewness, double p, bool upper);

}  // namespace thetahat::special
