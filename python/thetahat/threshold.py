"""A threshold that is fitted: threshold + X for a family on the positive half-line."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, ParameterError
from .info import LimitInfo, ParameterInfo, SupportInfo
from .modified import ModifiedFamily
from .observations import Observations
from .scipy_bridge import arguments_of, moved
from .search import search
from .terms import mapped
from .univariate import Columns, Summary, Vector

__all__ = ["FittedThreshold"]

# How far below the least that is known a threshold is looked for, in units of the rows' spread.
_GAPS = 10.0 ** np.linspace(-6.0, 3.0, 37)
_NEARER = (1e-9, 1e-12)
_STEP = 1e-3  # of differences along x, relative to the distance from the threshold


class FittedThreshold(ModifiedFamily):
    """threshold + X, with the threshold among the parameters."""

    __slots__ = ()

    own: ClassVar[tuple[ParameterInfo, ...]] = (
        ParameterInfo("threshold", "real", "identity", "lower end of the support", None, False),
    )
    own_cases: ClassVar[tuple[tuple[float, ...], ...]] = ((2.5,),)
    modifier: ClassVar[str] = "shifted"

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        base = cls.base.info
        if base.boundary_maximum or base.kind != "continuous" or (base.support.lower, base.support.upper) != (0.0, math.inf):
            raise ParameterError(
                f"threshold: can be fitted where the support is x > 0; {cls.base.__name__} has {base.support.text}. "
                "Give it as a number"
            )
        closed = base.support.lower_closed
        text = f"x {'>=' if closed else '>'} threshold"
        return {
            "support": SupportInfo(-math.inf, math.inf, False, False, text),
            "summary": f"threshold + X, where X is {cls.base.__name__}.",
            "formula": "log p(x) = log f(x - threshold)",
        }

    @classmethod
    def _limits(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        # Beside a free threshold the shapes at which the base has limits are not regular: no law of the ratio is known.
        return super()._limits(held) if "threshold" in held else ()

    @classmethod
    def _split(cls, parameters: Columns) -> tuple[Columns, Vector]:
        return parameters[:-1], parameters[-1]

    @classmethod
    def _mean_scores(cls, member: Columns) -> tuple[Vector, Vector]:
        # Wherever the threshold lies; at zero, beside which x keeps its digits.
        return super()._mean_scores([*member[:-1], np.zeros(1)])

    def to_scipy(self) -> Any:
        """The frozen scipy.stats distribution of the base with the threshold as its loc; DataError where scipy has none."""
        return moved(self.base(*self._values[:-1]).to_scipy(), self._values[-1], 1.0)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The member with the densities of a frozen scipy.stats distribution, whose loc is the threshold."""
        if not hasattr(frozen, "dist"):
            raise DataError(f"frozen: must be a frozen scipy.stats distribution; got {type(frozen).__name__}")
        threshold = arguments_of(frozen).get("loc", 0.0)
        return cls(*cls.base.from_scipy(moved(frozen, -threshold, 1.0))._values, threshold)

    # Rows ---------------------------------------------------------------------------------------------------------------

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        return cls.base._evaluate("log_prob", x - t, inner)

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        return cls.base._log_between(lower - t, upper - t, inner)

    @classmethod
    def _log_left(cls, x: Vector, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        return cls.base._evaluate("log_cdf", x - t, inner)

    @classmethod
    def _log_right(cls, x: Vector, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        return cls.base._evaluate("log_sf", x - t, inner)

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        y = np.asarray(x, dtype=np.float64) - t
        if not (y > 0.0).all():
            index = int(np.argmax(~(y > 0.0)))
            raise DataError(
                f"x must lie above the threshold where a score is asked for, got {x[index]!s} at index {index}; select the rows "
                "with a finite log_prob first"
            )

        def log_p(by: float) -> Vector:
            return cls.base._evaluate("log_prob", y * (1.0 + by), inner)

        slope = (8.0 * (log_p(_STEP) - log_p(-_STEP)) - (log_p(2 * _STEP) - log_p(-2 * _STEP))) / (12.0 * _STEP * y)
        return np.column_stack([cls.base._score(y, inner), -slope])

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        low, high = lower - t, upper - t
        # Steps that carry neither end across the threshold.
        reach = np.where(low > 0.0, low, np.where(np.isfinite(high), np.minimum(high, np.where(low < 0.0, -low, np.inf)), 1.0))
        h = _STEP * np.where(np.isfinite(reach), reach, 1.0)

        def log_p(steps: float) -> Vector:
            return cls.base._log_between(low + steps * h, high + steps * h, inner)

        with np.errstate(invalid="ignore"):
            slope = (8.0 * (log_p(1.0) - log_p(-1.0)) - (log_p(2.0) - log_p(-2.0))) / (12.0 * h)
        slope = np.where((low <= 0.0) & np.isinf(high), 0.0, slope)
        return np.column_stack([cls.base._score_between(low, high, inner), -slope])

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        inner, t = cls._split(parameters)
        return cls.base._summarize("lower", inner) + t, cls.base._summarize("upper", inner) + t

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        return cls.base._evaluate("isf" if upper else "icdf", q, inner) + t

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        inner, t = cls._split(parameters)
        return cls.base._draw(inner, n, seed, stream) + t

    @classmethod
    def _summarize(cls, operation: Summary, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        if operation in ("variance", "skewness", "kurtosis", "entropy"):
            return cls.base._summarize(operation, inner) + 0.0 * t
        return cls.base._summarize(operation, inner) + t

    @classmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector:
        inner, t = cls._split(parameters)
        if central:
            return cls.base._moment(order, True, inner) + 0.0 * t
        mean = cls._summarize("mean", parameters)
        total = mean**order
        with np.errstate(invalid="ignore"):  # infinite terms of both signs have no sum
            for k in range(2, order + 1):
                total = total + math.comb(order, k) * mean ** (order - k) * cls.base._moment(k, True, inner)
        return total

    # Fits ---------------------------------------------------------------------------------------------------------------

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        began = time.perf_counter()
        profile = _Profile(cls, rows, held[:-1])
        if not math.isnan(held[-1]):
            result = profile.with_threshold(profile.at(held[-1]), held[-1])
        else:
            result = cls._free(profile, held, start, progress)
        return {**result, "n_rows": len(rows), "seconds": time.perf_counter() - began}

    @classmethod
    def _free(
        cls, profile: _Profile, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        name = cls.base.info.name
        thresholds = [profile.edge - gap * profile.spread for gap in _GAPS]
        fits = [profile.at(t) for t in thresholds]
        heights = np.array([fit["log_likelihood"] for fit in fits])
        heights = np.where(np.isnan(heights), -np.inf, heights)
        told = 1e-9 * (1.0 + abs(float(np.max(heights))))  # what is less than this is no difference
        inside = [j for j in range(1, len(heights) - 1) if heights[j] > max(heights[j - 1], heights[j + 1]) + told]
        endless = profile.endless(heights[0])
        if inside or start is not None:
            starts = [start] if start is not None else [
                [*fits[j]["parameters"], thresholds[j]] for j in sorted(inside, key=lambda j: -heights[j])[:2]]  # fmt: skip
            result = search(cls, profile.rows, held, starts, progress)
            if result["status"] == "converged":
                reason = f"a local maximum: {endless}" if endless else ""
                return {**result, "reason": reason}
        if endless or not np.isfinite(heights).any():
            return profile.without(
                f"{endless}. Give threshold with fixed=, or say how the values were rounded: thetahat.observations.rounded"
            )
        if float(np.max(heights)) <= heights[-1] + told:
            return profile.without(
                f"the likelihood keeps its height as threshold falls far below the rows: they do not show where {name} starts. "
                "Give threshold with fixed=, or fit a family with a location"
            )
        nearest = profile.at(math.nextafter(profile.edge, -math.inf))
        made = profile.with_threshold(nearest, profile.edge)
        return {**made, "status": "boundary", "free": made["free"] + 1,
                "reason": "threshold is the smallest observation: the likelihood is largest there"}  # fmt: skip


class _Profile:
    """The likelihood of the base for every threshold."""

    def __init__(self, cls: type[FittedThreshold], rows: Observations, held: list[float]) -> None:
        self.cls, self.rows, self.held = cls, rows, held
        seen = np.ones(len(rows), bool) if rows.weights is None else rows.weights > 0
        self.edge = float(np.min(rows.upper[seen]))
        known = np.where(np.isfinite(rows.lower), rows.lower, rows.upper)[seen]
        self.spread = max(float(np.std(known)), 1e-12 * abs(self.edge), 1e-300)

    def at(self, threshold: float) -> dict[str, Any]:
        """The base's fit to what lies above the threshold."""
        above = mapped(self.rows, lambda low, high: (low - threshold, high - threshold))
        return self.cls.base._maximize(above, self.held, None, None)

    def endless(self, height: float) -> str:
        """Why there is no largest likelihood near the least row, or nothing where there is one."""
        heights = [height, *(self.at(self.edge - gap * self.spread)["log_likelihood"] for gap in _NEARER)]
        gains = np.diff(heights)
        if not (np.isfinite(gains).all() and gains[1] > 0.01 and gains[1] > 0.5 * gains[0]):
            return ""
        return "the likelihood grows without bound as threshold comes to the smallest observation"

    def with_threshold(self, result: Mapping[str, Any], threshold: float) -> dict[str, Any]:
        """The base's fit with a threshold that has no error."""
        k = len(result["parameters"])
        covariance = np.full((k + 1, k + 1), np.nan)
        covariance[:k, :k] = result["covariance"]
        return {
            **result,
            "parameters": [*result["parameters"], threshold],
            "covariance": covariance,
            "standard_errors": [*result["standard_errors"], math.nan],
            "limit": self.cls._limit(result["limit"], 0.0, (threshold,)),
        }

    def without(self, reason: str) -> dict[str, Any]:
        """No estimate."""
        k = len(self.held) + 1
        weights = self.rows.weights
        return {
            "parameters": [math.nan] * k, "covariance": np.full((k, k), np.nan), "standard_errors": [math.nan] * k,
            "log_likelihood": math.nan, "n": float(len(self.rows) if weights is None else weights.sum()),
            "free": 1 + sum(map(math.isnan, self.held)), "status": "unbounded", "reason": reason,
            "passes": len(_GAPS), "iterations": 0, "limit": None,
        }  # fmt: skip
