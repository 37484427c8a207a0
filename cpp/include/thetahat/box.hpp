#pragma once

// The d-dimensional rectangle, log p(x) = -sum_k log(high_k - low_k) inside. x is row-major, n rows of d.

#include "api.hpp"

namespace thetahat::box {

struct estimate {
  std::vector<double> low, high;
  double log_likelihood = 0.0;
  double weight = 0.0;
  bool flat = false;  // some coordinate is constant: the likelihood has no maximum
};

void log_prob(const double* x, std::size_t n, std::size_t d, const double* low, const double* high, double* out);
void cdf(const double* x, std::size_t n, std::size_t d, const double* low, const double* high, double* out);
estimate fit(const double* x, const double* weights, std::size_t n, std::size_t d);
void sample(const double* low, const double* high, std::size_t n, std::size_t d, std::uint64_t seed,
            std::uint64_t stream, double* out);

}  // namespace thetahat::box
