// Rows that are values or intervals: what they hold, and the two kinds apart.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "dispatch.hpp"

namespace thetahat {

namespace {

std::size_t chunks(std::size_t n) { return (n + chunk_size - 1) / chunk_size; }

survey joined(const std::vector<survey>& parts) {
  survey s;
  for (const survey& p : parts) {
    s.valid &= p.valid;
    s.exact += p.exact;
    s.left += p.left;
    s.right += p.right;
    s.unknown += p.unknown;
    s.least_upper = std::min(s.least_upper, p.least_upper);
    s.greatest_lower = std::max(s.greatest_lower, p.greatest_lower);
    s.least_exact = std::min(s.least_exact, p.least_exact);
    s.greatest_exact = std::max(s.greatest_exact, p.greatest_exact);
  }
  return s;
}

// Rows of one kind, gathered in a tile before they go where no other task writes.
struct gathered {
  double lower[tile_size + 1], upper[tile_size + 1], weight[tile_size + 1];
  std::size_t count = 0;
  void move_to(double* low, double* high, double* w) {
    std::memcpy(low, lower, count * sizeof(double));
    if (high != nullptr) std::memcpy(high, upper, count * sizeof(double));
    if (w != nullptr) std::memcpy(w, weight, count * sizeof(double));
    count = 0;
  }
};

std::size_t hash_of(double a, double b) {
  const auto x = std::bit_cast<std::uint64_t>(a + 0.0), y = std::bit_cast<std::uint64_t>(b + 0.0);  // -0 as 0
  std::uint64_t h = (x ^ (y * 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 29)) * 0x94d049bb133111ebu;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

// Distinct intervals with the sums of their weights, in the order of their first rows; false where there are more than
// `most`.
bool distinct(const interval_rows& rows, std::size_t stride, std::size_t most, interval_table& out) {
  std::size_t size = 64;
  while (size < 4 * most) size *= 2;
  constexpr std::uint32_t empty = ~std::uint32_t{0};
  std::vector<std::uint32_t> table(size, empty);
  for (std::size_t i = 0; i < rows.n; i += stride) {
    const double low = rows.lower[i], high = rows.upper[i];
    std::size_t at = hash_of(low, high) & (size - 1);
    while (table[at] != empty && (out.lower[table[at]] != low || out.upper[table[at]] != high))
      at = (at + 1) & (size - 1);
    if (table[at] == empty) {
      if (out.weight.size() == most) return false;
      table[at] = static_cast<std::uint32_t>(out.weight.size());
      out.add(low, high, 0.0);
    }
    out.weight[table[at]] += rows.weight(i);
  }
  return true;
}

}  // namespace

survey survey_of(const double* lower, const double* upper, std::size_t n) {
  std::vector<survey> parts(chunks(n));
  parallel_for(parts.size(), [&](std::size_t c) {
    survey s;
    const std::size_t begin = c * chunk_size;
    common().look(lower + begin, upper + begin, std::min(chunk_size, n - begin), s);
    parts[c] = s;
  });
  return joined(parts);
}

survey right_censored(const observations& time, const unsigned char* event, double* lower, double* upper) {
  std::vector<survey> parts(chunks(time.n));
  parallel_for(parts.size(), [&](std::size_t c) {
    survey s;
    const std::size_t end = std::min(time.n, (c + 1) * chunk_size);
    for (std::size_t t = c * chunk_size; t < end; t += tile_size) {
      const std::size_t count = std::min(tile_size, end - t);
      common().read(time.value, t, count, lower + t);
      for (std::size_t i = t; i < t + count; ++i) upper[i] = event[i] != 0 ? lower[i] : infinity;
      common().look(lower + t, upper + t, count, s);
    }
    parts[c] = s;
  });
  return joined(parts);
}

void split_rows(const double* lower, const double* upper, const double* weight, std::size_t n,
                const std::function<row_targets(std::size_t exact)>& allocate) {
  std::vector<std::size_t> exact_before(chunks(n) + 1);
  parallel_for(chunks(n), [&](std::size_t c) {
    std::size_t count = 0;
    for (std::size_t i = c * chunk_size; i < std::min(n, (c + 1) * chunk_size); ++i) count += lower[i] == upper[i];
    exact_before[c + 1] = count;
  });
  for (std::size_t c = 0; c < chunks(n); ++c) exact_before[c + 1] += exact_before[c];
  const row_targets to = allocate(exact_before.back());
  parallel_for(chunks(n), [&](std::size_t c) {
    std::size_t e = exact_before[c], k = c * chunk_size - e;
    gathered known, within;
    const std::size_t end = std::min(n, (c + 1) * chunk_size);
    for (std::size_t t = c * chunk_size; t < end; t += tile_size) {
      for (std::size_t i = t; i < std::min(end, t + tile_size);
           ++i) {  // written to both sides: no branch to mispredict
        const double w = weight != nullptr ? weight[i] : 1.0;
        known.lower[known.count] = within.lower[within.count] = lower[i];
        within.upper[within.count] = upper[i];
        known.weight[known.count] = within.weight[within.count] = w;
        const std::size_t exact = lower[i] == upper[i] ? 1 : 0;
        known.count += exact;
        within.count += 1 - exact;
      }
      const std::size_t values = known.count, intervals = within.count;
      known.move_to(to.value + e, nullptr, weight != nullptr ? to.value_weight + e : nullptr);
      within.move_to(to.lower + k, to.upper + k, weight != nullptr ? to.weight + k : nullptr);
      e += values;
      k += intervals;
    }
  });
}

bool merge_equal(const interval_rows& rows, interval_table& out) {
  constexpr std::size_t looked_at = 1000;
  const std::size_t stride = std::max<std::size_t>(1, rows.n / looked_at);
  interval_table sample;
  if (!distinct(rows, stride, (rows.n + stride - 1) / stride / 2, sample)) return false;
  return distinct(rows, 1, rows.n, out);
}

}  // namespace thetahat
