"""The law of largest likelihood among all laws, for rows that are intervals seen through windows (Turnbull 1976).

It puts mass only into the innermost intervals ("cells"): those that begin where a row begins, or just beyond a window, and
end where a row ends, or just before a window. Where in a cell the mass lies does not change the likelihood

    sum_i w_i (log P(row i) - log P(window i)).

The masses are found by Turnbull's self-consistent steps (EM) and Newton's on the cells that hold mass, which repair the
slow end of EM. A row covers a range of cells, so that sums over rows are cumulative sums over cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# How far below its maximum the log-likelihood may stay: a survival probability is then off by a thousandth of its
# standard error at most.
SHORTFALL = 1e-7
ROUNDS = 2000
SELF_CONSISTENT_STEPS = 5
HALVINGS = 12
LEAVING = 20
# Cells for which a dense matrix is made, in the Newton steps and for standard errors.
DENSE = 1000
NEGLIGIBLE = 1e-12


class Ends(NamedTuple):
    """Rows [lower, upper] in windows [window_low, window_high]; the lower ends are left out where open is true.

    Of `counts` only whole numbers are possible, and every end is one.
    """

    lower: Array
    lower_open: NDArray[np.bool_]
    upper: Array
    window_low: Array
    window_low_open: NDArray[np.bool_]
    window_high: Array
    counts: bool


class Estimate(NamedTuple):
    """Cells (start, time] with their mass, the expected number of rows with their value there, and the covariance of the
    masses, None where it cannot be had.

    `shortfall` bounds how much larger the log-likelihood of any law is; with windows, for laws in a neighbourhood.
    """

    start: Array
    time: Array
    mass: Array
    events: Array
    covariance: Array | None
    shortfall: float


def _counts(places: Indices, weights: Array, length: int) -> Array:
    return np.bincount(places, weights, length).astype(np.float64, copy=False)


class _Ranges(NamedTuple):
    """Ranges of cells [first, last) with the sum of the weights of the rows that cover just these."""

    first: Indices
    last: Indices
    weight: Array

    def sums(self, mass: Array) -> Array:
        upto = np.concatenate([[0.0], np.cumsum(mass)])
        return np.asarray(upto[self.last] - upto[self.first])

    def spread(self, value: Array, cells: int) -> Array:
        """The sum over the ranges that hold a cell, for each cell."""
        edges = _counts(self.first, value, cells + 1) - _counts(self.last, value, cells + 1)
        return np.cumsum(edges)[:cells]

    def products(self, value: Array, chosen: NDArray[np.bool_]) -> Array:
        """The sum over the ranges that hold both of two cells, for each pair of the chosen cells."""
        place = np.concatenate([[0], np.cumsum(chosen)])
        first, last, side = place[self.first], place[self.last], int(place[-1]) + 1
        corners = np.zeros(side * side)
        for row, column, sign in ((first, first, 1), (first, last, -1), (last, first, -1), (last, last, 1)):
            corners += np.bincount(row * side + column, sign * value, side * side)
        return corners.reshape(side, side).cumsum(0).cumsum(1)[:-1, :-1]


class _Likelihood(NamedTuple):
    rows: _Ranges
    windows: _Ranges

    def value(self, mass: Array) -> float:
        row, window = self.rows.sums(mass), self.windows.sums(mass)
        if not (row > 0).all():
            return -np.inf
        return float(self.rows.weight @ np.log(row) - self.windows.weight @ np.log(window))

    def score(self, mass: Array) -> tuple[Array, float]:
        """The derivative by each mass, and the expected number of values, with those that no window showed."""
        seen = self.windows.weight / self.windows.sums(mass)
        own = self.rows.spread(self.rows.weight / self.rows.sums(mass), len(mass))
        return own - self.windows.spread(seen, len(mass)), float(seen.sum())

    def information(self, mass: Array, chosen: NDArray[np.bool_]) -> Array:
        """Minus the second derivatives by the chosen masses, with a term that holds their sum at 1."""
        row, window = self.rows.sums(mass), self.windows.sums(mass)
        curvature = self.rows.products(self.rows.weight / row**2, chosen)
        curvature -= self.windows.products(self.windows.weight / window**2, chosen)
        return curvature + (self.windows.weight / window).sum()


def estimate(ends: Ends, weights: Array) -> Estimate:
    """The masses of largest likelihood. Raises DataError where the windows fall into parts that share no value."""
    start, time, rows, windows = _cells(ends, weights)
    cells = len(start)
    # How many windows hold a cell and the next one.
    spanning = windows.spread(np.ones(len(windows.first)), cells) - np.bincount(windows.last - 1, minlength=cells)
    apart = spanning[:-1] == 0
    if apart.any():
        where = int(np.argmax(apart))
        raise DataError(
            f"x: windows must overlap to be compared; no window holds both {time[where]:g} and {start[where + 1]:g}. "
            "Estimate the rows on each side apart"
        )
    likelihood = _Likelihood(rows, windows)
    mass, shortfall = _maximum(likelihood, cells)
    events = mass * rows.spread(rows.weight / rows.sums(mass), cells)
    return Estimate(start, time, mass, events, _covariance(likelihood, mass), shortfall)


# Cells ----------------------------------------------------------------------------------------------------------------


def _cells(ends: Ends, weights: Array) -> tuple[Array, Array, _Ranges, _Ranges]:
    """The innermost intervals, and the ranges of them that rows and windows hold."""
    count = len(weights)
    values = np.concatenate([ends.lower, ends.upper, ends.window_low, ends.window_high])
    distinct, rank = np.unique(values, return_inverse=True)
    # Three places for each value: just before it, at it, just after it.
    place = 3 * rank.reshape(4, count) + 1
    lower, low = place[0] + ends.lower_open, place[2] + ends.window_low_open
    upper, high = place[1], place[3]
    begins, closes = np.unique(np.concatenate([lower, high + 1])), np.unique(np.concatenate([upper, low - 1]))
    # A beginning makes a cell with the next end, unless another beginning stands between.
    follows = np.searchsorted(closes, begins)
    inner = follows < len(closes)
    inner[:-1] &= np.append(closes, np.iinfo(closes.dtype).max)[follows[:-1]] < begins[1:]
    left, right = begins[inner], closes[follows[inner]]
    held = _ranges(left, right, lower, upper, weights)
    used = held.spread(np.ones(len(held.first)), len(left)) > 0
    left, right = left[used], right[used]
    rows, windows = (_ranges(left, right, a, b, weights) for a, b in ((lower, upper), (low, high)))
    start, time = distinct[left // 3], distinct[right // 3]
    if ends.counts:
        start, time = start + (left % 3 == 2), time - (right % 3 == 0)
    return start, time, rows, windows


def _ranges(left: Indices, right: Indices, lower: Indices, upper: Indices, weights: Array) -> _Ranges:
    first, last = np.searchsorted(left, lower), np.searchsorted(right, upper, "right")
    pairs, which = np.unique(np.stack([first, last]), axis=1, return_inverse=True)
    return _Ranges(pairs[0], pairs[1], _counts(which.reshape(-1), weights, pairs.shape[1]))


# The maximum ----------------------------------------------------------------------------------------------------------


def _maximum(likelihood: _Likelihood, cells: int) -> tuple[Array, float]:
    """The masses, and the bound that ends the search.

    Without windows the log-likelihood is concave, so that no law exceeds it by more than the largest derivative: with the
    masses p, the score D and another law q, L(q) - L(p) <= sum_j q_j D_j <= max_j D_j, as sum_j p_j D_j = 0.
    """
    held = _piercing(likelihood.rows, cells)
    mass = held / held.sum()
    total = float(likelihood.rows.weight.sum())
    enough = max(SHORTFALL, 8 * np.finfo(float).eps * total * len(likelihood.rows.weight))
    best, shortfall = mass, np.inf
    for _ in range(ROUNDS):
        for _ in range(SELF_CONSISTENT_STEPS):
            score, expected = likelihood.score(mass)
            mass = mass * np.maximum(1.0 + score / expected, 0.0)
            mass = np.where(mass > NEGLIGIBLE / cells, mass, 0.0)
            mass /= mass.sum()
        score, _ = likelihood.score(mass)
        reached = float(score.max())
        if reached < shortfall:
            best, shortfall = mass, reached
        if shortfall <= enough:
            break
        mass = _newton(likelihood, mass, score)
    return best, max(shortfall, 0.0)


def _piercing(rows: _Ranges, cells: int) -> NDArray[np.bool_]:
    """Few cells, of which every row holds one: the likelihood of mass on them alone is not 0."""
    chosen, reached = np.zeros(cells, bool), -1
    for row in np.argsort(rows.last, kind="stable"):
        if rows.first[row] > reached:
            reached = rows.last[row] - 1
            chosen[reached] = True
    return chosen


def _promising(mass: Array, score: Array) -> NDArray[np.bool_]:
    """Between each two neighbours that hold mass, the cell of largest score, where mass would raise the likelihood."""
    gap = np.cumsum(mass > 0)
    order = np.lexsort((score, gap))
    largest = order[np.append(np.flatnonzero(np.diff(gap[order])), len(order) - 1)]
    chosen = np.zeros(len(mass), bool)
    chosen[largest] = score[largest] > 0
    return chosen


def _newton(likelihood: _Likelihood, mass: Array, score: Array) -> Array:
    """A step to the maximum of the quadratic that fits at `mass`, over masses that are not negative (Wang 2008).

    Cells join where they would help most, and leave where the quadratic wants less than nothing in them.
    """
    chosen = _promising(mass, score) | (mass > 0)
    if chosen.sum() > DENSE:
        # Too many for a matrix: what joins gets a little mass, and self-consistent steps do the rest.
        joined = np.where(chosen & (mass == 0), 0.01 / len(mass), mass)
        return joined / joined.sum()
    curvature = likelihood.information(mass, chosen)
    # Masses that the likelihood does not tell apart make it singular.
    curvature[np.diag_indices_from(curvature)] *= 1.0 + 1e-12
    now, gradient = mass[chosen], score[chosen]
    step, free = np.zeros_like(now), np.ones(len(now), bool)
    for _ in range(LEAVING):
        pull = gradient[free] - curvature[np.ix_(free, ~free)] @ step[~free]
        try:
            step[free] = np.linalg.solve(curvature[np.ix_(free, free)], pull)
        except np.linalg.LinAlgError:
            return mass
        negative = free & (now + step < 0)
        if not negative.any():
            break
        free &= ~negative
        step[~free] = -now[~free]
    before = likelihood.value(mass)
    rounding = 16 * np.finfo(float).eps * abs(before)
    for halving in range(HALVINGS):
        moved = mass.copy()
        moved[chosen] = np.maximum(now + 0.5**halving * step, 0.0)
        moved /= moved.sum()
        if likelihood.value(moved) > before - rounding:
            return moved
    return mass


def _covariance(likelihood: _Likelihood, mass: Array) -> Array | None:
    """Of masses whose sum is 1: the inverse of their information on that plane.

    Where a cell holds none the maximum lies at an edge, and the estimate is not normal about the truth: with intervals
    that all end elsewhere its error shrinks as the cube root of n, and no quadratic knows that.
    """
    if len(mass) > DENSE or (mass <= SHORTFALL / likelihood.rows.weight.sum()).any():
        return None
    relative = np.outer(mass, mass)
    information = likelihood.information(mass, np.ones(len(mass), bool)) * relative
    try:
        np.linalg.cholesky(information)
        inverse = np.linalg.inv(information) * relative
    except np.linalg.LinAlgError:
        return None
    along = inverse.sum(1)
    return inverse - np.outer(along, along) / along.sum()
