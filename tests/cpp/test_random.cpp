// The samplers against published answers, against themselves cut into pieces and on every target, and against the laws
// that they claim to draw from. Seeds are fixed: a statistical failure is a change, not bad luck.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "targets.hpp"  // generated: THETAHAT_FOR_EACH_TARGET
#include "thetahat/random/philox_lanes.hpp"
#include "thetahat/random/sampling_table.hpp"
#include "thetahat/random/stream.hpp"

namespace thetahat {
#define THETAHAT_DECLARE_SAMPLING(target) extern const sampling_table sampling_ops_##target;
THETAHAT_FOR_EACH_TARGET(THETAHAT_DECLARE_SAMPLING)
}  // namespace thetahat

namespace {

using namespace thetahat;
using draws = std::vector<double>;

int failures = 0;

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::printf("FAILED: %s\n", what.c_str());
}

void check_near(double value, double expected, double tolerance, const std::string& what) {
  check(std::abs(value - expected) <= tolerance, what + ": " + std::to_string(value) + ", expected " +
                                                     std::to_string(expected) + " to " + std::to_string(tolerance));
}

struct target {
  const char* name;
  const sampling_table* table;
};

bool runs_here(const std::string& name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (name == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (name == "avx512") return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#endif
  return name == "baseline";
}

std::vector<target> usable_targets() {
  std::vector<target> usable;
#define THETAHAT_TARGET_ROW(name) \
  if (runs_here(#name)) usable.push_back({#name, &sampling_ops_##name});
  THETAHAT_FOR_EACH_TARGET(THETAHAT_TARGET_ROW)
  return usable;
}

const std::vector<target> targets = usable_targets();
const sampling_table& fastest = *targets.back().table;

// ----- the generator and the stream ---------------------------------------------------------------------------------------

struct known_answer {
  philox::counter counter;
  std::uint32_t key[2];
  std::uint64_t first, second;
};

// philox4x32, 10 rounds, of Random123's kat_vectors.
const known_answer known_answers[] = {
    {{{0, 0, 0, 0}}, {0, 0}, 0x6627e8d5e169c58du, 0xbc57ac4c9b00dbd8u},
    {{{0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}},
     {0xffffffffu, 0xffffffffu},
     0x408f276d41c83b0eu,
     0xa20bc7c66d5451fdu},
    {{{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}},
     {0xa4093822u, 0x299f31d0u},
     0xd16cfe0994fdccebu,
     0x5001e42024126ea1u},
};

void test_known_answers() {
  for (const known_answer& k : known_answers) {
    const philox::halves scalar = philox::block(k.counter, k.key[0], k.key[1]);
    check(scalar.first == k.first && scalar.second == k.second, "Philox4x32-10 known answer, one block");
    const philox::batch batch(k.key[0], k.key[1], k.counter.word[1], k.counter.word[2], k.counter.word[3]);
    const philox::lanes word_0 = philox::broadcast(k.counter.word[0]);
    philox::lanes first, second;
    batch.blocks<1>(&word_0, &first, &second);
    for (std::size_t l = 0; l < philox::lane_width; ++l)
      check(first[l] == k.first && second[l] == k.second, "Philox4x32-10 known answer, lanes");
  }
  check(fnv_1a("") == 0xcbf29ce484222325u && fnv_1a("a") == 0xaf63dc4c8601ec8cu, "FNV-1a known answers");
  check(absorb(0, 0) == 0xe220a8397b1dcdafu, "SplitMix64 known answer: the first output for seed 0");
}

void test_key_depends_on_every_argument() {
  const auto same = [](const stream_key& a, const stream_key& b) {
    return a.word[0] == b.word[0] && a.word[1] == b.word[1];
  };
  const stream_key key = make_stream_key(1, 2, "family", 3);
  check(same(key, make_stream_key(1, 2, "family", 3)), "equal arguments give equal keys");
  check(!same(key, make_stream_key(2, 2, "family", 3)), "the key depends on the seed");
  check(!same(key, make_stream_key(1, 1, "family", 3)), "the key depends on the stream");
  check(!same(key, make_stream_key(2, 1, "family", 3)), "seed and stream do not commute");
  check(!same(key, make_stream_key(1, 2, "familz", 3)), "the key depends on the family");
  check(!same(key, make_stream_key(1, 2, "family", 4)), "the key depends on the sampler version");
}

// Draw i uses block 256 (i / 512) + i mod 256 and its half (i mod 512) / 256.
void test_layout() {
  const stream_key key = make_stream_key(5, 0, "layout", 1);
  for (const std::uint64_t begin : {std::uint64_t{0}, (std::uint64_t{1} << 33) - 700}) {
    draws u(1500);
    fastest.uniform(key, begin, begin + u.size(), u.data());
    bool equal = true;
    for (std::size_t k = 0; k < u.size(); ++k) {
      const std::uint64_t i = begin + k;
      const std::uint64_t block = 256 * (i / 512) + i % 256;
      const philox::counter counter{{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0}};
      const philox::halves halves = philox::block(counter, key.word[0], key.word[1]);
      const std::uint64_t word = i % 512 < 256 ? halves.first : halves.second;
      equal &= u[k] == (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
    }
    check(equal, "uniforms from index " + std::to_string(begin) + " follow the documented layout");
  }
  check(unit_interval(0) == 0x1p-53 && unit_interval(~std::uint64_t{0}) == 1.0 - 0x1p-53, "uniforms exclude 0 and 1");
}

// ----- partitions, targets, neighbours ------------------------------------------------------------------------------------

struct sampler {
  std::string name;
  std::function<void(const sampling_table&, const stream_key&, std::uint64_t, std::uint64_t, double*)> fill;
  std::uint64_t hash;  // FNV-1a of the bytes of draws 0 .. 4095 of the key below: what a version number stands for
};

const stream_key pinned = make_stream_key(2024, 7, "pinned", 1);

// Shapes and rates for every draw, all magnitudes side by side; row i belongs to draw i.
const draws& mixed(const std::vector<double>& values) {
  static std::vector<std::pair<std::vector<double>, draws>> made;
  for (const auto& m : made)
    if (m.first == values) return m.second;
  made.reserve(16);
  draws rows(6000);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = values[(5 * i + i / 11) % values.size()];
  made.emplace_back(values, rows);
  return made.back().second;
}

const std::vector<double> mixed_shapes = {2.5, 1e-3, 1.0, 0.3, 40.0, 1e8, 0.999};
const std::vector<double> mixed_rates = {4.0, 0.0, 31.9, 32.0, 1e-3, 700.0, 1e5, 2e5, 1e12};

std::vector<sampler> all_samplers() {
  std::vector<sampler> all = {
      {"uniform", [](auto& t, auto& k, auto b, auto e, double* o) { t.uniform(k, b, e, o); }, 0xf788e688762fd9a0u},
      {"normal", [](auto& t, auto& k, auto b, auto e, double* o) { t.normal(k, b, e, o); }, 0x9b3a85bc0098ba98u},
      {"exponential", [](auto& t, auto& k, auto b, auto e, double* o) { t.exponential(k, b, e, o); },
       0x1e939d241f48c65cu},
  };
  const auto gamma = [&](double shape, std::uint64_t hash) {
    all.push_back({"gamma " + std::to_string(shape),
                   [shape](auto& t, auto& k, auto b, auto e, double* o) { t.gamma(k, b, e, &shape, 0, o); }, hash});
  };
  const auto poisson = [&](double rate, std::uint64_t hash) {
    all.push_back({"poisson " + std::to_string(rate),
                   [rate](auto& t, auto& k, auto b, auto e, double* o) { t.poisson(k, b, e, &rate, 0, o); }, hash});
  };
  gamma(2.5, 0x215b358657e6560du);
  gamma(0.05, 0xb2bdf749ca8023e8u);
  gamma(1e7, 0x77f458458f19511eu);
  poisson(4.0, 0xd725adbfbb2968c1u);
  poisson(250.0, 0x76954359ddbd9055u);
  poisson(3e6, 0x46f3335188aba7e1u);
  all.push_back({"gamma, a shape each", [](auto& t, auto& k, auto b, auto e, double* o) {
    t.gamma(k, b, e, mixed(mixed_shapes).data() + b, 1, o);
  }, 0xd8eea64a47da96c9u});
  all.push_back({"poisson, a rate each", [](auto& t, auto& k, auto b, auto e, double* o) {
    t.poisson(k, b, e, mixed(mixed_rates).data() + b, 1, o);
  }, 0x9f44ab6f38711945u});
  return all;
}

std::uint64_t hash_of(const draws& x) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const double v : x) {
    unsigned char bytes[sizeof v];
    std::memcpy(bytes, &v, sizeof v);
    for (const unsigned char b : bytes) hash = (hash ^ b) * 0x100000001b3u;
  }
  return hash;
}

bool same_bytes(const draws& a, const draws& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void test_targets_agree() {
  for (const sampler& s : all_samplers()) {
    for (const target& t : targets) {
      draws x(4096);
      s.fill(*t.table, pinned, 0, x.size(), x.data());
      char found[32];
      std::snprintf(found, sizeof found, "0x%016llx", static_cast<unsigned long long>(hash_of(x)));
      check(hash_of(x) == s.hash, s.name + " on " + t.name + ": hash of the draws is " + found);
    }
  }
}

void test_partitions() {
  constexpr std::uint64_t n = 5000;
  for (const sampler& s : all_samplers()) {
    draws whole(n);
    s.fill(fastest, pinned, 0, n, whole.data());
    for (const std::uint64_t piece : {1u, 7u, 511u, 512u, 1024u, 2049u}) {
      if (piece == 1 && s.name.rfind("poisson", 0) == 0) continue;  // a table for every draw
      draws pieces(n, std::numeric_limits<double>::quiet_NaN());
      for (std::uint64_t end = n; end > 0;) {
        const std::uint64_t begin = end > piece ? end - piece : 0;
        s.fill(fastest, pinned, begin, end, pieces.data() + begin);
        end = begin;
      }
      check(same_bytes(whole, pieces), s.name + " in pieces of " + std::to_string(piece) + " from the end");
    }
    double untouched = 42.0;
    s.fill(fastest, pinned, 17, 17, &untouched);
    check(untouched == 42.0, s.name + " over an empty range writes nothing");
  }
}

// A draw is the same whether its parameter stands alone or in a column, whatever stands beside it, NaN included.
void test_neighbours() {
  using entry = decltype(sampling_table::gamma);
  const auto test = [](entry draw, const std::vector<double>& values, const std::string& name) {
    constexpr std::uint64_t begin = 300, end = 3300;
    std::vector<double> padded = values;
    padded.push_back(std::numeric_limits<double>::quiet_NaN());
    const draws& rows = mixed(padded);
    draws mixture(end - begin), strided(end - begin), wide(2 * (end - begin));
    for (std::size_t i = 0; i < wide.size(); i += 2) wide[i] = rows[begin + i / 2];
    draw(pinned, begin, end, rows.data() + begin, 1, mixture.data());
    draw(pinned, begin, end, wide.data(), 2, strided.data());
    check(same_bytes(mixture, strided), name + " with a column of stride 2");
    for (const double value : values) {
      draws alone(end - begin);
      draw(pinned, begin, end, &value, 0, alone.data());
      bool equal = true;
      for (std::size_t i = 0; i < alone.size(); ++i) equal &= rows[begin + i] != value || alone[i] == mixture[i];
      check(equal, name + " " + std::to_string(value) + " alone and among others");
    }
  };
  test(fastest.gamma, mixed_shapes, "gamma");
  test(fastest.poisson, mixed_rates, "poisson");
}

// ----- the laws -----------------------------------------------------------------------------------------------------------

constexpr std::size_t many = 400000;

// Kolmogorov-Smirnov; the bound has a false alarm rate of 1e-6.
void check_law(draws x, const std::function<double(double)>& cdf, const std::string& name) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = cdf(x[i]);
    distance = std::max({distance, (static_cast<double>(i) + 1.0) / n - p, p - static_cast<double>(i) / n});
  }
  check(distance * std::sqrt(n) < 2.7,
        name + ": Kolmogorov-Smirnov statistic " + std::to_string(distance * std::sqrt(n)));
}

// Mean and variance within 5 standard errors, given the variance and the fourth central moment over its square.
void check_moments(const draws& x, double mean, double variance, double kurtosis, const std::string& name) {
  const double n = static_cast<double>(x.size());
  double first = 0.0, second = 0.0;
  for (const double v : x) first += v - mean;
  for (const double v : x) second += (v - mean) * (v - mean);
  check_near(first / n / std::sqrt(variance / n), 0.0, 5.0, name + ": standardised error of the mean");
  check_near((second / n / variance - 1.0) / std::sqrt((kurtosis - 1.0) / n), 0.0, 5.0,
             name + ": standardised error of the variance");
}

double correlation(const draws& x, std::size_t lag, double mean) {
  double product = 0.0, square = 0.0;
  for (std::size_t i = 0; i + lag < x.size(); ++i) {
    product += (x[i] - mean) * (x[i + lag] - mean);
    square += (x[i] - mean) * (x[i] - mean);
  }
  return product / square * std::sqrt(static_cast<double>(x.size() - lag));
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z * std::sqrt(0.5)); }

// The regularised lower incomplete gamma function by its power series.
double gamma_cdf(double a, double x) {
  if (x <= 0.0) return 0.0;
  double term = 1.0, sum = 1.0;
  for (double k = 1.0; k < 100000.0 && term > 1e-18 * sum; k += 1.0) {
    term *= x / (a + k);
    sum += term;
  }
  return std::min(1.0, sum * std::exp(a * std::log(x) - x - std::lgamma(a + 1.0)));
}

void test_continuous_laws() {
  const stream_key key = make_stream_key(11, 0, "laws", 1);
  draws x(many);
  fastest.uniform(key, 0, many, x.data());
  check_law(x, [](double u) { return u; }, "uniform");
  check_moments(x, 0.5, 1.0 / 12.0, 1.8, "uniform");
  for (const std::size_t lag : {1u, 2u, 256u, 512u})
    check_near(correlation(x, lag, 0.5), 0.0, 5.0, "uniform, serial correlation");
  fastest.normal(key, 0, many, x.data());
  check_law(x, normal_cdf, "normal");
  check_moments(x, 0.0, 1.0, 3.0, "normal");
  for (const std::size_t lag : {1u, 2u, 256u, 512u})
    check_near(correlation(x, lag, 0.0), 0.0, 5.0, "normal, serial correlation");
  draws squares(x);
  for (double& v : squares) v *= v;
  check_near(correlation(squares, 256, 1.0), 0.0, 5.0, "normal, correlation of the squares of a pair");
  int quadrant[4] = {};
  for (std::size_t i = 0; i + 256 < many; i += i % 512 == 255 ? 257 : 1)
    ++quadrant[2 * (x[i] < 0.0) + (x[i + 256] < 0.0)];
  for (const int count : quadrant)
    check_near((count - many / 8.0) / std::sqrt(many * 3.0 / 32.0), 0.0, 5.0, "normal, quadrants of a pair");
  fastest.exponential(key, 0, many, x.data());
  check_law(x, [](double v) { return -std::expm1(-v); }, "exponential");
  check_moments(x, 1.0, 1.0, 9.0, "exponential");
}

void test_gamma_laws() {
  const stream_key key = make_stream_key(12, 0, "laws", 1);
  draws x(many);
  for (const double a : {1e-3, 0.05, 0.5, 0.999, 1.0, 1.5, 2.5, 10.0, 300.0}) {
    const std::string name = "gamma " + std::to_string(a);
    fastest.gamma(key, 0, many, &a, 0, x.data());
    if (a >= 0.5) check_moments(x, a, a, 3.0 + 6.0 / a, name);
    // Draws below the smallest double are 0: the law is checked from there on.
    const double smallest = std::numeric_limits<double>::min();
    const double lost = gamma_cdf(a, smallest);
    draws kept;
    for (const double v : x)
      if (v >= smallest) kept.push_back(v);
    const double zeros = static_cast<double>(many - kept.size());
    check_near((zeros - many * lost) / std::sqrt(many * lost * (1.0 - lost) + 1.0), 0.0, 5.0,
               name + ": underflowing draws");
    check_law(kept, [=](double v) { return (gamma_cdf(a, v) - lost) / (1.0 - lost); }, name);
  }
  for (const double a : {1e5, 1e7, 1e13}) {  // normal to the sampling error, after the Wilson-Hilferty transformation
    fastest.gamma(key, 0, many, &a, 0, x.data());
    draws z(many);
    for (std::size_t i = 0; i < many; ++i) z[i] = 3.0 * std::sqrt(a) * (std::cbrt(x[i] / a) - 1.0 + 1.0 / (9.0 * a));
    check_law(z, normal_cdf, "gamma " + std::to_string(a));
  }
}

void test_poisson_laws() {
  const stream_key key = make_stream_key(13, 0, "laws", 1);
  draws x(many);
  for (const double rate : {1e-3, 0.7, 4.0, 31.5, 32.0, 100.0, 2500.0, 9e4, 1.5e5, 1e9}) {
    const std::string name = "poisson " + std::to_string(rate);
    fastest.poisson(key, 0, many, &rate, 0, x.data());
    check_moments(x, rate, rate, 3.0 + 1.0 / rate, name);
    check(std::all_of(x.begin(), x.end(), [](double v) { return v >= 0.0 && v == std::floor(v); }),
          name + ": draws are counts");
    if (rate > 1e4) continue;
    // Pearson's chi-square over the counts that are expected often, and one cell for the rest.
    double statistic = 0.0, cells = 0.0, rest = many, rest_found = many;
    std::vector<double> found(static_cast<std::size_t>(rate + 20.0 * std::sqrt(rate) + 20.0));
    for (const double v : x) found.at(static_cast<std::size_t>(v)) += 1.0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      const double kd = static_cast<double>(k);
      const double expected = many * std::exp(kd * std::log(rate) - rate - std::lgamma(kd + 1.0));
      if (expected < 10.0) continue;
      statistic += (found[k] - expected) * (found[k] - expected) / expected;
      cells += 1.0;
      rest -= expected;
      rest_found -= found[k];
    }
    if (rest > 1.0) statistic += (rest_found - rest) * (rest_found - rest) / rest;
    check_near((statistic - cells) / std::sqrt(2.0 * cells + 1.0), 0.0, 5.5, name + ": standardised chi-square");
  }
  const double zero = 0.0;
  fastest.poisson(key, 0, many, &zero, 0, x.data());
  check(std::count(x.begin(), x.end(), 0.0) == static_cast<std::ptrdiff_t>(many), "poisson 0 draws zeros");
}

// The column path and the table invert the same numbers, at every rate.
void test_poisson_paths_agree() {
  const stream_key key = make_stream_key(14, 0, "paths", 1);
  draws by_table(many), by_column(many), rates(many);
  for (const double rate : {0.01, 1.0, 4.0, 20.0, 31.99, 32.0, 33.7, 60.0, 400.0, 12345.6, 1e5}) {
    std::fill(rates.begin(), rates.end(), rate);
    fastest.poisson(key, 0, many, &rate, 0, by_table.data());
    fastest.poisson(key, 0, many, rates.data(), 1, by_column.data());
    check(same_bytes(by_table, by_column), "poisson " + std::to_string(rate) + " by table and by column");
  }
}

}  // namespace

int main() {
  test_known_answers();
  test_key_depends_on_every_argument();
  test_layout();
  test_targets_agree();
  test_partitions();
  test_neighbours();
  test_continuous_laws();
  test_gamma_laws();
  test_poisson_laws();
  test_poisson_paths_agree();
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
