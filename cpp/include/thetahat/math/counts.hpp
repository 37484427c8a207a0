#pragma once

// Probabilities and normalising sums of counts, one number at a time, compiled once for every target.

namespace thetahat::special {

// log of (k + m choose k) p^k (1 - p)^m for real k, m >= 0, and of the beta law's density at x = 1 - y: without
// cancellation for large counts.
double log_binomial(double k, double m, double p);
double log_beta_density(double a, double b, double x, double y);

// log of the sum of k^-s over the whole numbers `from` <= k <= `to`, which may be infinite where s > 1, and mean and variance
// of log k under the law that the terms make: minus its first derivative in s, and the second.
struct power_sums {
  double log_sum, mean_log, variance_log;
};
power_sums sum_powers(double s, double from, double to);

// log of the sum over k >= 0 of (m^k / k!)^nu, less nu m, with its derivatives in m and nu; mean and variance of k.
struct com_poisson_sums {
  double f, f1, f2, f11, f12, f22, mean, variance;
};
com_poisson_sums com_poisson(double m, double nu);

// log of the sum of p^j / j over j > k, for whole k >= 0.
double log_series_tail(double p, double k);

}  // namespace thetahat::special
