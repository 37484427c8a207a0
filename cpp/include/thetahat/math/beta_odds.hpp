#pragma once

// The law of z = log(y / (1 - y)) for a beta variable y: what the generalised beta law of the second kind and its members
// Burr XII is in log(x), up to place and scale.

#include <cmath>

#include "deviance.hpp"
#include "log_beta.hpp"
#include "special.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

template <class A, class B, class T, class N>
struct beta_odds_fields {
  A half_difference;
  B half_sum;  // negative
  T total;     // negative
  N norm;
  double p, q, log_share1, log_share0, peak;
};
template <class P, class Q>
inline auto beta_odds_prepare(const P& p, const Q& q, double p0, double q0, auto norm) {
  const auto difference = 0.5 * (p - q);
  const auto half = -0.5 * (p + q);
  const auto total = -1.0 * (p + q);
  const double n = p0 + q0;
  return beta_odds_fields<decltype(difference + 0.0), decltype(half + 0.0), decltype(total + 0.0), decltype(norm)>{
      difference, half, total, norm, p0, q0, log(p0 / n), log(q0 / n), log_beta_peak(p0, q0)};
}
// p z - (p + q) log(1 + e^z), from exp(-|z|), which cannot overflow.
template <class P, class Z, class E, class Sink>
THETAHAT_INLINE constexpr void beta_odds_terms(const P& p, const Z& z, const E& e, Sink& sink) {
  sink.constant(p.norm);
  sink.add(p.half_difference, z);
  sink.add(p.half_sum, abs(z));
  sink.log(p.total, 1.0 + e, ge_one);
}
// Loader's saddle-point form: no large terms cancel, whatever the shapes.
template <class P>
THETAHAT_INLINE double beta_odds_density(const P& p, double z) {
  const double a = __builtin_fabs(z), e = vexp(-a), large = 1.0 / (1.0 + e), small = e * large;
  const double l = vlog1p(e), n = p.p + p.q;
  const double log_y = z < 0.0 ? z - l : -l, log_rest = z < 0.0 ? -l : -z - l;
  const double y = z < 0.0 ? small : large, rest = z < 0.0 ? large : small;
  return p.peak - scaled_deviance(p.p, n * y, log_y - p.log_share1) -
         scaled_deviance(p.q, n * rest, log_rest - p.log_share0);
}

namespace beta_odds {

// log P(Z <= z) by (p, q); log P(Z > z) is the same of (q, p) at -z.
inline double log_lower(double p, double q, double z) {
  if (z < -700.0) return p * z - std::log(p) + minus_log_beta(p, q);  // exp(z) underflows
  const double e = std::exp(-std::fabs(z)), large = 1.0 / (1.0 + e), small = e * large;
  return special::log_beta_p(p, q, z < 0.0 ? small : large, z < 0.0 ? large : small);
}
inline double lower(double p, double q, double z) {
  if (z < -700.0) return std::exp(log_lower(p, q, z));
  const double e = std::exp(-std::fabs(z)), large = 1.0 / (1.0 + e), small = e * large;
  return special::beta_p(p, q, z < 0.0 ? small : large, z < 0.0 ? large : small);
}
// The z with P(Z <= z) = u.
inline double quantile(double p, double q, double u) {
  const auto y = special::beta_p_inverse(p, q, u);
  if (y.x < 1e-290) return (std::log(u) + std::log(p) - minus_log_beta(p, q)) / p;
  if (y.one_minus_x < 1e-290) return 700.0;
  return std::log(y.x / y.one_minus_x);
}
inline double upper_quantile(double p, double q, double u) { return -quantile(q, p, u); }

// log E exp(d z), -p < d < q
inline double log_moment(double p, double q, double d) { return log_gamma_step(p, d) + log_gamma_step(q, -d); }
// E exp(2 d z) / (E exp(d z))^2 - 1, 2 d < q
inline double relative_variance(double p, double q, double d) {
  return std::expm1(second_difference(p, d) + second_difference(q, -d));
}
inline double entropy(double p, double q) {
  return 0.5 - log_beta_peak(p, q) + p * digamma_rest(p) + q * digamma_rest(q) - (p + q) * digamma_rest(p + q);
}
inline double mean(double p, double q) { return vlog(p / q) - 0.5 / p + 0.5 / q - digamma_rest(p) + digamma_rest(q); }

}  // namespace beta_odds

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
