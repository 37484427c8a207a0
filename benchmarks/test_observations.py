"""Fits of a million rows that are censored or binned, beside lifelines' and SurPyval's fits of the same rows."""

from __future__ import annotations

import importlib
import math
import warnings

import numpy as np
import pytest
import thetahat as th
from races import model_of, observations

# What lifelines calls the fitter and the parameters, in our order.
LIFELINES = {"weibull": ("WeibullFitter", "lambda_", "rho_"), "log_normal": ("LogNormalFitter", "mu_", "sigma_")}


def peer(name):
    """A peer's module, or None where it is not installed: ours is timed all the same."""
    with quiet():
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def quiet():
    """What a peer warns of is not ours to fail for."""
    return warnings.catch_warnings(action="ignore")


def check(fit, family, rows, theirs):
    """Converged, near the truth, and not below any peer's estimate."""
    assert fit.status == "converged"
    for parameters in theirs:
        value = family(*parameters).log_likelihood(rows)
        assert fit.log_likelihood >= value - 1e-9 * (1 + abs(value))
    for name, truth in model_of(family).parameters.items():
        assert abs(fit.parameters[name] - truth) <= 6 * fit.standard_errors[name]


@pytest.mark.parametrize("name", LIFELINES)
def test_fit_right_censored(race, quick, name):
    """Each row ends at a time of its own: half of them are censored."""
    points = 10**5 if quick else 10**6
    family, lifelines = th.family_class(name), peer("lifelines")
    x, end = observations(model_of(family), points), model_of(family).sample(points, seed=2)
    time, event = np.minimum(x, end), x <= end
    rows = th.observations.from_events(time, event)
    fitter, *attributes = LIFELINES[name]
    theirs = []

    def fit_theirs():
        with quiet():
            found = getattr(lifelines, fitter)().fit(time, event)
        theirs.append([getattr(found, attribute) for attribute in attributes])

    peers = {"lifelines": fit_theirs} if lifelines else {}
    fit = race(lambda: th.fit(family, rows), peers, points=points, family=name, rounds=15, peer_rounds=1)
    check(fit, family, rows, theirs)


def surpyval_race(surpyval, name, lower, upper, counts, theirs):
    """SurPyval's fit of intervals, as a race takes it."""
    seen = counts > 0
    arguments = {"x": np.stack([lower, upper], axis=1)[seen], "c": np.full(seen.sum(), 2), "n": counts[seen]}

    def fit_theirs():
        with quiet():
            theirs.append(getattr(surpyval, name).fit(**arguments).params)

    return {"SurPyval": fit_theirs} if surpyval else {}


def test_fit_interval_censored(race, quick):
    """Each row has an interval of its own; where it starts says no more about the row than that it lies inside."""
    points = 10**5 if quick else 10**6
    family = th.Gamma
    model = model_of(family)
    where, width = np.random.default_rng(2).random((2, points))
    width = model.stddev * (0.1 + width)
    start = observations(model, points) - where * width
    lower, upper = np.maximum(0.0, start), start + width
    rows, theirs = th.observations.censored(lower, upper), []
    peers = surpyval_race(peer("surpyval"), "Gamma", lower, upper, np.ones(points, int), theirs)
    fit = race(lambda: th.fit(family, rows), peers, points=points, family="gamma", rounds=9, peer_rounds=1)
    check(fit, family, rows, theirs)


def test_fit_binned(race, quick):
    """A histogram of a thousand bins."""
    points = 10**5 if quick else 10**6
    family = th.Normal
    counts, edges = np.histogram(observations(model_of(family), points), 1000)
    rows, theirs = th.observations.binned(counts, edges), []
    peers = surpyval_race(peer("surpyval"), "Normal", edges[:-1], edges[1:], counts, theirs)
    fit = race(lambda: th.fit(family, rows), peers, points=points, family="normal", rounds=25, peer_rounds=3)
    assert math.isclose(fit.n, points)
    check(fit, family, rows, theirs)
