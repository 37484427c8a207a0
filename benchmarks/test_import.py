"""What `import thetahat` adds to `import numpy`: fresh interpreters in turns."""

from __future__ import annotations

import importlib.metadata
import statistics
import subprocess
import sys
import time

import pytest


def seconds(code):
    """One fresh interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def test_import(benchmark, quick):
    if "editable" in (importlib.metadata.distribution("thetahat").read_text("direct_url.json") or ""):
        # Its import hook would be timed, not the package; collect.py is run on an installed wheel.
        pytest.skip("an editable install looks for changed sources at every import")
    pairs = [(seconds("import numpy"), seconds("import numpy, thetahat")) for _ in range(5 if quick else 25)]
    added = statistics.median(both - numpy for numpy, both in pairs)
    benchmark.group = "import"
    benchmark.pedantic(lambda: seconds("import numpy, thetahat"), rounds=3, iterations=1)
    benchmark.extra_info.update(
        points=1,
        family="-",
        threads=1,
        seconds={"thetahat": added, "import numpy": statistics.median(numpy for numpy, _ in pairs)},
        limits={"ms": {"most": 50.0, "measured": added * 1e3}},
    )
    modules = subprocess.run(
        [sys.executable, "-c", "import sys, thetahat; print(*sys.modules)"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"scipy", "matplotlib", "typer", "rich", "pyarrow", "torch", "pandas"} & set(modules)
