"""The same bits whatever the threads, the CPU target, the memory layout, the dtype and the neighbours."""

import numpy as np
import pytest
from registry import quick_cases, quick_share
from thetahat import _core

SIZES = (0, 1, 31, 32, 33, 255, 256, 257, 4095, 4096, 4097)
LONG = 20_001
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def bits(value):
    return np.ascontiguousarray(value).tobytes()


def everything(case, x):
    """All that passes over observations, as bytes."""
    model = case.model
    weights = np.linspace(0.5, 1.5, len(x))
    return {
        "log_prob": bits(model.log_prob(x)),
        "score": bits(model.score(x[:100])),
        "log_likelihood": bits(model.log_likelihood(x)),
        "weighted": bits(model.log_likelihood(x, weights)),
        "information": bits(model.information(x)),
        "weighted information": bits(model.information(x, weights)),
        "cdf": bits(model.cdf(x[:100])),
        "icdf": bits(model.icdf(np.linspace(0, 1, 33))),
    }


def fitted(case, x):
    document = case.fit(x).to_dict()
    del document["seconds"]
    return document


def sample(case, n=LONG):
    """Draws in the interior of the support: what the fits of every family accept."""
    draws = case.draws(n, seed=31)
    return draws[np.isfinite(case.model.log_prob(draws))]


@pytest.mark.parametrize("number", [1, 2, 7])
@quick_share(4)
def test_threads(case, threads, number):
    x = sample(case)
    threads(1)
    expected, fit = everything(case, x), fitted(case, x)
    threads(number)
    assert everything(case, x) == expected
    assert fitted(case, x) == fit


@pytest.mark.parametrize("name", _core.targets())
@quick_share(4)
def test_targets(case, target, name):
    x = sample(case, 5000)
    target(_core.targets()[-1])
    expected, fit = everything(case, x), fitted(case, x)
    target(name)
    assert _core.target() == name
    assert everything(case, x) == expected
    assert fitted(case, x) == fit


@quick_cases(99)
@quick_share(12)
def test_a_row_does_not_depend_on_its_neighbours(case):
    x = sample(case, 4099)
    together, scores = case.model.log_prob(x), case.model.score(x)
    for index in (0, 1, 30, 31, 32, 33, 255, 256, 257, len(x) - 1):
        assert bits(case.model.log_prob(x[index : index + 1])) == bits(together[index : index + 1])
        assert case.model.log_prob(x[index]) == together[index]
        assert bits(case.model.score(x[index : index + 1])) == bits(scores[index : index + 1])
    for shift in (1, 3, 17, 32):
        assert bits(case.model.log_prob(x[shift:])) == bits(together[shift:])
    extreme = np.concatenate([case.everywhere().astype(float), x[:100].astype(float)])
    alone = np.array([case.model.log_prob(value) for value in extreme])
    assert bits(case.model.log_prob(extreme)) == bits(alone)


@quick_share(12)
def test_sizes_around_tiles_and_blocks(case):
    for size in SIZES:
        x = sample(case, 6000)[:size]
        rows = case.model.log_prob(x)
        assert rows.shape == (len(x),), size
        total = case.model.log_likelihood(x)
        tolerance = case.family.info.accuracy * np.finfo(float).eps * (abs(rows).sum() + len(x))
        assert abs(total - rows.sum()) <= tolerance * 64, size
        assert case.model.score(x).shape == (len(x), len(case.theta)), size
        if size == 0:
            assert total == 0.0


@quick_cases(1)
@quick_share(12)
def test_layouts(case):
    x = sample(case, 5003).astype(float)
    expected, fit = everything(case, x), fitted(case, x)
    spaced = np.full(3 * len(x), np.nan)
    spaced[::3] = x
    backwards = x[::-1].copy()
    read_only = x.copy()
    read_only.flags.writeable = False
    shifted = np.empty(8 * len(x) + 1, dtype=np.uint8)[1:].view(np.float64)
    shifted[:] = x
    layouts = (spaced[::3], backwards[::-1], read_only, shifted, x.astype(">f8"), np.stack([x, x], axis=1)[:, 1])
    for layout in layouts:
        assert everything(case, layout) == expected
        assert fitted(case, layout) == fit
    np.testing.assert_array_equal(spaced[::3], x)
    np.testing.assert_array_equal(read_only, x)
    assert np.isnan(spaced.reshape(-1, 3)[:, 1:]).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", ">f2", ">f4"])
@quick_cases(1)
@quick_share(6)
def test_narrow_floats_are_widened_exactly(case, dtype):
    with np.errstate(over="ignore"):
        x = sample(case, 5003).astype(dtype)
        wide = x.astype(np.float64)
    x, wide = (values[np.isfinite(case.model.log_prob(wide))] for values in (x, wide))
    if len(x) < 100:
        pytest.skip(f"{dtype} holds next to none of these values")
    assert everything(case, x) == everything(case, wide)
    assert fitted(case, x) == fitted(case, wide)
    strided = np.repeat(x, 2)[::2]
    assert everything(case, strided) == everything(case, wide)


@pytest.mark.parametrize("dtype", INTEGERS)
@quick_cases(1)
@quick_share(6)
def test_integers_are_widened_exactly(case, dtype):
    for order in ("<", ">"):
        check_integers(case, dtype, order)


def check_integers(case, dtype, order):
    x = (np.arange(300) % 100).astype(np.dtype(dtype).newbyteorder(order))
    wide = x.astype(np.float64)
    assert bits(case.model.log_prob(x)) == bits(case.model.log_prob(wide))
    inside = np.isfinite(case.model.log_prob(wide))
    if inside.sum() > 10:
        assert bits(case.model.score(x[inside])) == bits(case.model.score(wide[inside]))
        assert case.model.log_likelihood(x[inside]) == case.model.log_likelihood(wide[inside])
        assert fitted(case, x[inside]) == fitted(case, wide[inside])
    assert bits(case.model.log_prob(x[::3])) == bits(case.model.log_prob(wide)[::3])
    if np.dtype(dtype).kind == "i":
        np.testing.assert_array_equal(case.model.log_prob(-x), case.model.log_prob(-wide))


@pytest.mark.parametrize("dtype", ["float16", "float32", ">f8", "int32"])
@quick_share(6)
def test_weights_of_any_dtype(family, dtype):
    model = family(*family.info.cases[0])
    x = model.sample(600, seed=32)
    weights = (np.arange(600) % 4).astype(dtype)
    expected = model.log_likelihood(x, weights.astype(np.float64))
    assert model.log_likelihood(x, weights) == expected
    assert model.log_likelihood(x, np.repeat(weights, 2)[::2]) == expected
