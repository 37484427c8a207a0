#pragma once

// The Poisson distribution function as a table, and its inverse. Everything that draws Poisson counts inverts these
// very numbers, so that a draw depends on its rate and its uniform alone and not on the way that found it.

#include <algorithm>
#include <vector>

#include "../math/elementary.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

class poisson_table {
 public:
  // Below this rate the sum starts at 0, as lanes can do it as well; above, at the mode, where nothing underflows.
  static constexpr double rate_from_mode = 32.0;

  void build(double rate) {
    cumulative_.clear();
    if (rate < rate_from_mode) from_zero(rate);
    else from_mode(rate);
    // The last entry exceeds every uniform.
    cumulative_.back() = elementary::infinity;
  }

  double first() const { return first_; }
  std::size_t size() const { return cumulative_.size(); }

  // The smallest position >= `from` whose distribution function exceeds u.
  std::size_t search(double u, std::size_t from) const {
    while (cumulative_[from] <= u) ++from;
    return from;
  }

  double invert(double u) const {
    const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), u);
    return first_ + static_cast<double>(at - cumulative_.begin());
  }

 private:
  void from_zero(double rate) {
    first_ = 0.0;
    double probability = vexp(-rate);
    double sum = probability;
    cumulative_.push_back(sum);
    for (double k = 1.0;; k += 1.0) {
      probability *= rate * (1.0 / k);
      const double next = sum + probability;
      if (!(next > sum)) return;
      sum = next;
      cumulative_.push_back(sum);
    }
  }

  // Probabilities relative to the mode's, while they can change a sum that is a double; then a compensated sum.
  void from_mode(double rate) {
    constexpr double negligible = 0x1p-75;
    const double mode = static_cast<double>(static_cast<std::int64_t>(rate));
    double k = mode;
    for (double p = 1.0; p > negligible && k >= 0.0; k -= 1.0) {
      cumulative_.push_back(p);
      p *= k / rate;
    }
    first_ = k + 1.0;
    std::reverse(cumulative_.begin(), cumulative_.end());
    k = mode + 1.0;
    for (double p = rate / k; p > negligible; p *= rate / k) {
      cumulative_.push_back(p);
      k += 1.0;
    }
    double high = 0.0, low = 0.0;
    for (double& entry : cumulative_) {
      const double next = high + entry;
      const double added = next - high;
      low += (high - (next - added)) + (entry - added);
      high = next;
      entry = high + low;
    }
    const double total = cumulative_.back();
    for (double& entry : cumulative_) entry /= total;
  }

  std::vector<double> cumulative_;
  double first_ = 0.0;
};

// Cells of equal probability over a table: a cell that no step of the distribution function crosses holds the count
// itself, any other holds -1 - position of the first candidate.
class poisson_guide {
 public:
  // More cells settle more draws and cost more to fill; their number leaves no trace in the draws.
  void build(const poisson_table& table, std::uint64_t draws) {
    bits_ = fewest_bits;
    while (bits_ < most_bits && (std::uint64_t{1} << bits_) < draws &&
           (bits_ < usual_bits || (std::size_t{1} << bits_) < cells_per_entry * table.size()))
      ++bits_;
    const std::size_t cells = std::size_t{1} << bits_;
    const double width = 1.0 / static_cast<double>(cells);
    cell_.resize(cells);
    std::size_t position = 0;
    for (std::size_t c = 0; c < cells; ++c) {
      const std::size_t next = table.search((static_cast<double>(c) + 1.0) * width - 0x1p-53, position);
      position = table.search(static_cast<double>(c) * width + 0x1p-53, position);
      cell_[c] =
          next == position ? table.first() + static_cast<double>(position) : -1.0 - static_cast<double>(position);
    }
  }

  double operator()(std::uint64_t word) const { return cell_[word >> (64 - bits_)]; }

 private:
  static constexpr int fewest_bits = 6, usual_bits = 11, most_bits = 14;
  static constexpr std::size_t cells_per_entry = 4;
  std::vector<double> cell_;
  int bits_ = 0;
};

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
