"""The families' terms compile as device code, without a GPU: one kernel for each of them that needs no host function."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest

CPP = pathlib.Path(__file__).resolve().parent.parent / "cpp"
NVCC = shutil.which("nvcc")
# C++20 for requires-expressions and designated initialisers. The tags on which a family's terms are run while compiling
# are constexpr and thus the device's too. Without -fmad the device rounds as the host does. A warning would say that
# device code calls a function of the host.
OPTIONS = ["-std=c++20", "-arch=sm_90", "-fmad=false", "--expt-relaxed-constexpr", "-Werror", "all-warnings"]

SOURCE = """
#include "thetahat/kernels/map.hpp"
INCLUDES
namespace thetahat {

// The terms of some laws of counts call special functions, which are host code: the device can only look them up.
template <class F>
constexpr bool has_device_terms = !discrete<F> || structure_of<F>.sufficient;

template <class F>
__global__ void values(fields_of<F> p, const double* z, double* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  double e = 0.0;
  if constexpr (has_stage<F>) e = vexp(F::stage(p, z[i]));
  out[i] = inside<F>(p, z[i], z[i]) ? density<F>(p, z[i], e) : -infinity;
}

template <class F>
__global__ void derivatives(jet_fields_of<F> p, const double* z, jet_sum* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const auto zj = z_variable<F>(z[i]);
  if constexpr (has_stage<F>) {
    const auto u = F::stage(p, zj);
    out[i] = jet_density<F>(p, zj, staged(vexp(value(u)), u));
  } else {
    out[i] = jet_density<F>(p, zj, 0.0);
  }
}

// `prepare` is host code: it runs once for all rows, and its fields are the kernel's argument.
template <class F>
void launch(const point& at, const double* z, double* out, jet_sum* jets) {
  const auto p = fields_at<F>(at);
  const auto jet_p = jet_fields_at<F>(at);
  if constexpr (has_device_terms<F>) {
    values<F><<<1, 32>>>(p, z, out);
    derivatives<F><<<1, 32>>>(jet_p, z, jets);
  }
}
INSTANCES
}  // namespace thetahat
"""


@pytest.mark.skipif(NVCC is None, reason="there is no nvcc")
def test_every_family_is_device_code(tmp_path):
    lines = (CPP / "include" / "thetahat" / "families.def").read_text(encoding="utf-8")
    families = re.findall(r"^THETAHAT_FAMILY\((\w+)\)", lines, re.MULTILINE)
    includes = "".join(f'#include "thetahat/families/{name}.hpp"\n' for name in families)
    signature = "const point&, const double*, double*, jet_sum*"
    instances = "".join(f"template void launch<{name}>({signature});\n" for name in families)
    source = tmp_path / "kernels.cu"
    source.write_text(SOURCE.replace("INCLUDES", includes).replace("INSTANCES", instances), encoding="utf-8")
    folders = [f"-I{CPP / 'include'}", f"-I{CPP / 'targets'}"]
    command = [NVCC, *OPTIONS, *folders, "-c", str(source), "-o", str(tmp_path / "kernels.o")]
    process = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert process.returncode == 0, process.stdout + process.stderr
