"""Pictures of rows that are censored, truncated or binned: a model beside what the data say without a family.

A histogram of censored times, or of times that only a window showed, is one of another law. These pictures show the masses
of the estimate of Kaplan and Meier, or of Turnbull, and the model given that a value lies in the range of all windows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .axes import (
    BARS,
    BEYOND,
    CURVE_POINTS,
    LOGARITHMIC,
    MARKERS,
    asked,
    axes_or_new,
    bars,
    diagonal,
    hang,
    label,
)
from .observations import Observations, as_observations
from .survival import Rows, SurvivalCurve, survival_curve, usable_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

# Of events in bins that each have their share; the relative error of a rate is one over the root of the events.
RATES = 20
MARKS = 300


class Picture(NamedTuple):
    """Rows with their survival curve, and the range that is drawn: all but extremes that would squeeze the rest."""

    rows: Observations
    curve: SurvivalCurve
    discrete: bool
    logarithmic: bool
    low: float
    high: float

    def grid(self) -> Array:
        if self.discrete:
            return np.unique(np.round(np.linspace(self.low, self.high, CURVE_POINTS)))
        return (np.geomspace if self.logarithmic else np.linspace)(self.low, self.high, CURVE_POINTS)

    def quantile(self, share: float) -> float:
        """Where the curve has fallen by a share, or the last time at which it is known."""
        place = int(np.searchsorted(-self.curve.survival, share - 1.0))
        return float(self.curve.time[place]) if place < len(self.curve) else self.curve.last

    def scale(self, ax: Any) -> None:
        ax.set_xlabel("x")
        if self.logarithmic:
            ax.set_xscale("log")
            ax.set_xlim(self.low, self.high)
            if self.high < 100 * self.low:
                # Over less than two decades every minor tick would have a name, which run into each other.
                powers = 10.0 ** np.arange(math.floor(math.log10(self.low)), math.log10(self.high))
                ticks = np.outer(powers, [1.0, 2.0, 5.0]).reshape(-1)
                ticks = ticks[(ticks >= self.low) & (ticks <= self.high)]
                ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
                ax.set_xticks([], minor=True)
        else:
            margin = 0.5 if self.discrete else 0.02 * (self.high - self.low)
            ax.set_xlim(self.low - margin, self.high + margin)


class Law(NamedTuple):
    """A model given that its value lies in a window."""

    model: Any
    low: float
    high: float
    discrete: bool

    def _between(self, low: Any, high: Any) -> Any:
        """P(low < X <= high)."""
        low, high = np.broadcast_arrays(np.floor(low) + 1.0 if self.discrete else low, high)
        return np.where(low > high, 0.0, np.exp(self.model.log_prob_between(np.minimum(low, high), high)))

    @property
    def below(self) -> float:
        return self.low - 1.0 if self.discrete else self.low

    @property
    def total(self) -> float:
        return float(self._between(self.below, self.high))

    def survival(self, x: Array) -> Array:
        return self._between(np.clip(x, self.below, self.high), self.high) / self.total

    def cdf(self, x: Array) -> Array:
        return self._between(self.below, np.clip(x, self.below, self.high)) / self.total

    def prob(self, x: Array) -> Array:
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, self.model.prob(x) / self.total, 0.0)

    def hazard(self, x: Array) -> Array:
        if self.high == np.inf:
            return self.model.hazard(x)
        reached = np.asarray(self._between(x - 1.0 if self.discrete else x, self.high))
        rate = np.full(len(x), np.nan)
        return np.divide(self.model.prob(x), reached, out=rate, where=reached > 0)


def picture(model: Any, x: Any, weights: Any = None, level: float = 0.95) -> Picture:
    """The rows as they are drawn for a family of this kind."""
    rows = as_observations(x, weights)
    discrete, edge = model.info.kind == "discrete", float(model.support[0])
    # What is open below begins where the support does.
    opened = np.isneginf(rows.lower) & (edge > -np.inf) & (rows.upper > edge)
    rows = replace(rows, lower=np.where(opened, edge, rows.lower), known_survey=None)
    curve = survival_curve(rows, level, kind=model.info.kind)
    starts = curve.start[np.isfinite(curve.start)]
    first = float(starts[0]) if len(starts) else curve.last
    begin = curve.window[0] if np.isfinite(curve.window[0]) else edge
    # The support's edge belongs in the picture unless the values are far from it.
    low = begin if np.isfinite(begin) and first - begin <= 2 * (curve.last - first) else first
    made = Picture(rows, curve, discrete, False, low, curve.last)
    finite = np.concatenate([starts, curve.time])
    logarithmic = not discrete and len(finite) > 0 and finite.min() > 0
    if logarithmic and made.quantile(1 - BEYOND) - low > LOGARITHMIC * (made.quantile(0.5) - low) > 0:
        made = made._replace(logarithmic=True, low=float(finite.min()))
    bulk = made.quantile(1 - BEYOND)
    if made.high - bulk > 0.1 * (bulk - made.low) > 0:
        made = made._replace(high=bulk)
    if not made.low < made.high:
        made = made._replace(logarithmic=False, low=made.low - 0.5, high=made.high + 0.5)
    return made


def _law(model: Any, curve: SurvivalCurve, discrete: bool) -> Law:
    return Law(model, *curve.window, discrete)


# Survival -------------------------------------------------------------------------------------------------------------


def _path(curve: SurvivalCurve, low: float, values: Array) -> tuple[Array, Array]:
    """Corners of a curve that falls from each start to each time, in a straight line where the place is not known."""
    kept = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), 4 * MARKERS)).astype(int))
    start, time, values = curve.start[kept], curve.time[kept], values[kept]
    before = np.concatenate([[1.0], values])[: len(values)]
    x = np.stack([start, time], axis=1).reshape(-1)
    y = np.stack([before, values], axis=1).reshape(-1)
    end = y[-1] if len(y) else 1.0
    x, y = np.concatenate([[low], x, [curve.last]]), np.concatenate([[1.0], y, [end]])
    # Of a fall that begins at -inf only the end is known.
    known = np.arange(len(x)) >= (2 if len(start) and not np.isfinite(start[0]) else 0)
    return x[known], y[known]


def _draw_curve(ax: Any, curve: SurvivalCurve, low: float) -> None:
    if curve.lower is not None and curve.upper is not None and len(curve):
        x, lower = _path(curve, low, curve.lower)
        _, upper = _path(curve, low, curve.upper)
        ax.fill_between(x, lower, upper, color="0.85", linewidth=0, label=f"{100 * curve.level:g} % limits")
    ax.plot(*_path(curve, low, curve.survival), color="0.4", linewidth=1, label=curve.method)
    wide = np.flatnonzero(curve.start < curve.time)
    if len(wide):
        wide = wide[:: max(1, len(wide) // MARKS)]
        ax.plot(curve.time[wide], curve.survival[wide], "o", markersize=3, color="0.4")
    ax.set(xlabel="x", ylabel="P(X > x)", ylim=(-0.03, 1.03), title="survival")


def plot_curve(curve: SurvivalCurve, axes: Axes | None = None) -> Axes:
    """The estimate with its limits; between the ends of a fall whose place is not known a straight line joins them."""
    ax = axes_or_new(axes)
    finite = curve.start[np.isfinite(curve.start)]
    low = curve.window[0] if np.isfinite(curve.window[0]) else min([0.0, curve.last, *finite[:1].tolist()])
    _draw_curve(ax, curve, low)
    ax.legend()
    return ax


def _censored_marks(ax: Any, seen: Picture) -> None:
    if seen.curve.method != "Kaplan–Meier":
        return
    censored = np.sort(seen.rows.lower[np.isposinf(seen.rows.upper)])
    if len(censored):
        shown = censored[np.unique(np.linspace(0, len(censored) - 1, MARKS).astype(int))]
        ax.plot(shown, seen.curve.at(shown), "|", markersize=6, color="0.4", label="censored")


def survival(models: Sequence[tuple[str, Any]], seen: Picture, ax: Axes | None = None) -> Axes:
    """Survival functions over the estimate without a family, its limits, and marks where rows were censored."""
    ax = axes_or_new(ax)
    _draw_curve(ax, seen.curve, seen.low)
    _censored_marks(ax, seen)
    grid = seen.grid()
    style: dict[str, Any] = {"color": "tab:red"} if len(models) == 1 else {}
    style["drawstyle"] = "steps-post" if seen.discrete else "default"
    for name, model in models:
        ax.plot(grid, _law(model, seen.curve, seen.discrete).survival(grid), label=name, **style)
    seen.scale(ax)
    ax.legend()
    return ax


# Hazard ---------------------------------------------------------------------------------------------------------------


def _counted_rates(seen: Picture, rows: Rows) -> tuple[Array, Array, Array]:
    """Edges, events per time at risk between them (for counts: per value at which a row was at risk), and the events."""
    curve = seen.curve
    share = np.cumsum(curve.events) / curve.events.sum()
    number = int(np.clip(math.sqrt(curve.events.sum()), 1, RATES))
    places = np.unique(np.searchsorted(share, np.arange(1, number) / number))
    places = places[places < len(curve) - 1]
    if seen.discrete:
        inner, begin = curve.time[places], min(seen.low, curve.time[0]) - 1.0
    else:
        # An edge at an event would make the time at risk too short, as that event is the one that ended it.
        inner, begin = (curve.time[places] + curve.time[places + 1]) / 2, seen.low
    edges = np.unique(np.concatenate([[begin], inner, [curve.last]]))
    first, last = rows.spans
    first = np.maximum(first - 1.0 if seen.discrete else first, edges[0])
    exposure, events = np.empty(len(edges) - 1), np.empty(len(edges) - 1)
    for i, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        exposure[i] = rows.weights @ np.maximum(np.minimum(last, b) - np.maximum(first, a), 0.0)
        events[i] = curve.events[(curve.time > a) & (curve.time <= b)].sum()
    some = (exposure > 0) & (events > 0)
    return np.stack([edges[:-1][some], edges[1:][some]]), events[some] / exposure[some], events[some]


def _life_table_rates(seen: Picture) -> tuple[Array, Array]:
    """Edges, and the mass between them over the area under the curve, which is taken as straight between them."""
    curve = seen.curve
    fallen = 1.0 - curve.survival
    # The curve moves as the cube root of n: finer rates would be noise.
    number = int(np.clip(min(curve.n ** (1 / 3), len(curve)), 1, RATES))
    places = np.unique(np.searchsorted(fallen / fallen[-1], np.arange(1, number + 1) / number - 1e-12))
    edges, upto = curve.time[places], curve.survival[places]
    if seen.discrete:
        begin, level = min(seen.low, edges[0]) - 1.0, 1.0
    elif np.isfinite(curve.start[0]):
        begin, level = min(seen.low, curve.start[0]), 1.0
    else:
        begin, level, edges, upto = edges[0], upto[0], edges[1:], upto[1:]
    edges, upto = np.concatenate([[begin], edges]), np.concatenate([[level], upto])
    low, high, width = upto[1:], upto[:-1], np.diff(edges)
    area = width * high - (high - low) * (width - 1.0) / 2 if seen.discrete else width * (low + high) / 2
    # Where the curve ends at 0 the last rate is what the last few rows happen to be.
    some = (width > 0) & ((low > 0) | (len(low) == 1))
    return np.stack([edges[:-1][some], edges[1:][some]]), (high - low)[some] / area[some]


def hazard(model: Any, seen: Picture, ax: Axes | None = None) -> Axes:
    """The model's hazard over rates in bins of equally many events.

    Where events can be counted a rate is their number over the time at risk, with limits that are symmetric in its
    logarithm; otherwise it is that of a life table, the mass over the area under the survival curve.
    """
    ax = axes_or_new(ax)
    top = 0.0
    if len(seen.curve) and seen.curve.method == "Kaplan–Meier":
        (left, right), rate, events = _counted_rates(seen, usable_rows(seen.rows, None, seen.discrete))
        factor = np.exp(NormalDist().inv_cdf((1.0 + seen.curve.level) / 2.0) / np.sqrt(events))
        _rates(ax, seen, left, right, rate, "events / time at risk", factor)
        top = 1.1 * float((rate * factor).max(initial=0.0))
    elif len(seen.curve):
        (left, right), rate = _life_table_rates(seen)
        _rates(ax, seen, left, right, rate, "life table")
        top = 1.6 * float(rate.max(initial=0.0))
    grid = seen.grid()
    fitted = np.asarray(_law(model, seen.curve, seen.discrete).hazard(grid))
    known = np.isfinite(fitted)
    ax.plot(grid[known], fitted[known], color="tab:red", label=label(model))
    if top > 0:
        # A hazard may be infinite at the end of a support.
        ax.set_ylim(0.0, max(top, min(1.05 * float(fitted[known].max(initial=0.0)), 1.2 * top)))
    seen.scale(ax)
    ax.set(ylabel="hazard", title="hazard")
    ax.legend()
    return ax


def _rates(
    ax: Any, seen: Picture, left: Array, right: Array, rate: Array, name: str, factor: Array | None = None
) -> None:
    # Of counts a bin holds the values above its left edge.
    start = left + 1.0 if seen.discrete else left
    centre = np.sqrt(start * right) if seen.logarithmic else (start + right) / 2
    limits = None if factor is None else np.stack([rate - rate / factor, rate * factor - rate])
    ax.errorbar(
        centre, rate, xerr=np.stack([centre - start, right - centre]), yerr=limits, fmt="o", markersize=3, color="0.4",
        elinewidth=1, label=name,
    )  # fmt: skip


# Density and frequencies ----------------------------------------------------------------------------------------------


def _own_bins(rows: Observations) -> tuple[Array, Array] | None:
    """The bins of rows that are bins already: intervals that meet only at their ends, seen through no window."""
    if rows.window_low is not None or (rows.lower == rows.upper).any():
        return None
    ends = np.unique(np.stack([rows.lower, rows.upper]), axis=1)
    if (ends[0][1:] < ends[1][:-1]).any() or ends.shape[1] > BARS:
        return None
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    mass = np.bincount(np.searchsorted(ends[0], rows.lower), weights, ends.shape[1])
    finite = np.isfinite(ends).all(0)
    edges = np.concatenate([ends[0], ends[1][-1:]])
    # Where the next bin begins at the next number, its lower end is the edge.
    meets = np.append(np.nextafter(ends[1][:-1], np.inf) >= ends[0][1:], False)
    right = np.where(meets, edges[1:], ends[1])
    return np.stack([ends[0], right])[:, finite], (mass / weights.sum())[finite]


def _binned_curve(seen: Picture) -> tuple[Array, Array]:
    """Bins with the mass of the survival curve in them; their edges are places where the curve is known."""
    curve = seen.curve
    if len(curve) == 0:
        return np.empty((2, 0)), np.empty(0)
    begins_open = not np.isfinite(curve.start[0])
    first = float(curve.time[0] if begins_open else curve.start[0])
    last = float(curve.time[-1])
    low, high = max(first, seen.quantile(BEYOND)), min(last, seen.quantile(1 - BEYOND))
    low = first if low - first <= 0.1 * (high - low) else low
    high = last if last - high <= 0.1 * (high - low) else high
    if high <= low:
        return np.array([[low - 0.5], [high + 0.5]]), np.array([1.0 - curve.survival[-1]])
    to, back = (np.log, np.exp) if seen.logarithmic else (np.asarray, np.asarray)
    spread = to(seen.quantile(0.75)) - to(seen.quantile(0.25))
    width = 2 * spread / curve.n ** (1 / 3)
    number = min(BARS, max(5, math.ceil((to(high) - to(low)) / width))) if width > 0 else 20
    edges = back(np.linspace(to(low), to(high), number + 1))
    edges[0], edges[-1] = low, high
    place = np.minimum(np.searchsorted(curve.time, edges), len(curve) - 1)
    start, time = curve.start[place], curve.time[place]
    inside = (start < edges) & (edges < time)
    edges = np.unique(np.where(inside, np.where(edges - start < time - edges, start, time), edges))
    upto = curve.at(edges)
    if not begins_open and edges[0] == first:
        upto[0] = 1.0
    return np.stack([edges[:-1], edges[1:]]), -np.diff(upto)


def density(model: Any, seen: Picture, ax: Axes | None = None) -> Axes:
    """The density over masses per width: those of the bins that the rows are, or of the survival curve.

    The share of the mass that is drawn is in the legend; the rest lies beyond the last event, or in an open bin.
    """
    ax = axes_or_new(ax)
    own = _own_bins(seen.rows)
    (left, right), mass = _binned_curve(seen) if own is None else own
    name = seen.curve.method if own is None else "bins"
    grid = seen.grid()
    factor = grid if seen.logarithmic else np.ones_like(grid)
    width = np.log(right / left) if seen.logarithmic else right - left
    bars(ax, left, mass / width, right - left)
    if len(mass):
        ax.patches[-1].set_label(f"{name}, {mass.sum():.0%} of the mass")
    ax.plot(grid, _law(model, seen.curve, seen.discrete).prob(grid) * factor, color="tab:red", label=label(model))
    seen.scale(ax)
    ax.set(ylabel="density of log x" if seen.logarithmic else "density", title="density")
    ax.legend()
    return ax


def rootogram(model: Any, seen: Picture, ax: Axes | None = None) -> Axes:
    """Square roots of the frequencies that the survival curve gives each count, hung from those of the expected ones."""
    ax = axes_or_new(ax)
    curve, law = seen.curve, _law(model, seen.curve, True)
    # Beyond the last event the curve says how much there is, and not where.
    low, high = seen.low, max(seen.quantile(1 - BEYOND), seen.low)
    high = min(high, curve.time[-1]) if len(curve) else low
    width = max(1.0, np.ceil((high - low + 1) / BARS))
    edges = np.arange(low - 1.0, high + width, width)
    # Counts that one interval holds share a bar.
    place = np.minimum(np.searchsorted(curve.time, edges), max(len(curve) - 1, 0))
    if len(curve):
        inside = (np.maximum(curve.start[place], low) <= edges) & (edges < curve.time[place])
        edges = np.unique(np.where(inside, curve.time[place], edges))
    observed, expected = -np.diff(curve.at(edges)), np.diff(law.cdf(edges))
    span = np.diff(edges)
    hang(ax, edges[:-1] + (span + 1) / 2, span, curve.n * observed, curve.n * expected, label(model))
    return ax


# Probabilities --------------------------------------------------------------------------------------------------------


def probabilities(model: Any, seen: Picture, ax: Axes | None = None) -> Axes:
    """The model's distribution function against the one without a family: the diagonal is agreement.

    A value that is known stands at the middle of its jump, an interval at its upper end.
    """
    ax = axes_or_new(ax)
    curve, law = seen.curve, _law(model, seen.curve, seen.discrete)
    kept = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), MARKERS)).astype(int))
    time, known = curve.time[kept], (curve.start == curve.time)[kept]
    after, before = 1.0 - curve.survival[kept], 1.0 - curve.before[kept]
    fitted = law.cdf(time)
    diagonal(ax, 0, 1)
    if curve.lower is not None and curve.upper is not None:
        ax.fill_between(fitted, 1.0 - curve.upper[kept], 1.0 - curve.lower[kept], color="0.85", linewidth=0)
    middle = np.where(known, (before + after) / 2, after)
    if seen.discrete:
        fitted = np.where(known, (fitted + law.cdf(time - 1.0)) / 2, fitted)
    ax.plot(fitted, middle, ".", markersize=4, color="tab:red")
    ax.set(xlabel=f"probability by {label(model)}", ylabel=f"probability by {curve.method}", title="P–P")
    return ax


def plot_rows(model: Any, seen: Picture, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Survival, hazard, density (for counts the rootogram) and P–P."""
    drawn = asked(axes, 2, 2, (10, 8))
    survival([(label(model), model)], seen, drawn[0])
    for ax, draw in zip(drawn[1:], (hazard, rootogram if seen.discrete else density, probabilities), strict=True):
        draw(model, seen, ax)
    return drawn
