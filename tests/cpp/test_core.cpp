// Every family in the build, through fits, sums, maps and draws, at sizes around the lanes and blocks: for sanitizers.

#include <cmath>
#include <cstdio>
#include <vector>

#include "thetahat/api.hpp"

using namespace thetahat;

namespace {

int failures = 0;
void check(bool good, const char* family, const char* what, std::size_t n) {
  if (good) return;
  std::printf("failed: %s: %s at n = %zu\n", family, what, n);
  ++failures;
}

parameter_columns scalar_columns(const double* theta, int count) {
  parameter_columns columns;
  for (int k = 0; k < count; ++k) columns.data[k] = theta + k;
  return columns;
}

}  // namespace

int main() {
  for (int index = 0; index < family_count(); ++index) {
    const family_entry f = family_at(index);
    const cold_table& c = *f.cold;
    const char* name = c.info->name;
    const double* theta = c.cases;
    const parameter_columns columns = scalar_columns(theta, c.parameter_count);
    for (const std::size_t n : {1, 31, 32, 33, 255, 257, 4095, 4096, 4097, 70001}) {
      std::vector<double> x(n), log_prob(n), again(n), score(n * static_cast<std::size_t>(c.parameter_count));
      sample(f, columns, n, 7, 0, x.data());
      observations o;
      o.n = n;
      o.value = {x.data(), sizeof(double), dtype::float64, false};
      map_rows(f, map_operation::log_prob, o, columns, log_prob.data());
      long double sum = 0.0L;
      for (const double v : log_prob) sum += v;
      const point p = c.to_point(theta);
      double products = 0.0, direct = 0.0;
      log_likelihoods(f, o, &p, 1, &products);
      log_likelihoods(f, o, &p, 1, &direct, true);
      const double tolerance = 1e-11 * (1.0 + std::fabs(static_cast<double>(sum)));
      check(std::fabs(products - static_cast<double>(sum)) < tolerance, name, "sum by products", n);
      check(std::fabs(direct - static_cast<double>(sum)) < tolerance, name, "direct sum", n);
      score_rows(f, o, columns, score.data());
      map_rows(f, map_operation::cdf, o, columns, again.data());
      for (const double v : again) check(v >= 0.0 && v <= 1.0, name, "cdf in [0, 1]", n);
      if (n > 1000) {
        fit_options options;
        for (int k = 0; k < c.parameter_count; ++k) options.fixed.push_back(c.parameters[k].known);
        const fit_result r = fit(f, o, options);
        check(r.status == fit_status::converged, name, "a fit of the family's own draws converges", n);
        check(r.log_likelihood >= static_cast<double>(sum) - tolerance, name, "the maximum beats the truth", n);
      }
    }
  }
  std::printf("%d failed\n", failures);
  return failures != 0;
}
