#pragma once

// Probabilities and normalising sums of counts, one number at a time, compiled once for every target.

namespace thetahat::special {

// log of the sum of k^-s over the whole numbers `from` <= k <= `to`, which may be infinite where s > 1, and mean and variance
// of log k under the law that the terms make: minus its first derivative in s, and the second.
struct power_sums {
  double log_sum, mean_log, variance_log;
};
power_sums sum_powers(double s, double from, double to);

// log of the sum of p^j / j over j > k, for whole k >= 0.
double log_series_tail(double p, double k);

}  // namespace thetahat::special
