// The table of contents of the compiled module.

#include "families.hpp"

namespace {

// Runs on the calling thread while a kernel works: true when Ctrl-C was pressed.
bool interrupted() {
  const pybind11::gil_scoped_acquire held;
  return PyErr_CheckSignals() != 0;
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  using namespace pybind11::literals;
  namespace core = thetahat;
  namespace bind = thetahat::python;
  m.doc() = "Densities, reductions, samplers and fits: the compiled part of thetahat.";
  m.attr("version") = THETAHAT_VERSION;
  m.def("cuda", [] { return THETAHAT_HAS_CUDA != 0; });
  m.def("targets", core::target_names);
  m.def("target", core::active_target);
  m.def("set_target", core::set_target, "name"_a);
  m.def("get_num_threads", core::thread_count);
  m.def("set_num_threads", core::set_thread_count, "n"_a);
  bind::register_errors();
  bind::register_families(m);
  bind::register_box(m);
  bind::register_math(m);
  bind::register_observations(m);
  core::set_interrupt_check(interrupted);
}
