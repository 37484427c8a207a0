#include "fit_parts.hpp"

#include <algorithm>
#include <cmath>

#include "dispatch.hpp"

namespace thetahat {

namespace {

// body(value, weight, row) for every row of positive weight.
template <class Body>
void over_rows(const observations& x, Body body) {
  double value[tile_size], weight[tile_size];
  std::fill(std::begin(weight), std::end(weight), 1.0);
  for (std::size_t t = 0; t < x.n; t += tile_size) {
    const std::size_t count = std::min(tile_size, x.n - t);
    common().read(x.value, t, count, value);
    if (x.weight.data != nullptr) common().read(x.weight, t, count, weight);
    for (std::size_t i = 0; i < count; ++i)
      if (weight[i] > 0.0) body(value[i], weight[i], t + i);
  }
}

column contiguous(const std::vector<double>& v) {
  return {v.data(), static_cast<std::ptrdiff_t>(sizeof(double)), dtype::float64, false};
}

observations columns(const std::vector<double>& values, const std::vector<double>& weights) {
  observations x;
  x.n = values.size();
  x.value = contiguous(values);
  if (!weights.empty()) x.weight = contiguous(weights);
  return x;
}

// A well-mixed number below `range`, fixed by i: where run i of a sample starts inside its stratum.
std::size_t offset(std::uint64_t i, std::size_t range) {
  std::uint64_t h = (i + 1) * 0x9e3779b97f4a7c15u;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
  return static_cast<std::size_t>((h ^ (h >> 31)) % range);
}

}  // namespace

observations table_data::view() const { return columns(values, weights); }
observations sample_rows::view() const { return columns(values_, weights_); }

sample_rows::sample_rows(const observations& x, std::size_t most) {
  constexpr std::size_t run = 8;  // a cache line
  const bool weighted = x.weight.data != nullptr;
  const std::size_t runs = x.n <= most ? 1 : most / run;
  const std::size_t length = x.n <= most ? x.n : run;
  const std::size_t stratum = x.n / runs;
  values_.resize(runs * length);
  if (weighted) weights_.resize(values_.size());
  constexpr std::size_t batch = 1024;  // runs in a task: most of their time is waiting for memory
  parallel_for((runs + batch - 1) / batch, [&](std::size_t task) {
    for (std::size_t r = task * batch; r < std::min(runs, (task + 1) * batch); ++r) {
      const std::size_t begin = r * stratum + (stratum > length ? offset(r, stratum - length) : 0);
      for (std::size_t i = 0; i < length; i += tile_size) {
        const std::size_t count = std::min(tile_size, length - i);
        common().read(x.value, begin + i, count, &values_[r * length + i]);
        if (weighted) common().read(x.weight, begin + i, count, &weights_[r * length + i]);
      }
    }
  });
}

sorted_rows::sorted_rows(const family_entry& f, const observations& x) {
  const bool logarithmic = f.cold->info->observed == observed::log;
  const auto seen = [&](double v) { return logarithmic ? std::log(v) : v; };
  double total = 0.0, sum = 0.0;
  over_rows(x, [&](double v, double w, std::size_t) {
    v = seen(v);
    if (!std::isfinite(v)) return;
    sorted_.push_back(v);
    total += w;
    sum += w * v;
  });
  if (sorted_.empty()) sorted_.push_back(0.0);
  mean_ = total > 0.0 ? sum / total : 0.0;
  double square = 0.0;
  over_rows(x, [&](double v, double w, std::size_t) {
    const double d = seen(v) - mean_;
    if (std::isfinite(d)) square += w * d * d;
  });
  variance_ = total > 0.0 ? square / total : 0.0;
  std::sort(sorted_.begin(), sorted_.end());
}

double sorted_rows::log_spread() const {
  const double spread = sorted_.back() - sorted_.front();
  return spread > 0.0 ? std::log(spread) : std::log(std::fabs(sorted_.back()) + 1e-300);
}

int concentrated_exponent(const family_entry& f, const observations& x) {
  if (f.cold->info->group != group::scale || !f.cold->has_scale) return 0;
  const sample_rows some(x, 256);
  std::vector<double> sample;
  over_rows(some.view(), [&](double v, double, std::size_t) { sample.push_back(v); });
  std::sort(sample.begin(), sample.end());
  if (sample.empty() || !(sample.front() > 0.0) || !(sample.back() < 0x1p1000)) return 0;
  const double low = sample[sample.size() / 10], middle = sample[sample.size() / 2];
  const double high = sample[sample.size() - 1 - sample.size() / 10];
  int exponent = 0;
  std::frexp(middle, &exponent);
  return high - low < 0.05 * middle ? -exponent : 0;
}

double pilot_mean(const family_entry& f, const observations& x) {
  const sample_rows some(x, 256);
  const double mean = sorted_rows(f, some.view()).view().mean;
  return mean == 0.0 || !std::isfinite(mean) ? 1.0 : mean;
}

statistics extremes(const observations& x, bool exact) {
  statistics s;
  const bool weighted = x.weight.data != nullptr;
  const auto note = [&](double v, double w, std::size_t) {
    s.minimum = std::fmin(s.minimum, v);
    s.maximum = std::fmax(s.maximum, v);
    s.weight += w;
    s.rows += 1.0;
  };
  const auto all = [&] {
    s = statistics{};
    s.minimum = infinity;
    s.maximum = -infinity;
    if (weighted) return over_rows(x, note);
    const extent all_rows = extent_of(x.value, x.n);
    s.minimum = all_rows.low;
    s.maximum = all_rows.high;
    s.weight = s.rows = static_cast<double>(x.n);
  };
  if (exact || x.n < large_sample) {
    all();
  } else {
    s.minimum = infinity;
    s.maximum = -infinity;
    observations part = x;
    part.n = 1024;
    over_rows(part, note);
    if (s.minimum == s.maximum) all();  // perhaps a constant start: look at the rest
  }
  return s;
}

statistics moments(const observations& x) {
  statistics s = {};
  s.minimum = infinity;
  s.maximum = -infinity;
  double first = 0.0;
  over_rows(x, [&](double v, double w, std::size_t) {
    s.weight += w;
    s.rows += x.weight.data != nullptr && w == std::floor(w) ? w : 1.0;
    first += w * v;
    s.minimum = std::fmin(s.minimum, v);
    s.maximum = std::fmax(s.maximum, v);
  });
  s.pivot = s.weight > 0.0 ? first / s.weight : 0.0;
  over_rows(x, [&](double v, double w, std::size_t) {
    const double d = v - s.pivot;
    s.sum += w * d;
    s.square += w * d * d;
  });
  return s;
}

namespace {

// The median of rows without weights, from those between two quantiles of a sample; nothing when it is not among them.
std::optional<double> bracketed_median(const observations& x, int& passes) {
  if (x.weight.data != nullptr || x.n < large_sample) return std::nullopt;
  const sample_rows some(x, 8192);
  std::vector<double> sample;
  over_rows(some.view(), [&](double v, double, std::size_t) { sample.push_back(v); });
  std::sort(sample.begin(), sample.end());
  // Four standard deviations of the sample's median to either side.
  const double reach = 2.0 / std::sqrt(static_cast<double>(sample.size()));
  const auto at = [&](double p) {
    return sample[static_cast<std::size_t>(p * static_cast<double>(sample.size() - 1))];
  };
  std::vector<double> inside;
  const std::size_t below = split(x.value, x.n, at(0.5 - reach), at(0.5 + reach), inside);
  ++passes;
  const std::size_t middle = (x.n - 1) / 2, other = x.n / 2;
  if (middle < below || other >= below + inside.size()) return std::nullopt;
  const auto lower = inside.begin() + static_cast<std::ptrdiff_t>(middle - below);
  std::nth_element(inside.begin(), lower, inside.end());
  if (middle == other) return *lower;
  const double upper = *std::min_element(lower + 1, inside.end());
  return *lower + 0.5 * (upper - *lower);
}

double weighted_median(const observations& x, int& passes) {
  constexpr std::size_t gather_limit = 65536;
  constexpr std::size_t bins = 4096;
  constexpr double not_found = std::numeric_limits<double>::quiet_NaN();
  double median = not_found;
  double total = 0.0, low = infinity, high = -infinity;
  over_rows(x, [&](double v, double w, std::size_t) {
    total += w;
    low = std::fmin(low, v);
    high = std::fmax(high, v);
  });
  ++passes;
  // Narrow [low, high] around the half-way weight until the rows inside can be sorted.
  double below = 0.0;  // weight of rows under `low`
  for (;;) {
    const double width = (high - low) / static_cast<double>(bins);
    std::vector<std::pair<double, double>> inside;
    std::vector<double> weight(bins, 0.0);
    bool small = true;
    const auto bin_of = [&](double v) {
      return width > 0.0 ? std::min(bins - 1, static_cast<std::size_t>((v - low) / width)) : std::size_t{0};
    };
    over_rows(x, [&](double v, double w, std::size_t) {
      if (v < low || v > high) return;
      weight[bin_of(v)] += w;
      if (small) inside.emplace_back(v, w);
      if (inside.size() > gather_limit) {
        small = false;
        inside.clear();
        inside.shrink_to_fit();
      }
    });
    ++passes;
    if (small || low == high) {
      if (!small) {
        median = low;
        break;
      }
      std::sort(inside.begin(), inside.end());
      double sum = below;
      for (std::size_t i = 0; i < inside.size(); ++i) {
        sum += inside[i].second;
        if (sum > 0.5 * total) {
          median = inside[i].first;
          break;
        }
        if (sum == 0.5 * total) {  // any point up to the next one maximises: the middle, as for the plain median
          median =
              i + 1 < inside.size() ? inside[i].first + 0.5 * (inside[i + 1].first - inside[i].first) : inside[i].first;
          break;
        }
      }
      break;
    }
    double sum = below;
    std::size_t b = 0;
    while (b + 1 < bins && sum + weight[b] < 0.5 * total) sum += weight[b++];
    // Both neighbours stay in: rounding may have put a row into either.
    double next_low = low, next_high = high;
    over_rows(x, [&](double v, double, std::size_t) {
      if (v < low || v > high) return;
      const std::size_t k = bin_of(v);
      if (k + 1 < b) next_low = std::fmax(next_low, std::nextafter(v, infinity));
      if (k > b + 1) next_high = std::fmin(next_high, std::nextafter(v, -infinity));
    });
    ++passes;
    double under = 0.0;
    over_rows(x, [&](double v, double w, std::size_t) {
      if (v < next_low) under += w;
    });
    ++passes;
    below = under;
    low = next_low;
    high = next_high;
  }
  return median;
}

}  // namespace

int median_estimate(const family_entry& f, const observations& x, const std::vector<double>& fixed, double* theta) {
  int passes = 0;
  theta[0] = fixed[0];
  if (std::isnan(fixed[0])) {
    const auto near = bracketed_median(x, passes);
    theta[0] = near ? *near : weighted_median(x, passes);
  }
  theta[1] = fixed[1];
  if (std::isnan(fixed[1])) {  // the score in the scale is zero where it equals the mean of -z dh/dz at scale one
    const double at_one[max_parameters] = {theta[0], 1.0};
    const derivative_sums d = differentiate(f, x, f.cold->to_point(at_one));
    theta[1] = -d.sum[z_d_z] / d.weight;
    ++passes;
  }
  return passes;
}

namespace {

struct weighted_row {
  double value, weight;
};

// The rows between neighbouring edges: their weight, and their distances from the edges summed.
struct kink_bin {
  double weight = 0.0, from_left = 0.0, to_right = 0.0;
  double above = 0.0, below = 0.0;  // summed distances of all rows right of the right edge, left of the left
  double weight_above = 0.0, weight_below = 0.0;  // edge, and their weights
};

// Calls look(row, above, below) for every row of a bin, with the distances summed; every sum has positive terms alone.
template <class Look>
void over_kinks(const kink_bin& bin, double left, double right, const std::vector<weighted_row>& rows, Look look) {
  std::vector<double> above(rows.size());
  double sum = bin.above, weight = bin.weight_above, from = right;
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (weight > 0.0) sum += weight * (from - rows[i].value);
    above[i] = sum;
    weight += rows[i].weight;
    from = rows[i].value;
  }
  sum = bin.below, weight = bin.weight_below, from = left;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (weight > 0.0) sum += weight * (rows[i].value - from);
    look(rows[i].value, above[i], sum);
    weight += rows[i].weight;
    from = rows[i].value;
  }
}

}  // namespace

bool kink_estimate(const family_entry& f, const observations& x, const std::vector<double>& fixed, double* theta,
                   int& passes) {
  constexpr std::size_t few = 4096;
  double total = 0.0, best = -infinity, least_share = 0.0;
  const auto at = [&](double above, double below) {
    std::copy(fixed.begin(), fixed.end(), theta);
    return f.cold->at_kink(above / total, below / total, theta);
  };
  if (!std::isnan(fixed[0])) {
    double above = 0.0, below = 0.0;
    over_rows(x, [&](double v, double w, std::size_t) {
      total += w;
      (v > fixed[0] ? above : below) += w * std::fabs(v - fixed[0]);
    });
    ++passes;
    at(above, below);
    return above > 0.0 && below > 0.0;
  }
  // Edges from a sample: between two of them the likelihood stays below what the nearer sums of both would give, so
  // that only few bins can hold the best row.
  std::vector<double> edges;
  if (x.n > few) {
    const sample_rows some(x, few);
    over_rows(some.view(), [&](double v, double, std::size_t) { edges.push_back(v); });
    std::sort(edges.begin(), edges.end());
    std::size_t kept = 0;
    for (std::size_t i = 4; i < edges.size(); i += 8)
      if (kept == 0 || edges[i] > edges[kept - 1]) edges[kept++] = edges[i];
    edges.resize(kept);
  }
  const std::size_t last = edges.size();
  const auto bin_of = [&](double v) {
    return static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), v) - edges.begin());
  };
  std::vector<kink_bin> bins(last + 1);
  double bad = 0.0;
  over_rows(x, [&](double v, double w, std::size_t) {
    bad += v * 0.0;
    const std::size_t k = bin_of(v);
    kink_bin& bin = bins[k];
    bin.weight += w;
    if (k > 0) bin.from_left += w * (v - edges[k - 1]);
    if (k < last) bin.to_right += w * (edges[k] - v);
  });
  ++passes;
  if (bad != 0.0) return false;  // a value that is not finite: the caller names it
  for (std::size_t k = 1; k <= last; ++k) {
    const kink_bin& before = bins[k - 1];
    bins[k].weight_below = before.weight_below + before.weight;
    bins[k].below =
        before.below + before.to_right + (k > 1 ? before.weight_below * (edges[k - 1] - edges[k - 2]) : 0.0);
  }
  for (std::size_t k = last; k-- > 0;) {
    const kink_bin& after = bins[k + 1];
    bins[k].weight_above = after.weight_above + after.weight;
    bins[k].above =
        after.above + after.from_left + (k + 1 < last ? after.weight_above * (edges[k + 1] - edges[k]) : 0.0);
  }
  total = bins[0].weight + bins[0].weight_above;
  double at_edges = -infinity;
  for (std::size_t k = 0; k < last; ++k) at_edges = std::fmax(at_edges, at(bins[k].above, bins[k + 1].below));
  std::vector<char> open(last + 1);
  for (std::size_t k = 0; k <= last; ++k) open[k] = !(at(bins[k].above, bins[k].below) < at_edges - 1e-12);
  std::vector<std::vector<weighted_row>> inside(last + 1);
  over_rows(x, [&](double v, double w, std::size_t) {
    const std::size_t k = bin_of(v);
    if (open[k]) inside[k].push_back({v, w});
  });
  ++passes;
  double found[max_parameters] = {};
  for (std::size_t k = 0; k <= last; ++k) {
    std::sort(inside[k].begin(), inside[k].end(),
              [](const weighted_row& a, const weighted_row& b) { return a.value < b.value; });
    over_kinks(bins[k], k > 0 ? edges[k - 1] : 0.0, k < last ? edges[k] : 0.0, inside[k],
               [&](double v, double above, double below) {
      const double value = at(above, below);
      if (!(value > best)) return;
      best = value;
      theta[0] = v;
      std::copy(theta, theta + max_parameters, found);
      least_share = std::fmin(above, below);
    });
  }
  std::copy(found, found + max_parameters, theta);
  return least_share > 0.0;
}

vector feasible(const family_entry& f, const observations& x, const coordinates& c, vector u) {
  double theta[max_parameters];
  c.to_theta(u, theta);
  if (!std::isfinite(f.cold->upper(theta)) && !(f.cold->lower(theta) > f.cold->info->support.lower)) return u;
  double low = infinity, high = -infinity;
  over_rows(x, [&](double v, double, std::size_t) {
    low = std::fmin(low, v);
    high = std::fmax(high, v);
  });
  const auto outside = [&] { return f.cold->upper(theta) <= high || f.cold->lower(theta) > low; };
  for (int i = 0; i < c.count(); ++i) {
    if (!c.is_scale(i) || !c.free(i)) continue;
    for (int tries = 0; tries < 400 && outside(); ++tries) {
      u[static_cast<std::size_t>(i)] += 0.01;
      c.to_theta(u, theta);
    }
  }
  return u;
}

void fixed_end_error(const family_entry& f) {
  throw error(error_kind::parameter, "fixed must leave every observation inside the support of " +
                                         std::string(f.cold->info->class_name) + " (" + f.cold->info->support.text +
                                         "); move the fixed end outward or leave it free");
}

fit_result boundary_with_fixed(const family_entry& f, const observations& x, const fit_options& options,
                               const statistics& s) {
  const cold_table& cold = *f.cold;
  double theta[max_parameters];
  cold.mle(s, options.fixed.data(), theta);
  for (int k = 0; k < cold.parameter_count; ++k) {
    const double known = options.fixed[static_cast<std::size_t>(k)];
    if (!std::isnan(known)) theta[k] = known;
  }
  fit_result out;
  out.rows = x.n;
  out.weight = s.weight;
  out.passes = 2;
  for (double v : options.fixed) out.free_parameters += std::isnan(v);
  out.parameters.assign(theta, theta + cold.parameter_count);
  out.covariance.assign(out.parameters.size() * out.parameters.size(), std::nan(""));
  const point p = cold.to_point(theta);
  log_likelihoods(f, x, &p, 1, &out.log_likelihood);
  if (!std::isfinite(out.log_likelihood)) fixed_end_error(f);
  out.reason = "parameters estimated by an extreme order statistic have no standard error";
  return out;
}

std::optional<int> bound_reached(const coordinates& c, const newton_result& r) {
  for (int i = 0; i < c.count(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (c.free(i) && (r.at[k] - c.lower(i) < 1e-6 || c.upper(i) - r.at[k] < 1e-6)) return i;
  }
  return std::nullopt;
}

}  // namespace thetahat
