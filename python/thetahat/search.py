"""Maximum likelihood for families whose functions are written in Python: Newton's method on the exact score.

A step is accepted when it raises the likelihood; `converged` means what it means for compiled families: at the last point
looked at the Newton decrement is at most 1e-12, or the score at its rounding bound, and the information is positive definite.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import numeric
from .derived import DerivedFamily
from .errors import ThetahatError
from .info import FamilyInfo
from .observations import Observations
from .terms import as_columns, log_terms, score_terms, taken
from .univariate import Vector

__all__ = ["guesses", "middles", "search"]

_EDGE = 30.0  # coordinates this far from the start are taken as on their way to the end of the range
_DECREMENT = 1e-12
_GUESSES = 2  # of the grid from which a search starts
_ROUGH = 1e-4  # of searches on samples, whose own error is far larger
_SAMPLE = 400


@dataclass
class Coordinates:
    """The free parameters on scales without ends."""

    info: FamilyInfo
    held: Vector
    free: NDArray[np.bool_] = field(init=False)
    domains: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.free = np.isnan(self.held)
        self.domains = [p.domain for p, free in zip(self.info.parameters, self.free, strict=True) if free]

    def to_theta(self, u: Vector) -> Vector:
        """Parameters at the coordinates u."""
        theta = self.held.copy()
        with np.errstate(over="ignore"):
            theta[self.free] = [
                v if d == "real" else 1.0 / (1.0 + np.exp(-v)) if d == "unit" else np.exp(v)
                for d, v in zip(self.domains, u, strict=True)
            ]
        return theta

    def from_theta(self, theta: Vector) -> Vector:
        """Coordinates of the parameters theta."""
        return np.array([
            v if d == "real" else math.log(v) - math.log1p(-v) if d == "unit" else math.log(v)
            for d, v in zip(self.domains, theta[self.free], strict=True)
        ])  # fmt: skip

    def slopes(self, theta: Vector) -> Vector:
        """d theta / d u."""
        return np.array([
            1.0 if d == "real" else v * (1.0 - v) if d == "unit" else v
            for d, v in zip(self.domains, theta[self.free], strict=True)
        ])  # fmt: skip


def merged(rows: Observations) -> Observations:
    """Equal rows as one, with the sum of their weights, where there are many."""
    columns = [rows.lower, rows.upper]
    if rows.window_low is not None and rows.window_high is not None:
        columns += [rows.window_low, rows.window_high]
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights.astype(np.float64)
    table = np.stack(columns, axis=1)[weights > 0]
    distinct, which = np.unique(table, axis=0, return_inverse=True)
    total = np.bincount(which.reshape(-1), weights[weights > 0], len(distinct)).astype(np.float64)
    parts = [np.ascontiguousarray(column) for column in distinct.T]
    low, high = parts[2:] if len(parts) == 4 else (None, None)
    return Observations(parts[0], parts[1], low, high, total, rows.dropped)


class Likelihood:
    """Sums over the rows, by coordinates."""

    cls: type[DerivedFamily]
    rows: Observations
    at: Coordinates
    weights: Vector
    passes: int
    rounding: Vector  # how far from the gradient that was last asked for its rounding may be

    def __init__(self, cls: type[DerivedFamily], rows: Observations, coordinates: Coordinates) -> None:
        self.cls, self.rows, self.at = cls, rows, coordinates
        self.weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        self.passes = 0

    def value(self, u: Vector) -> float:
        """The log-likelihood; -inf where there is no such member."""
        self.passes += 1
        theta = self.at.to_theta(u)
        if not self.exists(theta):
            return -math.inf
        with np.errstate(all="ignore"):
            total = float(self.weights @ log_terms(self.cls, self.rows, as_columns(theta.tolist())))
        return -math.inf if math.isnan(total) else total

    def exists(self, theta: Vector) -> bool:
        """Whether the family has such a member."""
        return bool(np.isfinite(theta).all()) and self.cls._exists(theta.tolist())

    def gradient(self, u: Vector) -> Vector:
        """The score in the coordinates."""
        self.passes += 1
        theta = self.at.to_theta(u)
        with np.errstate(all="ignore"):
            try:
                terms = score_terms(self.cls, self.rows, as_columns(theta.tolist()))[:, self.at.free]
            except ThetahatError:  # a step took some row out of the support, or left the family
                return np.full(len(u), np.nan)
            self.rounding = np.finfo(float).eps * (self.weights @ np.abs(terms)) * self.at.slopes(theta)
            return (self.weights @ terms) * self.at.slopes(theta)

    def information(self, u: Vector, units: Vector) -> NDArray[np.float64]:
        """Minus the second derivatives in the coordinates."""
        matrix = -numeric.derivatives(self.gradient, u, units, order=2)
        return 0.5 * (matrix + matrix.T)


@dataclass
class Found:
    """Where a search ended."""

    u: Vector
    value: float
    status: str
    reason: str
    decrement: float
    iterations: int
    edge: int | None = None  # the parameter that ran to the end of its range


def search(
    cls: type[DerivedFamily],
    rows: Observations,
    held: Sequence[float],
    starts: Iterable[Sequence[float]],
    progress: Callable[..., object] | None,
    *,
    smooth: bool = True,
    iteration_limit: int = 200,
) -> dict[str, Any]:
    """The best of what Newton's method, or a direct search where the likelihood is not smooth, reaches from the starts."""
    began = time.perf_counter()
    total = float(len(rows) if rows.weights is None else rows.weights.sum())
    data = merged(rows)
    coordinates = Coordinates(cls.info, np.array(held, dtype=np.float64))
    likelihood = Likelihood(cls, data, coordinates)
    if not coordinates.free.any():
        found = Found(np.empty(0), likelihood.value(np.empty(0)), "converged", "every parameter is fixed", 0.0, 0)
        return outcome(cls, likelihood, found, total, len(rows), began)
    usable = ranked_starts(likelihood, starts)
    if not usable:
        usable = ranked_starts(likelihood, guesses(cls, data, list(held)))
    if not usable:
        nothing = Found(np.full(int(coordinates.free.sum()), np.nan), math.nan, "not_identified",
                        "no member of the family was found that holds every row", math.nan, 0)  # fmt: skip
        return outcome(cls, likelihood, nothing, total, len(rows), began)
    if not smooth:
        best = max((direct(likelihood, u) for u in usable[:4]), key=lambda f: f.value)
        return outcome(cls, likelihood, best, total, len(rows), began)
    best: Found | None = None
    for u in piloted(likelihood, usable, iteration_limit):
        found = newton(likelihood, u, progress, iteration_limit)
        better = best is None or (found.status == "converged", found.value) > (best.status == "converged", best.value)
        best = found if better else best
        if found.status == "converged":
            break
    assert best is not None
    return outcome(cls, likelihood, best, total, len(rows), began)


def ranked_starts(likelihood: Likelihood, starts: Iterable[Sequence[float]]) -> list[Vector]:
    """Coordinates of the starts that hold every row, best first."""
    at = likelihood.at
    points: list[Vector] = []
    for start in starts:
        theta = np.where(at.free, np.asarray(start, dtype=np.float64), at.held)
        if likelihood.exists(theta):
            points.append(at.from_theta(theta))
    ranked = sorted(((likelihood.value(u), i) for i, u in enumerate(points)), reverse=True)
    return [points[i] for value, i in ranked if math.isfinite(value)]


def middles(rows: Observations) -> Vector:
    """A value for each row: the middle of an interval, the end of an open one."""
    known = np.where(np.isfinite(rows.lower), rows.lower, rows.upper)
    return np.where(np.isfinite(rows.upper), 0.5 * known + 0.5 * np.where(np.isfinite(rows.upper), rows.upper, known), known)


def guesses(cls: type[DerivedFamily], rows: Observations, held: Sequence[float]) -> list[list[float]]:
    """The best of a grid of parameters of the size of the data."""
    x = middles(rows)
    quartiles = np.quantile(x, [0.25, 0.5, 0.75])
    spread = max(float(quartiles[2] - quartiles[0]), float(np.std(x)) * 1e-3, 1e-300)
    size = max(abs(float(quartiles[1])), 1e-300)
    grid = {
        "real": [float(quartiles[1]), 0.0],
        "positive": sorted({1.0, spread, size, 1.0 / size}),
        "nonnegative": [1.0, spread],
        "unit": [0.5, 0.1, 0.9],
    }
    choices = [[h] if not math.isnan(h) else grid[p.domain] for p, h in zip(cls.info.parameters, held, strict=True)]
    step = max(1, len(rows) // _SAMPLE)
    some = taken(rows, slice(None, None, step))
    ranked: list[tuple[float, list[float]]] = []
    for values in product(*choices):
        if not cls._exists(list(values)):
            continue
        try:
            with np.errstate(all="ignore"):
                height = float(np.sum(log_terms(cls, some, as_columns(values))))
        except ThetahatError:
            continue
        if math.isfinite(height):
            ranked.append((height, list(values)))
    ranked.sort(key=lambda pair: -pair[0])
    return [values for _, values in ranked[:_GUESSES]]


def piloted(likelihood: Likelihood, starts: list[Vector], iteration_limit: int) -> list[Vector]:
    """The starts, best first, each taken to its maximum on some of the rows where there are many."""
    data = likelihood.rows
    step = -(-len(data) // _SAMPLE)
    sample = Likelihood(likelihood.cls, taken(data, slice(None, None, step)), likelihood.at)
    ends = list(starts)
    if step > 1 or len(starts) > 1:
        pilots = [newton(sample, u, None, iteration_limit, pilot=True) for u in starts]
        ends = [pilot.u if pilot.status == "converged" else u for u, pilot in zip(starts, pilots, strict=True)]
    ranked = sorted(range(len(ends)), key=lambda i: -likelihood.value(ends[i]))
    return [ends[i] for i in ranked]


def newton(
    likelihood: Likelihood,
    u: Vector,
    progress: Callable[..., object] | None,
    iteration_limit: int,
    *,
    pilot: bool = False,
) -> Found:
    """Newton's method with the step shortened towards the gradient's direction where the curvature misleads."""
    first = u
    value, units = likelihood.value(u), np.ones(len(u))
    real = [d == "real" for d in likelihood.at.domains]
    spread = np.ptp(likelihood.rows.lower[np.isfinite(likelihood.rows.lower)]) if any(real) else 1.0
    units[real] = max(float(spread), 1e-300) / 8.0
    damping, decrement = 1e-3, math.inf
    for iteration in range(1, iteration_limit + 1):
        gradient = likelihood.gradient(u)
        rounding = likelihood.rounding
        matrix = likelihood.information(u, units)
        if not (np.isfinite(gradient).all() and np.isfinite(matrix).all()):
            return Found(u, value, "iteration_limit", "the score is not finite where the search came to", decrement, iteration)
        diagonal = np.maximum(np.abs(np.diag(matrix)), 1e-12 / units**2)
        units = np.clip(np.sqrt(likelihood.weights.sum() / diagonal), units / 10.0, np.where(real, units * 10.0, 1.0))
        scale = 1.0 / np.sqrt(diagonal)
        scaled = matrix * np.outer(scale, scale)
        values, vectors = np.linalg.eigh(scaled)
        along = vectors.T @ (gradient * scale)
        definite = bool(values[0] > 1e-12)
        if definite:
            decrement = float(np.sum(along**2 / values))
            floor = float(np.sum((np.abs(vectors.T) @ (rounding * scale)) ** 2 / values))
            if progress is not None:
                progress(iteration, decrement)
            if pilot and decrement <= _ROUGH:
                return Found(u, value, "converged", "", decrement, iteration)
            if decrement <= max(_DECREMENT, floor):
                saddle = flattest(likelihood, u, units)
                if saddle is None:
                    return Found(u + scale * (vectors @ (along / values)), value, "converged", "", decrement, iteration)
                escape = downhill(likelihood, u, value, saddle)
                if escape is None:
                    return flat(likelihood, u, value, saddle, iteration)
                u, value = escape
                continue
        moved = False
        for _ in range(60):
            bent = np.maximum(np.abs(values), 1e-9) + (0.0 if definite and damping < 1e-6 else damping)
            step = scale * (vectors @ (along / bent))
            longest = np.max(np.abs(step) / np.where(real, units * 1e3, 4.0))
            step = step / max(1.0, float(longest))
            candidate = likelihood.value(u + step)
            if candidate > value or (candidate >= value - 1e-12 * (1.0 + abs(value)) and decrement < 1e-4):
                u, value, moved = u + step, candidate, True
                damping = max(damping * 0.1, 1e-12)
                break
            damping = max(damping * 8.0, 1e-6)
        far = [not r and abs(a - b) > _EDGE for r, a, b in zip(real, u, first, strict=True)]
        if any(far):
            which = int(np.flatnonzero(likelihood.at.free)[far.index(True)])
            name = likelihood.at.info.parameter_names[which]
            return Found(u, value, "unbounded", f"the likelihood still rises where {name} leaves its range", decrement,
                         iteration, which)  # fmt: skip
        if not moved and np.max(np.abs(gradient * scale)) < 1e-6 * math.sqrt(likelihood.weights.sum()):
            saddle = flattest(likelihood, u, units)
            escape = None if saddle is None else downhill(likelihood, u, value, saddle)
            if saddle is not None and escape is None:
                return flat(likelihood, u, value, saddle, iteration)
            if escape is not None:
                u, value = escape
                continue
        if not moved:
            return Found(u, value, "iteration_limit", "no step raises the likelihood", decrement, iteration)
    return Found(u, value, "iteration_limit", f"{iteration_limit} steps were taken", decrement, iteration_limit)


def flattest(likelihood: Likelihood, u: Vector, units: Vector) -> Vector | None:
    """A direction in which the information is not positive, if there is one: the way from a saddle, or along a ridge."""
    matrix = -numeric.derivatives(likelihood.gradient, u, units)
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-12 / units**2))
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T) * np.outer(scale, scale))
    return scale * vectors[:, 0] if not values[0] > 1e-9 else None


def downhill(likelihood: Likelihood, u: Vector, value: float, direction: Vector) -> tuple[Vector, float] | None:
    """A better point along a direction of negative curvature, if there is one."""
    for length in (1.0, 0.1, 0.01):
        for sign in (1.0, -1.0):
            moved = u + sign * length * direction
            height = likelihood.value(moved)
            if height > value + 1e-12 * (1.0 + abs(value)):
                return moved, height
    return None


def flat(likelihood: Likelihood, u: Vector, value: float, direction: Vector, iteration: int) -> Found:
    """No maximum in one direction: which parameters it moves."""
    names = [n for n, free in zip(likelihood.at.info.parameter_names, likelihood.at.free, strict=True) if free]
    largest = np.max(np.abs(direction))
    moved = [n for n, d in zip(names, direction, strict=True) if abs(d) > 1e-3 * largest]
    return Found(u, value, "not_identified", f"the likelihood is flat in {', '.join(moved)} at its maximum", math.nan, iteration)


def direct(likelihood: Likelihood, u: Vector) -> Found:
    """Nelder and Mead's (1965) search by values alone, restarted until a restart gains nothing."""
    k = len(u)
    best, iterations = likelihood.value(u), 0
    width = np.array([1.0 if d != "real" else 0.1 * (abs(v) + 1.0) for d, v in zip(likelihood.at.domains, u, strict=True)])
    for _ in range(20):
        simplex = np.stack([u, *(u + width * np.eye(k)[j] for j in range(k))])
        heights = np.array([likelihood.value(v) for v in simplex])
        for _ in range(400 * k):
            iterations += 1
            order = np.argsort(-heights, kind="stable")
            simplex, heights = simplex[order], heights[order]
            if np.max(np.abs(simplex - simplex[0])) <= 1e-13 * (1.0 + np.max(np.abs(simplex[0]))):
                break
            centre = simplex[:-1].mean(axis=0)

            def at(factor: float, centre: Vector = centre, worst: Vector = simplex[-1]) -> tuple[Vector, float]:
                v = centre + factor * (centre - worst)
                return v, likelihood.value(v)

            v, height = at(1.0)
            if height > heights[0]:
                further = at(2.0)
                v, height = further if further[1] > height else (v, height)
            elif height <= heights[-2]:
                v, height = at(0.5 if height > heights[-1] else -0.5)
                if height <= heights[-1]:
                    simplex[1:] = 0.5 * (simplex[1:] + simplex[0])
                    heights[1:] = [likelihood.value(w) for w in simplex[1:]]
                    continue
            simplex[-1], heights[-1] = v, height
        gained = heights[0] - best
        u, best = simplex[0], float(heights[0])
        width = width * 0.3
        if not gained > 1e-11 * (1.0 + abs(best)):
            break
    return Found(u, best, "stopped", "the likelihood is not smooth in the parameters: the best that a direct search found, "
                 "without standard errors", math.nan, iterations)  # fmt: skip


def outcome(
    cls: type[DerivedFamily], likelihood: Likelihood, found: Found, total: float, rows: int, began: float
) -> dict[str, Any]:
    """The result in the form of the core's."""
    coordinates = likelihood.at
    theta = coordinates.to_theta(found.u) if len(found.u) else coordinates.held.copy()
    k = len(theta)
    covariance = np.full((k, k), np.nan)
    value = found.value
    if found.status == "converged" and coordinates.free.any():
        value = max(value, likelihood.value(found.u))
        local = cls._local(likelihood.rows, theta.tolist())
        free = np.flatnonzero(coordinates.free)
        information = local["information"][np.ix_(free, free)]
        scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
        if np.linalg.eigvalsh(information * np.outer(scale, scale))[0] > 1e-10:
            covariance[np.ix_(free, free)] = np.linalg.inv(information * np.outer(scale, scale)) * np.outer(scale, scale)
    return {
        "parameters": theta.tolist(),
        "covariance": covariance,
        "standard_errors": np.sqrt(np.diag(covariance)).tolist(),
        "log_likelihood": value,
        "n": total,
        "n_rows": rows,
        "free": int(coordinates.free.sum()),
        "status": found.status,
        "reason": found.reason,
        "passes": likelihood.passes,
        "iterations": found.iterations,
        "seconds": time.perf_counter() - began,
        "decrement": found.decrement,
        "limit": None,
        "edge": found.edge,
    }
