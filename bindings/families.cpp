// The registry and its operations, for every family alike.

#include <chrono>
#include <cmath>
#include <cstring>
#include <optional>

#include "families.hpp"

namespace thetahat::python {

namespace {

constexpr const char* domain_names[] = {"real", "positive", "unit", "nonnegative", "integer", "count", "above_one"};
constexpr const char* coordinate_names[] = {"identity", "log", "reciprocal", "logit"};
constexpr const char* group_names[] = {"none", "scale", "location_scale"};
constexpr const char* convert_names[] = {
    "identity",   "reciprocal", "exp",     "complement",         "ratio",
    "difference", "constant",   "product", "reciprocal_product", "root_product",
    "root_ratio", "successor",  "share",   "negative",           "complement_product",
    "logistic",   "odds_share"};
constexpr const char* limit_kind_names[] = {"interior", "boundary", "irregular"};
constexpr const char* status_names[] = {"converged",      "boundary",        "unbounded", "degenerate",
                                        "not_identified", "iteration_limit", "stopped"};

const char* fit_method(const family_entry& f) {
  const cold_table& c = *f.cold;
  bool boundary = false;
  for (int k = 0; k < c.parameter_count; ++k) boundary |= c.parameters[k].boundary;
  if (boundary) return "boundary";
  if (c.mle != nullptr || c.kinked_location) return "closed_form";
  return c.from_statistics != nullptr || c.info->kind == kind::discrete ? "statistics" : "passes";
}

py::list describe(const scipy_argument (&arguments)[max_scipy_arguments]) {
  py::list out;
  for (const scipy_argument& a : arguments)
    if (a.name != nullptr)
      out.append(py::dict(py::arg("name") = a.name, py::arg("transform") = convert_names[static_cast<int>(a.transform)],
                          py::arg("first") = a.first, py::arg("second") = a.second, py::arg("value") = a.value,
                          py::arg("third") = a.third));
  return out;
}

py::dict describe(const alternative& a) {
  py::list keywords, parameters;
  for (const keyword& k : a.keywords)
    if (k.name != nullptr)
      keywords.append(py::dict(py::arg("name") = k.name, py::arg("domain") = domain_names[static_cast<int>(k.domain)],
                               py::arg("doc") = k.doc));
  for (const replacement& r : a.parameters)
    if (r.parameter != nullptr)
      parameters.append(py::dict(py::arg("parameter") = r.parameter,
                                 py::arg("transform") = convert_names[static_cast<int>(r.transform)],
                                 py::arg("first") = r.first, py::arg("second") = r.second));
  return py::dict(py::arg("keywords") = keywords, py::arg("parameters") = parameters);
}

py::dict describe(const family_entry& f) {
  const cold_table& c = *f.cold;
  const family_info& info = *c.info;
  py::list parameters, cases, alternatives, limits, capabilities;
  bool regular = false;
  for (int k = 0; k < c.parameter_count; ++k) {
    const parameter& p = c.parameters[k];
    regular |= !p.boundary && std::isnan(p.known);
    parameters.append(py::dict(py::arg("name") = p.name, py::arg("domain") = domain_names[static_cast<int>(p.domain)],
                               py::arg("coordinate") = coordinate_names[static_cast<int>(p.coordinate)],
                               py::arg("doc") = p.doc,
                               py::arg("default") = std::isnan(p.known) ? py::object(py::none()) : py::float_(p.known),
                               py::arg("boundary") = p.boundary));
  }
  for (int i = 0; i < c.case_count; ++i) {
    py::list point;
    for (int k = 0; k < c.parameter_count; ++k) point.append(c.cases[i * c.parameter_count + k]);
    cases.append(point);
  }
  for (const alternative& a : info.alternatives)
    if (a.keywords[0].name != nullptr) alternatives.append(describe(a));
  for (const nested_limit& limit : info.limits) {
    if (limit.family == nullptr) continue;
    py::list mapped;
    for (const limit_argument& a : limit.arguments)
      if (a.name != nullptr)
        mapped.append(py::dict(py::arg("name") = a.name,
                               py::arg("transform") = convert_names[static_cast<int>(a.transform)],
                               py::arg("source") = a.source));
    limits.append(py::dict(py::arg("kind") = limit_kind_names[static_cast<int>(limit.kind)],
                           py::arg("family") = limit.family, py::arg("parameter") = limit.parameter,
                           py::arg("value") = limit.value, py::arg("arguments") = mapped,
                           py::arg("threshold") = limit.threshold));
  }
  for (const char* name : {"log_prob",
                           "cdf",
                           "sf",
                           "log_cdf",
                           "log_sf",
                           "icdf",
                           "isf",
                           "score",
                           "information",
                           "sample",
                           "fit",
                           "mean",
                           "variance",
                           "skewness",
                           "kurtosis",
                           "mode",
                           "entropy",
                           "moment",
                           "fisher_information",
                           "kl_divergence"})
    capabilities.append(name);
  return py::dict(
      py::arg("name") = info.name, py::arg("class_name") = info.class_name, py::arg("summary") = info.summary,
      py::arg("formula") = info.formula, py::arg("source") = info.source,
      py::arg("kind") = info.kind == kind::discrete ? "discrete" : "continuous",
      py::arg("group") = group_names[static_cast<int>(info.group)], py::arg("vector") = false,
      py::arg("tier") = info.tier, py::arg("accuracy") = info.accuracy,
      py::arg("accuracy_reason") = info.accuracy_reason, py::arg("fit_method") = fit_method(f),
      py::arg("regular") = regular,
      py::arg("information") = c.expected_information != nullptr ? "expected" : "observed",
      py::arg("parameters") = parameters, py::arg("constraint") = info.constraint,
      py::arg("support") =
          py::dict(py::arg("lower") = info.support.lower, py::arg("upper") = info.support.upper,
                   py::arg("lower_closed") = info.support.lower_closed,
                   py::arg("upper_closed") = info.support.upper_closed, py::arg("text") = info.support.text),
      py::arg("cases") = cases, py::arg("alternatives") = alternatives,
      py::arg("scipy") = py::dict(py::arg("name") = info.scipy, py::arg("arguments") = describe(info.scipy_arguments)),
      py::arg("torch") = info.torch, py::arg("torch_arguments") = describe(info.torch_arguments),
      py::arg("limits") = limits, py::arg("capabilities") = capabilities);
}

map_operation operation(const std::string& name) {
  constexpr const char* names[] = {"log_prob", "cdf", "sf", "log_cdf", "log_sf", "icdf", "isf"};
  for (int i = 0; i < 7; ++i)
    if (name == names[i]) return static_cast<map_operation>(i);
  throw error(error_kind::parameter,
              "operation must be one of log_prob, cdf, sf, log_cdf, log_sf, icdf, isf, got '" + name + "'");
}

void require_rows(const parameters& p, std::size_t n) {
  if (p.rows != 1 && p.rows != n)
    throw error(error_kind::parameter, "parameters must have length 1 or that of x, got " + std::to_string(p.rows) +
                                           " for " + std::to_string(n) + "; broadcast them first");
}

py::array elementwise(int index, const std::string& op, const py::array& x, const py::list& theta) {
  const family_entry f = family_at(index);
  const observations o = as_observations(x, py::none());
  const parameters p(theta, f.cold->parameter_count);
  require_rows(p, o.n);
  const map_operation what = operation(op);
  array out(static_cast<py::ssize_t>(o.n));
  double* to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    map_rows(f, what, o, p.columns, to);
  }
  return out;
}

// Rows of intervals and members that go with them.
struct interval_arguments {
  family_entry family;
  observations lower, upper;
  parameters theta;
  interval_arguments(int index, const py::array& low, const py::array& high, const py::list& columns)
      : family(family_at(index)),
        lower(as_observations(low, py::none())),
        upper(as_observations(high, py::none())),
        theta(columns, family.cold->parameter_count) {
    if (upper.n != lower.n) throw error(error_kind::data, "upper must be as long as lower");
    require_rows(theta, lower.n);
  }
};

py::array log_between(int index, const py::array& lower, const py::array& upper, const py::list& theta) {
  const interval_arguments a(index, lower, upper, theta);
  array out(static_cast<py::ssize_t>(a.lower.n));
  double* to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    map_intervals(a.family, a.lower, a.upper, a.theta.columns, to);
  }
  return out;
}

py::array score_between(int index, const py::array& lower, const py::array& upper, const py::list& theta) {
  const interval_arguments a(index, lower, upper, theta);
  array out({static_cast<py::ssize_t>(a.lower.n), static_cast<py::ssize_t>(a.family.cold->parameter_count)});
  double* to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    score_intervals(a.family, a.lower, a.upper, a.theta.columns, to);
  }
  return out;
}

py::array score(int index, const py::array& x, const py::list& theta) {
  const family_entry f = family_at(index);
  const observations o = as_observations(x, py::none());
  const parameters p(theta, f.cold->parameter_count);
  require_rows(p, o.n);
  array out({static_cast<py::ssize_t>(o.n), static_cast<py::ssize_t>(f.cold->parameter_count)});
  double* to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    score_rows(f, o, p.columns, to);
  }
  return out;
}

const std::vector<double>& require_count(const family_entry& f, const std::vector<double>& theta) {
  if (static_cast<int>(theta.size()) != f.cold->parameter_count)
    throw error(error_kind::parameter, "parameters must hold " + std::to_string(f.cold->parameter_count) +
                                           " values, got " + std::to_string(theta.size()));
  return theta;
}

double log_likelihood(int index, const py::array& x, const std::vector<double>& theta, const py::object& weights,
                      bool direct) {
  const family_entry f = family_at(index);
  const observations o = as_observations(x, weights);
  const point p = f.cold->to_point(require_count(f, theta).data());
  const py::gil_scoped_release released;
  double value = 0.0;
  log_likelihoods(f, o, &p, 1, &value, direct);
  if (!std::isfinite(value)) {
    require_valid(f, o);
    require_inside(f, o, theta.data());
  }
  return value;
}

py::dict information(int index, const py::array& x, const std::vector<double>& theta, const py::object& weights,
                     const std::optional<py::tuple>& intervals) {
  const family_entry f = family_at(index);
  const observations o = as_observations(x, weights);
  require_count(f, theta);
  std::optional<given_intervals> within;
  if (intervals) within.emplace(*intervals);
  local_likelihood l;
  {
    const py::gil_scoped_release released;
    table counts;
    l = within ? local(f, counts.of(f, o), within->rows(), theta.data()) : local(f, counts.of(f, o), theta.data());
    if (!std::isfinite(l.value)) {
      require_valid(f, o);
      require_inside(f, o, theta.data());
    }
  }
  const auto k = static_cast<py::ssize_t>(theta.size());
  array score(k), matrix({k, k});
  std::memcpy(score.mutable_data(), l.score.data(), l.score.size() * sizeof(double));
  std::memcpy(matrix.mutable_data(), l.information.data(), l.information.size() * sizeof(double));
  return py::dict(py::arg("log_likelihood") = l.value, py::arg("score") = score, py::arg("information") = matrix);
}

const double* row_of(const family_entry& f, const parameters& p, std::size_t i, double* row) {
  for (int k = 0; k < f.cold->parameter_count; ++k)
    row[k] = p.columns.data[k][static_cast<std::ptrdiff_t>(i) * p.columns.stride[k]];
  return row;
}

template <class Function>
py::array over_parameters(const family_entry& f, const py::list& theta, Function function) {
  const parameters p(theta, f.cold->parameter_count);
  array out(static_cast<py::ssize_t>(p.rows));
  double* to = out.mutable_data();
  const py::gil_scoped_release released;
  parallel_for((p.rows + 255) / 256, [&](std::size_t block) {
    for (std::size_t i = block * 256; i < std::min(p.rows, (block + 1) * 256); ++i) {
      double row[max_parameters];
      to[i] = function(row_of(f, p, i, row));
    }
  });
  return out;
}

py::array summary(int index, const std::string& op, const py::list& theta) {
  const family_entry f = family_at(index);
  const cold_table& c = *f.cold;
  if (op == "skewness" || op == "kurtosis")
    return over_parameters(f, theta,
                           [&](const double* row) { return standard_moment(c, row, op == "skewness" ? 3 : 4); });
  const theta_function function = op == "mean"       ? c.mean
                                  : op == "variance" ? c.variance
                                  : op == "mode"     ? c.mode
                                  : op == "entropy"  ? c.entropy
                                  : op == "lower"    ? c.lower
                                  : op == "upper"    ? c.upper
                                                     : nullptr;
  if (function == nullptr)
    throw error(
        error_kind::parameter,
        "operation must be one of mean, variance, skewness, kurtosis, mode, entropy, lower, upper, got '" + op + "'");
  return over_parameters(f, theta, function);
}

py::array moment(int index, int order, bool central, const py::list& theta) {
  const family_entry f = family_at(index);
  if (order < 0) throw error(error_kind::parameter, "order must be 0 or more, got " + std::to_string(order));
  return over_parameters(f, theta, [&](const double* row) {
    return central ? central_moment(*f.cold, row, order) : f.cold->moment(row, order);
  });
}

// D(p || q) of every pair of members, or None where the family has no closed form.
py::object divergence(int index, const py::list& p, const py::list& q) {
  const family_entry f = family_at(index);
  if (f.cold->divergence == nullptr) return py::none();
  const parameters first(p, f.cold->parameter_count), second(q, f.cold->parameter_count);
  const std::size_t n = std::max(first.rows, second.rows);
  require_rows(first, n);
  require_rows(second, n);
  array out(static_cast<py::ssize_t>(n));
  double* const to = out.mutable_data();
  for (std::size_t i = 0; i < n; ++i) {
    double a[max_parameters], b[max_parameters];
    to[i] = f.cold->divergence(row_of(f, first, i, a), row_of(f, second, i, b));
  }
  return out;
}

// The expected information of one observation, (n, k, k), or None where the family has no closed form.
py::object fisher_information(int index, const py::list& theta) {
  const family_entry f = family_at(index);
  if (f.cold->fisher_information == nullptr) return py::none();
  const parameters p(theta, f.cold->parameter_count);
  const int k = f.cold->parameter_count;
  array out({static_cast<py::ssize_t>(p.rows), static_cast<py::ssize_t>(k), static_cast<py::ssize_t>(k)});
  double* to = out.mutable_data();
  for (std::size_t r = 0; r < p.rows; ++r) {
    double row[max_parameters];
    row_of(f, p, r, row);
    for (int i = 0; i < k; ++i)
      for (int j = 0; j < k; ++j) *to++ = f.cold->fisher_information(row, i, j);
  }
  return out;
}

py::array regular(int index, const py::list& theta) {
  const family_entry f = family_at(index);
  const parameters p(theta, f.cold->parameter_count);
  py::array_t<bool> out(static_cast<py::ssize_t>(p.rows));
  bool* const to = out.mutable_data();
  for (std::size_t i = 0; i < p.rows; ++i) {
    double row[max_parameters];
    to[i] = f.cold->regular(row_of(f, p, i, row));
  }
  return out;
}

// The internal coordinates (loc and scale where the family has them, the shapes), their derivatives in the parameters, and
// whether there are a loc and a scale: of a law that is loc + scale Z, all but Z's shapes.
py::tuple internal(int index, const py::list& theta) {
  const family_entry f = family_at(index);
  const cold_table& c = *f.cold;
  const parameters p(theta, c.parameter_count);
  const auto k = static_cast<py::ssize_t>(c.parameter_count), n = static_cast<py::ssize_t>(p.rows);
  array coordinates({n, k}), slopes({n, k, k});
  double* x = coordinates.mutable_data();
  double* slope = slopes.mutable_data();
  for (std::size_t i = 0; i < p.rows; ++i) {
    double row[max_parameters];
    const point at = c.to_point(row_of(f, p, i, row));
    jacobian j;
    c.derivatives(row, j);
    const auto put = [&](double value, int which) {
      *x++ = value;
      for (int m = 0; m < c.parameter_count; ++m) *slope++ = j.first[which][m];
    };
    if (c.has_loc) put(at.loc, 0);
    if (c.has_scale) put(at.scale, 1);
    for (int s = 0; s < c.shape_count; ++s) put(at.shape[s], 2 + s);
  }
  return py::make_tuple(coordinates, slopes, c.has_loc, c.has_scale);
}

// The parameters at internal coordinates.
py::array canonical(int index, const py::array_t<double, py::array::c_style | py::array::forcecast>& coordinates) {
  const family_entry f = family_at(index);
  const cold_table& c = *f.cold;
  if (coordinates.ndim() != 2 || coordinates.shape(1) != c.parameter_count)
    throw error(error_kind::parameter, "coordinates must have shape (n, " + std::to_string(c.parameter_count) + ")");
  array out({coordinates.shape(0), coordinates.shape(1)});
  const double* x = coordinates.data();
  double* to = out.mutable_data();
  for (py::ssize_t i = 0; i < coordinates.shape(0); ++i, to += c.parameter_count) {
    point at;
    if (c.has_loc) at.loc = *x++;
    if (c.has_scale) at.scale = *x++;
    for (int s = 0; s < c.shape_count; ++s) at.shape[s] = *x++;
    c.to_theta(at, to);
  }
  return out;
}

py::array draw(int index, const py::list& theta, std::size_t n, std::uint64_t seed, std::uint64_t stream) {
  const family_entry f = family_at(index);
  const parameters p(theta, f.cold->parameter_count);
  require_rows(p, n);
  const auto size = static_cast<py::ssize_t>(n);
  if (f.cold->info->kind == kind::discrete) {
    py::array_t<std::int64_t> counts(size);
    std::int64_t* const to = counts.mutable_data();
    {
      const py::gil_scoped_release released;
      sample_counts(f, p.columns, n, seed, stream, to);
    }
    return counts;
  }
  array out(size);
  double* const to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    sample(f, p.columns, n, seed, stream, to);
  }
  return out;
}

}  // namespace

py::dict as_dict(const fit_result& r, double seconds) {
  const auto k = static_cast<py::ssize_t>(r.parameters.size());
  array covariance({k, k});
  std::memcpy(covariance.mutable_data(), r.covariance.data(), r.covariance.size() * sizeof(double));
  py::list errors;
  for (std::size_t i = 0; i < r.parameters.size(); ++i)
    errors.append(std::sqrt(r.covariance[i * r.parameters.size() + i]));
  py::object limit = py::none();
  if (r.has_limit)
    limit = py::dict(py::arg("family") = r.limit.family, py::arg("parameters") = r.limit.parameters,
                     py::arg("log_likelihood") = r.limit.log_likelihood,
                     py::arg("kind") = limit_kind_names[static_cast<int>(r.limit.kind)]);
  return py::dict(py::arg("parameters") = r.parameters, py::arg("status") = status_names[static_cast<int>(r.status)],
                  py::arg("reason") = r.reason, py::arg("standard_errors") = errors, py::arg("covariance") = covariance,
                  py::arg("log_likelihood") = r.log_likelihood, py::arg("n") = r.weight, py::arg("n_rows") = r.rows,
                  py::arg("free") = r.free_parameters, py::arg("passes") = r.passes,
                  py::arg("iterations") = r.iterations, py::arg("seconds") = seconds,
                  py::arg("decrement") = r.decrement, py::arg("limit") = limit);
}

namespace {

// Calls a Python progress function from a search; an exception in it ends the search and is raised.
std::function<void(int, double)> progress_call(const py::object& progress) {
  if (progress.is_none()) return nullptr;
  return [&progress](int iteration, double decrement) {
    const py::gil_scoped_acquire held;
    progress(iteration, decrement);
  };
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

py::dict fit_family(int index, const py::array& x, const py::object& weights, const std::vector<double>& fixed,
                    const py::object& start, const py::object& progress, int iteration_limit,
                    const std::optional<py::tuple>& intervals) {
  const family_entry f = family_at(index);
  const observations o = as_observations(x, weights);
  fit_options options;
  options.fixed = require_count(f, fixed);
  if (!start.is_none()) options.start = require_count(f, py::cast<std::vector<double>>(start));
  options.iteration_limit = iteration_limit;
  options.progress = progress_call(progress);
  std::optional<given_intervals> within;
  if (intervals) within.emplace(*intervals);
  const auto began = std::chrono::steady_clock::now();
  fit_result r;
  {
    const py::gil_scoped_release released;
    r = within ? fit(f, o, within->rows(), options) : fit(f, o, options);
  }
  return as_dict(r, seconds_since(began));
}

py::list compare(const std::vector<int>& indices, const py::array& x, const py::object& weights,
                 const py::object& progress) {
  const observations o = as_observations(x, weights);
  py::list out;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const family_entry f = family_at(indices[i]);
    fit_options options;
    for (int k = 0; k < f.cold->parameter_count; ++k) options.fixed.push_back(f.cold->parameters[k].known);
    const auto began = std::chrono::steady_clock::now();
    try {
      fit_result r;
      {
        const py::gil_scoped_release released;
        r = fit(f, o, options);
      }
      out.append(as_dict(r, seconds_since(began)));
    } catch (const error& e) {
      if (e.kind() == error_kind::interrupted) throw;
      out.append(py::dict(py::arg("error") = e.what()));
    }
    if (!progress.is_none()) progress(i + 1, indices.size());
  }
  return out;
}

}  // namespace

const observations& table::of(const family_entry& f, const observations& x) {
  if (f.cold->info->kind != kind::discrete || x.weight.data != nullptr || x.n < 1024) return x;
  if (!tabulate(x, values_, counts_)) return x;
  const auto stride = static_cast<std::ptrdiff_t>(sizeof(double));
  view_.n = values_.size();
  view_.value = {values_.data(), stride, dtype::float64, false};
  view_.weight = {counts_.data(), stride, dtype::float64, false};
  return view_;
}

void register_families(py::module_& m) {
  using namespace pybind11::literals;
  m.def("registry", [] {
    py::list out;
    for (int i = 0; i < family_count(); ++i) out.append(describe(family_at(i)));
    out.append(describe_box());
    return out;
  });
  m.def("elementwise", elementwise, "index"_a, "operation"_a, "x"_a, "parameters"_a);
  m.def("log_between", log_between, "index"_a, "lower"_a, "upper"_a, "parameters"_a);
  m.def("score_between", score_between, "index"_a, "lower"_a, "upper"_a, "parameters"_a);
  m.def("uniform", [](const std::string& name, std::size_t n, std::uint64_t seed, std::uint64_t stream) {
    array out(static_cast<py::ssize_t>(n));
    double* to = out.mutable_data();
    const py::gil_scoped_release released;
    uniform_doubles(name.c_str(), n, seed, stream, to);
    return out;
  }, "name"_a, "n"_a, "seed"_a, "stream"_a = 0);
  m.def("score", score, "index"_a, "x"_a, "parameters"_a);
  m.def("log_likelihood", log_likelihood, "index"_a, "x"_a, "parameters"_a, "weights"_a = py::none(),
        "direct"_a = false);
  m.def("information", information, "index"_a, "x"_a, "parameters"_a, "weights"_a = py::none(),
        "intervals"_a = py::none());
  m.def("summary", summary, "index"_a, "operation"_a, "parameters"_a);
  m.def("moment", moment, "index"_a, "order"_a, "central"_a, "parameters"_a);
  m.def("divergence", divergence, "index"_a, "p"_a, "q"_a);
  m.def("fisher_information", fisher_information, "index"_a, "parameters"_a);
  m.def("regular", regular, "index"_a, "parameters"_a);
  m.def("internal", internal, "index"_a, "parameters"_a);
  m.def("canonical", canonical, "index"_a, "coordinates"_a);
  m.def("sample", draw, "index"_a, "parameters"_a, "n"_a, "seed"_a, "stream"_a = 0);
  m.def("fit", fit_family, "index"_a, "x"_a, "weights"_a, "fixed"_a, "start"_a = py::none(), "progress"_a = py::none(),
        "iteration_limit"_a = 200, "intervals"_a = py::none());
  m.def("compare", compare, "indices"_a, "x"_a, "weights"_a = py::none(), "progress"_a = py::none());
  m.def("require_exact", [](const py::array& x, const std::string& argument) {
    const column c = as_column(x, "x");
    const auto n = static_cast<std::size_t>(x.shape(0));
    const py::gil_scoped_release released;
    require_exact(c, n, argument);
  }, "x"_a, "argument"_a);
  m.def("extent", [](const py::array& x) {
    const column c = as_column(x, "x");
    const auto n = static_cast<std::size_t>(x.shape(0));
    const auto all = [&] {
      const py::gil_scoped_release released;
      return extent_of(c, n);
    }();
    return std::tuple(all.low, all.high, all.finite);
  }, "x"_a);
  m.def("read_sum", [](const py::array& x) {
    const column c = as_column(x, "x");
    const auto n = static_cast<std::size_t>(x.shape(0));
    const py::gil_scoped_release released;
    return sum(c, n);
  }, "x"_a);
}

}  // namespace thetahat::python
