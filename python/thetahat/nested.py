"""Likelihood-ratio tests of a fit against the simpler families that its family holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Column, observations
from .errors import DataError, FitError
from .families import family_class
from .fit import Fit, fit, held_parameters, make_fit
from .info import LimitInfo, LimitKind
from .observations import Observations
from .univariate import UnivariateFamily
from .weights import precision

__all__ = ["NestedTest", "nested_tests"]

BOOTSTRAP_DRAWS = 199
BOOTSTRAP_SEED = 20261126

# By how much a log-likelihood may lie below the largest one, in units of 1 + |log L|: what `converged` promises.
_CERTIFIED = 1e-9
_SAME_DATA = 1e-6
_WITH_MAXIMUM = ("converged", "boundary")


@dataclass(frozen=True)
class NestedTest:
    """A fit compared with the `limit`, a family that it becomes where `parameter` is `value`, fitted to the same rows.

    `statistic` is 2 (log L - log L0), `p_value` the probability of one as large if the limit were the law; both are NaN,
    and `text` says why, where there is none.
    """

    limit: Fit
    kind: LimitKind
    parameter: str
    value: float
    statistic: float
    p_value: float
    text: str

    def __str__(self) -> str:
        return self.text


def nested_tests(of: Fit, x: Any = None, weights: Any = None) -> tuple[NestedTest, ...]:
    """The tests of `Fit.nested_tests`, which documents them."""
    cls = family_class(of.family)
    if not issubclass(cls, UnivariateFamily):
        return ()
    if of.weights == "importance":
        raise FitError(
            f"{of.family}: twice the log-likelihood ratio has no chi-squared law under importance weights. Use the "
            "standard errors, which allow for them"
        )
    if of.status not in _WITH_MAXIMUM:
        raise FitError(
            f"{of.family}: status {of.status!r} has no maximum to compare with a simpler family's. {of.reason}".rstrip()
        )
    if x is not None:
        of = _again(of, cls, x, weights)
    elif of.data is None or of.held is None:
        raise FitError("x: a fit read from a document holds no observations; write fit.nested_tests(x)")
    assert of.data is not None and of.held is not None
    return tuple(_test(of, cls, of.data, of.held, limit) for limit in cls._limits(of.held))


def _again(of: Fit, cls: type[UnivariateFamily], x: Any, weights: Any) -> Fit:
    """The fit of a document with its observations."""
    held = of.held
    if held is None:
        held = {p.name: float(of.parameters[p.name]) for p in cls.info.parameters if p.default is not None}
        if of.free != len(of.parameters) - len(held):
            raise FitError(f"{of.family}: a document does not say which parameters were held; fit again, with fixed=")
    # A default that the fit freed is freed again.
    fixed = {p.name: held.get(p.name) for p in cls.info.parameters if p.name in held or p.default is not None}
    made = fit(cls, x, weights=weights, fixed=fixed, missing="drop" if of.dropped else "raise")
    if not abs(made.log_likelihood - of.log_likelihood) <= _SAME_DATA * (1.0 + abs(of.log_likelihood)):
        raise DataError(
            f"x: must be the observations of the fit, whose log-likelihood is {of.log_likelihood!r}; got "
            f"{made.log_likelihood!r}. Pass the same rows and weights"
        )
    return made


def _test(
    of: Fit, cls: type[UnivariateFamily], data: Column | Observations, held: Mapping[str, float], info: LimitInfo
) -> NestedTest:
    limit = family_class(info.family)
    assert issubclass(limit, UnivariateFamily)
    limit_held = held_parameters(limit, info.held(held))
    meaning = precision(data.weights) if of.weights == "precision" else data.weights
    null = make_fit(limit, limit._maximize(data, limit_held, None, None), data, meaning, limit_held)
    where = f"{null.family} ({info.parameter} = {info.value:g})"

    def made(statistic: float, p_value: float, text: str) -> NestedTest:
        return NestedTest(null, info.kind, info.parameter, info.value, statistic, p_value, f"{where}: {text}")

    if null.status not in _WITH_MAXIMUM:
        return made(math.nan, math.nan, f"no test: its fit is {null.status}. {null.reason}")
    statistic = _statistic(of.log_likelihood, null.log_likelihood)
    if math.isnan(statistic):
        more = null.log_likelihood - of.log_likelihood
        text = f"no test: its log-likelihood is {more:.3g} larger, so {of.family} was not fitted to its maximum. Give start="
        return made(math.nan, math.nan, text)
    shown = f"2 (log L - log L0) = {statistic:.6g}"
    if info.kind == "irregular":
        whole = [held.get(name, math.nan) for name in cls.info.parameter_names]
        return made(statistic, *_bootstrapped(of, cls, whole, null, limit_held, statistic, shown))
    p = p_value(statistic, info.kind)
    law = "chi2_1" if info.kind == "interior" else "1/2 chi2_0 + 1/2 chi2_1"
    return made(statistic, p, f"{shown} against {law}, p = {p:.3g}")


def _statistic(larger: float, smaller: float) -> float:
    """2 (log L - log L0); 0 where they differ by rounding alone, NaN where the nested family's is the larger."""
    certified = _CERTIFIED * (1.0 + abs(larger))
    gain = larger - smaller
    if not gain >= -certified:
        return math.nan
    return 2.0 * gain if gain > certified else 0.0


def p_value(statistic: float, kind: LimitKind) -> float:
    """P(T >= statistic) for one parameter, inside its range (chi2_1) or at its end (1/2 chi2_0 + 1/2 chi2_1).

    Sources: Wilks (1938), The large-sample distribution of the likelihood ratio for testing composite hypotheses, Annals
    of Mathematical Statistics 9; Self and Liang (1987), Asymptotic properties of maximum likelihood estimators and
    likelihood ratio tests under nonstandard conditions, JASA 82.

    Examples
    --------
    >>> round(p_value(3.841458820694124, "interior"), 12), round(p_value(3.841458820694124, "boundary"), 12)
    (0.05, 0.025)
    >>> p_value(0.0, "boundary")
    1.0
    """
    tail = math.erfc(math.sqrt(0.5 * statistic))
    return tail if kind == "interior" or statistic == 0.0 else 0.5 * tail


def _bootstrapped(
    of: Fit,
    cls: type[UnivariateFamily],
    held: list[float],
    null: Fit,
    null_held: list[float],
    statistic: float,
    shown: str,
) -> tuple[float, str]:
    """The share of samples of the fitted limit with a statistic as large, this one counted (Davison and Hinkley 1997)."""
    known = isinstance(of.data, Column) or (
        of.data is not None and of.data.window_low is None and bool(np.array_equal(of.data.lower, of.data.upper))
    )
    if not known or of.weights == "precision" or of.n != round(of.n):
        # How rows came to be censored, or weighted, is not known, so that none like them can be drawn.
        return math.nan, f"{shown}; the bootstrap that would judge it needs whole numbers of fully known rows"
    model = null.model
    assert isinstance(model, UnivariateFamily)
    limit = type(model)
    as_large = 0
    for draw in range(BOOTSTRAP_DRAWS):
        rows = observations(model.sample(round(of.n), seed=BOOTSTRAP_SEED, stream=draw))
        try:
            larger = cls._maximize(rows, held, None, None)["log_likelihood"]
            smaller = limit._maximize(rows, null_held, None, None)["log_likelihood"]
        except DataError:  # a draw that rounds to an edge
            larger, smaller = math.nan, math.nan
        # A sample without two maxima counts as one that is as large: the test errs on the side of the simpler family.
        as_large += not _statistic(larger, smaller) < statistic
    p = (1 + as_large) / (1 + BOOTSTRAP_DRAWS)
    return p, f"{shown} against {BOOTSTRAP_DRAWS} samples of it, p = {p:.3g}"
