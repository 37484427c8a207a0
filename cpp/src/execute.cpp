// Passes over the data: chunks on the pool, joined in index order.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "dispatch.hpp"
#include "thetahat/api.hpp"

namespace thetahat {

namespace {

std::size_t chunk_total(std::size_t n) { return (n + chunk_size - 1) / chunk_size; }

void over_chunks(std::size_t n,
                 const std::function<void(std::size_t chunk, std::size_t begin, std::size_t end)>& body) {
  parallel_for(chunk_total(n), [&](std::size_t c) { body(c, c * chunk_size, std::min(n, (c + 1) * chunk_size)); });
}

void add(exact_sum& s, double x) {
  const double t = s.high + x;
  const double b = t - s.high;
  s.low += (s.high - (t - b)) + (x - b);
  s.high = t;
}
void add(exact_sum& s, const exact_sum& x) {
  add(s, x.high);
  add(s, x.low);
}
double total(const exact_sum& s) { return std::isfinite(s.high) ? s.high + s.low : s.high; }

const double* theta_row(const parameter_columns& theta, int count, std::size_t row, double* buffer) {
  for (int k = 0; k < count; ++k) buffer[k] = theta.data[k][static_cast<std::ptrdiff_t>(row) * theta.stride[k]];
  return buffer;
}

[[noreturn]] void refuse_nan(const char* argument, std::size_t row) {
  throw error(error_kind::data, std::string(argument) + " must not contain NaN, got NaN at index " +
                                    std::to_string(row) + "; drop or replace missing values first");
}

// What made an output NaN: a NaN in the input, or a probability outside [0, 1].
void explain_nan(const observations& x, const double* out, std::size_t begin, std::size_t count, bool probability) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isnan(out[i])) continue;
    double value;
    common().read(x.value, begin + i, 1, &value);
    if (std::isnan(value)) refuse_nan(probability ? "q" : "x", begin + i);
    if (probability)
      throw error(error_kind::data, "q must be a probability between 0 and 1, got " + text(value) + " at index " +
                                        std::to_string(begin + i) + "; for logarithms of probabilities take exp first");
  }
}

}  // namespace

std::string text(double x) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr};
}

void map_rows(const family_entry& f, map_operation op, const observations& x, const parameter_columns& theta,
              double* out) {
  const cold_table& cold = *f.cold;
  const bool probability = op == map_operation::icdf || op == map_operation::isf;
  over_chunks(x.n, [&](std::size_t, std::size_t begin, std::size_t end) {
    if (op == map_operation::log_prob) {
      f.hot->map({&x, begin, end, theta, out + begin});
    } else {
      const scalar_function function = op == map_operation::cdf       ? cold.cdf
                                       : op == map_operation::sf      ? cold.sf
                                       : op == map_operation::log_cdf ? cold.log_cdf
                                       : op == map_operation::log_sf  ? cold.log_sf
                                       : op == map_operation::icdf    ? cold.icdf
                                                                      : cold.isf;
      double values[tile_size];
      for (std::size_t t = begin; t < end; t += tile_size) {
        const std::size_t count = std::min(tile_size, end - t);
        common().read(x.value, t, count, values);
        for (std::size_t i = 0; i < count; ++i) {
          double row[max_parameters];
          out[t + i] = function(theta_row(theta, cold.parameter_count, t + i, row), values[i]);
        }
      }
    }
    explain_nan(x, out + begin, begin, end - begin, probability);
  });
}

void score_rows(const family_entry& f, const observations& x, const parameter_columns& theta, double* out) {
  const cold_table& cold = *f.cold;
  const int k = cold.parameter_count;
  over_chunks(x.n, [&](std::size_t, std::size_t begin, std::size_t end) {
    const auto tile = std::make_unique<jet_tile>();
    double log_prob[tile_size];
    for (std::size_t t = begin; t < end; t += tile_size) {
      const std::size_t count = std::min(tile_size, end - t);
      parameter_columns here = theta;
      f.hot->map({&x, t, t + count, here, log_prob});
      explain_nan(x, log_prob, t, count, false);
      f.hot->jets({&x, t, t + count, here, tile.get()});
      for (std::size_t i = 0; i < count; ++i) {
        if (std::isinf(log_prob[i])) {
          double value;
          common().read(x.value, t + i, 1, &value);
          throw error(error_kind::data, "x must lie inside the support (" + std::string(cold.info->support.text) +
                                            ") where a score is asked for, got " + text(value) + " at index " +
                                            std::to_string(t + i) + "; select the rows with a finite log_prob first");
        }
        double row[max_parameters];
        theta_row(theta, k, t + i, row);
        const point p = cold.to_point(row);
        jacobian j;
        cold.derivatives(row, j);
        const auto part = [&](int which) { return tile->present >> which & 1u ? tile->part[which][i] : 0.0; };
        double gradient[5] = {0.0, 0.0, part(part_a), part(part_b), part(part_c)};
        if (cold.has_loc) gradient[0] = -part(part_z) / p.scale;
        if (cold.has_scale) gradient[1] = -(tile->z[i] * part(part_z) + 1.0) / p.scale;
        for (int c = 0; c < k; ++c) {
          double s = 0.0;
          for (int q = 0; q < 5; ++q) s += gradient[q] * j.first[q][c];
          out[(t + i) * static_cast<std::size_t>(k) + static_cast<std::size_t>(c)] = s;
        }
      }
    }
  });
}

namespace {

// From this many rows on, tabulating log p of every small count is cheaper than evaluating rows.
constexpr std::size_t rows_worth_a_table = 16384;

// Sums log p of small counts from a table; a chunk with other rows is evaluated row by row.
double log_likelihood_of_counts(const family_entry& f, const observations& x, const point& p) {
  double theta[max_parameters];
  f.cold->to_theta(p, theta);
  parameter_columns columns;
  for (int k = 0; k < f.cold->parameter_count; ++k) columns.data[k] = theta + k;
  std::vector<double> whole(count_limit), table(count_limit);
  for (std::size_t k = 0; k < count_limit; ++k) whole[k] = static_cast<double>(k);
  observations all;
  all.n = count_limit;
  all.value = {whole.data(), static_cast<std::ptrdiff_t>(sizeof(double)), dtype::float64, false};
  f.hot->map({&all, 0, count_limit, columns, table.data()});
  std::vector<chunk_sums> sums(chunk_total(x.n));
  std::atomic<bool> checked{false};
  over_chunks(x.n, [&](std::size_t c, std::size_t begin, std::size_t end) {
    if (common().look_up(x.value, begin, end, table.data(), sums[c].sum[value_])) return;
    if (!checked.exchange(true)) require_exact(x.value, x.n, "x");
    f.hot->value({&x, begin, end, &p, 1, true, &sums[c]});
  });
  exact_sum s;
  for (const chunk_sums& c : sums) add(s, c.sum[value_]);
  return total(s);
}

}  // namespace

void log_likelihoods(const family_entry& f, const observations& x, const point* points, int count, double* out,
                     bool direct) {
  if (f.cold->info->kind == kind::discrete && count == 1 && !direct && x.weight.data == nullptr &&
      x.n >= rows_worth_a_table) {
    *out = log_likelihood_of_counts(f, x, *points);
    return;
  }
  if (f.cold->info->kind == kind::discrete) require_exact(x.value, x.n, "x");
  std::vector<chunk_sums> sums(chunk_total(x.n) * static_cast<std::size_t>(count));
  over_chunks(x.n, [&](std::size_t c, std::size_t begin, std::size_t end) {
    f.hot->value({&x, begin, end, points, count, direct, &sums[c * static_cast<std::size_t>(count)]});
  });
  for (int k = 0; k < count; ++k) {
    exact_sum s;
    for (std::size_t c = 0; c < chunk_total(x.n); ++c)
      add(s, sums[c * static_cast<std::size_t>(count) + static_cast<std::size_t>(k)].sum[value_]);
    out[k] = total(s);
  }
}

derivative_sums differentiate(const family_entry& f, const observations& x, const point& p, bool direct,
                              const point* also, double* also_value) {
  if (f.cold->info->kind == kind::discrete) require_exact(x.value, x.n, "x");
  std::vector<chunk_sums> sums(chunk_total(x.n)), others(also != nullptr ? chunk_total(x.n) : 0);
  over_chunks(x.n, [&](std::size_t c, std::size_t begin, std::size_t end) {
    f.hot->derivatives({&x, begin, end, &p, 1, direct, &sums[c]});
    if (also != nullptr) f.hot->value({&x, begin, end, also, 1, direct, &others[c]});
  });
  if (also != nullptr) {
    exact_sum s;
    for (const chunk_sums& c : others) add(s, c.sum[value_]);
    *also_value = total(s);
  }
  derivative_sums out;
  exact_sum weight, s[component_count];
  for (const chunk_sums& c : sums) {
    add(weight, c.weight);
    for (int k = 0; k < component_count; ++k) add(s[k], c.sum[k]);
  }
  out.weight = total(weight);
  for (int k = 0; k < component_count; ++k) out.sum[k] = total(s[k]);
  return out;
}

statistics collect_statistics(const family_entry& f, const observations& x, double pivot) {
  std::vector<chunk_statistics> parts(chunk_total(x.n));
  over_chunks(x.n, [&](std::size_t c, std::size_t begin, std::size_t end) {
    f.hot->collect({&x, begin, end, pivot, &parts[c]});
  });
  exact_sum weight, rows, sum, square, ratio, log, log_complement;
  statistics out;
  out.pivot = pivot;
  out.minimum = infinity;
  out.maximum = -infinity;
  for (const chunk_statistics& c : parts) {
    add(weight, c.weight);
    add(rows, c.rows);
    add(sum, c.sum);
    add(square, c.square);
    add(ratio, c.ratio);
    add(log, c.log);
    add(log_complement, c.log_complement);
    out.minimum = std::min(out.minimum, c.minimum);
    out.maximum = std::max(out.maximum, c.maximum);
  }
  out.weight = total(weight);
  out.rows = total(rows);
  out.sum = total(sum);
  out.square = total(square);
  out.ratio = total(ratio);
  out.log = total(log);
  out.log_complement = total(log_complement);
  return out;
}

double sum(const column& c, std::size_t n) {
  std::vector<double> parts(chunk_total(n));
  over_chunks(n, [&](std::size_t k, std::size_t begin, std::size_t end) { parts[k] = common().sum(c, begin, end); });
  exact_sum s;
  for (double p : parts) add(s, p);
  return total(s);
}

extent extent_of(const column& c, std::size_t n) {
  std::vector<extent> parts(chunk_total(n));
  over_chunks(n, [&](std::size_t k, std::size_t begin, std::size_t end) { common().widen(c, begin, end, parts[k]); });
  extent all;
  for (const auto& p : parts) all = {std::min(all.low, p.low), std::max(all.high, p.high), all.finite && p.finite};
  return all;
}

std::size_t split(const column& c, std::size_t n, double low, double high, std::vector<double>& inside) {
  std::vector<std::vector<double>> parts(chunk_total(n));
  std::vector<std::size_t> below(chunk_total(n));
  over_chunks(n, [&](std::size_t k, std::size_t begin, std::size_t end) {
    parts[k].resize(end - begin);
    parts[k].resize(common().split(c, begin, end, low, high, parts[k].data(), below[k]));
    parts[k].shrink_to_fit();
  });
  std::size_t total_below = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    total_below += below[k];
    inside.insert(inside.end(), parts[k].begin(), parts[k].end());
  }
  return total_below;
}

void require_exact(const column& c, std::size_t n, const std::string& argument) {
  if (c.type != dtype::int64 && c.type != dtype::uint64) return;
  std::vector<std::size_t> found(chunk_total(n), n);
  over_chunks(n, [&](std::size_t k, std::size_t begin, std::size_t end) {
    const std::size_t at = common().first_inexact(c, begin, end);
    if (at != end) found[k] = at;
  });
  const auto first = std::find_if(found.begin(), found.end(), [&](std::size_t i) { return i != n; });
  if (first == found.end()) return;
  const auto* at = static_cast<const unsigned char*>(c.data) + static_cast<std::ptrdiff_t>(*first) * c.stride;
  unsigned char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = at[c.swapped ? 7 - i : i];
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  const std::string shown =
      c.type == dtype::int64 ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
  const std::size_t colon = argument.rfind(": ");
  const std::string name = colon == std::string::npos ? argument : argument.substr(colon + 2);
  throw error(error_kind::data, argument + ": integers must lie within 2**53, where float64 is exact; got " + shown +
                                    " at index " + std::to_string(*first) + ". Write " + name +
                                    ".astype(numpy.float64) to accept rounding");
}

bool tabulate(const observations& x, std::vector<double>& values, std::vector<double>& counts) {
  const std::size_t tasks = std::min<std::size_t>(static_cast<std::size_t>(thread_count()), chunk_total(x.n));
  std::vector<std::vector<std::uint64_t>> tables(tasks, std::vector<std::uint64_t>(count_limit));
  std::vector<char> valid(tasks, 1);
  parallel_for(tasks, [&](std::size_t t) {  // whole numbers: the split over tasks does not change the counts
    for (std::size_t c = t; c < chunk_total(x.n) && valid[t]; c += tasks)
      valid[t] = common().count(x.value, c * chunk_size, std::min(x.n, (c + 1) * chunk_size), tables[t].data());
  });
  if (std::find(valid.begin(), valid.end(), 0) != valid.end()) {
    require_exact(x.value, x.n, "x");
    return false;
  }
  for (std::size_t k = 0; k < count_limit; ++k) {
    std::uint64_t n = 0;
    for (const auto& t : tables) n += t[k];
    if (n == 0) continue;
    values.push_back(static_cast<double>(k));
    counts.push_back(static_cast<double>(n));
  }
  return true;
}

void require_valid(const family_entry& f, const observations& x) {
  const family_info& info = *f.cold->info;
  const support_set& s = info.support;
  struct finding {
    std::size_t count = 0, first = 0;
    double value = 0.0;
    void note(std::size_t row, double v) {
      if (count++ == 0) first = row, value = v;
    }
  } nan, infinite, fractional, outside;
  double values[tile_size], weights[tile_size];
  for (std::size_t t = 0; t < x.n; t += tile_size) {
    const std::size_t count = std::min(tile_size, x.n - t);
    common().read(x.value, t, count, values);
    if (x.weight.data != nullptr) common().read(x.weight, t, count, weights);
    for (std::size_t i = 0; i < count; ++i) {
      if (x.weight.data != nullptr && weights[i] == 0.0) continue;
      const double v = values[i];
      if (std::isnan(v)) nan.note(t + i, v);
      else if (std::isinf(v)) infinite.note(t + i, v);
      else if (info.kind == kind::discrete && v != std::floor(v)) fractional.note(t + i, v);
      else if (!((s.lower_closed ? v >= s.lower : v > s.lower) && (s.upper_closed ? v <= s.upper : v < s.upper)))
        outside.note(t + i, v);
    }
  }
  const auto refuse = [&](const finding& n, const std::string& rule, const std::string& remedy) {
    if (n.count == 0) return;
    throw error(error_kind::data, "x " + rule + ", got " + text(n.value) + " at index " + std::to_string(n.first) +
                                      " (" + std::to_string(n.count) + " of " + std::to_string(x.n) + " rows); " +
                                      remedy);
  };
  const std::string name = info.class_name;
  refuse(nan, "must not contain NaN", "drop the rows, or pass missing='drop'");
  refuse(infinite, "must be finite", "drop the rows or replace them by the values that they stand for");
  refuse(fractional, "must hold whole numbers for " + name, "round the counts, or choose a continuous family");
  refuse(outside, std::string("must satisfy ") + s.text + " for " + name,
         *s.remedy != 0 ? s.remedy : "drop or shift these rows, or choose a family whose support holds them");
}

void require_inside(const family_entry& f, const observations& x, const double* theta) {
  const double low = f.cold->lower(theta), high = f.cold->upper(theta);
  double values[tile_size], weights[tile_size];
  for (std::size_t t = 0; t < x.n; t += tile_size) {
    const std::size_t count = std::min(tile_size, x.n - t);
    common().read(x.value, t, count, values);
    if (x.weight.data != nullptr) common().read(x.weight, t, count, weights);
    for (std::size_t i = 0; i < count; ++i) {
      if (x.weight.data != nullptr && weights[i] == 0.0) continue;
      if (values[i] >= low && values[i] <= high) continue;
      throw error(error_kind::data, "x must satisfy " + std::string(f.cold->info->support.text) + " for this " +
                                        f.cold->info->class_name + " (from " + text(low) + " to " + text(high) +
                                        "), got " + text(values[i]) + " at index " + std::to_string(t + i) +
                                        "; drop these rows, or choose parameters whose support holds them");
    }
  }
}

}  // namespace thetahat
