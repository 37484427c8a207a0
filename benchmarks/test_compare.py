"""All families of a kind at once, beside a loop of scipy's fits."""

from __future__ import annotations

import pytest
import thetahat as th
from races import SCALAR, observations
from test_fit import scipy_fit

pytest.importorskip("scipy", reason="the peer")


@pytest.mark.parametrize("kind", ["continuous", "discrete"])
def test_compare(race, quick, kind):
    """A million observations that most families hold."""
    points = 10**5 if quick else 10**6
    truth = next(cls for cls in SCALAR if cls.info.kind == kind and cls.info.support.lower == 0)
    x = observations(truth(*truth.info.cases[0]), points)
    comparison = race(lambda: th.compare(x), points=points, family=kind)
    assert comparison.kind == kind
    assert comparison.rows[0].log_likelihood >= comparison.fits[truth.info.name].log_likelihood - 1e-9 * points


def test_compare_small(race, quick):
    """The continuous families on 10**4 observations, and scipy's fits of those that hold them, one after the other."""
    points = 10**4
    truth = next(cls for cls in SCALAR if cls.info.kind == "continuous" and cls.info.support.lower == 0)
    x = observations(truth(*truth.info.cases[0]), points)
    ranked = [th.family_class(row.family) for row in th.compare(x).rows]
    peers = {} if quick else {"scipy": lambda: [scipy_fit(family, x, {}) for family in ranked]}
    comparison = race(lambda: th.compare(x), peers, points=points, family="continuous", peer_rounds=1)
    assert [th.family_class(row.family) for row in comparison.rows] == ranked
