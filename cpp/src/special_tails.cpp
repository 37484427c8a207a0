#include "thetahat/math/tails.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "special_detail.hpp"

namespace thetahat::special {

namespace {

using detail::infinity;

// ----- the integral over a tail, by the double exponential rule ---------------------------------------------------------
// The variable is the distance s from the near end in units of the density's own fall there, s = e^t, or logistic in t
// where the tail is finite, t = 2 sinh u; trapezoidal in u. The error squares when the step halves.

double fall(const density& f, double near, double sign, double span, double start) {
  double distance = span < infinity ? 0.5 * span : std::fmax(std::fabs(near), 1.0);
  const auto fallen = [&](double d) { return start - f.log_f(f.parameters, near + sign * d); };
  for (int i = 0; i < 2000 && !(fallen(distance) <= 1.0) && distance > 1e-300; ++i) distance *= 0.5;
  if (span == infinity)
    for (int i = 0; i < 1000 && fallen(distance) < 1.0; ++i) distance *= 2.0;
  return distance;
}

// log of the integral of f from `near` to `far`, the end of smaller density; -inf for an empty interval.
double log_integral(const density& f, double near, double far) {
  const double span = std::fabs(far - near), sign = far > near ? 1.0 : -1.0;
  const double start = f.log_f(f.parameters, near);
  if (!(span > 0.0) || start == -infinity) return -infinity;
  const double width = fall(f, near, sign, span, start);
  const auto term = [&](double u) {
    const double grow = vexp(u), wane = 1.0 / grow, t = grow - wane, slope = grow + wane;  // 2 sinh u and its slope
    double distance, change;
    if (span < infinity) {
      const double ratio = width < span ? width / (span - width) : 1.0;
      const double grown = vexp(t) * ratio, share = grown < infinity ? grown / (1.0 + grown) : 1.0;
      distance = span * share, change = distance / (1.0 + grown);
    } else {
      distance = change = width * vexp(t);
    }
    if (!(change > 0.0 && distance < infinity)) return 0.0;
    return vexp(f.log_f(f.parameters, near + sign * distance) - start) * change * slope;
  };
  const double centre = term(0.0);
  double largest = centre;
  const auto swept = [&](double first, double step) {
    double sum = 0.0;
    for (const double direction : {1.0, -1.0}) {
      int quiet = 0;
      for (double u = first; quiet < 3 && u < 6.5; u += step) {
        const double part = term(direction * u);
        largest = std::fmax(largest, part);
        quiet = part <= largest * 1e-19 ? quiet + 1 : 0;
        sum += part;
      }
    }
    return sum;
  };
  double step = 0.25, sum = centre + swept(step, step);
  while (step > 1.0 / 200) {
    const double refined = sum + swept(0.5 * step, step);
    const double change = std::fabs(0.5 * refined - sum);
    step *= 0.5, sum = refined;
    if (change <= 1e-8 * sum) break;
  }
  return start + vlog(sum * step);
}

// ----- the middle, tabulated ----------------------------------------------------------------------------------------------

constexpr int nodes = 16;        // of a panel's Chebyshev polynomial
constexpr double deepest = 60.0;  // how far below the mode, as a logarithm, panels go
constexpr double steepest = 4.0;  // how much log f may change along a panel

// Gauss and Legendre's rule of 8 nodes, exact for the polynomials of the panels.
constexpr double gauss_node[] = {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959,
                                 0.96028985649753623168};
constexpr double gauss_weight[] = {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054,
                                   0.10122853629037625915};

struct chebyshev_rule {
  double at[nodes], cosine[nodes][nodes];
  chebyshev_rule() {
    double sine;
    for (int i = 0; i < nodes; ++i) {
      const double turns = 0.25 * (2 * i + 1) / nodes;
      vsincos_two_pi(turns, sine, at[i]);
      for (int k = 0; k < nodes; ++k) {
        vsincos_two_pi(k * turns, sine, cosine[k][i]);
        cosine[k][i] *= (k == 0 ? 1.0 : 2.0) / nodes;
      }
    }
  }
};

struct panel {
  double a, b;
  double coefficient[nodes];
  double mass;

  double f(double t) const {  // t in [-1, 1]
    double next = 0.0, here = 0.0;
    for (int k = nodes - 1; k > 0; --k) {
      const double previous = 2.0 * t * here - next + coefficient[k];
      next = here, here = previous;
    }
    return t * here - next + coefficient[0];
  }
  double density(double y) const { return f((y - a) / (b - a) * 2.0 - 1.0); }
  double integral(double from, double to) const {
    const double centre = (0.5 * (from + to) - a) / (b - a) * 2.0 - 1.0, half = (to - from) / (b - a);
    double sum = 0.0;
    for (int i = 0; i < 4; ++i)
      sum += gauss_weight[i] * (f(centre - half * gauss_node[i]) + f(centre + half * gauss_node[i]));
    return 0.5 * (to - from) * sum;
  }
};

class table {
 public:
  explicit table(const density& law)
      : law_(law), mode_(law.mode(law.parameters)), top_(law.log_f(law.parameters, mode_)) {
    std::vector<panel> left;
    walk(-1.0, left);
    std::reverse(left.begin(), left.end());
    panels_ = std::move(left);
    walk(1.0, panels_);
    const std::size_t n = panels_.size();
    first_ = n > 0 ? panels_.front().a : mode_;
    last_ = n > 0 ? panels_.back().b : mode_;
    below_.resize(n + 1), above_.resize(n + 1);
    below_[0] = first_ > law.lower ? vexp(log_integral(law, first_, law.lower) - top_) : 0.0;
    above_[n] = last_ < law.upper ? vexp(log_integral(law, last_, law.upper) - top_) : 0.0;
    for (std::size_t i = 0; i < n; ++i) below_[i + 1] = below_[i] + panels_[i].mass;
    for (std::size_t i = n; i-- > 0;) above_[i] = above_[i + 1] + panels_[i].mass;
    // From the mode outwards both sums hold the other tail's rounding; the total takes each where it is small.
    const std::size_t m = at(mode_);
    total_ = n > 0 ? below_[m] + above_[m] : below_[0] + above_[0];
  }

  bool of(const density& other) const {
    return law_.log_f == other.log_f && std::memcmp(law_.parameters, other.parameters, sizeof law_.parameters) == 0;
  }

  double lower(double y) const {
    if (y < first_) return vexp(log_lower(y));
    if (y > last_) return 1.0 - upper(y);
    return lower_mass(y) / total_;
  }
  double upper(double y) const {
    if (y > last_) return vexp(log_upper(y));
    if (y < first_) return 1.0 - lower(y);
    return upper_mass(y) / total_;
  }
  double log_lower(double y) const {
    if (y <= law_.lower) return -infinity;
    if (y < first_) return log_integral(law_, y, law_.lower) - top_ - vlog(total_);
    if (y > mode_) return vlog1p(-upper(y));
    return vlog(lower(y));
  }
  double log_upper(double y) const {
    if (y >= law_.upper) return -infinity;
    if (y > last_) return log_integral(law_, y, law_.upper) - top_ - vlog(total_);
    if (y < mode_) return vlog1p(-lower(y));
    return vlog(upper(y));
  }
  double log_between(double a, double b) const {
    if (!(a < b)) return -infinity;
    double sum = 0.0;
    if (a < first_) {
      const double end = std::fmin(b, first_);
      sum += vexp(log_integral(law_, end, a) - top_);
      if (end == b) return log_integral(law_, b, a) - top_ - vlog(total_);
    }
    if (b > last_) {
      const double end = std::fmax(a, last_);
      sum += vexp(log_integral(law_, end, b) - top_);
      if (end == a) return log_integral(law_, a, b) - top_ - vlog(total_);
    }
    const double from = std::fmax(a, first_), to = std::fmin(b, last_);
    const std::size_t i = at(from), j = at(to);
    if (i == j) {
      sum += panels_[i].integral(from, to);
    } else {
      sum += panels_[i].integral(from, panels_[i].b) + panels_[j].integral(panels_[j].a, to);
      for (std::size_t k = i + 1; k < j; ++k) sum += panels_[k].mass;
    }
    return vlog(sum / total_);
  }
  double quantile(double q, bool upper_tail) const {
    if (q > 0.5) return quantile(1.0 - q, !upper_tail);
    const double mass = q * total_;
    const std::size_t n = panels_.size();
    if (upper_tail ? mass < above_[n] : mass < below_[0]) return deep_quantile(vlog(q), upper_tail);
    std::size_t low = 0, high = n - 1;  // the panel that holds it
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      const bool here_or_before = upper_tail ? above_[middle + 1] <= mass : below_[middle + 1] >= mass;
      if (here_or_before) high = middle;
      else low = middle + 1;
    }
    const panel& p = panels_[low];
    double a = p.a, b = p.b;
    const double part = mass - (upper_tail ? above_[low + 1] : below_[low]);
    double share = p.mass > 0.0 ? std::fmin(std::fmax(part / p.mass, 0.0), 1.0) : 0.5;
    double y = upper_tail ? b - share * (b - a) : a + share * (b - a);
    for (int i = 0; i < 60; ++i) {
      const double gap = upper_tail ? p.integral(y, p.b) - part : part - p.integral(p.a, y);  // y is below for gap > 0
      (gap > 0.0 ? a : b) = y;
      double next = y + gap / p.density(y);
      if (!(next > a && next < b)) next = next == y ? y : 0.5 * (a + b);
      if (std::fabs(next - y) <= 2e-16 * std::fabs(y) || next == y) return next;
      y = next;
    }
    return y;
  }
  double mean() const {
    return mode_ + mean_of([&](double y) { return y - mode_; });
  }
  double entropy() const {
    return mean_of([&](double y) { return top_ - law_.log_f(law_.parameters, y); }) + vlog(total_);
  }

 private:
  density law_;
  double mode_, top_, first_, last_, total_;
  std::vector<panel> panels_;
  std::vector<double> below_, above_;  // masses outside of panel i on either side

  template <class Function>
  double mean_of(Function g) const {
    double sum = 0.0;
    for (const panel& p : panels_) {
      const double half = 0.5 * (p.b - p.a), centre = 0.5 * (p.a + p.b);
      for (int i = 0; i < 4; ++i)
        for (const double side : {-1.0, 1.0}) {
          const double t = side * gauss_node[i];
          sum += half * gauss_weight[i] * p.f(t) * g(centre + half * t);
        }
    }
    return sum / total_;
  }
  std::size_t at(double y) const {
    std::size_t low = 0, high = panels_.empty() ? 0 : panels_.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (panels_[middle].b >= y) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  double lower_mass(double y) const {
    if (panels_.empty()) return 0.0;
    const std::size_t i = at(y);
    return below_[i] + panels_[i].integral(panels_[i].a, y);
  }
  double upper_mass(double y) const {
    if (panels_.empty()) return 0.0;
    const std::size_t i = at(y);
    return above_[i + 1] + panels_[i].integral(y, panels_[i].b);
  }

  // Panels from the mode outwards, as wide as the polynomial's last coefficients allow.
  void walk(double sign, std::vector<panel>& out) {
    static const chebyshev_rule rule;
    const double end = sign > 0.0 ? law_.upper : law_.lower;
    if (mode_ == end) return;
    const double unit = fall(law_, mode_, sign, std::fabs(end - mode_), top_);
    double edge = mode_, width = unit, height = top_;
    for (int tries = 0; tries < 4000 && edge != end && height > top_ - deepest; ++tries) {
      const bool to_end = std::fabs(end - edge) <= 1.25 * width;
      const double next = to_end ? end : edge + sign * width;
      if (next == edge) return;
      panel p;
      p.a = std::fmin(edge, next), p.b = std::fmax(edge, next);
      double value[nodes], most = -infinity, least = infinity;
      const double half = 0.5 * (p.b - p.a), centre = 0.5 * (p.a + p.b);
      for (int i = 0; i < nodes; ++i) {
        const double l = law_.log_f(law_.parameters, centre + half * rule.at[i]) - top_;
        most = std::fmax(most, l), least = std::fmin(least, l);
        value[i] = vexp(l);
      }
      for (int k = 0; k < nodes; ++k) {
        double c = 0.0;
        for (int i = 0; i < nodes; ++i) c += rule.cosine[k][i] * value[i];
        p.coefficient[k] = c;
      }
      const double rest = std::fabs(p.coefficient[nodes - 1]) + std::fabs(p.coefficient[nodes - 2]);
      // log f itself is known to rounding only.
      const double noise = 4e-16 * (1.0 + std::fmax(std::fabs(most + top_), std::fabs(least))) * vexp(most);
      const bool narrow = width <= 1e-7 * unit;
      if (!narrow && (!(most - least <= steepest) || !(rest <= noise))) {
        width *= 0.5;
        continue;
      }
      p.mass = p.integral(p.a, p.b);
      out.push_back(p);
      edge = next;
      height = law_.log_f(law_.parameters, edge);
      width *= rest <= 0.02 * noise ? 2.0 : 1.4;
    }
  }

  // Below the panels: by secants in the tail's logarithm, which is nearly straight in y or in log y.
  double deep_quantile(double log_q, bool upper_tail) const {
    const double sign = upper_tail ? 1.0 : -1.0, end = upper_tail ? law_.upper : law_.lower;
    const auto g = [&](double y) { return (upper_tail ? log_upper(y) : log_lower(y)) - log_q; };  // falls outwards
    double near = upper_tail ? last_ : first_, g_near = g(near);
    if (!(g_near > 0.0)) return near;
    double step = std::fmax(std::fabs(near - mode_), 1e-300);
    double far = near, g_far = g_near;
    for (int i = 0; i < 1100 && g_far > 0.0; ++i) {
      near = far, g_near = g_far;
      far = std::fabs(end - near) <= step ? near + 0.5 * (end - near) : near + sign * step;
      if (far == near) return far;
      step *= 2.0;
      g_far = g(far);
      if (!(std::fabs(far) < infinity)) return far;
    }
    double t = 0.5, third = near, g_third = g_near;
    for (int i = 0; i < 200; ++i) {  // Chandrupatla's rule
      const double y = near + t * (far - near), gy = g(y);
      if ((gy > 0.0) == (g_near > 0.0)) {
        third = near, g_third = g_near;
      } else {
        third = far, g_third = g_far;
        far = near, g_far = g_near;
      }
      near = y, g_near = gy;
      const double best = std::fabs(g_near) < std::fabs(g_far) ? near : far;
      const double limit = 4e-16 * std::fabs(best) / std::fabs(far - third);
      if (limit > 0.5 || g_near == 0.0 || near == far) return best;
      const double xi = (near - far) / (third - far), phi = (g_near - g_far) / (g_third - g_far);
      if (phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi)
        t = g_near / (g_far - g_near) * g_third / (g_far - g_third) +
            (third - near) / (far - near) * g_near / (g_third - g_near) * g_far / (g_third - g_far);
      else t = 0.5;
      t = std::fmin(std::fmax(t, limit), 1.0 - limit);
    }
    return near;
  }
};

const table& table_of(const density& law) {
  constexpr std::size_t kept = 8;
  thread_local std::unique_ptr<const table> tables[kept];
  thread_local std::size_t latest = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t k = (latest + kept - i) % kept;
    if (tables[k] && tables[k]->of(law)) return *tables[k];
  }
  latest = (latest + 1) % kept;
  tables[latest] = std::make_unique<const table>(law);
  return *tables[latest];
}

}  // namespace

double lower_tail(const density& f, double y) { return table_of(f).lower(y); }
double upper_tail(const density& f, double y) { return table_of(f).upper(y); }
double log_lower_tail(const density& f, double y) { return table_of(f).log_lower(y); }
double log_upper_tail(const density& f, double y) { return table_of(f).log_upper(y); }
double log_between(const density& f, double a, double b) { return table_of(f).log_between(a, b); }
double lower_quantile(const density& f, double q) { return table_of(f).quantile(q, false); }
double upper_quantile(const density& f, double q) { return table_of(f).quantile(q, true); }
double mean(const density& f) { return table_of(f).mean(); }
double entropy(const density& f) { return table_of(f).entropy(); }

}  // namespace thetahat::special
