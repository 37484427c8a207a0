#pragma once

// What a family's cold unit offers: everything that is not a pass over the data. Parameters are passed as arrays in
// the registry's order.

#include "family.hpp"
#include "hot_table.hpp"

namespace thetahat {

// The internal coordinates (loc, scale, a, b, c) as functions of the parameters, with derivatives.
struct jacobian {
  double first[5][max_parameters];
  double second[5][max_parameters][max_parameters];
};

enum class draw_method { inversion, normal, exponential, gamma, poisson };

using scalar_function = double (*)(const double* theta, double x);
using theta_function = double (*)(const double* theta);

struct cold_table {
  const family_info* info;
  const parameter* parameters;
  int parameter_count;
  int shape_count;
  bool has_loc, has_scale;
  const double* cases;
  int case_count;

  bool (*valid)(const double* theta);  // joint constraints; each parameter's own domain is checked before
  point (*to_point)(const double* theta);
  void (*to_theta)(const point&, double* theta);
  void (*derivatives)(const double* theta, jacobian&);
  bool (*regular)(const double* theta);

  scalar_function log_density;  // inside the support
  scalar_function cdf, sf, log_cdf, log_sf, icdf, isf;
  theta_function mean, variance, mode, entropy, lower, upper;
  double (*moment)(const double* theta, int order);
  theta_function skewness, kurtosis;  // standardised third cumulant and fourth; null: from the central moments
  double (*divergence)(const double* p, const double* q);  // Kullback's and Leibler's; null: by quadrature

  draw_method method;
  double (*draw)(const double* theta, double standard);  // from a standard draw of the method
  void (*draw_all)(const double* theta, double* standard, std::size_t n);  // the same in place, for one theta
  double (*draw_parameter)(const double* theta);         // the gamma draw's shape, the Poisson draw's rate

  const axis* axes;  // null: the fit searches in the parameters themselves
  int axis_count;
  bool axes_are_parameters;

  // The maximum-likelihood estimate, or where a search for it starts; null where the family has none. `known` are the
  // parameters that are held, NaN for the rest: the estimate of the others beside them, where `mle_beside_known`.
  void (*mle)(const statistics&, const double* known, double* theta);
  bool mle_beside_known;
  // The parameters that extreme observations settle, NaN for those that are then searched; null where `mle` has all.
  void (*ends)(const statistics&, double* theta);
  void (*start_from_statistics)(const statistics&, double* theta);
  void (*start_from_sample)(const start_sample&, const double* known, double* theta);
  // Sums over the observations of log p and its derivatives from sufficient statistics.
  void (*from_statistics)(const statistics&, const point&, derivative_sums&);
  bool (*admissible)(const point&);  // where those sums keep their digits; null: everywhere
  unsigned needed;
  double (*expected_information)(const double* theta, int i, int j);  // per observation, where the observed one fails
  double (*fisher_information)(const double* theta, int i, int j);  // null: by quadrature of scores
  bool ridges;  // laws at infinite parameters that the family comes ever closer to: a search may run towards one
  bool
      kinked_location;  // the density has a kink at loc, its first parameter, where the best one is found among the rows
  // The best of the other parameters, NaN where they are not known, and the log-likelihood per row there, given the mean
  // distances of the rows above and below loc; null where loc is the median.
  double (*at_kink)(double above, double below, double* theta);
};

}  // namespace thetahat
