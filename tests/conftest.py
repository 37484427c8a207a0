"""Every test of a property runs over the registry: `family`, `vector_family` and `case` come from thetahat.families()."""

import collections
import csv
import pathlib

import pytest
import thetahat as th
from registry import CASES, FAMILIES, VECTOR_FAMILIES, lot
from thetahat import _core

QUICK_CASES = 2


def pytest_addoption(parser):
    parser.addoption("--target", choices=_core.targets(), help="run everything on this CPU target")


def pytest_configure(config):
    target = config.getoption("--target")
    if target:
        _core.set_target(target)


def pytest_report_header(config):
    facts = th.info()
    return f"thetahat {facts['version']}, target {facts['target']} of {', '.join(facts['targets'])}"


def pytest_generate_tests(metafunc):
    if "family" in metafunc.fixturenames:
        metafunc.parametrize("family", FAMILIES, ids=lambda cls: cls.info.name)
    if "vector_family" in metafunc.fixturenames:
        metafunc.parametrize("vector_family", VECTOR_FAMILIES, ids=lambda cls: cls.info.name)
    if "case" in metafunc.fixturenames:
        # The first cases of a family are moderate, the rest extreme.
        quick = metafunc.function.__dict__.get("quick_cases", QUICK_CASES)
        chosen = [pytest.param(c, id=str(c), marks=[] if c.number < quick else [pytest.mark.slow]) for c in CASES]
        metafunc.parametrize("case", chosen)


@pytest.hookimpl(tryfirst=True)  # before the slow ones are left out
def pytest_collection_modifyitems(config, items):
    draw_lots(config, items)
    expect_known_gaps(items)


def draw_lots(config, items):
    """Of a test with a `quick_share`, all but the families that its lots choose are left to the slow set, or out."""
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for item in items:
        share = getattr(getattr(item, "function", None), "quick_share", None)
        if share is not None:
            argument, name = subject(item.callspec)
            others = tuple(repr(value) for other, value in item.callspec.params.items() if other != argument)
            groups[f"{item.module.__name__}.{item.originalname}", others, share][name].append(item)
    left_out = beyond_most(items)
    for (test, others, (quick, most)), families in groups.items():
        for place, name in enumerate(sorted(families, key=lambda name: lot(test, others, name))):
            if most is not None and place >= most:
                left_out += families[name]
            elif place >= quick:
                for item in families[name]:
                    item.add_marker(pytest.mark.slow)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def beyond_most(items):
    """The further cases of families that the lots of a test with `quick_cases(number, most)` do not choose."""
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for item in items:
        most = getattr(getattr(item, "function", None), "most_families", None)
        if most is not None and item.callspec.params["case"].number >= item.function.quick_cases:
            groups[f"{item.module.__name__}.{item.originalname}", most][item.callspec.params["case"].name].append(item)
    left_out = []
    for (test, most), families in groups.items():
        for name in sorted(families, key=lambda name: lot(test, "cases", name))[most:]:
            left_out += families[name]
    return left_out


def subject(callspec):
    """The argument of a test that is a family or holds one, and the family's name."""
    for argument, value in callspec.params.items():
        cls = getattr(value, "family", value)
        if isinstance(cls, type) and issubclass(cls, th.Family):
            return argument, cls.info.name
    raise ValueError(f"no argument of {callspec.id} is a family")


def expect_known_gaps(items):
    """What is known not to hold, with the reason: a list, and strict, so that a gap that closes leaves it."""
    with (pathlib.Path(__file__).parent / "known_gaps.csv").open(newline="", encoding="utf-8") as stream:
        gaps = [(row["test"], row["case"], row["reason"]) for row in csv.DictReader(stream)]
    for item in items:
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")
        for test, name, reason in gaps:
            if item.originalname == test and name in (str(case), item.name.removeprefix(f"{test}[")[:-1]):
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.fixture
def threads():
    """Sets the number of threads for one test."""
    before = th.get_num_threads()
    yield th.set_num_threads
    th.set_num_threads(before)


@pytest.fixture
def target():
    """Sets the CPU target for one test."""
    before = _core.target()
    yield _core.set_target
    _core.set_target(before)
