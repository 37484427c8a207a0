#pragma once

#include <cmath>

#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// Sum of p(j) / p(k) over j = k, k + direction, ..., last, given the ratio of each term to the one before. The terms end
// where what is left of them, a geometric series of the last ratio or of the limit that the ratios grow to, is lost in rounding.
template <class Ratio>
inline double relative_sum(Ratio ratio, double k, double direction, double last, double limit = 0.0) {
  double sum = 1.0, lost = 0.0, term = 1.0;
  while (k != last) {
    const double r = ratio(k);
    k += direction;
    term *= r;
    const double next = sum + (term - lost);  // Kahan's summation: a flat law has many terms
    lost = (next - sum) - (term - lost);
    sum = next;
    const double falling = std::fmax(r, limit);
    if (falling < 1.0 && term * falling < 0x1p-58 * sum * (1.0 - falling)) break;
  }
  return sum;
}

// Both tails of a law on whole numbers with one mode (or one trough), from its probabilities and their ratios
// `up(k)` = p(k + 1) / p(k): the tail that ends sooner is summed.
template <class LogProbability, class Up>
struct lattice_law {
  LogProbability log_p;
  Up up;
  double lowest, highest, mean, limit;

  double log_below(double x) const {
    return log_p(x) + std::log(relative_sum([&](double k) { return 1.0 / up(k - 1.0); }, x, -1.0, lowest));
  }
  double log_above(double x) const {
    return log_p(x + 1.0) + std::log(relative_sum([&](double k) { return up(k); }, x + 1.0, 1.0, highest, limit));
  }
  double log_cdf(double x) const { return x < mean ? log_below(x) : std::log1p(-std::exp(log_above(x))); }
  double log_sf(double x) const { return x < mean ? std::log1p(-std::exp(log_below(x))) : log_above(x); }
  double cdf(double x) const { return x < mean ? std::exp(log_below(x)) : -std::expm1(log_above(x)); }
  double sf(double x) const { return x < mean ? -std::expm1(log_below(x)) : std::exp(log_above(x)); }
};
template <class LogProbability, class Up>
lattice_law(LogProbability, Up, double, double, double, double) -> lattice_law<LogProbability, Up>;

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
