"""Observation weights: what they mean for the sample size, the criteria and the standard errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["Weights", "importance", "precision"]

WeightKind = Literal["none", "frequency", "precision", "importance"]
WEIGHT_KINDS: tuple[WeightKind, ...] = get_args(WeightKind)

_ROWS_PER_BLOCK = 65536


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Observation weights with their meaning; made by `precision` and `importance`."""

    values: Any
    kind: Literal["precision", "importance"]


def precision(weights: Any) -> Weights:
    """Weights that say how reliable each observation is; they are scaled to sum to the number of rows.

    The estimate is that of frequency weights. Standard errors, AIC and BIC count rows, not the sum of the weights.
    """
    return Weights(weights, "precision")


def importance(weights: Any) -> Weights:
    """Weights that correct for how observations were drawn, as in importance or survey sampling.

    Standard errors are those of the sandwich I^-1 (sum of w^2 s s') I^-1 (Huber 1967), which no scaling of the
    weights changes; AIC and BIC use weights scaled to the effective sample size (sum of w)^2 / sum of w^2 (Kish 1965).
    """
    return Weights(weights, "importance")


def plain_weights(weights: Any) -> Any:
    """The numbers, with or without a meaning attached."""
    return weights.values if isinstance(weights, Weights) else weights


def weights_like(weights: Any, values: Any) -> Any:
    """Other numbers with the same meaning."""
    return Weights(values, weights.kind) if isinstance(weights, Weights) else values


def weight_kind(weights: Any) -> WeightKind:
    """The meaning; a plain array counts repeated observations."""
    if weights is None:
        return "none"
    return weights.kind if isinstance(weights, Weights) else "frequency"


def sample_size(kind: WeightKind, weights: NDArray[Any] | None, total: float) -> float:
    """The n of the criteria, for weights that sum to `total`."""
    if weights is None or kind in ("none", "frequency"):
        return total
    if kind == "precision":
        return float(np.count_nonzero(weights))
    doubles = weights.astype(np.float64, copy=False)
    return total * total / float(np.dot(doubles, doubles))


def sandwich(
    scores: Callable[[slice], NDArray[np.float64]], weights: NDArray[Any], covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Covariance of the estimate under importance weights, from the inverse of the weighted information.

    `scores` gives those of the rows of a slice, zero where the weight is.
    """
    squares = np.zeros_like(covariance)
    for begin in range(0, len(weights), _ROWS_PER_BLOCK):
        block = slice(begin, begin + _ROWS_PER_BLOCK)
        weighted = scores(block) * weights[block][:, None]
        squares += weighted.T @ weighted
    known = np.isfinite(covariance)
    inverse = np.where(known, covariance, 0.0)
    return np.where(known, inverse @ squares @ inverse, np.nan)
