"""Families that are made of others, or of a density alone: what follows from a few functions of rows."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core, numeric
from .arrays import Column
from .errors import DataError, ParameterError, ThetahatError
from .observations import Observations, as_observations, known_for
from .terms import as_columns, log_terms, score_terms, taken
from .univariate import Columns, Operation, Summary, UnivariateFamily, Vector, chosen

__all__ = ["DerivedFamily", "whole_numbers"]


class DerivedFamily(UnivariateFamily):
    """A family whose functions are written over rows in Python, from those of compiled families or of a user."""

    __slots__ = ()

    # What a subclass defines besides _log_between, _score, _score_between ---------------------------------------------

    @classmethod
    @abstractmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector: ...

    @classmethod
    @abstractmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        """Lower and upper end of the support, one for each member."""

    @classmethod
    @abstractmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        """The fit to rows that the support holds."""

    # What follows ----------------------------------------------------------------------------------------------------

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        """The smallest x with P(X <= x) >= q, or with P(X > x) <= q."""
        n = len(q)
        lower, higher = (np.array(np.broadcast_to(end, n)) for end in cls._ends(parameters))
        p, r = (1.0 - q, q) if upper else (q, 1.0 - q)
        x = np.where(p == 0.0, lower, higher)
        for part, tail, right in (((p <= r) & (p > 0.0), p, False), ((r < p) & (r > 0.0), r, True)):
            if part.any():
                columns = chosen(parameters, part)
                x[part] = cls._invert(np.log(tail[part]), right, lower[part], higher[part], columns)
        return x

    @classmethod
    def _invert(cls, log_tail: Vector, right: bool, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        """Where the left tail, or the right one, comes to have the given logarithm."""
        log_of = cls._log_right if right else cls._log_left

        def height(x: Vector) -> Vector:
            return (log_tail - log_of(x, parameters)) if right else (log_of(x, parameters) - log_tail)

        if cls.info.kind != "continuous":
            slack = 4e-16 * (1.0 + np.abs(log_tail))  # a probability that is reached but for rounding is reached
            return numeric.bisect(lambda x: height(x) >= -slack, lower, upper, cls.info.kind == "discrete")

        def step(x: Vector) -> tuple[Vector, Vector]:
            log_f = log_of(x, parameters)
            return (log_tail - log_f if right else log_f - log_tail), np.exp(cls._log_density(x, parameters) - log_f)

        return numeric.root(step, lower, upper)

    @classmethod
    def _log_left(cls, x: Vector, parameters: Columns) -> Vector:
        """log P(X <= x)."""
        return cls._log_between(np.full(len(x), -np.inf), x, parameters)

    @classmethod
    def _log_right(cls, x: Vector, parameters: Columns) -> Vector:
        """log P(X > x)."""
        return cls._log_between(cls._above(x), np.full(len(x), np.inf), parameters)

    @classmethod
    def _above(cls, x: Vector) -> Vector:
        """The least of what lies beyond x, as far as the law can tell."""
        if cls.info.kind == "discrete":
            return np.floor(x) + 1.0
        return np.nextafter(x, np.inf) if cls._atoms else x

    @classmethod
    def _evaluate(cls, operation: Operation, x: NDArray[Any], parameters: Columns) -> Vector:
        x = np.ascontiguousarray(x, dtype=np.float64)
        if x.size == 0:
            return x
        name = "q" if operation in ("icdf", "isf") else "x"
        bad = ~((x >= 0.0) & (x <= 1.0)) if name == "q" else np.isnan(x)
        if bad.any():
            index = int(np.argmax(bad))
            missing = bool(np.isnan(x[index]))
            rule = "must not be NaN" if missing else "must be a probability between 0 and 1"
            remedy = "leave these rows out first" if missing else "for logarithms of probabilities take exp first"
            raise DataError(f"{name} {rule}, got {float(x[index])!r} at index {index}; {remedy}")
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            match operation:
                case "log_prob":
                    return cls._log_density(x, parameters)
                case "log_cdf":
                    return cls._log_left(x, parameters)
                case "log_sf":
                    return cls._log_right(x, parameters)
                case "cdf":
                    return np.exp(cls._log_left(x, parameters))
                case "sf":
                    return np.exp(cls._log_right(x, parameters))
                case "icdf":
                    return cls._quantile(x, False, parameters)
                case "isf":
                    return cls._quantile(x, True, parameters)

    @classmethod
    def _summarize(cls, operation: Summary, parameters: Columns) -> Vector:
        n = max(p.size for p in parameters) if parameters else 1
        if operation in ("lower", "upper"):
            return np.array(np.broadcast_to(cls._ends(parameters)[operation == "upper"], n))
        return np.array([cls._of_member(operation, chosen(parameters, slice(i, i + 1))) for i in range(n)])

    @classmethod
    def _of_member(cls, operation: Summary, member: Columns) -> float:
        match operation:
            case "mode":
                return numeric.mode(cls, member)
            case "entropy":
                # Values that doubles round to an edge without density add nothing: p log p is 0 there.
                def surprise(x: Vector) -> Vector:
                    log_p = cls._evaluate("log_prob", x, member)
                    return np.where(np.isneginf(log_p), 0.0, -log_p)

                return cls._expect(surprise, member)
            case "variance":
                return float(cls._moment(2, True, member)[0])
            case "skewness" | "kurtosis":
                return cls._standard_moment(3 if operation == "skewness" else 4, member)
            case _:
                return float(cls._moment(1, False, member)[0])

    @classmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector:
        if order == 0:
            return np.ones(max(p.size for p in parameters) if parameters else 1)
        centre = cls._summarize("mean", parameters) if central else np.zeros(1)
        n = max(p.size for p in parameters) if parameters else 1
        centres = np.broadcast_to(centre, n)
        if central and order == 1:
            return centres - centres
        out = np.empty(n)
        for i in range(n):
            c = float(centres[i])
            out[i] = cls._expect(lambda x, c=c: (x - c) ** order, chosen(parameters, slice(i, i + 1)))
        return out

    @classmethod
    def _standard_moment(cls, order: int, member: Columns) -> float:
        """E((X - mean) / stddev)^order, without the 3 of the normal law's fourth."""
        variance = float(cls._summarize("variance", member)[0])
        if not (math.isfinite(variance) and variance > 0.0):
            return math.nan
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            moment, unit = float(cls._moment(order, True, member)[0]), variance ** (0.5 * order)
        if abs(moment) < 1e-280 or not unit < math.inf:  # moments of this scale have left the range of doubles
            mean, spread = float(cls._summarize("mean", member)[0]), math.sqrt(variance)
            moment, unit = cls._expect(lambda x: ((x - mean) / spread) ** order, member), 1.0
        return moment / unit - (3.0 if order == 4 else 0.0)

    @classmethod
    def _uniforms(cls, n: int, seed: int, stream: int) -> Vector:
        # By name, so that a family made of another has draws of its own.
        return _core.uniform(cls.info.name, n, seed, stream)

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        u = cls._uniforms(n, seed, stream)
        low = u <= 0.5
        x = np.empty(n)
        sides: tuple[tuple[NDArray[np.bool_], Operation], ...] = ((low, "icdf"), (~low, "isf"))
        for part, operation in sides:
            columns = chosen(parameters, part)
            x[part] = cls._evaluate(operation, u[part] if operation == "icdf" else 1.0 - u[part], columns)
        return whole_numbers(x) if cls.info.kind == "discrete" else x

    def score(self, x: Any) -> NDArray[np.float64]:
        """Derivatives of log_prob by the parameters, in their order along a last axis: shape (..., k)."""
        log_p = np.asarray(self.log_prob(x)).reshape(-1)
        if np.isneginf(log_p).any():
            index = int(np.argmax(np.isneginf(log_p)))
            at = np.broadcast_to(np.asarray(x), np.shape(self.log_prob(x))).reshape(-1)[index]
            raise _outside(type(self), at, index, int(np.isneginf(log_p).sum()))
        return super().score(x)

    @classmethod
    def _exists(cls, theta: list[float]) -> bool:
        """Whether the family has such a member."""
        try:
            cls(*theta)
        except ThetahatError:
            return False
        return True

    # Sums ----------------------------------------------------------------------------------------------------------------

    @classmethod
    def _total(cls, x: NDArray[Any], weights: NDArray[Any] | None, parameters: list[float]) -> float:
        terms = cls._evaluate("log_prob", x, as_columns(parameters))
        if weights is not None:
            terms = np.where(weights > 0, terms, 0.0) * weights
        if np.isneginf(terms).any():
            index = int(np.argmax(np.isneginf(terms)))
            raise _outside(cls, x[index], index, int(np.isneginf(terms).sum()))
        return math.fsum(terms) if np.isfinite(terms).all() else float(terms.sum())

    @classmethod
    def _local(cls, rows: Column | Observations, parameters: list[float]) -> dict[str, Any]:
        given = _as_rows(rows)
        present = np.arange(len(given)) if given.weights is None else np.flatnonzero(given.weights > 0)
        given = taken(given, present)
        weights = np.ones(len(given)) if given.weights is None else given.weights.astype(np.float64)
        at = np.array(parameters)
        terms = log_terms(cls, given, as_columns(parameters))
        if np.isneginf(terms).any():
            index = int(np.argmax(np.isneginf(terms)))
            raise _outside(cls, given.lower[index], int(present[index]), int(np.isneginf(terms).sum()))

        def score(theta: Vector) -> Vector:
            try:
                return weights @ score_terms(cls, given, as_columns(theta.tolist()))
            except DataError:  # a step took some row out of the support
                return np.full(len(theta), np.nan)

        value = float(weights @ terms)
        # First with steps on the parameters' own size, then on the distance in which one row is told from another.
        domains = [p.domain for p in cls.info.parameters]
        units = np.array([_size(d, v) for d, v in zip(domains, parameters, strict=True)])
        widest = np.array([np.inf if d == "real" else _size(d, v) for d, v in zip(domains, parameters, strict=True)])
        matrix = -numeric.derivatives(score, at, units)
        for _ in range(6):
            while not np.isfinite(matrix).all() and (units > 1e-9 * np.abs(at)).all():
                units = 0.1 * units
                matrix = -numeric.derivatives(score, at, units)
            own = np.sqrt(weights.sum() / np.maximum(np.abs(np.diag(matrix)), 1e-300))
            better = np.minimum(np.clip(own, units * 1e-3, units * 1e3), widest)
            if (np.abs(np.log(better / units)) < 1.0).all():
                break
            finer = -numeric.derivatives(score, at, better)
            if not np.isfinite(finer).all():
                break
            units, matrix = better, finer
        return {"log_likelihood": value, "score": score(at), "information": 0.5 * (matrix + matrix.T)}

    @classmethod
    def _maximize(
        cls,
        rows: Column | Observations,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> dict[str, Any]:
        given = _as_rows(rows)
        known_for(given, cls.info)
        return cls._search(given, held, start, progress)


def whole_numbers(x: NDArray[Any]) -> NDArray[np.int64]:
    """Draws of counts as integers."""
    bad = ~(np.abs(x) < 2.0**63)
    if bad.any():
        index = int(np.argmax(bad))
        raise ParameterError(
            f"draws of counts must be below 2^63; got {float(x[index])!r} at index {index} ({int(bad.sum())} in all). Choose "
            "parameters with a lighter tail"
        )
    return x.astype(np.int64)


def _outside(cls: type[UnivariateFamily], value: Any, index: int, count: int) -> DataError:
    return DataError(
        f"x must lie inside the support of {cls.__name__}, got {value!s} at index {index} ({count} in all); drop these rows or "
        "choose a family whose support holds them"
    )


def _as_rows(rows: Column | Observations) -> Observations:
    if isinstance(rows, Observations):
        return rows
    given = as_observations(rows.values, rows.weights)
    return Observations(given.lower, given.upper, weights=given.weights, dropped=rows.dropped)


def _size(domain: str, value: float) -> float:
    if domain == "unit":
        return min(value, 1.0 - value)
    return abs(value) if domain != "real" or value != 0.0 else 1.0
