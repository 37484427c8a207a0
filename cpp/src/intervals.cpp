// The probability of intervals. A narrow one is integrated, which loses no digits to the difference of two nearly equal
// tails; any other is the difference of two tails on the side where they are small.

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <memory>
#include <optional>

#include "dispatch.hpp"
#include "member.hpp"

namespace thetahat {

namespace {

constexpr double log_half = -0.69314718055994530942;

// Kronrod's rules of 7 and of 15 nodes with Gauss's of 3 and of 7, every second node: QUADPACK (Piessens and others 1983).
// The nodes from -1 to 0; the others mirror them.
struct quadrature {
  int size;
  double node[8], kronrod[8], gauss[8];
  double tolerance;  // of the difference of the two sums, which far exceeds the error of Kronrod's
};
constexpr quadrature narrow = {7,
                               {0.960491268708020283423507092629080, 0.774596669241483377035853079956480,
                                0.434243749346802558002071502844628, 0.0},
                               {0.104656226026467265193823857192073, 0.268488089868333440728569280666710,
                                0.401397414775962222905051818618432, 0.450916538658474142345110087045571},
                               {0.0, 0.555555555555555555555555555555556, 0.0, 0.888888888888888888888888888888889},
                               1e-9};
constexpr quadrature wide = {
    15,
    {0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
     0.741531185599394439863864773280788, 0.586087235467691130294144691258743, 0.405845151377397166906606412076961,
     0.207784955007898467600689403773245, 0.0},
    {0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
     0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
     0.204432940075298892414161999234649, 0.209482141084727828012999174891714},
    {0.0, 0.129484966168869693270611432679082, 0.0, 0.279705391489276667901467771423780, 0.0,
     0.381830050505118944950369775488975, 0.0, 0.417959183673469387755102040816327},
    1e-11};

// One end of an interval inside the support.
struct interval_end {
  double z, log_ratio, slope, sign;  // of the density there to the interval's probability
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
  double larger;  // logarithm of what the rest is taken from
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
    t.larger = cdf_u;
    t.log_probability = log_difference(cdf_u, cdf_l);
    put(r.upper, false, 1.0);
    if (r.has_lower) put(below, false, -1.0);
  } else if (r.has_lower && sf_l <= log_half) {
    t.larger = sf_l;
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

// Everything that one thread needs for a pass. Rows wait until there are enough of them for a tile of nodes: a tile costs
// the kernels little more than a row.
class interval_pass {
 public:
  interval_pass(const family_entry& f, const point& p, bool derivatives)
      : member_(f, p), derivatives_(derivatives), tile_(std::make_unique_for_overwrite<jet_tile>()) {
    tile_->present = 0;
  }

  // sink(log P, component sums, `what`) is called for every row, in order.
  template <class Sink>
  void add(double lower, double upper, double what, const Sink& sink) {
    if (waiting_ == rows_.size()) rows_.emplace_back();
    row& next = rows_[waiting_++];
    next.r = cut(member_, lower, upper);
    next.what = what;
    next.inside = set_moments{};
    next.far = false;
    next.settled = next.r.empty() || next.r.whole();
    if (next.r.whole() && !next.r.empty()) next.inside.log_probability = 0.0;
    if (waiting_ == most_rows) finish(sink);
  }

  template <class Sink>
  void finish(const Sink& sink) {
    settle();
    interval_end ends[2 * most_rows];
    if (derivatives_ && !member_.discrete()) ends_of(ends);
    const interval_end* at = ends;
    for (std::size_t i = 0; i < waiting_; ++i) {
      const row& one = rows_[i];
      double parts[component_count] = {};
      parts[value_] = one.inside.log_probability;
      const int count = one.end_count();
      if (derivatives_ && std::isfinite(parts[value_]) && !one.r.whole())
        differentiate(one.inside, at, member_.discrete() ? 0 : count, parts);
      at += count;
      sink(one.what, parts);
    }
    waiting_ = 0;
  }

 private:
  static constexpr std::size_t most_rows = tile_size / 2;
  static constexpr double far_below = -50.0;  // logarithm of a probability
  struct row {
    interval r;
    double what, from, half;
    set_moments inside;
    double ratio[2];  // at its ends, where it is `far`
    bool settled, far;
    int end_count() const { return r.empty() ? 0 : (r.has_lower ? 1 : 0) + (r.has_upper ? 1 : 0); }
  };

  // ----- probabilities ------------------------------------------------------------------------------------------------

  void settle() {
    if (!member_.discrete()) {
      if (member_.shapes() == 0) plain_differences();
      batches(narrow, 1);
      batches(wide, 1);
      batches(wide, 2);
    }
    for (std::size_t i = 0; i < waiting_; ++i) {
      row& one = rows_[i];
      if (!one.settled) one.settled = member_.discrete() ? summed(one) : refined(one);
      if (one.settled) far_out(one);
      else by_difference(one);
    }
  }

  // Where the two tails are not nearly equal their difference is as good as an integral, and costs less.
  void plain_differences() {
    for (std::size_t i = 0; i < waiting_; ++i) {
      row& one = rows_[i];
      if (one.settled || !range(one.r, one) || one.half < member_.width()) continue;
      const tails t = by_tails(member_, one.r);
      if (!(t.log_probability >= t.larger + log_half)) continue;
      one.inside.log_probability = t.log_probability;
      one.settled = true;
    }
  }

  bool straddles(const interval& r) const { return member_.kinked() && r.lower < 0.0 && r.upper > 0.0; }

  // Sets the range of a row in the variable of integration; false where there is none.
  bool range(const interval& r, row& one) const {
    if (!std::isfinite(r.lower) || !std::isfinite(r.upper)) return false;
    one.from = member_.logarithmic() ? std::log(r.lower) : r.lower;
    const double width = r.upper - r.lower;
    one.half = 0.5 * (member_.logarithmic() ? std::log1p(width / r.lower) : width);
    return one.half > 0.0 && std::isfinite(one.from);
  }

  void batches(const quadrature& q, int panels) {
    row* batch[tile_size];
    std::size_t count = 0;
    const auto most = static_cast<std::size_t>(static_cast<int>(tile_size) / (panels * q.size));
    for (std::size_t i = 0; i < waiting_; ++i) {
      row& one = rows_[i];
      if (one.settled || straddles(one.r) || !range(one.r, one)) continue;
      if (&q == &narrow && one.half > member_.width()) continue;
      batch[count++] = &one;
      if (count < most) continue;
      integrate(q, batch, count, panels);
      count = 0;
    }
    if (count > 0) integrate(q, batch, count, panels);
  }

  // In several panels; a law with a kink is smooth on either side of it.
  bool refined(row& one) {
    if (!std::isfinite(one.r.lower) || !std::isfinite(one.r.upper)) return false;
    if (!straddles(one.r)) return in_panels(one.r, one, {4, 16});
    row left = one, right = one;
    interval below = one.r, above = one.r;
    below.upper = above.lower = 0.0;
    if (!in_panels(below, left, {1, 4, 16}) || !in_panels(above, right, {1, 4, 16})) return false;
    const double both = log_sum(left.inside.log_probability, right.inside.log_probability);
    const double share = std::exp(left.inside.log_probability - both),
                 rest = std::exp(right.inside.log_probability - both);
    one.inside.log_probability = both;
    for (int j = 0; j < max_shapes; ++j)
      one.inside.first[j] = share * left.inside.first[j] + rest * right.inside.first[j];
    for (int j = 0; j < max_pairs; ++j)
      one.inside.second[j] = share * left.inside.second[j] + rest * right.inside.second[j];
    return true;
  }

  bool in_panels(const interval& r, row& one, std::initializer_list<int> tries) {
    if (!range(r, one)) return false;
    row* const batch[] = {&one};
    for (const int panels : tries)
      if (integrate(wide, batch, 1, panels), one.settled) return true;
    return false;
  }

  // Settles those of the rows for which the rule is exact enough.
  void integrate(const quadrature& q, row* const* batch, std::size_t rows, int panels) {
    double log_p[tile_size];
    const int size = q.size, per_row = panels * size, middle = size / 2;
    std::size_t n = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const double half = batch[i]->half / panels;
      for (int panel = 0; panel < panels; ++panel)
        for (int k = 0; k < size; ++k) {
          const double offset = k < middle ? -q.node[k] : q.node[size - 1 - k];
          node_[n++] = batch[i]->from + half * (2.0 * panel + 1.0 + offset);
        }
    }
    if (member_.logarithmic()) {
      std::copy(node_, node_ + n, log_node_);
      for (std::size_t i = 0; i < n; ++i) node_[i] = std::exp(node_[i]);
    }
    member_.log_density(node_, n, log_p, log_node_);
    const int shapes = derivatives_ ? member_.shapes() : 0;
    if (shapes > 0) member_.derivatives(node_, n, *tile_);
    const shape_columns columns(*tile_);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t first = i * static_cast<std::size_t>(per_row);
      const double largest = *std::max_element(log_p + first, log_p + first + per_row);
      if (!std::isfinite(largest)) continue;
      double kronrod[1 + max_shapes] = {}, gauss[1 + max_shapes] = {}, absolute[1 + max_shapes] = {};
      double second[max_pairs] = {};
      for (int k = 0; k < per_row; ++k) {
        const std::size_t at = first + static_cast<std::size_t>(k);
        const double p = std::exp(log_p[at] - largest);
        if (!(p > 1e-26)) continue;
        const int in_panel = k % size, place = in_panel <= middle ? in_panel : size - 1 - in_panel;
        const double weight = q.kronrod[place] * p;
        kronrod[0] += weight;
        gauss[0] += q.gauss[place] * p;
        for (int s = 0; s < shapes; ++s) {
          const double score = columns.first[s][at];
          kronrod[1 + s] += weight * score;
          gauss[1 + s] += q.gauss[place] * p * score;
          absolute[1 + s] += weight * std::fabs(score);
          for (int t = s; t < shapes; ++t) {
            const int pair = pair_index(s, t);
            second[pair] += weight * (score * columns.first[t][at] + columns.second[pair][at]);
          }
        }
      }
      absolute[0] = kronrod[0];
      bool exact = true;
      for (int s = 0; s <= shapes; ++s) exact &= std::fabs(kronrod[s] - gauss[s]) <= q.tolerance * absolute[s];
      if (!exact) continue;
      set_moments& inside = batch[i]->inside;
      inside.log_probability = largest + std::log(kronrod[0]) + std::log(batch[i]->half / panels) - member_.log_scale();
      for (int s = 0; s < shapes; ++s) inside.first[s] = kronrod[1 + s] / kronrod[0];
      for (int s = 0; s < max_pairs; ++s) inside.second[s] = second[s] / kronrod[0];
      batch[i]->settled = true;
    }
  }

  bool summed(row& one) {
    const interval& r = one.r;
    if (!(r.upper - r.lower < static_cast<double>(tile_size))) return false;
    double log_p[tile_size], score[max_shapes] = {}, second[max_pairs] = {};
    const auto count = static_cast<std::size_t>(r.upper - r.lower) + 1;
    for (std::size_t i = 0; i < count; ++i) node_[i] = r.lower + static_cast<double>(i);
    member_.log_density(node_, count, log_p);
    if (derivatives_) member_.derivatives(node_, count, *tile_);
    moment_sums sums(member_.shapes());
    for (std::size_t i = 0; i < count; ++i) {
      if (derivatives_) shape_parts(*tile_, i, score, second);
      sums.add(log_p[i], score, second);
    }
    one.inside = sums.result();
    return true;
  }

  void by_difference(row& one) {
    const tails t = by_tails(member_, one.r);
    one.inside = set_moments{};
    one.inside.log_probability = t.log_probability;
    if (far_out(one) || !derivatives_ || member_.shapes() == 0) return;
    double rest = 1.0;
    for (int k = t.count; k-- > 0;) {
      const set_moments tail = member_.tail(t.pieces[k].end, t.pieces[k].right);
      // Of a tail that the others are taken from, what they leave: far out no logarithm has the digits of a ratio.
      const double share = t.pieces[k].sign > 0.0 && t.log_probability < far_below
                               ? rest
                               : t.pieces[k].sign * std::exp(tail.log_probability - t.log_probability);
      rest -= share;
      for (int s = 0; s < max_shapes; ++s) one.inside.first[s] += share * tail.first[s];
      for (int s = 0; s < max_pairs; ++s) one.inside.second[s] += share * tail.second[s];
    }
  }

  // What the logarithms of small probabilities are too large to tell.
  bool far_out(row& one) {
    const double log_probability = one.inside.log_probability;
    if (!derivatives_ || member_.discrete() || !(log_probability < far_below && log_probability > -infinity))
      return false;
    const auto set = member_.far(one.r.lower, one.r.upper);
    if (!set) return false;
    one.inside = set->moments;
    one.inside.log_probability = log_probability;
    one.ratio[0] = set->lower;
    one.ratio[1] = set->upper;
    return one.far = true;
  }

  // ----- derivatives --------------------------------------------------------------------------------------------------

  // From the moments inside and the ends, which move.
  void differentiate(const set_moments& inside, const interval_end* ends, int count, double* row) const {
    // First and second derivatives in the two ends, and in an end and a shape. Of a narrow interval the densities are
    // large and nearly equal: their difference is squared, not the densities.
    for (int e = 0; e < count; ++e) {
      const interval_end& end = ends[e];
      const double first = end.sign * std::exp(end.log_ratio);
      row[d_z] += first;
      row[z_d_z] += end.z * first;
      row[d_zz] += first * end.slope;
      row[z_d_zz] += end.z * (first * end.slope);
      row[zz_d_zz] += end.z * (end.z * (first * end.slope));
      for (int s = 0; s < member_.shapes(); ++s) {
        const double mixed = first * (end.score[s] - inside.first[s]);
        row[d_za + s] += mixed;
        row[z_d_za + s] += end.z * mixed;
      }
    }
    row[d_zz] -= row[d_z] * row[d_z];
    row[z_d_zz] -= row[z_d_z] * row[d_z];
    row[zz_d_zz] -= row[z_d_z] * row[z_d_z];
    constexpr int second[max_pairs] = {d_aa, d_ab, d_ac, d_bb, d_bc, d_cc};
    constexpr int of[max_pairs][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};
    for (int s = 0; s < max_shapes; ++s) row[d_a + s] = inside.first[s];
    for (int s = 0; s < max_pairs; ++s)
      row[second[s]] = inside.second[s] - inside.first[of[s][0]] * inside.first[of[s][1]];
  }

  void ends_of(interval_end* ends) {
    double x[tile_size], log_p[tile_size];
    std::size_t count = 0;
    for (std::size_t i = 0; i < waiting_; ++i) {
      const interval& r = rows_[i].r;
      if (rows_[i].end_count() == 0) continue;
      if (r.has_lower) x[count] = r.lower, ends[count++].sign = -1.0;
      if (r.has_upper) x[count] = r.upper, ends[count++].sign = 1.0;
    }
    if (count == 0) return;
    member_.log_density(x, count, log_p);
    member_.derivatives(x, count, *tile_);
    for (std::size_t i = 0; i < count; ++i) {
      double unused[max_pairs];
      ends[i].z = tile_->z[i];
      ends[i].slope = tile_->part[part_z][i];
      shape_parts(*tile_, i, ends[i].score, unused);
    }
    const double* density = log_p;
    for (std::size_t i = 0; i < waiting_; ++i) {
      const row& one = rows_[i];
      if (one.end_count() == 0) continue;
      const auto ratio = [&](int end) { return one.far ? one.ratio[end] : *density - one.inside.log_probability; };
      if (one.r.has_lower) ends++->log_ratio = ratio(0), ++density;
      if (one.r.has_upper) ends++->log_ratio = ratio(1), ++density;
    }
  }

  member member_;
  bool derivatives_;
  std::unique_ptr<jet_tile> tile_;
  std::vector<row> rows_;
  std::size_t waiting_ = 0;
  double node_[tile_size], log_node_[tile_size];
};

constexpr std::size_t rows_per_task = 512;

std::size_t task_count(const interval_rows& rows) { return (rows.size() + rows_per_task - 1) / rows_per_task; }

double total(const exact_sum& s) { return std::isfinite(s.high) ? s.high + s.low : s.high; }

}  // namespace

derivative_sums differentiate(const family_entry& f, const interval_rows& rows, const point& p) {
  std::vector<chunk_sums> parts(task_count(rows));
  parallel_for(parts.size(), [&](std::size_t task) {
    interval_pass pass(f, p, true);
    exact_sum* const out = parts[task].sum;
    const auto sink = [&](double weight, const double* row) {
      for (int c = 0; c < component_count; ++c) {
        if (row[c] == 0.0) continue;
        const double x = c == value_ ? weighted(weight, row[c]) : weight * row[c], t = out[c].high + x,
                     b = t - out[c].high;
        if (std::isfinite(t)) out[c].low += (out[c].high - (t - b)) + (x - b);
        out[c].high = t;
      }
    };
    const std::size_t end = std::min(rows.size(), (task + 1) * rows_per_task);
    for (std::size_t i = task * rows_per_task; i < end; ++i)
      if (rows.weight(i) != 0.0) pass.add(rows.lower[i], rows.upper[i], rows.weight(i), sink);
    pass.finish(sink);
  });
  derivative_sums d;
  for (const chunk_sums& part : parts)
    for (int c = 0; c < component_count; ++c) d.sum[c] += total(part.sum[c]);
  return d;
}

namespace {

// each(point, theta, parts, i) for every row, with one pass for as long as the member stays the same.
template <class Each>
void each_interval(const family_entry& f, const observations& lower, const observations& upper,
                   const parameter_columns& theta, bool derivatives, Each each) {
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
    std::size_t done = begin;
    const auto sink = [&](double, const double* parts) { each(p, at, parts, done++); };
    for (std::size_t i = 0; i < count; ++i) {
      if (!pass || !one) {
        if (pass) pass->finish(sink);
        for (int j = 0; j < k; ++j) at[j] = theta.data[j][static_cast<std::ptrdiff_t>(begin + i) * theta.stride[j]];
        p = f.cold->to_point(at);
        pass.emplace(f, p, derivatives);
      }
      pass->add(low[i], high[i], 1.0, sink);
    }
    if (pass) pass->finish(sink);
  });
}

}  // namespace

void map_intervals(const family_entry& f, const observations& lower, const observations& upper,
                   const parameter_columns& theta, double* out) {
  each_interval(f, lower, upper, theta, false,
                [&](const point&, const double*, const double* parts, std::size_t i) { out[i] = parts[value_]; });
}

void score_intervals(const family_entry& f, const observations& lower, const observations& upper,
                     const parameter_columns& theta, double* out) {
  const auto k = static_cast<std::size_t>(f.cold->parameter_count);
  each_interval(f, lower, upper, theta, true,
                [&](const point& p, const double* at, const double* parts, std::size_t i) {
    derivative_sums d;
    std::copy(parts, parts + component_count, d.sum);
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
      interval_pass pass(f, points[k], false);
      double sum = 0.0;
      const auto sink = [&](double weight, const double* row) { sum += weighted(weight, row[value_]); };
      for (std::size_t i = task * rows_per_task; i < end; ++i)
        if (rows.weight(i) != 0.0) pass.add(rows.lower[i], rows.upper[i], rows.weight(i), sink);
      pass.finish(sink);
      parts[task * n + k] = sum;
    }
  });
  for (std::size_t k = 0; k < n; ++k) {
    out[k] = 0.0;
    for (std::size_t task = 0; task < task_count(rows); ++task) out[k] += parts[task * n + k];
  }
}

}  // namespace thetahat
