#pragma once

// The declared error of every function of this layer, in units in the last place of the exact result times `scale`.
// The tests assert these lines and the documentation prints them.

namespace thetahat {

struct bound {
  const char* function;
  double ulp;
  const char* scale;
  const char* domain;
};

inline constexpr const char* exact_scale = "1";
inline constexpr const char* absolute_scale = "max(1, 1/|f|)";
inline constexpr const char* exponent_scale = "max(1, |log f|)";
inline constexpr const char* complement_scale = "max(1, |log(1 - exp f)|)";
inline constexpr const char* inverse_scale = "max(1, max(1, |log t|) |d log x / d log t|), t the smaller tail";

inline constexpr bound bounds[] = {
    {"vexp", 1.04, exact_scale, "all doubles"},
    {"vlog", 0.75, exact_scale, "all doubles"},
    {"vlog_positive", 0.75, exact_scale, "positive normal doubles"},
    {"vlog1p", 0.85, exact_scale, "all doubles"},
    {"vexpm1", 1.3, exact_scale, "all doubles"},
    {"vsin_two_pi", 1.1, exact_scale, "|u| <= 2^49"},
    {"vcos_two_pi", 1.1, exact_scale, "|u| <= 2^49"},
    {"lgamma", 3.5, exact_scale, "x >= 0"},
    {"digamma", 3.5, exact_scale, "x > 0"},
    {"trigamma", 3.5, exact_scale, "x > 0"},
    {"tetragamma", 3.5, exact_scale, "x > 0"},
    {"stirling_correction", 7, exact_scale, "a > 0"},
    {"log1pmx", 3, exact_scale, "x >= -1"},
    {"deviance", 6, exact_scale, "x, m >= 0"},
    {"exp_rest", 5, exact_scale, "all doubles"},
    {"trigamma_rest", 6, exact_scale, "x > 0"},
    {"shape_divergence", 8, exact_scale, "a, b in [1e-10, 1e10]"},
    {"lbeta", 8, absolute_scale, "a, b in [1e-10, 1e10]"},
    {"log1mexp", 2, exact_scale, "x >= 0"},
    {"log_sum_exp", 2, absolute_scale, "all doubles"},
    {"normal_cdf", 4, exact_scale, "all doubles"},
    {"normal_sf", 4, exact_scale, "all doubles"},
    {"log_normal_cdf", 4, exact_scale, "all doubles"},
    {"log_owen_rest", 4, exact_scale, "h >= 0, a in [0, 1e150]"},
    {"normal_quantile", 7, exact_scale, "p in [0, 1]"},
    {"normal_quantile_log", 7, absolute_scale, "log p <= 0"},
    {"gamma_p", 16, exponent_scale, "a in [1e-10, 1e10], x >= 0"},
    {"gamma_q", 16, exponent_scale, "a in [1e-10, 1e10], x >= 0"},
    {"log_gamma_p", 16, complement_scale, "a in [1e-10, 1e10], x >= 0"},
    {"log_gamma_q", 16, complement_scale, "a in [1e-10, 1e10], x >= 0"},
    {"gamma_p_inverse", 16, inverse_scale, "a in [1e-10, 1e10], p in [0, 1]"},
    {"gamma_q_inverse", 16, inverse_scale, "a in [1e-10, 1e10], q in [0, 1]"},
    {"beta_p", 16, exponent_scale, "a, b in [1e-10, 1e10], x in [0, 1]"},
    {"beta_q", 16, exponent_scale, "a, b in [1e-10, 1e10], x in [0, 1]"},
    {"log_beta_p", 16, complement_scale, "a, b in [1e-10, 1e10], x in [0, 1]"},
    {"log_beta_q", 20, complement_scale, "a, b in [1e-10, 1e10], x in [0, 1]"},
    {"beta_p_inverse", 16, inverse_scale, "a, b in [1e-10, 1e10], p in [0, 1]"},
    {"beta_q_inverse", 16, inverse_scale, "a, b in [1e-10, 1e10], q in [0, 1]"},
    {"log_bessel_i", 16, absolute_scale, "nu in [0, 1e6], x in [1e-300, 1e300]"},
    {"bessel_i_ratio", 16, exact_scale, "nu in [0, 1e6], x in [1e-300, 1e300]"},
    {"log_bessel_k", 16, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
    {"log_bessel_i_dx", 256, absolute_scale, "nu in [0, 1e6], x in [1e-300, 1e300]"},
    {"log_bessel_i_dxx", 512, absolute_scale, "nu in [0, 1e6], x in [1e-300, 1e300]"},
    {"log_bessel_k_dx", 64, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
    {"log_bessel_k_dxx", 64, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
    {"log_bessel_k_dn", 64, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
    {"log_bessel_k_dnn", 64, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
    {"log_bessel_k_dnx", 64, absolute_scale, "|nu| <= 1e6, x in [1e-300, 1e300]"},
};

}  // namespace thetahat
