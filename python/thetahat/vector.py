"""Families of vectors: observations are the rows of an (n, d) array, parameters have one entry per coordinate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from .arrays import Missing, real_array, rows
from .base import Family, check_parameter
from .errors import DataError, ParameterError
from .info import ParameterInfo
from .observations import Observations, as_observations, known_for
from .univariate import UnivariateFamily
from .weights import Weights, plain_weights

__all__ = ["VectorFamily", "as_coordinates"]

Vector = NDArray[np.float64]


class VectorFamily(Family):
    """The d-dimensional rectangle: independent uniform coordinates between `low` and `high`."""

    __slots__ = ()

    @classmethod
    def _check(cls, parameter: ParameterInfo, value: object) -> Vector:
        checked = np.asarray(check_parameter(cls.__name__, parameter, value))
        if checked.ndim != 1 or checked.size == 0:
            raise ParameterError(
                f"{cls.__name__}: {parameter.name} must have one entry per coordinate, shape (d,); got shape "
                f"{checked.shape}. Pass a list: {parameter.name}=[...]"
            )
        return checked

    @property
    def dimension(self) -> int:
        """Number of coordinates d."""
        return self._shape[0]

    @property
    def marginals(self) -> UnivariateFamily:
        """The coordinates' distributions, as one univariate model with array parameters."""
        return self._marginal()(*self._values)

    @classmethod
    def _marginal(cls) -> type[UnivariateFamily]:
        from .families import family_class

        marginal = family_class("uniform")
        assert issubclass(marginal, UnivariateFamily)
        return marginal

    @classmethod
    def _maximize(cls, coordinates: list[Observations], progress: Callable[..., object] | None) -> dict[str, Any]:
        """The fit of rows of which the coordinates are intervals or were seen through windows: each by itself."""
        marginal = cls._marginal()
        free = [math.nan] * len(marginal.info.parameters)
        for each in coordinates:
            known_for(each, marginal.info)
        fits = [marginal._maximize(each, free, None, progress) for each in coordinates]
        first = next((fit for fit in fits if fit["status"] != "converged"), fits[0])
        corners = [np.array(corner) for corner in zip(*(fit["parameters"] for fit in fits), strict=True)]
        return {
            **first,
            "parameters": corners,
            "standard_errors": [np.full(len(fits), np.nan) for _ in corners],
            **{key: sum(fit[key] for fit in fits) for key in ("log_likelihood", "free", "passes", "iterations", "seconds")},
        }

    def log_prob(self, x: Any) -> Any:
        """Log density of every row of an (n, d) array, shape (n,); -inf outside. One row (d,) gives a float."""
        values, single = self._rows(x)
        result = _core.box_log_prob(values, *self._bounds())
        return float(result[0]) if single else result

    def cdf(self, x: Any) -> Any:
        """Joint P(X_1 <= x_1, ..., X_d <= x_d) of every row."""
        values, single = self._rows(x)
        result = _core.box_cdf(values, *self._bounds())
        return float(result[0]) if single else result

    def log_likelihood(self, x: Any, weights: Any | Weights = None, *, missing: Missing = "raise") -> float:
        """Sum of log_prob over the rows, each times its weight; `x` may be a list of Observations, one per coordinate."""
        coordinates = as_coordinates(x, plain_weights(weights), type(self).__name__)
        if coordinates is not None:
            if len(coordinates) != self.dimension:
                raise DataError(f"x: must have {self.dimension} coordinates; got {len(coordinates)}. Pass one list entry for each")
            return math.fsum(
                self._marginal()(*corner).log_likelihood(each)
                for each, corner in zip(coordinates, zip(*self._bounds(), strict=True), strict=True)
            )
        column = rows(x, plain_weights(weights), missing=missing)
        values = self.log_prob(column.values)
        if column.weights is not None:
            present = column.weights > 0
            values = values[present] * column.weights[present]
        return float(values.sum())

    @property
    def mean(self) -> Vector:
        """Expectation of every coordinate."""
        return self.marginals.mean

    @property
    def variance(self) -> Vector:
        """Variance of every coordinate; the coordinates are independent."""
        return self.marginals.variance

    @property
    def stddev(self) -> Vector:
        """Standard deviation of every coordinate."""
        return self.marginals.stddev

    @property
    def skewness(self) -> Vector:
        """Skewness of every coordinate."""
        return self.marginals.skewness

    @property
    def kurtosis(self) -> Vector:
        """Excess kurtosis of every coordinate, zero for the normal law."""
        return self.marginals.kurtosis

    @property
    def median(self) -> Vector:
        """Median of every coordinate."""
        return self.marginals.median

    @property
    def support(self) -> tuple[Vector, Vector]:
        """Lower and upper corner."""
        return self.marginals.support

    def entropy(self) -> float:
        """Minus the expectation of log_prob, in nats: the coordinates' entropies add up."""
        return float(self.marginals.entropy().sum())

    def sample(self, n: int, *, seed: int | None = None, stream: int = 0) -> Vector:
        """n draws as the rows of an (n, d) array; row i depends on (seed, stream, i) alone."""
        n, seed, stream = self._draws(n, seed, stream)
        return _core.box_sample(*self._bounds(), n, seed, stream)

    def _bounds(self) -> tuple[Vector, Vector]:
        low, high = (np.ascontiguousarray(np.broadcast_to(value, self._shape)) for value in self._values)
        return low, high

    def _rows(self, x: Any) -> tuple[Vector, bool]:
        values = real_array(x, "x")
        single = values.ndim == 1
        if single:
            values = values[None, :]
        if values.ndim != 2 or values.shape[1] != self.dimension:
            raise DataError(
                f"x: must have shape (n, {self.dimension}) or ({self.dimension},); got {np.shape(x)}. "
                "Stack the coordinates: numpy.column_stack([...])"
            )
        return np.asarray(values, dtype=np.float64), single


def as_coordinates(x: Any, weights: Any, owner: str) -> list[Observations] | None:
    """The Observations of every coordinate, with the weights that they share; None for plain rows."""
    if isinstance(x, Observations):
        raise DataError(f"x: {owner} is a family of vectors; got Observations of one variable. Pass a list, one per coordinate")
    if not (isinstance(x, Sequence) and len(x) > 0 and all(isinstance(each, Observations) for each in x)):
        return None
    given = [as_observations(each, weights) for each in x]
    for j, each in enumerate(given):
        if len(each) != len(given[0]):
            raise DataError(
                f"x: coordinates must have equally many rows; got {len(given[0])} and, at index {j}, {len(each)}. "
                "A row needs all of its coordinates"
            )
        same = each.weights is given[0].weights or (
            each.weights is not None and given[0].weights is not None and np.array_equal(each.weights, given[0].weights)
        )
        if not same:
            raise DataError(f"x: coordinates must share the weights of their rows; those at index {j} differ. Pass weights= once")
    return given
