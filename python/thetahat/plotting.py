"""Pictures of a model beside the observations it describes: `thetahat[plot]`.

Each function answers one question, takes the axes to draw on and returns them; without axes it makes a figure of its
own and leaves pyplot and its state alone. `model` is anything with `prob`, `cdf` and `icdf`: a family with values for
its parameters, as `fit.model` is.

| question | picture |
|---|---|
| where does the density miss the data? | `density` |
| do the tails agree? | `quantile_quantile` |
| does the middle agree? | `probability_probability` |
| how far is the whole law from the data, against what chance allows? | `cumulative` |
| which counts are too many or too few, in the tails too? | `rootogram` |
| the same of rows that are censored, truncated or binned? | `survival`, `hazard`, `density`, `probability_probability` |
| four of them | `plot_fit`, as `fit.plot()` |
| which family, and by how much? | `plot_comparison`, as `comparison.plot()` |

Of `Observations` that are not plain values, the pictures show the estimate of Kaplan and Meier or of Turnbull in place of
the observations, and the model given the range of the windows.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import plotting_survival as of_rows
from .arrays import Column
from .axes import BARS, BEYOND, CURVE_POINTS, LOGARITHMIC, MARKERS, asked, axes_or_new, bars, diagonal, hang, label
from .errors import DataError, ParameterError
from .observations import Observations, as_observations, plain
from .univariate import checked_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from .compare import Comparison
    from .fit import Fit

__all__ = [
    "cumulative",
    "density",
    "hazard",
    "plot_comparison",
    "plot_fit",
    "probability_probability",
    "quantile_quantile",
    "rootogram",
    "survival",
]


class _Sample(NamedTuple):
    """Observations in increasing order, their weights, and the empirical distribution function below and at each."""

    values: np.ndarray
    weights: np.ndarray
    before: np.ndarray
    upto: np.ndarray
    total: float
    discrete: bool
    logarithmic: bool

    def quantile(self, share: float) -> float:
        at = np.searchsorted(self.upto, share)
        return float(self.values[min(int(at), len(self.values) - 1)])

    def middle(self) -> tuple[np.ndarray, np.ndarray]:
        """At most MARKERS observations over the whole range, and the empirical probability in mid-jump."""
        at = np.unique(np.linspace(0, len(self.values) - 1, MARKERS).astype(int))
        return self.values[at], (self.before[at] + self.upto[at]) / 2


def _sample(model: Any, x: Any, weights: Any) -> _Sample:
    if isinstance(x, _Sample):
        return x
    if isinstance(x, Observations):
        if not plain(x):
            raise DataError(
                "x: must be known values, seen through no window; got intervals or windows. "
                "Draw survival, hazard, density or probability_probability, which know of them"
            )
        x, weights = x.lower, as_observations(x, weights).weights
    if isinstance(x, Column):
        x, weights = x.values, x.weights
    values = np.asarray(x).astype(np.float64).ravel()
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    if len(weight) != len(values):
        raise DataError(
            f"weights: must have length {len(values)}, one per observation; got {len(weight)}. Pass one weight per row"
        )
    kept = np.isfinite(values) & (weight > 0)
    values, weight = values[kept], weight[kept]
    if len(values) == 0:
        raise DataError("x: must hold a finite observation of positive weight; got none. A picture needs data")
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    # Ties make one jump.
    values, first = np.unique(values, return_index=True)
    weight = np.add.reduceat(weight, first)
    upto = np.cumsum(weight)
    total = float(upto[-1])
    discrete = model.info.kind == "discrete"
    upto = upto / total
    sample = _Sample(values, weight, upto - weight / total, upto, total, discrete, False)
    tail, middle = sample.quantile(1 - BEYOND), sample.quantile(0.5)
    return sample._replace(logarithmic=not discrete and values[0] > 0 and tail > LOGARITHMIC * middle)


def _edges(sample: _Sample) -> np.ndarray:
    """Equal bins by the rule of Freedman and Diaconis over all but the extremes, in the coordinate that is drawn."""
    marks = np.array([sample.values[0], *map(sample.quantile, (BEYOND, 0.25, 0.75, 1 - BEYOND)), sample.values[-1]])
    if sample.logarithmic:
        marks = np.log(marks)
    first, low, quarter, three_quarters, high, last = marks
    span = high - low
    # An end that the extremes do not stretch by much is shown whole, so that a support's edge can be seen.
    low = first if low - first <= 0.1 * span else low
    high = last if last - high <= 0.1 * span else high
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    width = 2 * (three_quarters - quarter) / sample.total ** (1 / 3)
    number = min(BARS, max(5, math.ceil((high - low) / width))) if width > 0 else 20
    return np.linspace(low, high, number + 1)


def _histogram(ax: Axes, sample: _Sample) -> tuple[np.ndarray, np.ndarray]:
    """Draw the observations as bars; returns where to evaluate a density over them, and what to multiply it with."""
    if sample.discrete:
        return _count_bars(ax, sample)
    edges = _edges(sample)
    position = np.log(sample.values) if sample.logarithmic else sample.values
    mass, _ = np.histogram(position, bins=edges, weights=sample.weights)
    height = mass / sample.total / np.diff(edges)
    shown = np.exp(edges) if sample.logarithmic else edges
    bars(ax, shown[:-1], height, np.diff(shown))
    grid = np.linspace(edges[0], edges[-1], CURVE_POINTS)
    ax.set_xlabel("x")
    if sample.logarithmic:
        ax.set_xscale("log")
        ax.set_ylabel("density of log x")
        return np.exp(grid), np.exp(grid)
    ax.set_ylabel("density")
    return grid, np.ones_like(grid)


def _count_bars(ax: Axes, sample: _Sample) -> tuple[np.ndarray, np.ndarray]:
    low, high = sample.values[0], max(sample.quantile(1 - BEYOND), sample.values[0])
    centre, mass, width = _count_bins(sample, low, high)
    bars(ax, centre - 0.45 * width, mass / sample.total / width, 0.9 * width)
    ax.set_xlabel("x")
    ax.set_ylabel("probability")
    return np.round(centre), np.ones_like(centre)


def _count_bins(sample: _Sample, low: float, high: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Centres, weights and width; counts over a wide range share a bar, whose height is the mean of its values."""
    width = max(1.0, np.ceil((high - low + 1) / BARS))
    edges = np.arange(low, high + width + 1, width)
    mass, _ = np.histogram(sample.values, bins=edges - 0.5, weights=sample.weights)
    return edges[:-1] + (width - 1) / 2, mass, width


def _curve(ax: Axes, model: Any, sample: _Sample, where: np.ndarray, factor: np.ndarray, **style: Any) -> None:
    marker = {"marker": "o", "markersize": 3} if sample.discrete else {}
    ax.plot(where, model.prob(where) * factor, **marker, **style)


def density(model: Any, x: Any, *, weights: Any = None, ax: Axes | None = None) -> Axes:
    """The model's density over a histogram of the observations; for counts, probabilities over bars.

    The histogram leaves out the outermost 0.5 % of the observations at an end that they would stretch. Positive
    observations with a long tail are drawn over a logarithmic axis; the curve and the bars are then densities of log x,
    x times those of x, so that equal areas stay equal shares. Of censored, truncated or binned rows the bars are the
    masses that the estimate without a family gives; for counts draw `rootogram`.
    """
    if _rows(x):
        if model.info.kind == "discrete":
            raise DataError("x: of counts in intervals or windows there is no density to draw. Draw rootogram")
        return of_rows.density(model, of_rows.picture(model, x, weights), ax)
    sample = _sample(model, x, weights)
    ax = axes_or_new(ax)
    spread = _without_atoms(ax, model, sample)
    if len(spread.values):
        where, factor = _histogram(ax, spread)
        away = ~np.isin(where, model._atoms)
        _curve(ax, model, spread, where[away], factor[away], color="tab:red", label=label(model))
    ax.set_title("density")
    ax.legend()
    return ax


def _without_atoms(ax: Axes, model: Any, sample: _Sample) -> _Sample:
    """Points of positive probability are marked with their shares: a density has no height for them."""
    if not model._atoms:
        return sample
    for atom in model._atoms:
        seen = sample.weights[sample.values == atom].sum() / sample.total
        text = f"P(X = {atom:g}): {seen:.3g} observed, {model.prob(atom):.3g} by the model"
        ax.plot([atom], [0.0], "^", color="tab:red", clip_on=False, zorder=3, label=text)
    kept = ~np.isin(sample.values, model._atoms)
    return sample._replace(values=sample.values[kept], weights=sample.weights[kept], upto=sample.upto[kept],
                           before=sample.before[kept])  # fmt: skip


def quantile_quantile(model: Any, x: Any, *, weights: Any = None, ax: Axes | None = None) -> Axes:
    """The observations against the model's quantiles at the same probabilities: on the diagonal where the two agree.

    An observation stands at the middle of its jump of the empirical distribution function, (i - 1/2)/n without ties.
    """
    sample = _sample(model, x, weights)
    ax = axes_or_new(ax)
    values, probability = sample.middle()
    quantiles = model.icdf(probability)
    if sample.logarithmic:
        ax.set_xscale("log")
        ax.set_yscale("log")
    diagonal(ax, min(values[0], quantiles[0]), max(values[-1], quantiles[-1]))
    ax.plot(quantiles, values, ".", markersize=4, color="tab:red")
    ax.set(xlabel=f"quantiles of {label(model)}", ylabel="observations", title="Q–Q")
    return ax


def probability_probability(model: Any, x: Any, *, weights: Any = None, ax: Axes | None = None) -> Axes:
    """The model's distribution function at the observations against the empirical one: the diagonal is agreement.

    Of censored, truncated or binned rows against the estimate of Kaplan and Meier or of Turnbull, with its limits.
    """
    if _rows(x):
        return of_rows.probabilities(model, of_rows.picture(model, x, weights), ax)
    sample = _sample(model, x, weights)
    ax = axes_or_new(ax)
    values, probability = sample.middle()
    if sample.discrete:
        fitted = (model.cdf(values) + model.cdf(values - 1)) / 2
    else:
        fitted = model.cdf(values)
    diagonal(ax, 0, 1)
    ax.plot(fitted, probability, ".", markersize=4, color="tab:red")
    ax.set(xlabel=f"probability by {label(model)}", ylabel="empirical probability", title="P–P")
    return ax


def cumulative(model: Any, x: Any, *, weights: Any = None, level: float = 0.95, ax: Axes | None = None) -> Axes:
    """The model's distribution function and the empirical one, with a band that holds the true one.

    The band is that of Dvoretzky, Kiefer and Wolfowitz with Massart's constant: in `level` of all samples of n
    independent observations the true distribution function lies everywhere within sqrt(log(2/(1 - level))/(2n)) of
    the empirical one. n is the sum of the weights. The band belongs to the unknown law, so a model that leaves it is
    refuted; one that stays inside is not confirmed, least of all when its parameters were fitted to the same data.
    """
    if checked_level(level) == 1.0:
        raise ParameterError("level: must be below 1; the band of level 1 is everything. Write level=0.95 for 95 %")
    sample = _sample(model, x, weights)
    ax = axes_or_new(ax)
    at = np.unique(np.linspace(0, len(sample.values) - 1, 4 * MARKERS).astype(int))
    values, empirical = sample.values[at], sample.upto[at]
    reach = math.sqrt(math.log(2 / (1 - level)) / (2 * sample.total))
    lower, upper = np.maximum(empirical - reach, 0), np.minimum(empirical + reach, 1)
    ax.fill_between(values, lower, upper, step="post", color="0.85", label=f"{level:.0%} band (DKW)")
    ax.step(values, empirical, where="post", color="0.4", linewidth=1, label="observations")
    if sample.discrete:
        grid = np.unique(np.round(np.linspace(values[0], values[-1], CURVE_POINTS)))
        ax.step(grid, model.cdf(grid), where="post", color="tab:red", label=label(model))
    else:
        span = np.geomspace if sample.logarithmic else np.linspace
        grid = span(values[0], values[-1], CURVE_POINTS)
        ax.plot(grid, model.cdf(grid), color="tab:red", label=label(model))
    if sample.logarithmic:
        ax.set_xscale("log")
    ax.set(xlabel="x", ylabel="probability", title="distribution function")
    ax.legend()
    return ax


def rootogram(model: Any, x: Any, *, weights: Any = None, ax: Axes | None = None) -> Axes:
    """Square roots of the frequencies of counts, hung from those of the expected ones (Kleiber and Zeileis 2016).

    A bar that does not reach the line at 0 is a count seen too rarely, one that crosses it a count seen too often. Roots
    have about the same error everywhere, 1/2, so that a tail can be judged beside the middle. Counts that hold less than
    0.5 % of the observations and of the model at the upper end are left out. Raises DataError for continuous families.

    Kleiber, C. and Zeileis, A. (2016), The American Statistician 70, 296-303.
    """
    if model.info.kind != "discrete":
        raise DataError(f"{label(model)}: must be a family of counts for a rootogram. Draw density")
    if _rows(x):
        return of_rows.rootogram(model, of_rows.picture(model, x, weights), ax)
    sample = _sample(model, x, weights)
    ax = axes_or_new(ax)
    tail = min(float(model.isf(BEYOND)), 2 * sample.values[-1] + 10)  # a heavy tail would leave nothing else to see
    low = min(sample.values[0], float(model.icdf(BEYOND)))
    centre, mass, width = _count_bins(sample, low, max(sample.quantile(1 - BEYOND), tail))
    upto = np.append(centre - (width - 1) / 2 - 1, centre[-1] + (width - 1) / 2)
    hang(ax, centre, width, mass, sample.total * np.diff(model.cdf(upto)), label(model))
    return ax


def survival(model: Any, x: Any, *, weights: Any = None, level: float = 0.95, ax: Axes | None = None) -> Axes:
    """The model's survival function over the estimate of Kaplan and Meier, or of Turnbull, with its limits.

    Where rows were seen through windows both are given that X lies in the range of all of them. `x` is Observations or
    plain values.
    """
    return of_rows.survival([(label(model), model)], of_rows.picture(model, x, weights, level), ax)


def hazard(model: Any, x: Any, *, weights: Any = None, level: float = 0.95, ax: Axes | None = None) -> Axes:
    """The model's hazard over rates in bins of equally many events: events over the time at risk.

    The limits of a rate are symmetric in its logarithm, whose standard error is one over the root of its events. Where
    events cannot be counted, the rates are those of a life table: mass over the area under the survival curve.
    """
    return of_rows.hazard(model, of_rows.picture(model, x, weights, level), ax)


def _rows(x: Any) -> bool:
    """Whether observations are more than plain values."""
    return isinstance(x, Observations) and not plain(x)


def plot_fit(fit: Fit, x: Any, *, weights: Any = None, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """The four pictures of a fit, on four axes, which are returned.

    Of plain values: density, Q–Q (for counts the rootogram), distribution function with its band, P–P. Of rows that are
    censored, truncated or binned: survival, hazard, density (for counts the rootogram), P–P.

    Raises FitError when the fit has no model, DataError for a family of vectors.
    """
    model = fit.model
    if model.info.vector:
        raise DataError(f"{label(model)}: must be a family of one variable; draw the marginals one by one")
    if _rows(x):
        return of_rows.plot_rows(model, of_rows.picture(model, _counted(fit, x, weights)), axes)
    drawn = asked(axes, 2, 2, (10, 8))
    sample = _sample(model, x, weights)
    second = rootogram if sample.discrete else quantile_quantile
    for ax, draw in zip(drawn, (density, second, cumulative, probability_probability), strict=True):
        draw(model, sample, ax=ax)
    return drawn


def _counted(fit: Fit, x: Observations, weights: Any) -> Observations:
    """The rows with weights that count: those that say how reliable a row is sum to the number of rows."""
    rows = as_observations(x, weights)
    if fit.weights != "precision" or rows.weights is None:
        return rows
    return replace(rows, weights=rows.weights * (fit.n / rows.weights.sum()))


def plot_comparison(
    comparison: Comparison, x: Any, *, best: int = 3, weights: Any = None, axes: Sequence[Axes] | None = None
) -> list[Axes]:
    """The observations under the `best` densities, and how far every family is behind the first. Returns both axes.

    Of rows that are censored, truncated or binned: the estimate without a family under the `best` survival functions.

    The bars are differences of the criterion, over a logarithmic axis from 10 on; those of families whose maximum lies
    at an extreme observation, for which the criteria are not justified, are hatched. Raises FitError when no family
    could be ranked.
    """
    first = comparison.best.model
    rows = comparison.rows
    left, right = drawn = asked(axes, 1, 2, (11, 0.2 * len(rows) + 3.2))
    models = [(row.class_name, comparison.fits[row.family].model) for row in rows[:best]]
    if _rows(x):
        of_rows.survival(models, of_rows.picture(first, _counted(comparison.best, x, weights)), left)
    else:
        sample = _sample(first, x, weights)
        where, factor = _histogram(left, sample)
        for name, model in models:
            _curve(left, model, sample, where, factor, label=name)
        left.legend()
    left.set_title("observations and the best families")

    lengths = right.barh(np.arange(len(rows)), [row.delta for row in rows], color="tab:blue", height=0.7)
    for bar, row in zip(lengths, rows, strict=True):
        bar.set_hatch("///" if row.mark else None)
        shown = f" {row.delta:,.1f}" if row.delta < 1e9 else f" {row.delta:.3g}"
        right.annotate(shown, (row.delta, bar.get_y() + bar.get_height() / 2), va="center", fontsize="small")
    right.set_yticks(np.arange(len(rows)), [f"{row.class_name} {row.mark}".rstrip() for row in rows])
    right.invert_yaxis()
    right.set_xscale("symlog", linthresh=10)
    right.set_xlim(0, 10 * max(1.0, *(row.delta for row in rows)))
    right.set_xlabel(f"{comparison.criterion.upper()} above that of {rows[0].class_name}")
    right.set_title("ranking")
    return drawn
