#pragma once

namespace thetahat::special {

// log I_nu(x) - x with x d/dx and x^2 d^2/dx^2 of it; nu >= 0, x >= 0.
struct bessel_i_log {
  double f, x, xx;
};
bessel_i_log bessel_i(double nu, double x);

// log K_nu(x) + x with its derivatives in nu (n) and x, the latter times x each; any nu, x > 0.
struct bessel_k_log {
  double f, n, x, nn, nx, xx;
};
bessel_k_log bessel_k(double nu, double x);
// The same without the derivatives in nu, which cost most.
struct bessel_k_at {
  double f, x, xx;
};
bessel_k_at bessel_k_in_x(double nu, double x);

// With r = sqrt(nu^2 + x^2) the leading part of log I_nu(x) is r - nu asinh(nu/x) - log(2 pi r)/2; this is the rest,
// which tends to 0 as r grows. Its derivatives are in log x.
struct bessel_rest {
  double f, f1, f2;
};
bessel_rest bessel_i_rest(double nu, double x);

// log I_0(sqrt(w)) - sqrt(w), and the derivatives of log I_0(sqrt(w)) in w, smooth at w = 0.
bessel_rest bessel_i0_of_square(double w);

// K_(nu+1)(x) / K_nu(x), which is the mean of the generalised inverse Gaussian law, and less one; that law's variance.
struct bessel_k_ratios {
  double excess, ratio, variance;
};
bessel_k_ratios bessel_k_ratio(double nu, double x);

// log of the integral of exp(-u(s)) over all real s, u(s) = r (cosh s - 1) + nu (sinh s - s): what the exponent of K's
// integral leaves about its saddle point. K_nu(x) = exp(nu asinh(nu/x) - r) / 2 times the integral.
double log_bessel_k_mass(double nu, double x);
// u(s) itself, without cancellation next to s = 0.
double bessel_k_exponent(double nu, double x, double s);
// asinh for every double.
double asinh(double y);

}  // namespace thetahat::special
