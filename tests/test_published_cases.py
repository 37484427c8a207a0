"""Censored data that textbooks print: the maxima in 30 digits, and what was printed for them."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import thetahat as th
from mpmath import mpf

FOLDER = Path(__file__).parent / "data" / "published"
LOG_LIKELIHOOD = 1e-9
STANDARD_ERRORS = 1e-6


def table(name):
    with open(FOLDER / name, newline="") as file:
        return list(csv.DictReader(file))


def every(name):
    return pytest.mark.parametrize("answer", table(name), ids=lambda answer: f"{answer['data']}-{answer['family']}")


def fitted(answer):
    ends_and_counts = np.loadtxt(FOLDER / f"{answer['data']}.csv", delimiter=",", skiprows=1)
    lower, upper = np.repeat(ends_and_counts[:, :2], ends_and_counts[:, 2].astype(int), axis=0).T
    return th.fit(answer["family"], th.observations.censored(lower, upper))


def expected(answer):
    return [answer[f"parameter {k}"] for k in (1, 2) if answer[f"parameter {k}"]]


@every("answers.csv")
def test_the_maximum(answer):
    fit = fitted(answer)
    assert fit.status == "converged", fit.reason
    value = mpf(answer["log_likelihood"])
    assert abs(mpf(fit.log_likelihood) - value) <= LOG_LIKELIHOOD * (1 + abs(value))
    for (name, got), wanted in zip(fit.parameters.items(), expected(answer), strict=True):
        assert abs(mpf(got) - mpf(wanted)) <= STANDARD_ERRORS * fit.standard_errors[name], (name, got, wanted)


@every("printed.csv")
def test_what_was_printed(answer):
    for got, wanted in zip(fitted(answer).parameters.values(), expected(answer), strict=True):
        decimals = len(wanted.partition(".")[2])
        assert round(got, decimals) == float(wanted)


@pytest.mark.slow
def test_the_committed_answers_are_those_of_the_script(tmp_path, monkeypatch):
    from reference import make_published_data

    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(make_published_data, "FOLDER", tmp_path)
    make_published_data.main()
    assert (tmp_path / "answers.csv").read_text() == (FOLDER / "answers.csv").read_text()
