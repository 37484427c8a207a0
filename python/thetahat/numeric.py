"""What a law that has no closed form for it is asked for: quantiles, expectations, modes, derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .univariate import Columns, UnivariateFamily, Vector

__all__ = ["GAUSS_WEIGHTS", "KRONROD_NODES", "KRONROD_WEIGHTS", "MOST_TERMS", "bisect", "derivatives", "expectation", "expectations",
           "mode", "root"]  # fmt: skip

# Kronrod's rule of 15 nodes with Gauss's of 7: QUADPACK (Piessens and others 1983).
_HALF_NODES = (
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
    0.741531185599394439863864773280788, 0.586087235467691130294144691258743, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
)  # fmt: skip
_HALF_KRONROD = (
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
    0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
)  # fmt: skip
_HALF_GAUSS = (0.0, 0.129484966168869693270611432679082, 0.0, 0.279705391489276667901467771423780, 0.0,
               0.381830050505118944950369775488975, 0.0)  # fmt: skip
KRONROD_NODES = np.array([*(-n for n in _HALF_NODES), 0.0, *_HALF_NODES[::-1]])
KRONROD_WEIGHTS = np.array([*_HALF_KRONROD, 0.209482141084727828012999174891714, *_HALF_KRONROD[::-1]])
GAUSS_WEIGHTS = np.array([*_HALF_GAUSS, 0.417959183673469387755102040816327, *_HALF_GAUSS[::-1]])

MOST_TERMS = 2**20
_FARTHEST = 700.0  # log odds of the rarest values that a double can be asked for


# Quantiles ---------------------------------------------------------------------------------------------------------


def bisect(holds: Callable[[Vector], NDArray[np.bool_]], lower: Vector, upper: Vector, whole: bool) -> Vector:
    """The smallest value of every row for which a condition holds that stays true from there on: doubles between the
    ends, or whole numbers. Where it holds nowhere the upper end is returned.
    """
    low, high = (_whole(end) if whole else _ordered(end) for end in (lower, upper))
    value = (lambda i: i.astype(np.float64)) if whole else _double
    found = holds(value(low))
    high = np.where(found, low, high)
    while True:
        open_rows = high > low
        # Halves that cannot overflow.
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        open_rows &= middle != low
        if not open_rows.any():
            return value(high)
        true = holds(value(middle))
        high = np.where(open_rows & true, middle, high)
        low = np.where(open_rows & ~true, middle, low)


def root(
    step: Callable[[Vector], tuple[Vector, Vector]], lower: Vector, upper: Vector, start: Vector | None = None
) -> Vector:
    """Where an increasing function passes zero between two ends, from its height and slope: by Newton's steps from the
    start, or else from where ten halvings of the doubles between the ends come to.
    """
    low, high = _ordered(lower), _ordered(upper)
    first = 10 if start is None else 0
    x = _double(high) if start is None else np.clip(start, lower, upper)
    h, slope = np.zeros(len(x)), np.ones(len(x))
    done = np.zeros(len(x), bool)  # a row stays where it settled, whatever the others still need
    for count in range(100):
        middle = _double((low >> 1) + (high >> 1) + (low & high & 1))
        tried = middle
        if count > first:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                newton = x - h / slope
            inside = (newton >= _double(low)) & (newton <= _double(high))
            # Every fourth step halves, so that the ends close in whatever Newton's method does.
            tried = np.where(inside & ((count - first) % 4 != 0), newton, middle)
        elif start is not None:
            tried = x
        closed = high - low <= 1
        tried = np.where(done, x, np.where(closed, _double(high), tried))
        settled = closed | (np.abs(tried - x) <= 4e-16 * np.abs(tried))
        h, slope = step(tried)
        x = tried
        if count > first:
            done |= settled | (h == 0.0)
            if done.all():
                return x
        order = _ordered(tried)
        low, high = np.where(h < 0.0, np.maximum(low, order), low), np.where(h >= 0.0, np.minimum(high, order), high)
    return x


def _whole(x: Vector) -> NDArray[np.int64]:
    return np.clip(x, -(2.0**53), 2.0**53).astype(np.int64)


def _ordered(x: Vector) -> NDArray[np.int64]:
    """Doubles as integers in the same order."""
    bits = np.ascontiguousarray(x + 0.0, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def _double(order: NDArray[np.int64]) -> Vector:
    return np.where(order < 0, np.int64(-(2**63)) - order, order).astype(np.int64).view(np.float64)


# Expectations ------------------------------------------------------------------------------------------------------


def expectation(cls: type[UnivariateFamily], function: Callable[[Vector], Vector], member: Columns) -> float:
    """E function(X) for one member; inf or NaN where it does not exist."""
    return float(expectations(cls, lambda x: function(x)[:, None], member)[0])


def expectations(
    cls: type[UnivariateFamily],
    function: Callable[[Vector], Vector],
    member: Columns,
    kinks: NDArray[np.float64] | tuple[()] = (),
    summed: float = MOST_TERMS,
) -> Vector:
    """E of every column of function(X), which has shape (n, m), for one member.

    A law of fewer whole numbers than `summed` is summed, and one of more by panels of them, on which it is smooth. Any other
    is integrated over the log odds t of its quantiles, by Kronrod's rule on panels that are halved until they agree. What
    lies beyond 700 is taken from how fast the integrand falls there. `kinks` are values where the function or the law may not be smooth.
    """
    if cls.info.kind == "discrete":
        ends = cls._evaluate("icdf", np.array([0.0, 1e-300]), member), cls._evaluate("isf", np.array([0.0, 1e-300]), member)
        low = ends[0][0] if np.isfinite(ends[0][0]) else ends[0][1]
        high = ends[1][0] if np.isfinite(ends[1][0]) else ends[1][1]
        terms = _terms_of(cls, function, member)
        if high - low < summed:
            return np.array([_sum(column) for column in terms(np.arange(low, high + 1.0)).T])
        integrand = _over_log_odds(cls, function, member)
        return _total(integrand, lambda kept: _over_panels(cls, terms, member, kept, kinks))
    integrand = _over_log_odds(cls, function, member)
    return _total(integrand, lambda kept: _over_quantiles(cls, integrand, member, kept, kinks))


def _sum(column: Vector) -> float:
    return math.fsum(column) if np.isfinite(column).all() else float(np.sum(column))


def _terms_of(
    cls: type[UnivariateFamily], function: Callable[[Vector], Vector], member: Columns
) -> Callable[[Vector], Vector]:
    """function times the probability of every whole number."""

    def terms(x: Vector) -> Vector:
        log_p = cls._evaluate("log_prob", x, member)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(np.isneginf(log_p), 0.0, function(x) * np.exp(log_p))

    return terms


def _over_log_odds(
    cls: type[UnivariateFamily], function: Callable[[Vector], Vector], member: Columns
) -> Callable[[Vector], Vector]:
    """function times the density of the log odds of the quantile at which it is taken."""

    def integrand(t: Vector) -> Vector:
        rare = np.exp(-np.abs(t))
        tail = rare / (1.0 + rare)
        x = np.empty(len(t))
        x[t <= 0] = cls._evaluate("icdf", tail[t <= 0], member)
        x[t > 0] = cls._evaluate("isf", tail[t > 0], member)
        with np.errstate(over="ignore", invalid="ignore"):
            y = function(x) * (tail / (1.0 + rare))[:, None]
        # A weight that has underflown is zero, whatever the function is.
        return np.where(tail[:, None] == 0.0, 0.0, y)

    return integrand


def _total(integrand: Callable[[Vector], Vector], body: Callable[[NDArray[np.bool_]], Vector]) -> Vector:
    """What the body finds for those columns whose integrals exist, with what lies beyond it; inf or NaN for the others."""
    # Nearer than the ends as well, where a density that has underflown looks as if it had an end.
    sides = [(integrand(s * np.array([150.0, 250.0])), integrand(s * np.array([_FARTHEST - 100.0, _FARTHEST]))) for s in (-1, 1)]
    found = np.array([_beyond([(nearer[:, j], ends[:, j]) for nearer, ends in sides]) for j in range(sides[0][0].shape[1])])
    kept = np.isfinite(found)
    if kept.any():
        inner = body(kept)
        found[kept] = np.where(np.isfinite(inner[kept]), found[kept] + inner[kept], np.nan)
    return found


def _beyond(sides: list[tuple[Vector, Vector]]) -> float:
    """The integral beyond both ends; infinite, or NaN, where there is none."""
    remainder, endless = 0.0, set[float]()
    for nearer, ends in sides:
        if np.isfinite(nearer).all() and nearer[1] != 0.0 and abs(nearer[0]) < 1.01 * abs(nearer[1]):
            endless.add(float(np.sign(nearer[1])))
        elif not np.isfinite(ends).all():
            endless.add(float(np.sign(ends[~np.isfinite(ends)][0])))
        elif ends[1] != 0.0:
            fall = math.log(abs(ends[0] / ends[1])) / 100.0 if ends[0] != 0.0 else 0.0
            if fall < 1e-4:
                endless.add(float(np.sign(ends[1])))
            else:
                remainder += float(ends[1]) / fall
    if endless:
        return endless.pop() * math.inf if len(endless) == 1 else math.nan
    return remainder


class _Settled:
    """Says which panels are done, from their errors and the size of every column; the others are halved by the next call,
    all first halves before all second ones.
    """

    def __init__(self, columns: int) -> None:
        self.size = np.zeros(columns)
        self.whole = np.zeros(0)  # errors of the panels that were halved
        self.rough = np.zeros(0)  # how often in a row both halves kept their share of the error

    def __call__(self, error: Vector, size: Vector, done: NDArray[np.bool_]) -> NDArray[np.bool_]:
        self.size = np.maximum(self.size, size.sum(axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.nan_to_num(error / self.size, nan=0.0, posinf=0.0).max(axis=1)
        if len(self.whole):
            # The error of what is smooth falls by far more than this, and a kink is in one half alone: what is left in both
            # is rounding, in which halving finds no more.
            kept = share.reshape(2, -1).min(axis=0) > self.whole / 32.0
            self.rough = np.tile(np.where(kept, self.rough + 1.0, 0.0), 2)
        else:
            self.rough = np.zeros(len(share))
        good = ~(share > 1e-13) | (self.rough >= 4.0) | done
        self.whole, self.rough = share[~good], self.rough[~good]
        return good


def _over_quantiles(
    cls: type[UnivariateFamily],
    integrand: Callable[[Vector], Vector],
    member: Columns,
    kept: NDArray[np.bool_],
    kinks: NDArray[np.float64] | tuple[()],
) -> Vector:
    edges = [*np.arange(-_FARTHEST, -40.0, 20.0), *np.arange(-40.0, 41.0, 2.0), *np.arange(60.0, _FARTHEST + 1.0, 20.0)]
    for atom in cls._atoms:
        ends = np.array([np.nextafter(atom, -np.inf), atom])
        below, upto = cls._log_between(np.full(2, -np.inf), ends, member).tolist()
        edges += [p - math.log(-math.expm1(p)) for p in (below, upto) if -_FARTHEST < p < 0.0]
    if len(kinks):
        log_tails = (cls._evaluate(tail, np.asarray(kinks), member) for tail in ("log_cdf", "log_sf"))
        with np.errstate(invalid="ignore"):
            odds = np.subtract(*log_tails)
        edges += odds[np.abs(odds) < _FARTHEST].tolist()
    grid = np.unique(edges)
    left, right = grid[:-1], grid[1:]
    done: list[Vector] = []
    settled = _Settled(len(kept))
    for level in range(41):
        half = 0.5 * (right - left)
        nodes = (0.5 * (left + right))[:, None] + half[:, None] * KRONROD_NODES
        y = np.where(kept, integrand(nodes.reshape(-1)), 0.0).reshape(*nodes.shape, -1)
        fine, coarse = (half[:, None] * np.einsum("ijk,j->ik", y, w) for w in (KRONROD_WEIGHTS, GAUSS_WEIGHTS))
        size = half[:, None] * np.einsum("ijk,j->ik", np.abs(y), KRONROD_WEIGHTS)
        good = settled(np.abs(fine - coarse), size, (half < 1e-9) | (level == 40))
        done.append(fine[good])
        if good.all():
            break
        left, right = left[~good], right[~good]
        middle = 0.5 * (left + right)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    return np.array([_sum(column) for column in np.concatenate(done).T])


_SINGLE = 256.0  # whole numbers that are added one by one
_DEGREE = 20


def _over_panels(
    cls: type[UnivariateFamily],
    terms: Callable[[Vector], Vector],
    member: Columns,
    kept: NDArray[np.bool_],
    kinks: NDArray[np.float64] | tuple[()],
) -> Vector:
    """Sums over whole numbers, on panels that are halved until they agree with their halves."""
    farthest = np.array([math.exp(-_FARTHEST)])
    low, high = (float(cls._evaluate(operation, farthest, member)[0]) for operation in ("icdf", "isf"))
    t = np.arange(-40.0, 41.0, 2.0)
    rare = np.exp(-np.abs(t))
    tail = rare / (1.0 + rare)
    quantiles = np.concatenate([cls._evaluate("icdf", tail[t <= 0], member), cls._evaluate("isf", tail[t > 0], member)])
    powers = 2.0 ** np.arange(0.0, 1024.0, 2.0)
    near = [end + sign * powers for end, sign in ((low, 1.0), (high, -1.0), (quantiles[20], 1.0), (quantiles[20], -1.0))]
    single = np.concatenate([cls._spikes(), np.floor(kinks)])
    starts = np.unique(np.concatenate([[low], quantiles, *near, single, single + 1.0]))
    left = starts[(starts >= low) & (starts <= high)]
    right = np.append(left[1:] - 1.0, high)
    left, right = left[right >= left], right[right >= left]

    def sums(first: Vector, last: Vector) -> Vector:
        out = np.empty((len(first), len(kept)))
        small = last - first < _SINGLE
        for i in np.flatnonzero(small):
            out[i] = np.where(kept, terms(np.arange(first[i], last[i] + 1.0)), 0.0).sum(axis=0)
        if not small.all():
            nodes, weights = _lattice_rule(first[~small], last[~small])
            y = np.where(kept, terms(nodes.reshape(-1)), 0.0).reshape(*nodes.shape, -1)
            out[~small] = np.einsum("ijk,ij->ik", y, weights)
        return out

    done: list[Vector] = []
    settled = _Settled(len(kept))
    whole = sums(left, right)
    for level in range(60):
        middle = np.minimum(np.floor(left + 0.5 * (right - left)), right)
        first, second = sums(left, middle), sums(np.minimum(middle + 1.0, right), right)
        second[middle >= right] = 0.0
        halves = first + second
        good = settled(np.abs(halves - whole), np.abs(halves), (right - left < _SINGLE) | (level == 59))
        done.append(halves[good])
        if good.all():
            break
        left, right = np.concatenate([left[~good], middle[~good] + 1.0]), np.concatenate([middle[~good], right[~good]])
        whole = np.concatenate([first[~good], second[~good]])
    return np.array([_sum(column) for column in np.concatenate(done).T])


def _lattice_rule(first: Vector, last: Vector) -> tuple[Vector, Vector]:
    """Whole numbers in every panel and weights that sum polynomials over all of its whole numbers exactly: those of
    Chebyshev's polynomials of a discrete variable, of which only the constant one has a sum (Szego 1975, section 2.8).
    """
    n = (last - first + 1.0)[:, None]
    share = 0.5 - 0.5 * np.cos(math.pi * (np.arange(_DEGREE) + 0.5) / _DEGREE)
    steps = np.floor(share * (n - 1.0) + 0.5)
    u = 2.0 * steps / (n - 1.0) - 1.0
    j = np.arange(1.0, _DEGREE)
    a = j * np.sqrt((1.0 - (j / n) ** 2) / (4.0 * j * j - 1.0)) * (n / (n - 1.0))  # of the recurrence, made orthonormal
    rows = [np.ones_like(u), u / a[:, :1]]
    for k in range(1, _DEGREE - 1):
        rows.append((u * rows[-1] - a[:, k - 1 : k] * rows[-2]) / a[:, k : k + 1])
    target = np.zeros((len(n), _DEGREE, 1))
    target[:, 0, 0] = n[:, 0]
    weights = np.linalg.solve(np.stack(rows, axis=1), target)[:, :, 0]
    return first[:, None] + steps, np.asarray(weights, dtype=np.float64)


def mode(cls: type[UnivariateFamily], member: Columns) -> float:
    """Where log_prob of one member is largest: the best of 801 quantiles and the ends, refined by golden section."""
    t = np.linspace(-40.0, 40.0, 801)
    rare = np.exp(-np.abs(t))
    tail = rare / (1.0 + rare)
    x = np.concatenate([cls._evaluate("icdf", tail[t <= 0], member), cls._evaluate("isf", tail[t > 0], member)])
    ends = [cls._summarize("lower", member)[0], cls._summarize("upper", member)[0]]
    whole = cls.info.kind == "discrete"
    x = np.unique([*x, *(end for end in ends if np.isfinite(end)), *cls._atoms])

    def height(at: Vector) -> Vector:
        return cls._evaluate("log_prob", np.floor(at) if whole else at, member)

    values = height(x)
    best = int(np.argmax(values))
    if cls._atoms and x[best] in cls._atoms:
        return float(x[best])
    low, high = float(x[max(best - 1, 0)]), float(x[min(best + 1, len(x) - 1)])
    if values[best] == np.inf:
        return float(x[best])
    golden = 0.5 * (math.sqrt(5.0) - 1.0)
    for _ in range(100):
        inner = np.array([high - golden * (high - low), low + golden * (high - low)])
        a, b = height(inner)
        if a >= b:
            high = float(inner[1])
        else:
            low = float(inner[0])
        if high - low <= 1e-14 * max(abs(low), abs(high)):
            break
    near = np.array([x[best], 0.5 * (low + high)])
    if whole:
        near = np.unique(np.concatenate([np.arange(math.floor(low) - 2.0, math.floor(high) + 3.0), near]))
    return float(near[int(np.argmax(height(near)))])


# Derivatives -------------------------------------------------------------------------------------------------------


def derivatives(
    function: Callable[[Vector], Vector],
    at: Vector,
    units: Vector,
    order: int = 4,
    forward: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Central differences of a function of k numbers: one row for each of them; of fourth order with steps of 1e-3 units,
    or of second with steps of 1e-5; to one side, of fourth order, where `forward` says that the other is not there.
    """
    rows: list[Vector] = []
    for j, unit in enumerate(units):
        if forward is not None and forward[j]:
            steps = at + 1e-3 * unit * np.arange(5.0)[:, None] * (np.arange(len(at)) == j)
            f = [function(moved) for moved in steps]
            rows.append((-25.0 * f[0] + 48.0 * f[1] - 36.0 * f[2] + 16.0 * f[3] - 3.0 * f[4]) / (12e-3 * unit))
            continue
        h = (1e-3 if order == 4 else 1e-5) * unit
        sides = []
        for step in (1.0, -1.0, 2.0, -2.0)[:order]:
            moved = at.copy()
            moved[j] += step * h
            sides.append(function(moved))
        if order == 2:
            rows.append((sides[0] - sides[1]) / (2.0 * h))
            continue
        rows.append((8.0 * (sides[0] - sides[1]) - (sides[2] - sides[3])) / (12.0 * h))
    return np.stack(rows)
