#pragma once

// Distribution functions of laws that are known by their density alone.

namespace thetahat::special {

// A density in a coordinate y, up to a factor: it falls from the mode towards either end, which may be infinite, and is
// smooth but at the mode and the ends. A coordinate in which log f is concave, or in which it falls at most like a
// power of y, needs the fewest evaluations; an end where f does not vanish, or vanishes, needs no coordinate of its own.
struct density {
  static constexpr int size = 6;
  double (*log_f)(const double* parameters, double y);
  double (*mode)(const double* parameters);
  double parameters[size];
  double lower, upper;
};

// P(Y <= y), P(Y > y) and their logarithms, which stay right where the probabilities underflow: about 1e-14 of the
// probability, 1e-14 max(1, |log|) of the logarithm. A law's table is made once and kept while it is in use.
double lower_tail(const density& f, double y);
double upper_tail(const density& f, double y);
double log_lower_tail(const density& f, double y);
double log_upper_tail(const density& f, double y);
// log P(a < Y <= b), a <= b on one side of the mode; without cancellation.
double log_between(const density& f, double a, double b);
// The y with P(Y <= y) = q, or P(Y > y) = q.
double lower_quantile(const density& f, double q);
double upper_quantile(const density& f, double q);
// The means of Y and of -log f(Y), f made to integrate to one, of laws without heavy tails in y.
double mean(const density& f);
double entropy(const density& f);

}  // namespace thetahat::special
