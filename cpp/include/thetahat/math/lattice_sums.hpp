#pragma once

#include <cmath>

#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

// A law on the whole numbers from `lowest` to `highest` with one mode (or one trough), from its probabilities, which are
// smooth in k away from the ends, and their ratios `up(k)` = p(k + 1) / p(k), which tend to at most `limit`: both tails,
// of which the one that ends sooner is summed.
template <class LogProbability, class Up>
struct lattice_law {
  LogProbability log_p;
  Up up;
  double lowest, highest, mean, limit;

  static constexpr double singles = 4096.0;  // terms that are added one by one, next to an end and where the sum begins

  double ratio(double k, double direction) const { return direction > 0.0 ? up(k) : 1.0 / up(k - 1.0); }

  // Sum of p(j) / p(k) over j = k, k + direction, ..., last. The terms end where what is left of them, a geometric series of
  // the last ratio or of the limit that the ratios grow to, is lost in rounding.
  double relative_sum(double k, double direction, double last) const {
    double sum = 1.0, lost = 0.0, term = 1.0;
    const double near = k + direction * singles, far = last - direction * singles;
    while (k != last && (k - near) * direction < 0.0 && k + direction != k) {
      const double r = ratio(k, direction);
      k += direction;
      term *= r;
      const double next = sum + (term - lost);  // Kahan's summation: a flat law has many terms
      lost = (next - sum) - (term - lost);
      sum = next;
      const double falling = direction > 0.0 ? std::fmax(r, limit) : r;
      if (falling < 1.0 && term * falling < 0x1p-58 * sum * (1.0 - falling)) return sum;
    }
    if (k == last) return sum;
    if ((far - k) * direction <= 0.0) return sum + term * (relative_sum(k, direction, last) - 1.0);
    // Euler's and Maclaurin's formula; where this many terms had no end, the next derivative is lost in rounding.
    const double slope = std::log(ratio(k, direction));
    double rest = integral(k, direction, far) - 0.5 - slope / 12.0;
    if (std::isfinite(last)) {
      const double share = std::exp(log_p(far) - log_p(k));
      if (share > 0.0) {
        rest += share * (0.5 + std::log(ratio(far, direction)) / 12.0);
        if (far + direction != far) rest += share * (relative_sum(far, direction, last) - 1.0);
      }
    }
    return sum + term * rest;
  }

  // Integral of p(y) / p(k) from k to `to`, by Gauss and Legendre's rule on panels along which log p changes little.
  double integral(double k, double direction, double to) const {
    constexpr double node[] = {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959,
                               0.96028985649753623168};
    constexpr double weight[] = {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054,
                                 0.10122853629037625915};
    const double start = log_p(k);
    const auto height = [&](double y) { return log_p(y) - start; };
    double sum = 0.0, at = k, here = 0.0, width = std::fmax(singles, 0x1p-30 * std::fabs(k));
    while ((to - at) * direction > 0.0) {
      width = std::fmin(width, std::fabs(to - at));
      for (const double end : {lowest, highest})
        if (std::isfinite(end)) width = std::fmin(width, 0.4 * std::fabs(at - end));
      double middle = 0.0, there = 0.0, change = 0.0;
      for (int halvings = 0; halvings < 60; ++halvings) {
        middle = height(at + 0.5 * direction * width), there = height(at + direction * width);
        change = std::fmax(std::fabs(middle - here), std::fabs(there - middle));
        if (change <= 1.0) break;
        width *= 0.5;
      }
      if (!std::isfinite(there)) break;  // beyond what doubles hold
      double part = 0.0;
      for (int i = 0; i < 4; ++i)
        for (const double side : {-1.0, 1.0})
          part += weight[i] * std::exp(height(at + 0.5 * direction * width * (1.0 + side * node[i])));
      part *= 0.5 * width;
      sum += part;
      if (there < here && part < 0x1p-60 * sum) break;
      const double next = at + direction * width;
      if (next == at) break;
      at = next, here = there;
      if (change < 0.4) width *= 2.0;
    }
    return sum;
  }

  double log_below(double x) const { return log_p(x) + std::log(relative_sum(x, -1.0, lowest)); }
  double log_above(double x) const {
    const double first = x + 1.0;  // beyond 2^53 it is x itself, and one term more or less is lost in rounding
    return log_p(first) + std::log(relative_sum(first, 1.0, highest));
  }
  double log_cdf(double x) const { return x < mean ? log_below(x) : std::log1p(-std::exp(log_above(x))); }
  double log_sf(double x) const { return x < mean ? std::log1p(-std::exp(log_below(x))) : log_above(x); }
  double cdf(double x) const { return x < mean ? std::exp(log_below(x)) : -std::expm1(log_above(x)); }
  double sf(double x) const { return x < mean ? -std::expm1(log_below(x)) : std::exp(log_above(x)); }

  // Where the probabilities stop to rise, for a law that rises from its lowest value to one mode.
  double mode() const {
    double low = lowest, step = 1.0;
    while (low + step < highest && up(low + step) > 1.0) low += step, step *= 2.0;
    double high = std::fmin(low + step, highest);
    if (!(up(low) > 1.0)) return low;
    while (high - low > 1.0) {
      const double middle = low + std::floor(0.5 * (high - low));
      if (middle == low || middle == high) break;
      (up(middle) > 1.0 ? low : high) = middle;
    }
    return high;
  }
};
template <class LogProbability, class Up>
lattice_law(LogProbability, Up, double, double, double, double) -> lattice_law<LogProbability, Up>;

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
