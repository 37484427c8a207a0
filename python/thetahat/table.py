"""The integral of a density, or the sum of probabilities, kept by panels."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from . import numeric

__all__ = ["CountTable", "DensityTable"]

Vector = NDArray[np.float64]
_MOST_HALVINGS = 40
_ACCURACY = 1e-12


class DensityTable:
    """Panels from the support's ends and from the mode, each four times as wide as the last, halved until Kronrod's rule and
    Gauss's agree: powers at the ends and in the tails, and peaks of any width, then take the same few panels.
    """

    log_density: Callable[[Vector], Vector]
    lower: float
    upper: float
    edges: Vector
    log_mass: Vector
    log_total: float
    cut: bool = False  # every part of the support is integrated
    left: Vector  # log of what lies below each edge
    right: Vector

    def __init__(
        self, log_density: Callable[[Vector], Vector], lower: float, upper: float, edges: Vector | None = None
    ) -> None:
        self.log_density, self.lower, self.upper = log_density, lower, upper
        if edges is None:
            self.edges, self.log_mass = self._panels(self._first_edges())
        else:
            self.edges, self.log_mass = edges, self._rule(edges[:-1], edges[1:])[0]
        self.log_total = float(np.logaddexp.reduce(self.log_mass))
        left = np.logaddexp.accumulate(self.log_mass)
        right = np.logaddexp.accumulate(self.log_mass[::-1])[::-1]
        self.left = np.concatenate([[-np.inf], left])
        self.right = np.concatenate([right, [-np.inf]])

    def neighbour(self, log_density: Callable[[Vector], Vector]) -> DensityTable:
        """The table of a law that hardly differs, on the same panels: differences of the two keep their digits."""
        some = np.flatnonzero(self.log_mass > np.max(self.log_mass) - 800.0)
        edges = self.edges[some[0] : some[-1] + 2]
        return DensityTable(log_density, self.lower, self.upper, edges)

    def _first_edges(self) -> Vector:
        lower, upper = self.lower, self.upper
        steps = 4.0 ** np.arange(-500.0, 512.0)
        offsets = [lower + steps if math.isfinite(lower) else np.empty(0), upper - steps if math.isfinite(upper) else np.empty(0)]
        if not (math.isfinite(lower) or math.isfinite(upper)):
            offsets = [steps, -steps, np.zeros(1)]
        grid = self._inside(np.concatenate(offsets))
        mode = self._mode(grid)
        around = self._inside(np.concatenate([mode + steps, mode - steps, [mode]]))
        # Near the mode the steps from it, elsewhere those from the ends: neither is needed everywhere.
        ends = [end for end in (lower, upper) if math.isfinite(end)]
        far = [np.array(ends), around]
        for end in ends:
            near = steps[steps < 0.25 * abs(mode - end)] if mode != end else steps
            far.append(self._inside(end + near if end == lower else end - near))
        edges = np.unique(np.concatenate(far))
        return edges[np.isfinite(edges)]

    def _inside(self, x: Vector) -> Vector:
        return np.unique(x[(x > self.lower) & (x < self.upper) & (np.abs(x) < 1e308)])

    def _mode(self, grid: Vector) -> float:
        values = self.log_density(grid)
        best = int(np.argmax(values))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        golden = 0.5 * (math.sqrt(5.0) - 1.0)
        for _ in range(30):
            inner = np.array([high - golden * (high - low), low + golden * (high - low)])
            a, b = self.log_density(inner)
            low, high = (low, inner[1]) if a >= b else (inner[0], high)
            if not high - low > 1e-9 * abs(high):
                break
        middle = np.array([0.5 * (low + high)])
        return float(middle[0]) if self.log_density(middle)[0] >= values[best] else float(grid[best])

    def _rule(self, left: Vector, right: Vector) -> tuple[Vector, Vector]:
        """log of the integral over panels, and how far Gauss's rule is from Kronrod's relative to it."""
        half = 0.5 * (right - left)
        nodes = (0.5 * left + 0.5 * right)[:, None] + half[:, None] * numeric.KRONROD_NODES
        values = self.log_density(np.clip(nodes, left[:, None], right[:, None]).reshape(-1)).reshape(nodes.shape)
        top = np.max(values, axis=1)
        y = np.exp(values - np.where(np.isneginf(top), 0.0, top)[:, None])
        # Sums along the rows, in which no row depends on how many there are.
        fine, coarse = ((y * weights).sum(axis=1) for weights in (numeric.KRONROD_WEIGHTS, numeric.GAUSS_WEIGHTS))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(fine) + np.log(half) + top, np.where(fine > 0.0, np.abs(fine - coarse) / fine, 0.0)

    def _panels(self, edges: Vector) -> tuple[Vector, Vector]:
        left, right = edges[:-1], edges[1:]
        done: list[tuple[Vector, Vector, Vector]] = []
        for level in range(_MOST_HALVINGS + 1):
            log_mass, error = self._rule(left, right)
            largest = max([float(np.max(log_mass)), *(float(np.max(m)) for _, _, m in done if len(m))])
            middle = 0.5 * left + 0.5 * right
            # What is nothing beside the whole needs no digits of the whole's, but some of its own for the tails.
            allowed = np.where(log_mass > largest - 40.0, _ACCURACY, 1e-9)
            good = (error <= allowed) | (middle <= left) | (middle >= right) | (log_mass < largest - 800.0)
            good |= right - left < 1e-300
            if level == _MOST_HALVINGS:
                good[:] = True
            done.append((left[good], right[good], log_mass[good]))
            if good.all():
                break
            left, right, middle = left[~good], right[~good], middle[~good]
            left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        starts = np.concatenate([d[0] for d in done])
        order = np.argsort(starts, kind="stable")
        ends = np.concatenate([d[1] for d in done])[order]
        return np.concatenate([starts[order][:1], ends]), np.concatenate([d[2] for d in done])[order]

    def _within(self, low: Vector, high: Vector) -> Vector:
        """log of the integral over intervals that lie in one panel."""
        out = np.full(len(low), -np.inf)
        some = high > low
        if some.any():
            out[some] = self._rule(low[some], high[some])[0]
        return out

    def log_between(self, lower: Vector, upper: Vector) -> Vector:
        """log P(lower <= X <= upper)."""
        low, high = (np.clip(end, self.edges[0], self.edges[-1]) for end in (lower, upper))
        i = np.clip(np.searchsorted(self.edges, low, side="right") - 1, 0, len(self.log_mass) - 1)
        j = np.clip(np.searchsorted(self.edges, high, side="left") - 1, 0, len(self.log_mass) - 1)
        same = i >= j
        out = np.empty(len(low))
        out[same] = self._within(low[same], high[same])
        apart = ~same
        first = self._within(low[apart], self.edges[i[apart] + 1])
        last = self._within(self.edges[j[apart]], high[apart])
        a, b = i[apart] + 1, j[apart]  # whole panels from a to b
        from_left, from_right = (self.left[b], self.left[a]), (self.right[a], self.right[b])
        small = self.left[b] < self.right[a]
        large, less = (np.where(small, x, y) for x, y in zip(from_left, from_right, strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.where(np.isneginf(large) | (b <= a), -np.inf, large + np.log(-np.expm1(np.minimum(less - large, 0.0))))
        out[apart] = np.logaddexp(np.logaddexp(first, last), inner)
        return np.minimum(out - self.log_total, 0.0)

    def quantile(self, q: Vector, upper: bool) -> Vector:
        """The smallest x with P(X <= x) >= q, or with P(X > x) <= q."""
        p, r = (1.0 - q, q) if upper else (q, 1.0 - q)
        x = np.where(p == 0.0, self.lower, self.upper)
        for part, tail, right in (((p <= r) & (p > 0.0), p, False), ((r < p) & (r > 0.0), r, True)):
            if not part.any():
                continue
            wanted = np.log(tail[part]) + self.log_total
            if right:
                panel = len(self.log_mass) - np.searchsorted(self.right[::-1], wanted, side="left")
            else:
                panel = np.searchsorted(self.left, wanted, side="left") - 1
            panel = np.clip(panel, 0, len(self.log_mass) - 1)
            x[part] = self._solve(wanted, panel, right)
        return x

    def _solve(self, wanted: Vector, panel: NDArray[np.intp], right: bool) -> Vector:
        beyond = self.right[panel + 1] if right else self.left[panel]
        first, last = self.edges[panel], self.edges[panel + 1]

        def step(x: Vector) -> tuple[Vector, Vector]:
            log_f = np.logaddexp(beyond, self._within(x, last) if right else self._within(first, x))
            return (wanted - log_f if right else log_f - wanted), np.exp(self.log_density(x) - log_f)

        # The share of the panel's mass that is wanted.
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.exp(wanted - self.log_mass[panel]) * -np.expm1(np.minimum(beyond - wanted, 0.0))
        share = np.clip(np.nan_to_num(share, nan=0.5), 0.0, 1.0)
        start = last - share * (last - first) if right else first + share * (last - first)
        return numeric.root(step, first, last, start)


class CountTable:
    """The probabilities of whole numbers, around the most likely one, up to 2**20 of them."""

    lower: float
    upper: float
    x: Vector
    log_p: Vector
    left: Vector  # log of what lies below each number
    right: Vector
    log_total: float
    cut: bool  # whether more than what was summed has any probability to speak of

    def __init__(self, log_density: Callable[[Vector], Vector], lower: float, upper: float) -> None:
        self.lower, self.upper = math.ceil(lower) if math.isfinite(lower) else lower, upper
        if math.isfinite(upper):
            self.upper = float(math.floor(upper))
        powers = np.unique(np.concatenate([[0.0], 2.0 ** np.arange(0.0, 53.0)]))
        start = self.lower if math.isfinite(self.lower) else self.upper if math.isfinite(self.upper) else 0.0
        grid = np.unique(np.concatenate([start + powers, start - powers]))
        grid = grid[(grid >= self.lower) & (grid <= self.upper)]
        best = int(np.argmax(log_density(grid)))
        near = max(grid[max(best - 1, 0)], self.lower), min(grid[min(best + 1, len(grid) - 1)], self.upper)
        half = numeric.MOST_TERMS / 2
        centre = float(np.clip(grid[best], *near))
        first = max(self.lower, min(centre - half, self.upper - 2.0 * half))
        last = min(self.upper, first + 2.0 * half)
        x = np.arange(first, last + 1.0)
        log_p = log_density(x)
        kept = np.flatnonzero(np.isfinite(log_p))
        ends = [log_p[i] for i, more in ((0, first > self.lower), (-1, last < self.upper)) if more]
        self.cut = any(end > np.max(log_p) - 40.0 for end in ends)
        chosen = slice(int(kept[0]), int(kept[-1]) + 1)
        self._hold(x[chosen], log_p[chosen])

    def _hold(self, x: Vector, log_p: Vector) -> None:
        self.x, self.log_p = x, log_p
        self.left = np.concatenate([[-np.inf], np.logaddexp.accumulate(self.log_p)])
        self.right = np.concatenate([np.logaddexp.accumulate(self.log_p[::-1])[::-1], [-np.inf]])
        self.log_total = float(self.left[-1])

    def neighbour(self, log_density: Callable[[Vector], Vector]) -> CountTable:
        """The table of a law that hardly differs, of the same numbers."""
        made = copy.copy(self)
        made._hold(self.x, log_density(self.x))
        return made

    def log_between(self, lower: Vector, upper: Vector) -> Vector:
        """log P(lower <= X <= upper)."""
        a = np.searchsorted(self.x, np.ceil(lower), side="left")
        b = np.searchsorted(self.x, np.floor(upper), side="right")
        small = self.left[b] < self.right[a]
        large, less = np.where(small, self.left[b], self.right[a]), np.where(small, self.left[a], self.right[b])
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.where((b <= a) | np.isneginf(large), -np.inf, large + np.log(-np.expm1(np.minimum(less - large, 0.0))))
        return np.minimum(out - self.log_total, 0.0)

    def quantile(self, q: Vector, upper: bool) -> Vector:
        """The smallest x with P(X <= x) >= q, or with P(X > x) <= q."""
        with np.errstate(divide="ignore"):
            wanted = np.log(q) + self.log_total
        slack = 4e-16 * (1.0 + np.abs(wanted))  # a probability that is reached but for rounding is reached
        wanted = wanted + slack if upper else wanted - slack
        if upper:
            index = np.searchsorted(-self.right[1:], -wanted, side="left")
        else:
            index = np.searchsorted(self.left[1:], wanted, side="left")
        x = self.x[np.clip(index, 0, len(self.x) - 1)]
        lowest, highest = (q == 1.0, q == 0.0) if upper else (q == 0.0, q == 1.0)
        return np.where(lowest, self.lower, np.where(highest, self.upper, x))
