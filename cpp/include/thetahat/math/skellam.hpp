#pragma once

namespace thetahat::special {

// log P(X = k) for the difference X of two Poisson variables with means a and b, without cancellation; any real k.
double log_skellam(double k, double a, double b);
// The same with its derivatives in a and b.
struct skellam_derivatives {
  double f, a, b, aa, ab, bb;
};
skellam_derivatives skellam_log_density(double k, double a, double b);

// P(X <= k), P(X > k) and their logarithms.
double skellam_cdf(double k, double a, double b);
double skellam_sf(double k, double a, double b);
double log_skellam_cdf(double k, double a, double b);
double log_skellam_sf(double k, double a, double b);

}  // namespace thetahat::special
