#pragma once

// A family's functions of single numbers, completed: whatever its header leaves out is derived here.

#include "../core/cold_table.hpp"

#include "terms.hpp"

namespace thetahat {

// Numerical fallbacks, in cpp/src/numeric.cpp.
double invert_continuous(const cold_table& f, const double* theta, double q, bool upper_tail);
double invert_discrete(const cold_table& f, const double* theta, double q, bool upper_tail);
double expectation(const cold_table& f, const double* theta, double (*g)(const cold_table&, const double*, double, int),
                   int order);
double entropy_by_quadrature(const cold_table& f, const double* theta);

inline namespace THETAHAT_TARGET {

template <class T, std::size_t Count>
constexpr int length(const T (&)[Count]) {
  return static_cast<int>(Count);
}

template <class F>
inline theta_of<F> as_theta(const double* theta) {
  theta_of<F> t;
  __builtin_memcpy(&t, theta, sizeof t);
  return t;
}
template <class F>
inline void store(const theta_of<F>& t, double* theta) {
  __builtin_memcpy(theta, &t, sizeof t);
}

template <class F>
extern const cold_table cold_table_of;

template <class F>
inline double lower_of(const double* theta) {
  if constexpr (requires(theta_of<F> t) { F::lower(t); }) return F::lower(as_theta<F>(theta));
  else return F::info.support.lower;
}
template <class F>
inline double upper_of(const double* theta) {
  if constexpr (requires(theta_of<F> t) { F::upper(t); }) return F::upper(as_theta<F>(theta));
  else return F::info.support.upper;
}

// The distribution functions between the ends of the support, where a header need not look at them.
template <class F, class Inner>
inline double between(const double* theta, double x, double below, double above, Inner inner) {
  if (x != x) return x;
  if constexpr (discrete<F>) x = __builtin_floor(x);
  if (x < lower_of<F>(theta) || (!discrete<F> && x == lower_of<F>(theta))) return below;
  if (x >= upper_of<F>(theta)) return above;
  return inner(as_theta<F>(theta), x);
}

template <class F>
inline constexpr bool has_log_tails = requires(theta_of<F> t) {
  F::log_cdf(t, 0.0);
  F::log_sf(t, 0.0);
};
template <class F>
inline constexpr bool has_tails = requires(theta_of<F> t) {
  F::cdf(t, 0.0);
  F::sf(t, 0.0);
};

template <class F>
double cdf_of(const double* theta, double x) {
  return between<F>(theta, x, 0.0, 1.0, [](theta_of<F> t, double y) {
    if constexpr (has_tails<F>) return F::cdf(t, y);
    else return __builtin_exp(F::log_cdf(t, y));
  });
}
template <class F>
double sf_of(const double* theta, double x) {
  return between<F>(theta, x, 1.0, 0.0, [](theta_of<F> t, double y) {
    if constexpr (has_tails<F>) return F::sf(t, y);
    else return __builtin_exp(F::log_sf(t, y));
  });
}
template <class F>
double log_cdf_of(const double* theta, double x) {
  return between<F>(theta, x, -infinity, 0.0, [](theta_of<F> t, double y) {
    if constexpr (has_log_tails<F>) return F::log_cdf(t, y);
    else return F::cdf(t, y) < 0.5 ? __builtin_log(F::cdf(t, y)) : __builtin_log1p(-F::sf(t, y));
  });
}
template <class F>
double log_sf_of(const double* theta, double x) {
  return between<F>(theta, x, 0.0, -infinity, [](theta_of<F> t, double y) {
    if constexpr (has_log_tails<F>) return F::log_sf(t, y);
    else return F::sf(t, y) < 0.5 ? __builtin_log(F::sf(t, y)) : __builtin_log1p(-F::cdf(t, y));
  });
}

template <class F>
double quantile_of(const double* theta, double q, bool upper_tail) {
  if (!(q >= 0.0 && q <= 1.0)) return __builtin_nan("");
  if (q == (upper_tail ? 1.0 : 0.0)) return lower_of<F>(theta);
  if (q == (upper_tail ? 0.0 : 1.0)) return upper_of<F>(theta);
  const theta_of<F> t = as_theta<F>(theta);
  if constexpr (discrete<F>) {
    (void)t;
    return invert_discrete(cold_table_of<F>, theta, q, upper_tail);
  } else if constexpr (requires {
                         F::icdf(t, q);
                         F::isf(t, q);
                       }) {
    return upper_tail ? F::isf(t, q) : F::icdf(t, q);
  } else {
    return invert_continuous(cold_table_of<F>, theta, q, upper_tail);
  }
}
template <class F>
double icdf_of(const double* theta, double q) {
  return quantile_of<F>(theta, q, false);
}
template <class F>
double isf_of(const double* theta, double q) {
  return quantile_of<F>(theta, q, true);
}

template <class F>
double moment_of(const double* theta, int order) {
  const theta_of<F> t = as_theta<F>(theta);
  if (order == 0) return 1.0;
  if constexpr (requires { F::moment_order(t); }) {
    if (!(order < F::moment_order(t))) {
      if (order % 2 == 0 || lower_of<F>(theta) > -infinity) return infinity;
      return upper_of<F>(theta) < infinity ? -infinity : __builtin_nan("");
    }
  }
  if constexpr (requires { F::moment(t, order); }) return F::moment(t, order);
  else
    return expectation(cold_table_of<F>, theta,
                       [](const cold_table&, const double*, double x, int k) { return __builtin_powi(x, k); }, order);
}

// E (X - mode)^order, from which a mean and a variance that the header leaves out are made.
template <class F>
double about_mode(const double* theta, int order) {
  return expectation(cold_table_of<F>, theta, [](const cold_table& f, const double* t, double x, int k) {
    return __builtin_powi(x - f.mode(t), k);
  }, order);
}
template <class F>
bool has_moment(const double* theta, int order) {
  if constexpr (requires(theta_of<F> t) { F::moment_order(t); }) return order < F::moment_order(as_theta<F>(theta));
  else return static_cast<void>(theta), static_cast<void>(order), true;
}
template <class F>
double mean_of(const double* theta) {
  if constexpr (requires(theta_of<F> t) { F::mean(t); }) return F::mean(as_theta<F>(theta));
  else return has_moment<F>(theta, 1) ? F::mode(as_theta<F>(theta)) + about_mode<F>(theta, 1) : infinity;
}
template <class F>
double variance_of(const double* theta) {
  if constexpr (requires(theta_of<F> t) { F::variance(t); }) return F::variance(as_theta<F>(theta));
  else {
    if (!has_moment<F>(theta, 2)) return infinity;
    const double offset = about_mode<F>(theta, 1);
    return about_mode<F>(theta, 2) - offset * offset;
  }
}

template <class F>
double log_density_at(const double* theta, double x) {  // inside the support
  const point p = point_of<F>(as_theta<F>(theta));
  const auto fields = fields_at<F>(p);
  double z = F::info.observed == observed::log ? vlog(x / p.unit) : x;
  if constexpr (has_loc<F> && !has_unit<F>) z -= p.loc;
  if constexpr (has_scale<F>) z /= p.scale;
  double e = 0.0;
  if constexpr (has_stage<F>) e = vexp(F::stage(fields, z));
  double h = density<F>(fields, z, e);
  if constexpr (has_scale<F>) h -= vlog(p.scale);
  if constexpr (F::info.observed == observed::log) h -= vlog(x);
  return h;
}

template <class F>
double entropy_of(const double* theta) {
  const theta_of<F> t = as_theta<F>(theta);
  if constexpr (requires { F::entropy(t); }) return F::entropy(t);
  else return entropy_by_quadrature(cold_table_of<F>, theta);
}

// Two parameters at a time: a jet has room for three variables, a family for five parameters.
template <class F>
void derivatives_of(const double* theta, jacobian& out) {
  out = jacobian{};
  constexpr int count = parameter_count<F>;
  using variable = decltype(dense(0.0));
  for (int i = 0; i < count; ++i)
    for (int j = i; j < count; ++j) {
      variable v[count];
      for (int k = 0; k < count; ++k) v[k] = dense(theta[k]);
      v[i].a = 1.0;
      v[j].b = 1.0;
      const auto p = internal_from<F>(v);
      const auto put = [&](int row, const auto& q) {
        if constexpr (is_jet<decltype(q)>) {
          out.first[row][i] = q.a;
          out.second[row][i][j] = out.second[row][j][i] = q.ab;
        }
      };
      put(0, p.loc);
      put(1, p.scale);
      put(2, p.a);
      put(3, p.b);
      put(4, p.c);
    }
}

// ----- likelihood from sufficient statistics ------------------------------------------------------------------------------

// Sums of powers of z and of logarithms, at one location and scale.
struct power_sums {
  double weight, z, square, inverse, log, log_complement;
};

template <class F>
power_sums powers_at(const statistics& s, const point& p) {
  power_sums m{};
  m.weight = s.weight;
  m.log = s.log;
  m.log_complement = s.log_complement;
  double c = s.pivot;
  double sum = s.sum;
  if constexpr (needed_statistics<F> == needs_log && F::info.observed == observed::log) {
    c = 0.0;  // the sum of log x was all that was collected
    sum = s.log;
  }
  const double shift = (c - p.pivot) - p.loc;
  m.z = (sum + s.weight * shift) / p.scale;
  m.square = (s.square + shift * (2.0 * sum + s.weight * shift)) / p.scale / p.scale;
  if constexpr (needed_statistics<F> & needs_ratio)  // sum (v - c)^2 / v = sum v - 2 n c + c^2 sum 1/v
    m.inverse = (s.ratio - sum + s.weight * c) / (c * c) * (has_scale<F> ? p.scale : 1.0);
  if constexpr (has_scale<F>) m.log -= s.weight * __builtin_log(p.scale);
  return m;
}

template <class F>
struct statistics_sink {
  const power_sums& m;
  derivative_sums& out;

  double power(int k) const {
    switch (k) {
      case 0: return m.weight;
      case 1: return m.z;
      case 2: return m.square;
      case -1: return m.inverse;
      default: return 0.0;
    }
  }
  template <class B>
  static jet_sum parts(const B& b) {
    jet_sum s;
    s.take(b);
    return s;
  }
  // b times a sum t: b and its derivatives in the shapes
  void scaled(const jet_sum& b, double t) {
    out.sum[value_] += b.v * t;
    out.sum[d_a] += b.a * t;
    out.sum[d_b] += b.b * t;
    out.sum[d_c] += b.c * t;
    out.sum[d_aa] += b.aa * t;
    out.sum[d_ab] += b.ab * t;
    out.sum[d_ac] += b.ac * t;
    out.sum[d_bb] += b.bb * t;
    out.sum[d_bc] += b.bc * t;
    out.sum[d_cc] += b.cc * t;
  }
  // sums of t', z t', t'', z t'', z^2 t''
  void moved(const jet_sum& b, double t1, double zt1, double t2, double zt2, double zzt2) {
    out.sum[d_z] += b.v * t1;
    out.sum[z_d_z] += b.v * zt1;
    out.sum[d_zz] += b.v * t2;
    out.sum[z_d_zz] += b.v * zt2;
    out.sum[zz_d_zz] += b.v * zzt2;
    const double db[3] = {b.a, b.b, b.c};
    for (int k = 0; k < 3; ++k) {
      out.sum[d_za + k] += db[k] * t1;
      out.sum[z_d_za + k] += db[k] * zt1;
    }
  }

  template <class B>
  void constant(const B& b) {
    scaled(parts(b), m.weight);
  }
  template <class B, int K>
  void add(const B& b, monomial<K>) {
    const jet_sum p = parts(b);
    scaled(p, power(K));
    if constexpr (has_loc<F> || has_scale<F>)
      moved(p, K * power(K - 1), K * power(K), K * (K - 1) * power(K - 2), K * (K - 1) * power(K - 1),
            K * (K - 1) * power(K));
  }
  template <class C, class R>
  void log(const C& c, monomial<1>, R) {
    const jet_sum p = parts(c);
    scaled(p, m.log);
    if constexpr (has_scale<F>) moved(p, 0.0, m.weight, 0.0, 0.0, -m.weight);
  }
  template <class C, class R>
  void log(const C& c, complement, R) {
    scaled(parts(c), m.log_complement);
  }
};

template <class F>
void from_statistics_of(const statistics& s, const point& p, derivative_sums& out) {
  out = derivative_sums{};
  out.weight = s.weight;
  const power_sums m = powers_at<F>(s, p);
  statistics_sink<F> sink{m, out};
  F::terms(jet_fields_at<F>(p), monomial<1>{}, opaque{}, sink);
  if constexpr (has_scale<F>) out.sum[value_] -= s.weight * __builtin_log(p.scale);
  if constexpr (F::info.observed == observed::log)
    out.sum[value_] -= needed_statistics<F> == needs_log ? s.log : s.sum + s.weight * s.pivot;
}

// ----- the table ---------------------------------------------------------------------------------------------------------------

template <class F>
constexpr draw_method method_of() {
  using T = theta_of<F>;
  if constexpr (requires(T t) { F::draw_from_normal(t, 0.0); }) return draw_method::normal;
  else if constexpr (requires(T t) { F::draw_from_exponential(t, 0.0); }) return draw_method::exponential;
  else if constexpr (requires(T t) { F::draw_from_gamma(t, 0.0); }) return draw_method::gamma;
  else if constexpr (requires(T t) { F::poisson_rate(t); }) return draw_method::poisson;
  else return draw_method::inversion;
}
template <class F>
double draw_of(const double* theta, double standard) {
  const theta_of<F> t = as_theta<F>(theta);
  if constexpr (method_of<F>() == draw_method::normal) return F::draw_from_normal(t, standard);
  else if constexpr (method_of<F>() == draw_method::exponential) return F::draw_from_exponential(t, standard);
  else if constexpr (method_of<F>() == draw_method::gamma) return F::draw_from_gamma(t, standard);
  else if constexpr (method_of<F>() == draw_method::poisson) return standard;
  else return icdf_of<F>(theta, standard);
}
template <class F>
void draw_all_of(const double* theta, double* standard, std::size_t n) {
  const theta_of<F> t = as_theta<F>(theta);
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (method_of<F>() == draw_method::normal) standard[i] = F::draw_from_normal(t, standard[i]);
    else if constexpr (method_of<F>() == draw_method::exponential)
      standard[i] = F::draw_from_exponential(t, standard[i]);
    else if constexpr (method_of<F>() == draw_method::gamma) standard[i] = F::draw_from_gamma(t, standard[i]);
    else if constexpr (method_of<F>() == draw_method::inversion) standard[i] = icdf_of<F>(theta, standard[i]);
  }
}
template <class F>
double draw_parameter_of(const double* theta) {
  const theta_of<F> t = as_theta<F>(theta);
  if constexpr (method_of<F>() == draw_method::gamma) return F::gamma_shape(t);
  else if constexpr (method_of<F>() == draw_method::poisson) return F::poisson_rate(t);
  else return static_cast<void>(t), 0.0;
}

template <class F>
constexpr cold_table make_cold_table() {
  using T = theta_of<F>;
  cold_table c{};
  c.info = &F::info;
  c.parameters = F::parameters;
  c.parameter_count = parameter_count<F>;
  c.shape_count = shape_count<F>;
  c.has_loc = has_loc<F>;
  c.has_scale = has_scale<F>;
  c.case_count = length(F::cases);
  c.valid = [](const double* theta) {
    if constexpr (requires(T t) { F::valid(t); }) return F::valid(as_theta<F>(theta));
    else return static_cast<void>(theta), true;
  };
  c.to_point = [](const double* theta) { return point_of<F>(as_theta<F>(theta)); };
  c.to_theta = [](const point& p, double* theta) { store<F>(F::canonical(p), theta); };
  c.derivatives = derivatives_of<F>;
  c.regular = [](const double* theta) {
    if constexpr (requires(T t) { F::regular(t); }) return F::regular(as_theta<F>(theta));
    else return static_cast<void>(theta), true;
  };
  c.log_density = log_density_at<F>;
  c.cdf = cdf_of<F>;
  c.sf = sf_of<F>;
  c.log_cdf = log_cdf_of<F>;
  c.log_sf = log_sf_of<F>;
  c.icdf = icdf_of<F>;
  c.isf = isf_of<F>;
  c.mean = mean_of<F>;
  c.variance = variance_of<F>;
  c.mode = [](const double* theta) { return F::mode(as_theta<F>(theta)); };
  c.entropy = entropy_of<F>;
  c.lower = lower_of<F>;
  c.upper = upper_of<F>;
  c.moment = moment_of<F>;
  if constexpr (requires(T t) { F::skewness(t); })
    c.skewness = [](const double* theta) { return F::skewness(as_theta<F>(theta)); };
  if constexpr (requires(T t) { F::kurtosis(t); })
    c.kurtosis = [](const double* theta) { return F::kurtosis(as_theta<F>(theta)); };
  if constexpr (requires(T t) { F::kl(t, t); })
    c.divergence = [](const double* p, const double* q) { return F::kl(as_theta<F>(p), as_theta<F>(q)); };
  c.method = method_of<F>();
  c.draw = draw_of<F>;
  c.draw_all = draw_all_of<F>;
  c.draw_parameter = draw_parameter_of<F>;
  if constexpr (requires { F::axes; }) {
    c.axes = F::axes;
    c.axis_count = length(F::axes);
    c.axes_are_parameters = requires { F::axes_are_parameters; };
  }
  if constexpr (requires(statistics s) { F::mle(s); })
    c.mle = [](const statistics& s, const double*, double* theta) { store<F>(F::mle(s), theta); };
  c.mle_beside_known = requires(statistics s, T t) { F::mle(s, t); };
  if constexpr (requires(statistics s, T t) { F::mle(s, t); })
    c.mle = [](const statistics& s, const double* known, double* theta) {
      store<F>(F::mle(s, as_theta<F>(known)), theta);
    };
  if constexpr (requires(statistics s) { F::ends(s); })
    c.ends = [](const statistics& s, double* theta) { store<F>(F::ends(s), theta); };
  if constexpr (requires(statistics s) { F::start(s); })
    c.start_from_statistics = [](const statistics& s, double* theta) { store<F>(F::start(s), theta); };
  else if constexpr (requires(start_sample s) { F::start(s); })
    c.start_from_sample = [](const start_sample& s, const double*, double* theta) { store<F>(F::start(s), theta); };
  else if constexpr (requires(start_sample s, T t) { F::start(s, t); })
    c.start_from_sample = [](const start_sample& s, const double* known, double* theta) {
      store<F>(F::start(s, as_theta<F>(known)), theta);
    };
  if constexpr (!discrete<F> && structure_of<F>.sufficient && structure_of<F>.needed != 0) {
    c.from_statistics = from_statistics_of<F>;
    c.needed = needed_statistics<F>;
    if constexpr (requires(const point& p) { F::admissible(p); }) c.admissible = F::admissible;
  }
  if constexpr (requires(T t) { F::expected_information(t, 0, 0); })
    c.expected_information = [](const double* theta, int i, int j) {
      return F::expected_information(as_theta<F>(theta), i, j);
    };
  if constexpr (requires(T t) { F::fisher_information(t, 0, 0); })
    c.fisher_information = [](const double* theta, int i, int j) {
      return F::fisher_information(as_theta<F>(theta), i, j);
    };
  else c.fisher_information = c.expected_information;
  c.ridges = requires { F::ridges; };
  c.kinked_location = requires { F::median_location; };
  if constexpr (requires(T t) { F::at_kink(0.0, 0.0, t); }) {
    c.kinked_location = true;
    c.at_kink = [](double above, double below, double* theta) {
      T t = as_theta<F>(theta);
      const double value = F::at_kink(above, below, t);
      store<F>(t, theta);
      return value;
    };
  }
  return c;
}

}  // namespace THETAHAT_TARGET
}  // namespace thetahat
