#include "special_detail.hpp"

namespace thetahat::special {

// Owen's T function as the part of the quadrant that it leaves: 1/(2 pi) times the integral over x from a to infinity of
// exp(-h^2 (1 + x^2) / 2) / (1 + x^2). What is integrated is positive and, over panels that the pole at x = i and the
// exponential allow, smooth: Gauss and Legendre's rule has all digits, in the deepest tail as at h = 0.
double log_owen_rest(double h, double a) {
  static constexpr double node[] = {0.9931285991850949,  0.9639719272779138, 0.912234428251326,  0.8391169718222188,
                                    0.7463319064601508,  0.636053680726515,  0.5108670019508271, 0.37370608871541955,
                                    0.22778585114164507, 0.07652652113349734};
  static constexpr double weight[] = {
      0.017614007139152118, 0.04060142980038694, 0.06267204833410907, 0.08327674157670475, 0.10193011981724044,
      0.11819453196151841,  0.13168863844917664, 0.14209610931838204, 0.14917298647260374, 0.15275338713072584};
  constexpr double log_two_pi = 2.0 * detail::half_log_two_pi;
  constexpr double negligible = 42.0, most_per_panel = 20.0;  // nats
  if (!(h >= 0.0 && a >= 0.0)) return detail::not_a_number;
  const double least = 1e-9 / (a > 1.0 ? a : 1.0);
  if (h < least)
    return vlog(vexp(log_owen_rest(least, a)) + (least - h) * 0.19947114020071633897);  // linear in h there
  const double square = h * h, reach = h * a;
  const double exponent = 0.5 * square + 0.5 * reach * reach;
  if (!(exponent < detail::infinity)) return -detail::infinity;
  double sum = 0.0, from = 0.0;
  // s is x - a.
  const auto fall = [&](double s) { return h * s * (reach + 0.5 * h * s); };
  // the s with fall(from + s) - fall(from) = nats
  const auto span = [&](double nats) {
    const double b = reach + h * from;
    return 2.0 * nats / (h * (b + __builtin_sqrt(b * b + 2.0 * nats)));
  };
  while (fall(from) < negligible) {
    const double x = a + from, pole = 2.0 * __builtin_sqrt(1.0 + x * x), limit = span(most_per_panel);
    const double half = 0.5 * (pole < limit ? pole : limit), centre = from + half;
    double panel = 0.0;
    for (int k = 0; k < 10; ++k) {
      const double below = centre - half * node[k], above = centre + half * node[k];
      const double x_below = a + below, x_above = a + above;
      panel +=
          weight[k] * (vexp(-fall(below)) / (1.0 + x_below * x_below) + vexp(-fall(above)) / (1.0 + x_above * x_above));
    }
    sum += half * panel;
    from = centre + half;
  }
  return -exponent + (vlog(sum) - log_two_pi);
}

}  // namespace thetahat::special
