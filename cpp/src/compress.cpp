// The rows of a fit as weighted nodes: see compress.hpp. The panels lie on a grid in the coordinate
// v = asinh((u - median) / spread), in which laws of every tail change on a scale of one; an interval [a, b] is placed by
// v(a) and v(b) - v(a), and log P - log(b - a) is smooth there down to an interval without width.

#include "compress.hpp"

#include <algorithm>
#include <cmath>

#include "dispatch.hpp"

namespace thetahat {

namespace {

constexpr double smallest_normal = 0x1p-1022;
constexpr std::size_t rows_in_sample = 16384;
constexpr std::uint32_t no_panel = ~std::uint32_t{0};
constexpr std::size_t most_panels = 4096;

// Rows of one kind: their terms are one function. Windows, which have negative weights, are apart: a panel's weights have
// one sign, and none of its nodes stands for a difference.
enum kind_of_row : int { known, left, right, both, left_window, right_window, both_window, kind_count };
bool has_lower(int k) { return k == known || k == right || k == both || k == right_window || k == both_window; }
bool two_sided(int k) { return k == both || k == both_window; }

struct some_rows {
  table_data values;
  interval_table intervals;
};

// A row range cut into panels of equal width.
struct axis_panels {
  double first = 0.0, width = 0.0, per_width = 0.0;
  std::size_t count = 0;

  axis_panels() = default;
  axis_panels(double low, double high, double widest) {
    if (!(high >= low)) return;
    high = std::max(high, low + 0.125 * widest);  // a range as narrow as its own rounding has no places
    count = static_cast<std::size_t>(std::clamp(std::ceil((high - low) / widest), 1.0, 1.0 + most_panels));
    first = low;
    width = (high - low) / static_cast<double>(count);
    per_width = 1.0 / width;
  }
  double place_in(std::size_t panel, double v) const {
    return 2.0 * ((v - first) * per_width - static_cast<double>(panel)) - 1.0;
  }
  // The panel, with the place in it from -1 to 1.
  std::size_t place(double v, double& t) const {
    const double steps = (v - first) * per_width;
    const int panel = std::min(static_cast<int>(count) - 1, static_cast<int>(std::max(steps, 0.0)));
    t = 2.0 * (steps - panel) - 1.0;
    return static_cast<std::size_t>(panel);
  }
  double at(std::size_t panel, double t) const {
    return first + (static_cast<double>(panel) + 0.5 * (t + 1.0)) * width;
  }
};

// Where the panels of a kind lie, and which of them hold rows enough to be worth their nodes.
struct layout {
  axis_panels along, across;
  double low = infinity, high = -infinity;  // of the first end, in x
  double low_v = infinity, high_v = -infinity, low_gap = infinity, high_gap = -infinity;
  std::vector<std::uint32_t> slot;
  std::size_t dense = 0;
  std::size_t rows = 0;  // of which it was looked at
  double weight = 0.0;

  std::size_t nodes(int kind) const { return two_sided(kind) ? square_nodes * square_nodes : line_nodes; }
};

// Rows of one kind on their way into panels.
struct tile_rows {
  double a[tile_size], b[tile_size], weight[tile_size];
  std::size_t count = 0;
};

double node_place(int k, int count) { return -std::cos(M_PI * (k + 0.5) / count); }

void chebyshev(double t, int count, double* out) {
  out[0] = 1.0;
  out[1] = t;
  for (int k = 2; k < count; ++k) out[k] = 2.0 * t * out[k - 1] - out[k - 2];
}

// Solves sum_k T_j(t_k) x_k = y_j for `columns` right sides in place. Where the nodes really lie, after rounding, is what
// counts, so no closed form serves.
template <int N>
void solve(const double* t, double* y, int columns) {
  double a[N][N], value[N];
  for (int k = 0; k < N; ++k) {
    chebyshev(t[k], N, value);
    for (int j = 0; j < N; ++j) a[j][k] = value[j];
  }
  for (int i = 0; i < N; ++i) {
    int pivot = i;
    for (int j = i + 1; j < N; ++j)
      if (std::fabs(a[j][i]) > std::fabs(a[pivot][i])) pivot = j;
    if (pivot != i) {
      std::swap_ranges(a[i], a[i] + N, a[pivot]);
      std::swap_ranges(y + i * columns, y + (i + 1) * columns, y + pivot * columns);
    }
    for (int j = i + 1; j < N; ++j) {
      const double factor = a[j][i] / a[i][i];
      for (int k = i + 1; k < N; ++k) a[j][k] -= factor * a[i][k];
      for (int c = 0; c < columns; ++c) y[j * columns + c] -= factor * y[i * columns + c];
    }
  }
  for (int i = N; i-- > 0;)
    for (int c = 0; c < columns; ++c) {
      double sum = y[i * columns + c];
      for (int k = i + 1; k < N; ++k) sum -= a[i][k] * y[k * columns + c];
      y[i * columns + c] = sum / a[i][i];
    }
}

}  // namespace

struct compression::state {
  const family_entry& family;
  const observations& exact;
  const interval_rows& intervals;
  double origin, low_end, high_end;
  panel_coordinate coordinate;
  double panel_width = 0.3;
  layout layouts[kind_count];
  bool usable = false;

  some_rows nodes;
  double constant = 0.0;  // of the log-likelihood

  state(const family_entry& f, const observations& e, const interval_rows& r, const double* theta, double o)
      : family(f), exact(e), intervals(r), origin(o), low_end(f.cold->lower(theta)), high_end(f.cold->upper(theta)) {
    if (!possible(f, e, r)) return;
    const cold_table& cold = *f.cold;
    const bool bounded = std::isfinite(low_end), fixed_above = std::isfinite(cold.info->support.upper);
    if (std::isfinite(high_end) && !bounded) return;
    coordinate.map = !bounded ? end_map::identity : fixed_above ? end_map::logit : end_map::log;
    if (bounded) coordinate.shift = origin - low_end;
    if (bounded && fixed_above) coordinate.width = cold.info->support.upper - low_end;
    build(theta);
  }

  // ----- rows one by one ----------------------------------------------------------------------------------------------

  // The kind of an interval; `kind_count` for one that says nothing, -1 for one to be kept as it is.
  int kind_of(double lower, double upper, double weight) const {
    const support_set& support = family.cold->info->support;
    const bool from = lower > low_end, to = upper < infinity && !(upper >= support.upper);
    if (weight == 0.0) return kind_count;
    if (!from && !to) return upper >= support.upper && lower <= support.lower ? kind_count : -1;
    const int windows = weight < 0.0 ? left_window - left : 0;
    if (from && to) return upper > lower ? both + windows : -1;
    if (from) return right + windows;
    return upper > low_end ? left + windows : -1;
  }

  // body(kind, a, b, weight) for rows [begin, end) of the values followed by the intervals; ends that count are
  // differences from the origin, and -1 is a kept interval with ends as they were given.
  template <class Body>
  void over(std::size_t begin, std::size_t end, std::size_t stride, Body body) const {
    double value[tile_size], weight[tile_size];
    std::size_t i = begin;
    if (i < exact.n && stride == 1) {
      std::fill(std::begin(weight), std::end(weight), 1.0);
      for (; i < std::min(end, exact.n); i += tile_size) {
        const std::size_t count = std::min({tile_size, end - i, exact.n - i});
        common().read(exact.value, i, count, value);
        if (exact.weight.data != nullptr) common().read(exact.weight, i, count, weight);
        for (std::size_t k = 0; k < count; ++k)
          if (weight[k] != 0.0) body(known, value[k] - origin, 0.0, weight[k]);
      }
      i = std::min(end, exact.n);
    }
    for (; i < end; i += stride) {
      if (i < exact.n) {
        common().read(exact.value, i, 1, value);
        weight[0] = 1.0;
        if (exact.weight.data != nullptr) common().read(exact.weight, i, 1, weight);
        if (weight[0] != 0.0) body(known, value[0] - origin, 0.0, weight[0]);
        continue;
      }
      const std::size_t row = i - exact.n;
      const double lower = intervals.lower[row], upper = intervals.upper[row], w = intervals.weight(row);
      const int k = kind_of(lower, upper, w);
      if (k == kind_count) continue;
      const double a = lower - origin, b = upper - origin;
      body(k, k < 0 || has_lower(k) ? a : b, b, w);
    }
  }

  std::size_t total() const { return exact.n + intervals.n; }
  std::size_t sample_stride(std::size_t most) const { return 1 + total() / most; }

  double inverse(double v) const {
    const double u = coordinate.centre + std::sinh(v) / coordinate.per_spread;
    if (coordinate.map == end_map::identity) return u;
    if (coordinate.map == end_map::log) return std::exp(u) - coordinate.shift;
    return coordinate.width / (1.0 + std::exp(-u)) - coordinate.shift;
  }
  bool inside(double x) const {
    if (coordinate.map == end_map::identity) return std::isfinite(x);
    const double y = x + coordinate.shift;
    return y > smallest_normal && y < (coordinate.map == end_map::log ? infinity : coordinate.width);
  }

  // The middle and the spread of the law: it changes on their scale, wherever the rows lie.
  bool centre(const double* theta) {
    double u[3];
    for (int k = 0; k < 3; ++k) {
      const double x = family.cold->icdf(theta, 0.25 * (k + 1)), y = x - low_end;
      u[k] = coordinate.map == end_map::identity ? x - origin
             : coordinate.map == end_map::log    ? std::log(y)
                                                 : std::log(y / (coordinate.width - y));
    }
    const double spread = std::min(u[1] - u[0], u[2] - u[1]);
    coordinate.centre = u[1];
    coordinate.per_spread = 1.0 / spread;
    return std::isfinite(u[1]) && std::isfinite(coordinate.per_spread) && spread > 1e-12 * std::fabs(u[1]);
  }

  // ----- panels --------------------------------------------------------------------------------------------------------

  void place_panels() {
    struct looked_at {
      double v, gap;
    };
    std::vector<looked_at> seen[kind_count];
    std::vector<tile_rows> tiles(kind_count);
    const std::size_t stride = sample_stride(rows_in_sample);
    for (layout& l : layouts) l = layout{};
    const auto look = [&](int k) {
      layout& l = layouts[k];
      tile_rows& tile = tiles[static_cast<std::size_t>(k)];
      double v[tile_size], other[tile_size];
      common().straighten(coordinate, tile.a, tile.count, v);
      if (two_sided(k)) common().straighten(coordinate, tile.b, tile.count, other);
      for (std::size_t i = 0; i < tile.count; ++i) {
        const double gap = two_sided(k) ? other[i] - v[i] : 0.0;
        if (!(std::isfinite(v[i]) && gap >= 0.0 && gap < infinity)) continue;
        seen[k].push_back({v[i], gap});
        l.low = std::min(l.low, tile.a[i]);
        l.high = std::max(l.high, tile.a[i]);
        l.low_v = std::min(l.low_v, v[i]);
        l.high_v = std::max(l.high_v, v[i]);
        l.low_gap = std::min(l.low_gap, gap);
        l.high_gap = std::max(l.high_gap, gap);
        l.weight += tile.weight[i];
      }
      tile.count = 0;
    };
    over(0, total(), stride, [&](int k, double a, double b, double w) {
      if (k < 0 || !inside(a)) return;
      tile_rows& tile = tiles[static_cast<std::size_t>(k)];
      tile.a[tile.count] = a;
      tile.b[tile.count] = b;
      tile.weight[tile.count++] = w;
      if (tile.count == tile_size) look(k);
    });
    for (int k = 0; k < kind_count; ++k) look(k);
    for (int k = 0; k < kind_count; ++k) {
      layout& l = layouts[k];
      l.rows = seen[k].size();
      if (l.rows == 0) continue;
      l.along = axis_panels(l.low_v, l.high_v, panel_width);
      // Nodes as narrow as the narrowest rows would lose the digits of their derivatives.
      const double least = 0.1 * panel_width;
      l.across = !two_sided(k)       ? axis_panels(0.0, 0.0, 1.0)
                 : l.low_gap < least ? axis_panels(0.0, std::max(l.high_gap, least), panel_width)
                                     : axis_panels(l.low_gap, l.high_gap, panel_width);
      if (l.along.count > most_panels || l.across.count > most_panels ||
          l.along.count * l.across.count > 16 * most_panels)
        continue;
      std::vector<std::size_t> hits(l.along.count * l.across.count);
      double unused;
      for (const looked_at& row : seen[k])
        ++hits[l.along.place(row.v, unused) * l.across.count + l.across.place(row.gap, unused)];
      std::size_t in_panels = 0;
      l.slot.assign(hits.size(), no_panel);
      for (std::size_t p = 0; p < hits.size(); ++p)
        if (hits[p] * stride >= 2 * l.nodes(k)) {
          l.slot[p] = static_cast<std::uint32_t>(l.dense++);
          in_panels += hits[p];
        }
      // Not worth it for a kind of which more than half would be left.
      if (2 * (l.dense * l.nodes(k) + (l.rows - in_panels) * stride) > l.rows * stride) l.dense = 0, l.slot.clear();
    }
  }

  // What one task adds up.
  struct sums {
    std::vector<double> moments[kind_count];
    some_rows kept;
    exact_sum constant;
    tile_rows tiles[kind_count];
  };

  void keep(int k, double a, double b, double w, some_rows& to) const {
    if (k == known) {
      to.values.values.push_back(a);
      to.values.weights.push_back(w);
    } else {
      to.intervals.add(k < 0 || has_lower(k) ? a : -infinity,
                       k < 0 || two_sided(k) ? b
                       : has_lower(k)        ? infinity
                                             : a,
                       w);
    }
  }

  // The rows of a tile that lie in dense panels, moved to its front with their slots; `outside` gets the others.
  template <class Outside>
  void locate(int k, tile_rows& tile, double* s, double* t, std::uint32_t* slot, Outside outside) const {
    const layout& l = layouts[k];
    double v[tile_size], other[tile_size];
    common().straighten(coordinate, tile.a, tile.count, v);
    if (two_sided(k)) common().straighten(coordinate, tile.b, tile.count, other);
    std::size_t placed = 0;
    for (std::size_t i = 0; i < tile.count; ++i) {
      const double a = tile.a[i], b = tile.b[i], w = tile.weight[i];
      std::uint32_t where = no_panel;
      if (l.dense > 0 && a >= l.low && a <= l.high) {
        std::size_t panel = l.along.place(v[i], s[placed]);
        bool within = true;
        if (two_sided(k)) {
          const double gap = other[i] - v[i];
          within = gap >= l.low_gap && gap <= l.high_gap && b - a > smallest_normal;
          if (within) panel = panel * l.across.count + l.across.place(gap, t[placed]);
        }
        if (within) where = l.slot[panel];
      }
      if (where == no_panel) {
        outside(a, b, w);
        continue;
      }
      slot[placed] = where;
      tile.a[placed] = a;
      tile.b[placed] = b;
      tile.weight[placed++] = w;
    }
    tile.count = placed;
  }

  void flush(int k, sums& to) const {
    tile_rows& tile = to.tiles[k];
    double s[tile_size], t[tile_size];
    std::uint32_t slot[tile_size];
    locate(k, tile, s, t, slot, [&](double a, double b, double w) { keep(k, a, b, w, to.kept); });
    if (tile.count > 0) {
      to.moments[k].resize(layouts[k].dense * layouts[k].nodes(k));
      if (two_sided(k)) {
        common().square_moments(s, t, tile.weight, slot, tile.count, to.moments[k].data());
        add(to.constant, common().log_widths(tile.a, tile.b, tile.weight, tile.count));
      } else {
        common().line_moments(s, tile.weight, slot, tile.count, to.moments[k].data());
      }
    }
    tile.count = 0;
  }

  static void add(exact_sum& s, double x) {
    const double t = s.high + x, b = t - s.high;
    s.low += (s.high - (t - b)) + (x - b);
    s.high = t;
  }

  void put(int k, double a, double b, double w, sums& to) const {
    tile_rows& tile = to.tiles[k];
    tile.a[tile.count] = a;
    tile.b[tile.count] = b;
    tile.weight[tile.count++] = w;
    if (tile.count == tile_size) flush(k, to);
  }

  // Tasks are joined in order, so the sums do not depend on who did them.
  void join(std::vector<std::unique_ptr<sums>>& parts, some_rows& out, double& fixed) const {
    exact_sum constants;
    for (const auto& part : parts) {
      some_rows& kept = part->kept;
      out.values.values.insert(out.values.values.end(), kept.values.values.begin(), kept.values.values.end());
      out.values.weights.insert(out.values.weights.end(), kept.values.weights.begin(), kept.values.weights.end());
      for (std::size_t i = 0; i < kept.intervals.weight.size(); ++i)
        out.intervals.add(kept.intervals.lower[i], kept.intervals.upper[i], kept.intervals.weight[i]);
      add(constants, part->constant.high);
      add(constants, part->constant.low);
    }
    for (int k = 0; k < kind_count; ++k) {
      std::vector<double> moments(layouts[k].dense * layouts[k].nodes(k));
      for (const auto& part : parts)
        for (std::size_t i = 0; i < part->moments[k].size(); ++i) moments[i] += part->moments[k][i];
      for (std::size_t panel = 0; panel < layouts[k].slot.size(); ++panel) {
        const std::uint32_t slot = layouts[k].slot[panel];
        if (slot == no_panel || moments[slot * layouts[k].nodes(k)] == 0.0) continue;
        double* const from = &moments[slot * layouts[k].nodes(k)];
        if (two_sided(k)) square(k, panel, from, out, constants);
        else line(k, panel, from, out);
      }
    }
    fixed = constants.high + constants.low;
  }

  void line(int k, std::size_t panel, double* moments, some_rows& out) const {
    double x[line_nodes], v[line_nodes], t[line_nodes];
    for (int i = 0; i < line_nodes; ++i) x[i] = inverse(layouts[k].along.at(panel, node_place(i, line_nodes)));
    common().straighten(coordinate, x, line_nodes, v);
    for (int i = 0; i < line_nodes; ++i) t[i] = layouts[k].along.place_in(panel, v[i]);
    solve<line_nodes>(t, moments, 1);
    for (int i = 0; i < line_nodes; ++i) keep(k, x[i], 0.0, moments[i], out);
  }

  void square(int k, std::size_t panel, double* moments, some_rows& out, exact_sum& constants) const {
    constexpr int n = square_nodes;
    const axis_panels& along = layouts[k].along;
    const axis_panels& across = layouts[k].across;
    const std::size_t p = panel / across.count, q = panel % across.count;
    double a[n], b[n], v[n], other[n], t[n];
    for (int i = 0; i < n; ++i) a[i] = inverse(along.at(p, node_place(i, n)));
    common().straighten(coordinate, a, n, v);
    for (int i = 0; i < n; ++i) t[i] = along.place_in(p, v[i]);
    solve<n>(t, moments, n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) b[j] = inverse(v[i] + across.at(q, node_place(j, n)));
      common().straighten(coordinate, b, n, other);
      for (int j = 0; j < n; ++j) t[j] = across.place_in(q, other[j] - v[i]);
      double* const weight = moments + i * n;
      solve<n>(t, weight, 1);
      for (int j = 0; j < n; ++j) {
        keep(k, a[i], b[j], weight[j], out);
        add(constants, -weight[j] * std::log(b[j] - a[i]));
      }
    }
  }

  void build(const double* theta) {
    usable = false;
    if (!centre(theta)) return;
    place_panels();
    nodes = some_rows{};
    const std::size_t rows = std::max<std::size_t>(64 * tile_size, (total() / 32 / tile_size + 1) * tile_size);
    std::vector<std::unique_ptr<sums>> parts((total() + rows - 1) / rows);
    parallel_for(parts.size(), [&](std::size_t task) {
      parts[task] = std::make_unique<sums>();
      sums& to = *parts[task];
      over(task * rows, std::min(total(), (task + 1) * rows), 1, [&](int k, double a, double b, double w) {
        if (k < 0) keep(k, a, b, w, to.kept);
        else put(k, a, b, w, to);
      });
      for (int k = 0; k < kind_count; ++k) flush(k, to);
    });
    join(parts, nodes, constant);
    usable = std::any_of(std::begin(layouts), std::end(layouts), [](const layout& l) { return l.dense > 0; });
  }

  derivative_sums differentiate(const some_rows& rows, double fixed, point p) const {
    p.pivot -= origin;
    derivative_sums d = thetahat::differentiate(family, rows.intervals.view(), p);
    if (!rows.values.values.empty()) {
      const derivative_sums e = thetahat::differentiate(family, rows.values.view(), p, true);
      d.weight += e.weight;
      for (int c = 0; c < component_count; ++c) d.sum[c] += e.sum[c];
    }
    d.sum[value_] += fixed;
    return d;
  }

  // Of each kind some rows from some panels, as they are and compressed, scaled to all rows of the kind.
  derivative_sums error_at(const point& p) const {
    constexpr std::size_t rows_looked_at = 1024, panels_looked_at = 16;
    derivative_sums error;
    for (int k = 0; k < kind_count; ++k) {
      const layout& l = layouts[k];
      if (l.dense == 0) continue;
      const std::size_t step = two_sided(k) ? (l.dense + panels_looked_at - 1) / panels_looked_at : 1;
      some_rows rows;
      double weight = 0.0;
      std::vector<std::unique_ptr<sums>> parts;
      parts.push_back(std::make_unique<sums>());
      tile_rows tile;
      const auto look = [&] {
        double s[tile_size], t[tile_size];
        std::uint32_t slot[tile_size];
        locate(k, tile, s, t, slot, [](double, double, double) {});
        for (std::size_t i = 0; i < tile.count; ++i) {
          if (slot[i] % step != 0) continue;
          keep(k, tile.a[i], tile.b[i], tile.weight[i], rows);
          put(k, tile.a[i], tile.b[i], tile.weight[i], *parts.front());
          weight += tile.weight[i];
        }
        tile.count = 0;
      };
      over(0, total(), sample_stride(rows_looked_at * step), [&](int kind, double a, double b, double w) {
        if (kind != k) return;
        tile.a[tile.count] = a;
        tile.b[tile.count] = b;
        tile.weight[tile.count++] = w;
        if (tile.count == tile_size) look();
      });
      look();
      if (weight == 0.0) continue;
      flush(k, *parts.front());
      some_rows few;
      double fixed = 0.0;
      join(parts, few, fixed);
      const derivative_sums true_sums = differentiate(rows, 0.0, p), sums = differentiate(few, fixed, p);
      const double scale = l.weight * static_cast<double>(sample_stride(rows_in_sample)) / weight;
      error.weight += scale * (sums.weight - true_sums.weight);
      for (int c = 0; c < component_count; ++c) error.sum[c] += scale * (sums.sum[c] - true_sums.sum[c]);
    }
    return error;
  }
};

compression::compression(const family_entry& f, const observations& exact, const interval_rows& intervals,
                         const double* theta, double origin)
    : state_(std::make_unique<state>(f, exact, intervals, theta, origin)) {}
compression::~compression() = default;

bool compression::possible(const family_entry& f, const observations& exact, const interval_rows& intervals) {
  constexpr std::size_t rows_worth_it = 8000;
  bool smooth = f.cold->info->kind != kind::discrete && !f.cold->kinked_location;
  for (int k = 0; k < f.cold->parameter_count; ++k) smooth &= !f.cold->parameters[k].boundary;
  return smooth && exact.n + intervals.n >= rows_worth_it;
}

bool compression::useful() const { return state_->usable; }

derivative_sums compression::differentiate(const point& p) const {
  return state_->differentiate(state_->nodes, state_->constant, p);
}

void compression::values(const point* points, int count, double* out) const {
  point moved[max_points];
  for (int k = 0; k < count; ++k) {
    moved[k] = points[k];
    moved[k].pivot -= state_->origin;
  }
  log_probabilities(state_->family, state_->nodes.intervals.view(), moved, count, out);
  double plain[max_points] = {};
  if (!state_->nodes.values.values.empty())
    log_likelihoods(state_->family, state_->nodes.values.view(), moved, count, plain, true);
  for (int k = 0; k < count; ++k) out[k] += plain[k] + state_->constant;
}

bool compression::faithful(const coordinates& c, const newton_result& r, const double* theta) const {
  const cold_table& cold = *state_->family.cold;
  if (cold.lower(theta) != state_->low_end) return false;
  const point p = c.to_point(r.at);
  const derivative_sums error = state_->error_at(p);
  if (!(std::fabs(error.sum[value_]) <= 1e-10 * (1.0 + std::fabs(r.last.value)))) return false;
  double g[5], h[5][5];
  internal_derivatives(cold, p, error, g, h);
  jacobian j;
  c.derivatives(r.at, j);
  const evaluation e = transformed(g, h, j, c.count());
  matrix inverse;
  // A search that ended where the information is not definite claims no estimate.
  if (!invert(r.last.information, r.active, c.count(), inverse)) return r.outcome != newton_outcome::converged;
  double moved = 0.0;
  for (std::size_t a = 0; a < max_axes; ++a)
    for (std::size_t b = 0; b < max_axes; ++b) moved += e.gradient[a] * inverse[a][b] * e.gradient[b];
  return moved <= 1e-14;
}

void compression::refine(const double* theta) {
  state_->panel_width *= 0.6;
  state_->build(theta);
}

}  // namespace thetahat
