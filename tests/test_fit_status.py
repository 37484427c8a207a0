"""Every verdict of a fit on committed data, with the answers that reference/make_status_data.py found in 130 digits."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import thetahat as th
from mpmath import mpf

FOLDER = Path(__file__).parent / "data" / "status"
LOG_LIKELIHOOD = 1e-9
STANDARD_ERRORS = 1e-6
CLOSED_FORM = 1e-12

with open(FOLDER / "answers.csv", newline="") as file:
    ANSWERS = list(csv.DictReader(file))


def data(name):
    return np.loadtxt(FOLDER / f"{name}.csv", skiprows=1, ndmin=1)


def expected_parameters(answer):
    return [mpf(answer[f"parameter {k}"]) for k in (1, 2, 3) if answer[f"parameter {k}"]]


def with_status(*statuses):
    chosen = [answer for answer in ANSWERS if answer["status"] in statuses]
    return pytest.mark.parametrize("answer", chosen, ids=lambda answer: f"{answer['data']}-{answer['family']}")


def close_log_likelihood(fit, answer):
    expected = mpf(answer["log_likelihood"])
    return abs(mpf(fit.log_likelihood) - expected) <= LOG_LIKELIHOOD * (1 + abs(expected))


def test_the_data_reach_every_status_of_a_maximum_likelihood_fit():
    reached = {answer["status"] for answer in ANSWERS}
    # "stopped" belongs to surrogates, which claim no maximum; "iteration_limit" to searches that these data do not defeat.
    assert reached == {"converged", "boundary", "unbounded", "degenerate", "not_identified"}


@with_status("converged")
def test_converged(answer):
    fit = th.fit(answer["family"], data(answer["data"]))
    assert fit.status == "converged", fit.reason
    assert close_log_likelihood(fit, answer)
    for (name, got), expected in zip(fit.parameters.items(), expected_parameters(answer), strict=True):
        error = fit.standard_errors[name]
        allowed = STANDARD_ERRORS * error if math.isfinite(error) else CLOSED_FORM * abs(expected)
        assert abs(mpf(got) - expected) <= allowed, (name, got, float(expected))


@with_status("boundary")
def test_boundary(answer):
    """The limit family takes over, or the parameter stays at its bound."""
    x = data(answer["data"])
    fit = th.fit(answer["family"], x)
    assert fit.status == "boundary", (fit.status, fit.reason)
    assert fit.reason and close_log_likelihood(fit, answer)
    assert fit.model.info.name == answer["limit"]
    for got, expected in zip(fit.model.parameters.values(), expected_parameters(answer), strict=True):
        assert got == pytest.approx(float(expected), rel=STANDARD_ERRORS, abs=1e-12)
    if answer["limit"] != answer["family"]:
        assert fit.limit.family == answer["limit"] and fit.limit.kind == "boundary"
        assert fit.limit.log_likelihood == pytest.approx(fit.log_likelihood, rel=LOG_LIKELIHOOD)
        assert fit.limit.model == fit.model
    assert th.Fit.from_json(fit.to_json()) == fit


@with_status("unbounded", "degenerate", "not_identified")
def test_no_maximum_no_numbers(answer):
    fit = th.fit(answer["family"], data(answer["data"]))
    assert fit.status == answer["status"], (fit.status, fit.reason, fit.parameters)
    assert fit.reason
    estimated = [p.name for p in fit_family(answer).info.parameters if p.default is None]
    assert all(math.isnan(fit.parameters[name]) and math.isnan(fit.standard_errors[name]) for name in estimated)
    assert all(interval is None for interval in fit.confidence_intervals().values())
    with pytest.raises(th.FitError, match=answer["status"]):
        fit.require()
    with pytest.raises(th.FitError, match=answer["status"]):
        _ = fit.model
    assert th.Fit.from_json(fit.to_json()) == fit and fit.status in str(fit.summary())


def fit_family(answer):
    return th.family_class(answer["family"])


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer['data']}-{answer['family']}")
def test_repeated_weighted_and_reordered_data_have_the_same_verdict(answer):
    x = data(answer["data"])
    fit = th.fit(answer["family"], x)
    weighted = th.fit(answer["family"], x, weights=np.ones(len(x)))
    reordered = th.fit(answer["family"], x[::-1])
    halved = th.fit(answer["family"], x, weights=np.full(len(x), 0.5))
    assert weighted.status == reordered.status == halved.status == fit.status
    if math.isfinite(fit.log_likelihood):
        assert weighted.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-11, abs=1e-11)
        assert halved.log_likelihood == pytest.approx(fit.log_likelihood / 2, rel=1e-11, abs=1e-11)


@pytest.mark.slow
def test_the_committed_answers_are_those_of_the_script(tmp_path, monkeypatch):
    from reference import make_status_data

    monkeypatch.setattr(make_status_data, "FOLDER", tmp_path)
    make_status_data.main()
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(path.name for path in FOLDER.iterdir())
    for name in written:
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text(), name
