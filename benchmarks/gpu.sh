#!/usr/bin/env bash
# For a machine with a GPU and without a network: builds with what is installed there, compares the families' terms on the
# device with the host's, bit by bit, runs the tests and the benchmarks' assertions, and leaves the comparison in
# benchmarks/results/gpu.txt (or in the folder named as the first argument).
# Needs Python with the packages of the extra `test`, scikit-build-core, pybind11, CMake, ninja and CUDA.
set -euo pipefail
cd "$(dirname "$0")/.."
results=${1:-benchmarks/results}

python3 -m pip install --quiet --no-index --no-deps --no-build-isolation .
tests=$(mktemp -d)  # beside no source folder: the installed package is tested
trap 'rm -rf "$tests"' EXIT
{
  nvidia-smi --query-gpu=name,driver_version,compute_cap --format=csv,noheader
  nvcc --version | tail -n 2
  echo 'family, numbers compared (values and derivatives), numbers whose bits differ from the host:'
  THETAHAT_DEVICE_TERMS="$tests/terms.txt" python3 -m pytest -q -m "" -p no:cacheprovider tests/test_device_code.py >"$tests/log" ||
    { cat "$tests/log" >&2; echo 'the test failed'; }
  cat "$tests/terms.txt"
} | tee "$results/gpu.txt"
python3 -m pytest -q -p no:cacheprovider --ignore tests/test_device_code.py
python3 -m pytest -q -p no:cacheprovider benchmarks --quick
