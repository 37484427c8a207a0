#pragma once

// The entry points of the compiled library: the only header that bindings include.

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/cold_table.hpp"
#include "core/hot_table.hpp"
#include "core/types.hpp"

namespace thetahat {

// ----- errors -------------------------------------------------------------------------------------------------------------------

enum class error_kind { data, parameter, dtype, fit, interrupted };

class error : public std::runtime_error {
 public:
  error(error_kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  error_kind kind() const { return kind_; }

 private:
  error_kind kind_;
};

// ----- registry -----------------------------------------------------------------------------------------------------------------

struct family_entry {
  const cold_table* cold;
  const hot_table* hot;  // of the active target
};

int family_count();
family_entry family_at(int index);
int family_index(const char* name);  // -1 when there is none

std::vector<std::string> target_names();  // compiled in and supported by this processor, fastest last
std::string active_target();
void set_target(const std::string& name);

// ----- threads ------------------------------------------------------------------------------------------------------------------

int thread_count();
void set_thread_count(int n);

// Called now and then on the caller's thread; returns true when the work should be abandoned.
using interrupt_check = bool (*)();
void set_interrupt_check(interrupt_check check);

// task(i) for i < n, in any order, on any thread; throws `error` when interrupted.
void parallel_for(std::size_t n, const std::function<void(std::size_t)>& task);

// Expectation of (X - mean)^order.
double central_moment(const cold_table& f, const double* theta, int order);
// Expectation of ((X - mean) / standard deviation)^order, order 3 or 4, without the 3 of the normal law's fourth.
double standard_moment(const cold_table& f, const double* theta, int order);

// ----- passes over the data --------------------------------------------------------------------------------------------------------

enum class map_operation { log_prob, cdf, sf, log_cdf, log_sf, icdf, isf };

void map_rows(const family_entry& f, map_operation op, const observations& x, const parameter_columns& theta,
              double* out);
void score_rows(const family_entry& f, const observations& x, const parameter_columns& theta, double* out);

// The log-likelihood at up to max_points points, in one pass.
void log_likelihoods(const family_entry& f, const observations& x, const point* points, int count, double* out,
                     bool direct = false);
// `also`, if given, is a second point whose log-likelihood comes from the same pass.
derivative_sums differentiate(const family_entry& f, const observations& x, const point& p, bool direct = false,
                              const point* also = nullptr, double* also_value = nullptr);
statistics collect_statistics(const family_entry& f, const observations& x, double pivot);

double sum(const column& c, std::size_t n);  // the prefetched 32-lane sum: the speed of reading

// The smallest and the largest row, NaN passed over, and whether every row is finite.
struct extent {
  double low = infinity, high = -infinity;
  bool finite = true;
};
extent extent_of(const column& c, std::size_t n);

// The number of rows below `low`; rows from `low` to `high` are appended to `inside`.
std::size_t split(const column& c, std::size_t n, double low, double high, std::vector<double>& inside);

// Throws the error that names the first integer that float64 cannot hold.
void require_exact(const column& c, std::size_t n, const std::string& argument);

// Counts of small whole numbers: the distinct values with their counts, sorted. False when some value is not one.
bool tabulate(const observations& x, std::vector<double>& values, std::vector<double>& counts);

// Throws the error that names the first observation that the family cannot hold, if there is one.
void require_valid(const family_entry& f, const observations& x);

// The same for one member of the family, whose support may be smaller than the family's widest.
void require_inside(const family_entry& f, const observations& x, const double* theta);

// ----- fits ------------------------------------------------------------------------------------------------------------------------

enum class fit_status { converged, boundary, unbounded, degenerate, not_identified, iteration_limit, stopped };

struct fit_limit {
  std::string family;
  limit_kind kind;
  std::vector<double> parameters;
  double log_likelihood;
};

struct fit_result {
  std::vector<double> parameters;
  std::vector<double> covariance;  // row-major; NaN where the theory has none
  fit_status status = fit_status::converged;
  std::string reason;
  double log_likelihood = std::numeric_limits<double>::quiet_NaN();
  double weight = 0.0;  // sum of weights
  std::size_t rows = 0;
  int free_parameters = 0;
  int passes = 0;
  int iterations = 0;
  double decrement = 0.0;
  bool has_limit = false;
  fit_limit limit;
};

struct fit_options {
  std::vector<double> fixed;  // NaN: free
  std::vector<double> start;  // empty: the family's own
  int iteration_limit = 200;
  std::function<void(int iteration, double decrement)> progress;
};

fit_result fit(const family_entry& f, const observations& x, const fit_options& options);

// Observations of which only an interval is known: ends are included, and infinite where open. A negative weight divides
// by the probability of the window to which an observation was truncated.
struct interval_rows {
  const double* lower = nullptr;
  const double* upper = nullptr;
  const double* weights = nullptr;
  std::ptrdiff_t weight_stride = 1;  // zero where all rows have the same
  std::size_t n = 0;
  std::size_t size() const { return n; }
  double weight(std::size_t i) const { return weights[static_cast<std::ptrdiff_t>(i) * weight_stride]; }
};

struct interval_table {
  std::vector<double> lower, upper, weight;
  interval_rows view() const { return {lower.data(), upper.data(), weight.data(), 1, weight.size()}; }
  void add(double low, double high, double w) {
    lower.push_back(low);
    upper.push_back(high);
    weight.push_back(w);
  }
};

// What rows of known values (lower == upper) and intervals hold.
struct survey {
  bool valid = true;  // no NaN, no lower end above its upper one, and something finite in every row
  std::size_t exact = 0, left = 0, right = 0, unknown = 0;  // known, open below, open above, open on both sides
  double least_upper = infinity, greatest_lower = -infinity;
  double least_exact = infinity, greatest_exact = -infinity;
};
survey survey_of(const double* lower, const double* upper, std::size_t n);
// Writes the ends of rows that were seen at `time`, or are only known to lie beyond it.
survey right_censored(const observations& time, const unsigned char* event, double* lower, double* upper);

// Where the known values and the intervals of rows go, with their weights where rows have any.
struct row_targets {
  double* value;
  double* value_weight;
  double* lower;
  double* upper;
  double* weight;
};
void split_rows(const double* lower, const double* upper, const double* weight, std::size_t n,
                const std::function<row_targets(std::size_t exact)>& allocate);
// Equal intervals as one; false where a sample shows that looking for them would not pay.
bool merge_equal(const interval_rows& rows, interval_table& out);

// log P(lower <= X <= upper) of every row, one or as many members as rows.
void map_intervals(const family_entry& f, const observations& lower, const observations& upper,
                   const parameter_columns& theta, double* out);
// Its derivatives by the canonical parameters, row by row.
void score_intervals(const family_entry& f, const observations& lower, const observations& upper,
                     const parameter_columns& theta, double* out);

// Sums over the rows of weight log P(lower <= X <= upper) and its derivatives.
derivative_sums differentiate(const family_entry& f, const interval_rows& rows, const point& p);
void log_probabilities(const family_entry& f, const interval_rows& rows, const point* points, int count, double* out);

// Plain values, of which there may be none, and intervals.
derivative_sums differentiate(const family_entry& f, const observations& exact, const interval_rows& intervals,
                              const point& p);
fit_result fit(const family_entry& f, const observations& exact, const interval_rows& intervals,
               const fit_options& options);

// Score and observed information in the canonical parameters.
struct local_likelihood {
  double value;
  std::vector<double> score, information;
};
local_likelihood local(const family_entry& f, const observations& x, const double* theta);
local_likelihood local(const family_entry& f, const observations& exact, const interval_rows& intervals,
                       const double* theta);
local_likelihood local(const family_entry& f, const derivative_sums& sums, const point& p, const double* theta);

// ----- random numbers ----------------------------------------------------------------------------------------------------------------

void sample(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
            std::uint64_t stream, double* out);
void sample_counts(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
                   std::uint64_t stream, std::int64_t* out);
void uniform_doubles(const char* name, std::size_t n, std::uint64_t seed, std::uint64_t stream, double* out);

}  // namespace thetahat
