#pragma once

// Many rows as few weighted nodes. For any one member of a family the terms of all values are one smooth function of x,
// and so are those of all right-censored rows, of all left-censored ones, and of all intervals in their two ends. Over a
// panel in which the function is a polynomial but for a part rho^-m, the sum over the rows is the sum over m nodes with the
// weights W_k = sum_i w_i l_k(x_i), l_k Lagrange's polynomials: for every parameter value alike, and for all derivatives.
// What is left of the error is measured at the estimate, on a sample of the rows.

#include <memory>

#include "fit_parts.hpp"

namespace thetahat {

class compression {
 public:
  // Whether there are rows enough, and terms that are smooth: those of a law with a kink are not.
  static bool possible(const family_entry& f, const observations& exact, const interval_rows& intervals);

  // `theta` is a member near the estimate; rows are held as differences from `origin`. Neither copies rows.
  compression(const family_entry& f, const observations& exact, const interval_rows& intervals, const double* theta,
              double origin);
  ~compression();

  bool useful() const;  // false: the rows themselves have to serve
  derivative_sums differentiate(const point& p) const;
  void values(const point* points, int count, double* out) const;

  // Whether nodes and rows agree at the estimate: to 1e-7 standard errors, and in the value to ten digits.
  bool faithful(const coordinates& c, const newton_result& r, const double* theta) const;
  void refine(const double* theta);  // narrower panels, laid out for the member theta

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace thetahat
