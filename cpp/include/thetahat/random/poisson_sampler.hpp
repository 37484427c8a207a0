#pragma once

// Poisson draws by inversion, as doubles: the smallest k whose distribution function exceeds the uniform.
//
// One rate for all draws: a table and a guide to it. A rate for each: below 32 the sum that makes the table, in lanes;
// above, a quantile that is smooth in the rate and almost always settles k, else the table of that rate. Beyond
// largest_table the smooth quantile is the definition; it is off by less than 1e-6 counts there, or by its rounding.

#include "normal_quantile.hpp"
#include "poisson_table.hpp"
#include "tiles.hpp"

namespace thetahat {
inline namespace THETAHAT_TARGET {

namespace poisson_sampler {

constexpr double largest_table = 1e5;

// The draws of a tile that are found in the same way, side by side.
struct alignas(64) compact_draws {
  std::size_t count;
  std::uint32_t place[tile_draws + 1];
  double uniform[tile_draws], rate[tile_draws], result[tile_draws], scratch[2][tile_draws];

  template <class Belongs>
  void gather(const tile_words& words, const double* rates, Belongs&& belongs) {
    count = 0;
    for (std::uint32_t j = 0; j < tile_draws; ++j) {
      place[count] = j;
      count += belongs(rates[j]);
    }
    for (std::size_t k = 0; k < count; ++k) {
      uniform[k] = unit_interval(words.word[place[k]]);
      rate[k] = rates[place[k]];
    }
  }
};

// The sum of poisson_table::from_zero, term by term.
inline void sum_up(compact_draws& d, double* draws) {
  constexpr int stride = 8;  // terms between looking for finished draws
  double* const probability = d.scratch[0];
  double* const sum = d.scratch[1];
#pragma omp simd
  for (std::size_t k = 0; k < d.count; ++k) {
    probability[k] = vexp(-d.rate[k]);
    sum[k] = probability[k];
    d.result[k] = 0.0;
  }
  for (double term = 1.0; d.count != 0; term += stride) {
    double inverse[stride];
    for (int s = 0; s < stride; ++s) inverse[s] = 1.0 / (term + s);
#pragma omp simd
    for (std::size_t k = 0; k < d.count; ++k) {
      double p = probability[k], f = sum[k], counted = d.result[k];
      const double u = d.uniform[k], rate = d.rate[k];
      const auto advance = [&](double reciprocal) __attribute__((always_inline)) {
        p *= rate * reciprocal;
        const double next = f + p;
        counted += ((f <= u) & (next > f)) ? 1.0 : 0.0;
        f = next;
      };
      advance(inverse[0]);
      advance(inverse[1]);
      advance(inverse[2]);
      advance(inverse[3]);
      advance(inverse[4]);
      advance(inverse[5]);
      advance(inverse[6]);
      advance(inverse[7]);
      probability[k] = p;
      sum[k] = f;
      d.result[k] = counted;
    }
    const double all = term + (stride - 1);
    std::uint32_t unfinished[tile_draws + 1];
    std::size_t left = 0;
    for (std::uint32_t k = 0; k < d.count; ++k) {
      draws[d.place[k]] = d.result[k];
      unfinished[left] = k;
      left += d.result[k] == all;  // every term so far was counted
    }
    for (std::size_t k = 0; k < left; ++k) {
      const std::uint32_t from = unfinished[k];
      d.place[k] = d.place[from];
      d.uniform[k] = d.uniform[from];
      d.rate[k] = d.rate[from];
      d.result[k] = d.result[from];
      probability[k] = probability[from];
      sum[k] = sum[from];
    }
    d.count = left;
  }
}

// The real x with Q(x, rate) = Phi(w), Q the regularised upper incomplete gamma function; the Poisson quantile is its
// integer part. x = rate (1 + s + s^2 g(s)) + c0(s) + c1(s) / rate + O(rate^-2) with s = w / sqrt(rate), the inverse of
// Temme's uniform expansion in its first argument (as Giles 2016, "Algorithm 955", for the leading two terms);
// minimax polynomials for |s| <= 0.65.
THETAHAT_INLINE double smooth_quantile(double w, double rate, double inverse_rate) {
  const double root = __builtin_sqrt(rate);
  const double s = w * (root * inverse_rate);
  double g = __builtin_fma(s, 1.841763567612805e-05, -2.957852645944039e-05);
  g = __builtin_fma(s, g, 3.1233771688754006e-05);
  g = __builtin_fma(s, g, -6.137356391184313e-05);
  g = __builtin_fma(s, g, 0.0001284571314223734);
  g = __builtin_fma(s, g, -0.0002589424676019889);
  g = __builtin_fma(s, g, 0.0005583706371787759);
  g = __builtin_fma(s, g, -0.0013309494018581486);
  g = __builtin_fma(s, g, 0.003703708987728368);
  g = __builtin_fma(s, g, -0.01388889037655822);
  g = __builtin_fma(s, g, 0.16666666662948634);
  double c0 = __builtin_fma(s, 0.00023951509314220644, -0.00037139933399750095);
  c0 = __builtin_fma(s, c0, 0.0004183606532303864);
  c0 = __builtin_fma(s, c0, -0.0008073417330532713);
  c0 = __builtin_fma(s, c0, 0.00166075250160218);
  c0 = __builtin_fma(s, c0, -0.0035283976003978317);
  c0 = __builtin_fma(s, c0, 0.008641508525456103);
  c0 = __builtin_fma(s, c0, -0.027777623782778673);
  c0 = __builtin_fma(s, c0, 0.3333333382459967);
  double c1 = __builtin_fma(s, -0.005224159459291351, 0.006618013655061682);
  c1 = __builtin_fma(s, c1, -0.005602426406653679);
  c1 = __builtin_fma(s, c1, 0.008501680688311633);
  c1 = __builtin_fma(s, c1, -0.012788407579513867);
  c1 = __builtin_fma(s, c1, 0.017286298247723753);
  c1 = __builtin_fma(s, c1, -0.019751724868673968);
  return rate + __builtin_fma(root, w, __builtin_fma(w * w, g, __builtin_fma(c1, inverse_rate, c0)));
}

THETAHAT_INLINE double integer_part(double x) {  // for x >= 0
  const double rounded = (x + elementary::round_to_integer) - elementary::round_to_integer;
  const double below = rounded > x ? rounded - 1.0 : rounded;
  return x < 0x1p51 ? below : x;
}

// Marks with -1 what the smooth quantile cannot settle: an integer nearer than its error, the tails where the table's
// last bit counts, and |s| beyond the polynomials.
inline void settle(compact_draws& d) {
  double* const tail = d.scratch[0];
  double* const quantile = d.scratch[1];
#pragma omp simd
  for (std::size_t k = 0; k < d.count; ++k) {
    const double u = d.uniform[k];
    tail[k] = vlog_positive(u < 0.5 ? u : 1.0 - u);
  }
#pragma omp simd
  for (std::size_t k = 0; k < d.count; ++k) quantile[k] = normal_quantile(d.uniform[k], tail[k]);
#pragma omp simd
  for (std::size_t k = 0; k < d.count; ++k) {
    const double rate = d.rate[k];
    const double w = quantile[k];
    const double inverse_rate = 1.0 / rate;
    const double x = smooth_quantile(w, rate, inverse_rate);
    const double nearest = integer_part(x + 0.5);
    const double error = __builtin_fma(0.02 * inverse_rate, inverse_rate, 1e-7);
    const bool unsettled = (__builtin_fabs(x - nearest) < error) | (w * w > 0.65 * 0.65 * rate) | (tail[k] < -13.8);
    const double clipped = x < 0.0 ? 0.0 : x;
    d.result[k] = (unsettled & (rate <= largest_table)) ? -1.0 : integer_part(clipped);
  }
}

inline void sample_tile(const tile_words& words, const double* rates, compact_draws& d, poisson_table& table,
                        double* draws) {
  d.gather(words, rates, [](double rate) { return rate < poisson_table::rate_from_mode; });
  const bool any_large = d.count != tile_draws;
  sum_up(d, draws);
  if (!any_large) return;
  d.gather(words, rates, [](double rate) { return !(rate < poisson_table::rate_from_mode); });
  settle(d);
  for (std::size_t k = 0; k < d.count; ++k) {
    if (d.result[k] < 0.0) {
      table.build(d.rate[k]);
      d.result[k] = table.invert(d.uniform[k]);
    }
    draws[d.place[k]] = d.result[k];
  }
}

inline void sample_by_table(const stream_key& key, std::uint64_t begin, std::uint64_t end, double rate, double* out) {
  poisson_table table;
  poisson_guide guide;
  table.build(rate);
  guide.build(table, end - begin);
  for_each_span<tile_draws>(begin, end, out, [&](std::uint64_t tile, std::size_t, std::size_t, double* draws) {
    tile_words words;
    std::uint32_t crossed[tile_draws + 1];
    std::size_t count = 0;
    fill_words(key, tile, purpose::value, 0, draws, words);
    const std::uint64_t* const word = words.word;
    for (std::uint32_t j = 0; j < tile_draws; ++j) {
      const double entry = guide(word[j]);
      draws[j] = entry;
      crossed[count] = j;
      count += elementary::bits(entry) >> 63;
    }
    for (std::size_t k = 0; k < count; ++k) {
      double& draw = draws[crossed[k]];
      const auto from = static_cast<std::size_t>(-1.0 - draw);
      draw = table.first() + static_cast<double>(table.search(unit_interval(word[crossed[k]]), from));
    }
  });
}

}  // namespace poisson_sampler

// rate[0] for every draw if stride is 0, else rate[(i - begin) * stride] for draw i.
inline void sample_poisson(const stream_key& key, std::uint64_t begin, std::uint64_t end, const double* rate,
                           std::ptrdiff_t stride, double* out) {
  using namespace poisson_sampler;
  if (stride == 0 && *rate <= largest_table) return sample_by_table(key, begin, end, *rate, out);
  poisson_table table;
  compact_draws compact;
  alignas(64) double rates[tile_draws];
  for_each_span<tile_draws>(begin, end, out,
                            [&](std::uint64_t tile, std::size_t first, std::size_t last, double* draws) {
    const double* const given = rate + static_cast<std::ptrdiff_t>(tile * tile_draws + first - begin) * stride;
    if (last - first != tile_draws)
      for (double& r : rates) r = 1.0;
    for (std::size_t j = first; j < last; ++j) rates[j] = given[static_cast<std::ptrdiff_t>(j - first) * stride];
    tile_words words;
    fill_words(key, tile, purpose::value, 0, draws, words);
    sample_tile(words, rates, compact, table, draws);
  });
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
