#pragma once

#include <pybind11/functional.h>
#include <pybind11/stl.h>

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

py::dict as_dict(const fit_result& r, double seconds);

void register_families(py::module_& m);

py::dict describe_box();
void register_box(py::module_& m);

void register_math(py::module_& m);

}  // namespace thetahat::python
