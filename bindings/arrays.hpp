#pragma once

// numpy arrays as the core's columns, without a copy.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "thetahat/api.hpp"

namespace thetahat::python {

namespace py = pybind11;

using array = py::array_t<double, py::array::c_style>;

// A one-dimensional array of any real dtype, stride and byte order; throws the error that names the cast to write.
column as_column(const py::array& a, const char* argument);

// Rows with optional weights (None: one each).
observations as_observations(const py::array& x, const py::object& weights);

// Parameter columns of length 1 or n.
struct parameters {
  std::vector<array> held;
  parameter_columns columns;
  std::size_t rows = 1;

  parameters(const py::list& list, int count);
};

// Raises the Python error class that the core's error stands for.
void register_errors();

}  // namespace thetahat::python
