"""Draws on one core, beside the fastest of numpy's generators, or scipy's draws where numpy has none."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import thetahat as th
from races import limited

pytest.importorskip("scipy", reason="the peer")

GENERATORS = (np.random.SFC64, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.MT19937)
# The members that numpy is raced at.
NUMPY = {
    "normal": ((0.0, 1.0), lambda generator, n: generator.standard_normal(n)),
    "exponential": ((1.0,), lambda generator, n: generator.standard_exponential(n)),
    "gamma": ((2.5, 1.0), lambda generator, n: generator.standard_gamma(2.5, n)),
    "poisson": ((4.0,), lambda generator, n: generator.poisson(4.0, n)),
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = th.get_num_threads()
    th.set_num_threads(1)
    yield
    th.set_num_threads(threads)


def test_sample(race, family, quick):
    parameters, draw = NUMPY.get(family.info.name, (family.info.cases[0], None))
    model = family(*parameters)
    points = 10**6 if quick or not limited("test_sample", family.info.name) else 10**7
    if draw is None and family.info.scipy is None:
        peers = {}
    elif draw is None:
        frozen, generator = model.to_scipy(), np.random.Generator(np.random.SFC64(1))
        peers = {"scipy": lambda: frozen.rvs(points, random_state=generator)}
    else:
        generators = {kind.__name__: np.random.Generator(kind(1)) for kind in GENERATORS}
        peers = {f"numpy {name}": functools.partial(draw, each, points) for name, each in generators.items()}
    # Families without a transformation of their own invert the distribution function, which is reported, not raced.
    drawn = race(
        lambda: model.sample(points, seed=3),
        peers,
        points=points,
        family=family.info.name,
        peer_rounds=3,
        faster=draw is not None,
    )
    if np.isfinite(model.variance):
        assert abs(drawn.mean() - model.mean) <= 6 * model.stddev / np.sqrt(points)
    for q in (0.01, 0.5, 0.99):
        below = model.cdf(model.icdf(q))
        assert abs(np.mean(drawn <= model.icdf(q)) - below) <= 6 * np.sqrt(below * (1 - below) / points)
    for threads in (2, 7):
        th.set_num_threads(threads)
        assert np.array_equal(model.sample(points, seed=3), drawn), "the same bits on any number of threads"
