// Maximum likelihood for rows of which some are only known to lie in an interval, or were only seen inside a window.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compress.hpp"
#include "dispatch.hpp"
#include "fitting.hpp"

namespace thetahat {

namespace {

// ----- starts ---------------------------------------------------------------------------------------------------------------------

// Values that stand for the rows while a search looks for its start.
class stand_ins {
 public:
  stand_ins(const family_entry& f, const observations& exact, const interval_rows& intervals, std::size_t most)
      : support_(f.cold->info->support), discrete_(f.cold->info->kind == kind::discrete) {
    add_exact(exact, most);
    const std::size_t stride = 1 + intervals.size() / most;
    for (std::size_t i = 0; i < intervals.size(); i += stride)
      if (intervals.weight(i) > 0.0) add_interval(intervals.lower[i], intervals.upper[i], stride * intervals.weight(i));
    for (std::size_t i = 0; i < intervals.size() && intervals.weight_stride != 0; ++i)
      if (intervals.weight(i) < 0.0 && (window_ == intervals.size() || intervals.weight(i) < intervals.weight(window_)))
        window_ = i;
  }

  const table_data& plain() const { return rows_; }

  // With something beyond the open ends, and beyond the window that hides most, where the plain ones have nothing.
  table_data extended(const interval_rows& intervals) const {
    table_data t = rows_;
    std::vector<double> sorted = rows_.values;
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](double q) { return sorted[static_cast<std::size_t>(q * (sorted.size() - 1.0))]; };
    double spread = quantile(0.9) - quantile(0.1);
    if (!(spread > 0.0)) spread = sorted.back() - sorted.front();
    for (std::size_t i = 0; i < open_.size(); ++i)
      t.values[open_[i].row] = legal(t.values[open_[i].row] + open_[i].direction * spread * (i % 2 == 0 ? 0.25 : 1.0));
    if (window_ == no_window) return t;
    for (std::size_t i = 0; i < rows_.values.size(); ++i) {
      const double v = rows_.values[i], low = intervals.lower[window_], high = intervals.upper[window_];
      for (const double end : {low, high}) {
        if (!std::isfinite(end) || end <= support_.lower || end >= support_.upper) continue;
        const double mirrored = end + (end - v);
        if (std::fabs(v - end) > 0.5 * spread || mirrored <= support_.lower || mirrored >= support_.upper) continue;
        t.values.push_back(legal(mirrored));
        t.weights.push_back(0.5 * rows_.weights[i]);
      }
    }
    return t;
  }

 private:
  static constexpr std::size_t no_window = ~std::size_t{0};
  struct open_end {
    std::size_t row;
    double direction;
  };

  double legal(double v) const {
    if (discrete_) v = std::floor(v);
    if (!(v > support_.lower)) v = support_.lower_closed ? support_.lower : std::nextafter(support_.lower, infinity);
    if (!(v < support_.upper)) v = support_.upper_closed ? support_.upper : std::nextafter(support_.upper, -infinity);
    return v;
  }

  void add_exact(const observations& exact, std::size_t most) {
    if (exact.n == 0) return;
    const sample_rows some(exact, most);
    const observations view = some.view();
    const double share = static_cast<double>(exact.n) / static_cast<double>(view.n);
    rows_.values.resize(view.n);
    rows_.weights.assign(view.n, 1.0);
    for (std::size_t i = 0; i < view.n; i += tile_size) {
      const std::size_t count = std::min(tile_size, view.n - i);
      common().read(view.value, i, count, &rows_.values[i]);
      if (view.weight.data != nullptr) common().read(view.weight, i, count, &rows_.weights[i]);
    }
    for (double& w : rows_.weights) w *= share;
  }

  void add_interval(double lower, double upper, double weight) {
    const double low = std::max(lower, support_.lower), high = std::min(upper, support_.upper);
    const bool open_low = std::isinf(low), open_high = std::isinf(high);
    if (open_low && open_high) return;  // it says nothing
    if (open_low != open_high) open_.push_back({rows_.values.size(), open_low ? -1.0 : 1.0});
    rows_.values.push_back(legal(open_low ? high : open_high ? low : low + 0.5 * (high - low)));
    rows_.weights.push_back(weight);
  }

  support_set support_;
  bool discrete_;
  table_data rows_;
  std::vector<open_end> open_;
  std::size_t window_ = no_window;
};

// ----- objectives -------------------------------------------------------------------------------------------------------------

class from_both final : public objective {
 public:
  from_both(const family_entry& f, const observations& exact, const interval_rows& intervals)
      : family_(f), exact_(exact), intervals_(intervals) {}
  // From here on the nodes serve in place of the rows; null for the rows.
  void use(const compression* nodes) { nodes_ = nodes; }
  derivative_sums differentiate(const point& p) override {
    ++passes;
    if (nodes_ != nullptr) return nodes_->differentiate(p);
    return thetahat::differentiate(family_, exact_, intervals_, p);
  }
  void values(const point* points, int count, double* out) override {
    ++passes;
    if (nodes_ != nullptr) return nodes_->values(points, count, out);
    log_probabilities(family_, intervals_, points, count, out);
    if (exact_.n == 0) return;
    double plain[max_points];
    log_likelihoods(family_, exact_, points, count, plain);
    for (int k = 0; k < count; ++k) out[k] += plain[k];
  }

  int passes = 0;

 private:
  const family_entry& family_;
  const observations& exact_;
  const interval_rows& intervals_;
  const compression* nodes_ = nullptr;
};

using starts_type = std::vector<std::array<double, max_parameters>>;

// ----- parameters in which the likelihood is not smooth: a kink, or the end of the support ----------------------------------

class profile {
 public:
  profile(fitting& s, from_both& data, const table_data& about)
      : s_(s), data_(data), about_(about), held_(s.options.fixed) {
    for (int k = 0; k < s.cold.parameter_count; ++k)
      if (std::isnan(held_[index(k)]) && (s.cold.parameters[k].boundary || (s.cold.kinked_location && k == 0)))
        rough_.push_back(k);
  }
  bool needed() const { return !rough_.empty(); }

  // The best log-likelihood, and where: no less than beside the `others`.
  double maximum(double* theta, const starts_type& others) {
    std::copy(theta, theta + max_parameters, start_);
    std::copy(theta, theta + max_parameters, best_);
    over(0);
    for (const auto& other : others) {
      for (int k : rough_) held_[index(k)] = other[index(k)];
      inner_from(other.data());
    }
    std::copy(best_, best_ + max_parameters, theta);
    return best_value_;
  }

 private:
  static std::size_t index(int k) { return static_cast<std::size_t>(k); }

  // The values among which parameter k has its best.
  std::pair<double, double> range(int k) const {
    const auto [least, most] = std::minmax_element(about_.values.begin(), about_.values.end());
    if (!s_.cold.parameters[k].boundary) return {*least, *most};
    const double width = *most - *least;
    double ends[2] = {infinity, -infinity};  // the least upper and the largest lower end: the support holds both
    if (s_.raw.n > 0) {
      const extent all = extent_of(s_.raw.value, s_.raw.n);
      ends[0] = all.low;
      ends[1] = all.high;
    }
    for (std::size_t i = 0; i < s_.intervals->size(); ++i) {
      if (!(s_.intervals->weight(i) > 0.0)) continue;
      ends[0] = std::min(ends[0], s_.intervals->upper[i]);
      ends[1] = std::max(ends[1], s_.intervals->lower[i]);
    }
    const bool is_lower = s_.cold.lower(s_.cold.cases) == s_.cold.cases[k];
    if (!is_lower) return {ends[1], ends[1] + 4.0 * width};
    const double widest = s_.cold.parameters[k].domain == domain::positive ? 1e-3 * ends[0] : -infinity;
    return {std::max(ends[0] - 4.0 * width, widest), ends[0]};
  }

  // Where a section starts from: equal steps, and those ends of intervals, at each of which the likelihood has a kink, that
  // lie next to the value which every row's interval still reaches.
  std::vector<double> grid_of(int k, double low, double high) const {
    constexpr int cells = 24;
    constexpr std::size_t most = 12;
    std::vector<double> kinks;
    for (std::size_t i = 0; i < s_.intervals->size(); ++i)
      for (const double end : {s_.intervals->lower[i], s_.intervals->upper[i]})
        if (end > low && end < high) kinks.push_back(end);
    const bool upper_end = s_.cold.parameters[k].boundary && s_.cold.lower(s_.cold.cases) != s_.cold.cases[k];
    const double inner = !s_.cold.parameters[k].boundary ? start_[k] : upper_end ? low : high;
    const auto nearer = [&](double a, double b) { return std::fabs(a - inner) < std::fabs(b - inner); };
    std::sort(kinks.begin(), kinks.end());
    kinks.erase(std::unique(kinks.begin(), kinks.end()), kinks.end());
    std::sort(kinks.begin(), kinks.end(), nearer);
    kinks.resize(std::min(kinks.size(), most));
    for (int i = 0; i <= cells; ++i) kinks.push_back(i == cells ? high : low + (high - low) * i / cells);
    std::sort(kinks.begin(), kinks.end());
    return kinks;
  }

  double at(std::size_t level, double value) {
    held_[index(rough_[level])] = value;
    return over(level + 1);
  }

  double over(std::size_t level) {
    if (level == rough_.size()) return inner();
    const auto [low, high] = range(rough_[level]);
    double best = -infinity, where = low;
    const auto look = [&](double x) {
      const double value = at(level, x);
      if (value > best) best = value, where = x;
      return value;
    };
    const std::vector<double> grid = grid_of(rough_[level], low, high);
    for (double x : grid) look(x);
    const auto at_best = std::find(grid.begin(), grid.end(), where);
    double a = at_best == grid.begin() ? low : *(at_best - 1), b = at_best + 1 >= grid.end() ? high : *(at_best + 1);
    constexpr double golden = 0.6180339887498949;
    double c = b - golden * (b - a), d = a + golden * (b - a), at_c = look(c), at_d = look(d);
    while (b - a > 1e-13 * (std::fabs(a) + std::fabs(b)) && c < d) {
      if (at_c >= at_d) {
        b = d, d = c, at_d = at_c;
        c = b - golden * (b - a), at_c = look(c);
      } else {
        a = c, c = d, at_c = at_d;
        d = a + golden * (b - a), at_d = look(d);
      }
    }
    // A kink is at an observation.
    double nearest = where;
    for (double v : about_.values)
      if (nearest == where || std::fabs(v - where) < std::fabs(nearest - where)) nearest = v;
    if (nearest >= low && nearest <= high) best = std::max(best, at(level, nearest));
    return best;
  }

  // The rest by Newton's method, from the best that was found, or else from the start.
  double inner() {
    const double value = inner_from(best_);
    return std::isfinite(value) ? value : inner_from(start_);
  }

  double inner_from(const double* start) {
    double theta[max_parameters];
    std::copy(start, start + max_parameters, theta);
    bool any = false;
    for (int k = 0; k < s_.cold.parameter_count; ++k) {
      if (!std::isnan(held_[index(k)])) theta[k] = held_[index(k)];
      else any = true;
    }
    if (s_.cold.valid != nullptr && !s_.cold.valid(theta)) return -infinity;
    double value = -infinity;
    if (any) {
      const coordinates c(s_.cold, held_, 0.0);
      const newton_result r = newton(data_, s_.cold, c, c.from_theta(theta), {});
      if (r.outcome != newton_outcome::converged) return -infinity;
      c.to_theta(r.estimate, theta);
      for (int k = 0; k < s_.cold.parameter_count; ++k)
        if (!std::isnan(held_[index(k)])) theta[k] = held_[index(k)];
      value = r.last.value + 0.5 * r.decrement;
    } else {
      const point p = s_.cold.to_point(theta);
      data_.values(&p, 1, &value);
    }
    if (!std::isfinite(value)) return -infinity;
    if (value >= best_value_) {
      best_value_ = value;
      std::copy(theta, theta + max_parameters, best_);
    }
    return value;
  }

  fitting& s_;
  from_both& data_;
  const table_data& about_;
  std::vector<double> held_;
  std::vector<int> rough_;
  double start_[max_parameters] = {}, best_[max_parameters] = {};
  double best_value_ = -infinity;
};

fit_result rough_fit(fitting& s, profile& search, from_both& data, double* theta, const starts_type& others) {
  s.out.log_likelihood = search.maximum(theta, others);
  s.out.passes = data.passes;
  if (!std::isfinite(s.out.log_likelihood))
    return finish(s, fit_status::not_identified, "no member of the family was found that holds every row");
  store(s, theta);
  derivative_sums sums = data.differentiate(s.cold.to_point(theta));
  // A kink has no second derivative; what it adds to the information is its expectation, one per row in units of scale.
  if (s.cold.kinked_location) sums.sum[d_zz] -= sums.weight;
  covariance_at(s, theta, &sums, estimated(s));
  return finish(s, fit_status::converged, "by a search along the parameters in which the likelihood is not smooth");
}

// The fits of the limits that the family declares, as members of it, where they determine all of its parameters.
starts_type at_limits(const fitting& s) {
  starts_type found;
  for (const nested_limit& limit : s.cold.info->limits) {
    const int family = limit.family != nullptr ? family_index(limit.family) : -1;
    if (family < 0) continue;
    const family_entry nested = family_at(family);
    std::array<double, max_parameters> theta{};
    std::array<bool, max_parameters> known{};
    fit_options plain;
    plain.fixed.assign(static_cast<std::size_t>(nested.cold->parameter_count), std::nan(""));
    const auto position = [](const cold_table& f, const char* name) {
      for (int k = 0; k < f.parameter_count; ++k)
        if (std::strcmp(f.parameters[k].name, name) == 0) return k;
      return -1;
    };
    const auto transformed = [](convert c, double v) {  // each transform of one argument is its own inverse
      return c == convert::reciprocal ? 1.0 / v : c == convert::complement ? 1.0 - v : v;
    };
    for (const limit_argument& a : limit.arguments) {
      if (a.name == nullptr) continue;
      const double held = s.options.fixed[static_cast<std::size_t>(position(s.cold, a.source))];
      plain.fixed[static_cast<std::size_t>(position(*nested.cold, a.name))] = transformed(a.transform, held);
    }
    const int at = position(s.cold, limit.parameter);
    if (!std::isnan(s.options.fixed[static_cast<std::size_t>(at)])) continue;
    const fit_result r = fit(nested, s.raw, *s.intervals, plain);
    if (r.status != fit_status::converged) continue;
    theta[static_cast<std::size_t>(at)] = limit.value, known[static_cast<std::size_t>(at)] = true;
    for (const limit_argument& a : limit.arguments) {
      if (a.name == nullptr || a.transform == convert::exp) continue;
      const auto to = static_cast<std::size_t>(position(s.cold, a.source));
      const auto from = static_cast<std::size_t>(position(*nested.cold, a.name));
      theta[to] = transformed(a.transform, r.parameters[from]), known[to] = true;
    }
    bool complete = true;
    for (int k = 0; k < s.cold.parameter_count; ++k) {
      const double held = s.options.fixed[static_cast<std::size_t>(k)];
      if (!std::isnan(held)) theta[static_cast<std::size_t>(k)] = held;
      complete &= known[static_cast<std::size_t>(k)] || !std::isnan(held);
    }
    if (complete) found.push_back(theta);
  }
  return found;
}

double positive_weight(const interval_rows& rows) {
  if (rows.weight_stride == 0 && rows.n > 0) return static_cast<double>(rows.n) * std::max(rows.weight(0), 0.0);
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.n; ++i) sum += std::max(rows.weight(i), 0.0);
  return sum;
}

struct found {
  newton_result at;
  double start_value = -infinity;  // the best of the starts
};

// The best maximum that Newton's method finds from the starts, the most likely of them first.
found search_from(fitting& s, const coordinates& c, from_both& data, const starts_type& starts,
                  const newton_options& search) {
  struct candidate {
    vector u;
    double value;
  };
  std::vector<candidate> candidates;
  const auto propose = [&](const vector& u) {
    const point p = c.to_point(u);
    double value = -infinity;
    data.values(&p, 1, &value);
    candidates.push_back({u, std::isnan(value) ? -infinity : value});
  };
  for (const auto& theta : starts) {
    const vector u = c.from_theta(theta.data());
    propose(u);
    vector inside = u;  // a window can make any sample look as if it came from the end of a shape's range
    for (int k = 0; k < c.count(); ++k)
      if (c.free(k) && std::isfinite(c.lower(k))) inside[static_cast<std::size_t>(k)] = c.lower(k) + 1.0;
    if (inside != u) propose(inside);
  }
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  found best;
  best.start_value = candidates.front().value;
  const bool sided = sided_parameter(s.cold, s.options.fixed) >= 0;
  for (const candidate& k : candidates) {
    const newton_result r = newton(data, s.cold, c, k.u, search);
    const bool first = &k == candidates.data(), converged = r.outcome == newton_outcome::converged;
    const bool drifting = r.outcome == newton_outcome::drifting, higher = r.last.value > best.at.last.value;
    const bool settled = best.at.outcome == newton_outcome::converged;
    // Beside a limit without rank a search may come to rest below where another one climbs.
    if (first || (converged && ((!settled && !(sided && best.at.outcome == newton_outcome::drifting)) || higher)) ||
        (drifting && (!settled || sided) && higher))
      best.at = r;
    if (!s.cold.ridges && best.at.outcome == newton_outcome::converged && !sided &&
        std::find(best.at.at_bound.begin(), best.at.at_bound.end(), true) == best.at.at_bound.end())
      break;
  }
  return best;
}

// ----- windows that leave no maximum ------------------------------------------------------------------------------------------

bool has_windows(const interval_rows& rows) {
  for (std::size_t i = 0; i < (rows.weight_stride == 0 ? std::min<std::size_t>(rows.n, 1) : rows.n); ++i)
    if (rows.weight(i) < 0.0) return true;
  return false;
}

}  // namespace

fit_result fit(const family_entry& f, const observations& exact, const interval_rows& intervals,
               const fit_options& options) {
  fitting s(f, exact, &intervals, options);
  const cold_table& cold = s.cold;
  s.out.weight += positive_weight(intervals);
  s.out.weight += exact.weight.data != nullptr ? sum(exact.weight, exact.n) : static_cast<double>(exact.n);
  s.out.rows = exact.n + intervals.size();
  from_both data(f, exact, intervals);
  if (s.free == 0) {
    const point p = cold.to_point(options.fixed.data());
    store(s, options.fixed.data());
    data.values(&p, 1, &s.out.log_likelihood);
    return finish(s, fit_status::converged, "every parameter is fixed");
  }

  // Where rows become nodes a start may be rough: a step from it costs nothing.
  const stand_ins rows(f, exact, intervals, compression::possible(f, exact, intervals) ? 2048 : 20000);
  const table_data tables[] = {rows.plain(), rows.extended(intervals)};
  starts_type starts;
  fit_options guess = options;
  guess.progress = nullptr;
  fit_status status = fit_status::not_identified;
  std::string reason;
  if (!options.start.empty()) {
    starts.emplace_back();
    std::copy(options.start.begin(), options.start.end(), starts.back().begin());
  } else {
    for (const table_data& t : tables) {
      fit_result r = fit(f, t.view(), guess);
      fit_options finite = guess;  // a parameter that goes to infinity starts from a large value
      for (std::size_t k = 0; k < r.parameters.size(); ++k)
        if (std::isinf(r.parameters[k])) finite.fixed[k] = 10.0;
        else if (cold.parameters[k].endless[0] != '\0' && std::fabs(r.parameters[k]) > 10.0)
          finite.fixed[k] = std::copysign(10.0, r.parameters[k]);
      if (finite.fixed != guess.fixed) r = fit(f, t.view(), finite);
      status = r.status;
      reason = r.reason;
      bool usable = true;
      for (double v : r.parameters) usable &= std::isfinite(v);
      if (!usable) continue;
      starts.emplace_back();
      std::copy(r.parameters.begin(), r.parameters.end(), starts.back().begin());
    }
    if (const int k = sided_parameter(cold, options.fixed); k >= 0)
      for (const double side : {-1.0, 1.0}) {
        fit_options held = guess;
        held.fixed[static_cast<std::size_t>(k)] = side;
        const fit_result r = fit(f, tables[0].view(), held);
        if (!std::isfinite(r.log_likelihood)) continue;
        starts.emplace_back();
        std::copy(r.parameters.begin(), r.parameters.end(), starts.back().begin());
      }
    if (starts.empty()) return finish(s, status, reason);
  }
  for (auto& theta : starts) hold_fixed(s, theta.data());

  profile rough(s, data, tables[0]);
  const auto limits = options.start.empty() && (rough.needed() || cold.ridges) ? at_limits(s) : starts_type{};
  if (rough.needed()) return rough_fit(s, rough, data, starts.front().data(), limits);
  starts.insert(starts.end(), limits.begin(), limits.end());

  const sorted_rows sample(f, tables[0].view());
  const coordinates c(cold, options.fixed, sample.view().quantile(0.5));
  newton_options search;
  search.iteration_limit = options.iteration_limit;
  search.progress = options.progress;
  search.smallest_log_scale = sample.log_spread() - 46.0;
  search.leave_ridges = has_windows(intervals);
  compression nodes(f, exact, intervals, starts.front().data(), c.pivot());
  found best;
  bool sure = false;
  if (nodes.useful()) {
    data.use(&nodes);
    best = search_from(s, c, data, starts, search);
    for (int layouts = 1;; ++layouts) {
      const newton_outcome outcome = best.at.outcome;
      if (outcome != newton_outcome::converged && outcome != newton_outcome::iteration_limit) break;
      double theta[max_parameters];
      c.to_theta(best.at.at, theta);
      hold_fixed(s, theta);
      sure = nodes.faithful(c, best.at, theta);
      if (sure || layouts == 3) break;
      nodes.refine(theta);
      if (!nodes.useful()) break;
      best.at = newton(data, cold, c, best.at.at, search);
    }
    if (!sure) data.use(nullptr);
  }
  if (!sure) best = search_from(s, c, data, starts, search);
  std::array<int, max_axes> way = best.at.drift;
  bool no_maximum = best.at.outcome == newton_outcome::drifting;
  if (best.at.outcome == newton_outcome::converged && search.leave_ridges) {
    way = {};
    no_maximum = flat_on_a_side(data, c, best.at, std::min(1.0, std::exp(sample.log_spread())), way);
  }
  s.out.passes = data.passes;
  if (no_maximum) return without_maximum(s, c, best.at, way, "behind these windows ");
  if (without_end(s, data, c, best.at)) return s.out;
  return conclude(s, c, best.at, best.start_value, "");
}

}  // namespace thetahat
