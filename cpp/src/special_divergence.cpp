// What divergences of laws from each other are made of: distances of convex functions from their tangents.

#include "special_detail.hpp"

namespace thetahat::special {

double exp_rest(double x) {
  if (__builtin_fabs(x) < 1.0) return -log1pmx(vexpm1(x));
  return vexpm1(x) - x;
}

// From x >= 20 on by Stirling's series; below by trigamma(x) = trigamma(x + 1) + 1/x^2, of which nothing cancels.
double trigamma_rest(double x) {
  if (!(x > 0.0)) return detail::not_a_number;
  double steps = 0.0;
  for (; x < 20.0; x += 1.0) steps += 1.0 / (x * x * (x + 1.0));
  const double r = 1.0 / x, w = r * r;
  constexpr double series[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730};
  return steps + w * (0.5 + r * detail::polynomial(series, w));
}

namespace {

// log x - 1/(2x) - digamma(x), minus the slope of stirling_correction.
double digamma_rest(double x) {
  double steps = 0.0;
  for (; x < 20.0; x += 1.0) {
    const double r = 1.0 / x;
    steps += -0.5 * r * (r / (1.0 + r)) - log1pmx(r);
  }
  const double w = 1.0 / (x * x);
  constexpr double series[] = {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760};
  return steps + w * detail::polynomial(series, w);
}

}  // namespace

double shape_divergence(double a, double b) {
  if (!(a > 0.0 && b > 0.0)) return detail::not_a_number;
  const double difference = b - a;
  if (b > 0.5 * a && b < 2.0 * a) {
    // The integral of (b - t) g''(t) from a to b, by Gauss and Legendre: g'' has no pole but at zero.
    constexpr double node[] = {0.1252334085114689, 0.3678314989981802, 0.5873179542866175,
                               0.7699026741943047, 0.9041172563704749, 0.9815606342467193};
    constexpr double weight[] = {0.2491470458134028, 0.2334925365383548, 0.2031674267230659,
                                 0.1600783285433462, 0.1069393259953184, 0.04717533638651183};
    double sum = 0.0;
    for (int i = 0; i < 6; ++i) {
      const double near = 0.5 * (1.0 - node[i]), far = 0.5 * (1.0 + node[i]);
      sum += weight[i] * (far * trigamma_rest(a + near * difference) + near * trigamma_rest(a + far * difference));
    }
    return 0.5 * sum * difference * difference;
  }
  if (a < 1.0 && b < 1.0)  // g = -log(x) - (x log x - x) + lgamma(1 + x)
    return (deviance(a, b) / a - deviance(b, a)) + (lgamma(1.0 + b) - lgamma(1.0 + a) - digamma(1.0 + a) * difference);
  // g = -log(x)/2 + stirling_correction(x) + constant, both convex.
  return 0.5 * (deviance(a, b) / a) + (stirling_correction(b) - stirling_correction(a) + digamma_rest(a) * difference);
}

}  // namespace thetahat::special
