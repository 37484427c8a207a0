// The d-dimensional rectangle: its statistics are the extremes of every coordinate.

#include "thetahat/box.hpp"

#include <algorithm>
#include <cmath>

namespace thetahat::box {

namespace {

constexpr std::size_t rows_per_task = 4096;

template <class Body>
void over_rows(std::size_t n, Body body) {
  parallel_for((n + rows_per_task - 1) / rows_per_task,
               [&](std::size_t task) { body(task, task * rows_per_task, std::min(n, (task + 1) * rows_per_task)); });
}

double log_volume(const double* low, const double* high, std::size_t d) {
  double sum = 0.0;
  for (std::size_t k = 0; k < d; ++k) sum += std::log(high[k] - low[k]);
  return sum;
}

}  // namespace

void log_prob(const double* x, std::size_t n, std::size_t d, const double* low, const double* high, double* out) {
  const double inside = -log_volume(low, high, d);
  over_rows(n, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      bool in = true;
      for (std::size_t k = 0; k < d; ++k) {
        const double v = x[i * d + k];
        if (std::isnan(v))
          throw error(error_kind::data, "x must not contain NaN, got NaN at index (" + std::to_string(i) + ", " +
                                            std::to_string(k) + "); drop or replace missing values first");
        in &= v >= low[k] && v <= high[k];
      }
      out[i] = in ? inside : -infinity;
    }
  });
}

void cdf(const double* x, std::size_t n, std::size_t d, const double* low, const double* high, double* out) {
  over_rows(n, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      double product = 1.0;
      for (std::size_t k = 0; k < d; ++k) product *= std::clamp((x[i * d + k] - low[k]) / (high[k] - low[k]), 0.0, 1.0);
      out[i] = product;
    }
  });
}

estimate fit(const double* x, const double* weights, std::size_t n, std::size_t d) {
  struct extremes {
    std::vector<double> low, high;
    double weight = 0.0;
  };
  std::vector<extremes> parts((n + rows_per_task - 1) / rows_per_task);
  over_rows(n, [&](std::size_t task, std::size_t begin, std::size_t end) {
    extremes& e = parts[task];
    e.low.assign(d, infinity);
    e.high.assign(d, -infinity);
    for (std::size_t i = begin; i < end; ++i) {
      const double w = weights != nullptr ? weights[i] : 1.0;
      if (w == 0.0) continue;
      e.weight += w;
      for (std::size_t k = 0; k < d; ++k) {
        const double v = x[i * d + k];
        if (!std::isfinite(v))
          throw error(error_kind::data, "x must be finite, got " + std::string(std::isnan(v) ? "NaN" : "infinity") +
                                            " at index (" + std::to_string(i) + ", " + std::to_string(k) +
                                            "); drop the rows, or pass missing='drop'");
        e.low[k] = std::min(e.low[k], v);
        e.high[k] = std::max(e.high[k], v);
      }
    }
  });
  estimate out;
  out.low.assign(d, infinity);
  out.high.assign(d, -infinity);
  for (const extremes& e : parts) {
    out.weight += e.weight;
    for (std::size_t k = 0; k < d; ++k) {
      out.low[k] = std::min(out.low[k], e.low[k]);
      out.high[k] = std::max(out.high[k], e.high[k]);
    }
  }
  for (std::size_t k = 0; k < d; ++k) out.flat |= !(out.low[k] < out.high[k]);
  out.log_likelihood = out.flat ? infinity : -out.weight * log_volume(out.low.data(), out.high.data(), d);
  return out;
}

void sample(const double* low, const double* high, std::size_t n, std::size_t d, std::uint64_t seed,
            std::uint64_t stream, double* out) {
  uniform_doubles("box", n * d, seed, stream, out);
  over_rows(n, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t k = 0; k < d; ++k) out[i * d + k] = low[k] + (high[k] - low[k]) * out[i * d + k];
  });
}

}  // namespace thetahat::box
