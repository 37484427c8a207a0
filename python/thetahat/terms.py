"""What every row adds to the log-likelihood of a family, and to its score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Column
from .observations import Observations
from .univariate import Columns, UnivariateFamily, Vector

__all__ = ["as_columns", "log_terms", "mapped", "score_terms", "scores_of", "taken"]


def as_columns(parameters: Sequence[float]) -> Columns:
    """One member of a family, as its functions take it."""
    return [np.array([value], dtype=np.float64) for value in parameters]


def log_terms(cls: type[UnivariateFamily], rows: Observations, parameters: Columns) -> Vector:
    """log P of every row: its density or the probability of its interval, over the probability of its window."""
    exact = rows.lower == rows.upper
    out = np.empty(len(rows))
    if exact.any():
        out[exact] = cls._evaluate("log_prob", rows.lower[exact], parameters)
    if not exact.all():
        out[~exact] = cls._log_between(rows.lower[~exact], rows.upper[~exact], parameters)
    if rows.window_low is not None and rows.window_high is not None:
        which, low, high = _windows(rows)
        window = cls._log_between(low, high, parameters)
        # A window without probability is as impossible as a row without it.
        out = np.where(np.isneginf(window)[which], -np.inf, out - window[which])
    return out


def score_terms(cls: type[UnivariateFamily], rows: Observations, parameters: Columns) -> Vector:
    """The derivatives of `log_terms` by the parameters: shape (n, k)."""
    exact = rows.lower == rows.upper
    out = np.empty((len(rows), len(parameters)))
    if exact.any():
        out[exact] = cls._score(rows.lower[exact], parameters)
    if not exact.all():
        out[~exact] = cls._score_between(rows.lower[~exact], rows.upper[~exact], parameters)
    if rows.window_low is not None and rows.window_high is not None:
        which, low, high = _windows(rows)
        out -= cls._score_between(low, high, parameters)[which]
    return out


def scores_of(
    cls: type[UnivariateFamily], data: Column | Observations, parameters: Sequence[float]
) -> Callable[[slice], Vector]:
    """The scores of the rows of a slice, zero where a row has no weight."""
    columns = as_columns(parameters)

    def scores(block: slice) -> Vector:
        if isinstance(data, Column):
            present = np.ones(len(data.values[block]), bool) if data.weights is None else data.weights[block] > 0
            out = np.zeros((len(present), len(columns)))
            out[present] = cls._score(data.values[block][present], columns)
            return out
        present = np.ones(len(data.lower[block]), bool) if data.weights is None else data.weights[block] > 0
        out = np.zeros((len(present), len(columns)))
        out[present] = score_terms(cls, taken(data, np.arange(len(data))[block][present]), columns)
        return out

    return scores


def taken(rows: Observations, which: NDArray[Any] | slice) -> Observations:
    """Some of the rows, by a mask, by their indices or by a slice."""

    def of(column: Vector | None) -> Vector | None:
        return None if column is None else column[which]

    return replace(
        rows,
        known_survey=None,
        lower=rows.lower[which],
        upper=rows.upper[which],
        window_low=of(rows.window_low),
        window_high=of(rows.window_high),
        weights=of(rows.weights),
    )


def mapped(rows: Observations, ends: Callable[[Vector, Vector], tuple[Vector, Vector]]) -> Observations:
    """The rows as another variable has them: `ends` takes lower and upper ends, of rows and of windows alike."""
    lower, upper = ends(rows.lower, rows.upper)
    low, high = rows.window_low, rows.window_high
    if low is not None and high is not None:
        low, high = ends(low, high)
    return replace(rows, lower=lower, upper=upper, window_low=low, window_high=high, known_survey=None)


def _windows(rows: Observations) -> tuple[NDArray[np.intp], Vector, Vector]:
    """Which of the distinct windows every row has, and their ends."""
    assert rows.window_low is not None and rows.window_high is not None
    pairs = np.stack([rows.window_low, rows.window_high], axis=1)
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    return which.reshape(-1), np.ascontiguousarray(distinct[:, 0]), np.ascontiguousarray(distinct[:, 1])
