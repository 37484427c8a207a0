// Maximum likelihood: which numbers a fit rests on, where it starts, and what it may claim.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "fitting.hpp"

namespace thetahat {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

class from_rows final : public objective {
 public:
  from_rows(const family_entry& f, const observations& x) : family_(f), data_(x) {}
  // The log-likelihood at `p` too, in the pass of the first derivatives.
  void remember(const point& p) { remembered_ = p; }
  double remembered_value() const { return remembered_value_; }
  derivative_sums differentiate(const point& p) override {
    if (!remembered_) return thetahat::differentiate(family_, data_, p);
    const point also = *remembered_;
    remembered_.reset();
    return thetahat::differentiate(family_, data_, p, false, &also, &remembered_value_);
  }
  void values(const point* points, int count, double* out) override {
    log_likelihoods(family_, data_, points, count, out);
  }

 private:
  const family_entry& family_;
  const observations& data_;
  std::optional<point> remembered_;
  double remembered_value_ = -infinity;
};

class from_sums final : public objective {
 public:
  from_sums(const family_entry& f, const statistics& s) : family_(f), sums_(s) {}
  derivative_sums differentiate(const point& p) override {
    derivative_sums d;
    family_.cold->from_statistics(sums_, p, d);
    return d;
  }
  void values(const point* points, int count, double* out) override {
    for (int k = 0; k < count; ++k) out[k] = differentiate(points[k]).sum[value_];
  }

 private:
  const family_entry& family_;
  const statistics& sums_;
};

}  // namespace

fit_result& finish(fitting& s, fit_status status, const std::string& reason) {
  s.out.status = status;
  s.out.reason = reason;
  return s.out;
}

namespace {

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

bool all_boundary(const cold_table& f) {
  for (int k = 0; k < f.parameter_count; ++k)
    if (!f.parameters[k].boundary) return false;
  return true;
}

// ----- gathering ----------------------------------------------------------------------------------------------------------------

void gather(fitting& s) {
  if (s.cold.info->kind == kind::discrete) {
    if (s.raw.weight.data == nullptr && tabulate(s.raw, s.table.values, s.table.weights)) {
      s.data = s.table.view();
    } else {
      require_valid(s.family, s.raw);
    }
    s.out.passes = 1;
    s.sums = moments(s.data);
    s.has_sums = true;
  } else if (s.cold.needed != 0) {
    s.sums = collect_statistics(s.family, s.raw, pilot_mean(s.family, s.raw));
    s.out.passes = 1;
    s.has_sums = true;
  } else {
    s.sums = extremes(s.raw, all_boundary(s.cold));
  }
  const support_set& support = s.cold.info->support;
  const bool inside = (support.lower_closed ? s.sums.minimum >= support.lower : s.sums.minimum > support.lower) &&
                      (support.upper_closed ? s.sums.maximum <= support.upper : s.sums.maximum < support.upper);
  const bool finite = std::isfinite(s.sums.sum) && std::isfinite(s.sums.square) && std::isfinite(s.sums.log) &&
                      std::isfinite(s.sums.minimum) && std::isfinite(s.sums.maximum);
  if (!inside || !finite) require_valid(s.family, s.raw);
  s.out.weight = s.sums.weight;
}

}  // namespace

// ----- what follows a maximum -----------------------------------------------------------------------------------------------------

void covariance_at(fitting& s, const double* theta, const derivative_sums* at_estimate,
                   std::array<bool, max_axes> active) {
  const int k = s.cold.parameter_count;
  if (!s.cold.regular(theta)) return;
  evaluation e;
  if (s.cold.expected_information != nullptr && s.intervals == nullptr) {
    for (int i = 0; i < k; ++i)
      for (int j = 0; j < k; ++j)
        e.information[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
            s.out.weight * s.cold.expected_information(theta, i, j);
  } else {
    const point p = s.cold.to_point(theta);
    double g[5], h[5][5];
    internal_derivatives(s.cold, p, *at_estimate, g, h);
    jacobian j;
    s.cold.derivatives(theta, j);
    e = transformed(g, h, j, k);
  }
  matrix inverse;
  if (!invert(e.information, active, k, inverse)) return;
  for (int i = 0; i < k; ++i)
    for (int j = 0; j < k; ++j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      s.out.covariance[a * static_cast<std::size_t>(k) + b] = active[a] && active[b] ? inverse[a][b] : not_a_number;
    }
}

std::array<bool, max_axes> estimated(const fitting& s) {
  std::array<bool, max_axes> active{};
  for (int k = 0; k < s.cold.parameter_count; ++k)
    active[static_cast<std::size_t>(k)] =
        std::isnan(s.options.fixed[static_cast<std::size_t>(k)]) && !s.cold.parameters[k].boundary;
  return active;
}

void hold_fixed(const fitting& s, double* theta) {
  for (int k = 0; k < s.cold.parameter_count; ++k) {
    const double known = s.options.fixed[static_cast<std::size_t>(k)];
    if (!std::isnan(known)) theta[k] = known;
  }
}

void store(fitting& s, const double* theta) { s.out.parameters.assign(theta, theta + s.cold.parameter_count); }

bool outside_domain(const cold_table& f, const double* theta) {
  for (int k = 0; k < f.parameter_count; ++k) {
    const domain d = f.parameters[k].domain;
    if ((d == domain::unit && !(theta[k] > 0.0 && theta[k] < 1.0)) ||
        (d == domain::positive && !(theta[k] > 0.0 && theta[k] < infinity)))
      return true;
  }
  return false;
}

// A closed form: the estimate, its information and its log-likelihood, from the same sums.
fit_result closed_form(fitting& s) {
  double theta[max_parameters];
  if (s.cold.kinked_location) {
    if (s.cold.at_kink == nullptr) {
      s.out.passes = median_estimate(s.family, s.raw, s.options.fixed, theta);
    } else if (!kink_estimate(s.family, s.raw, s.options.fixed, theta, s.out.passes)) {
      require_valid(s.family, s.raw);
      return finish(s, fit_status::not_identified,
                    "the likelihood is largest for a law that lies to one side of the rows' extreme, which the family "
                    "comes ever closer to");
    }
  } else {
    s.cold.mle(s.sums, s.options.fixed.data(), theta);
    if (outside_domain(s.cold, theta))
      return finish(
          s, fit_status::degenerate,
          "every observation equals " + number(s.sums.minimum) + ": the likelihood is largest for a point mass there");
    for (int k = 0; k < s.cold.parameter_count; ++k)
      if (!std::isfinite(theta[k]))
        return finish(s, fit_status::unbounded,
                      std::string("the likelihood grows without bound with ") + s.cold.parameters[k].name);
    if (s.sums.minimum < s.cold.lower(theta) || s.sums.maximum > s.cold.upper(theta)) fixed_end_error(s.family);
  }
  const point p = s.cold.to_point(theta);
  store(s, theta);
  derivative_sums d;
  if (s.cold.from_statistics != nullptr) {
    s.cold.from_statistics(s.sums, p, d);
  } else if (s.cold.info->kind == kind::discrete) {
    d = differentiate(s.family, s.data, p);
  }
  s.out.log_likelihood = d.sum[value_];
  if (s.cold.kinked_location || (all_boundary(s.cold) && s.cold.from_statistics == nullptr)) {
    log_likelihoods(s.family, s.raw, &p, 1, &s.out.log_likelihood);
    ++s.out.passes;
  }
  if (!std::isfinite(s.out.log_likelihood)) {
    require_valid(s.family, s.raw);
    require_inside(s.family, s.raw, theta);
  }
  covariance_at(s, theta, &d, estimated(s));
  std::string reason = "closed form";
  bool boundary = false;
  for (int k = 0; k < s.cold.parameter_count; ++k) boundary |= s.cold.parameters[k].boundary;
  if (boundary) reason += "; parameters estimated by an extreme order statistic have no standard error";
  return finish(s, fit_status::converged, reason);
}

namespace {

// ----- limits ---------------------------------------------------------------------------------------------------------------------

// What a fit holds of the family, in the limit family's own parameters.
std::vector<double> held_in(const nested_limit& limit, const cold_table& nested, const fitting& s) {
  std::vector<double> held(static_cast<std::size_t>(nested.parameter_count), not_a_number);
  for (const limit_argument& a : limit.arguments)
    for (int to = 0; a.name != nullptr && to < nested.parameter_count; ++to)
      for (int from = 0; from < s.cold.parameter_count; ++from)
        if (std::strcmp(a.name, nested.parameters[to].name) == 0 &&
            std::strcmp(a.source, s.cold.parameters[from].name) == 0) {
          const double v = s.options.fixed[static_cast<std::size_t>(from)];
          held[static_cast<std::size_t>(to)] = a.transform == convert::reciprocal   ? 1.0 / v
                                               : a.transform == convert::complement ? 1.0 - v
                                               : a.transform == convert::exp        ? std::exp(v)
                                                                                    : v;
        }
  return held;
}

// A maximum at the bound of a shape may lie where another parameter meets an end of the data, which no search reaches: the
// start that the family has for the shape held there, if it is higher.
bool settled_at_bound(fitting& s, const coordinates& c, int axis, double reached) {
  if (s.intervals != nullptr || s.cold.start_from_sample == nullptr || s.data.weight.data != nullptr) return false;
  std::vector<double> known = s.options.fixed;
  known[static_cast<std::size_t>(axis)] = c.lower(axis);
  double theta[max_parameters];
  const sorted_rows all(s.family, sample_rows(s.data, s.data.n).view());
  s.cold.start_from_sample(all.view(), known.data(), theta);
  hold_fixed(s, theta);
  const point p = s.cold.to_point(theta);
  double value;
  log_likelihoods(s.family, s.data, &p, 1, &value);
  if (!(value >= reached)) return false;
  store(s, theta);
  s.out.log_likelihood = value;
  finish(s, fit_status::boundary,
         std::string(c.name(axis)) + " is at its bound " + number(c.lower(axis)) +
             ": the likelihood has no maximum beyond it; the upper end is the largest observation");
  return true;
}

fit_result at_limit(fitting& s, const coordinates& c, const newton_result& r, int axis, const double* theta) {
  const std::string name = c.name(axis);
  const nested_limit* const limit = c.limit(axis);
  if (limit == nullptr) {  // the generalised Pareto's -1: a flat density that ends at the largest observation
    store(s, theta);
    int parameter = 0;
    while (std::strcmp(s.cold.parameters[parameter].name, c.name(axis)) != 0) ++parameter;
    const bool ends = std::isfinite(s.cold.upper(theta));
    return finish(s, fit_status::boundary,
                  name + " is at its bound " + number(theta[parameter]) + ": the likelihood has no maximum " +
                      (ends ? "beyond it; the upper end is the largest observation" : "before it"));
  }
  const int index = family_index(limit->family);
  store(s, theta);
  s.out.log_likelihood = r.last.value;
  const std::string reason = name + " is at the end of its range: the maximum is the " + limit->family + " law";
  if (index < 0) return finish(s, fit_status::boundary, reason);
  const family_entry nested = family_at(index);
  fit_options plain;
  plain.fixed = held_in(*limit, *nested.cold, s);
  const fit_result inner = s.intervals == nullptr ? fit(nested, s.raw, plain) : fit(nested, s.raw, *s.intervals, plain);
  if (inner.status != fit_status::converged && inner.status != fit_status::boundary) {
    s.out.parameters.assign(s.out.parameters.size(), not_a_number);
    s.out.log_likelihood = not_a_number;
    return finish(s, fit_status::not_identified,
                  name + " runs to the end of its range, and the limit there, the " + limit->family +
                      " law, has no maximum: " + inner.reason);
  }
  s.out.has_limit = true;
  for (const limit_argument& a : limit->arguments)  // what both families have is the limit's
    for (int to = 0; a.name != nullptr && a.transform == convert::identity && to < nested.cold->parameter_count; ++to)
      for (std::size_t from = 0; from < s.out.parameters.size(); ++from)
        if (std::strcmp(a.name, nested.cold->parameters[to].name) == 0 &&
            std::strcmp(a.source, s.cold.parameters[from].name) == 0)
          s.out.parameters[from] = inner.parameters[static_cast<std::size_t>(to)];
  s.out.limit = {nested.cold->info->name, limit->kind, inner.parameters, inner.log_likelihood};
  return finish(s, fit_status::boundary, reason);
}

}  // namespace

// ----- what a search found --------------------------------------------------------------------------------------------------------

fit_result conclude(fitting& s, const coordinates& c, const newton_result& r, double at_start,
                    const std::string& mass) {
  s.out.iterations = r.iterations;
  s.out.decrement = r.decrement;
  double theta[max_parameters];
  c.to_theta(r.estimate, theta);
  hold_fixed(s, theta);

  for (int i = 0; i < c.count(); ++i)
    if (r.outcome == newton_outcome::converged && r.at_bound[static_cast<std::size_t>(i)]) {
      if (c.limit(i) == nullptr && settled_at_bound(s, c, i, r.last.value)) return s.out;
      fit_result limited = at_limit(s, c, r, i, theta);
      if (c.limit(i) == nullptr) limited.log_likelihood = r.last.value;
      if (limited.has_limit && limited.limit.log_likelihood > r.last.value)
        limited.log_likelihood = limited.limit.log_likelihood;  // where the bound lies beside the limit
      return limited;
    }
  switch (r.outcome) {
    case newton_outcome::unbounded:
      return finish(s, mass.empty() ? fit_status::unbounded : fit_status::degenerate,
                    !mass.empty() ? mass
                                  : "the likelihood grows without bound as scale goes to 0 at a repeated observation; "
                                    "give the unit to which the data are rounded");
    case newton_outcome::drifting: return without_maximum(s, c, r, r.drift, "");
    case newton_outcome::iteration_limit:
      store(s, theta);
      s.out.log_likelihood = r.last.value;
      return finish(s, fit_status::iteration_limit,
                    "stopped after " + std::to_string(r.iterations) + " iterations before the certificate held");
    case newton_outcome::failed:
      if (const auto bound = bound_reached(c, r)) {
        // Beside the limit the derivatives of intervals are rounding; the limit's own fit has its digits.
        if (c.limit(*bound) != nullptr) {
          vector u = r.at;
          u[static_cast<std::size_t>(*bound)] = c.lower(*bound);
          c.to_theta(u, theta);
          hold_fixed(s, theta);
          fit_result limited = at_limit(s, c, r, *bound, theta);
          if (limited.has_limit && limited.limit.log_likelihood >= r.last.value) {
            limited.log_likelihood = limited.limit.log_likelihood;
            return limited;
          }
          s.out.has_limit = false;
          return finish(s, fit_status::not_identified,
                        std::string(c.name(*bound)) + " has come to its bound, and the limit there has no maximum");
        } else if (settled_at_bound(s, c, *bound, r.last.value)) {
          return s.out;
        }
        const point p = s.cold.to_point(theta);
        if (s.intervals == nullptr) log_likelihoods(s.family, s.raw, &p, 1, &s.out.log_likelihood);
        if (!std::isfinite(s.out.log_likelihood) && s.intervals == nullptr)
          return finish(s, fit_status::not_identified,
                        std::string(c.name(*bound)) + " has come to its bound, where no float64 holds every row");
        store(s, theta);
        s.out.log_likelihood = r.last.value;
        return finish(s, fit_status::boundary,
                      std::string(c.name(*bound)) + " has come to its bound, where the likelihood has no maximum");
      }
      return finish(
          s, fit_status::not_identified,
          "no step from the last point raises the likelihood, and the information there is not positive definite");
    default: break;
  }

  // A law close to its limit may have parameters that no float64 holds: it is the limit, as far as they can say.
  for (int i = 0; i < c.count() && outside_domain(s.cold, theta); ++i)
    if (c.free(i) && c.limit(i) != nullptr) {
      fit_result limited = at_limit(s, c, r, i, theta);
      limited.log_likelihood = limited.limit.log_likelihood;
      return limited;
    }

  // ----- the certificate's last part: no worse than where it could have stayed --------------------------------------------------
  // At the estimate the log-likelihood exceeds that of the last evaluated point by half the decrement.
  store(s, theta);
  s.out.log_likelihood = r.last.value + 0.5 * r.decrement;
  if (at_start > s.out.log_likelihood + 1e-9 * (1.0 + std::fabs(s.out.log_likelihood)))
    return finish(s, fit_status::iteration_limit, "the search ended below its start: another start may do better");
  double evaluated[max_parameters];
  c.to_theta(r.at, evaluated);
  covariance_at(s, evaluated, &r.last.sums, estimated(s));
  return finish(s, fit_status::converged, s.cold.regular(theta) ? "" : "standard errors do not exist at this shape");
}

namespace {

// The start on the other side of a limit inside the range where the information has no rank: a search comes to rest
// there, though the maximum may lie beyond. The side is chosen by a search from each on the same few rows.
vector better_side(const family_entry& f, const observations& x, const coordinates& c, const fit_options& options,
                   const start_sample& sample, const double* theta, const vector& u, const newton_options& search) {
  const int k = sided_parameter(*f.cold, options.fixed);
  if (k < 0 || f.cold->start_from_sample == nullptr) return u;
  std::vector<vector> starts = {u};
  const bool between = std::fabs(theta[k]) < 0.1;  // a start at the limit itself has two other sides
  for (const double there : {between ? -1.0 : -theta[k], between ? 1.0 : theta[k]}) {
    if (there == theta[k]) continue;
    std::vector<double> known = options.fixed;
    known[static_cast<std::size_t>(k)] = there;
    double across[max_parameters];
    f.cold->start_from_sample(sample, known.data(), across);
    for (std::size_t i = 0; i < known.size(); ++i)
      if (!std::isnan(known[i])) across[i] = known[i];
    starts.push_back(c.from_theta(across));
  }
  const sample_rows part(x, 4096);
  const observations view = part.view();
  from_rows rows(f, view);
  newton_options quiet = search;
  quiet.progress = nullptr;
  vector best = u;
  double highest = -infinity;
  for (const vector& start : starts) {
    const newton_result r = newton(rows, *f.cold, c, start, quiet);
    const bool ended = r.outcome == newton_outcome::converged || r.outcome == newton_outcome::iteration_limit;
    if (ended && r.last.value > highest) best = r.at, highest = r.last.value;
  }
  return best;
}

// The support at the whole numbers that come with the data; rows beyond it are refused.
extent within_given(const fitting& s) {
  extent all{s.cold.info->support.lower, s.cold.info->support.upper, false};
  double theta[max_parameters];
  std::copy(s.cold.cases, s.cold.cases + s.cold.parameter_count, theta);
  bool any = false;
  for (int k = 0; k < s.cold.parameter_count; ++k)
    if (s.cold.parameters[k].given()) theta[k] = s.options.fixed[static_cast<std::size_t>(k)], any = true;
  if (!any) return all;
  all.low = s.cold.lower(theta);
  all.high = s.cold.upper(theta);
  if (s.sums.minimum < all.low || s.sums.maximum > all.high) require_inside(s.family, s.raw, theta);
  return all;
}

// Extreme observations settle some parameters, and a search with those held the others.
fit_result fit_between_ends(const fitting& s) {
  double ends[max_parameters];
  s.cold.ends(s.sums, ends);
  fit_options inner = s.options;
  for (int k = 0; k < s.cold.parameter_count; ++k) {
    double& held = inner.fixed[static_cast<std::size_t>(k)];
    if (std::isnan(held) && s.cold.parameters[k].boundary) held = ends[k];
  }
  fit_result r = fit(s.family, s.raw, inner);
  r.free_parameters = s.free;
  if (r.reason.empty()) r.reason = "parameters estimated by an extreme order statistic have no standard error";
  return r;
}

fit_result fit_as_given(const family_entry& f, const observations& x, const fit_options& options) {
  fitting s(f, x, nullptr, options);
  if (x.n == 0)
    throw error(error_kind::data, "x must hold at least one observation, got none; check the filter that made it");
  gather(s);
  const cold_table& cold = s.cold;
  const bool all_equal = s.sums.minimum == s.sums.maximum;
  const bool one_parameter = cold.parameter_count == 1;
  const std::string mass = "every observation equals " + number(s.sums.minimum);
  const bool counts = cold.info->kind == kind::discrete;
  const extent possible = within_given(s);
  if (all_equal && s.free > 0) {
    if (s.sums.rows == 1 && s.free > 1)
      return finish(s, fit_status::not_identified,
                    "one observation cannot identify " + std::to_string(s.free) + " parameters");
    const bool at_end =
        s.sums.minimum == 0.0 || (counts && (s.sums.minimum == possible.low || s.sums.minimum == possible.high));
    if (((!one_parameter && !counts) && s.free > 1) || at_end)
      return finish(s, fit_status::degenerate, mass + ": the likelihood is largest for a point mass there");
  }
  bool unrestricted = true;
  for (int k = 0; k < cold.parameter_count; ++k)
    unrestricted &= cold.parameters[k].given() || std::isnan(options.fixed[static_cast<std::size_t>(k)]);
  if (s.free == 0) {
    const point p = cold.to_point(options.fixed.data());
    store(s, options.fixed.data());
    log_likelihoods(f, x, &p, 1, &s.out.log_likelihood);
    if (std::isnan(s.out.log_likelihood)) require_valid(f, x);
    return finish(s, fit_status::converged, "every parameter is fixed");
  }
  if (cold.kinked_location || ((unrestricted || cold.mle_beside_known) && cold.mle != nullptr && options.start.empty()))
    return closed_form(s);
  for (int k = 0; k < cold.parameter_count; ++k)
    if (cold.parameters[k].boundary && std::isnan(options.fixed[static_cast<std::size_t>(k)]))
      return cold.ends != nullptr ? fit_between_ends(s) : boundary_with_fixed(f, x, options, s.sums);

  // ----- Newton --------------------------------------------------------------------------------------------------------------
  double theta[max_parameters];
  // Where sums give the start, a few rows tell the scale of the data.
  const bool start_from_rows =
      !s.has_sums || (cold.start_from_statistics == nullptr && cold.mle == nullptr) || cold.from_statistics == nullptr;
  const sorted_rows sample(f, sample_rows(s.data, start_from_rows ? 8192 : 512).view());
  const coordinates c(cold, options.fixed, sample.view().quantile(0.5));
  if (!options.start.empty()) {
    std::copy(options.start.begin(), options.start.end(), theta);
  } else if (s.has_sums && cold.start_from_statistics != nullptr) {
    cold.start_from_statistics(s.sums, theta);
  } else if (s.has_sums && cold.mle != nullptr) {
    cold.mle(s.sums, options.fixed.data(), theta);
  } else {
    cold.start_from_sample(sample.view(), options.fixed.data(), theta);
  }
  hold_fixed(s, theta);
  vector u = c.from_theta(theta);
  if (s.data.n < large_sample) u = feasible(f, s.data, c, u);

  newton_options search;
  search.iteration_limit = options.iteration_limit;
  search.progress = options.progress;
  search.leave_ridges = cold.ridges;
  search.smallest_log_scale = sample.log_spread() - 46.0;  // 1e-20 of the spread of the data
  from_rows rows(f, s.data);
  from_sums sums(f, s.sums);
  // A concentrated law's sums cancel: then the rows themselves have to be read again, in the form that does not.
  const bool by_sums =
      s.has_sums && cold.from_statistics != nullptr && (cold.admissible == nullptr || cold.admissible(c.to_point(u)));
  objective& data = by_sums ? static_cast<objective&>(sums) : static_cast<objective&>(rows);
  const vector initial = u;
  u = better_side(f, s.data, c, options, sample.view(), theta, u, search);
  if (!by_sums && s.data.n >= large_sample) {  // two samples first: each full pass then squares the error
    // The second is large enough for three full passes to end within 1e-6 standard errors: m >= 1000 c n^(1/4).
    const auto second = static_cast<std::size_t>(4000.0 * std::sqrt(std::sqrt(static_cast<double>(s.data.n))));
    for (const std::size_t size : {std::size_t{4096}, std::min<std::size_t>(second, 131072)}) {
      const sample_rows part(s.data, size);
      const observations view = part.view();
      from_rows some(f, view);
      newton_options loose = search;
      loose.tolerance = 1e-3;
      loose.iteration_limit = 50;
      loose.progress = nullptr;
      const newton_result r = newton(some, cold, c, u, loose);
      if (r.outcome == newton_outcome::converged) u = feasible(f, s.data, c, r.estimate);
    }
  }
  const point first = c.to_point(initial);
  rows.remember(first);
  newton_result r = newton(data, cold, c, u, search);
  if (!std::isfinite(r.last.value)) require_valid(f, x);
  s.out.weight = r.last.sums.weight;
  if (r.outcome == newton_outcome::failed && r.iterations == 0 && s.data.n >= large_sample) {
    const int spent = r.passes;
    r = newton(data, cold, c, feasible(f, s.data, c, initial), search);
    r.passes += spent;
  }
  if (cold.ridges && r.outcome == newton_outcome::converged) {
    std::array<int, max_axes> way{};
    const bool flat = flat_on_a_side(data, c, r, std::min(1.0, std::exp(sample.log_spread())), way);
    if (flat) return without_maximum(s, c, r, way, "");
  }
  if (!by_sums) s.out.passes += counts && s.table.values.size() > 0 ? 0 : r.passes;
  double at_start = rows.remembered_value();
  if (by_sums) sums.values(&first, 1, &at_start);
  if (without_end(s, data, c, r)) return s.out;
  return conclude(s, c, r, at_start, all_equal ? mass : "");
}

// The fit of data that were multiplied by 2^exponent, in the units of the data.
void back_in_units(const family_entry& f, int exponent, fit_result& r) {
  if (std::isnan(r.parameters[0])) return;
  const cold_table& cold = *f.cold;
  const std::size_t count = r.parameters.size();
  point p = cold.to_point(r.parameters.data());
  if (cold.info->observed == observed::log) p.loc -= exponent * std::log(2.0);
  else p.scale = std::ldexp(p.scale, -exponent);
  double moved[max_parameters];
  cold.to_theta(p, moved);
  std::vector<double> factor(count, 1.0);
  for (std::size_t k = 0; k < count; ++k) {
    if (cold.parameters[k].domain == domain::real) {  // of a logarithm: it moves
      r.parameters[k] = moved[k];
      continue;
    }
    const double power = std::round(std::log2(moved[k] / r.parameters[k]));
    factor[k] = std::ldexp(1.0, static_cast<int>(power));
    r.parameters[k] *= factor[k];
  }
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) r.covariance[i * count + j] *= factor[i] * factor[j];
  r.log_likelihood += r.weight * exponent * std::log(2.0);
}

}  // namespace

fit_result fit(const family_entry& f, const observations& x, const fit_options& options) {
  const bool unrestricted = options.start.empty() && std::all_of(options.fixed.begin(), options.fixed.end(),
                                                                 [](double v) { return std::isnan(v); });
  const int exponent = unrestricted && x.n > 1 ? concentrated_exponent(f, x) : 0;
  if (exponent == 0) return fit_as_given(f, x, options);
  observations near_one = x;
  near_one.value.multiplier = std::ldexp(1.0, exponent);
  try {
    fit_result r = fit_as_given(f, near_one, options);
    back_in_units(f, exponent, r);
    return r;
  } catch (const error& e) {
    if (e.kind() != error_kind::data) throw;
    return fit_as_given(f, x, options);  // which names the value as it was given
  }
}

}  // namespace thetahat
