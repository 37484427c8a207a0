#pragma once

// The log-likelihood as a function of search coordinates: what Newton's iteration sees of a family and its data.

#include <array>
#include <memory>

#include "../api.hpp"

namespace thetahat {

constexpr int max_axes = max_parameters;
using vector = std::array<double, max_axes>;
using matrix = std::array<std::array<double, max_axes>, max_axes>;

struct evaluation {
  double value = 0.0;
  vector gradient{};
  matrix information{};  // the negative Hessian
  derivative_sums sums;
};

// Gradient and Hessian in (loc, scale, a, b, c) from the sums over the observations.
void internal_derivatives(const cold_table& f, const point& p, const derivative_sums& s, double gradient[5],
                          double hessian[5][5]);

// The same through the functions that a Jacobian describes; `negate` gives the information.
evaluation transformed(const double gradient[5], const double hessian[5][5], const jacobian& j, int count);

class coordinates {
 public:
  // `pivot` is subtracted from the data, and from the parameter that locates them.
  coordinates(const cold_table& f, const std::vector<double>& fixed, double pivot);

  int count() const { return count_; }
  double pivot() const { return pivot_; }
  bool free(int axis) const { return free_[static_cast<std::size_t>(axis)]; }
  double lower(int axis) const { return lower_[static_cast<std::size_t>(axis)]; }
  double upper(int axis) const { return upper_[static_cast<std::size_t>(axis)]; }
  const nested_limit* limit(int axis) const { return limit_[static_cast<std::size_t>(axis)]; }
  bool logarithmic(int axis) const { return kind_[static_cast<std::size_t>(axis)] != coordinate::identity; }
  const char* name(int axis) const;
  bool is_scale(int axis) const;

  vector from_theta(const double* theta) const;
  void to_theta(const vector& u, double* theta) const;
  point to_point(const vector& u) const;
  void derivatives(const vector& u, jacobian& j) const;

 private:
  void relative_theta(const vector& u, double* theta) const;  // loc measured from the pivot

  const cold_table& family_;
  bool internal_;
  double pivot_ = 0.0;
  int located_ = -1;  // the parameter that the pivot moves
  int count_;
  std::array<coordinate, max_axes> kind_{};
  std::array<slot, max_axes> slot_{};
  std::array<bool, max_axes> free_{};
  vector lower_{}, upper_{};
  std::array<const nested_limit*, max_axes> limit_{};
};

// Where the numbers come from: sufficient statistics, or a pass over rows.
class objective {
 public:
  virtual ~objective() = default;
  virtual derivative_sums differentiate(const point& p) = 0;
  virtual void values(const point* points, int count, double* out) = 0;
};

evaluation evaluate(objective& data, const cold_table& f, const coordinates& c, const vector& u);

}  // namespace thetahat
