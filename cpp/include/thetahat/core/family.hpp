#pragma once

// The vocabulary in which a family describes itself. Everything here is data; what is derived from it is in kernels/.

#include <cstddef>
#include <limits>

#include "jet.hpp"
#include "types.hpp"

namespace thetahat {

enum class domain {
  real,
  positive,
  unit,
  nonnegative,
  integer,
  count,
  above_one
};  // integer: any whole number; count: from zero
enum class coordinate { identity, log, reciprocal, logit };
enum class kind { continuous, discrete };
enum class group { none, scale, location_scale };
enum class observed { identity, log };  // what is standardised: x, or log x with its Jacobian 1/x
// Functions of one to three parameters: `root` is a square root, `share` (first - second) / (third - second).
enum class convert {
  identity,
  reciprocal,
  exp,
  complement,
  ratio,
  difference,
  constant,
  product,
  reciprocal_product,
  root_product,
  root_ratio,
  successor,
  share,
  negative,
  complement_product,  // (1 - first) second
  logistic,            // 1 / (1 + exp(-first))
  odds_share           // first second / (1 + first second)
};
// What the likelihood ratio of a family and a nested one obeys: chi-squared, half of it, or no law of its own.
enum class limit_kind { interior, boundary, irregular };

constexpr double infinity = std::numeric_limits<double>::infinity();

struct parameter {
  const char* name;
  thetahat::domain domain;
  thetahat::coordinate coordinate;  // on which confidence intervals are symmetric
  const char* doc;
  double known = std::numeric_limits<double>::quiet_NaN();  // held at this value by a fit unless the user frees it
  bool boundary = false;  // estimated by an extreme order statistic: no standard error
  double lower = -infinity;  // a fit's bounds where the likelihood is unbounded beyond them
  double upper = infinity;
  const char* endless = "";  // the law at infinity, where that may be the maximum and no axis has it at a finite point

  // A whole number that comes with the data, such as a number of trials: no fit estimates it.
  constexpr bool given() const { return domain == thetahat::domain::count && !boundary; }
};

// The smallest interval that holds the support for every parameter value.
struct support_set {
  double lower = -infinity;
  double upper = infinity;
  bool lower_closed = false;
  bool upper_closed = false;
  const char* text = "all real x";
  const char* remedy = "";  // what to do with rows outside, where there is more to it than dropping them
};

struct keyword {
  const char* name = nullptr;
  thetahat::domain domain = domain::real;
  const char* doc = "";
};
struct replacement {  // parameter = transform(first, second), of keywords
  const char* parameter = nullptr;
  convert transform = convert::identity;
  const char* first = "";
  const char* second = "";
};

constexpr std::size_t max_keywords = 2;

// Keywords that are given together in place of as many parameters.
struct alternative {
  keyword keywords[max_keywords];
  replacement parameters[max_keywords];

  constexpr alternative() = default;
  // One for one: `name=` for `parameter=`, where the transform says what `name` may be.
  constexpr alternative(const char* name, const char* parameter, convert transform)
      : keywords{{name, transform == convert::reciprocal   ? domain::positive
                        : transform == convert::complement ? domain::unit
                                                           : domain::real}},
        parameters{{parameter, transform, name}} {}
  constexpr alternative(keyword first, keyword second, replacement one, replacement other)
      : keywords{first, second}, parameters{one, other} {}
};

struct scipy_argument {  // of a distribution elsewhere: argument = transform(first, second), or a constant
  const char* name;
  convert transform;
  const char* first;
  const char* second = "";
  double value = 0.0;
  const char* third = "";
};

struct limit_argument {  // a parameter of the limit family that is a function of one of the family's own
  const char* name;
  convert transform;
  const char* source;
};

constexpr std::size_t max_scipy_arguments = 5;
constexpr std::size_t max_alternatives = 2;
constexpr std::size_t max_limits = 3;
constexpr std::size_t max_limit_arguments = 3;

// A family that this one becomes where one parameter has a value, which may be the end of its range.
struct nested_limit {
  limit_kind kind;
  const char* family;
  const char* parameter;
  double value;
  limit_argument arguments[max_limit_arguments] = {};  // a parameter that is none of these is free in both families
  const char* threshold = "";  // the parameter, held by a fit, by which the limit family is shifted
};

struct family_info {
  const char* name;
  const char* class_name;
  const char* summary;
  const char* formula;
  const char* source;
  thetahat::kind kind = kind::continuous;
  thetahat::group group = group::none;
  thetahat::observed observed = observed::identity;
  int tier = 1;  // 1: families that every library has; accuracy at most 16, and every loop vectorises
  int accuracy = 16;
  const char* accuracy_reason = "";  // why it exceeds the tier's bound, 16 or 64
  support_set support = {};
  const char* constraint = "";
  const char* scipy = "";
  scipy_argument scipy_arguments[max_scipy_arguments] = {};
  const char* torch = "";
  scipy_argument torch_arguments[max_scipy_arguments] = {};  // none: torch's names are the family's
  alternative alternatives[max_alternatives] = {};
  nested_limit limits[max_limits] = {};
};

// A direction in which a fit searches, where it is not simply a canonical parameter: one of the internal coordinates.
enum class slot { loc, scale, a, b, c };
struct axis {
  thetahat::slot slot;
  thetahat::coordinate coordinate;
  double lower = -infinity;
  const nested_limit* limit = nullptr;  // the one at the lower bound, of those that the family declares
};

// Sorted values of a sample, transformed as the family observes them, from which a search starts.
struct start_sample {
  const double* sorted;
  std::size_t n;
  double mean, variance;

  double quantile(double p) const {
    const double at = p * static_cast<double>(n - 1);
    const std::size_t i = static_cast<std::size_t>(at);
    const std::size_t j = i + 1 < n ? i + 1 : i;
    return sorted[i] + (at - static_cast<double>(i)) * (sorted[j] - sorted[i]);
  }
};

inline namespace THETAHAT_TARGET {

// Where theta sits in the internal coordinates; a part that the family lacks is `zero` (loc, shapes) or absent (scale).
template <class L, class S, class A, class B, class C>
struct position {
  L loc;
  S scale;
  A a;
  B b;
  C c;
};

struct unit_scale {};  // the family has no scale

template <class L = zero, class S = unit_scale, class A = zero, class B = zero, class C = zero>
THETAHAT_INLINE auto at(L loc = {}, S scale = {}, A a = {}, B b = {}, C c = {}) {
  return position<L, S, A, B, C>{loc, scale, a, b, c};
}

struct ge_one_type {};
struct positive_type {};
inline constexpr ge_one_type ge_one{};  // an argument of a logarithm that cannot fall below one
inline constexpr positive_type positive{};  // one that is positive inside the support

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
