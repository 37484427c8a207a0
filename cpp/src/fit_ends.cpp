// What a search found where there is no maximum: parameters that go on without end, and ridges.

#include <cmath>
#include <cstring>
#include <string>

#include "fitting.hpp"

namespace thetahat {

int sided_parameter(const cold_table& f, const std::vector<double>& fixed) {
  for (const nested_limit& limit : f.info->limits) {
    if (limit.parameter == nullptr || limit.kind != limit_kind::irregular || limit.value != 0.0) continue;
    for (int k = 0; k < f.parameter_count; ++k)
      if (std::strcmp(f.parameters[k].name, limit.parameter) == 0 && f.parameters[k].domain == domain::real &&
          std::isnan(fixed[static_cast<std::size_t>(k)]))
        return k;
  }
  return -1;
}

bool without_end(fitting& s, objective& data, const coordinates& c, const newton_result& r) {
  if (r.outcome != newton_outcome::converged && r.outcome != newton_outcome::iteration_limit) return false;
  for (int k = 0; k < c.count(); ++k) {
    if (s.cold.parameters[k].endless[0] == '\0' || !c.free(k)) continue;
    vector further = r.at;
    double& u = further[static_cast<std::size_t>(k)];
    u = std::copysign(16.0 * std::fmax(1.0, std::fabs(u)), u);
    const point p = c.to_point(further);
    double value;
    data.values(&p, 1, &value);
    if (!(value >= r.last.value - 1e-9 * (1.0 + std::fabs(r.last.value)))) continue;
    double theta[max_parameters];
    c.to_theta(r.at, theta);
    hold_fixed(s, theta);
    store(s, theta);
    s.out.iterations = r.iterations;
    s.out.decrement = r.decrement;
    s.out.log_likelihood = r.last.value;
    finish(s, fit_status::boundary,
           std::string(c.name(k)) + " grows without end: the maximum is the " + s.cold.parameters[k].endless);
    return true;
  }
  return false;
}

// Behind a window, or far along a ridge, a law and its limit at the end of a parameter's range can look the same: the
// information is positive there, but not what it seems. A maximum falls by half a nat within one standard error to either side of it, and a weak
// one by a hundredth; where the likelihood does not fall, `flat` is the way it does not.
bool flat_on_a_side(objective& data, const coordinates& c, const newton_result& r, double narrow,
                    std::array<int, max_axes>& flat) {
  constexpr double fall = 1e-3;  // nats
  matrix inverse;
  if (!invert(r.last.information, r.active, c.count(), inverse)) return false;
  point points[max_points];
  struct side {
    std::size_t axis;
    int way;
  } sides[max_points];
  int count = 0;
  double allowed[max_points];
  for (std::size_t k = 0; k < static_cast<std::size_t>(c.count()); ++k) {
    if (!r.active[k]) continue;
    const double error = std::sqrt(inverse[k][k]);
    // As far as the quadratic goes, the likelihood of large samples needs no look.
    if (!(error > (c.logarithmic(static_cast<int>(k)) ? 0.1 : 0.1 * narrow))) continue;
    // A factor of e^2 is far enough: over more of them no direction stays one.
    const double part = c.logarithmic(static_cast<int>(k)) && error > 2.0 ? 2.0 / error : 1.0;
    for (const int way : {-1, 1}) {
      vector u = r.at;
      bool inside = true;
      for (std::size_t i = 0; i < u.size(); ++i) {
        u[i] += way * part * inverse[i][k] / error;
        inside &= !(u[i] < c.lower(static_cast<int>(i)));  // a bound is an end with a law of its own
      }
      if (!inside || count == max_points) continue;
      points[count] = c.to_point(u);
      allowed[count] = fall * part * part;
      sides[count++] = {k, way};
    }
  }
  if (count == 0) return false;
  double value[max_points];
  data.values(points, count, value);
  bool any = false;
  for (int i = 0; i < count; ++i)
    if (value[i] > r.last.value - allowed[i]) flat[sides[i].axis] = sides[i].way, any = true;
  return any;
}

fit_result without_maximum(fitting& s, const coordinates& c, const newton_result& r,
                           const std::array<int, max_axes>& way, const std::string& where) {
  s.out.iterations = r.iterations;
  s.out.decrement = r.decrement;
  vector u = r.at;
  for (std::size_t i = 0; i < u.size(); ++i) u[i] += 1e-3 * way[i];
  double from[max_parameters], to[max_parameters];
  c.to_theta(r.at, from);
  c.to_theta(u, to);
  std::string names, moves;
  for (int k = 0; k < c.count(); ++k) {
    if (way[static_cast<std::size_t>(k)] == 0) continue;
    const std::string name = s.cold.parameters[k].name;
    names += (names.empty() ? "" : " or ") + name;
    moves += (moves.empty() ? "" : " and ") + name + (to[k] > from[k] ? " grows" : " falls");
  }
  return finish(s, fit_status::unbounded,
                where + "the likelihood keeps its height as " + moves +
                    ": the rows tell no maximum from that limit; give " + names +
                    " with fixed=, or fit the family that is the limit");
}

}  // namespace thetahat
