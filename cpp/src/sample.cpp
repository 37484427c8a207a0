// Draws from every family: a standard law's draws on the pool, then the family's own function of each.

#include <algorithm>

#include "dispatch.hpp"
#include "thetahat/api.hpp"
#include "thetahat/random/stream.hpp"

namespace thetahat {

namespace {

constexpr std::uint64_t sampler_version = 1;

void over_chunks(std::size_t n, const std::function<void(std::size_t begin, std::size_t end)>& body) {
  parallel_for((n + chunk_size - 1) / chunk_size,
               [&](std::size_t c) { body(c * chunk_size, std::min(n, (c + 1) * chunk_size)); });
}

// Calls finish(begin, end) after each piece, while it is in the cache.
template <class Finish>
void draw_all(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
              std::uint64_t stream, double* out, Finish finish) {
  const cold_table& cold = *f.cold;
  const stream_key key = make_stream_key(seed, stream, cold.info->name, sampler_version);
  bool fixed = true;
  for (int k = 0; k < cold.parameter_count; ++k) fixed &= theta.stride[k] == 0;
  const auto row = [&](std::size_t i, double* values) {
    for (int k = 0; k < cold.parameter_count; ++k)
      values[k] = theta.data[k][static_cast<std::ptrdiff_t>(i) * theta.stride[k]];
  };
  const bool shaped = cold.method == draw_method::gamma || cold.method == draw_method::poisson;
  constexpr std::size_t piece = 2048;  // stays in L1 between the standard draw and the family's function of it
  const auto fill = [&](std::size_t begin, std::size_t end) {
    double* to = out + begin;
    double values[max_parameters] = {};
    // The standard law's own parameter: one, or one for each row.
    double parameter[piece];
    const std::ptrdiff_t stride = shaped && !fixed ? 1 : 0;
    for (std::size_t i = 0; i < (stride == 1 ? end - begin : 1); ++i) {
      row(begin + i, values);
      parameter[i] = cold.draw_parameter(values);
    }
    switch (cold.method) {
      case draw_method::normal: sampling().normal(key, begin, end, to); break;
      case draw_method::exponential: sampling().exponential(key, begin, end, to); break;
      case draw_method::gamma: sampling().gamma(key, begin, end, parameter, stride, to); break;
      case draw_method::poisson: sampling().poisson(key, begin, end, parameter, stride, to); return;
      case draw_method::inversion: sampling().uniform(key, begin, end, to); break;
    }
    if (fixed) return cold.draw_all(values, to, end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      row(i, values);
      to[i - begin] = cold.draw(values, to[i - begin]);
    }
  };
  over_chunks(n, [&](std::size_t begin, std::size_t end) {
    if (cold.method == draw_method::poisson && fixed) {  // its table is made once a call
      double rate[max_parameters];
      row(0, rate);
      rate[0] = cold.draw_parameter(rate);
      sampling().poisson(key, begin, end, rate, 0, out + begin);
      return finish(begin, end);
    }
    for (std::size_t i = begin; i < end; i += piece) {
      const std::size_t stop = std::min(end, i + piece);
      fill(i, stop);
      finish(i, stop);
    }
  });
}

}  // namespace

void uniform_doubles(const char* name, std::size_t n, std::uint64_t seed, std::uint64_t stream, double* out) {
  const stream_key key = make_stream_key(seed, stream, name, sampler_version);
  over_chunks(n, [&](std::size_t begin, std::size_t end) { sampling().uniform(key, begin, end, out + begin); });
}

void sample(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
            std::uint64_t stream, double* out) {
  draw_all(f, theta, n, seed, stream, out, [](std::size_t, std::size_t) {});
}

void sample_counts(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
                   std::uint64_t stream, std::int64_t* out) {
  static_assert(sizeof(double) == sizeof(std::int64_t));
  auto* const draws = reinterpret_cast<double*>(out);
  draw_all(f, theta, n, seed, stream, draws, [&](std::size_t begin, std::size_t end) {
    const std::size_t fitting = sampling().to_int64(draws + begin, end - begin);
    if (begin + fitting == end) return;
    throw error(error_kind::parameter,
                "parameters must keep the draws of " + std::string(f.cold->info->class_name) +
                    " below 2^63, got a draw of " + text(draws[begin + fitting]) + " at index " +
                    std::to_string(begin + fitting) +
                    "; at that size draw from a continuous family with the same mean and variance");
  });
}
}  // namespace thetahat
