"""Modifiers: each makes a family out of a family, and they compose.

Bounds, thresholds and units are known numbers, never fitted; what a modifier adds to the parameters is a probability.

>>> import thetahat as th
>>> counts = th.zero_inflated("poisson")
>>> counts.info.parameter_names
('rate', 'zero_inflation')
>>> counts(rate=3.0, zero_inflation=0.25).cdf(0)
0.287340301275898
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from .base import Family
from .errors import ParameterError
from .univariate import UnivariateFamily

__all__ = [
    "affine",
    "discretized",
    "folded",
    "hurdle",
    "log_transformed",
    "one_inflated",
    "reflected",
    "shifted",
    "truncated",
    "zero_inflated",
]

FamilyLike = str | type[Family]


def _made(module: str, kind: str, family: FamilyLike, arguments: Mapping[str, float]) -> type[UnivariateFamily]:
    # The classes are read when a modifier is first used: most programs use none.
    from .modified import modified

    return modified(getattr(import_module(f".{module}", __package__), kind), family, arguments)


def _number(value: Any, name: str, rule: str, *, finite: bool = True) -> float:
    """A known number of a modifier."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number) or (finite and math.isinf(number)):
        raise ParameterError(f"{name}: must be {rule}; got {value!r}. Pass a number")
    return number + 0.0


def truncated(family: FamilyLike, low: float = -math.inf, high: float = math.inf) -> type[UnivariateFamily]:
    """The family of X given low <= X <= high, in the units of the data.

    log p(x) = log f(x) - log P(low <= X <= high). The bounds are known, never fitted; where each row has its own, see
    `thetahat.observations.truncated`.

    Raises ParameterError where low is not below high, or the window misses the support.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 12.1.

    Examples
    --------
    >>> import thetahat as th
    >>> half = th.truncated(th.Normal, low=0.0)
    >>> round(half(loc=0.0, scale=1.0).mean, 12)
    0.797884560803
    """
    low = _number(low, "low", "a number or -inf", finite=False)
    high = _number(high, "high", "a number or inf", finite=False)
    if not low < high:
        raise ParameterError(f"low: must be below high; got low={low!r}, high={high!r}. Give the window some width")
    return _made("restricted", "Truncated", family, {"low": low, "high": high})


def shifted(family: FamilyLike, threshold: float | None = None) -> type[UnivariateFamily]:
    """The family of threshold + X: log p(x) = log f(x - threshold).

    A threshold that is given is known. One that is not is a parameter, for families that start at zero. The likelihood of such
    a family is often unbounded: the density of a shape below one grows without end as the threshold comes to the smallest
    observation. The fit is then the best local maximum, and `reason` says so; where there is none its status is
    `unbounded`. Rows that are said to be rounded (`thetahat.observations.rounded`) have a likelihood that is bounded.

    Source: Smith (1985), Maximum likelihood estimation in a class of nonregular cases, Biometrika 72.

    Examples
    --------
    >>> import thetahat as th
    >>> th.shifted("exponential", 2.0)(rate=1.0).mean
    3.0
    >>> Weibull3 = th.shifted("weibull")
    >>> fit = th.fit(Weibull3, Weibull3(scale=2.0, concentration=3.0, threshold=10.0).sample(500, seed=1))
    >>> fit.status, round(fit.parameters["threshold"], 1)
    ('converged', 10.0)
    """
    if threshold is None:
        return _made("threshold", "FittedThreshold", family, {})
    return _made("transformed", "Shifted", family, {"threshold": _number(threshold, "threshold", "finite")})


def affine(family: FamilyLike, loc: float = 0.0, scale: float = 1.0) -> type[UnivariateFamily]:
    """The family of loc + scale X with both known: data in other units. A negative scale reflects as well.

    log p(x) = log f((x - loc) / scale) - log |scale|. Continuous families only: counts have no other unit.

    Examples
    --------
    >>> import thetahat as th
    >>> th.affine("beta", loc=10.0, scale=5.0)(concentration1=1.0, concentration0=1.0).mean
    12.5
    """
    loc, scale = _number(loc, "loc", "finite"), _number(scale, "scale", "finite and not zero")
    if scale == 0.0:
        raise ParameterError("scale: must be finite and not zero; got 0.0. Pass the size of the new unit")
    return _made("transformed", "Affine", family, {"loc": loc, "scale": scale})


def reflected(family: FamilyLike) -> type[UnivariateFamily]:
    """The family of -X: log p(x) = log f(-x). With `affine` or `shifted` about another point.

    Examples
    --------
    >>> import thetahat as th
    >>> th.reflected("gumbel")(loc=0.0, scale=1.0).cdf(0.0) == th.Gumbel(loc=0.0, scale=1.0).sf(0.0)
    True
    """
    return _made("transformed", "Reflected", family, {})


def log_transformed(family: FamilyLike) -> type[UnivariateFamily]:
    """The family of exp(X), whose logarithm is of the family given: log p(x) = log f(log x) - log x.

    Examples
    --------
    >>> import thetahat as th
    >>> log_logistic = th.log_transformed("logistic")
    >>> log_logistic(loc=0.0, scale=0.5).median
    1.0
    """
    return _made("transformed", "LogTransformed", family, {})


def discretized(family: FamilyLike, unit: float = 1.0) -> type[UnivariateFamily]:
    """The family of counts floor(X / unit): P(k) = P(k unit <= X < (k + 1) unit).

    Examples
    --------
    >>> import thetahat as th
    >>> days = th.discretized("exponential")
    >>> round(days(rate=1.0).prob(0), 12)  # a geometric law
    0.632120558829
    """
    unit = _number(unit, "unit", "positive and finite")
    if not unit > 0.0:
        raise ParameterError(f"unit: must be positive and finite; got {unit!r}. Pass the width of a step")
    return _made("restricted", "Discretized", family, {"unit": unit})


def folded(family: FamilyLike) -> type[UnivariateFamily]:
    """The family of |X|: p(x) = f(x) + f(-x) for x > 0.

    Source: Leone, Nelson and Nottingham (1961), The folded normal distribution, Technometrics 3.

    Examples
    --------
    >>> import thetahat as th
    >>> round(th.folded("normal")(loc=0.0, scale=1.0).median, 9)
    0.67448975
    """
    return _made("restricted", "Folded", family, {})


def zero_inflated(family: FamilyLike) -> type[UnivariateFamily]:
    """With probability zero_inflation exactly 0, else of the family: P(0) = zero_inflation + (1 - zero_inflation) f(0).

    Of a continuous family it is a law of two kinds, with a point of positive probability at 0; log_prob is then the log
    probability there and the log density elsewhere.

    Source: Lambert (1992), Zero-inflated Poisson regression, Technometrics 34.

    Examples
    --------
    >>> import thetahat as th
    >>> fit = th.fit(th.zero_inflated("poisson"), [0, 0, 0, 0, 0, 0, 2, 3, 1, 4])
    >>> fit.status, round(fit.parameters["zero_inflation"], 3)
    ('converged', 0.552)
    """
    return _made("inflated", "ZeroInflated", family, {})


def one_inflated(family: FamilyLike) -> type[UnivariateFamily]:
    """With probability one_inflation exactly 1, else of the family; see `zero_inflated`, with which it composes.

    Source: Ospina and Ferrari (2010), Inflated beta distributions, Statistical Papers 51.

    Examples
    --------
    >>> import thetahat as th
    >>> shares = th.zero_inflated(th.one_inflated("beta"))
    >>> shares.info.parameter_names
    ('concentration1', 'concentration0', 'one_inflation', 'zero_inflation')
    """
    return _made("inflated", "OneInflated", family, {})


def hurdle(family: FamilyLike) -> type[UnivariateFamily]:
    """P(0) = zero_probability; the rest is the family given that it is not 0.

    Source: Mullahy (1986), Specification and testing of some modified count data models, Journal of Econometrics 33.

    Raises ParameterError for counts that may be negative: `zero_inflated` serves them.

    Examples
    --------
    >>> import thetahat as th
    >>> fit = th.fit(th.hurdle("poisson"), [0, 0, 0, 0, 0, 0, 2, 3, 1, 4])
    >>> round(fit.parameters["zero_probability"], 12)
    0.6
    """
    return _made("inflated", "Hurdle", family, {})

