#pragma once

// What the steps of a fit share.

#include <cmath>
#include <limits>

#include "fit_parts.hpp"

namespace thetahat {

// Everything that one fit passes from step to step.
struct fitting {
  const family_entry& family;
  const observations& raw;
  const interval_rows* intervals;  // null for plain values
  const fit_options& options;
  const cold_table& cold;
  fit_result out;
  table_data table;        // distinct counts, where the data are small whole numbers
  observations data;       // the rows, or the table
  statistics sums;         // where they suffice
  bool has_sums = false;
  int free = 0;

  fitting(const family_entry& f, const observations& x, const interval_rows* r, const fit_options& o)
      : family(f), raw(x), intervals(r), options(o), cold(*f.cold), data(x) {
    out.rows = x.n;
    for (double v : o.fixed) free += std::isnan(v);
    out.free_parameters = free;
    const auto k = static_cast<std::size_t>(cold.parameter_count);
    out.parameters.assign(k, std::numeric_limits<double>::quiet_NaN());
    out.covariance.assign(k * k, std::numeric_limits<double>::quiet_NaN());
  }
};

// Sets the status and returns the result.
fit_result& finish(fitting& s, fit_status status, const std::string& reason);
void store(fitting& s, const double* theta);
void hold_fixed(const fitting& s, double* theta);

// Which parameters have a standard error: free ones that no extreme observation settles.
std::array<bool, max_axes> estimated(const fitting& s);
// From the information in the sums at the estimate, or the expected one where the observed one fails.
void covariance_at(fitting& s, const double* theta, const derivative_sums* at_estimate,
                   std::array<bool, max_axes> active);

// The free parameter with a limit at zero, inside its range, beside which a maximum may lie to either side; -1: none.
int sided_parameter(const cold_table& f, const std::vector<double>& fixed);
// Whether the likelihood does not fall however far a parameter goes on from where a search ended; that is then the result.
bool without_end(fitting& s, objective& data, const coordinates& c, const newton_result& r);
// Whether the likelihood does not fall within one standard error of a maximum that was found, and where.
bool flat_on_a_side(objective& data, const coordinates& c, const newton_result& r, double narrow,
                    std::array<int, max_axes>& flat);
// A search that ran along a ridge, the way of each parameter 1 upwards and -1 downwards.
fit_result without_maximum(fitting& s, const coordinates& c, const newton_result& r,
                           const std::array<int, max_axes>& way, const std::string& where);

// What a search found. `mass` says that all observations are equal, where they are.
fit_result conclude(fitting& s, const coordinates& c, const newton_result& r, double at_start, const std::string& mass);

}  // namespace thetahat
