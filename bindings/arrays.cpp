#include "arrays.hpp"

#include <bit>
#include <optional>

namespace thetahat::python {

namespace {

std::optional<dtype> known_type(char kind, py::ssize_t size) {
  if (kind == 'f') {
    if (size == 2) return dtype::float16;
    if (size == 4) return dtype::float32;
    if (size == 8) return dtype::float64;
  }
  if (kind == 'i') {
    if (size == 1) return dtype::int8;
    if (size == 2) return dtype::int16;
    if (size == 4) return dtype::int32;
    if (size == 8) return dtype::int64;
  }
  if (kind == 'u') {
    if (size == 1) return dtype::uint8;
    if (size == 2) return dtype::uint16;
    if (size == 4) return dtype::uint32;
    if (size == 8) return dtype::uint64;
  }
  return std::nullopt;
}

}  // namespace

column as_column(const py::array& a, const char* argument) {
  const py::dtype type = a.dtype();
  const auto known = known_type(type.kind(), type.itemsize());
  if (!known)
    throw error(error_kind::dtype, std::string(argument) + " must be real numbers, got dtype " +
                                       std::string(py::str(type)) + "; convert with x.astype('float64')");
  if (a.ndim() != 1)
    throw error(error_kind::data, std::string(argument) + " must be one-dimensional, got shape with " +
                                      std::to_string(a.ndim()) + " dimensions; pass x.ravel()");
  constexpr char native = std::endian::native == std::endian::little ? '<' : '>';
  const char order = type.byteorder();
  const bool swapped = order != '=' && order != '|' && order != native;
  return {a.data(), static_cast<std::ptrdiff_t>(a.strides(0)), *known, swapped};
}

observations as_observations(const py::array& x, const py::object& weights) {
  observations o;
  o.value = as_column(x, "x");
  o.n = static_cast<std::size_t>(x.shape(0));
  if (!weights.is_none()) {
    const auto w = py::cast<py::array>(weights);
    o.weight = as_column(w, "weights");
    if (static_cast<std::size_t>(w.shape(0)) != o.n)
      throw error(error_kind::data, "weights must have one value per observation, got " + std::to_string(w.shape(0)) +
                                        " for " + std::to_string(o.n) + "; pass an array as long as x");
  }
  return o;
}

parameters::parameters(const py::list& list, int count) {
  if (static_cast<int>(list.size()) != count)
    throw error(error_kind::parameter, "parameters must hold " + std::to_string(count) + " arrays, got " +
                                           std::to_string(list.size()) + "; pass one for each parameter");
  for (std::size_t k = 0; k < list.size(); ++k) {
    array a = py::cast<array>(list[k]);
    if (a.ndim() != 1) throw error(error_kind::parameter, "parameters must be one-dimensional arrays of length 1 or n");
    const auto n = static_cast<std::size_t>(a.shape(0));
    if (n != 1) {
      if (rows != 1 && rows != n)
        throw error(error_kind::parameter, "parameters must agree in length, got " + std::to_string(rows) + " and " +
                                               std::to_string(n) + "; broadcast them first");
      rows = n;
    }
    columns.data[k] = a.data();
    columns.stride[k] = n == 1 ? 0 : 1;
    held.push_back(std::move(a));
  }
}

void register_errors() {
  py::register_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const error& e) {
      if (e.kind() == error_kind::interrupted) {
        if (PyErr_Occurred() == nullptr) PyErr_SetNone(PyExc_KeyboardInterrupt);
        return;
      }
      const char* name = e.kind() == error_kind::data        ? "DataError"
                         : e.kind() == error_kind::parameter ? "ParameterError"
                         : e.kind() == error_kind::dtype     ? "DtypeError"
                                                             : "FitError";
      const py::object type = py::module_::import("thetahat.errors").attr(name);
      PyErr_SetString(type.ptr(), e.what());
    }
  });
}

}  // namespace thetahat::python
