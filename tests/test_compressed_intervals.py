"""Fits of so many interval rows that nodes stand in for them, against sums over the rows themselves."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import thetahat as th
from registry import FAMILIES, Case, quick_share

rows_of = th.observations
CASES = [Case(cls, 0) for cls in FAMILIES if cls.info.kind == "continuous" and not cls.info.boundary_maximum]
FEW, MANY = 40000, 100000
KINDS = ["right", "left", "intervals", "narrow", "window", "mixed"]


def kinked(case):
    """Whether the density has no slope at the mode: its terms are no smooth function of x."""
    mode, spread = float(case.model.mode), float(case.model.isf(0.25) - case.model.icdf(0.25))
    sides = case.model.log_prob(np.array([mode - 1e-6 * spread, mode, mode + 1e-6 * spread]))
    return bool(np.isfinite(sides).all() and sides[1] - max(sides[0], sides[2]) > 1e-7)


@cache
def draws(case, n):
    x = case.model.sample(n, seed=11).astype(np.float64)
    return x, np.random.default_rng(8).permutation(x)


def rows(case, kind, n):
    """Rows of which everyone is censored, cut or hidden in its own way."""
    rng = np.random.default_rng(7)
    x, other = (column[:n] for column in draws(case, MANY if n > FEW else FEW))
    lower, upper = (float(end) for end in case.model.support)
    quartiles = np.quantile(x, [0.25, 0.5, 0.75])
    spread = quartiles[2] - quartiles[0]
    below, above = rng.uniform(size=n), rng.uniform(size=n)
    down = x - lower if np.isfinite(lower) else np.full(n, spread)
    up = upper - x if np.isfinite(upper) else down

    def between(share):
        return x - share * below * down, x + share * above * up

    if kind == "right":
        return rows_of.from_events(np.minimum(x, other), x <= other)
    if kind == "left":
        return rows_of.censored(np.where(x < other, -np.inf, x), np.maximum(x, other))
    if kind == "intervals":
        return rows_of.censored(*between(0.6))
    if kind == "narrow":
        return rows_of.censored(*between(1e-4))
    if kind == "window":
        start = np.minimum(other, quartiles[1])
        return rows_of.truncated(x[x >= start], start[x >= start])
    low, high = between(0.4)
    low, high = np.where(below < 0.2, -np.inf, low), np.where(above < 0.2, np.inf, high)
    exact = above > 0.7
    low, high = np.where(exact, x, low), np.where(exact, x, high)
    weights = rng.uniform(0.5, 2.0, n)
    known = np.isfinite(low) | np.isfinite(high)
    return rows_of.censored(low[known], high[known], weights=weights[known])


def check_maximum(case, kind, n):
    observed = rows(case, kind, n)
    fit = case.fit(observed)
    assert fit.status == "converged", fit.reason
    truth = case.family(*fit.parameters.values())._information(observed, None)
    free = [i for i, error in enumerate(fit.standard_errors.values()) if error > 0]
    score, information = truth["score"][free], truth["information"][np.ix_(free, free)]
    assert abs(fit.log_likelihood - truth["log_likelihood"]) <= 1e-11 * (1 + abs(truth["log_likelihood"]))
    assert score @ np.linalg.solve(information, score) <= 1e-7**2  # standard errors
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(fit.covariance[np.ix_(free, free)], covariance, atol=1e-6 * np.abs(covariance).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", [case for case in CASES if not kinked(case)], ids=str)
@quick_share(2, most=24)
def test_nodes_have_the_maximum_of_the_rows(member, kind):
    check_maximum(member, kind, 9000 if kind in ("right", "left", "window") else FEW)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", [case for case in CASES if not kinked(case)], ids=str)
@quick_share(0, most=12)
def test_nodes_have_the_maximum_of_many_rows(member, kind):
    check_maximum(member, kind, MANY)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_do_not_change_the_bits(kind):
    observed, before = rows(Case(th.LogNormal, 0), kind, MANY), th.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 7):
            th.set_num_threads(threads)
            fit = th.fit("log_normal", observed)
            found.append((fit.parameters, fit.log_likelihood, fit.covariance.tolist()))
    finally:
        th.set_num_threads(before)
    assert found[0] == found[1] == found[2]
