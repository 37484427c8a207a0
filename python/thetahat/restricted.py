"""Families of which less is seen: a window of the line, whole units, the size without the sign."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import numeric
from .derived import whole_numbers
from .errors import DataError, ParameterError
from .modified import ModifiedFamily, support_info
from .observations import Observations
from .search import search
from .terms import as_columns, log_terms, mapped, taken
from .univariate import Columns, Operation, Summary, Vector, chosen

__all__ = ["Discretized", "Folded", "Truncated"]

_TERMS = 2.0**14


class Truncated(ModifiedFamily):
    """X given that it lies in a window."""

    __slots__ = ()

    modifier = "truncated"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        size = math.prod(self._shape)
        window = np.broadcast_to(self._log_window([np.broadcast_to(v, self._shape).reshape(-1) for v in self._values]), size)
        if np.isneginf(window).any():
            index = int(np.argmax(np.isneginf(window)))
            member = {k: float(np.broadcast_to(v, self._shape).reshape(-1)[index]) for k, v in self.parameters.items()}
            raise ParameterError(
                f"{type(self).__name__}: the window must have positive probability; got none at "
                f"{', '.join(f'{k}={v!r}' for k, v in member.items())}" + (f" (index {index})" if self._shape else "")
                + ". Move the window or the parameters"
            )  # fmt: skip

    @classmethod
    def _window(cls) -> tuple[float, float]:
        return cls.arguments["low"], cls.arguments["high"]

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        low, high = cls._window()
        s = cls.base.info.support
        discrete = cls.base.info.kind == "discrete"
        if discrete:
            low, high = math.ceil(low) if math.isfinite(low) else low, math.floor(high) if math.isfinite(high) else high
        if low > high or high < s.lower or low > s.upper or (high == s.lower and not s.lower_closed) or (
            low == s.upper and not s.upper_closed):  # fmt: skip
            raise ParameterError(
                f"low: the window must overlap the support, {s.text} for {cls.base.__name__}; got low={cls._window()[0]!r}, "
                f"high={cls._window()[1]!r}. Choose bounds in the units of the data"
            )
        closed = (s.lower_closed if low < s.lower else not (low == s.lower and not s.lower_closed),
                  s.upper_closed if high > s.upper else not (high == s.upper and not s.upper_closed))  # fmt: skip
        return {
            "support": support_info(max(low, s.lower), min(high, s.upper), *closed, discrete),
            "summary": f"{cls.base.__name__} of which values from {cls._window()[0]:g} to {cls._window()[1]:g} alone are seen.",
            "formula": "log p(x) = log f(x) - log P(low <= X <= high)",
        }

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        low, high = cls._window()
        return tuple(a for a in cls.base._atoms if low <= a <= high)

    @classmethod
    def _reasonable(cls, parameters: Columns) -> bool:
        return bool(cls._log_window(parameters)[0] > math.log(1e-6))

    @classmethod
    def _log_window(cls, parameters: Columns) -> Vector:
        n = max((p.size for p in parameters), default=1)
        low, high = (np.full(n, end) for end in cls._window())
        return cls.base._log_between(low, high, parameters)

    @classmethod
    def _cut(cls, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
        low, high = cls._window()
        return np.maximum(lower, low), np.minimum(upper, high)

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        low, high = cls._window()
        log_p = cls.base._evaluate("log_prob", x, parameters) - cls._log_window(parameters)
        return np.where((x >= low) & (x <= high), log_p, -np.inf)

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        low, high = cls._cut(lower, upper)
        empty = low > high
        inside = cls.base._log_between(np.where(empty, high, low), high, parameters)
        return np.where(empty, -np.inf, np.minimum(inside - cls._log_window(parameters), 0.0))

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        return cls.base._score(x, parameters) - cls._score_window(parameters)

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        return cls.base._score_between(*cls._cut(lower, upper), parameters) - cls._score_window(parameters)

    @classmethod
    def _score_window(cls, parameters: Columns) -> Vector:
        n = max((p.size for p in parameters), default=1)
        low, high = (np.full(n, end) for end in cls._window())
        return cls.base._score_between(low, high, parameters)

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        low, high = cls._window()
        if cls.info.kind == "discrete":
            low, high = np.ceil(low), np.floor(high)
        return (
            np.maximum(cls.base._summarize("lower", parameters), low),
            np.minimum(cls.base._summarize("upper", parameters), high),
        )

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        # Through the base's own quantiles, in the tail where the window lies; by bisection where that tail has
        # underflown, where counts or atoms would be told apart by rounding alone.
        n = len(q)
        low, high = cls._window()
        window = cls._log_window(parameters)
        below = cls.base._log_between(np.full(n, -np.inf), np.full(n, low), parameters) if low > -np.inf else np.full(n, -np.inf)
        above = cls.base._log_between(np.full(n, high), np.full(n, np.inf), parameters) if high < np.inf else np.full(n, -np.inf)
        if cls.info.kind == "discrete" or cls._atoms:
            return super()._quantile(q, upper, parameters)
        far = np.broadcast_to(window < -600.0, n)
        if far.any():  # row by row, so that no row depends on the others
            x = np.empty(n)
            x[far] = super()._quantile(q[far], upper, chosen(parameters, far))
            if not far.all():
                x[~far] = cls._quantile(q[~far], upper, chosen(parameters, ~far))
            return x
        share = np.exp(window)
        p = 1.0 - q if upper else q  # of the window, on the left
        r = q if upper else 1.0 - q
        from_left = np.exp(below) + p * share
        from_right = np.exp(above) + r * share
        left = from_left <= from_right
        columns = [np.broadcast_to(c, n) for c in parameters]
        x = np.empty(n)
        sides: tuple[tuple[NDArray[np.bool_], Operation, Vector], ...] = (
            (left, "icdf", from_left), (~left, "isf", from_right))  # fmt: skip
        for part, operation, tail in sides:
            x[part] = cls.base._evaluate(operation, np.minimum(tail[part], 1.0), [np.ascontiguousarray(c[part]) for c in columns])
        lower, higher = (np.broadcast_to(end, n) for end in cls._ends(parameters))
        return np.where(p == 0.0, lower, np.where(r == 0.0, higher, np.clip(x, lower, higher)))

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        low, high = cls._window()
        n = len(rows)
        window_low, window_high = np.full(n, low), np.full(n, high)
        if rows.window_low is not None and rows.window_high is not None:
            window_low, window_high = np.maximum(rows.window_low, low), np.minimum(rows.window_high, high)
        lower, upper = np.maximum(rows.lower, window_low), np.minimum(rows.upper, window_high)
        inner = Observations(lower, upper, window_low, window_high, rows.weights, rows.dropped)
        result = cls.base._maximize(inner, held, start, progress)
        return {**result, "limit": cls._limit(result["limit"])}


class Discretized(ModifiedFamily):
    """floor(X / unit)."""

    __slots__ = ()

    modifier = "discretized"

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        s, unit = cls.base.info.support, cls.arguments["unit"]
        lower = math.floor(s.lower / unit) if math.isfinite(s.lower) else s.lower
        upper = s.upper
        if math.isfinite(upper):
            upper = math.floor(upper / unit) - (upper / unit == math.floor(upper / unit) and not s.upper_closed)
        return {
            "kind": "discrete",
            "support": support_info(lower, upper, True, True, True),
            "summary": f"How many whole units of {unit:g} there are in X, where X is {cls.base.__name__}.",
            "formula": "log P(k) = log P(k unit <= X < (k + 1) unit)",
        }

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        return ()

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        found = (*cls.base._spikes(), *cls.base._atoms)
        return tuple(np.floor(np.array(found) / cls.arguments["unit"]).tolist())

    @classmethod
    def _reasonable(cls, parameters: Columns) -> bool:
        q = cls.base._evaluate("icdf", np.array([0.01, 0.99]), parameters) / cls.arguments["unit"]
        return bool(np.max(np.abs(q)) < 1e7 and q[1] - q[0] > 0.5)

    @classmethod
    def _cells(cls, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
        """What the counts from lower to upper stand for."""
        unit = cls.arguments["unit"]
        low, beyond = np.ceil(lower) * unit, (np.floor(upper) + 1.0) * unit
        if cls.base.info.kind == "discrete":
            return low, np.ceil(beyond) - 1.0
        # An atom at the next step belongs to the count above.
        return low, np.where(np.isinf(beyond), beyond, np.nextafter(beyond, -np.inf)) if cls.base._atoms else beyond

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        whole = np.floor(x)
        return np.where(x == whole, cls._log_between(whole, whole, parameters), -np.inf)

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        low, high = cls._cells(lower, upper)
        empty = ~(np.ceil(lower) <= np.floor(upper)) | (low > high)
        low = np.where(empty, high, low)
        return np.where(empty, -np.inf, cls.base._log_between(low, high, parameters))

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        x = np.asarray(x, dtype=np.float64)
        return cls._score_between(x, x, parameters)

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        return cls.base._score_between(*cls._cells(lower, upper), parameters)

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        unit = cls.arguments["unit"]
        lower, upper = (cls.base._summarize(end, parameters) / unit for end in ("lower", "upper"))
        closed = cls.base.info.kind == "discrete" or bool(cls.base._atoms)
        return np.floor(lower), np.where((upper == np.floor(upper)) & (not closed), upper - 1.0, np.floor(upper))

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        x = cls.base._evaluate("isf" if upper else "icdf", q, parameters)
        low, high = (np.broadcast_to(end, x.shape) for end in cls._ends(parameters))
        return np.clip(np.floor(x / cls.arguments["unit"]), low, high)

    @classmethod
    def _of_member(cls, operation: Summary, member: Columns) -> float:
        if operation != "entropy":
            return super()._of_member(operation, member)
        unit = cls.arguments["unit"]

        def surprise(k: Vector) -> Vector:  # between the counts as well, where far ones are integrated
            log_p = cls.base._log_between(k * unit, (k + 1.0) * unit, member)
            return np.where(np.isneginf(log_p), 0.0, -log_p)

        whole = cls.base.info.kind == "discrete" or bool(cls.base._atoms)
        return super()._of_member(operation, member) if whole else cls._expect(surprise, member)

    @classmethod
    def _expect(cls, function: Callable[[Vector], Vector], member: Columns) -> float:
        ends = [cls._evaluate(op, np.array([1e-300]), member)[0] for op in ("icdf", "isf")]
        if ends[1] - ends[0] < numeric.MOST_TERMS or cls.base.info.kind == "discrete":
            return super()._expect(function, member)
        # Far from the middle a count is half a unit less than what it was made of, to second order in 1 / count.
        unit, middle = cls.arguments["unit"], cls._evaluate("icdf", np.array([0.5]), member)[0]
        x = np.arange(max(ends[0], middle - _TERMS), min(ends[1], middle + _TERMS) + 1.0)
        log_p = cls._log_density(x, member)
        near = math.fsum(np.where(np.isneginf(log_p), 0.0, function(x) * np.exp(log_p)))
        first, last = x[0] * unit, (x[-1] + 1.0) * unit

        def far(y: Vector) -> Vector:
            return np.where((y < first) | (y >= last), function(y / unit - 0.5), 0.0)

        return near + cls.base._expect(far, member)

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        return whole_numbers(np.floor(cls.base._draw(parameters, n, seed, stream) / cls.arguments["unit"]))

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        result = cls.base._maximize(mapped(rows, cls._cells), held, start, progress)
        return {**result, "limit": cls._limit(result["limit"])}


class Folded(ModifiedFamily):
    """|X|."""

    __slots__ = ()

    modifier = "folded"

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        s = cls.base.info.support
        discrete = cls.base.info.kind == "discrete"
        inside = s.lower < 0.0 < s.upper
        lower, lower_closed = (0.0, True) if inside else min(
            (abs(s.lower), s.lower_closed), (abs(s.upper), s.upper_closed))  # fmt: skip
        upper, upper_closed = max((abs(s.lower), s.lower_closed), (abs(s.upper), s.upper_closed))
        return {
            "support": support_info(lower, upper, lower_closed, upper_closed, discrete),
            "summary": f"|X|, where X is {cls.base.__name__}.",
            "formula": "p(x) = f(x) + f(-x)",
        }

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        return tuple(sorted({abs(a) for a in cls.base._atoms}))

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        return (0.0, *map(abs, cls.base._spikes()))

    @classmethod
    def _sides(cls, x: Vector, parameters: Columns) -> tuple[Vector, Vector]:
        """log f(x) and log f(-x), the second without what the first counts already."""
        one = cls.base._evaluate("log_prob", x, parameters)
        other = cls.base._evaluate("log_prob", 0.0 - x, parameters)
        if cls.info.kind == "discrete" or 0.0 in cls._atoms:
            other = np.where(x == 0.0, -np.inf, other)
        if cls._atoms:  # a density adds nothing to the probability of a point
            atom = np.isin(x, cls._atoms)
            one = np.where(atom & ~np.isin(x, cls.base._atoms), -np.inf, one)
            other = np.where(atom & ~np.isin(0.0 - x, cls.base._atoms), -np.inf, other)
        return one, other

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        return np.where(x >= 0.0, np.logaddexp(*cls._sides(np.abs(x), parameters)), -np.inf)

    @classmethod
    def _parts(cls, lower: Vector, upper: Vector) -> tuple[Vector, Vector, Vector, Vector, NDArray[np.bool_]]:
        """Intervals of the base on the right and on the left; one where they meet at zero."""
        lower = np.maximum(lower, 0.0)
        meet = lower == 0.0
        return np.where(meet, 0.0 - upper, lower), upper, 0.0 - upper, 0.0 - lower, meet

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        empty = upper < np.maximum(lower, 0.0)
        a, b, c, d, meet = cls._parts(lower, np.where(empty, np.maximum(lower, 0.0), upper))
        right = cls.base._log_between(a, b, parameters)
        left = np.where(meet, -np.inf, cls.base._log_between(c, d, parameters))
        return np.where(empty, -np.inf, np.minimum(np.logaddexp(right, left), 0.0))

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        x = np.abs(np.asarray(x, dtype=np.float64))
        sides = cls._sides(x, parameters)
        total = np.logaddexp(*sides)
        if np.isneginf(total).any():
            index = int(np.argmax(np.isneginf(total)))
            raise DataError(
                f"x must lie inside the support where a score is asked for, got {x[index]!s} at index {index}; select the "
                "rows with a finite log_prob first"
            )
        out = np.zeros((len(x), len(parameters)))
        for sign, log_p in zip((1.0, -1.0), sides, strict=True):
            seen = np.isfinite(log_p)
            columns = chosen(parameters, seen)
            share = np.exp(log_p[seen] - total[seen])
            out[seen] += share[:, None] * cls.base._score((sign * x)[seen] + 0.0, columns)
        return out

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        a, b, c, d, meet = cls._parts(lower, upper)
        right = cls.base._log_between(a, b, parameters)
        left = np.where(meet, -np.inf, cls.base._log_between(c, d, parameters))
        total = np.logaddexp(right, left)
        out = np.zeros((len(lower), len(parameters)))
        for low, high, log_p in ((a, b, right), (c, d, left)):
            seen = np.isfinite(log_p)
            columns = chosen(parameters, seen)
            share = np.exp(log_p[seen] - total[seen])
            out[seen] += share[:, None] * cls.base._score_between(low[seen], high[seen], columns)
        return out

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        low, high = cls.base._summarize("lower", parameters), cls.base._summarize("upper", parameters)
        inside = (low <= 0.0) & (high >= 0.0)
        return np.where(inside, 0.0, np.minimum(np.abs(low), np.abs(high))), np.maximum(np.abs(low), np.abs(high))

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        if cls.base.info.support.lower >= 0.0:
            return cls.base._evaluate("isf" if upper else "icdf", q, parameters)
        return super()._quantile(q, upper, parameters)

    @classmethod
    def _expect(cls, function: Callable[[Vector], Vector], member: Columns) -> float:
        return cls.base._expect(lambda y: function(np.abs(y)), member)

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        return np.abs(cls.base._draw(parameters, n, seed, stream))

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        support = cls.base.info.support
        if support.lower >= 0.0 or support.upper <= 0.0:  # nothing is folded, or everything
            sides = rows if support.lower >= 0.0 else mapped(rows, lambda low, high: (0.0 - high, 0.0 - low))
            result = cls.base._maximize(sides, held, start, progress)
            return {**result, "limit": cls._limit(result["limit"])}
        starts = [start] if start is not None else cls._starts(rows, held)
        smooth = not cls.base.info.boundary_maximum and cls.base.info.information == "observed"
        return cls._told_from_zero(rows, held, search(cls, rows, held, starts, progress, smooth=smooth))

    @classmethod
    def _told_from_zero(cls, rows: Observations, held: list[float], result: dict[str, Any]) -> dict[str, Any]:
        """Where a location of zero is as likely, what was found beside it is rounding: a fold hides the slope there."""
        if result["status"] != "converged":
            return result
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        present = taken(rows, np.flatnonzero(weights > 0))
        value = result["log_likelihood"]
        for j, parameter in enumerate(cls.info.parameters):
            if parameter.domain != "real" or not math.isnan(held[j]) or result["parameters"][j] == 0.0:
                continue
            theta = list(result["parameters"])
            theta[j] = 0.0
            at_zero = float(weights[weights > 0] @ log_terms(cls, present, as_columns(theta)))
            if at_zero >= value - 1e-9 * (1.0 + abs(value)):
                k = len(theta)
                return {**result, "parameters": theta, "log_likelihood": at_zero, "status": "not_identified",
                        "covariance": np.full((k, k), np.nan), "standard_errors": [math.nan] * k,
                        "reason": f"the likelihood is flat in {parameter.name} at its maximum"}  # fmt: skip
        return result

    @classmethod
    def _starts(cls, rows: Observations, held: list[float]) -> list[list[float]]:
        """Fits of the base to the rows as they are, and with signs in two proportions."""
        x = np.where(rows.lower == rows.upper, rows.lower, np.where(np.isfinite(rows.upper), rows.upper, rows.lower))
        x = np.maximum(x, 0.0)
        weights = np.ones(len(x)) if rows.weights is None else rows.weights
        found: list[list[float]] = []
        for share in (0.0, 0.4, 0.2):  # not one half: there every direction looks alike
            both = np.concatenate([x, 0.0 - x]) if share else x
            pull = np.concatenate([(1.0 - share) * weights, share * weights]) if share else weights
            result = cls.base._maximize(Observations(both, both, weights=pull), held, None, None)
            if np.isfinite(result["parameters"]).all():
                found.append(result["parameters"])
        return found
