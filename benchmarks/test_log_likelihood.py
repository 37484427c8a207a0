"""One pass over the data: the log-likelihood, and the pass of a fit with score and information.

"read" is our own prefetched sum of the same bytes on the same threads, a lower bound for any pass; it is checked
against numpy's sum split over the threads and against a C program. The direct rows are what weights and array
parameters take: logarithms of every point in place of logarithms of products.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from races import limited, model_of, observations
from thetahat import _core

pytest.importorskip("scipy", reason="the peer")

HUGE = 10**8


def close(value, expected, points):
    """Equal but for the rounding of a sum of so many terms."""
    return value == pytest.approx(expected, rel=1e-12, abs=1e-9 * points)


def test_read(race, points, read, numpy_reader, c_reader):
    x = np.resize(np.random.default_rng(0).normal(size=10**6), points)
    result = race(
        lambda: read(x), {"numpy": lambda: numpy_reader(x), "C": lambda: c_reader(x)}, points=points, rounds=25
    )
    assert close(result, float(np.add.reduce(x)), points)


def test_log_likelihood(race, family, points, read):
    if points > HUGE and not limited("test_log_likelihood", family.info.name).keys() - {"scipy"}:
        pytest.skip("2 * 10**8 points are read for the families that have a limit")
    model = model_of(family)
    x = observations(model, points)
    floats = x if x.dtype == np.float64 else np.resize(np.random.default_rng(0).normal(size=10**6), points)
    peers = {"read": lambda: read(floats)}
    if points < HUGE and family.info.scipy is None:
        expected = math.fsum(model.log_prob(x))
    elif points < HUGE:
        frozen = model.to_scipy()
        log_prob = frozen.logpmf if family.info.kind == "discrete" else frozen.logpdf
        peers["scipy"] = lambda: log_prob(x).sum()
        if by_hand := BY_HAND.get(family.info.name):
            peers["numpy"] = lambda: by_hand(x, **model.parameters)
            assert close(peers["numpy"](), model.log_likelihood(x), points)
        expected = peers["scipy"]()
    else:
        # The sum repeats the draws, so the sum over one copy and a part says what it must be.
        block = 10**6
        expected = points // block * model.log_likelihood(x[:block])
    value = race(
        lambda: model.log_likelihood(x), peers, points=points, family=family.info.name, rounds=31, peer_rounds=3
    )
    assert close(value, expected, points)


@pytest.mark.parametrize("form", ["weights", "array parameters"])
def test_log_likelihood_direct(race, family, points, read, form):
    if points > HUGE:
        pytest.skip("the direct rows are reported at 10**7 points")
    values = family.info.cases[0]
    x = observations(family(*values), points)
    expected = family(*values).log_likelihood(x)
    floats = np.ones(points)
    if form == "weights":
        model = family(*values)
        result = race(
            lambda: model.log_likelihood(x, weights=floats), {"read": lambda: read(floats)},
            points=points, family=family.info.name, form=form,
        )  # fmt: skip
    else:
        model = family(np.full(points, values[0]), *values[1:])
        result = race(
            lambda: model.log_prob(x), {"read": lambda: read(floats)}, points=points, family=family.info.name, form=form
        ).sum()
    assert close(result, expected, points)


def test_score_and_information(race, family, points, read):
    """The call that a fit makes: value, score and information of all parameters in one pass."""
    if points > HUGE:
        pytest.skip("the derivatives are reported at 10**7 points")
    if family.info.fit_method == "boundary":
        pytest.skip("a maximum on a boundary takes no derivatives")
    model = model_of(family)
    x = observations(model, points)
    floats = np.ones(points)
    values = [float(value) for value in family.info.cases[0]]
    result = race(
        lambda: _core.information(family._index, x, values, None), {"read": lambda: read(floats)},
        points=points, family=family.info.name, rounds=15,
    )  # fmt: skip
    assert close(result["log_likelihood"], model.log_likelihood(x), points)
    # The score sums to nothing at the truth but for chance: within eight standard deviations. The draws repeat.
    spread = np.sqrt(np.square(model.score(x[:10**5])).mean(axis=0) * points * max(1, points / 10**6))
    estimated = [parameter.default is None for parameter in family.info.parameters]
    assert (np.abs(result["score"]) <= 8 * spread)[estimated].all()


# By hand, as a careful user of numpy writes the sum ---------------------------------------------------------------


def _normal(x, loc, scale):
    z = (x - loc) / scale
    return -0.5 * np.dot(z, z) - len(x) * (math.log(scale) + 0.5 * math.log(2 * math.pi))


def _gamma(x, concentration, rate):
    constant = concentration * math.log(rate) - math.lgamma(concentration)
    return (concentration - 1) * np.log(x).sum() - rate * x.sum() + len(x) * constant


def _weibull(x, scale, concentration):
    log_z = np.log(x / scale)
    constant = math.log(concentration / scale)
    return (concentration - 1) * log_z.sum() - np.exp(concentration * log_z).sum() + len(x) * constant


def _student_t(x, df, loc, scale):
    z = (x - loc) / scale
    constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi) - math.log(scale)
    return len(x) * constant - (df + 1) / 2 * np.log1p(z * z / df).sum()


def _logistic(x, loc, scale):
    z = np.abs(x - loc) / scale
    return -(z.sum() + 2 * np.log1p(np.exp(-z)).sum() + len(x) * math.log(scale))


def _beta(x, concentration1, concentration0):
    a, b = concentration1, concentration0
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return (a - 1) * np.log(x).sum() + (b - 1) * np.log1p(-x).sum() + len(x) * constant


def _poisson(x, rate):
    counts = np.bincount(x)
    log_factorial = np.array([math.lgamma(k + 1.0) for k in range(len(counts))])
    return float(counts @ (np.arange(len(counts)) * math.log(rate) - rate - log_factorial))


BY_HAND = {
    "normal": _normal,
    "gamma": _gamma,
    "weibull": _weibull,
    "student_t": _student_t,
    "logistic": _logistic,
    "beta": _beta,
    "poisson": _poisson,
}
