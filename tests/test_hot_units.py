"""What the compiler made of the hot units: every lane loop is vector code, and no wide code can leave its target.

A body that stops vectorising runs some 15 times slower without a word. gcc's own report says which loops it gave up.
"""

from __future__ import annotations

import csv
import functools
import json
import pathlib
import platform
import re
import shlex
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH = {"avx2": 32, "avx512": 64}  # bytes
SHARED = [ROOT / "cpp" / "targets" / f"{name}.cpp" for name in ["collect", "shared"]]  # what hot units call out of line
NOT_VECTOR = ROOT / "tests" / "not_vectorised.csv"
LOCATION = re.compile(r"(\S+):(\d+):\d+: (missed: +couldn't vectorize loop|optimized: +loop vectorized using (\d+) byte)")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("g++") and shutil.which("cmake")), reason="needs g++, whose report it reads"),
    pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="the wide targets are those of x86-64"),
]


def simd_loops(path):
    """The line ranges of a source's `#pragma omp simd` loops."""
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip() == "#pragma omp simd"]
    for start in starts:
        # The pragma's statement ends with its first semicolon outside the head, or with the brace of its block.
        end = next(n for n in range(start + 1, len(lines)) if lines[n].rstrip().endswith((";", "}", "{")))
        yield range(start + 2, end + 2)  # lines count from one


@functools.cache
def all_simd_loops():
    return {path.name: list(simd_loops(path)) for path in sources().values()}


@functools.cache
def sources():
    """The files with lane loops, by name."""
    kernels = ROOT / "cpp" / "include" / "thetahat" / "kernels"
    return {path.name: path for path in [*kernels.glob("*.hpp"), *SHARED]}


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """The compiler's command line of every hot and every shared unit: {(family or unit, target): arguments}."""
    build = tmp_path_factory.mktemp("commands")
    configure = ["cmake", "-S", str(ROOT), "-B", str(build), "-DTHETAHAT_PYTHON=OFF", "-DTHETAHAT_CUDA=OFF"]
    subprocess.run([*configure, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DCMAKE_CXX_COMPILER=g++"],
                   check=True, capture_output=True)  # fmt: skip
    found = {}
    for unit in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(unit["file"])
        arguments = [a for a in shlex.split(unit["command"]) if not a.endswith("ccache")]
        if match := re.fullmatch(r"hot_(\w+)_([a-z0-9]+)\.cpp", path.name):
            found[match.groups()] = arguments
        elif path in SHARED:
            target = next(a.removeprefix("-DTHETAHAT_TARGET=") for a in arguments if a.startswith("-DTHETAHAT_TARGET="))
            found[path.stem, target] = arguments
    return found


@pytest.fixture(scope="module")
def compiled(commands, tmp_path_factory):
    """compiled(family or unit, target): the object file and the report on its loops."""

    def run(family, target):
        folder = tmp_path_factory.mktemp(f"{family}_{target}")
        arguments = list(commands[family, target])
        arguments[arguments.index("-o") + 1] = str(folder / "unit.o")
        report = folder / "report.txt"
        subprocess.run([*arguments, f"-fopt-info-vec-optimized-missed={report}"], check=True, capture_output=True)
        return folder / "unit.o", report.read_text()

    return run


def missed_loops(report):
    """The lane loops of the kernels that some instance was not vectorised in."""
    missed, wide = set(), set()
    for path, line, verdict, width in LOCATION.findall(report):
        name = pathlib.Path(path).name
        for loop in all_simd_loops().get(name, []):
            if int(line) in loop:
                if verdict.startswith("missed"):
                    missed.add(f"{name}:{loop_name(name, loop)}")
                else:
                    wide.add(int(width))
    return missed, wide


def loop_name(name, loop):
    """The function around a loop, which stays when lines move."""
    lines = sources()[name].read_text(encoding="utf-8").splitlines()[: loop.start]
    head = r"(  )?(\[\[gnu::noinline\]\] )?(THETAHAT_INLINE|inline|const double\*|double|void|bool) [^=]*\("
    heads = [line for line in lines if re.match(head, line)]
    return re.search(r"(\w+)\(", heads[-1]).group(1)


def allowed():
    with NOT_VECTOR.open(newline="", encoding="utf-8") as stream:
        return {(row["family"], row["loop"]) for row in csv.DictReader(stream)}


@pytest.mark.parametrize("target", WIDTH)
def test_every_lane_loop_is_vector_code_and_stays_in_its_target(family, target, compiled):
    unit, report = compiled(family.info.name, target)
    missed, wide = missed_loops(report)
    excused = {loop for name, loop in allowed() if name == family.info.name}
    assert missed == excused, "loops that gcc left scalar, against those listed in tests/not_vectorised.csv"
    # Only a unit with excused loops may have no other.
    assert max(wide, default=WIDTH[target] if excused else 0) == WIDTH[target]
    check_symbols(unit, target)


@pytest.mark.parametrize("target", WIDTH)
@pytest.mark.parametrize("unit", [path.stem for path in SHARED])
def test_every_lane_loop_of_a_shared_unit_is_vector_code_and_stays_in_its_target(unit, target, compiled):
    compiled_unit, report = compiled(unit, target)
    missed, wide = missed_loops(report)
    assert not missed
    assert max(wide) == WIDTH[target]
    check_symbols(compiled_unit, target)


def check_symbols(unit, target):
    """The linker keeps one copy of a function that several units define: it must not be one for a wider processor."""
    symbols = subprocess.run(["nm", "-C", "--defined-only", str(unit)], check=True, capture_output=True, text=True)
    merged = [line for line in symbols.stdout.splitlines() if re.match(r"\S+ [Wu] ", line)]
    assert not [line for line in merged if f"thetahat::{target}::" not in line]
