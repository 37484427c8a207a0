#include <algorithm>
#include <cmath>

#include "thetahat/fit/objective.hpp"

namespace thetahat {

void internal_derivatives(const cold_table& f, const point& p, const derivative_sums& d, double g[5], double h[5][5]) {
  const double* s = d.sum;
  const double r = 1.0 / p.scale;
  for (int i = 0; i < 5; ++i) {
    g[i] = 0.0;
    for (int j = 0; j < 5; ++j) h[i][j] = 0.0;
  }
  if (f.has_loc) {
    g[0] = -r * s[d_z];
    h[0][0] = r * r * s[d_zz];
    for (int k = 0; k < 3; ++k) h[0][2 + k] = h[2 + k][0] = -r * s[d_za + k];
  }
  if (f.has_scale) {
    g[1] = -r * (s[z_d_z] + d.weight);
    h[1][1] = r * r * (2.0 * s[z_d_z] + s[zz_d_zz] + d.weight);
    for (int k = 0; k < 3; ++k) h[1][2 + k] = h[2 + k][1] = -r * s[z_d_za + k];
    if (f.has_loc) h[0][1] = h[1][0] = r * r * (s[d_z] + s[z_d_zz]);
  }
  const int second[3][3] = {{d_aa, d_ab, d_ac}, {d_ab, d_bb, d_bc}, {d_ac, d_bc, d_cc}};
  for (int i = 0; i < 3; ++i) {
    g[2 + i] = s[d_a + i];
    for (int j = 0; j < 3; ++j) h[2 + i][2 + j] = s[second[i][j]];
  }
}

evaluation transformed(const double g[5], const double h[5][5], const jacobian& j, int count) {
  evaluation e;
  for (int a = 0; a < count; ++a) {
    for (int q = 0; q < 5; ++q) e.gradient[a] += g[q] * j.first[q][a];
    for (int b = 0; b <= a; ++b) {
      double sum = 0.0;
      for (int q = 0; q < 5; ++q) {
        sum += g[q] * j.second[q][a][b];
        for (int r = 0; r < 5; ++r) sum += j.first[q][a] * h[q][r] * j.first[r][b];
      }
      e.information[a][b] = e.information[b][a] = -sum;
    }
  }
  return e;
}

namespace {

double inverse(coordinate c, double u) {
  switch (c) {
    case coordinate::log: return std::exp(u);
    case coordinate::reciprocal: return 1.0 / u;
    case coordinate::logit: return u >= 0.0 ? 1.0 / (1.0 + std::exp(-u)) : std::exp(u) / (1.0 + std::exp(u));
    default: return u;
  }
}
double forward(coordinate c, double t) {
  switch (c) {
    case coordinate::log: return std::log(t);
    case coordinate::reciprocal: return 1.0 / t;
    case coordinate::logit: return std::log(t) - std::log1p(-t);
    default: return t;
  }
}
// First and second derivative of the inverse at t = inverse(u).
void slopes(coordinate c, double t, double& first, double& second) {
  switch (c) {
    case coordinate::log: first = second = t; return;
    case coordinate::reciprocal:
      first = -t * t;
      second = 2.0 * t * t * t;
      return;
    case coordinate::logit:
      first = t * (1.0 - t);
      second = first * (1.0 - 2.0 * t);
      return;
    default: first = 1.0; second = 0.0;
  }
}

double& member(point& p, slot s) {
  switch (s) {
    case slot::loc: return p.loc;
    case slot::scale: return p.scale;
    case slot::a: return p.shape[0];
    case slot::b: return p.shape[1];
    default: return p.shape[2];
  }
}

}  // namespace

coordinates::coordinates(const cold_table& f, const std::vector<double>& fixed, double pivot) : family_(f) {
  if (f.has_loc && f.info->observed == observed::identity) {
    for (int k = 0; k < f.parameter_count; ++k)
      if (std::string(f.parameters[k].name) == "loc") located_ = k;
    if (located_ >= 0) pivot_ = pivot;
  }
  bool any = false;
  for (int k = 0; k < f.parameter_count; ++k)
    any |= !f.parameters[k].given() && !std::isnan(fixed[static_cast<std::size_t>(k)]);
  internal_ = f.axes != nullptr && (f.axes_are_parameters || !any);
  count_ = f.parameter_count;
  for (int k = 0; k < count_; ++k) {
    const auto i = static_cast<std::size_t>(k);
    free_[i] = std::isnan(fixed[i]);
    kind_[i] = internal_ ? f.axes[k].coordinate : f.parameters[k].coordinate;
    // An interval is even in the reciprocal; a search in it would depend on the unit of x.
    if (!internal_ && kind_[i] == coordinate::reciprocal) kind_[i] = coordinate::log;
    lower_[i] = internal_ ? f.axes[k].lower : f.parameters[k].lower;
    upper_[i] = internal_ ? infinity : f.parameters[k].upper;
    limit_[i] = internal_ ? f.axes[k].limit : nullptr;
    if (internal_) slot_[i] = f.axes[k].slot;
  }
}

const char* coordinates::name(int axis) const { return family_.parameters[axis].name; }

bool coordinates::is_scale(int axis) const {
  return internal_ ? slot_[static_cast<std::size_t>(axis)] == slot::scale
                   : std::string(family_.parameters[axis].name) == "scale";
}

vector coordinates::from_theta(const double* given) const {
  vector u{};
  double theta[max_parameters];
  std::copy(given, given + count_, theta);
  if (located_ >= 0) theta[located_] -= pivot_;
  point p = family_.to_point(theta);
  for (int k = 0; k < count_; ++k) {
    const auto i = static_cast<std::size_t>(k);
    u[i] = forward(kind_[i], internal_ ? member(p, slot_[i]) : theta[k]);
  }
  return u;
}

void coordinates::relative_theta(const vector& u, double* theta) const {
  if (internal_) return family_.to_theta(to_point(u), theta);
  for (int k = 0; k < count_; ++k)
    theta[k] = inverse(kind_[static_cast<std::size_t>(k)], u[static_cast<std::size_t>(k)]);
}

void coordinates::to_theta(const vector& u, double* theta) const {
  relative_theta(u, theta);
  if (located_ >= 0) theta[located_] += pivot_;
}

point coordinates::to_point(const vector& u) const {
  if (!internal_) {
    double theta[max_parameters];
    relative_theta(u, theta);
    point p = family_.to_point(theta);
    p.pivot = pivot_;
    return p;
  }
  point p;
  p.pivot = pivot_;
  for (int k = 0; k < count_; ++k) {
    const auto i = static_cast<std::size_t>(k);
    member(p, slot_[i]) = inverse(kind_[i], u[i]);
  }
  return p;
}

void coordinates::derivatives(const vector& u, jacobian& j) const {
  double theta[max_parameters] = {};
  jacobian inner{};
  if (internal_) {
    point p = to_point(u);
    for (int k = 0; k < count_; ++k) {
      inner.first[static_cast<int>(slot_[static_cast<std::size_t>(k)])][k] = 1.0;
      theta[k] = member(p, slot_[static_cast<std::size_t>(k)]);
    }
  } else {
    relative_theta(u, theta);
    family_.derivatives(theta, inner);
  }
  double first[max_axes] = {}, second[max_axes] = {};
  for (int k = 0; k < count_; ++k) slopes(kind_[static_cast<std::size_t>(k)], theta[k], first[k], second[k]);
  j = jacobian{};
  for (int q = 0; q < 5; ++q)
    for (int a = 0; a < count_; ++a) {
      j.first[q][a] = inner.first[q][a] * first[a];
      for (int b = 0; b < count_; ++b)
        j.second[q][a][b] =
            inner.second[q][a][b] * first[a] * first[b] + (a == b ? inner.first[q][a] * second[a] : 0.0);
    }
}

evaluation evaluate(objective& data, const cold_table& f, const coordinates& c, const vector& u) {
  const point p = c.to_point(u);
  const derivative_sums sums = data.differentiate(p);
  double g[5], h[5][5];
  internal_derivatives(f, p, sums, g, h);
  jacobian j;
  c.derivatives(u, j);
  evaluation e = transformed(g, h, j, c.count());
  e.value = sums.sum[value_];
  e.sums = sums;
  return e;
}

local_likelihood local(const family_entry& f, const derivative_sums& sums, const point& p, const double* theta) {
  double g[5], h[5][5];
  internal_derivatives(*f.cold, p, sums, g, h);
  jacobian j;
  f.cold->derivatives(theta, j);
  const int k = f.cold->parameter_count;
  const evaluation e = transformed(g, h, j, k);
  local_likelihood out{sums.sum[value_], {}, {}};
  for (int a = 0; a < k; ++a) {
    out.score.push_back(e.gradient[static_cast<std::size_t>(a)]);
    for (int b = 0; b < k; ++b)
      out.information.push_back(e.information[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)]);
  }
  return out;
}

local_likelihood local(const family_entry& f, const observations& x, const double* theta) {
  const point p = f.cold->to_point(theta);
  return local(f, differentiate(f, x, p), p, theta);
}

derivative_sums differentiate(const family_entry& f, const observations& exact, const interval_rows& intervals,
                              const point& p) {
  derivative_sums d = differentiate(f, intervals, p);
  if (exact.n == 0) return d;
  const derivative_sums e = differentiate(f, exact, p);
  d.weight += e.weight;
  for (int c = 0; c < component_count; ++c) d.sum[c] += e.sum[c];
  return d;
}

local_likelihood local(const family_entry& f, const observations& exact, const interval_rows& intervals,
                       const double* theta) {
  const point p = f.cold->to_point(theta);
  return local(f, differentiate(f, exact, intervals, p), p, theta);
}

}  // namespace thetahat
