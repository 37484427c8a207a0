"""Families of monotone functions of a variable: shifted, affine, reflected, log-transformed."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .derived import whole_numbers
from .errors import DataError, ParameterError
from .modified import ModifiedFamily, support_info
from .observations import Observations
from .scipy_bridge import moved
from .terms import mapped
from .univariate import Columns, Summary, Vector

__all__ = ["Affine", "LogTransformed", "Reflected", "Shifted"]


class Transformed(ModifiedFamily):
    """The family of g(X) for a monotone g that is known."""

    __slots__ = ()

    # The two maps and log |d inward / dx| ---------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def _inward(cls, x: Vector) -> Vector:
        """From the family's own scale to that of its base."""

    @classmethod
    @abstractmethod
    def _outward(cls, y: Vector) -> Vector:
        """The inverse of `_inward`."""

    @classmethod
    def _log_slope(cls, x: Vector) -> Vector:
        return np.zeros(len(x))

    @classmethod
    def _decreasing(cls) -> bool:
        return False

    # What follows -----------------------------------------------------------------------------------------------------

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        s = cls.base.info.support
        low, high = cls._outward(np.array([s.lower, s.upper])).tolist()
        ends = (low, high, s.lower_closed, s.upper_closed)
        if cls._decreasing():
            ends = (high, low, s.upper_closed, s.lower_closed)
        discrete = cls.base.info.kind == "discrete"
        return {"support": support_info(*ends, discrete), **cls._words()}

    @classmethod
    @abstractmethod
    def _words(cls) -> dict[str, Any]: ...

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        return tuple(cls._outward(np.array(cls.base._atoms)).tolist())

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        return tuple(cls._outward(np.array(cls.base._spikes())).tolist())

    @classmethod
    def _inward_ends(cls, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
        low, high = cls._inward(lower), cls._inward(upper)
        return (high, low) if cls._decreasing() else (low, high)

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        y = cls._inward(x)
        log_p = cls.base._evaluate("log_prob", y, parameters)
        slope = cls._log_slope(x)
        if cls._atoms:
            slope = np.where(np.isin(x, cls._atoms), 0.0, slope)
        return np.where(np.isneginf(log_p), log_p, log_p + slope)

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        return cls.base._log_between(*cls._inward_ends(lower, upper), parameters)

    @classmethod
    def _log_left(cls, x: Vector, parameters: Columns) -> Vector:
        if cls._decreasing() and (cls._atoms or cls.info.kind == "discrete"):
            return super()._log_left(x, parameters)
        return cls.base._evaluate("log_sf" if cls._decreasing() else "log_cdf", cls._inward(x), parameters)

    @classmethod
    def _log_right(cls, x: Vector, parameters: Columns) -> Vector:
        if cls._decreasing() and (cls._atoms or cls.info.kind == "discrete"):
            return super()._log_right(x, parameters)
        return cls.base._evaluate("log_cdf" if cls._decreasing() else "log_sf", cls._inward(x), parameters)

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        return cls.base._score(cls._inward(np.asarray(x, dtype=np.float64)), parameters)

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        return cls.base._score_between(*cls._inward_ends(lower, upper), parameters)

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        return cls._outward(cls.base._evaluate("isf" if upper != cls._decreasing() else "icdf", q, parameters))

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        low, high = (cls._outward(cls.base._summarize(end, parameters)) for end in ("lower", "upper"))
        return (high, low) if cls._decreasing() else (low, high)

    @classmethod
    def _divergence(cls, p: Columns, q: Columns) -> Vector | None:
        return cls.base._divergence(p, q)  # which no change of variable alters

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        x = cls._outward(cls.base._draw(parameters, n, seed, stream))
        return whole_numbers(x) if cls.info.kind == "discrete" else x

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        exact = (rows.lower == rows.upper) & ~np.isin(rows.lower, cls._atoms)
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        slopes = weights[exact] * cls._log_slope(rows.lower[exact])
        added = math.fsum(slopes[weights[exact] > 0])
        result = cls.base._maximize(mapped(rows, cls._inward_ends), held, start, progress)
        return {
            **result,
            "log_likelihood": result["log_likelihood"] + added,
            "limit": cls._limit(result["limit"], added),
        }


class Affine(Transformed):
    """loc + scale X."""

    __slots__ = ()

    modifier = "affine"

    @classmethod
    def _line(cls) -> tuple[float, float]:
        return cls.arguments["loc"], cls.arguments["scale"]

    def to_scipy(self) -> Any:
        """The frozen scipy.stats distribution of the base, moved and scaled; DataError where scipy has none."""
        loc, scale = self._line()
        inner = self.base(*self._values).to_scipy() if scale > 0.0 else None
        if inner is None:
            raise DataError(f"{type(self).__name__}: scipy.stats has no distribution with these densities")
        return moved(inner, loc, scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The member with the densities of a frozen scipy.stats distribution, whose loc and scale are the modifier's."""
        loc, scale = cls._line()
        if not (scale > 0.0 and hasattr(frozen, "dist")):
            raise DataError(f"{cls.__name__}: scipy.stats has no distribution with these densities")
        inner = cls.base.from_scipy(moved(frozen, -loc / scale, 1.0 / scale) if scale != 1.0 else moved(frozen, -loc, 1.0))
        return cls(*inner._values)

    @classmethod
    def _words(cls) -> dict[str, Any]:
        if cls.base.info.kind == "discrete" and cls.modifier == "affine":
            raise ParameterError(
                f"family: affine needs a continuous family; {cls.base.__name__} is one of counts, which have no other "
                "unit. Use shifted or reflected"
            )
        loc, scale = cls._line()
        return {
            "summary": f"{loc:g} + {scale:g} X, where X is {cls.base.__name__}.",
            "formula": f"log p(x) = log f((x - {loc:g}) / {scale:g}) - log |{scale:g}|",
        }

    @classmethod
    def _inward(cls, x: Vector) -> Vector:
        loc, scale = cls._line()
        return (x - loc) / scale

    @classmethod
    def _outward(cls, y: Vector) -> Vector:
        loc, scale = cls._line()
        return loc + scale * y

    @classmethod
    def _log_slope(cls, x: Vector) -> Vector:
        return np.full(len(x), -math.log(abs(cls._line()[1])))

    @classmethod
    def _decreasing(cls) -> bool:
        return cls._line()[1] < 0.0

    @classmethod
    def _summarize(cls, operation: Summary, parameters: Columns) -> Vector:
        loc, scale = cls._line()
        match operation:
            case "mean":
                return loc + scale * cls.base._summarize(operation, parameters)
            case "mode":
                mode = loc + scale * cls.base._summarize(operation, parameters)
                # The change of units may round an end that is the mode to the other side of it.
                for to in (-np.inf, np.inf):
                    outside = np.isneginf(cls._evaluate("log_prob", mode, parameters))
                    near = np.nextafter(np.nextafter(mode, to), to)
                    better = outside & ~np.isneginf(cls._evaluate("log_prob", near, parameters))
                    mode = np.where(better, near, mode)
                return mode
            case "variance":
                return scale * scale * cls.base._summarize(operation, parameters)
            case "skewness":
                return math.copysign(1.0, scale) * cls.base._summarize(operation, parameters)
            case "kurtosis":
                return cls.base._summarize(operation, parameters)
            case "entropy":
                share = 1.0
                for atom in cls.base._atoms:
                    share -= np.exp(cls.base._evaluate("log_prob", np.array([atom]), parameters))
                return cls.base._summarize(operation, parameters) + share * math.log(abs(scale))
            case _:
                return super()._summarize(operation, parameters)

    @classmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector:
        loc, scale = cls._line()
        if central or loc == 0.0:
            return scale**order * cls.base._moment(order, central, parameters)
        # About the mean, where the terms of the binomial sum do not cancel as about zero.
        mean = cls._summarize("mean", parameters)
        total = mean**order
        with np.errstate(invalid="ignore"):  # moments that do not exist
            for k in range(2, order + 1):
                total = total + math.comb(order, k) * mean ** (order - k) * cls._moment(k, True, parameters)
        return total


class Shifted(Affine):
    """threshold + X."""

    __slots__ = ()

    modifier = "shifted"

    @classmethod
    def _line(cls) -> tuple[float, float]:
        return cls.arguments["threshold"], 1.0

    @classmethod
    def _words(cls) -> dict[str, Any]:
        t = cls.arguments["threshold"]
        if cls.base.info.kind == "discrete" and t != math.floor(t):
            raise ParameterError(f"threshold: must be a whole number for counts; got {t!r}. Round it")
        return {"summary": f"{t:g} + X, where X is {cls.base.__name__}.", "formula": f"log p(x) = log f(x - {t:g})"}


class Reflected(Affine):
    """-X."""

    __slots__ = ()

    modifier = "reflected"

    @classmethod
    def _line(cls) -> tuple[float, float]:
        return 0.0, -1.0

    @classmethod
    def _words(cls) -> dict[str, Any]:
        return {"summary": f"-X, where X is {cls.base.__name__}.", "formula": "log p(x) = log f(-x)"}

    @classmethod
    def _outward(cls, y: Vector) -> Vector:
        return 0.0 - y

    @classmethod
    def _inward(cls, x: Vector) -> Vector:
        return 0.0 - x


class LogTransformed(Transformed):
    """exp(X)."""

    __slots__ = ()

    modifier = "log_transformed"

    @classmethod
    def _words(cls) -> dict[str, Any]:
        if cls.base.info.kind == "discrete":
            raise ParameterError(
                f"family: log_transformed needs a continuous family; {cls.base.__name__} is one of counts, and their "
                "exponentials are none"
            )
        return {
            "summary": f"exp(X), where X is {cls.base.__name__}.",
            "formula": "log p(x) = log f(log x) - log x",
        }

    @classmethod
    def _inward(cls, x: Vector) -> Vector:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x > 0.0, np.log(x), -np.inf)

    @classmethod
    def _outward(cls, y: Vector) -> Vector:
        with np.errstate(over="ignore"):
            return np.exp(y)

    @classmethod
    def _log_slope(cls, x: Vector) -> Vector:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x > 0.0, -np.log(x), 0.0)

    @classmethod
    def _of_member(cls, operation: Summary, member: Columns) -> float:
        if operation == "entropy" and not cls._atoms:
            return float(cls.base._summarize("entropy", member)[0] + cls.base._summarize("mean", member)[0])
        return super()._of_member(operation, member)

    @classmethod
    def _expect(cls, function: Callable[[Vector], Vector], member: Columns) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return cls.base._expect(lambda y: function(np.exp(y)), member)
