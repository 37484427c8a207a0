#include "thetahat/math/pearson.hpp"

#include <iterator>

#include "special_detail.hpp"

namespace thetahat::special {

namespace {

// B_2k / (2k (2k - 1)), the coefficients of v^(2k-1).
constexpr double stirling[] = {
    1.0 / 12,        -1.0 / 360, 1.0 / 1260,       -1.0 / 1680,      1.0 / 1188,
    -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400, 43867.0 / 244188, -174611.0 / 125400,
};

using detail::tail;

tail standard_gamma_tail(double skewness, double z) {
  using namespace detail;
  const double u = 0.5 * skewness * z;
  const double a = 4.0 / (skewness * skewness);
  if (!(u > -1.0)) return {true, u == u ? 0.0 : not_a_number, u == u ? -infinity : not_a_number};
  if (z == infinity) return {false, 0.0, -infinity};
  if (a < 20.0 || __builtin_fabs(u) > 0.4) {
    const double x = a * (1.0 + u);
    // The logarithm that is certain to keep its digits is that of the smaller tail.
    if (u < 0.0) return {true, gamma_p(a, x), log_gamma_p(a, x)};
    return {false, gamma_q(a, x), log_gamma_q(a, x)};
  }
  static const transition centre(0.0);
  // a (u - log(1 + u)), by its series where a overflows
  const double distance = __builtin_fabs(u) < 1e-8 ? z * z * (0.5 - u / 3.0) : -(z * z) * (log1pmx(u) / (u * u));
  if (distance > 1e300) return {z < 0.0, 0.0, -distance};
  const double factor = centre.factor(a, distance, z < 0.0, vexp(stirling_of_reciprocal(1.0 / a).f));
  return {z < 0.0, vexp(-distance) * factor, vlog(factor) - distance};
}

// log of the density
double log_density(double skewness, double z) {
  const double u = 0.5 * skewness * z;
  const double distance = __builtin_fabs(u) < 1e-8 ? z * z * (0.5 - u / 3.0) : -(z * z) * (log1pmx(u) / (u * u));
  return -detail::half_log_two_pi - stirling_of_reciprocal(0.25 * skewness * skewness).f - vlog1p(u) - distance;
}

}  // namespace

with_derivatives stirling_of_reciprocal(double v) {
  if (v > 0.125) {
    const double a = 1.0 / v;
    const double first = digamma(a) - vlog(a) + 0.5 * v, second = trigamma(a) - v - 0.5 * v * v;
    return {stirling_correction(a), -a * a * first, a * a * a * (a * second + 2.0 * first)};
  }
  const double w = v * v;
  double f = 0.0, f1 = 0.0, f2 = 0.0;
  for (int k = static_cast<int>(std::size(stirling)); k-- > 0;) {
    const double n = 2.0 * k + 1.0;
    f = f * w + stirling[k];
    f1 = f1 * w + n * stirling[k];
    if (k > 0) f2 = f2 * w + n * (n - 1.0) * stirling[k];
  }
  return {f * v, f1, f2 * v};
}

double standard_gamma_cdf(double skewness, double z) { return detail::lower(standard_gamma_tail(skewness, z)); }
double standard_gamma_sf(double skewness, double z) { return detail::upper(standard_gamma_tail(skewness, z)); }
double log_standard_gamma_cdf(double skewness, double z) { return detail::log_lower(standard_gamma_tail(skewness, z)); }
double log_standard_gamma_sf(double skewness, double z) { return detail::log_upper(standard_gamma_tail(skewness, z)); }

double standard_gamma_quantile(double skewness, double p, bool upper) {
  using namespace detail;
  const double lowest = -2.0 / skewness;
  if (skewness * skewness > 0.2) {
    const double a = 4.0 / (skewness * skewness);
    return 0.5 * skewness * (upper ? gamma_q_inverse(a, p) : gamma_p_inverse(a, p)) + lowest;
  }
  const bool by_upper = (p < 0.5) == upper;  // solved for the smaller tail
  const double target = p < 0.5 ? vlog(p) : vlog1p(-p);
  const double w = by_upper ? -normal_quantile_log(target) : normal_quantile_log(target);
  // Wilson and Hilferty, Proc. Natl. Acad. Sci. 17 (1931) 684; then Newton's method on the tail's logarithm.
  const double e = skewness * (w / 6.0 - skewness / 36.0);
  double z = (w / 3.0 - skewness / 18.0) * (3.0 + e * (3.0 + e));
  if (!(z > lowest)) z = 0.999 * lowest;
  for (int iteration = 0; iteration < 60; ++iteration) {
    const tail t = standard_gamma_tail(skewness, z);
    const double log_tail = by_upper ? log_upper(t) : log_lower(t);
    const double residual = target - log_tail;
    const double step = residual * vexp(log_tail - log_density(skewness, z)) * (by_upper ? -1.0 : 1.0);
    const double next = z + step;
    z = next > lowest ? next : 0.5 * (z + lowest);
    if (!(__builtin_fabs(residual) > 1e-9)) break;
  }
  return z;
}

}  // namespace thetahat::special
