#pragma once

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <optional>

#include "arrays.hpp"

namespace thetahat::python {

// Large columns of small counts are replaced by their distinct values and how often each occurs.
class table {
 public:
  const observations& of(const family_entry& f, const observations& x);

 private:
  std::vector<double> values_, counts_;
  observations view_;
};

// (lower, upper, weight) of rows of which only an interval is known, read where they lie; a weight that numpy broadcast to
// all rows stays one number.
class given_intervals {
 public:
  explicit given_intervals(const py::tuple& columns)
      : lower_(py::cast<array>(columns[0])), upper_(py::cast<array>(columns[1])), weight_(doubles(columns[2])) {
    if (lower_.ndim() != 1 || upper_.ndim() != 1 || weight_.ndim() != 1 || lower_.size() != weight_.size() ||
        upper_.size() != weight_.size())
      throw error(error_kind::data, "intervals must have as many lower as upper ends and weights");
    const py::ssize_t size = sizeof(double);
    rows_ = {lower_.data(), upper_.data(), static_cast<const double*>(weight_.data()), weight_.strides(0) / size,
             static_cast<std::size_t>(weight_.size())};
  }
  const interval_rows& rows() const { return rows_; }

 private:
  static py::array doubles(const py::object& x) {
    py::array a = py::cast<py::array>(x);
    const bool plain = py::isinstance<py::array_t<double>>(a) && a.ndim() == 1 &&
                       a.strides(0) % static_cast<py::ssize_t>(sizeof(double)) == 0;
    return plain ? a : py::cast<array>(a);
  }
  array lower_, upper_;
  py::array weight_;
  interval_rows rows_;
};

py::dict as_dict(const fit_result& r, double seconds);

void register_families(py::module_& m);

py::dict describe_box();
void register_box(py::module_& m);

void register_observations(py::module_& m);

void register_math(py::module_& m);

}  // namespace thetahat::python
