"""Families whose functions are compiled: the calls into the core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from . import _core
from .arrays import Column
from .observations import Observations, core_rows
from .univariate import Columns, Operation, Summary, UnivariateFamily, Vector, chosen

__all__ = ["CompiledFamily"]


class CompiledFamily(UnivariateFamily):
    """A family of the registry, whose header the core was compiled from."""

    __slots__ = ()

    _index: ClassVar[int]

    @classmethod
    def _evaluate(cls, operation: Operation, x: NDArray[Any], parameters: Columns) -> Vector:
        return _core.elementwise(cls._index, operation, x, parameters)

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        return _core.log_between(cls._index, lower, upper, parameters)

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        return _core.score(cls._index, x, parameters)

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        if not cls.info.boundary_maximum:
            return _core.score_between(cls._index, lower, upper, parameters)
        # An end of the support that moves inside the interval carries probability of its own: by differences.
        low, high = (cls._evaluate("icdf", np.full(len(lower), q), parameters) for q in (0.25, 0.75))
        width = high - low
        columns: list[Vector] = []
        for j in range(len(parameters)):
            h = 1e-4 * width
            moved = [
                cls._log_between(lower, upper, [p if i != j else p + k * h for i, p in enumerate(parameters)])
                for k in (1.0, -1.0, 2.0, -2.0)
            ]
            with np.errstate(invalid="ignore"):  # no law, or no probability, on one side
                columns.append((8.0 * (moved[0] - moved[1]) - (moved[2] - moved[3])) / (12.0 * h))
        return np.column_stack(columns)

    @classmethod
    def _summarize(cls, operation: Summary, parameters: Columns) -> Vector:
        return _core.summary(cls._index, operation, parameters)

    @classmethod
    def _divergence(cls, p: Columns, q: Columns) -> Vector | None:
        return _core.divergence(cls._index, p, q)

    @classmethod
    def _standard(cls, member: Columns, *others: Columns) -> tuple[Columns, ...] | None:
        """A member moved to location zero and scale one, and others moved with it; None where the family has neither."""
        coordinates, _, has_loc, has_scale = _core.internal(cls._index, member)
        if not (has_loc and has_scale and cls.info.group == "location_scale"):
            return None
        loc, scale = coordinates[0, :2].tolist()
        made: list[Columns] = []
        for each in (member, *others):
            moved = _core.internal(cls._index, each)[0]
            moved[:, 0], moved[:, 1] = (moved[:, 0] - loc) / scale, moved[:, 1] / scale
            if not (np.isfinite(moved).all() and (moved[:, 1] > 0.0).all()):
                return None
            made.append(list(np.ascontiguousarray(_core.canonical(cls._index, moved).T)))
        return tuple(made)

    @classmethod
    def _fisher(cls, parameters: Columns) -> Vector:
        found = _core.fisher_information(cls._index, parameters)
        regular = _core.regular(cls._index, parameters)
        if found is None:
            found = np.empty((len(regular), len(parameters), len(parameters)))
            if regular.any():
                found[regular] = super()._fisher(chosen(parameters, regular))
        found[~regular] = np.nan
        for j, parameter in enumerate(cls.info.parameters):
            if parameter.boundary:
                found[:, j, :] = found[:, :, j] = np.nan
        return found

    @classmethod
    def _mean_scores(cls, member: Columns) -> tuple[Vector, Vector]:
        # At location zero and scale one, where z keeps the digits that x = loc + scale z may lose.
        coordinates, slopes, has_loc, has_scale = _core.internal(cls._index, member)
        if has_loc or has_scale:
            scale = np.ones(len(member))
            base = coordinates.copy()
            if has_loc:
                scale[0] = 1.0 / coordinates[0, int(has_loc)] if has_scale else 1.0
                base[0, 0] = 0.0
            if has_scale:
                scale[int(has_loc)] = 1.0 / coordinates[0, int(has_loc)]
                base[0, int(has_loc)] = 1.0
            standard = list(np.ascontiguousarray(_core.canonical(cls._index, base).T))
            there = _core.internal(cls._index, standard)[1][0]
            # Where no double holds the parameters of that member, there is none.
            held = np.isfinite(standard).all() and np.isfinite(there).all() and np.linalg.matrix_rank(there) == len(there)
            first, second = super()._mean_scores(standard) if held else (np.zeros(0), np.full(1, np.nan))
            if np.isfinite(second).all():
                back = np.linalg.solve(there, scale[:, None] * slopes[0])
                second = back.T @ second @ back
                return back.T @ first, 0.5 * (second + second.T)
        return super()._mean_scores(member)

    @classmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector:
        return _core.moment(cls._index, order, central, parameters)

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        return _core.sample(cls._index, parameters, n, seed, stream)

    @classmethod
    def _total(cls, x: NDArray[Any], weights: NDArray[Any] | None, parameters: list[float]) -> float:
        return float(_core.log_likelihood(cls._index, x, parameters, weights))

    @classmethod
    def _local(cls, rows: Column | Observations, parameters: list[float]) -> dict[str, Any]:
        if isinstance(rows, Column):
            return _core.information(cls._index, rows.values, parameters, rows.weights)
        values, kept, intervals = core_rows(rows)
        return _core.information(cls._index, values, parameters, kept, intervals=intervals)

    @classmethod
    def _maximize(
        cls,
        rows: Column | Observations,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> dict[str, Any]:
        begin = None if start is None else list(start)
        if isinstance(rows, Column):
            return _core.fit(cls._index, rows.values, rows.weights, held, begin, progress)
        values, kept, intervals = core_rows(rows)
        if len(intervals[0]) == 0:
            return _core.fit(cls._index, values, kept, held, begin, progress)
        return _core.fit(cls._index, values, kept, held, begin, progress, intervals=intervals)
