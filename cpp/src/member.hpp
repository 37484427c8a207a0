#pragma once

// One member of a family, with what the probability of a set and its derivatives are made of.

#include <optional>

#include "thetahat/api.hpp"

namespace thetahat {

constexpr int max_pairs = 6;  // aa, ab, ac, bb, bc, cc

// Of a set of values A: log P(A), and the means over A of the score in the shapes s_j and of s_j s_k + d s_j / d k, which
// are the first and second derivatives of P(A) divided by P(A).
struct set_moments {
  double log_probability = -infinity;
  double first[max_shapes] = {};
  double second[max_pairs] = {};
};

// Of an interval far out, the moments with all their digits, and the logarithms of the density of the standardised variable
// at the two ends over the probability of the interval.
struct far_set {
  set_moments moments;
  double lower = -infinity, upper = -infinity;
};

// Sums of exp(log weight) over nodes, kept in range by their largest.
class moment_sums {
 public:
  explicit moment_sums(int shapes) : shapes_(shapes) {}
  void add(double log_weight, const double* score, const double* second);
  // `log_unit` is added to the logarithm of the sum of weights.
  set_moments result(double log_unit = 0.0) const;

 private:
  int shapes_;
  double largest_ = -infinity, mass_ = 0.0;
  double first_[max_shapes] = {}, second_[max_pairs] = {};
};

class member {
 public:
  member(const family_entry& f, const point& p);

  int shapes() const { return cold_.shape_count; }
  bool discrete() const { return cold_.info->kind == kind::discrete; }
  bool logarithmic() const { return cold_.info->observed == observed::log; }
  double low() const { return low_; }
  double high() const { return high_; }
  // Rows are measured from the pivot and from the location, near which they then keep their digits.
  double centred(double x) const { return (x - pivot_) - loc_; }
  bool kinked() const { return cold_.kinked_location; }  // at the location
  double log_scale() const { return cold_.has_scale ? log_scale_ : 0.0; }

  // All that follow take centred rows.
  double log_cdf(double x) const { return cold_.log_cdf(theta_, x); }
  double log_sf(double x) const { return cold_.log_sf(theta_, x); }
  double width() const { return cold_.has_scale ? scale_ : infinity; }  // of the standardised variable's unit
  // log p in units of the standardised variable, for at most a tile of rows, and its derivatives. Logarithms of the rows
  // that the caller has are not taken again.
  void log_density(const double* x, std::size_t count, double* out, const double* log_x = nullptr) const;
  void derivatives(const double* x, std::size_t count, jet_tile& out) const;

  // Of the values beyond x, x itself excluded in a discrete law on the left side (X < x) and on the right side (X > x).
  set_moments tail(double x, bool right) const;

  // Of [lower, upper] where the density falls all but exponentially from one end to the other; nothing elsewhere. The ends
  // of the support may stand for an end.
  std::optional<far_set> far(double lower, double upper) const;

 private:
  struct tail_rule {
    double from, edge, direction, reach, unit;
    bool bounded;
  };
  tail_rule rule_at(double x, bool right) const;
  std::optional<set_moments> by_rule(const tail_rule& r, double step) const;
  set_moments by_differences(double x, bool right) const;
  std::optional<set_moments> by_sum(double x, bool right) const;

  const family_entry& family_;
  const cold_table& cold_;
  point at_;  // centred
  double theta_[max_parameters] = {};
  parameter_columns columns_;
  double pivot_, loc_, log_scale_, scale_, low_, high_;
};

// Where s_j s_k stands among the pairs.
inline int pair_index(int j, int k) {
  constexpr int at[max_shapes][max_shapes] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
  return at[j][k];
}

// The score in the shapes of all rows of a tile, and its derivatives; a part that vanishes points to zeros.
struct shape_columns {
  explicit shape_columns(const jet_tile& tile);
  const double* first[max_shapes];
  const double* second[max_pairs];
};

// The parts of row i of a tile: the score in the shapes, and its derivatives.
void shape_parts(const jet_tile& tile, std::size_t i, double* first, double* second);

}  // namespace thetahat
