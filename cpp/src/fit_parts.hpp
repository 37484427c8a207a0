#pragma once

// The steps of a fit that look at the data without evaluating a likelihood.

#include <optional>

#include "newton.hpp"

namespace thetahat {

constexpr std::size_t large_sample = 100000;  // rows from which a search starts on samples

struct table_data {
  std::vector<double> values, weights;
  observations view() const;
};

// Some rows, in runs spread evenly over the data: all of them when there are few.
class sample_rows {
 public:
  sample_rows(const observations& x, std::size_t most);
  observations view() const;

 private:
  std::vector<double> values_, weights_;
};

// The same as the family observes them, sorted.
class sorted_rows {
 public:
  sorted_rows(const family_entry& f, const observations& x);
  start_sample view() const { return {sorted_.data(), sorted_.size(), mean_, variance_}; }
  double log_spread() const;

 private:
  std::vector<double> sorted_;
  double mean_ = 0.0, variance_ = 0.0;
};

// The power of two that brings observations of a scale family near one, where they lie so close together that the digits
// of their logarithms would not tell them apart; zero elsewhere.
int concentrated_exponent(const family_entry& f, const observations& x);

double pilot_mean(const family_entry& f, const observations& x);

// Weight, rows and extremes. Unless `exact`, large data are only looked at until two rows differ.
statistics extremes(const observations& x, bool exact);

// Weighted sum and centred sum of squares.
statistics moments(const observations& x);

// Weighted median and mean absolute deviation from it, or from a location that is held; returns the passes it took.
int median_estimate(const family_entry& f, const observations& x, const std::vector<double>& fixed, double* theta);

// The row at which a density with a kink at its location has the largest likelihood, and the other parameters there; or
// those at a location that is held. False where that is an extreme row, beside which the family has no member.
bool kink_estimate(const family_entry& f, const observations& x, const std::vector<double>& fixed, double* theta,
                   int& passes);

// A point with every observation inside the support: the scale grows until the extreme ones are.
vector feasible(const family_entry& f, const observations& x, const coordinates& c, vector u);

// An end that is held leaves observations outside the support.
[[noreturn]] void fixed_end_error(const family_entry& f);

// Families estimated by extremes, with some parameter fixed.
fit_result boundary_with_fixed(const family_entry& f, const observations& x, const fit_options& options,
                               const statistics& s);

// Why a search that failed had come to a bound of its coordinates.
std::optional<int> bound_reached(const coordinates& c, const newton_result& r);

}  // namespace thetahat
