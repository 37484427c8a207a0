// The probability of intervals. A narrow one is integrated, which loses no digits to the difference of two nearly equal
// tails; any other is the difference of two tails on the side where they are small.

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "dispatch.hpp"
#include "member.hpp"

namespace thetahat {

namespace {

constexpr double log_half = -0.69314718055994530942;

// Kronrod's rule of 15 nodes with Gauss's of 7 (every second node): QUADPACK (Piessens and others 1983).
constexpr int rule_size = 15;
constexpr double kronrod_node[8] = {0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
                                    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
                                    0.586087235467691130294144691258743, 0.405845151377397166906606412076961,
                                    0.207784955007898467600689403773245, 0.0};
constexpr double kronrod_weight[8] = {0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
                                      0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
                                      0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
                                      0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
constexpr double gauss_weight[8] = {0.0, 0.129484966168869693270611432679082, 0.0, 0.279705391489276667901467771423780,
                                    0.0, 0.381830050505118944950369775488975, 0.0, 0.417959183673469387755102040816327};
int mirrored(int i) { return i < 8 ? i : 14 - i; }

// One end of an interval inside the support.
struct interval_end {
  double z, log_density, slope, sign;
  double score[max_shapes];
};

// An interval cut to the support.
struct interval {
  double lower, upper;
  bool has_lower, has_upper;  // inside the support
  bool empty() const { return lower > upper; }
  bool whole() const { return !has_lower && !has_upper; }
};

interval cut(const member& m, double lower, double upper) {
  lower = m.centred(lower);
  upper = m.centred(upper);
  if (m.discrete()) lower = std::ceil(lower), upper = std::floor(upper);
  interval r{lower, upper, lower > m.low(), upper < m.high()};
  if (!r.has_lower) r.lower = m.low();
  if (!r.has_upper) r.upper = m.high();
  return r;
}

double log_difference(double larger, double smaller) {
  return smaller == -infinity ? larger : larger + std::log(-std::expm1(smaller - larger));
}

double log_sum(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log1p(std::exp(std::min(a, b) - larger));
}

// What is added to or taken from the interval's probability: a tail and its sign.
struct piece {
  double end;
  bool right;
  double sign;
};
struct tails {
  double log_probability;
  piece pieces[2];
  int count = 0;
};

// The interval as tails that are each at most one half.
tails by_tails(const member& m, const interval& r) {
  const double below = m.discrete() ? r.lower - 1.0 : r.lower;  // the left tail ends here, the right one starts
  const double cdf_l = r.has_lower ? m.log_cdf(below) : -infinity, sf_l = r.has_lower ? m.log_sf(below) : 0.0;
  const double cdf_u = r.has_upper ? m.log_cdf(r.upper) : 0.0, sf_u = r.has_upper ? m.log_sf(r.upper) : -infinity;
  const auto left_of = [&](double end) { return m.discrete() ? end + 1.0 : end; };  // X < end + 1
  tails t{};
  const auto put = [&](double end, bool right, double sign) {
    t.pieces[t.count++] = {right ? end : left_of(end), right, sign};
  };
  if (r.has_upper && cdf_u <= log_half) {
    t.log_probability = log_difference(cdf_u, cdf_l);
    put(r.upper, false, 1.0);
    if (r.has_lower) put(below, false, -1.0);
  } else if (r.has_lower && sf_l <= log_half) {
    t.log_probability = log_difference(sf_l, sf_u);
    put(below, true, 1.0);
    if (r.has_upper) put(r.upper, true, -1.0);
  } else {
    t.log_probability = !r.has_lower ? cdf_u : !r.has_upper ? sf_l : std::log1p(-std::exp(cdf_l) - std::exp(sf_u));
    if (r.has_lower) put(below, false, -1.0);
    if (r.has_upper) put(r.upper, true, -1.0);
  }
  return t;
}

// A window without probability is as impossible as an observation without it.
double weighted(double weight, double log_probability) {
  return log_probability == -infinity ? -infinity : weight * log_probability;
}

// Everything that one thread needs for a pass.
class interval_pass {
 public:
  interval_pass(const family_entry& f, const point& p) : member_(f, p), tile_(std::make_unique<jet_tile>()) {}

  double log_probability(double lower, double upper) {
    const interval r = cut(member_, lower, upper);
    if (r.empty()) return -infinity;
    if (r.whole()) return 0.0;
    set_moments inside;
    if (integrated(r, false, inside)) return inside.log_probability;
    return by_tails(member_, r).log_probability;
  }

  void add(double lower, double upper, double weight, exact_sum* out) {
    const interval r = cut(member_, lower, upper);
    if (r.whole() && !r.empty()) return;
    double row[component_count] = {};
    row[value_] = r.empty() ? -infinity : differentiate(r, row);
    for (int c = 0; c < component_count; ++c) {
      if (row[c] == 0.0) continue;
      const double x = c == value_ ? weighted(weight, row[c]) : weight * row[c], t = out[c].high + x,
                   b = t - out[c].high;
      if (std::isfinite(t)) out[c].low += (out[c].high - (t - b)) + (x - b);
      out[c].high = t;
    }
  }

 private:
  // By quadrature over the interval; false where that is not exact enough.
  bool integrated(const interval& r, bool derivatives, set_moments& out) {
    if (member_.discrete()) return summed(r, derivatives, out);
    if (!std::isfinite(r.lower) || !std::isfinite(r.upper)) return false;
    if (member_.kinked() && r.lower < 0.0 && r.upper > 0.0) {  // smooth on either side; such laws have no shapes
      set_moments right;
      if (!refined(r.lower, 0.0, false, out) || !refined(0.0, r.upper, false, right)) return false;
      out.log_probability = log_sum(out.log_probability, right.log_probability);
      return true;
    }
    return refined(r.lower, r.upper, derivatives, out);
  }

  bool refined(double lower, double upper, bool derivatives, set_moments& out) {
    for (const int panels : {1, 4, 16})
      if (panel_rule(lower, upper, panels, derivatives, out)) return true;
    return false;
  }

  bool panel_rule(double lower, double upper, int panels, bool derivatives, set_moments& out) {
    double log_p[tile_size];
    const double from = member_.logarithmic() ? std::log(lower) : lower;
    const double to = member_.logarithmic() ? std::log(upper) : upper;
    if (!(to > from) || !std::isfinite(from)) return false;
    const double half = 0.5 * (to - from) / panels;
    const auto count = static_cast<std::size_t>(panels * rule_size);
    for (std::size_t i = 0; i < count; ++i) {
      const int k = static_cast<int>(i % rule_size);
      const double offset = (k < 7 ? -1.0 : 1.0) * kronrod_node[mirrored(k)];
      node_[i] = from + half * (2.0 * static_cast<double>(i / rule_size) + 1.0 + offset);
      if (member_.logarithmic()) node_[i] = std::exp(node_[i]);
    }
    member_.log_density(node_, count, log_p);
    const double largest = *std::max_element(log_p, log_p + count);
    if (!std::isfinite(largest)) return false;
    if (derivatives) member_.derivatives(node_, count, *tile_);
    moment_sums sums(member_.shapes());
    double kronrod[1 + max_shapes] = {}, gauss[1 + max_shapes] = {}, size[1 + max_shapes] = {};
    double score[max_shapes] = {}, second[max_pairs] = {};
    for (std::size_t i = 0; i < count; ++i) {
      const int k = mirrored(static_cast<int>(i % rule_size));
      if (derivatives) shape_parts(*tile_, i, score, second);
      sums.add(log_p[i] + std::log(kronrod_weight[k]), score, second);
      const double p = std::exp(log_p[i] - largest);
      for (int s = 0; s <= (derivatives ? member_.shapes() : 0); ++s) {
        const double term = s == 0 ? p : p * score[s - 1];
        kronrod[s] += kronrod_weight[k] * term;
        gauss[s] += gauss_weight[k] * term;
        size[s] += kronrod_weight[k] * std::fabs(term);
      }
    }
    for (int s = 0; s <= (derivatives ? member_.shapes() : 0); ++s)
      if (!(std::fabs(kronrod[s] - gauss[s]) <= 1e-11 * size[s])) return false;
    out = sums.result(std::log(half) - member_.log_scale());
    return true;
  }

  bool summed(const interval& r, bool derivatives, set_moments& out) {
    if (!(r.upper - r.lower < static_cast<double>(tile_size))) return false;
    double log_p[tile_size], score[max_shapes] = {}, second[max_pairs] = {};
    const auto count = static_cast<std::size_t>(r.upper - r.lower) + 1;
    for (std::size_t i = 0; i < count; ++i) node_[i] = r.lower + static_cast<double>(i);
    member_.log_density(node_, count, log_p);
    if (derivatives) member_.derivatives(node_, count, *tile_);
    moment_sums sums(member_.shapes());
    for (std::size_t i = 0; i < count; ++i) {
      if (derivatives) shape_parts(*tile_, i, score, second);
      sums.add(log_p[i], score, second);
    }
    out = sums.result();
    return true;
  }

  // log P with derivatives in `row`.
  double differentiate(const interval& r, double* row) {
    set_moments inside;
    if (!integrated(r, true, inside)) {
      const tails t = by_tails(member_, r);
      inside = set_moments{};
      inside.log_probability = t.log_probability;
      for (int k = 0; k < (member_.shapes() > 0 ? t.count : 0); ++k) {
        const set_moments tail = member_.tail(t.pieces[k].end, t.pieces[k].right);
        const double share = t.pieces[k].sign * std::exp(tail.log_probability - t.log_probability);
        for (int s = 0; s < max_shapes; ++s) inside.first[s] += share * tail.first[s];
        for (int s = 0; s < max_pairs; ++s) inside.second[s] += share * tail.second[s];
      }
    }
    if (!std::isfinite(inside.log_probability)) return inside.log_probability;
    interval_end ends[2];
    const int count = member_.discrete() ? 0 : ends_of(r, ends);
    // First and second derivatives in the two ends, and in an end and a shape.
    double density[2] = {};
    for (int e = 0; e < count; ++e) density[e] = std::exp(ends[e].log_density - inside.log_probability);
    for (int e = 0; e < count; ++e) {
      const double first = ends[e].sign * density[e];
      row[d_z] += first;
      row[z_d_z] += ends[e].z * first;
      for (int g = 0; g < count; ++g) {
        const double both = g == e ? first * ends[e].slope - density[e] * density[e] : density[0] * density[1];
        row[d_zz] += both;
        row[z_d_zz] += ends[e].z * both;
        row[zz_d_zz] += ends[e].z * ends[g].z * both;
      }
      for (int s = 0; s < member_.shapes(); ++s) {
        const double mixed = first * (ends[e].score[s] - inside.first[s]);
        row[d_za + s] += mixed;
        row[z_d_za + s] += ends[e].z * mixed;
      }
    }
    constexpr int second[max_pairs] = {d_aa, d_ab, d_ac, d_bb, d_bc, d_cc};
    constexpr int of[max_pairs][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};
    for (int s = 0; s < max_shapes; ++s) row[d_a + s] = inside.first[s];
    for (int s = 0; s < max_pairs; ++s)
      row[second[s]] = inside.second[s] - inside.first[of[s][0]] * inside.first[of[s][1]];
    return inside.log_probability;
  }

  int ends_of(const interval& r, interval_end* ends) {
    double x[2], log_p[2];
    int count = 0;
    if (r.has_lower) x[count] = r.lower, ends[count++].sign = -1.0;
    if (r.has_upper) x[count] = r.upper, ends[count++].sign = 1.0;
    member_.log_density(x, static_cast<std::size_t>(count), log_p);
    member_.derivatives(x, static_cast<std::size_t>(count), *tile_);
    for (int e = 0; e < count; ++e) {
      const auto i = static_cast<std::size_t>(e);
      double unused[max_pairs];
      ends[e].z = tile_->z[i];
      ends[e].log_density = log_p[i];
      ends[e].slope = tile_->part[part_z][i];
      shape_parts(*tile_, i, ends[e].score, unused);
    }
    return count;
  }

  member member_;
  std::unique_ptr<jet_tile> tile_;
  double node_[tile_size] = {};
};

constexpr std::size_t rows_per_task = 512;

std::size_t task_count(const interval_rows& rows) { return (rows.size() + rows_per_task - 1) / rows_per_task; }

double total(const exact_sum& s) { return std::isfinite(s.high) ? s.high + s.low : s.high; }

}  // namespace

derivative_sums differentiate(const family_entry& f, const interval_rows& rows, const point& p) {
  std::vector<chunk_sums> parts(task_count(rows));
  parallel_for(parts.size(), [&](std::size_t task) {
    interval_pass pass(f, p);
    const std::size_t end = std::min(rows.size(), (task + 1) * rows_per_task);
    for (std::size_t i = task * rows_per_task; i < end; ++i)
      if (rows.weight(i) != 0.0) pass.add(rows.lower[i], rows.upper[i], rows.weight(i), parts[task].sum);
  });
  derivative_sums d;
  for (const chunk_sums& part : parts)
    for (int c = 0; c < component_count; ++c) d.sum[c] += total(part.sum[c]);
  return d;
}

namespace {

// row(pass, point, theta, lower, upper, i) for every row, with one pass for as long as the member stays the same.
template <class Row>
void each_interval(const family_entry& f, const observations& lower, const observations& upper,
                   const parameter_columns& theta, Row row) {
  const int k = f.cold->parameter_count;
  bool one = true;
  for (int j = 0; j < k; ++j) one &= theta.stride[j] == 0;
  parallel_for((lower.n + tile_size - 1) / tile_size, [&](std::size_t tile) {
    const std::size_t begin = tile * tile_size, count = std::min(lower.n - begin, tile_size);
    double low[tile_size], high[tile_size], at[max_parameters];
    common().read(lower.value, begin, count, low);
    common().read(upper.value, begin, count, high);
    std::optional<interval_pass> pass;
    point p{};
    for (std::size_t i = 0; i < count; ++i) {
      if (!pass || !one) {
        for (int j = 0; j < k; ++j) at[j] = theta.data[j][static_cast<std::ptrdiff_t>(begin + i) * theta.stride[j]];
        p = f.cold->to_point(at);
        pass.emplace(f, p);
      }
      row(*pass, p, at, low[i], high[i], begin + i);
    }
  });
}

}  // namespace

void map_intervals(const family_entry& f, const observations& lower, const observations& upper,
                   const parameter_columns& theta, double* out) {
  each_interval(f, lower, upper, theta,
                [&](interval_pass& pass, const point&, const double*, double low, double high, std::size_t i) {
    out[i] = pass.log_probability(low, high);
  });
}

void score_intervals(const family_entry& f, const observations& lower, const observations& upper,
                     const parameter_columns& theta, double* out) {
  const auto k = static_cast<std::size_t>(f.cold->parameter_count);
  each_interval(f, lower, upper, theta,
                [&](interval_pass& pass, const point& p, const double* at, double low, double high, std::size_t i) {
    chunk_sums row;
    pass.add(low, high, 1.0, row.sum);
    derivative_sums d;
    for (int c = 0; c < component_count; ++c) d.sum[c] = total(row.sum[c]);
    const local_likelihood l = local(f, d, p, at);
    std::copy(l.score.begin(), l.score.end(), out + i * k);
  });
}

void log_probabilities(const family_entry& f, const interval_rows& rows, const point* points, int count, double* out) {
  const auto n = static_cast<std::size_t>(count);
  std::vector<double> parts(task_count(rows) * n);
  parallel_for(task_count(rows), [&](std::size_t task) {
    const std::size_t end = std::min(rows.size(), (task + 1) * rows_per_task);
    for (std::size_t k = 0; k < n; ++k) {
      interval_pass pass(f, points[k]);
      double sum = 0.0;
      for (std::size_t i = task * rows_per_task; i < end; ++i)
        if (rows.weight(i) != 0.0) sum += weighted(rows.weight(i), pass.log_probability(rows.lower[i], rows.upper[i]));
      parts[task * n + k] = sum;
    }
  });
  for (std::size_t k = 0; k < n; ++k) {
    out[k] = 0.0;
    for (std::size_t task = 0; task < task_count(rows); ++task) out[k] += parts[task * n + k];
  }
}

}  // namespace thetahat
