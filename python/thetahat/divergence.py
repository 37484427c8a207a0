"""How far two laws are apart, and what an observation tells of parameters: expectations of log p and of its derivatives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import numeric
from .errors import ParameterError
from .univariate import Columns, UnivariateFamily, Vector, chosen

__all__ = ["Divergence", "deviance", "kl_divergence", "mean_scores", "regular_part"]

_LOST = 1e-12  # probability of values that doubles round to an end of the support, beyond which there is no expectation
_FEW = 2.0**14
_UNSEEN = 1e-18  # probability of q where p has none that a double can be asked for


@dataclass(frozen=True)
class Divergence:
    """A divergence and where it comes from; `float()` of it is its value.

    value : in nats; an array of the broadcast shape of array parameters
    method : "closed form", "quadrature" or "sum"
    """

    value: float | NDArray[np.float64]
    method: Literal["closed form", "quadrature", "sum"]

    def __float__(self) -> float:
        return float(self.value)


def kl_divergence(p: UnivariateFamily, q: UnivariateFamily) -> Divergence:
    """Kullback's and Leibler's divergence of q from p: E log(p(X) / q(X)) for X from p, in nats.

    Parameters
    ----------
    p, q : models of one variable, of the same family or of two, made by modifiers or by `thetahat.family`; array parameters
        broadcast with each other

    Returns
    -------
    Divergence
        `value` is not negative, zero for equal laws, infinite where p has probability outside the support of q or its tails
        are too heavy for q's, and NaN where doubles cannot hold enough of p: a gamma law of shape 0.001 is below the least
        of them in half of all cases. `method` says whether it is the family's closed form, a quadrature over p's quantiles,
        or a sum over its counts.

    Raises
    ------
    ParameterError
        when one is a law of counts and the other a density, one is of vectors, or their shapes do not broadcast

    Notes
    -----
    E(q/p - 1 - log(q/p)) and the probability that q has where p has none are added, both of which are positive: nothing
    cancels where the laws are close. Kullback and Leibler (1951), On Information and Sufficiency, Annals of Mathematical
    Statistics 22, 79-86.

    Examples
    --------
    >>> import thetahat as th
    >>> th.kl_divergence(th.Exponential(rate=2.0), th.Exponential(rate=1.0))
    Divergence(value=0.1931471805599453, method='closed form')
    >>> found = th.kl_divergence(th.Gamma(concentration=2.0, rate=1.0), th.Weibull(scale=2.0, concentration=1.5))
    >>> round(float(found), 9), found.method
    (0.020629834, 'quadrature')
    """
    for name, model in (("p", p), ("q", q)):
        if not isinstance(model, UnivariateFamily):
            shown = model.__name__ if isinstance(model, type) else type(model).__name__
            raise ParameterError(
                f"{name}: must be a model of one variable; got {shown}. Pass one with parameters, such as th.Gamma(2.0, 1.0)"
            )
    counts = [model.info.kind == "discrete" for model in (p, q)]
    if counts[0] != counts[1]:
        raise ParameterError(
            f"q: must be a law of {'counts' if counts[0] else 'densities'} as p is; got {type(q).__name__} beside "
            f"{type(p).__name__}. Use thetahat.discretized of the density"
        )
    try:
        shape = np.broadcast_shapes(p.shape, q.shape)
    except ValueError:
        raise ParameterError(
            f"q: array parameters must broadcast with those of p; got shapes {q.shape} and {p.shape}. Add an axis"
        ) from None
    first, second = _columns(p, shape), _columns(q, shape)
    closed = type(p)._divergence(first, second) if type(p) is type(q) else None
    if closed is not None:
        return Divergence(_plain(closed, shape), "closed form")
    found = np.array([
        _of_members(type(p), chosen(first, slice(i, i + 1)), type(q), chosen(second, slice(i, i + 1)))
        for i in range(math.prod(shape))
    ])  # fmt: skip
    return Divergence(_plain(found, shape), "sum" if counts[0] else "quadrature")


def _columns(model: UnivariateFamily, shape: tuple[int, ...]) -> Columns:
    return [
        np.ascontiguousarray(np.broadcast_to(value, shape), dtype=np.float64).reshape(-1) for value in model._values
    ]


def _plain(found: Vector, shape: tuple[int, ...]) -> Any:
    found = np.broadcast_to(found, (math.prod(shape),)).reshape(shape)
    return found if shape else float(found)


def deviance(x: Any, m: Any) -> Any:
    """x log(x / m) + m - x, without cancellation however close the two are."""
    return x * _exp_rest(np.log1p((m - x) / x))


def _exp_rest(r: Vector) -> Vector:
    """exp(r) - 1 - r, by its series next to zero."""
    near = np.abs(r) < 0.3
    small = np.where(near, r, 0.0)
    series = np.ones_like(small)
    for k in range(15, 2, -1):
        series = 1.0 + small / k * series
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(near, 0.5 * small * small * series, np.where(np.isneginf(r), np.inf, np.expm1(r) - r))


def _of_members(p: type[UnivariateFamily], at: Columns, q: type[UnivariateFamily], beside: Columns) -> float:
    if p is q:
        at, beside = p._standard(at, beside) or (at, beside)
    lower, upper = (float(p._summarize(end, at)[0]) for end in ("lower", "upper"))
    if lower < q._summarize("lower", beside)[0] or upper > q._summarize("upper", beside)[0]:
        return math.inf
    if any(a not in q._atoms and p._evaluate("log_prob", np.array([a]), at)[0] > -np.inf for a in p._atoms):
        return math.inf
    if _underflows(p, at):
        return math.nan
    alone = [a for a in q._atoms if a not in p._atoms]

    def parts(x: Vector) -> Vector:
        # What is a density in p must not be set against a probability in q.
        x = np.where(np.isin(x, alone), np.nextafter(x, np.inf), x)
        log_p, log_q = (law._evaluate("log_prob", x, columns) for law, columns in ((p, at), (q, beside)))
        dead = ~(log_p > -np.inf)
        with np.errstate(invalid="ignore", over="ignore"):
            ratio = np.where(dead, 0.0, log_q - log_p)
            return np.stack([-ratio, _exp_rest(ratio), np.where(dead, 0.0, np.exp(ratio))], axis=1)

    modes = [float(law._summarize("mode", columns)[0]) for law, columns in ((p, at), (q, beside))]
    kinks = np.array([*modes, *q._spikes()])
    plain, compensated, shared = numeric.expectations(p, parts, at, kinks, _summed(p, q)).tolist()
    if not math.isfinite(plain):
        return plain if plain > 0.0 else compensated
    outside = _outside(q, beside, lower, upper, alone)
    farthest = np.array([1e-300])
    reach = float(p._evaluate("icdf", farthest, at)[0]), float(p._evaluate("isf", farthest, at)[0])
    far = _outside(q, beside, *reach, alone)
    # Where p has probability everywhere between its ends, and q none to speak of beyond where doubles reach.
    if far - outside <= _UNSEEN and abs(shared + outside - 1.0) <= 1e-9 and math.isfinite(compensated):
        return max(compensated + outside, 0.0)
    return max(plain, 0.0)


def _summed(*laws: type[UnivariateFamily]) -> float:
    """How many counts are added one by one: of the registry's own laws, which are smooth, fewer."""
    from .compiled import CompiledFamily

    return _FEW if all(issubclass(law, CompiledFamily) for law in laws) else numeric.MOST_TERMS


def _underflows(cls: type[UnivariateFamily], member: Columns) -> bool:
    """Whether values are rounded to an end of the support, which does not belong to it, in more than a few cases."""
    ends = np.concatenate([cls._evaluate(end, np.array([_LOST]), member) for end in ("icdf", "isf")])
    return bool(np.isneginf(cls._evaluate("log_prob", ends, member)).any())


def _outside(q: type[UnivariateFamily], member: Columns, lower: float, upper: float, alone: list[float]) -> float:
    """The probability that q has below, above, and at points of its own in between."""
    whole = q.info.kind == "discrete"
    before, after = (
        (lower - 1.0, upper + 1.0)
        if whole
        else (float(np.nextafter(lower, -np.inf)), float(np.nextafter(upper, np.inf)))
    )
    total = 0.0
    if lower > -math.inf:
        total += float(np.exp(q._log_between(np.array([-np.inf]), np.array([before]), member))[0])
    if upper < math.inf:
        total += float(np.exp(q._log_between(np.array([after]), np.array([np.inf]), member))[0])
    for atom in alone:
        if lower <= atom <= upper:
            total += float(np.exp(q._evaluate("log_prob", np.array([atom]), member))[0])
    return total


# Fisher's information ------------------------------------------------------------------------------------------------


def mean_scores(cls: type[UnivariateFamily], member: Columns) -> tuple[Vector, Vector]:
    """E score and E score score^T of one member; NaN where doubles cannot hold enough of the law."""
    k = len(member)
    rows, columns = np.triu_indices(k)
    # Quantiles that round to an end, at which there may be a density and no score.
    ends = [] if cls.info.kind == "discrete" else [cls._summarize(end, member)[0] for end in ("lower", "upper")]
    ends = [end for end in ends if end not in cls._atoms]

    def parts(x: Vector) -> Vector:
        dead = ~(cls._evaluate("log_prob", x, member) > -np.inf) | np.isin(x, ends)
        if dead.all():
            return np.zeros((len(x), k + len(rows)))
        score = cls._score(np.where(dead, x[np.argmin(dead)], x), member)
        dead |= ~np.isfinite(score).all(axis=1)
        score = np.where(dead[:, None], 0.0, score)
        with np.errstate(over="ignore"):
            return np.column_stack([score, score[:, rows] * score[:, columns]])

    found = (
        np.full(k + len(rows), np.nan)
        if _underflows(cls, member)
        else numeric.expectations(cls, parts, member, summed=_summed(cls))
    )
    matrix = np.empty((k, k))
    matrix[rows, columns] = matrix[columns, rows] = found[k:]
    return found[:k], matrix


def regular_part(mean: Vector, matrix: Vector) -> Vector:
    """The information of those parameters whose score has mean zero and a variance; NaN for the others."""
    variance = np.diag(matrix)
    with np.errstate(invalid="ignore"):
        bad = ~(np.isfinite(variance) & np.isfinite(mean) & (np.abs(mean) <= 1e-6 * np.sqrt(variance) + 1e-14))
    out = np.where(np.isfinite(matrix), matrix, np.nan)
    out[bad, :] = out[:, bad] = np.nan
    return out
