// The mathematical layer, for its tests and for the documentation's table of bounds.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <vector>

#include "thetahat/math/bounds.hpp"
#include "thetahat/math/elementary.hpp"
#include "thetahat/math/special.hpp"

namespace py = pybind11;

namespace thetahat::python {

namespace {

using vector = py::array_t<double, py::array::c_style | py::array::forcecast>;

template <double (*Function)(double)>
vector map(const vector& x) {
  vector result(std::vector<py::ssize_t>(x.shape(), x.shape() + x.ndim()));
  const double* const in = x.data();
  double* const out = result.mutable_data();
  const py::ssize_t n = x.size();
  {
    py::gil_scoped_release released;
#pragma omp simd
    for (py::ssize_t i = 0; i < n; ++i) out[i] = Function(in[i]);
  }
  return result;
}

// A force-inlined function has no address that may be called.
double vexp(double x) { return thetahat::vexp(x); }
double vlog(double x) { return thetahat::vlog(x); }
double vlog_positive(double x) { return thetahat::vlog_positive(x); }
double vlog1p(double x) { return thetahat::vlog1p(x); }
double vexpm1(double x) { return thetahat::vexpm1(x); }
double vsin_two_pi(double x) {
  double sine, cosine;
  thetahat::vsincos_two_pi(x, sine, cosine);
  return sine;
}
double vcos_two_pi(double x) {
  double sine, cosine;
  thetahat::vsincos_two_pi(x, sine, cosine);
  return cosine;
}

// An inverse of the incomplete beta function as two arrays: x and 1 - x.
template <thetahat::special::unit_pair (*Function)(double, double, double)>
py::tuple map_pair(const vector& a, const vector& b, const vector& p) {
  auto x = py::vectorize([](double a_i, double b_i, double p_i) { return Function(a_i, b_i, p_i).x; });
  auto rest = py::vectorize([](double a_i, double b_i, double p_i) { return Function(a_i, b_i, p_i).one_minus_x; });
  return py::make_tuple(x(a, b, p), rest(a, b, p));
}

}  // namespace

void register_math(py::module_& core) {
  namespace special = thetahat::special;
  py::module_ m = core.def_submodule("_math", "The library's elementary and special functions, on float64 arrays.");

  m.def("vexp", map<vexp>, py::arg("x"));
  m.def("vlog", map<vlog>, py::arg("x"));
  m.def("vlog_positive", map<vlog_positive>, py::arg("x"));
  m.def("vlog1p", map<vlog1p>, py::arg("x"));
  m.def("vexpm1", map<vexpm1>, py::arg("x"));
  m.def("vsin_two_pi", map<vsin_two_pi>, py::arg("u"));
  m.def("vcos_two_pi", map<vcos_two_pi>, py::arg("u"));

#define THETAHAT_BIND(name, ...) m.def(#name, py::vectorize(special::name), __VA_ARGS__)
  THETAHAT_BIND(lgamma, py::arg("x"));
  THETAHAT_BIND(digamma, py::arg("x"));
  THETAHAT_BIND(trigamma, py::arg("x"));
  THETAHAT_BIND(tetragamma, py::arg("x"));
  THETAHAT_BIND(stirling_correction, py::arg("a"));
  THETAHAT_BIND(log1pmx, py::arg("x"));
  THETAHAT_BIND(deviance, py::arg("x"), py::arg("m"));
  THETAHAT_BIND(exp_rest, py::arg("x"));
  THETAHAT_BIND(trigamma_rest, py::arg("x"));
  THETAHAT_BIND(shape_divergence, py::arg("a"), py::arg("b"));
  THETAHAT_BIND(lbeta, py::arg("a"), py::arg("b"));
  THETAHAT_BIND(log1mexp, py::arg("x"));
  THETAHAT_BIND(log_sum_exp, py::arg("a"), py::arg("b"));
  THETAHAT_BIND(normal_cdf, py::arg("x"));
  THETAHAT_BIND(normal_sf, py::arg("x"));
  THETAHAT_BIND(log_normal_cdf, py::arg("x"));
  THETAHAT_BIND(log_owen_rest, py::arg("h"), py::arg("a"));
  THETAHAT_BIND(normal_quantile, py::arg("p"));
  THETAHAT_BIND(normal_quantile_log, py::arg("log_p"));
  THETAHAT_BIND(gamma_p, py::arg("a"), py::arg("x"));
  THETAHAT_BIND(gamma_q, py::arg("a"), py::arg("x"));
  THETAHAT_BIND(log_gamma_p, py::arg("a"), py::arg("x"));
  THETAHAT_BIND(log_gamma_q, py::arg("a"), py::arg("x"));
  THETAHAT_BIND(gamma_p_inverse, py::arg("a"), py::arg("p"));
  THETAHAT_BIND(gamma_q_inverse, py::arg("a"), py::arg("q"));
  THETAHAT_BIND(beta_p, py::arg("a"), py::arg("b"), py::arg("x"), py::arg("one_minus_x"));
  THETAHAT_BIND(beta_q, py::arg("a"), py::arg("b"), py::arg("x"), py::arg("one_minus_x"));
  THETAHAT_BIND(log_beta_p, py::arg("a"), py::arg("b"), py::arg("x"), py::arg("one_minus_x"));
  THETAHAT_BIND(log_beta_q, py::arg("a"), py::arg("b"), py::arg("x"), py::arg("one_minus_x"));
  THETAHAT_BIND(log_bessel_i, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_i_dx, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_i_dxx, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(bessel_i_ratio, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k_dx, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k_dxx, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k_dn, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k_dnn, py::arg("nu"), py::arg("x"));
  THETAHAT_BIND(log_bessel_k_dnx, py::arg("nu"), py::arg("x"));
#undef THETAHAT_BIND
  m.def("beta_p_inverse", map_pair<special::beta_p_inverse>, py::arg("a"), py::arg("b"), py::arg("p"));
  m.def("beta_q_inverse", map_pair<special::beta_q_inverse>, py::arg("a"), py::arg("b"), py::arg("q"));

  m.def("bounds", [] {
    py::list table;
    for (const thetahat::bound& line : thetahat::bounds) {
      py::dict row;
      row["function"] = line.function;
      row["ulp"] = line.ulp;
      row["scale"] = line.scale;
      row["domain"] = line.domain;
      table.append(row);
    }
    return table;
  }, "The declared error bounds, one dict a function.");
}

}  // namespace thetahat::python
