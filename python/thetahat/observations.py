"""What is known of each observation: its value, an interval, a window outside which it would not have been seen.

Every function returns `Observations`, which `thetahat.fit`, `thetahat.compare` and `log_likelihood` take in place of plain
values, for every family. They combine: a window may be put around censored rows.

>>> import thetahat as th
>>> lifetimes = th.observations.from_events([3.0, 5.0, 7.0, 9.0], [True, True, False, True])
>>> round(th.fit("exponential", lifetimes).parameters["rate"], 4)  # three events in 24 units of time
0.125
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core
from .arrays import Missing, real_array
from .arrays import observations as read
from .errors import DataError, ParameterError
from .info import FamilyInfo

__all__ = ["Observations", "binned", "censored", "from_events", "from_scipy", "repeated", "rounded", "truncated"]

Array = NDArray[np.float64]


class Survey(NamedTuple):
    """What the ends of rows hold, from one pass over them."""

    valid: bool  # no NaN, no lower end above its upper one, and something finite in every row
    exact: int
    left: int
    right: int
    unknown: int  # open on both sides
    least_upper: float
    greatest_lower: float
    least_exact: float
    greatest_exact: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Observations:
    """Rows that are known to lie in [lower, upper], seen because they lie in [window_low, window_high].

    A value that is known has lower == upper; an infinite end is open. The windows are None where nothing was hidden.
    """

    lower: Array
    upper: Array
    window_low: Array | None = None
    window_high: Array | None = None
    weights: Array | None = None
    dropped: int = 0
    known_survey: Survey | None = None  # of ends that nobody can write to

    def __len__(self) -> int:
        return len(self.lower)

    @property
    def survey(self) -> Survey:
        return self.known_survey or Survey(*_core.survey(self.lower, self.upper))

    @property
    def kinds(self) -> dict[str, int]:
        """How many rows are exact, left-, right- and interval-censored, and how many lie in a window."""
        seen = self.survey
        return {
            "exact": seen.exact,
            "left": seen.left,
            "right": seen.right,
            "interval": len(self) - seen.exact - seen.left - seen.right - seen.unknown,
            "truncated": 0 if self.window_low is None else len(self),
        }

    def __repr__(self) -> str:
        parts = ", ".join(f"{count} {kind}" for kind, count in self.kinds.items() if count)
        return f"Observations({len(self)} rows: {parts or 'nothing known'})"


def censored(lower: Any, upper: Any, *, weights: Any = None) -> Observations:
    """Rows of which the ends of an interval are known, both included.

    Parameters
    ----------
    lower, upper : arrays of the same length; -inf or inf where an end is open, equal where the value is known
    weights : frequencies

    Raises
    ------
    DataError
        where lower exceeds upper, an end is NaN, or an interval holds nothing finite

    Examples
    --------
    >>> import thetahat as th
    >>> th.observations.censored([1.0, 2.0, -float("inf")], [1.0, float("inf"), 4.0])
    Observations(3 rows: 1 exact, 1 left, 1 right)
    """
    low, high = _column(lower, "lower"), _column(upper, "upper")
    if len(low) != len(high):
        raise DataError(f"upper: must be as long as lower, {len(low)} rows; got {len(high)}. Pass one pair for each row")
    return _checked(low, high, Survey(*_core.survey(low, high)), weights)


def from_events(time: Any, event: Any, *, weights: Any = None) -> Observations:
    """Right-censored rows as survival tables have them: a time, and whether the event happened then.

    Parameters
    ----------
    time : the time of the event, or of the last look at what had had none
    event : true, or 1, where the event was seen; false, or 0, where it is still to come

    Examples
    --------
    >>> import thetahat as th
    >>> th.observations.from_events([3.0, 5.0], [1, 0])
    Observations(2 rows: 1 exact, 1 right)
    """
    times = _one_dimension(time, "time")
    seen = np.asarray(event)
    if seen.shape != times.shape:
        raise DataError(f"event: must have one entry per time, {times.shape}; got {seen.shape}")
    if seen.dtype.kind not in "b" and not np.isin(seen, (0, 1)).all():
        raise DataError("event: must be true or false, 1 or 0; recode it: event = status == 'dead'")
    _refuse(~np.isfinite(times), times, "time", "must be finite", "Leave out the rows without a time: time[numpy.isfinite(time)]")
    lower, upper, survey = _core.right_censored(times, seen.astype(np.bool_, copy=False))
    return _checked(lower, upper, Survey(*survey), weights)


def from_scipy(data: Any) -> Observations:
    """The rows of a scipy.stats.CensoredData.

    >>> import scipy.stats, thetahat as th
    >>> th.observations.from_scipy(scipy.stats.CensoredData([1.0, 2.0], right=[3.0]))
    Observations(3 rows: 2 exact, 1 right)
    """
    parts = [getattr(data, name, None) for name in ("_uncensored", "_left", "_right", "_interval")]
    if any(part is None for part in parts):
        raise ParameterError(f"data: must be a scipy.stats.CensoredData; got {type(data).__name__}")
    exact, left, right, interval = (np.asarray(part, dtype=np.float64) for part in parts)
    interval = interval.reshape(-1, 2)
    lower = np.concatenate([exact, np.full(len(left), -np.inf), right, interval[:, 0]])
    upper = np.concatenate([exact, left, np.full(len(right), np.inf), interval[:, 1]])
    return censored(lower, upper)


def truncated(x: Any, low: Any = -np.inf, high: Any = np.inf, *, weights: Any = None) -> Observations:
    """Rows that were seen only because they lie in [low, high], in the units of x; one window, or one for each row.

    Each row's likelihood is divided by the probability of its window.

    Raises
    ------
    DataError
        where a row lies outside its window

    Examples
    --------
    >>> import thetahat as th
    >>> claims = th.observations.truncated([1200.0, 5400.0, 2500.0], low=1000.0)  # none below the deductible
    >>> round(th.fit("exponential", claims).parameters["rate"], 6)
    0.000492
    """
    rows = as_observations(x, weights)
    if rows.window_low is not None:
        raise ParameterError("x: has windows already; intersect them and truncate once")
    ends = [np.broadcast_to(_numbers(end, name), (len(rows),)) for end, name in ((low, "low"), (high, "high"))]
    below, above = (np.array(end) for end in ends)
    _refuse(below >= above, below, "low", "must lie below high", "Give each window some width")
    exact = rows.lower == rows.upper
    outside = np.where(exact, (rows.lower < below) | (rows.upper > above), (rows.upper < below) | (rows.lower > above))
    _refuse(outside, np.where(rows.lower < below, rows.lower, rows.upper), "x", "must lie in its window",
            "It could not have been seen: widen the window or drop the row")  # fmt: skip
    lower, upper = np.maximum(rows.lower, below), np.minimum(rows.upper, above)
    return Observations(lower, upper, below, above, rows.weights, rows.dropped)


def rounded(x: Any, unit: Any, *, weights: Any = None) -> Observations:
    """Values rounded to the nearest multiple of a unit: each stands for [x - unit/2, x + unit/2].

    With it ties are no longer points of infinite density: a likelihood that is unbounded for the rounded numbers is
    bounded for what they stand for.

    Examples
    --------
    >>> import thetahat as th
    >>> th.observations.rounded([1.5, 1.5, 2.0], 0.5)
    Observations(3 rows: 3 interval)
    """
    column = read(x, weights)
    values = column.values.astype(np.float64)
    half = 0.5 * np.broadcast_to(_numbers(unit, "unit"), values.shape)
    _refuse(~(half > 0) | np.isinf(half), 2 * half, "unit", "must be positive and finite", "Give the unit of rounding")
    rows = censored(values - half, values + half)
    return Observations(rows.lower, rows.upper, weights=column.weights, dropped=column.dropped)


def binned(counts: Any, edges: Any) -> Observations:
    """A histogram: counts[i] rows in [edges[i], edges[i + 1]), the last bin with its upper edge; edges may be infinite.

    Examples
    --------
    >>> import thetahat as th
    >>> th.observations.binned([4, 10, 3], [0.0, 1.0, 2.0, 5.0])
    Observations(3 rows: 3 interval)
    """
    numbers, ends = _column(counts, "counts"), _column(edges, "edges")
    if len(ends) != len(numbers) + 1:
        raise DataError(f"edges: must be one more than counts, {len(numbers) + 1}; got {len(ends)}")
    _refuse(np.concatenate([[np.isnan(ends[0])], ~(np.diff(ends) > 0)]), ends, "edges", "must increase",
            "Sort them and merge empty bins")  # fmt: skip
    _refuse(~(numbers >= 0) | np.isinf(numbers), numbers, "counts", "must be finite and not negative", "Count the rows of each bin")
    upper = ends[1:].copy()
    upper[:-1] = np.nextafter(upper[:-1], -np.inf)  # a count on an inner edge belongs to the bin above it
    return censored(ends[:-1], upper, weights=numbers)


def repeated(values: Any, counts: Any) -> Observations:
    """Distinct values with how often each was seen.

    Examples
    --------
    >>> import thetahat as th
    >>> round(th.fit("poisson", th.observations.repeated([0, 1, 2], [10, 5, 5])).parameters["rate"], 12)
    0.75
    """
    return as_observations(values, counts)


def as_observations(x: Any, weights: Any = None, missing: Missing = "raise") -> Observations:
    """Plain values as rows of which the value is known; Observations as they are."""
    if isinstance(x, Observations):
        if weights is None:
            return x
        if x.weights is not None:
            raise ParameterError("weights: x has weights of its own; multiply the two and give them once")
        return replace(x, weights=_weights(weights, x.lower))
    column = read(x, weights, missing=missing)
    values = column.values.astype(np.float64)
    _refuse(np.isnan(values), values, "x", "must not be NaN", 'Drop missing values first, or pass missing="drop"')
    return Observations(values, values, weights=column.weights, dropped=column.dropped)


def plain(rows: Observations) -> bool:
    """Whether every row is a known value, seen through no window."""
    return rows.window_low is None and bool((rows.lower == rows.upper).all())


def known_for(rows: Observations, info: FamilyInfo) -> None:
    """Refuses rows that no member of a family can have produced, and rows that only ever say "beyond"."""
    seen, support = rows.survey, info.support
    inside = (
        (seen.least_upper >= support.lower if support.lower_closed else seen.least_upper > support.lower)
        and (seen.greatest_lower <= support.upper if support.upper_closed else seen.greatest_lower < support.upper)
        and info.kind == "continuous"
    )
    if not inside:
        _refuse_impossible(rows, info)
    for side, count, ends in (("right", seen.right, rows.lower), ("left", seen.left, rows.upper)):
        if count + seen.unknown == len(rows) and rows.window_low is None:
            n = len(rows)
            bound = 0.05 ** (1.0 / n)
            extreme, sign = (ends.min(), ">=") if side == "right" else (ends.max(), "<=")
            raise DataError(
                f"x: all {n} rows are {side}-censored, so the likelihood has no maximum. What they do say, with 95 % "
                f"confidence and for any law: P(X {sign} {extreme:g}) >= {bound:.4g}. Observe some events"
            )


def _refuse_impossible(rows: Observations, info: FamilyInfo) -> None:
    exact, support = rows.lower == rows.upper, info.support
    below = (rows.upper < support.lower) | (exact & (rows.lower == support.lower) & (not support.lower_closed))
    above = (rows.lower > support.upper) | (exact & (rows.lower == support.upper) & (not support.upper_closed))
    broken = (np.ceil(rows.lower) > np.floor(rows.upper)) & (info.kind == "discrete")  # no whole number in it
    bad = (below | above | broken) & (np.ones(len(rows), bool) if rows.weights is None else rows.weights > 0)
    _refuse(bad, np.where(below, rows.upper, rows.lower), "x", f"must satisfy {support.text} for {info.class_name}",
            "Drop or shift these rows, or choose a family whose support holds them")  # fmt: skip


def core_rows(rows: Observations) -> tuple[Array, Array | None, tuple[Array, Array, Array]]:
    """What the core sums over: known values with weights, and intervals, where a window has a negative weight."""
    weights = None if rows.weights is None else rows.weights.astype(np.float64, copy=False)
    values, kept, low, high, signed = _core.split_rows(rows.lower, rows.upper, weights)
    parts = [_merged(low, high, _repeated(1.0, low) if signed is None else signed)]
    if rows.window_low is not None and rows.window_high is not None:
        every = _repeated(1.0, rows.lower) if weights is None else weights
        low, high, total = _merged(rows.window_low, rows.window_high, every)
        parts.append((low, high, -total))
    if len(parts) == 1:
        return values, kept, parts[0]
    lower, upper, signed = (np.concatenate(column) for column in zip(*parts, strict=True))
    return values, kept, (lower, upper, signed)


def _merged(lower: Array, upper: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Equal intervals as one, with the sum of their weights, where looking for them is likely to pay."""
    merged = _core.merge_equal(lower, upper, weights)
    return (lower, upper, weights) if merged is None else merged


def _repeated(value: float, like: Array) -> Array:
    return np.broadcast_to(np.float64(value), like.shape)


def _checked(low: Array, high: Array, survey: Survey, weights: Any) -> Observations:
    """Rows whose ends were looked at once, and that nobody else can change."""
    if not survey.valid:
        for name, end in (("lower", low), ("upper", high)):
            _refuse(np.isnan(end), end, name, "must not be NaN", "An end that is not known is -inf or inf")
        _refuse(low > high, low, "lower", "must not exceed upper", "Swap the ends")
        _refuse(np.isinf(low) & (low == high), low, "lower", "must leave something finite", "Open the other end")
    low.flags.writeable = high.flags.writeable = False
    return Observations(low, high, weights=_weights(weights, low), known_survey=survey)


def _column(x: Any, name: str) -> Array:
    return _one_dimension(x, name).astype(np.float64)


def _one_dimension(x: Any, name: str) -> NDArray[Any]:
    values = real_array(x, name)
    if values.ndim != 1:
        raise DataError(f"{name}: must have one dimension; got shape {values.shape}. Pass a column, or {name}.reshape(-1)")
    return values


def _numbers(x: Any, name: str) -> Array:
    values = real_array(x, name).astype(np.float64)
    _refuse(
        np.isnan(values).reshape(-1), values.reshape(-1), name, "must not be NaN", "Use -inf or inf for an open end"
    )
    return values


def _weights(weights: Any, like: Array) -> Array | None:
    return None if weights is None else read(_repeated(0.0, like), weights).weights


def _refuse(bad: Array | NDArray[np.bool_], values: Array, name: str, rule: str, remedy: str) -> None:
    if bad.any():
        index = int(np.argmax(bad))
        raise DataError(f"{name}: {rule}; got {values[index]!s} at index {index} ({int(bad.sum())} in all). {remedy}")
