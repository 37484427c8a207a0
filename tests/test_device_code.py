"""The families' terms compile as device code, without a GPU; with one, they give the bits that the host gives."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

TESTS = pathlib.Path(__file__).resolve().parent
CPP = TESTS.parent / "cpp"
NVCC = shutil.which("nvcc")
# C++20 for requires-expressions and designated initialisers. The tags on which a family's terms are run while compiling
# are constexpr and thus the device's too. Without -fmad the device rounds as the host does. A warning would say that
# device code calls a function of the host.
OPTIONS = ["-std=c++20", "-arch=sm_90", "-fmad=false", "--expt-relaxed-constexpr", "-Werror", "all-warnings", "-O2"]
OPTIONS += ["-Xcompiler", "-ffp-contract=off"]


@pytest.mark.slow
@pytest.mark.skipif(NVCC is None, reason="there is no nvcc")
def test_every_family_is_device_code(tmp_path):
    lines = (CPP / "include" / "thetahat" / "families.def").read_text(encoding="utf-8")
    families = re.findall(r"^THETAHAT_FAMILY\((\w+)\)", lines, re.MULTILINE)
    headers = [option for name in families for option in ("-include", f"thetahat/families/{name}.hpp")]
    folders = [f"-I{CPP / 'include'}", f"-I{CPP / 'targets'}"]
    program = tmp_path / "device_terms"
    sources = [TESTS / "cpp" / "device_terms.cu", *(CPP / "src").glob("special_*.cpp")]
    command = [NVCC, *OPTIONS, *folders, *headers, *map(str, sources), "-o", str(program)]
    process = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert process.returncode == 0, process.stdout + process.stderr
    found = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60).stdout
    if "THETAHAT_DEVICE_TERMS" in os.environ:
        pathlib.Path(os.environ["THETAHAT_DEVICE_TERMS"]).write_text(found, encoding="utf-8")
    if found == "no device\n":
        return
    rows = dict(line.split(" ", 1) for line in found.splitlines())
    assert list(rows) == families, found
    assert all(row.endswith(" 0") for row in rows.values()), found
