#include "thetahat/box.hpp"

#include <chrono>
#include <limits>

#include "families.hpp"

namespace thetahat::python {

namespace {

struct bounds {
  array low, high;
  std::size_t d;

  bounds(array l, array h) : low(std::move(l)), high(std::move(h)), d(static_cast<std::size_t>(low.size())) {
    if (low.ndim() != 1 || high.ndim() != 1 || low.size() != high.size())
      throw error(error_kind::parameter, "low and high must be one-dimensional arrays of the same length");
  }
};

std::size_t rows_of(const array& x, std::size_t d) {
  if (x.ndim() != 2 || static_cast<std::size_t>(x.shape(1)) != d)
    throw error(error_kind::data, "x must have shape (n, " + std::to_string(d) + "); stack the coordinates as columns");
  return static_cast<std::size_t>(x.shape(0));
}

using row_function = void (*)(const double*, std::size_t, std::size_t, const double*, const double*, double*);

template <row_function Function>
py::array over_rows(const array& x, const array& low, const array& high) {
  const bounds b(low, high);
  const std::size_t n = rows_of(x, b.d);
  array out(static_cast<py::ssize_t>(n));
  double* to = out.mutable_data();
  const py::gil_scoped_release released;
  Function(x.data(), n, b.d, b.low.data(), b.high.data(), to);
  return out;
}

py::dict fit_box(const array& x, const py::object& weights) {
  if (x.ndim() != 2 || x.shape(1) == 0)
    throw error(error_kind::data, "x must have shape (n, d); stack the coordinates as columns");
  const std::size_t n = rows_of(x, static_cast<std::size_t>(x.shape(1))), d = static_cast<std::size_t>(x.shape(1));
  if (n == 0)
    throw error(error_kind::data, "x must hold at least one observation, got none; check the filter that made it");
  array w;
  const double* w_data = nullptr;
  if (!weights.is_none()) {
    w = py::cast<array>(weights);
    if (static_cast<std::size_t>(w.size()) != n)
      throw error(error_kind::data, "weights must have one value per observation, got " + std::to_string(w.size()) +
                                        " for " + std::to_string(n) + "; pass an array as long as x");
    w_data = w.data();
  }
  const auto began = std::chrono::steady_clock::now();
  box::estimate e;
  {
    const py::gil_scoped_release released;
    e = box::fit(x.data(), w_data, n, d);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const std::vector<double> none(d, std::numeric_limits<double>::quiet_NaN());
  const char* status = !e.flat ? "converged" : n == 1 ? "not_identified" : "degenerate";
  const char* reason = !e.flat  ? "closed form; corners are extreme order statistics and have no standard error"
                       : n == 1 ? "one observation cannot identify both corners"
                                : "some coordinate is constant: the likelihood is largest for a flat box";
  return py::dict(py::arg("parameters") = py::make_tuple(e.flat ? none : e.low, e.flat ? none : e.high),
                  py::arg("status") = status, py::arg("reason") = reason,
                  py::arg("standard_errors") = py::make_tuple(none, none), py::arg("covariance") = py::none(),
                  py::arg("log_likelihood") = e.log_likelihood, py::arg("n") = e.weight, py::arg("n_rows") = n,
                  py::arg("free") = 2 * d, py::arg("passes") = 1, py::arg("iterations") = 0,
                  py::arg("seconds") = seconds, py::arg("decrement") = 0.0, py::arg("limit") = py::none());
}

py::array draw_box(const array& low, const array& high, std::size_t n, std::uint64_t seed, std::uint64_t stream) {
  const bounds b(low, high);
  array out({static_cast<py::ssize_t>(n), static_cast<py::ssize_t>(b.d)});
  double* to = out.mutable_data();
  const py::gil_scoped_release released;
  box::sample(b.low.data(), b.high.data(), n, b.d, seed, stream, to);
  return out;
}

}  // namespace

py::dict describe_box() {
  const auto corner = [](const char* name, const char* doc) {
    return py::dict(py::arg("name") = name, py::arg("domain") = "real", py::arg("coordinate") = "identity",
                    py::arg("doc") = doc, py::arg("default") = py::none(), py::arg("boundary") = true);
  };
  return py::dict(
      py::arg("name") = "box", py::arg("class_name") = "Box",
      py::arg("summary") = "The d-dimensional rectangle: every point between two corners equally likely.",
      py::arg("formula") = "log p(x) = -sum_k log(high_k - low_k), low_k <= x_k <= high_k",
      py::arg("source") = "Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 26",
      py::arg("kind") = "continuous", py::arg("group") = "location_scale", py::arg("vector") = true,
      py::arg("tier") = 1, py::arg("accuracy") = 16, py::arg("accuracy_reason") = "",
      py::arg("fit_method") = "boundary", py::arg("regular") = false, py::arg("information") = "observed",
      py::arg("parameters") =
          py::make_tuple(corner("low", "lower corner; its estimate is the smallest value of every coordinate"),
                         corner("high", "upper corner; its estimate is the largest value of every coordinate")),
      py::arg("constraint") = "low < high",
      py::arg("support") =
          py::dict(py::arg("lower") = -infinity, py::arg("upper") = infinity, py::arg("lower_closed") = false,
                   py::arg("upper_closed") = false, py::arg("text") = "low <= x <= high in every coordinate"),
      py::arg("cases") = py::make_tuple(py::make_tuple(0.0, 1.0)), py::arg("alternatives") = py::make_tuple(),
      py::arg("scipy") = py::dict(py::arg("name") = "", py::arg("arguments") = py::make_tuple()), py::arg("torch") = "",
      py::arg("torch_arguments") = py::make_tuple(), py::arg("limits") = py::make_tuple(),
      py::arg("capabilities") =
          py::make_tuple("log_prob", "cdf", "sample", "fit", "mean", "variance", "skewness", "kurtosis", "entropy"));
}

void register_box(py::module_& m) {
  using namespace pybind11::literals;
  m.def("box_log_prob", over_rows<box::log_prob>, "x"_a, "low"_a, "high"_a);
  m.def("box_cdf", over_rows<box::cdf>, "x"_a, "low"_a, "high"_a);
  m.def("box_fit", fit_box, "x"_a, "weights"_a = py::none());
  m.def("box_sample", draw_box, "low"_a, "high"_a, "n"_a, "seed"_a, "stream"_a = 0);
}

}  // namespace thetahat::python
