#pragma once

// Pieces that the special functions share; nothing outside cpp/src includes this.

#include <cstddef>

#include "thetahat/math/elementary.hpp"
#include "thetahat/math/special.hpp"

namespace thetahat::special::detail {

constexpr double infinity = elementary::infinity;
constexpr double not_a_number = __builtin_nan("");
constexpr double epsilon = 0x1p-53;
constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double log_half = -0.69314718055994530942;

// One of the two tails of a distribution function, the one that is known without cancellation.
struct tail {
  bool lower;
  double value;
  double log;
};

inline double lower(const tail& t) { return t.lower ? t.value : 1.0 - t.value; }
inline double upper(const tail& t) { return t.lower ? 1.0 - t.value : t.value; }
inline double log_lower(const tail& t) { return t.lower ? t.log : vlog1p(-t.value); }
inline double log_upper(const tail& t) { return t.lower ? vlog1p(-t.value) : t.log; }

template <std::size_t N>
double polynomial(const double (&coefficient)[N], double x) {
  double sum = coefficient[N - 1];
  for (std::size_t k = N - 1; k-- > 0;) sum = sum * x + coefficient[k];
  return sum;
}

// exp(x^2) erfc(x) for x >= 0.
double scaled_erfc(double x);

// log Gamma(1 + a) for a >= 0, relatively accurate as a -> 0.
double log_gamma_1p(double a);
// log Gamma(a + b) - log Gamma(b) - a log b, relatively accurate as a -> 0; b >= 1.
double log_gamma_shift(double a, double b);
// log Gamma(a + b) - log Gamma(b), relatively accurate as a -> 0.
double log_gamma_ratio(double a, double b);

// Temme's uniform expansion of a distribution function about its mode (SIAM J. Math. Anal. 10 (1979) 757; DLMF 8.12 and
// 8.18(ii)), with the coefficients summed by the backward recurrence of Gil, Segura and Temme (SIAM J. Sci. Comput. 34
// (2012) A2965). The function's derivative is sqrt(m / 2 pi) exp(-m t^2 / 2) (t / v) / g, where
// v dv/dt = t (1 + (1 - h) v - h v^2): h = 0 is the gamma law, h = a/b <= 1 the beta law.
class transition {
 public:
  explicit transition(double h);
  // The tail on t's side, as a multiple of exp(-distance); distance = m t^2 / 2.
  double factor(double m, double distance, bool lower, double g) const;

 private:
  static constexpr std::size_t terms = 28;
  double ratio_[terms];  // of the series t/v in t
};

}  // namespace thetahat::special::detail
