"""What the data say of survival without a family: the estimates of Kaplan and Meier, and of Turnbull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, ParameterError, unknown_name
from .observations import as_observations
from .univariate import checked_level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .report import Report
    from .turnbull import Ends

__all__ = ["SurvivalCurve", "survival_curve"]

Array = NDArray[np.float64]
Method = Literal["Kaplan–Meier", "Turnbull"]

_ROWS_OF_A_TABLE = 60
# A difference of log-likelihoods at which a survival probability moves by a twentieth of its standard error.
_NOTED = 1e-3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SurvivalCurve:
    """A nonparametric estimate of P(X > t): float64 arrays of one length, an entry for each place where it falls.

    The curve falls from its value at `start` to `survival` at `time`. The two ends are equal where the place is known;
    between them nothing is known. `at_risk` counts the rows that were under observation just before and had had no event,
    `events` those whose event was there; where rows are intervals, `events` is the expected number of them, and the curve
    falls by the share events / at_risk. `lower` and `upper` are
    pointwise limits of the confidence `level`; they and `standard_error` are None where none can be had (`notes` says
    why). `last` is the largest end of a row: the curve says nothing beyond it.

    `window` is the range of what could be seen: the curve is that of a law given that X lies in it. `shortfall` bounds how
    much larger the log-likelihood of any law is; 0 for Kaplan and Meier's estimate, a formula.
    """

    time: Array
    survival: Array
    standard_error: Array | None
    lower: Array | None
    upper: Array | None
    at_risk: Array
    events: Array
    start: Array
    level: float
    n: float
    last: float
    window: tuple[float, float]
    method: Method
    shortfall: float
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.time)

    @property
    def before(self) -> Array:
        """The survival just before each fall."""
        return np.concatenate([[1.0], self.survival[:-1]])[: len(self.time)]

    def at(self, time: Any) -> Array:
        """P(X > time) for numbers of any shape; between the ends of a fall, the value at its start."""
        return np.concatenate([[1.0], self.survival])[np.searchsorted(self.time, np.asarray(time), "right")]

    def table(self) -> Report:
        """Time, rows at risk, events, survival, its standard error and its limits; a part of the rows of a long table."""
        from .report import survival_report

        return survival_report(self, _ROWS_OF_A_TABLE)

    def plot(self, axes: Axes | None = None) -> Axes:
        """The curve with its limits on `axes`, or on a figure of its own, which is returned; needs the extra `plot`."""
        from .plotting_survival import plot_curve

        return plot_curve(self, axes)

    def __repr__(self) -> str:
        end = f", S({self.time[-1]:.6g}) = {self.survival[-1]:.6g}" if len(self.time) else ""
        return f"SurvivalCurve({self.method}, n = {self.n:.10g}, {len(self)} falls{end})"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def survival_curve(
    x: Any, level: float = 0.95, *, kind: Literal["continuous", "discrete"] = "continuous", weights: Any = None
) -> SurvivalCurve:
    """The survival function of largest likelihood among all, with standard errors and pointwise confidence limits.

    For known and right-censored rows it is the product limit

        S(t) = prod over times s <= t of (1 - d(s) / r(s)),

    d(s) events among r(s) rows at risk, which have entered their windows before s and have had no event before s; with
    Greenwood's variance S(t)^2 sum d / (r (r - d)). Where rows are intervals, open to the left, or seen only below an
    end, it is the self-consistent estimate, whose mass in a cell is the mean over the rows of the probability that their
    values lie in it; with the inverse of the observed information of the masses as their covariance. That is a normal
    approximation for cells which all hold mass, as common times of inspection make them; for others, and for more than a
    thousand cells, there are no standard errors.

    The limits are S(t)^exp(+-z se(t) / (S(t) log S(t))): symmetric in log(-log S). Where the curve has reached 0 the
    formulas leave the standard error 0, the lower limit 0, and the upper limit where it was.

    Parameters
    ----------
    x : Observations, or plain values in one dimension
    level : of the confidence limits, at least 0 and below 1
    kind : of "continuous" values an end that two rows share has no probability: a row censored at t had its event after
        t, an interval is (lower, upper], and who enters at t is at risk after t, unless an event in the window that
        begins at t is at t. For "discrete" values all ends are included, as in the likelihood of a fit
    weights : frequencies, shape (n,)

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    DataError
        for values that are not finite, intervals of counts without a whole number, windows that do not overlap
    DtypeError, ParameterError, UnknownNameError

    Notes
    -----
    Kaplan, E. L. and Meier, P. (1958), J. Am. Stat. Assoc. 53, 457-481. Greenwood, M. (1926), Reports on Public Health
    and Medical Subjects 33. Turnbull, B. W. (1976), J. R. Stat. Soc. B 38, 290-295.

    Examples
    --------
    >>> import thetahat as th
    >>> rows = th.observations.from_events([6, 6, 6, 6, 7, 9, 10], [1, 1, 1, 0, 1, 0, 1])
    >>> curve = th.survival_curve(rows)
    >>> curve
    SurvivalCurve(Kaplan–Meier, n = 7, 3 falls, S(10) = 0)
    >>> print(curve.table())
    Kaplan–Meier estimate
    observations  7
    <BLANKLINE>
    time  at risk  events  survival  std. error  95 % from        to
    ----------------------------------------------------------------
       6        7       3  0.571429    0.187044   0.171866  0.837083
       7        3       1  0.380952     0.19934  0.0612312  0.716442
      10        1       1         0           0          0  0.716442
    """
    if checked_level(level) == 1.0:
        raise ParameterError("level: must be below 1; the limits of level 1 are 0 and 1. Write level=0.95 for 95 %")
    if kind not in ("continuous", "discrete"):
        raise unknown_name("kind", kind, ["continuous", "discrete"])
    rows = usable_rows(x, weights, kind == "discrete")
    if rows.product_limit:
        found = _product_limit(rows)
    else:
        found = _self_consistent(rows)
    lower, upper = _limits(found.survival, found.standard_error, float(level))
    # A count that is known to be t or more leaves it open whether it is t.
    ends = np.concatenate([np.where(np.isposinf(rows.upper), rows.lower - rows.discrete, rows.lower), rows.upper])
    return SurvivalCurve(
        found.time,
        found.survival,
        found.standard_error,
        lower,
        upper,
        found.at_risk,
        found.events,
        found.start,
        float(level),
        float(rows.weights.sum()),
        float(ends[np.isfinite(ends)].max()),
        rows.window,
        "Kaplan–Meier" if rows.product_limit else "Turnbull",
        found.shortfall,
        found.notes,
    )


class Rows(NamedTuple):
    """Rows of positive weight; of counts, every end is a whole number. `window` is the range of all windows."""

    lower: Array
    upper: Array
    window_low: Array
    window_high: Array
    weights: Array
    discrete: bool
    window: tuple[float, float]

    @property
    def exact(self) -> NDArray[np.bool_]:
        return self.lower == self.upper

    @property
    def product_limit(self) -> bool:
        """Whether hazards can be counted: every row is followed from its entry to its event or to the last look."""
        known = self.exact | (np.isfinite(self.lower) & np.isposinf(self.upper))
        return bool(known.all() and np.isposinf(self.window_high).all())

    @property
    def entered_open(self) -> NDArray[np.bool_]:
        """Which rows are not at risk at the low end of their window itself."""
        if self.discrete:
            return np.zeros(len(self.lower), bool)
        return ~np.isin(self.window_low, self.lower[self.exact & (self.lower == self.window_low)])

    @property
    def spans(self) -> tuple[Array, Array]:
        """The first and the last time at which each row of a product limit is at risk."""
        first = np.where(self.entered_open, np.nextafter(self.window_low, np.inf), self.window_low)
        # A count that is known to be t or more is not known to be more than t.
        last = np.where(self.exact, self.lower, self.lower - 1.0) if self.discrete else self.lower
        return first, last

    @property
    def ends(self) -> Ends:
        from .turnbull import Ends

        opened = np.zeros(len(self.lower), bool) if self.discrete else ~self.exact
        return Ends(self.lower, opened, self.upper, self.window_low, self.entered_open, self.window_high, self.discrete)


class _Found(NamedTuple):
    start: Array
    time: Array
    survival: Array
    standard_error: Array | None
    at_risk: Array
    events: Array
    shortfall: float
    notes: tuple[str, ...]


def usable_rows(x: Any, weights: Any, discrete: bool) -> Rows:
    given = as_observations(x, weights)
    count = np.ones(len(given)) if given.weights is None else given.weights.astype(np.float64)
    low = np.full(len(given), -np.inf) if given.window_low is None else given.window_low
    high = np.full(len(given), np.inf) if given.window_high is None else given.window_high
    lower, upper = given.lower, given.upper
    if discrete:
        lower, upper, low, high = np.ceil(lower), np.floor(upper), np.ceil(low), np.floor(high)
    for bad, rule, remedy in (
        (np.isinf(given.lower) & (given.lower == given.upper), "must be finite", "Drop the row, or open one end of it"),
        (lower > upper, "must hold a whole number for discrete values", "Widen the interval or drop the row"),
    ):
        if bad.any():
            index = int(np.argmax(bad))
            raise DataError(
                f"x: {rule}; got {given.lower[index]!s} to {given.upper[index]!s} at index {index} "
                f"({int(bad.sum())} in all). {remedy}"
            )
    present = count > 0
    window = float(low[present].min()), float(high[present].max())
    if (low[present] == window[0]).all() and (high[present] == window[1]).all():
        # One window conditions all rows alike: they are plain rows of the law given that window.
        interval = lower < upper
        lower = np.where(interval & (lower == low), -np.inf, lower)
        upper = np.where(interval & (upper == high), np.inf, upper)
        low, high = np.full(len(low), -np.inf), np.full(len(high), np.inf)
    told = present & (np.isfinite(lower) | np.isfinite(upper))
    if not told.any():
        raise DataError("x: must have a row with a finite end; got none. Every row says that anything is possible")
    return Rows(lower[told], upper[told], low[told], high[told], count[told], discrete, window)


# Kaplan and Meier -----------------------------------------------------------------------------------------------------


def _below(values: Array, weights: NDArray[Any], times: Array) -> NDArray[Any]:
    """The sum of the weights of the values below each time."""
    order = np.argsort(values)
    upto = np.concatenate([[0], np.cumsum(weights[order])])
    return upto[np.searchsorted(values[order], times)]


def _product_limit(rows: Rows) -> _Found:
    exact = rows.exact
    time, which = np.unique(rows.lower[exact], return_inverse=True)
    events = np.asarray(np.bincount(which, rows.weights[exact], len(time)), np.float64)
    first, last = rows.spans
    # Rows beside their weights: sums of fractions do not end at 0.
    ones = np.ones(len(exact), np.int64)
    after = np.nextafter(time, np.inf)
    at_risk = np.maximum(_below(first, rows.weights, after) - _below(last, rows.weights, time), events)
    surviving = _below(first, ones, after) - _below(last, ones, time) - np.bincount(which, minlength=len(time))
    staying = np.where(surviving > 0, at_risk - events, 0.0)
    survival = np.asarray(np.cumprod(staying / at_risk), np.float64)
    alive = survival > 0
    variance = np.cumsum(np.divide(events, at_risk * staying, out=np.zeros(len(time)), where=alive))
    error = np.asarray(survival * np.sqrt(variance), np.float64)
    return _Found(time, time, survival, error, at_risk, events, 0.0, _notes_on_risk(time, surviving, first, last))


def _notes_on_risk(time: Array, surviving: NDArray[np.int64], first: Array, last: Array) -> tuple[str, ...]:
    gone = np.flatnonzero(surviving[:-1] == 0)
    if len(gone):
        place = f"{time[gone[0]]:.6g}"
        return (
            f"All that were at risk at {place} had their event there, before others entered: the curve is 0 from there",
        )
    entries, leaving = np.sort(first), np.sort(last)
    # Between two events all may have been censored before the next row enters.
    empty = (entries[1:] > leaving[:-1]) & (entries[1:] <= (time[-1] if len(time) else -np.inf))
    if empty.any():
        place = int(np.argmax(empty))
        return (
            f"No row was at risk between {leaving[place]:.6g} and {entries[place + 1]:.6g}: "
            "the curve is level there for want of data",
        )
    return ()


# Turnbull -------------------------------------------------------------------------------------------------------------


def _self_consistent(rows: Rows) -> _Found:
    from .turnbull import estimate

    found = estimate(rows.ends, rows.weights)
    # Mass at an open upper end stays above the curve.
    shown = (found.mass > 0) & np.isfinite(found.time)
    beyond = float(found.mass[np.isposinf(found.time)].sum())
    mass, events = found.mass[shown], found.events[shown]
    survival = beyond + np.concatenate([np.cumsum(mass[::-1])[::-1][1:], [0.0]])[: len(mass)]
    before = survival + mass
    notes: tuple[str, ...] = ()
    if found.covariance is None:
        error = None
        notes = ("No standard errors: cells without mass, or too many cells, leave no normal approximation",)
    else:
        # Of the mass beyond each cell; the sum of all masses has no variance.
        upto = np.cumsum(np.cumsum(found.covariance, 0), 1).diagonal()
        error = np.sqrt(np.maximum(upto, 0.0))[shown]
        error = np.where(survival > 0, error, 0.0)
    at_risk = events * before / mass
    if found.shortfall > _NOTED:
        notes += (f"The search stopped: the log-likelihood of other laws is larger by {found.shortfall:.2g} at most",)
    return _Found(found.start[shown], found.time[shown], survival, error, at_risk, events, found.shortfall, notes)


# Limits ---------------------------------------------------------------------------------------------------------------


def _limits(survival: Array, error: Array | None, level: float) -> tuple[Array | None, Array | None]:
    """Limits that are symmetric in log(-log S); where S is 0 they are 0 and the upper limit before."""
    from statistics import NormalDist

    if error is None:
        return None, None
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    inside = (survival > 0) & (survival < 1)
    value = np.where(inside, survival, 0.5)
    reach = np.exp(z * np.where(inside, error, 0.0) / (value * -np.log(value)))
    lower, upper = value**reach, value ** (1.0 / reach)
    upper_before = upper[inside][-1] if inside.any() else 1.0
    ends = np.where(survival > 0, 1.0, 0.0)
    return np.where(inside, lower, ends), np.where(inside, upper, np.where(survival > 0, 1.0, upper_before))
