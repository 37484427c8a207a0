// Rows that are values or intervals, as `thetahat.observations` holds them.

#include <cstring>

#include "families.hpp"

namespace thetahat::python {

namespace {

py::tuple as_tuple(const survey& s) {
  return py::make_tuple(s.valid, s.exact, s.left, s.right, s.unknown, s.least_upper, s.greatest_lower, s.least_exact,
                        s.greatest_exact);
}

void require_equal_lengths(const array& lower, const array& upper) {
  if (lower.ndim() != 1 || upper.ndim() != 1 || lower.size() != upper.size())
    throw error(error_kind::data, "upper must be as long as lower, and both must have one dimension");
}

py::tuple look_at(const array& lower, const array& upper) {
  require_equal_lengths(lower, upper);
  survey s;
  {
    const py::gil_scoped_release released;
    s = survey_of(lower.data(), upper.data(), static_cast<std::size_t>(lower.size()));
  }
  return as_tuple(s);
}

py::tuple events(const py::array& time, const py::array_t<bool, py::array::c_style>& event) {
  const observations o = as_observations(time, py::none());
  if (event.ndim() != 1 || static_cast<std::size_t>(event.size()) != o.n)
    throw error(error_kind::data, "event must have one entry per time");
  array lower(time.shape(0)), upper(time.shape(0));
  double* const low = lower.mutable_data();
  double* const high = upper.mutable_data();
  const auto* const seen = reinterpret_cast<const unsigned char*>(event.data());
  survey s;
  {
    const py::gil_scoped_release released;
    s = right_censored(o, seen, low, high);
  }
  return py::make_tuple(lower, upper, as_tuple(s));
}

py::tuple split(const array& lower, const array& upper, const std::optional<array>& weights) {
  require_equal_lengths(lower, upper);
  if (weights && weights->size() != lower.size()) throw error(error_kind::data, "weights must be one per row");
  const auto n = static_cast<std::size_t>(lower.size());
  std::vector<array> made;
  const auto allocate = [&](std::size_t exact) {
    const py::gil_scoped_acquire held;
    const auto values = static_cast<py::ssize_t>(exact), rest = static_cast<py::ssize_t>(n - exact);
    for (const py::ssize_t size : {values, weights ? values : 0, rest, rest, weights ? rest : 0})
      made.emplace_back(size);
    return row_targets{made[0].mutable_data(), made[1].mutable_data(), made[2].mutable_data(), made[3].mutable_data(),
                       made[4].mutable_data()};
  };
  const double* const low = lower.data();
  const double* const high = upper.data();
  const double* const w = weights ? weights->data() : nullptr;
  {
    const py::gil_scoped_release released;
    split_rows(low, high, w, n, allocate);
  }
  const py::object none = py::none();
  return py::make_tuple(made[0], weights ? py::object(made[1]) : none, made[2], made[3],
                        weights ? py::object(made[4]) : none);
}

array copied(const std::vector<double>& v) {
  array out(static_cast<py::ssize_t>(v.size()));
  std::memcpy(out.mutable_data(), v.data(), v.size() * sizeof(double));
  return out;
}

py::object merge(const py::object& lower, const py::object& upper, const py::object& weights) {
  const given_intervals given(py::make_tuple(lower, upper, weights));
  interval_table out;
  bool worthwhile;
  {
    const py::gil_scoped_release released;
    worthwhile = merge_equal(given.rows(), out);
  }
  if (!worthwhile) return py::none();
  return py::make_tuple(copied(out.lower), copied(out.upper), copied(out.weight));
}

}  // namespace

void register_observations(py::module_& m) {
  using namespace pybind11::literals;
  m.def("survey", look_at, "lower"_a, "upper"_a);
  m.def("right_censored", events, "time"_a, "event"_a);
  m.def("split_rows", split, "lower"_a, "upper"_a, "weights"_a = py::none());
  m.def("merge_equal", merge, "lower"_a, "upper"_a, "weights"_a);
}

}  // namespace thetahat::python
