"""Families of vectors: the same verbs on the rows of an (n, d) array."""

import math

import numpy as np
import pytest
import thetahat as th
from mpmath import mpf
from reference import high_precision
from reference.oracle import ORACLE
from registry import EPSILON
from scipy import stats
from thetahat import _core

FALSE_ALARM = 1e-6


def corners(family, dimension):
    """The first case's bounds, moved and stretched from coordinate to coordinate."""
    low, high = (float(np.ravel(value)[0]) for value in family.info.cases[0])
    factors = 1.0 + np.arange(dimension) / 4
    return low * factors - np.arange(dimension), high * factors + np.arange(dimension) ** 2


@pytest.fixture(params=[1, 2, 3, 17], ids=lambda d: f"d={d}")
def model(vector_family, request):
    return vector_family(*corners(vector_family, request.param))


def test_log_prob_against_the_oracle(model):
    low, high = corners(type(model), model.dimension)
    density = ORACLE[model.info.name].log_density
    expected = density(None, high_precision.exact(low), high_precision.exact(high))
    x = model.sample(50, seed=1)
    rows = model.log_prob(x)
    bound = model.info.accuracy * EPSILON * max(1, abs(expected), model.dimension)
    assert all(abs(mpf(row) - expected) <= bound for row in rows)
    assert rows.shape == (50,) and model.log_prob(x[3]) == rows[3]
    assert model.log_likelihood(x) == pytest.approx(math.fsum(rows), rel=8 * EPSILON)
    np.testing.assert_array_equal(model.prob(x), np.exp(rows))


def test_outside(model):
    low, high = model.support
    inside = (low + high) / 2
    for coordinate in range(model.dimension):
        for value in (np.nextafter(low[coordinate], -np.inf), np.nextafter(high[coordinate], np.inf), -np.inf, np.inf):
            row = inside.copy()
            row[coordinate] = value
            assert model.log_prob(row) == -np.inf
    assert np.isfinite(model.log_prob(low)) and np.isfinite(model.log_prob(high))
    with pytest.raises(th.DataError, match="NaN"):
        model.log_prob(np.where(np.arange(model.dimension) == 0, np.nan, inside))
    with pytest.raises(th.DataError, match="column_stack"):
        model.log_prob(np.zeros((2, model.dimension + 1)))


def test_summaries(model):
    low, high = model.support
    assert model.cdf(high) == 1.0 and model.cdf(low) == 0.0
    middle = low + (high - low) / 2
    assert model.cdf(middle) == pytest.approx(0.5**model.dimension, rel=64 * EPSILON)
    np.testing.assert_allclose(model.mean, middle, rtol=4 * EPSILON, atol=EPSILON)
    np.testing.assert_allclose(model.median, middle, rtol=4 * EPSILON, atol=EPSILON)
    np.testing.assert_allclose(model.variance, (high - low) ** 2 / 12, rtol=4 * EPSILON)
    assert model.entropy() == pytest.approx(-model.log_prob(middle), rel=16 * EPSILON, abs=16 * EPSILON)


def test_draws(model, threads, target):
    draws = model.sample(20_000, seed=2)
    low, high = model.support
    assert draws.shape == (20_000, model.dimension)
    assert ((draws >= low) & (draws <= high)).all()
    # Each coordinate by Kolmogorov and Smirnov, false-alarm rate 1e-6 each.
    for column, a, b in zip(draws.T, low, high, strict=True):
        assert stats.kstest(column, stats.uniform(a, b - a).cdf).pvalue > FALSE_ALARM
    np.testing.assert_array_equal(model.sample(33, seed=2), draws[:33])
    assert (model.sample(33, seed=3) != draws[:33]).all()
    for number in (1, 2, 7):
        threads(number)
        np.testing.assert_array_equal(model.sample(20_000, seed=2), draws)
    for name in _core.targets():
        target(name)
        np.testing.assert_array_equal(model.sample(20_000, seed=2), draws)


def test_the_fit_is_the_smallest_box(model):
    x = model.sample(500, seed=4)
    fit = th.fit(model.info.name, x)
    np.testing.assert_array_equal(fit.model.support, [x.min(axis=0), x.max(axis=0)])
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(x), rel=64 * EPSILON)
    assert fit.free == 2 * model.dimension and fit.n == 500
    assert all(np.isnan(error).all() for error in fit.standard_errors.values())
    assert th.Fit.from_json(fit.to_json()) == fit
    fit.require("converged", "boundary")
    for layout in (np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], x.astype(">f8"), x[::-1]):
        assert type(model).fit(layout).model == fit.model


def test_weights(model):
    x = model.sample(100, seed=5)
    weights = np.arange(100) % 3
    fit = type(model).fit(x, weights=weights)
    repeated = type(model).fit(np.repeat(x, weights, axis=0))
    assert fit.model == repeated.model and fit.n == repeated.n
    assert fit.log_likelihood == pytest.approx(repeated.log_likelihood, rel=64 * EPSILON)
    expected = math.fsum(fit.model.log_prob(x[weights > 0]) * weights[weights > 0])
    assert fit.model.log_likelihood(x, weights) == pytest.approx(expected, rel=64 * EPSILON)


def test_degenerate_and_bad_data(model):
    x = model.sample(20, seed=6)
    flat = x.copy()
    flat[:, -1] = 1.5
    for data, status in ((flat, "degenerate"), (np.repeat(x[:1], 5, axis=0), "degenerate"), (x[:1], "not_identified")):
        fit = type(model).fit(data)
        assert fit.status == status and fit.reason
        with pytest.raises(th.FitError, match=status):
            fit.require("converged", "boundary")
    for bad in (np.where(np.arange(20)[:, None] == 7, np.nan, x), np.where(np.arange(20)[:, None] == 7, np.inf, x)):
        with pytest.raises(th.DataError, match=r"index \(?7"):
            type(model).fit(bad)
    bad = np.where(np.arange(20)[:, None] == 7, np.nan, x)
    dropped = type(model).fit(bad, missing="drop")
    assert dropped.dropped == 1 and dropped.model == type(model).fit(np.delete(x, 7, axis=0)).model
    for empty in (np.empty((0, model.dimension)), np.empty((3, 0))):
        with pytest.raises(th.DataError):
            type(model).fit(empty)
    with pytest.raises(th.ParameterError, match="closed form"):
        type(model).fit(x, start=model)


def test_a_model_is_a_value(model):
    again = type(model)(*model.support)
    assert model == again and hash(model) == hash(again)
    assert th.Family.from_json(model.to_json()) == model
    with pytest.raises(th.ParameterError, match=model.info.constraint):
        type(model)(*reversed(model.support))
    with pytest.raises(th.ParameterError, match="one entry per coordinate"):
        type(model)(0.0, 1.0)


def test_coordinates_may_be_any_kind_of_observation(vector_family):
    """Each by itself: a box is a product, and so is its likelihood."""
    x = np.random.default_rng(3).uniform([0.0, 5.0], [2.0, 9.0], (40, 2))
    rows_of = th.observations
    kinds = [
        rows_of.censored(np.minimum(x[:, 0], 1.5), np.where(x[:, 0] > 1.5, np.inf, x[:, 0])),
        rows_of.rounded(np.round(x[:, 1], 1), 0.1),
    ]
    fit = th.fit(vector_family, kinds)
    each = [th.fit("uniform", rows) for rows in kinds]
    assert fit.status == "converged" and fit.n == 40 and fit.free == 4
    np.testing.assert_array_equal(fit.parameters["low"], [f.parameters["low"] for f in each])
    np.testing.assert_array_equal(fit.parameters["high"], [f.parameters["high"] for f in each])
    assert fit.log_likelihood == pytest.approx(sum(f.log_likelihood for f in each), rel=1e-12)
    assert fit.model.log_likelihood(kinds) == pytest.approx(fit.log_likelihood, rel=1e-9)
    plain = th.fit(vector_family, [rows_of.repeated(x[:, j], np.ones(40)) for j in range(2)])
    assert plain.parameters["low"].tolist() == th.fit(vector_family, x).parameters["low"].tolist()
    windows = [rows_of.truncated(x[:, j], low=x[:, j].min() - 1.0) for j in range(2)]
    assert th.fit(vector_family, windows, weights=np.arange(40) % 2 + 1).n == 60


@pytest.mark.parametrize("rows, message", [
    (lambda of: of.rounded([1.0], 1.0), "is a family of vectors; got Observations of one variable. Pass a list"),
    (lambda of: [of.rounded([1.0], 1.0), of.rounded([1.0, 2.0], 1.0)], "equally many rows; got 1 and, at index 1, 2"),
    (lambda of: [of.repeated([1.0], [2]), of.repeated([1.0], [3])], "share the weights of their rows; those at index 1"),
])  # fmt: skip
def test_coordinates_that_do_not_fit_together_are_refused(vector_family, rows, message):
    with pytest.raises(th.DataError, match=message):
        th.fit(vector_family, rows(th.observations))
