// Fallbacks for families that give no closed form: inversion of distribution functions, expectations.

#include <algorithm>
#include <cmath>
#include <limits>

#include "thetahat/api.hpp"

namespace thetahat {

namespace {

constexpr double pi = 3.14159265358979323846;

// Chandrupatla (1997): bisection, or inverse quadratic interpolation where that is safe. g(a) and g(b) differ in sign.
template <class Function>
double root(Function g, double a, double b, double ga, double gb) {
  double c = a, gc = ga, t = 0.5;
  for (int i = 0; i < 400; ++i) {
    const double x = a + t * (b - a), gx = g(x);
    if ((gx > 0.0) == (ga > 0.0)) {
      c = a, gc = ga;
    } else {
      c = b, gc = gb;
      b = a, gb = ga;
    }
    a = x, ga = gx;
    const double best = std::fabs(ga) < std::fabs(gb) ? a : b;
    const double tolerance = 2.0 * std::numeric_limits<double>::epsilon() * std::fabs(best);
    const double limit = tolerance / std::fabs(b - c);
    if (limit > 0.5 || ga == 0.0 || !(std::fabs(b - a) > 0.0)) return best;
    const double xi = (a - b) / (c - b), phi = (ga - gb) / (gc - gb);
    if (phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi)
      t = ga / (gb - ga) * gc / (gb - gc) + (c - a) / (b - a) * ga / (gc - ga) * gb / (gc - gb);
    else t = 0.5;
    t = std::fmin(std::fmax(t, limit), 1.0 - limit);
  }
  return a;
}

// log of the tail's probability on the side that the quantile is asked for.
double log_tail(const cold_table& f, const double* theta, double x, bool upper_tail) {
  return upper_tail ? f.log_sf(theta, x) : f.log_cdf(theta, x);
}

}  // namespace

double invert_continuous(const cold_table& f, const double* theta, double q, bool upper_tail) {
  // In whichever tail q leaves less probability; in log q, so that deep tails keep their digits.
  bool upper = upper_tail;
  double p = q;
  if (q > 0.5) upper = !upper, p = 1.0 - q;
  const double target = std::log(p);
  const double low_end = f.lower(theta), high_end = f.upper(theta);
  const double mean = f.mean(theta), variance = f.variance(theta);
  double centre = std::isfinite(mean) ? mean : f.mode(theta);
  double step = std::isfinite(variance) && variance > 0.0 ? std::sqrt(variance) : 1.0 + std::fabs(centre);
  const auto g = [&](double x) { return (log_tail(f, theta, x, upper) - target) * (upper ? -1.0 : 1.0); };
  // On the positive half-line brackets move by factors: quantiles there span hundreds of powers of ten.
  const bool positive_line = low_end == 0.0 && high_end == infinity;
  double a = centre, b = centre;
  double ga = g(a), gb = ga;
  for (int i = 0; i < 4000 && ga > 0.0; ++i) {
    b = a, gb = ga;
    a = positive_line ? a * 0.5 : std::fmax(a - step, low_end + (a - low_end) * 0.5 * (low_end > -infinity));
    if (!positive_line && low_end == -infinity) a = b - step;
    step *= positive_line ? 1.0 : 2.0;
    ga = g(a);
  }
  step = std::isfinite(variance) && variance > 0.0 ? std::sqrt(variance) : 1.0 + std::fabs(centre);
  for (int i = 0; i < 4000 && gb < 0.0; ++i) {
    a = b, ga = gb;
    b = positive_line ? b * 2.0 : b + step;
    if (high_end < infinity && b >= high_end) b = a + (high_end - a) * 0.5;
    step *= 2.0;
    gb = g(b);
  }
  if (ga == 0.0) return a;
  if (gb == 0.0) return b;
  return root(g, a, b, ga, gb);
}

double invert_discrete(const cold_table& f, const double* theta, double q, bool upper_tail) {
  // The smallest k with cdf(k) >= q, or with sf(k) <= q; compared in the tail that keeps its digits.
  const auto reached = [&](double k) { return upper_tail ? f.sf(theta, k) <= q : f.cdf(theta, k) >= q; };
  double low = f.lower(theta) - 1.0, high = std::floor(std::fmax(f.mean(theta), f.lower(theta)));
  double step = 1.0 + std::floor(std::sqrt(f.variance(theta)));
  if (!std::isfinite(high)) high = f.lower(theta);
  if (!std::isfinite(step)) step = 1.0;
  while (!reached(high) && high < 0x1p1000) {
    low = high;
    high += step;
    step *= 2.0;
  }
  step = 1.0 + std::floor(std::sqrt(f.variance(theta)));
  for (double k = high - step; k > low && step > 0.0; k -= step, step *= 2.0) {
    if (!reached(k)) {
      low = k;
      break;
    }
    high = k;
  }
  while (high - low > 1.0) {
    const double middle = std::floor(low + 0.5 * (high - low));
    if (middle <= low || middle >= high) break;
    (reached(middle) ? high : low) = middle;
  }
  return high;
}

double expectation(const cold_table& f, const double* theta, double (*g)(const cold_table&, const double*, double, int),
                   int order) {
  if (f.info->kind == kind::discrete) {
    const double first = invert_discrete(f, theta, 1e-30, false), last = invert_discrete(f, theta, 1e-30, true);
    double sum = 0.0, correction = 0.0;
    for (double k = first; k <= std::fmin(last + 64.0, f.upper(theta)); k += 1.0) {
      const double term = std::exp(f.log_density(theta, k)) * g(f, theta, k, order) - correction;
      const double next = sum + term;
      correction = (next - sum) - term;
      sum = next;
    }
    return sum;
  }
  // Over the probabilities below and above the mode, which may be a kink, or both halves where it is no middle, by the
  // double exponential rule (Takahasi and Mori 1974), which does not mind the quantiles' singularities at the ends.
  const double at_mode = f.cdf(theta, f.mode(theta));
  const double share = at_mode > 0.0 && at_mode < 1.0 ? at_mode : 0.5;
  constexpr double step = 1.0 / 32;
  double sum = 0.0;
  for (int i = -6 * 32; i <= 6 * 32; ++i) {
    const double t = step * i;
    const double s = 1.0 / (1.0 + std::exp(-pi * std::sinh(t)));
    const double rest = 1.0 / (1.0 + std::exp(pi * std::sinh(t)));
    const double weight = step * pi * std::cosh(t) * s * rest;
    if (0.5 * s <= 0.0 || weight <= 0.0) continue;
    const double below = g(f, theta, f.icdf(theta, share * s), order);
    const double above = g(f, theta, f.isf(theta, (1.0 - share) * s), order);
    if (std::isfinite(below)) sum += share * weight * below;
    if (std::isfinite(above)) sum += (1.0 - share) * weight * above;
  }
  return sum;
}

namespace {

// A member of a location and scale family at location zero and scale one, where central moments keep their digits, and
// the scale that it had; any other member as it is.
struct standard_member {
  double theta[max_parameters];
  double unit = 1.0;

  standard_member(const cold_table& f, const double* given) {
    std::copy(given, given + f.parameter_count, theta);
    const group of = f.info->group;
    if (f.info->kind == kind::discrete || !f.has_scale || of == group::none || (of == group::scale && f.has_loc))
      return;
    point p = f.to_point(given);
    const double scale = p.scale;
    if (f.has_loc) p.loc = 0.0;
    p.scale = 1.0;
    double moved[max_parameters];
    f.to_theta(p, moved);
    for (int i = 0; i < f.parameter_count; ++i)
      if (!std::isfinite(moved[i])) return;
    std::copy(moved, moved + f.parameter_count, theta);
    unit = scale;
  }
};

double central_of(const cold_table& f, const double* theta, int order) {
  const double raw = f.moment(theta, order);
  const double mean = f.mean(theta);
  const theta_function standard = order == 3 ? f.skewness : order == 4 ? f.kurtosis : nullptr;
  if (standard != nullptr) {
    const double moment = (standard(theta) + (order == 4 ? 3.0 : 0.0)) * std::pow(f.variance(theta), 0.5 * order);
    if (std::isfinite(moment)) return moment;
  }
  if (!std::isfinite(raw) || !std::isfinite(mean)) return raw;
  // From the raw moments where they do not cancel, as in heavy tails, or where there are too many values to sum over.
  double sum = 0.0, size = 0.0, choose = 1.0;
  for (int j = 0; j <= order; ++j) {
    const double term = choose * f.moment(theta, order - j) * std::pow(-mean, j);
    sum += term;
    size += std::fabs(term);
    choose *= static_cast<double>(order - j) / (j + 1);
  }
  if (size <= 8.0 * std::fabs(sum) || (f.info->kind == kind::discrete && f.variance(theta) > 1e12)) return sum;
  return expectation(f, theta, [](const cold_table& family, const double* t, double x, int k) {
    return std::pow(x - family.mean(t), k);
  }, order);
}

}  // namespace

double central_moment(const cold_table& f, const double* theta, int order) {
  if (order == 0) return 1.0;
  if (order == 1) return std::isfinite(f.mean(theta)) ? 0.0 : f.mean(theta);
  if (order == 2) return f.variance(theta);
  const standard_member member(f, theta);
  return central_of(f, member.theta, order) * std::pow(member.unit, order);
}

double entropy_by_quadrature(const cold_table& f, const double* theta) {
  const standard_member member(f, theta);
  return std::log(member.unit) +
         expectation(f, member.theta, [](const cold_table& family, const double* t, double x, int) {
    return -family.log_density(t, x);
  }, 0);
}

double standard_moment(const cold_table& f, const double* given, int order) {
  const theta_function closed = order == 3 ? f.skewness : f.kurtosis;
  if (closed != nullptr) return closed(given);
  const standard_member member(f, given);
  const double* theta = member.theta;
  const double variance = f.variance(theta);
  if (!(std::isfinite(variance) && variance > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  const double moment = central_of(f, theta, order), unit = std::pow(variance, 0.5 * order);
  double standard = moment / unit;
  // Of a very small or a large scale the moments leave the range of doubles before their ratio does.
  if (std::isfinite(f.moment(theta, order)) &&
      (!std::isfinite(moment) || std::fabs(moment) < 1e-280 || !(unit < infinity)))
    standard = expectation(f, theta, [](const cold_table& family, const double* t, double x, int k) {
      return std::pow((x - family.mean(t)) / std::sqrt(family.variance(t)), k);
    }, order);
  return order == 4 ? standard - 3.0 : standard;
}

}  // namespace thetahat
