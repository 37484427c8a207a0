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

}  // namespace

void uniform_doubles(const char* name, std::size_t n, std::uint64_t seed, std::uint64_t stream, double* out) {
  const stream_key key = make_stream_key(seed, stream, name, sampler_version);
  over_chunks(n, [&](std::size_t begin, std::size_t end) { sampling().uniform(key, begin, end, out + begin); });
}

void sample(const family_entry& f, const parameter_columns& theta, std::size_t n, std::uint64_t seed,
            std::uint64_t stream, double* out) {
  const cold_table& cold = *f.cold;
  const stream_key key = make_stream_key(seed, stream, cold.info->name, sampler_version);
  bool fixed = true;
  for (int k = 0; k < cold.parameter_count; ++k) fixed &= theta.stride[k] == 0;
  const auto row = [&](std::size_t i, double* values) {
    for (int k = 0; k < cold.parameter_count; ++k)
      values[k] = theta.data[k][static_cast<std::ptrdiff_t>(i) * theta.stride[k]];
  };
  const bool shaped = cold.method == draw_method::gamma || cold.method == draw_method::poisson;
  over_chunks(n, [&](std::size_t begin, std::size_t end) {
    double* to = out + begin;
    double values[max_parameters];
    // The standard law's own parameter: one, or one for each row.
    std::vector<double> parameter(shaped && !fixed ? end - begin : 1);
    for (std::size_t i = 0; i < parameter.size(); ++i) {
      row(begin + i, values);
      parameter[i] = cold.draw_parameter(values);
    }
    const std::ptrdiff_t stride = shaped && !fixed ? 1 : 0;
    switch (cold.method) {
      case draw_method::normal: sampling().normal(key, begin, end, to); break;
      case draw_method::exponential: sampling().exponential(key, begin, end, to); break;
      case draw_method::gamma: sampling().gamma(key, begin, end, parameter.data(), stride, to); break;
      case draw_method::poisson: sampling().poisson(key, begin, end, parameter.data(), stride, to); return;
      case draw_method::inversion: sampling().uniform(key, begin, end, to); break;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (!fixed) row(i, values);
      to[i - begin] = cold.draw(values, to[i - begin]);
    }
  });
}

}  // namespace thetahat
