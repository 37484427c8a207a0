"""Fits of a million points, every family, beside scipy's fit of the same parameters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import thetahat as th
from races import known, model_of, observations
from thetahat.info import forward

stats = pytest.importorskip("scipy.stats", reason="the peer")


def scipy_fit(family, x, fixed):
    """The log-likelihood of scipy's fit with the same parameters free."""
    declared = family.info.scipy
    distribution = getattr(stats, declared.name)
    if family.info.kind == "discrete":
        # stats.fit wants bounds, and takes a count for whole.
        shapes = distribution.shapes.replace(",", " ").split()
        bounds = {name: (1e-6, 1.0) if name == "p" else (1e-6, 100.0) for name in shapes}
        if "n" in bounds:
            bounds["n"] = (1, 100)
        # scipy's geometric law counts from 1, ours from 0.
        bounds |= {each.name: (each.value, each.value) for each in declared.arguments if each.transform == "constant"}
        found = stats.fit(distribution, x, bounds)
        return float(distribution.logpmf(x, *found.params).sum())
    held = {"floc": 0.0, "fscale": 1.0}
    for argument in declared.arguments:
        held.pop(f"f{argument.name}", None)
        if argument.transform == "constant":
            held[f"f{argument.name}"] = argument.value
        elif argument.first in fixed and not argument.second:
            held[f"f{argument.name}"] = forward(argument.transform, fixed[argument.first])
    found = distribution.fit(x, **held)
    return float(distribution.logpdf(x, *found).sum())


def test_fit(race, family, quick):
    points = 10**5 if quick else 10**6
    x = observations(model_of(family), points)
    fixed, name = known(family), family.info.name
    theirs = []
    # scipy's general optimisers take seconds to a minute: once is enough.
    slow = quick and (family.info.kind == "discrete" or family.info.tier > 1)
    peers = {} if slow or family.info.scipy is None else {"scipy": lambda: theirs.append(scipy_fit(family, x, fixed))}
    fit = race(lambda: th.fit(family, x, fixed=fixed), peers, points=points, family=name, rounds=15, peer_rounds=1)
    assert fit.status in {"converged", "boundary"}
    if theirs:
        assert fit.log_likelihood >= theirs[0] - 1e-9 * (1 + abs(theirs[0]))
    if family.info.fit_method == "passes" and points >= 10**5:
        assert fit.passes <= 4
    for parameter, truth in zip(family.info.parameters, family.info.cases[0], strict=True):
        error = fit.standard_errors[parameter.name]
        if math.isfinite(error):
            assert abs(fit.parameters[parameter.name] - truth) <= 6 * error


def test_fit_many_small(race, family):
    """A thousand observations: what a call costs beside the data."""
    points = 1000
    fixed = known(family)
    x = observations(model_of(family), points)
    fit = race(lambda: th.fit(family, x, fixed=fixed), points=points, family=family.info.name, rounds=25)
    assert fit.status in {"converged", "boundary"}
    assert np.isfinite(fit.log_likelihood)
