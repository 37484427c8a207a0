"""Families with more, or other, probability at one point: zero- and one-inflated, hurdle."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .divergence import deviance
from .errors import DataError, ParameterError
from .info import LimitArgument, LimitInfo, ParameterInfo
from .modified import ModifiedFamily, log1mexp, modified, support_info
from .observations import Observations
from .search import search
from .terms import as_columns, taken
from .univariate import Columns, Operation, Summary, UnivariateFamily, Vector, chosen

__all__ = ["Hurdle", "OneInflated", "ZeroInflated"]

_CASES = ((0.3,), (0.9,))


class AtomAdded(ModifiedFamily):
    """With a probability of its own exactly `point`, else of the family `rest`."""

    __slots__ = ()

    point: ClassVar[float]
    own_cases: ClassVar[tuple[tuple[float, ...], ...]] = _CASES

    @classmethod
    def _rest(cls) -> type[UnivariateFamily]:
        return cls.base

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        cls._require_apart()
        s, p = cls.base.info.support, cls.point
        discrete = cls.base.info.kind == "discrete"
        lower, lower_closed = (p, True) if p <= s.lower else (s.lower, s.lower_closed)
        upper, upper_closed = (p, True) if p >= s.upper else (s.upper, s.upper_closed)
        name = cls.own[0].name
        return {
            "kind": "discrete" if discrete else "mixed",
            "support": support_info(lower, upper, lower_closed, upper_closed, discrete),
            "summary": f"{cls.base.__name__}, or exactly {p:g} with a probability of its own.",
            "formula": f"P(X = {p:g}) = {name} + (1 - {name}) f({p:g}), elsewhere p(x) = (1 - {name}) f(x)",
        }

    @classmethod
    def _require_apart(cls) -> None:
        base: object = cls.base
        while isinstance(base, type) and issubclass(base, AtomAdded):
            if base.point == cls.point:
                raise ParameterError(
                    f"family: {cls.base.__name__} has a probability of its own at {cls.point:g} already, and two cannot be "
                    "told apart. Apply one of zero_inflated, hurdle and one_inflated at a point"
                )
            base = base.base

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        if cls.base.info.kind == "discrete":
            return ()
        return tuple(sorted({*cls.base._atoms, cls.point}))

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        return (*cls.base._spikes(), cls.point)

    @classmethod
    def _limits(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        return (*super()._limits(held), *cls._without_atom(held))

    @classmethod
    def _without_atom(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        """The base alone, where it has a probability at the point: else one row there rules it out, whatever its share."""
        base, name = cls.base, cls.own[0].name
        inside = base.info.kind == "discrete" and base.info.support.lower <= cls.point <= base.info.support.upper
        if name in held or not (inside or cls.point in base._atoms):
            return ()
        # An end of the support that is estimated has no expansion of the likelihood that chi-squared follows from.
        kind = "irregular" if base.info.boundary_maximum else "boundary"
        kept = tuple(LimitArgument(n, "identity", n) for n in base.info.parameter_names)
        return (LimitInfo(kind, base.info.name, name, 0.0, kept),)

    # Rows ---------------------------------------------------------------------------------------------------------------

    @classmethod
    def _split(cls, parameters: Columns) -> tuple[Columns, Vector]:
        return parameters[:-1], parameters[-1]

    @classmethod
    def _at_point(cls, inner: Columns) -> Vector:
        """log P(X = point) of the rest; -inf where it has a density there."""
        rest = cls._rest()
        if rest.info.kind == "discrete" or cls.point in rest._atoms:
            n = max(p.size for p in inner)
            return rest._evaluate("log_prob", np.full(n, cls.point), inner)
        return np.array([-np.inf])

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        inner, share = cls._split(parameters)
        here = np.logaddexp(np.log(share), np.log1p(-share) + cls._at_point(inner))
        return np.where(x == cls.point, here, np.log1p(-share) + cls._rest()._evaluate("log_prob", x, inner))

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        inner, share = cls._split(parameters)
        inside = (lower <= cls.point) & (cls.point <= upper)
        rest = cls._rest()._log_between(lower, upper, inner)
        atom = np.where(inside, np.log(share), -np.inf)
        # Where little is missing, it is the complement that has digits.
        total = np.logaddexp(atom, np.log1p(-share) + rest)
        missing = np.log1p(-share) + log1mexp(np.minimum(rest, 0.0))
        return np.where(inside & (missing < math.log(0.5)), log1mexp(np.minimum(missing, 0.0)), np.minimum(total, 0.0))

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        x = np.asarray(x, dtype=np.float64)
        inner, share = cls._split(parameters)
        n = len(x)
        shares = np.broadcast_to(share, n)
        out = np.empty((n, len(parameters)))
        away = x != cls.point
        columns = chosen(inner, away)
        out[away, :-1] = cls._rest()._score(x[away], columns)
        out[away, -1] = -1.0 / (1.0 - shares[away])
        if not away.all():
            at = ~away
            own = chosen(inner, at)
            out[at] = cls._mixed(cls._at_point(own), shares[at], own, np.full(int(at.sum()), cls.point), None)
        return out

    @classmethod
    def _mixed(cls, log_rest: Vector, share: Vector, inner: Columns, lower: Vector, upper: Vector | None) -> Vector:
        """The score of log(share + (1 - share) P) for the probability P of a point, or of an interval."""
        rest = np.exp(np.broadcast_to(log_rest, len(lower)))
        total = share + (1.0 - share) * rest
        out = np.zeros((len(lower), len(inner) + 1))
        seen = rest > 0.0
        if seen.any():
            columns = chosen(inner, seen)
            law = cls._rest()
            score = law._score(lower[seen], columns) if upper is None else law._score_between(lower[seen], upper[seen], columns)
            out[seen, :-1] = ((1.0 - share) * rest / total)[seen, None] * score
        out[:, -1] = -np.expm1(np.minimum(np.broadcast_to(log_rest, len(lower)), 0.0)) / total
        return out

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        inner, share = cls._split(parameters)
        n = len(lower)
        shares = np.array(np.broadcast_to(share, n))
        out = np.empty((n, len(parameters)))
        out[:, :-1] = cls._rest()._score_between(lower, upper, inner)
        out[:, -1] = -1.0 / (1.0 - shares)
        inside = (lower <= cls.point) & (cls.point <= upper)
        if inside.any():
            columns = chosen(inner, inside)
            low, high = lower[inside], upper[inside]
            rest = cls._rest()._log_between(low, high, columns)
            out[inside] = cls._mixed(rest, shares[inside], columns, low, high)
        return out

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        inner, share = cls._split(parameters)
        lower, upper = (cls._rest()._summarize(end, inner) + 0.0 * share for end in ("lower", "upper"))
        return np.minimum(lower, cls.point), np.maximum(upper, cls.point)

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        inner, share = cls._split(parameters)
        n = len(q)
        q, share = np.broadcast_to(q, n), np.broadcast_to(share, n)
        # By the quantiles of the rest on either side of the point.
        point = np.full(n, cls.point)
        below = np.exp(cls._log_between(np.full(n, -np.inf), cls._before(point), parameters))
        above = np.exp(cls._log_right(point, parameters))
        p, r = (1.0 - q, q) if upper else (q, 1.0 - q)
        left, right = (p <= below) & (below > 0.0), (r < above) & (above > 0.0)
        x = point.copy()
        sides: tuple[tuple[NDArray[np.bool_], Operation, Vector], ...] = ((left, "icdf", p), (right & ~left, "isf", r))
        for part, name, tail in sides:
            columns = chosen(inner, part)
            x[part] = cls._rest()._evaluate(name, np.minimum(tail[part] / (1.0 - share[part]), 1.0), columns)
        x = np.where(left, np.minimum(x, point), np.where(right, np.maximum(x, point), x))
        lower, higher = cls._ends(parameters)
        return np.where(p == 0.0, lower, np.where(r == 0.0, higher, x))

    @classmethod
    def _before(cls, x: Vector) -> Vector:
        return np.ceil(x) - 1.0 if cls.info.kind == "discrete" else np.nextafter(x, -np.inf)

    @classmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]:
        inner, share = cls._split(parameters)
        rest = cls._rest()._draw(inner, n, seed, stream)
        return np.where(cls._uniforms(n, seed, stream) < share, rest.dtype.type(cls.point), rest)

    @classmethod
    def _divergence(cls, p: Columns, q: Columns) -> Vector | None:
        rest = cls._rest()
        if rest.info.kind == "discrete" or cls.point in rest._atoms:
            return None
        (inner, share), (other, against) = cls._split(p), cls._split(q)
        within = rest._divergence(inner, other)
        if within is None:
            return None
        coins = deviance(share, against) + deviance(1.0 - share, 1.0 - against)
        return coins + (1.0 - share) * within

    # Moments ------------------------------------------------------------------------------------------------------------

    @classmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector:
        inner, share = cls._split(parameters)
        rest = cls._rest()
        if not central:
            return share * cls.point**order + (1.0 - share) * rest._moment(order, False, inner)
        mean = rest._summarize("mean", inner)
        with np.errstate(invalid="ignore", over="ignore"):  # moments that do not exist
            centre = share * cls.point + (1.0 - share) * mean
            total = share * (cls.point - centre) ** order
            for k in range(order + 1):
                about = np.ones(1) if k == 0 else np.zeros(1) if k == 1 else rest._moment(k, True, inner)
                total = total + (1.0 - share) * math.comb(order, k) * (mean - centre) ** (order - k) * about
        return total

    @classmethod
    def _of_member(cls, operation: Summary, member: Columns) -> float:
        inner, share = cls._split(member)
        if operation == "entropy" and cls.info.kind == "mixed" and cls.point not in cls._rest()._atoms:
            p = float(share[0])
            rest = float(cls._rest()._summarize("entropy", inner)[0])
            return -p * math.log(p) - (1.0 - p) * math.log1p(-p) + (1.0 - p) * rest
        return super()._of_member(operation, member)

    # Fits -----------------------------------------------------------------------------------------------------------------

    @classmethod
    def _search(
        cls, rows: Observations, held: list[float], start: Sequence[float] | None, progress: Callable[..., object] | None
    ) -> dict[str, Any]:
        began = time.perf_counter()
        plain = rows.window_low is None and bool(np.all(rows.lower == rows.upper))
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights.astype(np.float64)
        counted = _Counted(cls, rows, weights, held, start, progress)
        apart = cls._apart()
        if plain and (counted.at == 0.0 or counted.at == counted.total):
            result = counted.extreme()
        elif plain and apart is not None:
            result = counted.separate(apart)
        else:
            result = cls._jointly(counted)
        return {**result, "n": counted.total, "n_rows": len(rows), "seconds": time.perf_counter() - began}

    @classmethod
    def _apart(cls) -> type[UnivariateFamily] | None:
        """The law of what is not at the point, where it can be fitted by itself."""
        rest = cls._rest()
        if rest.info.kind != "discrete" and cls.point not in rest._atoms:
            return rest
        if rest.info.kind == "discrete" and rest.info.support.lower >= cls.point:
            from .restricted import Truncated

            return modified(Truncated, rest, {"low": cls.point + 1.0, "high": math.inf}) if rest.info.support.lower == (
                cls.point) else rest  # fmt: skip
        return None

    @classmethod
    def _jointly(cls, counted: _Counted) -> dict[str, Any]:
        rows, start = counted.rows, counted.start
        starts = [start] if start is not None else counted.starts()
        base = cls._rest().info
        smooth = not base.boundary_maximum and base.information == "observed"
        result = search(cls, rows, counted.held, starts, counted.progress, smooth=smooth)
        if result["edge"] == len(counted.held) - 1:  # as little as there can be at the point
            return counted.without(rows)
        if math.isnan(counted.held[-1]) and result["parameters"][-1] < 1e-6 and counted.at == 0.0:
            alone = counted.without(rows)
            if alone["log_likelihood"] >= result["log_likelihood"] - 1e-9 * (1.0 + abs(result["log_likelihood"])):
                return alone
        return result


class _Counted:
    """The rows of one fit, with how many are at the point."""

    def __init__(
        self,
        cls: type[AtomAdded],
        rows: Observations,
        weights: Vector,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> None:
        self.cls, self.rows, self.weights, self.progress = cls, rows, weights, progress
        self.held, self.start = held, start
        self.here = (rows.lower == cls.point) & (rows.upper == cls.point)
        self.at, self.total = float(weights[self.here].sum()), float(weights.sum())
        self.inner_held = held[:-1]
        self.inner_start = None if start is None else list(start)[:-1]

    def others(self) -> Observations:
        """Rows that are not at the point."""
        return taken(self.rows, ~self.here)

    def starts(self) -> list[list[float]]:
        """The rest fitted to rows that cannot be at the point, and to all."""
        holding = (self.rows.lower <= self.cls.point) & (self.rows.upper >= self.cls.point)
        found: list[list[float]] = []
        share = min(max(self.at / self.total, 0.02), 0.98)
        for rows in (taken(self.rows, ~holding), self.others(), self.rows):
            if len(rows) == 0:
                continue
            known = Observations(*_stand_ins(rows, self.cls._rest()), weights=rows.weights)
            try:
                result = self.cls._rest()._maximize(known, self.inner_held, None, None)
            except DataError:  # what stands for an interval may be what the family cannot hold
                continue
            if np.isfinite(result["parameters"]).all():
                found += [[*result["parameters"], p] for p in (share, 0.5 * share)]
            if len(found) == 4:
                break
        return found

    def share_of(self, result: Mapping[str, Any], share: float, status: str | None = None, reason: str = "") -> dict[str, Any]:
        """A fit of the rest and the share of the point that goes with it, which nothing else depends on."""
        free = math.isnan(self.held[-1])
        k = len(self.held)
        covariance = np.full((k, k), np.nan)
        covariance[:-1, :-1] = result["covariance"]
        inside = np.isfinite(np.diag(covariance)[:-1])
        if free and 0.0 < share < 1.0:
            covariance[-1, -1] = share * (1.0 - share) / self.total
            covariance[-1, :-1][inside] = covariance[:-1, -1][inside] = 0.0
        return {
            **result,
            "parameters": [*result["parameters"], share],
            "covariance": covariance,
            "standard_errors": np.sqrt(np.diag(covariance)).tolist(),
            "free": int(result["free"]) + free,
            "status": status or result["status"],
            "reason": reason or result["reason"],
        }

    def without(self, rows: Observations) -> dict[str, Any]:
        """The likelihood is largest where the point has no probability of its own: the rest alone."""
        cls = self.cls
        rest = cls._rest()
        result = rest._maximize(rows, self.inner_held, self.inner_start, self.progress)
        made = self.share_of(result, 0.0)
        if result["status"] not in ("converged", "boundary"):
            return made
        limit = result["limit"] or {"family": rest.info.name, "parameters": result["parameters"],
                                    "log_likelihood": result["log_likelihood"]}  # fmt: skip
        reason = f"{cls.own[0].name} = 0: no more rows at {cls.point:g} than {limit['family']} has there"
        return {**made, "status": "boundary", "reason": reason, "limit": {**limit, "kind": "boundary"}}

    def extreme(self) -> dict[str, Any]:
        """No row at the point, or every one."""
        name, held = self.cls.own[0].name, self.held[-1]
        if self.at == 0.0 and math.isnan(held):
            return self.without(self.rows)
        if self.at == 0.0:
            apart = self.cls._apart()
            return self.cls._jointly(self) if apart is None else self.separate(apart)
        k = len(self.held)
        if not any(map(math.isnan, self.held)):
            return self.cls._jointly(self)
        nothing = np.full((k, k), np.nan)
        return {
            "parameters": list(self.held), "covariance": nothing, "standard_errors": [math.nan] * k,
            "log_likelihood": math.nan, "free": sum(map(math.isnan, self.held)), "status": "degenerate",
            "reason": f"all observations equal {self.cls.point:g}: {name} = 1 leaves nothing to fit the rest to",
            "passes": 1, "iterations": 0, "limit": None,
        }  # fmt: skip

    def separate(self, apart: type[UnivariateFamily]) -> dict[str, Any]:
        """The point's share and the law of the rest, which the likelihood has as factors."""
        cls, rest = self.cls, self.cls._rest()
        others = self.others()
        result = apart._maximize(others, self.inner_held, self.inner_start, self.progress)
        if apart is rest:  # no probability of the rest at the point: the share is a proportion
            share = self.held[-1] if not math.isnan(self.held[-1]) else self.at / self.total
            added = self.at * math.log(share) if self.at else 0.0
            added += (self.total - self.at) * math.log1p(-share)
            made = self.share_of(result, share)
            return {**made, "log_likelihood": made["log_likelihood"] + added,
                    "limit": cls._limit(result["limit"], added, (share,))}  # fmt: skip
        if not math.isnan(self.held[-1]):
            return cls._jointly(self)
        if result["limit"] is not None:
            return self.at_limit_of_rest(result)
        if result["status"] != "converged":
            return self.without(self.rows)
        return self.from_truncated(result)

    def at_limit_of_rest(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The rest has come to the end of its own range: what the modifier makes of the family there takes over."""
        from .families import family_class
        from .fit import held_parameters

        cls, names = self.cls, self.cls.info.parameter_names
        held = {name: value for name, value in zip(names, self.held, strict=True) if not math.isnan(value)}
        for limit in cls._limits(held):
            law = family_class(limit.family)
            if not issubclass(law, AtomAdded) or law.point != cls.point:
                continue
            apart = law._apart()
            if apart is None or apart.info.name != result["limit"]["family"]:
                continue
            null = law._maximize(self.rows, held_parameters(law, limit.held(held)), None, None)
            if null["status"] != "converged":
                break
            made = self.share_of(result, null["parameters"][-1])
            found = {"family": limit.family, "kind": limit.kind, **{k: null[k] for k in ("parameters", "log_likelihood")}}
            return {**made, "log_likelihood": null["log_likelihood"], "limit": found}
        return self.without(self.rows)

    def from_truncated(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The inflation from the proportion at the point and the rest's own probability there."""
        cls, theta = self.cls, list(result["parameters"])
        share = self.at / self.total
        columns = as_columns(theta)
        own = math.exp(float(cls._at_point(columns)[0]))
        inflation = (share - own) / (1.0 - own)
        if not inflation > 0.0:
            return self.without(self.rows)
        added = self.at * math.log(share) + (self.total - self.at) * math.log1p(-share)
        made = self.share_of(result, inflation)
        # By the delta method from (theta, share), which are independent.
        slope = cls._rest()._score(np.array([cls.point]), columns)[0] * own * (share - 1.0) / (1.0 - own) ** 2
        free = np.isnan(self.inner_held) & np.isfinite(np.diag(np.asarray(result["covariance"])))
        inner = np.where(np.isfinite(result["covariance"]), result["covariance"], 0.0)
        covariance = made["covariance"]
        across = inner @ np.where(free, slope, 0.0)
        covariance[-1, :-1] = covariance[:-1, -1] = np.where(free, across, np.nan)
        covariance[-1, -1] = slope @ (inner @ slope) + share * (1.0 - share) / self.total / (1.0 - own) ** 2
        return {
            **made,
            "log_likelihood": result["log_likelihood"] + added,
            "covariance": covariance,
            "standard_errors": np.sqrt(np.diag(covariance)).tolist(),
            "limit": None,
        }


def _stand_ins(rows: Observations, law: type[UnivariateFamily]) -> tuple[Vector, Vector]:
    """Values that stand for intervals while a search looks for its start."""
    support = law.info.support
    low, high = np.maximum(rows.lower, support.lower), np.minimum(rows.upper, support.upper)
    with np.errstate(invalid="ignore"):  # of rows that are open on both sides
        middle = np.where(np.isinf(low), high, np.where(np.isinf(high), low, low + 0.5 * (high - low)))
    middle = np.where(np.isinf(middle), 0.0, middle)
    if law.info.kind == "discrete":
        middle = np.floor(middle)
    middle = np.where(middle <= support.lower, low if support.lower_closed else np.nextafter(low, np.inf), middle)
    middle = np.where(middle >= support.upper, high if support.upper_closed else np.nextafter(high, -np.inf), middle)
    return middle, middle


class ZeroInflated(AtomAdded):
    """More zeros than the family has."""

    __slots__ = ()

    modifier = "zero_inflated"
    point: ClassVar[float] = 0.0
    own: ClassVar[tuple[ParameterInfo, ...]] = (
        ParameterInfo("zero_inflation", "unit", "logit", "probability of a zero beyond those of the family", None, False),
    )


class OneInflated(AtomAdded):
    """More ones than the family has."""

    __slots__ = ()

    modifier = "one_inflated"
    point: ClassVar[float] = 1.0
    own: ClassVar[tuple[ParameterInfo, ...]] = (
        ParameterInfo("one_inflation", "unit", "logit", "probability of a one beyond those of the family", None, False),
    )


class Hurdle(AtomAdded):
    """Zeros apart from the rest."""

    __slots__ = ()

    modifier = "hurdle"
    point: ClassVar[float] = 0.0
    own: ClassVar[tuple[ParameterInfo, ...]] = (
        ParameterInfo("zero_probability", "unit", "logit", "P(X = 0)", None, False),
    )

    @classmethod
    def _without_atom(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        return ()  # the family has as many zeros at a value that depends on its other parameters

    @classmethod
    def _limit(cls, limit: Mapping[str, Any] | None, added: float = 0.0, own: tuple[float, ...] = ()) -> dict[str, Any] | None:
        if limit is not None and cls._rest() is not cls.base:  # the limit of what is not zero: say it of the base
            from .families import family_class

            inner = family_class(limit["family"])
            assert issubclass(inner, ModifiedFamily)
            limit = {**limit, "family": inner.base.info.name}
        return super()._limit(limit, added, own)

    @classmethod
    def _rest(cls) -> type[UnivariateFamily]:
        from .restricted import Truncated

        base = cls.base
        if base.info.kind != "discrete" or base.info.support.lower > 0.0:
            return base
        return modified(Truncated, base, {"low": 1.0, "high": math.inf})

    @classmethod
    def _declaration(cls) -> dict[str, Any]:
        if cls.base.info.kind == "discrete" and cls.base.info.support.lower < 0.0 or 0.0 in cls.base._atoms:
            raise ParameterError(
                f"family: hurdle needs counts from 0 up or a density; {cls.base.__name__} has others. Use zero_inflated"
            )
        return {
            **super()._declaration(),
            "formula": "P(X = 0) = zero_probability, elsewhere p(x) = (1 - zero_probability) f(x) / P(X != 0)",
        }
