// The families and the targets that this build holds, and the choice of target.

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "dispatch.hpp"
#include "targets.hpp"  // generated: THETAHAT_FOR_EACH_FAMILY, THETAHAT_FOR_EACH_TARGET
#include "thetahat/api.hpp"
#include "thetahat/random/sampling_table.hpp"

namespace thetahat {

#define THETAHAT_DECLARE_COLD(family) const cold_table& cold_##family();
THETAHAT_FOR_EACH_FAMILY(THETAHAT_DECLARE_COLD)
#define THETAHAT_DECLARE_HOT(family, target) extern const hot_table hot_##family##_##target;
THETAHAT_FOR_EACH_PAIR(THETAHAT_DECLARE_HOT)
#define THETAHAT_DECLARE_COMMON(target) \
  extern const common_table common_##target; \
  extern const sampling_table sampling_ops_##target;
THETAHAT_FOR_EACH_TARGET(THETAHAT_DECLARE_COMMON)

namespace {

bool supported(const char* target) {
  if (std::strcmp(target, "baseline") == 0) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (std::strcmp(target, "avx2") == 0)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (std::strcmp(target, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#endif
  return false;
}

struct target_entry {
  const char* name;
  const common_table* common;
  const sampling_table* sampling;
};
const target_entry targets[] = {
#define THETAHAT_TARGET_ENTRY(target) {#target, &common_##target, &sampling_ops_##target},
    THETAHAT_FOR_EACH_TARGET(THETAHAT_TARGET_ENTRY)};
constexpr int target_total = static_cast<int>(std::size(targets));

const hot_table* const hot_tables[][target_total] = {
#define THETAHAT_HOT_REFERENCE(family, target) &hot_##family##_##target,
#define THETAHAT_HOT_ROW(family) {THETAHAT_FAMILY_TARGETS(THETAHAT_HOT_REFERENCE, family)},
    THETAHAT_FOR_EACH_FAMILY(THETAHAT_HOT_ROW)};

const cold_table& (*const cold_tables[])() = {
#define THETAHAT_COLD_REFERENCE(family) cold_##family,
    THETAHAT_FOR_EACH_FAMILY(THETAHAT_COLD_REFERENCE)};

int find_target(const std::string& name) {
  for (int i = 0; i < target_total; ++i)
    if (name == targets[i].name && supported(targets[i].name)) return i;
  return -1;
}

std::string known_targets() {
  std::string text;
  for (const auto& name : target_names()) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

int initial_target() {
  if (const char* name = std::getenv("THETAHAT_TARGET")) {
    const int i = find_target(name);
    if (i >= 0) return i;
  }
  int best = 0;
  for (int i = 0; i < target_total; ++i)
    if (supported(targets[i].name)) best = i;
  return best;
}

std::atomic<int>& active() {
  static std::atomic<int> index{initial_target()};
  return index;
}

}  // namespace

int family_count() { return static_cast<int>(std::size(cold_tables)); }

family_entry family_at(int index) {
  if (index < 0 || index >= family_count())
    throw error(error_kind::parameter,
                "family index must be below " + std::to_string(family_count()) + ", got " + std::to_string(index));
  return {&cold_tables[index](), hot_tables[index][active()]};
}

int family_index(const char* name) {
  for (int i = 0; i < family_count(); ++i)
    if (std::strcmp(cold_tables[i]().info->name, name) == 0) return i;
  return -1;
}

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const auto& t : targets)
    if (supported(t.name)) names.emplace_back(t.name);
  return names;
}

std::string active_target() { return targets[active()].name; }

void set_target(const std::string& name) {
  const int i = find_target(name);
  if (i < 0)
    throw error(error_kind::parameter, "target must be one that this build has and this processor runs, got '" + name +
                                           "'; choose among " + known_targets());
  active() = i;
}

const common_table& common() { return *targets[active()].common; }
const sampling_table& sampling() { return *targets[active()].sampling; }

}  // namespace thetahat
