#include "member.hpp"

#include <algorithm>
#include <cmath>

namespace thetahat {

namespace {

constexpr int pair_parts[max_pairs] = {part_aa, part_ab, part_ac, part_bb, part_bc, part_cc};

double part_of(const jet_tile& tile, int which, std::size_t i) {
  return tile.present >> which & 1u ? tile.part[which][i] : 0.0;
}

observations rows_of(const double* x, std::size_t count) {
  observations o;
  o.n = count;
  o.value = {x, static_cast<std::ptrdiff_t>(sizeof(double)), dtype::float64, false};
  return o;
}

// Gauss and Legendre's rule of eight nodes, and the integrals from -1 to each node of what has known values at all of them.
struct collocation {
  static constexpr int size = 8;
  double node[size] = {-0.960289856497536231684, -0.796666477413626739592, -0.525532409916328985818,
                       -0.183434642495649804939, 0.183434642495649804939,  0.525532409916328985818,
                       0.796666477413626739592,  0.960289856497536231684};
  double weight[size] = {0.101228536290376259153, 0.222381034453374470544, 0.313706645877887287338,
                         0.362683783378361982965, 0.362683783378361982965, 0.313706645877887287338,
                         0.222381034453374470544, 0.101228536290376259153};
  double upto[size][size] = {};

  collocation() {
    double legendre[size][size + 1];
    for (int i = 0; i < size; ++i) {
      legendre[i][0] = 1.0;
      legendre[i][1] = node[i];
      for (int n = 1; n < size; ++n)
        legendre[i][n + 1] = ((2 * n + 1) * node[i] * legendre[i][n] - n * legendre[i][n - 1]) / (n + 1);
    }
    for (int i = 0; i < size; ++i)
      for (int j = 0; j < size; ++j) {
        double sum = node[i] + 1.0;
        for (int n = 1; n < size; ++n) sum += legendre[j][n] * (legendre[i][n + 1] - legendre[i][n - 1]);
        upto[i][j] = 0.5 * weight[j] * sum;
      }
  }
};

// Whether two approximations of the moments of a set agree to half the digits of a double.
bool agree(const set_moments& a, const set_moments& b, int shapes) {
  constexpr double tolerance = 1e-8;
  bool same = std::fabs(a.log_probability - b.log_probability) <= tolerance;
  for (int j = 0; j < shapes; ++j) {
    const double size = std::sqrt(std::fabs(b.second[pair_index(j, j)])) + std::fabs(b.first[j]);
    same &= std::fabs(a.first[j] - b.first[j]) <= tolerance * size;
    for (int k = j; k < shapes; ++k) {
      const double other = std::sqrt(std::fabs(b.second[pair_index(k, k)])) + std::fabs(b.first[k]);
      same &= std::fabs(a.second[pair_index(j, k)] - b.second[pair_index(j, k)]) <= tolerance * size * other;
    }
  }
  return same;
}

}  // namespace

shape_columns::shape_columns(const jet_tile& tile) {
  static constexpr double zeros[tile_size] = {};
  const auto column = [&](int part) { return tile.present >> part & 1u ? tile.part[part] : zeros; };
  for (int k = 0; k < max_shapes; ++k) first[k] = column(part_a + k);
  for (int k = 0; k < max_pairs; ++k) second[k] = column(pair_parts[k]);
}

void shape_parts(const jet_tile& tile, std::size_t i, double* first, double* second) {
  for (int k = 0; k < max_shapes; ++k) first[k] = part_of(tile, part_a + k, i);
  for (int k = 0; k < max_pairs; ++k) second[k] = part_of(tile, pair_parts[k], i);
}

void moment_sums::add(double log_weight, const double* score, const double* second) {
  if (!(log_weight > largest_ - 60.0)) return;  // nothing in double precision, whatever the score
  if (log_weight > largest_) {
    const double shrink = std::exp(largest_ - log_weight);
    mass_ *= shrink;
    for (double& s : first_) s *= shrink;
    for (double& s : second_) s *= shrink;
    largest_ = log_weight;
  }
  const double w = std::exp(log_weight - largest_);
  mass_ += w;
  for (int j = 0; j < shapes_; ++j) {
    first_[j] += w * score[j];
    for (int k = j; k < shapes_; ++k) second_[pair_index(j, k)] += w * (score[j] * score[k] + second[pair_index(j, k)]);
  }
}

set_moments moment_sums::result(double log_unit) const {
  set_moments m;
  if (!(mass_ > 0.0)) return m;
  m.log_probability = largest_ + std::log(mass_) + log_unit;
  for (int j = 0; j < max_shapes; ++j) m.first[j] = first_[j] / mass_;
  for (int j = 0; j < max_pairs; ++j) m.second[j] = second_[j] / mass_;
  return m;
}

member::member(const family_entry& f, const point& p)
    : family_(f), cold_(*f.cold), at_(p), pivot_(p.pivot), loc_(0.0), log_scale_(std::log(p.scale)), scale_(p.scale) {
  at_.pivot = 0.0;
  if (cold_.has_loc && !logarithmic()) {
    loc_ = p.loc;
    at_.loc = 0.0;
  }
  cold_.to_theta(at_, theta_);
  for (int k = 0; k < cold_.parameter_count; ++k) columns_.data[k] = theta_ + k;
  low_ = cold_.lower(theta_);
  high_ = cold_.upper(theta_);
}

void member::log_density(const double* x, std::size_t count, double* out, const double* log_x) const {
  const observations rows = rows_of(x, count);
  family_.hot->map({&rows, 0, count, columns_, out});
  for (std::size_t i = 0; i < count; ++i) {
    out[i] += log_scale();
    if (logarithmic()) out[i] += log_x != nullptr ? log_x[i] : std::log(x[i]);
  }
}

void member::derivatives(const double* x, std::size_t count, jet_tile& out) const {
  const observations rows = rows_of(x, count);
  family_.hot->jets({&rows, 0, count, columns_, &out});
}

set_moments member::tail(double x, bool right) const {
  if (discrete()) {
    const auto summed = by_sum(x, right);
    return summed ? *summed : by_differences(right ? x : x - 1.0, right);
  }
  // An end of the support that moves with a shape has a flux of probability of its own.
  const bool moving = right && high_ != cold_.info->support.upper;
  // Across a kink, which lies at the location, no rule converges.
  const bool across = kinked() && (right ? x < 0.0 : x > 0.0);
  if (!moving && !across) {
    const tail_rule rule = rule_at(x, right);
    std::optional<set_moments> coarse = by_rule(rule, 1.0 / 8.0);
    for (double step = 1.0 / 16.0; coarse && step >= 1.0 / 128.0; step *= 0.5) {
      const std::optional<set_moments> fine = by_rule(rule, step);
      if (fine && agree(*coarse, *fine, shapes())) return *fine;  // then the error of `fine` is far smaller
      coarse = fine;
    }
  }
  return by_differences(x, right);
}

// The double exponential rule (Takahasi and Mori 1974) in the distance y from x: x + y towards an open end,
// edge + (x - edge) e^-y towards a closed one, where a density that is a power of the distance to the edge becomes an
// exponential of y.
member::tail_rule member::rule_at(double x, bool right) const {
  tail_rule r{};
  r.from = x;
  r.edge = right ? high_ : low_;
  r.bounded = std::isfinite(r.edge);
  r.direction = right ? 1.0 : -1.0;
  r.reach = r.bounded ? std::fabs(r.edge - x) : 1.0;
  // The scale on which the density changes at x, in y.
  jet_tile tile;
  derivatives(&x, 1, tile);
  double slope = part_of(tile, part_z, 0) / scale_, bend = part_of(tile, part_zz, 0) / (scale_ * scale_);
  if (logarithmic()) {
    bend = (bend - slope + 1.0) / (x * x);
    slope = (slope - 1.0) / x;
  }
  const double along = r.bounded ? r.direction * r.reach * slope - 1.0 : r.direction * slope;
  const double curved = r.bounded ? r.reach * r.reach * bend - r.direction * r.reach * slope : bend;
  const double rate = std::max(std::fabs(along), std::sqrt(std::fabs(curved)));
  r.unit = rate > 0.0 && std::isfinite(rate) ? 1.0 / rate : 1.0;
  return r;
}

// Nothing where doubles cannot come near enough to the edge for what lies there.
std::optional<set_moments> member::by_rule(const tail_rule& r, double step) const {
  constexpr double first = -4.0, last = 6.4;
  const double nearest = r.edge == 0.0 ? 1e-290 : 1e-8 * std::fabs(r.edge);
  moment_sums sums(shapes());
  jet_tile tile;
  double node[tile_size], log_weight[tile_size], log_p[tile_size], score[max_shapes], second[max_pairs];
  double largest = -infinity, latest = -infinity;
  bool cut = false;
  for (double v = first; v <= last && !cut;) {
    std::size_t count = 0;
    for (; count < tile_size && v <= last; v += step) {
      const double y = r.unit * std::exp(0.5 * M_PI * std::sinh(v));
      const double distance = r.bounded ? r.reach * std::exp(-y) : y;
      cut = r.bounded ? !(distance > nearest) : !(distance < 1e150);
      if (cut) break;
      node[count] = r.bounded ? r.edge - r.direction * distance : r.from + r.direction * distance;
      log_weight[count++] = std::log(y) + std::log(0.5 * M_PI * std::cosh(v)) + (r.bounded ? std::log(distance) : 0.0);
    }
    log_density(node, count, log_p);
    derivatives(node, count, tile);
    for (std::size_t i = 0; i < count; ++i) {
      if (!(log_p[i] > -infinity)) continue;
      shape_parts(tile, i, score, second);
      // In units of z the density of a logarithm is x p(x).
      latest = log_p[i] + log_weight[i] - (logarithmic() ? std::log(node[i]) : 0.0);
      largest = std::max(largest, latest);
      sums.add(latest, score, second);
    }
  }
  if (cut && latest > largest - 40.0) return std::nullopt;
  return sums.result(std::log(step) - log_scale());
}

// The logarithm of a density of e^-100000 has five digits fewer than the density needs. Its slope has all of them, and the
// fall of the density from the end where it is largest is the slope's integral.
std::optional<far_set> member::far(double lower, double upper) const {
  static const collocation rule;
  constexpr int most_panels = 24;
  constexpr double per_panel = 2.0;  // powers of e in a panel
  static_assert(most_panels * collocation::size <= tile_size);
  const bool has_lower = lower > low_, has_upper = upper < high_;
  jet_tile tile;
  const auto slope_at = [&](double x) {
    derivatives(&x, 1, tile);
    return part_of(tile, part_z, 0) / scale_;
  };
  double slope = has_lower ? slope_at(lower) : 0.0;
  const bool from_lower = slope < 0.0;
  if (!from_lower) slope = has_upper ? -slope_at(upper) : 0.0;
  if (!(slope < 0.0) || !std::isfinite(slope)) return std::nullopt;
  const double near = from_lower ? lower : upper, direction = from_lower ? 1.0 : -1.0;
  const double width = !logarithmic()                            ? upper - lower
                       : !(lower > 0.0) || !std::isfinite(upper) ? infinity
                                                                 : std::log1p((upper - lower) / lower);
  const double reach = std::min(width, -most_panels * per_panel / slope);
  const int panels = std::max(1, static_cast<int>(std::ceil(-reach * slope / per_panel * (1.0 - 1e-12))));
  const double half = 0.5 * reach / panels;
  double node[tile_size], score[max_shapes], second[max_pairs];
  std::size_t count = 0;
  for (int panel = 0; panel < panels; ++panel)
    for (const double at : rule.node) {
      const double distance = direction * half * (2.0 * panel + 1.0 + at);
      node[count++] = logarithmic() ? near * std::exp(distance) : near + distance;
    }
  derivatives(node, count, tile);
  moment_sums sums(shapes());
  double fallen = 0.0;
  for (int panel = 0; panel < panels; ++panel) {
    const auto first = static_cast<std::size_t>(panel * collocation::size);
    double rate[collocation::size], whole = 0.0;
    for (std::size_t j = 0; j < collocation::size; ++j) {
      rate[j] = direction * part_of(tile, part_z, first + j) / scale_;
      if (!(rate[j] < 0.5 * slope && rate[j] > 2.0 * slope)) return std::nullopt;
      whole += half * rule.weight[j] * rate[j];
    }
    for (std::size_t i = 0; i < collocation::size; ++i) {
      double fall = 0.0;
      for (std::size_t j = 0; j < collocation::size; ++j) fall += rule.upto[i][j] * rate[j];
      shape_parts(tile, first + i, score, second);
      sums.add(fallen + half * fall + std::log(half * rule.weight[i]), score, second);
    }
    fallen += whole;
  }
  if (reach < width && fallen > -40.0) return std::nullopt;
  far_set set;
  set.moments = sums.result();
  const double at_near = log_scale() - set.moments.log_probability;
  const double at_far = reach < width ? -infinity : at_near + fallen;
  set.lower = from_lower ? at_near : at_far;
  set.upper = from_lower ? at_far : at_near;
  return set;
}

// Central differences of eighth order of the logarithm of the tail, which the family knows to the last digits.
set_moments member::by_differences(double x, bool right) const {
  constexpr double slope[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  constexpr double bend[5] = {-205.0 / 72, 8.0 / 5, -1.0 / 5, 8.0 / 315, -1.0 / 560};
  const auto moved = [&](const double* by) {
    point p = at_;
    for (int k = 0; k < shapes(); ++k) p.shape[k] += by[k];
    double theta[max_parameters];
    cold_.to_theta(p, theta);
    return right ? cold_.log_sf(theta, x) : cold_.log_cdf(theta, x);
  };
  // Steps of a fiftieth of the shape, or of the distance in which the bulk of the law changes.
  double unit[max_shapes];
  jet_tile bulk;
  const double mean = cold_.mean(theta_);
  const double centre = discrete() ? std::floor(mean) : mean;
  derivatives(std::isfinite(centre) ? &centre : &x, 1, bulk);
  for (int k = 0; k < shapes(); ++k) {
    const double information = std::fabs(part_of(bulk, pair_parts[pair_index(k, k)], 0));
    const double size = std::max(std::fabs(at_.shape[k]), 1e-3);
    unit[k] = 0.02 * (information * size * size > 1.0 ? 1.0 / std::sqrt(information) : size);
  }
  const double none[max_shapes] = {};
  set_moments m;
  m.log_probability = moved(none);
  // First and second derivatives along a direction, in units of the steps.
  const auto along = [&](const double* direction, double& first, double& second) {
    first = 0.0;
    second = bend[0] * m.log_probability;
    for (int i = 1; i <= 4; ++i) {
      double forward[max_shapes], back[max_shapes];
      for (int k = 0; k < max_shapes; ++k) forward[k] = i * direction[k], back[k] = -forward[k];
      const double a = moved(forward), b = moved(back);
      first += slope[i - 1] * (a - b);
      second += bend[i] * (a + b);
    }
  };
  double pure[max_shapes] = {};
  for (int j = 0; j < shapes(); ++j) {
    double direction[max_shapes] = {}, first;
    direction[j] = unit[j];
    along(direction, first, pure[j]);
    m.first[j] = first / unit[j];
    m.second[pair_index(j, j)] = pure[j] / (unit[j] * unit[j]) + m.first[j] * m.first[j];
  }
  for (int j = 0; j < shapes(); ++j)
    for (int k = j + 1; k < shapes(); ++k) {
      double direction[max_shapes] = {}, first, both;
      direction[j] = unit[j];
      direction[k] = unit[k];
      along(direction, first, both);
      m.second[pair_index(j, k)] = 0.5 * (both - pure[j] - pure[k]) / (unit[j] * unit[k]) + m.first[j] * m.first[k];
    }
  return m;
}

// Term by term; nothing where there are too many.
std::optional<set_moments> member::by_sum(double x, bool right) const {
  constexpr std::size_t most = 4096;
  jet_tile tile;
  double node[tile_size], log_p[tile_size], score[max_shapes], second[max_pairs];
  moment_sums sums(shapes());
  double next = right ? x + 1.0 : x - 1.0, largest = -infinity, previous = -infinity;
  for (std::size_t done = 0; done < most; done += tile_size) {
    std::size_t count = 0;
    for (; count < tile_size && next >= low_ && next <= high_; ++count) {
      node[count] = next;
      next += right ? 1.0 : -1.0;
    }
    if (count == 0) break;
    log_density(node, count, log_p);
    derivatives(node, count, tile);
    for (std::size_t i = 0; i < count; ++i) {
      shape_parts(tile, i, score, second);
      sums.add(log_p[i], score, second);
      largest = std::max(largest, log_p[i]);
    }
    const bool falling = log_p[count - 1] < previous || log_p[count - 1] < log_p[0];
    previous = log_p[count - 1];
    if (falling && previous < largest - 50.0) return sums.result();
  }
  if (next >= low_ && next <= high_) return std::nullopt;
  return sums.result();
}

}  // namespace thetahat
