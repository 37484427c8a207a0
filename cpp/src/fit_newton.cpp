// Newton's method with observed information: certified, or honest about why not.

#include <algorithm>
#include <cmath>
#include <vector>

#include "newton.hpp"

namespace thetahat {

namespace {

// Solves a s = b on the active axes by Cholesky; false when a is not positive definite.
bool solve(const matrix& a, const vector& b, const std::array<bool, max_axes>& active, int n, vector& s) {
  int index[max_axes], m = 0;
  for (int i = 0; i < n; ++i)
    if (active[static_cast<std::size_t>(i)]) index[m++] = i;
  // Scaled to a unit diagonal first: the units of the parameters must not decide what counts as definite.
  double l[max_axes][max_axes] = {}, scale[max_axes], y[max_axes];
  for (int i = 0; i < m; ++i) {
    const double d = a[static_cast<std::size_t>(index[i])][static_cast<std::size_t>(index[i])];
    if (!(d > 0.0) || !std::isfinite(d)) return false;
    scale[i] = 1.0 / std::sqrt(d);
  }
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = a[static_cast<std::size_t>(index[i])][static_cast<std::size_t>(index[j])] * scale[i] * scale[j];
      for (int k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i == j) {
        if (!(sum > 1e-14)) return false;
        l[i][i] = std::sqrt(sum);
      } else {
        l[i][j] = sum / l[j][j];
      }
    }
  }
  for (int i = 0; i < m; ++i) {
    double sum = b[static_cast<std::size_t>(index[i])] * scale[i];
    for (int k = 0; k < i; ++k) sum -= l[i][k] * y[k];
    y[i] = sum / l[i][i];
  }
  s = vector{};
  for (int i = m; i-- > 0;) {
    double sum = y[i];
    for (int k = i + 1; k < m; ++k) sum -= l[k][i] * s[static_cast<std::size_t>(index[k])] / scale[k];
    s[static_cast<std::size_t>(index[i])] = sum / l[i][i] * scale[i];
  }
  return true;
}

// A search along a ridge: steps one way that do not become shorter, for gains that do. On its way to a maximum that the
// rows tell from the end of the ridge a search has shorter steps, or larger gains.
class ridge_watch {
 public:
  explicit ridge_watch(int axes) : axes_(axes) {}

  bool drifting(const vector& u, double value, std::array<int, max_axes>& drift) {
    seen_.push_back({u, value});
    if (seen_.size() <= steps) return false;
    const visit* const from = &seen_[seen_.size() - steps - 1];
    const double slack = 1e-12 * (1.0 + std::fabs(value));  // of a line search
    for (std::size_t k = 0; k < steps; ++k)
      if (from[k + 1].value < from[k].value - slack) return false;
    const double early = from[steps / 2].value - from[0].value, late = from[steps].value - from[steps / 2].value;
    if (late > early + slack || early + late > 0.05) return false;
    bool any = false;
    for (int i = 0; i < axes_; ++i) {
      const auto a = static_cast<std::size_t>(i);
      const auto step = [&](std::size_t k) { return from[k + 1].u[a] - from[k].u[a]; };
      bool one_way = std::fabs(from[steps].u[a] - from[0].u[a]) > 1e-2 * (1.0 + std::fabs(from[0].u[a]));
      for (std::size_t k = 0; k < steps; ++k) one_way &= step(k) * step(0) > 0.0;
      drift[a] = !one_way ? 0 : step(0) > 0.0 ? 1 : -1;
      any |= one_way && std::fabs(step(steps - 1)) >= 0.7 * std::fabs(step(0));
    }
    return any;
  }

 private:
  static constexpr std::size_t steps = 10;
  struct visit {
    vector u;
    double value;
  };
  int axes_;
  std::vector<visit> seen_;
};

}  // namespace

bool invert(const matrix& a, const std::array<bool, max_axes>& active, int n, matrix& out) {
  out = matrix{};
  for (int j = 0; j < n; ++j) {
    if (!active[static_cast<std::size_t>(j)]) continue;
    vector unit{}, column;
    unit[static_cast<std::size_t>(j)] = 1.0;
    if (!solve(a, unit, active, n, column)) return false;
    for (int i = 0; i < n; ++i)
      out[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = column[static_cast<std::size_t>(i)];
  }
  return true;
}

newton_result newton(objective& data, const cold_table& f, const coordinates& c, vector u,
                     const newton_options& options) {
  newton_result r;
  const int n = c.count();
  const auto at = [](auto& v, int i) -> auto& { return v[static_cast<std::size_t>(i)]; };
  evaluation e = evaluate(data, f, c, u);
  r.passes = 1;
  double previous_decrement = infinity;
  ridge_watch ridge_ahead(n);
  for (;; ++r.iterations) {
    if (options.progress) options.progress(r.iterations, previous_decrement);
    r.at = u;
    r.last = e;
    if (!std::isfinite(e.value)) {
      r.outcome = e.value > 0.0 ? newton_outcome::unbounded : newton_outcome::failed;
      return r;
    }
    for (int i = 0; i < n; ++i) {
      const bool held =
          (at(u, i) <= c.lower(i) && at(e.gradient, i) <= 0.0) || (at(u, i) >= c.upper(i) && at(e.gradient, i) >= 0.0);
      at(r.active, i) = c.free(i) && !held;
      at(r.at_bound, i) = c.free(i) && !at(r.active, i);
    }
    // Levenberg's ridge only where the information is not positive definite.
    vector step{};
    double ridge = 0.0;
    matrix a = e.information;
    bool definite = solve(a, e.gradient, r.active, n, step);
    for (int tries = 0; !definite && tries < 60; ++tries) {
      ridge = ridge == 0.0 ? 1e-3 : 4.0 * ridge;
      a = e.information;
      for (int i = 0; i < n; ++i) {
        const double d = std::fabs(at(at(e.information, i), i));
        at(at(a, i), i) += ridge * (d > 0.0 ? d : 1.0);
      }
      if (solve(a, e.gradient, r.active, n, step)) break;
    }
    r.definite = definite;
    double decrement = 0.0;
    for (int i = 0; i < n; ++i)
      if (at(r.active, i)) decrement += at(e.gradient, i) * at(step, i);
    r.decrement = decrement;
    // Rounding: the score carries about eps times the size of what it sums.
    const bool at_rounding = decrement >= 0.25 * previous_decrement && decrement < 1e-9;
    if (definite && (decrement <= options.tolerance || at_rounding)) {
      r.outcome = newton_outcome::converged;
      r.estimate = u;
      for (int i = 0; i < n; ++i) {
        at(r.estimate, i) = std::clamp(at(u, i) + at(step, i), c.lower(i), c.upper(i));
        // Within 1e-6 standard errors of its bound, the certificate's own tolerance, it is at it.
        const double above = (at(r.estimate, i) - c.lower(i)) * std::sqrt(std::fabs(at(at(e.information, i), i)));
        if (at(r.active, i) && above <= 1e-6) {
          at(r.estimate, i) = c.lower(i);
          at(r.at_bound, i) = true;
        }
      }
      return r;
    }
    if (r.iterations >= options.iteration_limit) {
      r.outcome = newton_outcome::iteration_limit;
      r.estimate = u;
      return r;
    }
    if (options.leave_ridges && ridge_ahead.drifting(u, e.value, r.drift)) {
      r.outcome = newton_outcome::drifting;
      r.estimate = u;
      return r;
    }
    previous_decrement = definite ? decrement : infinity;

    double longest = 1.0;
    for (int i = 0; i < n; ++i)
      if (c.logarithmic(i)) longest = std::max(longest, std::fabs(at(step, i)) / 2.0);
    const auto moved = [&](double t) {
      vector v = u;
      for (int i = 0; i < n; ++i)
        if (at(r.active, i)) at(v, i) = std::clamp(at(u, i) + t * at(step, i), c.lower(i), c.upper(i));
      return v;
    };
    const double first = 1.0 / longest;
    vector next = moved(first);
    evaluation tried = evaluate(data, f, c, next);
    ++r.passes;
    const double slack = 1e-12 * (1.0 + std::fabs(e.value));
    if (!(tried.value >= e.value - slack)) {
      // Eight shorter steps in one pass; the best of them, if it is one.
      double t = first, best = -infinity, chosen = 0.0;
      for (int round = 0; round < 4 && !(best >= e.value - slack); ++round) {
        point points[max_points];
        double lengths[max_points], values[max_points];
        for (int k = 0; k < max_points; ++k) {
          t *= 0.5;
          lengths[k] = t;
          points[k] = c.to_point(moved(t));
        }
        data.values(points, max_points, values);
        ++r.passes;
        for (int k = 0; k < max_points; ++k)
          if (values[k] > best) best = values[k], chosen = lengths[k];
      }
      if (!(best >= e.value - slack)) {
        r.outcome = decrement < 1e-8 ? newton_outcome::converged : newton_outcome::failed;
        r.estimate = u;
        return r;
      }
      next = moved(chosen);
      tried = evaluate(data, f, c, next);
      ++r.passes;
    }
    u = next;
    e = tried;
    for (int i = 0; i < n; ++i)
      if (c.free(i) && c.is_scale(i) && at(u, i) < options.smallest_log_scale) {
        r.outcome = newton_outcome::unbounded;
        r.at = r.estimate = u;
        return r;
      }
  }
}

}  // namespace thetahat
