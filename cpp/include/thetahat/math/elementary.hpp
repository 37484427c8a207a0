#pragma once

// Elementary functions for lane loops: branch-free, force-inlined, free of calls, the same bits on every target.
// gcc turns a `#pragma omp simd` loop over one of them into straight vector code. Integers and doubles are converted
// by adding 2^52, because AVX2 has no such instruction for 64-bit integers, and fma is always explicit.
// The error bounds are listed in bounds.hpp.

#include <cstdint>

#include "../core/target.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

namespace elementary {

constexpr double infinity = __builtin_huge_val();
constexpr double log2_e = 1.4426950408889634;
constexpr double ln2_high = 0x1.62e42feep-1;  // 21 trailing zero bits: its product with an exponent is exact
constexpr double ln2_low = 0x1.a39ef35793c76p-33;
constexpr double smallest_normal = 0x1p-1022;
constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
constexpr std::uint64_t sign_bit = 0x8000000000000000u;
constexpr std::uint64_t exponent_mask = 0x7ff0000000000000u;
constexpr std::uint64_t mantissa_mask = 0x000fffffffffffffu;
constexpr std::uint64_t bits_of_one = 0x3ff0000000000000u;
constexpr std::uint64_t bits_of_sqrt_half = 0x3fe6a09e667f3bcdu;
constexpr std::uint64_t bits_of_two_to_52 = 0x4330000000000000u;
constexpr double round_to_integer = 0x1.8p52;  // adding it rounds to an integer and leaves that in the low bits

THETAHAT_INLINE std::uint64_t bits(double x) { return __builtin_bit_cast(std::uint64_t, x); }
THETAHAT_INLINE double from_bits(std::uint64_t x) { return __builtin_bit_cast(double, x); }

// x = 2^exponent (1 + fraction) with 1 + fraction in [sqrt(1/2), sqrt(2)).
struct split {
  double exponent;
  double fraction;
};

// `biased` receives the exponent plus 1023 as an integer. For positive normal x.
THETAHAT_INLINE split split_exponent(double x, std::uint64_t& biased) {
  const std::uint64_t shifted = bits(x) + (bits_of_one - bits_of_sqrt_half);
  biased = shifted >> 52;
  const double exponent = from_bits(biased | bits_of_two_to_52) - (0x1p52 + 1023.0);
  return {exponent, from_bits((shifted & mantissa_mask) + bits_of_sqrt_half) - 1.0};
}

// exponent log 2 + log(1 + f), or log(1 + f + f_low) with |f_low| below an ulp of f.
template <class... Low>
THETAHAT_INLINE double log_sum(double exponent, double f, Low... f_low) {
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  // log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), R of FreeBSD's e_log.c
  double odd = __builtin_fma(w, 0.14798198605116586, 0.1818357216161805);
  double even = __builtin_fma(w, 0.15313837699209373, 0.22222198432149784);
  odd = __builtin_fma(w, odd, 0.2857142874366239);
  even = __builtin_fma(w, even, 0.3999999999940942);
  odd = __builtin_fma(w, odd, 0.6666666666666735);
  const double remainder = __builtin_fma(z, odd, w * even);
  const double half = 0.5 * f;
  // The sum's leading part is kept in two pieces, or exponent = -1 would lose half an ulp to cancellation.
  const double leading = exponent * ln2_high;
  const double high = leading + f;
  const double low = ((f - (high - leading)) + ... + f_low);
  const double correction = __builtin_fma(s, __builtin_fma(half, f, remainder), __builtin_fma(exponent, ln2_low, low));
  return high + __builtin_fma(-half, f, correction);
}

}  // namespace elementary

// log x for positive normal finite x; anything else gives a meaningless number.
THETAHAT_INLINE double vlog_positive(double x) {
  std::uint64_t biased;
  const elementary::split parts = elementary::split_exponent(x, biased);
  return elementary::log_sum(parts.exponent, parts.fraction);
}

// log x for every double: log(+-0) = -inf, log of a negative number is NaN.
THETAHAT_INLINE double vlog(double x) {
  const bool small = x < elementary::smallest_normal;
  std::uint64_t biased;
  const elementary::split parts = elementary::split_exponent(small ? x * 0x1p54 : x, biased);
  const double exponent = parts.exponent - (small ? 54.0 : 0.0);
  double result = elementary::log_sum(exponent, parts.fraction);
  result = x < elementary::infinity ? result : x;
  result = x == 0.0 ? -elementary::infinity : result;
  return x < 0.0 ? __builtin_nan("") : result;
}

// log(1 + x) for every double: log1p(-1) = -inf, NaN below, log1p(-0) = -0.
THETAHAT_INLINE double vlog1p(double x) {
  const double sum = 1.0 + x;
  const double added = sum - 1.0;
  const double lost = (1.0 - (sum - added)) + (x - added);
  std::uint64_t biased;
  const elementary::split parts = elementary::split_exponent(sum, biased);
  // The rounding error of 1 + x on the scale of the fraction; beyond 2^60 it is negligible and 2^-exponent overflows.
  const double scaled = lost * elementary::from_bits((2046 - biased) << 52);
  const double residual = x < 0x1p60 ? scaled : 0.0;
  const double f = parts.fraction + residual;
  const double f_low = residual - (f - parts.fraction);
  double result = elementary::log_sum(parts.exponent, f, f_low);
  result = elementary::from_bits(elementary::bits(result) | (elementary::bits(x) & elementary::sign_bit));
  result = x < elementary::infinity ? result : x;
  result = x == -1.0 ? -elementary::infinity : result;
  return x < -1.0 ? __builtin_nan("") : result;
}

namespace elementary {

// The reduction shared by exp and expm1: x = k log 2 + r + r_low, |r| <= log(2) / 2.
struct exponential {
  std::uint64_t biased;  // its low 12 bits hold k + 2046
  double k;
  double r;
  double r_low;
  double tail;  // e^r - 1 - r
};

THETAHAT_INLINE exponential reduce_exponential(double x) {
  constexpr double shift = round_to_integer + 2046.0;
  const double shifted = __builtin_fma(x, log2_e, shift);
  const double k = shifted - shift;
  const double high = __builtin_fma(-k, ln2_high, x);
  const double r = __builtin_fma(-k, ln2_low, high);
  const double r2 = r * r;
  const double r4 = r2 * r2;
  // Minimax for (e^r - 1 - r) / r^2 weighted by r^2 e^-r; relative error of e^r 2^-57.9
  double even = __builtin_fma(r2, 2.763024301891332e-07, 2.4801493119652772e-05);
  double odd = __builtin_fma(r2, 2.4999683341633273e-08, 2.7557587730078755e-06);
  even = __builtin_fma(r2, even, 0.0013888888943602313);
  odd = __builtin_fma(r2, odd, 0.0001984126950482397);
  even = __builtin_fma(r2, even, 0.04166666666653031);
  odd = __builtin_fma(r2, odd, 0.008333333333495412);
  even = __builtin_fma(r4, even, 0.5000000000000011 * r2);
  odd = __builtin_fma(r2, odd, 0.1666666666666641);
  const double tail = __builtin_fma(r2 * r, odd, even);
  return {bits(shifted), k, r, __builtin_fma(-k, ln2_low, high - r), tail};
}

}  // namespace elementary

// e^x for every double, subnormal results included.
THETAHAT_INLINE double vexp(double x) {
  double clamped = x < -746.0 ? -746.0 : x;
  clamped = clamped > 710.0 ? 710.0 : clamped;
  const elementary::exponential e = elementary::reduce_exponential(clamped);
  // Two factors of about half the exponent each: neither overflows, and a subnormal result is rounded once.
  const std::uint64_t half = (e.biased << 51) & elementary::exponent_mask;
  const std::uint64_t rest = (e.biased << 52) - half;
  return (1.0 + (e.r + e.tail)) * elementary::from_bits(half) * elementary::from_bits(rest);
}

// e^x for |x| < 708, constant beyond: one factor of two to the exponent is enough.
THETAHAT_INLINE double vexp_moderate(double x) {
  double clamped = x < -708.0 ? -708.0 : x;
  clamped = clamped > 709.0 ? 709.0 : clamped;
  const elementary::exponential e = elementary::reduce_exponential(clamped);
  return (1.0 + (e.r + e.tail)) * elementary::from_bits((e.biased - 1023u) << 52);
}

// e^x - 1 for every double: expm1(-0) = -0.
THETAHAT_INLINE double vexpm1(double x) {
  double clamped = x < -40.0 ? -40.0 : x;
  clamped = clamped > 710.0 ? 710.0 : clamped;
  const elementary::exponential e = elementary::reduce_exponential(clamped);
  // Half the result, because 2^k overflows before e^x does. k + 2046 - 1024 is the biased exponent of 2^(k-1).
  const double scale = elementary::from_bits((e.biased - 1024u) << 52);
  const double offset = scale - 0.5;
  const double high = __builtin_fma(e.r, scale, offset);
  const double low = __builtin_fma(e.r, scale, offset - high);
  const double tail = e.tail + __builtin_fma(e.r_low, e.r, e.r_low);
  const double scaled = 2.0 * (high + __builtin_fma(tail, scale, low));
  const double result = e.k == 0.0 ? e.r + e.tail : scaled;
  return elementary::from_bits(elementary::bits(result) | (elementary::bits(x) & elementary::sign_bit));
}

// sin(2 pi u) and cos(2 pi u) for |u| <= 2^49; NaN and infinities give NaN.
THETAHAT_INLINE void vsincos_two_pi(double u, double& sine, double& cosine) {
  const double shifted = __builtin_fma(u, 4.0, elementary::round_to_integer);
  const double quarter = shifted - elementary::round_to_integer;
  const double r = __builtin_fma(quarter, -0.25, u);
  const double z = r * r;
  // Minimax on |r| <= 1/8: sin(2 pi r) = 2 pi r + r^3 S(z) to 2^-58.0, cos(2 pi r) = 1 + z C(z) to 2^-64.7
  double s = __builtin_fma(z, 3.781365372941414, -15.093829320943511);
  double c = __builtin_fma(z, -1.6970198215596444, 7.903101645100912);
  s = __builtin_fma(z, s, 42.05868550754943);
  c = __builtin_fma(z, c, -26.42625114104207);
  s = __builtin_fma(z, s, -76.70585970879736);
  c = __builtin_fma(z, c, 60.244641331622915);
  s = __builtin_fma(z, s, 81.60524927596829);
  c = __builtin_fma(z, c, -85.45681720654014);
  s = __builtin_fma(z, s, -41.34170224039968);
  c = __builtin_fma(z, c, 64.93939402266801);
  c = __builtin_fma(z, c, -19.739208802178716);
  const double sine_r = __builtin_fma(r, 6.283185307179586, __builtin_fma(z * r, s, r * 2.4492935982947064e-16));
  const double cosine_r = __builtin_fma(z, c, 1.0);
  const std::uint64_t quadrant = elementary::bits(shifted);
  const bool swapped = (quadrant & 1u) != 0;
  const std::uint64_t sine_sign = (quadrant & 2u) << 62;
  const std::uint64_t cosine_sign = ((quadrant + 1u) & 2u) << 62;
  sine = elementary::from_bits(elementary::bits(swapped ? cosine_r : sine_r) ^ sine_sign);
  cosine = elementary::from_bits(elementary::bits(swapped ? sine_r : cosine_r) ^ cosine_sign);
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
