"""The Python layer: fits and comparisons as objects that are judged, weighted, written and shown."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle

import numpy as np
import pytest
import thetahat as th
from chosen import PAIR, REAL_LINE, VECTOR, first
from registry import FAMILIES, VECTOR_FAMILIES, fit_like, quick_share


@pytest.fixture(params=[*FAMILIES, *VECTOR_FAMILIES], ids=lambda cls: cls.info.name)
def any_family(request):
    return request.param


@pytest.fixture(scope="module")
def x():
    return first(PAIR).sample(2000, seed=5)


@pytest.fixture(scope="module")
def fitted(x):
    return PAIR.fit(x)


# Fits ---------------------------------------------------------------------------------------------


def test_a_fit_has_what_it_promises(fitted, x):
    assert fitted.status == "converged"
    assert fitted.family == PAIR.info.name
    assert fitted.model == PAIR(**fitted.parameters)
    assert fitted.n == len(x)
    assert fitted.require() is fitted
    assert fitted.require("converged", "boundary") is fitted
    with pytest.raises(th.FitError, match="boundary"):
        fitted.require("boundary")
    with pytest.raises(th.UnknownNameError, match="converged"):
        fitted.require("convergd")
    with pytest.raises(th.FitError, match="status"):
        bool(fitted)
    k, log_likelihood, n = 2, fitted.log_likelihood, len(x)
    assert math.isclose(fitted.aic, 2 * k - 2 * log_likelihood)
    assert math.isclose(fitted.bic, k * math.log(n) - 2 * log_likelihood)
    assert math.isclose(fitted.aicc, fitted.aic + 2 * k * (k + 1) / (n - k - 1))
    assert fitted.log_likelihood == pytest.approx(fitted.model.log_likelihood(x), rel=1e-12)
    errors = np.sqrt(np.diagonal(np.linalg.inv(fitted.model.information(x))))
    np.testing.assert_allclose(list(fitted.standard_errors.values()), errors, rtol=1e-5)
    with pytest.raises((AttributeError, TypeError)):
        fitted.status = "converged"
    with pytest.raises(TypeError):
        fitted.parameters["a"] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        fitted.covariance[0, 0] = 1.0


def test_the_ways_to_ask_for_a_fit_agree(fitted, x):
    for other in (th.fit(PAIR, x), th.fit(PAIR.__name__, list(x)), th.fit(PAIR, x, start=fitted.model)):
        for name, value in fitted.parameters.items():
            assert other.parameters[name] == pytest.approx(value, rel=1e-5)


@quick_share(16)
def test_fits_are_written_and_read_bit_for_bit(any_family):
    model = first(any_family)
    for fit in (fit_like(model, model.sample(500, seed=3)), fit_like(model, model.sample(1, seed=3))):
        again = th.Fit.from_json(fit.to_json())
        assert again == fit
        assert hash(again) == hash(fit)
        assert again.seconds == fit.seconds
        assert json.loads(fit.to_json()) == fit.to_dict()
        assert pickle.loads(pickle.dumps(fit)) == fit
        assert again.data is None
        assert str(again.summary()) == str(fit.summary())


@pytest.mark.parametrize(
    "change", [{"schema": "thetahat.model/1"}, {"family": "nothing"}, {"status": "fine"}, {"n": "many"}, {"weights": 1}]
)
def test_changed_fits_are_refused(fitted, change):
    with pytest.raises(th.ThetahatError):
        th.Fit.from_dict({**fitted.to_dict(), **change})
    document = fitted.to_dict()
    del document["covariance"]
    with pytest.raises(th.DataError, match="covariance"):
        th.Fit.from_dict(document)


def test_a_fit_without_estimate_has_no_model():
    fit = REAL_LINE.fit([3.0, 3.0, 3.0])
    assert fit.status == "degenerate"
    with pytest.raises(th.FitError, match="degenerate"):
        _ = fit.model
    assert all(interval is None for interval in fit.confidence_intervals().values())
    assert "degenerate" in str(fit.summary())
    assert math.isnan(fit.log_likelihood)
    assert math.isnan(fit.bic)


def test_at_the_end_of_the_parameter_space_the_model_is_that_of_the_limit_family(fitted):
    limit = th.Limit(REAL_LINE.info.name, first(REAL_LINE).parameters, -1.5, "boundary")
    name = PAIR.info.parameter_names[0]
    parameters = {**fitted.parameters, name: math.inf}
    fit = dataclasses.replace(fitted, status="boundary", reason="ended", parameters=parameters, limit=limit)
    assert fit.model == first(REAL_LINE)
    assert fit.confidence_intervals()[name] is None
    again = th.Fit.from_json(fit.to_json())
    assert again == fit
    assert again.limit == limit
    assert again.parameters[name] == math.inf
    assert REAL_LINE.info.name in str(fit.summary())
    with pytest.raises(th.FitError, match="ended"):
        _ = dataclasses.replace(fit, limit=None).model


@quick_share(24)
def test_confidence_intervals_follow_each_coordinate(family):
    fit = fit_like(first(family), first(family).sample(2000, seed=9))
    quantile = 1.959963984540054
    to = {
        "identity": lambda v: v,
        "log": np.log,
        "reciprocal": lambda v: -1 / v,
        "logit": lambda v: np.log(v / (1 - v)),
    }
    for parameter in family.info.parameters:
        interval = fit.confidence_intervals()[parameter.name]
        error, estimate = fit.standard_errors[parameter.name], fit.parameters[parameter.name]
        if not math.isfinite(error):
            assert interval is None
            continue
        low, high = interval
        assert low < estimate < high
        change = to[parameter.coordinate]
        if math.isfinite(high):
            assert change(low) + change(high) == pytest.approx(2 * change(estimate), rel=1e-6, abs=1e-9)
        step = 1e-5 * error
        slope = (change(estimate + step) - change(estimate - step)) / (2 * step)
        assert change(estimate) - change(low) == pytest.approx(quantile * slope * error, rel=1e-6)
        narrow = fit.confidence_intervals(0.5)[parameter.name]
        assert low < narrow[0] < narrow[1] < high


def test_a_fit_by_extreme_observations_has_a_model_and_no_errors():
    cls = next(cls for cls in FAMILIES if all(p.boundary for p in cls.info.parameters))
    fit = cls.fit(first(cls).sample(100, seed=1))
    assert fit.status in ("converged", "boundary")
    assert all(math.isnan(error) for error in fit.standard_errors.values())
    assert isinstance(fit.model, cls)


def test_fixed_parameters_stay(x):
    first_name, second_name = PAIR.info.parameter_names
    fit = PAIR.fit(x, fixed={first_name: 2.5})
    assert fit.parameters[first_name] == 2.5
    assert fit.free == 1
    assert math.isnan(fit.standard_errors[first_name])
    assert math.isfinite(fit.standard_errors[second_name])
    assert fit.confidence_intervals()[first_name] is None
    for alternative in PAIR.info.alternatives:
        if alternative.parameters[0].transform == "reciprocal":
            fit = PAIR.fit(x, fixed={alternative.names[0]: 4.0})
            assert fit.parameters[alternative.replaced[0]] == 0.25
    with pytest.raises(th.UnknownNameError, match="parameter"):
        PAIR.fit(x, fixed={"nothing": 1.0})
    with pytest.raises(th.ParameterError, match="positive"):
        PAIR.fit(x, fixed={first_name: -1.0})
    with pytest.raises(th.ParameterError, match="one number"):
        PAIR.fit(x, fixed={first_name: [1.0, 2.0]})
    with pytest.raises(th.ParameterError, match=f"lacks {second_name}"):
        PAIR.fit(x, start={first_name: 1.0})
    with pytest.raises(th.ParameterError, match="start"):
        PAIR.fit(x, start=first(REAL_LINE))
    with pytest.raises(th.ParameterError, match="callable"):
        PAIR.fit(x, progress=True)


def test_a_parameter_with_a_known_value_is_held_until_it_is_freed(family):
    info = family.info
    defaults = {p.name: p.default for p in info.parameters if p.default is not None}
    theta = {**first(family).parameters, **defaults}
    sample = family(**theta).sample(200, seed=4)
    for parameter in (p for p in info.parameters if p.default is not None):
        name = parameter.name
        assert family.fit(sample).parameters[name] == parameter.default
        for other in (parameter.default - 1.0, parameter.default + 1.0):
            try:
                holds = np.isfinite(family(**{**theta, name: other}).log_prob(sample)).all()
            except th.ParameterError:  # no such member
                continue
            if holds:
                assert family.fit(sample, fixed={name: other}).parameters[name] == other
        if parameter.given:
            with pytest.raises(th.ParameterError, match=name):
                family.fit(sample, fixed={name: None})
        else:
            assert family.fit(sample, fixed={name: None}).free == len(info.parameters) - len(defaults) + 1


def test_missing_values_are_dropped_and_counted(x):
    holes = np.insert(x, [3, 70], np.nan)
    weights = np.ones(len(holes))
    with pytest.raises(th.DataError, match="index 3"):
        PAIR.fit(holes)
    fit = PAIR.fit(holes, missing="drop")
    assert fit.dropped == 2
    assert fit.n == len(x)
    assert "2 dropped" in str(fit.summary())
    assert PAIR.fit(holes, weights=weights, missing="drop").n == len(x)
    assert fit.parameters == PAIR.fit(x).parameters


# Weights ------------------------------------------------------------------------------------------


def test_frequencies_are_repeated_observations(x):
    counts = np.arange(len(x)) % 4
    repeated = PAIR.fit(np.repeat(x, counts))
    weighted = PAIR.fit(x, weights=counts)
    assert weighted.n == counts.sum() == repeated.n
    assert weighted.weights == "frequency"
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-10)
    for name in weighted.parameters:
        assert weighted.parameters[name] == pytest.approx(repeated.parameters[name], rel=1e-6)
        assert weighted.standard_errors[name] == pytest.approx(repeated.standard_errors[name], rel=1e-4)


@pytest.mark.parametrize("kind", [th.precision, th.importance], ids=["precision", "importance"])
def test_other_weights_do_not_depend_on_their_scale(kind, x):
    weights = 0.5 + (np.arange(len(x)) % 5)
    one, ten = PAIR.fit(x, weights=kind(weights)), PAIR.fit(x, weights=kind(10 * weights))
    plain = PAIR.fit(x, weights=weights)
    assert one.weights == kind.__name__
    assert one.n == pytest.approx(ten.n)
    assert one.n == pytest.approx(len(x) if kind is th.precision else weights.sum() ** 2 / (weights**2).sum())
    assert one.log_likelihood == pytest.approx(ten.log_likelihood, rel=1e-9)
    for name in one.parameters:
        assert one.parameters[name] == pytest.approx(plain.parameters[name], rel=1e-9)
        assert one.standard_errors[name] == pytest.approx(ten.standard_errors[name], rel=1e-4)
    np.testing.assert_allclose(np.sqrt(np.diagonal(one.covariance)), list(one.standard_errors.values()), rtol=1e-12)


def test_equal_weights_of_any_kind_change_nothing_of_precision(fitted, x):
    fit = PAIR.fit(x, weights=th.precision(np.full(len(x), 7.0)))
    assert fit.n == len(x)
    for name in fit.parameters:
        assert fit.standard_errors[name] == pytest.approx(fitted.standard_errors[name], rel=1e-4)


def test_importance_weights_take_the_sandwich(x):
    weights = np.where(np.arange(len(x)) % 3 == 0, 4.0, 1.0)
    fit = PAIR.fit(x, weights=th.importance(weights))
    scores = fit.model.score(x) * weights[:, None]
    inverse = np.linalg.inv(fit.model.information(x, weights=weights))
    np.testing.assert_allclose(fit.covariance, inverse @ (scores.T @ scores) @ inverse, rtol=1e-4)


# Comparisons --------------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion", ["bic", "aic", "aicc"])
def test_a_comparison_ranks_by_its_criterion(x, criterion):
    ranking = th.compare(x, criterion=criterion)
    values = [getattr(row, criterion) for row in ranking.rows]
    assert values == sorted(values)
    assert [row.rank for row in ranking.rows] == list(range(1, len(values) + 1))
    assert ranking.rows[0].delta == 0.0
    assert sum(row.weight for row in ranking.rows) == pytest.approx(1.0)
    for row in ranking.rows:
        assert row.delta == pytest.approx(getattr(row, criterion) - values[0])
        assert ranking.fits[row.family].log_likelihood == row.log_likelihood
        assert bool(row.mark) == th.family_class(row.family).info.boundary_maximum
    assert ranking.best is ranking.fits[ranking.rows[0].family]
    listed = {row.family for row in ranking.rows} | {row.family for row in ranking.unranked}
    assert listed == {cls.info.name for cls in FAMILIES if cls.info.kind == "continuous"}
    json.loads(ranking.to_json())
    assert PAIR.__name__ in ranking.table()
    assert PAIR.__name__ in ranking._repr_html_()


def test_densities_and_probabilities_are_never_ranked_together():
    counts = np.array([0, 1, 3, 2, 1, 0, 4])
    assert th.compare(counts).kind == "discrete"
    assert th.compare(counts.tolist()).kind == "discrete"
    assert th.compare(counts.astype(float), kind="discrete").kind == "discrete"
    with pytest.warns(th.ThetahatWarning, match="distinct"):
        assert th.compare(np.tile(counts, 9) + 0.5).kind == "continuous"
    discrete = next(cls for cls in FAMILIES if cls.info.kind == "discrete")
    assert th.compare(counts.astype(float), families=[discrete]).kind == "discrete"
    with pytest.raises(th.ParameterError, match="not comparable"):
        th.compare(counts, families=[discrete, PAIR])
    with pytest.raises(th.ParameterError, match="vectors"):
        th.compare(counts, families=[VECTOR], kind=VECTOR.info.kind)
    with pytest.raises(th.ParameterError, match="at least one"):
        th.compare(counts, families=[])
    with pytest.raises(th.UnknownNameError, match="discrete"):
        th.compare(counts, kind="counts")


def test_families_that_exclude_the_data_say_where():
    half_line = next(cls for cls in FAMILIES if cls.info.support.lower == 0 and cls.info.kind == "continuous")
    ranking = th.compare([0.5, 1.5, -2.5, 3.0], families=[half_line, REAL_LINE])
    assert [row.family for row in ranking.rows] == [REAL_LINE.info.name]
    (row,) = ranking.unranked
    assert row.status == "not_applicable"
    assert "-2.5" in row.reason
    assert "index 2" in row.reason
    assert row.reason in ranking.table()
    for bad in (np.nan, np.inf):
        with pytest.raises(th.DataError, match="index 1"):
            th.compare([1.0, bad, 2.0])
    counts = [cls for cls in th.families("discrete") if cls.info.support.lower >= 0]
    with pytest.raises(th.DataError, match="continuous"):
        th.compare([-1, 2, 3], families=counts)


def test_a_comparison_without_a_ranking_has_no_best():
    ranking = th.compare([2.5, 2.5, 2.5], families=[REAL_LINE])
    assert not ranking.rows
    assert ranking.unranked[0].status == "degenerate"
    with pytest.raises(th.FitError, match="degenerate"):
        _ = ranking.best


# Vectors ------------------------------------------------------------------------------------------


def test_vector_families_read_rows():
    model = first(VECTOR)
    x = model.sample(50, seed=1)
    assert x.shape == (50, 2)
    assert model.log_prob(x).shape == (50,)
    assert type(model.log_prob(x[0])) is float
    assert model.mean.shape == model.variance.shape == (2,)
    assert model.entropy() == pytest.approx(-model.log_prob(x[0]))
    fit = th.fit(VECTOR, np.asfortranarray(x).astype("f4"), weights=np.r_[0.0, np.ones(49)])
    assert fit.n == 49
    assert fit.status in ("converged", "boundary")
    assert isinstance(fit.model, VECTOR)
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(x[1:].astype("f4")))
    assert fit.confidence_intervals() == dict.fromkeys(VECTOR.info.parameter_names)
    holes = x.copy()
    holes[3, 1] = np.nan
    assert th.fit(VECTOR, holes, missing="drop").dropped == 1
    for bad in (x[:, 0], x[:, :0], x[None]):
        with pytest.raises(th.DataError, match="shape"):
            th.fit(VECTOR, bad)
    with pytest.raises(th.DataError, match="shape"):
        model.log_prob(np.ones((4, 3)))
    with pytest.raises(th.ParameterError, match="closed form"):
        th.fit(VECTOR, x, fixed={VECTOR.info.parameter_names[0]: 0.0})
    with pytest.raises(th.ParameterError, match=r"shape \(d,\)"):
        VECTOR(*VECTOR.info.cases[0])


# Reports ------------------------------------------------------------------------------------------


def test_reports_are_escaped_and_printable(fitted):
    hostile = dataclasses.replace(fitted, reason="<script>\x1b[31m\n&")
    html, text = hostile._repr_html_(), str(hostile.summary())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html + text
    for name in fitted.parameters:
        assert name in text
        assert name in html
