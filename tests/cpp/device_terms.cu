// Every family's terms as device code: a kernel for the values and one for the derivatives, and, where there is a GPU,
// whether they give the bits that the host gives. The headers of the families are included from the command line.

#include <cstdio>
#include <cstring>
#include <iterator>

#include "thetahat/kernels/map.hpp"

namespace thetahat {

constexpr unsigned rows = 64;

// The terms of some laws of counts call special functions, which are host code: the device can only look them up.
template <class F>
constexpr bool has_device_terms = !discrete<F> || structure_of<F>.sufficient;

template <class F>
__host__ __device__ double value_at(const fields_of<F>& p, double z) {
  double e = 0.0;
  if constexpr (has_stage<F>) e = vexp(F::stage(p, z));
  return inside<F>(p, z, z) ? density<F>(p, z, e) : -infinity;
}

template <class F>
__host__ __device__ jet_sum derivatives_at(const jet_fields_of<F>& p, double z) {
  const auto zj = z_variable<F>(z);
  if constexpr (has_stage<F>) {
    const auto u = F::stage(p, zj);
    return jet_density<F>(p, zj, staged(vexp(value(u)), u));
  } else {
    return jet_density<F>(p, zj, 0.0);
  }
}

template <class F>
__global__ void values(fields_of<F> p, const double* z, double* out) {
  out[threadIdx.x] = value_at<F>(p, z[threadIdx.x]);
}
template <class F>
__global__ void derivatives(jet_fields_of<F> p, const double* z, jet_sum* out) {
  out[threadIdx.x] = derivatives_at<F>(p, z[threadIdx.x]);
}

// Standardised values inside the support, or nearly all.
template <class F>
double standardised(unsigned i) {
  constexpr support_set s = F::info.support;
  const double k = i;
  if constexpr (discrete<F>) return k;
  else if constexpr (has_lowest_z<F>) return F::lowest_z + k / 8.0;
  else if constexpr (F::info.observed == observed::log || s.lower == -infinity) return (k - rows / 2) / 8.0;
  else if constexpr (s.upper == 1.0) return (k + 0.5) / rows;
  else return (k + 1.0) / 8.0;
}

struct managed {  // memory that both sides read and write
  double z[rows], value[rows];
  jet_sum derivative[rows];
};

unsigned different(const double* a, const double* b, unsigned n) {
  unsigned count = 0;
  for (unsigned i = 0; i < n; ++i) count += std::memcmp(a + i, b + i, sizeof(double)) != 0;
  return count;
}

// One line: the family, the numbers compared, and how many differ.
template <class F>
void compare(const char* name, managed* shared) {
  unsigned compared = 0, differing = 0;
  if constexpr (has_device_terms<F>) {
    for (const auto& theta : F::cases) {
      const point at = point_of<F>(theta);
      // `prepare` is host code: it runs once for all rows, and its fields are the kernel's argument.
      const auto p = fields_at<F>(at);
      const auto jet_p = jet_fields_at<F>(at);
      for (unsigned i = 0; i < rows; ++i) shared->z[i] = standardised<F>(i);
      values<F><<<1, rows>>>(p, shared->z, shared->value);
      derivatives<F><<<1, rows>>>(jet_p, shared->z, shared->derivative);
      if (cudaDeviceSynchronize() != cudaSuccess) {
        std::printf("%s: %s\n", name, cudaGetErrorString(cudaGetLastError()));
        continue;
      }
      constexpr unsigned parts = sizeof(jet_sum) / sizeof(double);
      for (unsigned i = 0; i < rows; ++i) {
        const double v = value_at<F>(p, shared->z[i]);
        differing += different(&v, &shared->value[i], 1);
        ++compared;
        if (v == -infinity) continue;
        const jet_sum d = derivatives_at<F>(jet_p, shared->z[i]);
        double host[parts], device[parts];
        std::memcpy(host, &d, sizeof d);
        std::memcpy(device, &shared->derivative[i], sizeof d);
        differing += different(host, device, parts);
        compared += parts;
      }
    }
  }
  std::printf("%s %u %u\n", name, compared, differing);
}

}  // namespace thetahat

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::printf("no device\n");
    return 0;
  }
  thetahat::managed* shared = nullptr;
  if (cudaMallocManaged(&shared, sizeof *shared) != cudaSuccess) return 1;
#define THETAHAT_FAMILY(family) thetahat::compare<thetahat::family>(#family, shared);
#include "thetahat/families.def"
  cudaFree(shared);
  return 0;
}
