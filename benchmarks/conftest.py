"""What the benchmarks share: sizes, the reader that marks the physical limit, and races of several callables in turns.

    pytest benchmarks                the sizes of the published table: 10**7 points, fits and comparisons of 10**6
    pytest benchmarks --quick        a tenth of it, for a check that everything runs and nothing is slower than its peer
    pytest benchmarks --huge         also 2 * 10**8 points, which needs 4 GiB of memory
    python benchmarks/collect.py     all of it, and the table in benchmarks/results

Every benchmark asserts what it times. Times are compared within one race only, never with a number from another day.
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import shutil
import statistics
import subprocess
import time

import numpy as np
import pytest
import thetahat as th
from races import HERE, SCALAR, limited
from thetahat import _core


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="a tenth of the points, fewer rounds, no limits asserted")
    parser.addoption("--huge", action="store_true", help="also 2 * 10**8 points")


@pytest.fixture(scope="session")
def quick(request):
    return request.config.getoption("quick")


def pytest_generate_tests(metafunc):
    """`points` runs over the sizes of a pass over the data; `family` over the registry."""
    if "points" in metafunc.fixturenames:
        sizes = [10**6] if metafunc.config.getoption("quick") else [10**7]
        if metafunc.config.getoption("huge"):
            sizes.append(2 * 10**8)
        metafunc.parametrize("points", sizes, ids=lambda n: f"{n:.0e}")
    if "family" in metafunc.fixturenames:
        metafunc.parametrize("family", SCALAR, ids=lambda cls: cls.info.name)


@pytest.fixture
def race(benchmark, request, quick):
    """`race(ours, peers, points=n)`: time `ours` and each of the peers in turns, so that what else the machine does
    falls on all alike. Medians, the peers' among them, go into the benchmark's extra_info; ours must beat scipy.
    """

    def run(ours, peers=(), *, points, rounds=9, peer_rounds=None, family="-", faster=True, **extra):
        peers = dict(peers)
        rounds = 3 if quick else rounds
        peer_rounds = rounds if peer_rounds is None else min(rounds, peer_rounds)
        seconds = {name: [] for name in peers}

        def take_turns():
            for name, peer in peers.items():
                if len(seconds[name]) < peer_rounds or name == "read":
                    start = time.perf_counter()
                    peer()
                    seconds[name].append(time.perf_counter() - start)

        name = request.node.originalname
        benchmark.group = name.removeprefix("test_")
        ours()
        result = benchmark.pedantic(ours, setup=take_turns, rounds=rounds, iterations=1)
        median = statistics.median(benchmark.stats.stats.data)
        against = {name: statistics.median(times) for name, times in seconds.items()}
        measured = {"ns per point": median / points * 1e9, "ms": median * 1e3}
        for library in {peer.partition(" ")[0] for peer in against}:
            # "numpy SFC64" and "numpy PCG64" are two tries of one peer; its best counts.
            measured[library] = median / min(time for peer, time in against.items() if peer.split()[0] == library)
        if len(seconds.get("read", ())) == len(benchmark.stats.stats.data):
            # Where the data lie in a shared cache changes in the course of a race, for both: turn by turn.
            turns = zip(benchmark.stats.stats.data, seconds["read"], strict=True)
            measured["read"] = statistics.median(time / read for time, read in turns)
        bounds = limited(name, family)
        benchmark.extra_info.update(
            points=points,
            family=family,
            threads=th.get_num_threads(),
            seconds={"thetahat": median, **against},
            **({"times_read": measured["read"]} if "read" in measured else {}),
            limits={
                kind: {"most": most, "measured": measured[kind]} for kind, most in bounds.items() if kind in measured
            },
            **extra,
        )
        assert not faster or measured.get("scipy", 0) < 1, f"slower than scipy: {benchmark.extra_info['seconds']}"
        return result

    return run


# The physical limit ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def c_reader(tmp_path_factory):
    """`reader.c` as a function of an array; compiled here and now."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler for the reader")
    library = tmp_path_factory.mktemp("reader") / "reader.so"
    flags = ["-O3", "-march=native", "-shared", "-fPIC", "-pthread"]
    subprocess.run([compiler, *flags, "-o", library, HERE / "reader.c"], check=True)
    function = ctypes.CDLL(str(library)).read_sum
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return lambda x: function(x.ctypes.data, len(x), th.get_num_threads())


@pytest.fixture(scope="session")
def numpy_reader():
    """numpy's sum, split over as many threads as ours."""
    pool = concurrent.futures.ThreadPoolExecutor(th.get_num_threads())

    def read(x):
        return sum(pool.map(np.add.reduce, np.array_split(x, th.get_num_threads())))

    yield read
    pool.shutdown()


@pytest.fixture(scope="session")
def read():
    """Our own sum: the row that all others are compared with."""
    return _core.read_sum
