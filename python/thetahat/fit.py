"""Maximum-likelihood fits: one call, one frozen result that says whether to trust it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._version import __version__
from .arrays import Column, Missing, observations, rows
from .base import Family, Parameter, check_parameter, resolved
from .errors import DataError, FitError, ParameterError, unknown_name
from .families import family_class
from .info import ParameterInfo, wald_interval
from .observations import Observations, as_observations, known_for
from .serialize import check_document, decode_number, encode, parse, write
from .terms import scores_of
from .univariate import UnivariateFamily, checked_level
from .vector import VectorFamily, as_coordinates
from .weights import WEIGHT_KINDS, WeightKind, Weights, plain_weights, sample_size, sandwich, weight_kind

if TYPE_CHECKING:
    from .nested import NestedTest
    from .report import Report

__all__ = ["STATUSES", "Fit", "Limit", "Status", "fit"]

Status = Literal["converged", "boundary", "unbounded", "degenerate", "not_identified", "iteration_limit", "stopped"]
STATUSES: tuple[Status, ...] = get_args(Status)
FIT_SCHEMA = "thetahat.fit/1"

# The result --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """The family that the fitted one becomes at the end of its parameter space, or is compared with there."""

    family: str
    parameters: Mapping[str, float]
    log_likelihood: float
    kind: str

    @property
    def model(self) -> Family:
        """The member of the limit family."""
        return family_class(self.family)(**self.parameters)

    def __hash__(self) -> int:
        return hash((self.family, tuple(self.parameters.items()), self.kind))


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A fitted family. Read `status` first: numbers stand only with the status that they deserve.

    `parameters`, `standard_errors` and `covariance` are in the family's canonical parameters; a standard error is NaN
    where the theory has none. `n` is the sum of the weights (the effective number of rows for other weights),
    `dropped` the rows left out by missing="drop", `passes` how often the data was read. `data` refers to the
    observations and `held` to the parameters that the fit held at a value, for pictures and tests of nested families;
    they are no part of equality or of documents.
    """

    family: str
    parameters: Mapping[str, Parameter]
    standard_errors: Mapping[str, Parameter]
    covariance: NDArray[np.float64] | None
    log_likelihood: float
    n: float
    free: int
    status: Status
    reason: str
    passes: int
    iterations: int
    seconds: float
    dropped: int = 0
    weights: WeightKind = "none"
    limit: Limit | None = None
    data: Column | Observations | None = None
    held: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "standard_errors", MappingProxyType(dict(self.standard_errors)))
        if self.held is not None:
            object.__setattr__(self, "held", MappingProxyType(dict(self.held)))
        if self.covariance is not None:
            self.covariance.flags.writeable = False

    # Judgement ------------------------------------------------------------------------------------------------------

    def require(self, *statuses: Status) -> Fit:
        """This fit if its status is among those given (default: "converged"), else FitError."""
        for status in statuses:
            if status not in STATUSES:
                raise unknown_name("status", status, STATUSES)
        wanted = statuses or ("converged",)
        if self.status not in wanted:
            raise FitError(
                f"{self.family}: status is {self.status!r}, required was {' or '.join(map(repr, wanted))}. "
                f"{self.reason or 'Look at fit.summary()'}"
            )
        return self

    def __bool__(self) -> bool:
        raise FitError('a fit is neither true nor false; ask for a status: fit.status == "converged" or fit.require()')

    @property
    def model(self) -> Family:
        """The fitted model; at a boundary where the family ends, the member of the limit family.

        Raises FitError where there is none: unbounded, degenerate and not identified fits have no estimate.
        """
        cls = family_class(self.family)
        if not any(np.isnan(value).any() for value in self.parameters.values()):
            try:
                return cls(**self.parameters)
            except ParameterError:
                pass
        if self.limit is not None and self.status == "boundary":
            return self.limit.model
        raise FitError(f"{self.family}: status {self.status!r} has no model. {self.reason}".rstrip())

    # Criteria -------------------------------------------------------------------------------------------------------

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 k - 2 log L."""
        return 2.0 * self.free - 2.0 * self.log_likelihood

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples; inf when n <= k + 1."""
        room = self.n - self.free - 1.0
        return self.aic + 2.0 * self.free * (self.free + 1.0) / room if room > 0 else math.inf

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k log n - 2 log L."""
        return self.free * math.log(self.n) - 2.0 * self.log_likelihood if self.n > 0 else math.nan

    def confidence_intervals(self, level: float = 0.95) -> dict[str, tuple[float, float] | None]:
        """Wald intervals, symmetric on each parameter's own coordinate; None without a standard error."""
        tail = (1.0 - checked_level(level)) / 2.0
        standard: Any = family_class("normal")(0.0, 1.0)
        quantile = float(standard.isf(tail))
        intervals: dict[str, tuple[float, float] | None] = {}
        for parameter in family_class(self.family).info.parameters:
            estimate, error = self.parameters[parameter.name], self.standard_errors[parameter.name]
            intervals[parameter.name] = (
                wald_interval(parameter.coordinate, estimate, error, quantile)
                if isinstance(estimate, float) and isinstance(error, float) and math.isfinite(estimate + error)
                else None
            )
        return intervals

    def nested_tests(self, x: Any = None, *, weights: Any = None) -> tuple[NestedTest, ...]:
        """Likelihood-ratio tests of the simpler families that this one holds, each fitted to the same observations.

        The statistic is T = 2 (log L - log L0). Where the limit lies inside the parameter space (Weibull -> exponential)
        its law is chi-squared with one degree of freedom (Wilks 1938); where the parameter is at the end of its range
        (Student t -> normal) it is 1/2 chi2_0 + 1/2 chi2_1 (Self and Liang 1987, case 5); else the parametric bootstrap
        stands for it. These are limits for many rows, with the simpler family's other parameters inside their ranges.

        Parameters
        ----------
        x, weights : the observations of the fit, where it was read from a document and holds none

        Raises
        ------
        FitError
            for a fit without data or without a maximum, and for importance weights
        DataError
            where `x` has another likelihood than the fit

        Examples
        --------
        >>> import thetahat as th
        >>> fit = th.fit("weibull", th.Weibull(scale=1.0, concentration=1.2).sample(1000, seed=1))
        >>> for test in fit.nested_tests():
        ...     print(test.limit.family, test.kind, test.p_value < 1e-6)
        exponential interior True
        """
        from .nested import nested_tests

        return nested_tests(self, x, weights)

    # Reports --------------------------------------------------------------------------------------------------------

    def summary(self, level: float = 0.95) -> Report:
        """Estimates, errors, intervals and criteria as text, and as HTML in notebooks."""
        from .report import fit_report

        return fit_report(self, level)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_short(value)}" for name, value in self.parameters.items())
        return (
            f"Fit({family_class(self.family).__name__}({shown}), status={self.status!r}, "
            f"log_likelihood={self.log_likelihood:.10g}, n={self.n:.10g})"
        )

    def plot(self, x: Any = None, *, weights: Any = None, axes: Any = None) -> Any:
        """Four panels against the data of the fit or `x`; needs the extra `plot`.

        Density, Q-Q, cdf and P-P; survival, hazard, density and P-P of censored, truncated or binned rows; for counts the
        rootogram in place of the Q-Q, or of the density of such rows.
        """
        from .plotting import plot_fit

        if x is None:
            if self.data is None:
                raise FitError("x: a fit read from a document holds no observations to draw; write fit.plot(x)")
            x, weights = self.data, None
        return plot_fit(self, x, weights=weights, axes=axes)

    # Documents ------------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Everything but the data, as plain Python values; NaN and infinities are strings."""
        limit = self.limit and {
            "family": self.limit.family,
            "parameters": encode(self.limit.parameters),
            "log_likelihood": encode(self.limit.log_likelihood),
            "kind": self.limit.kind,
        }
        return {
            "schema": FIT_SCHEMA,
            "version": __version__,
            "family": self.family,
            "status": self.status,
            "reason": self.reason,
            "parameters": encode(self.parameters),
            "standard_errors": encode(self.standard_errors),
            "covariance": None if self.covariance is None else encode(self.covariance),
            "log_likelihood": encode(self.log_likelihood),
            "n": encode(self.n),
            "free": self.free,
            "passes": self.passes,
            "iterations": self.iterations,
            "seconds": encode(self.seconds),
            "dropped": self.dropped,
            "weights": self.weights,
            "limit": limit,
        }

    def to_json(self) -> str:
        """The document of `to_dict` as JSON; every float is read back to the same bits."""
        return write(self.to_dict())

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Fit:
        """The fit that `to_dict` wrote. Raises DataError for another schema, UnknownNameError for a family."""
        check_document(
            document, FIT_SCHEMA, [name for name in cls.__dataclass_fields__ if name not in ("data", "held")]
        )
        family = family_class(document["family"]).info.name
        if document["status"] not in STATUSES:
            raise unknown_name("status", document["status"], STATUSES)
        if document["weights"] not in WEIGHT_KINDS:
            raise unknown_name("weights", document["weights"], WEIGHT_KINDS)

        def number(name: str) -> float:
            return decode_number(document[name], name)

        limit = document["limit"]
        return cls(
            family=family,
            parameters=_numbers(document["parameters"]),
            standard_errors=_numbers(document["standard_errors"]),
            covariance=None if document["covariance"] is None else decode_number(document["covariance"], "covariance"),
            limit=None if limit is None else _read_limit(limit),
            status=document["status"],
            weights=document["weights"],
            reason=str(document["reason"]),
            log_likelihood=number("log_likelihood"),
            n=number("n"),
            seconds=number("seconds"),
            free=int(number("free")),
            passes=int(number("passes")),
            iterations=int(number("iterations")),
            dropped=int(number("dropped")),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Fit:
        """The fit that `to_json` wrote."""
        return cls.from_dict(parse(text))

    def _compared(self) -> dict[str, Any]:
        document = self.to_dict()
        del document["seconds"]
        return document

    def __eq__(self, other: object) -> bool:
        """Whether everything but the time taken and the data agrees; NaN equals NaN."""
        return self._compared() == other._compared() if isinstance(other, Fit) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.family, self.status, self.reason, self.free))

    def __reduce__(self) -> tuple[Any, ...]:
        return Fit.from_dict, (self.to_dict(),)


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise DataError(f"the document must map names to numbers; got {type(values).__name__}")
    return {str(name): decode_number(value, str(name)) for name, value in values.items()}


def _read_limit(document: Mapping[str, Any]) -> Limit:
    parameters = MappingProxyType(_numbers(document["parameters"]))
    log_likelihood = decode_number(document["log_likelihood"], "limit: log_likelihood")
    return Limit(family_class(document["family"]).info.name, parameters, log_likelihood, str(document["kind"]))


def _short(value: Parameter) -> str:
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=6, threshold=6, separator=", ")
    return f"{value:.6g}"


# The call ----------------------------------------------------------------------------------------------------------


def fit(
    family: str | type[Family],
    x: Any,
    *,
    weights: Any | Weights = None,
    fixed: Mapping[str, float | None] | None = None,
    start: Mapping[str, float] | Family | None = None,
    missing: Missing = "raise",
    progress: Callable[..., object] | None = None,
) -> Fit:
    """Fit a family to observations by maximum likelihood.

    Parameters
    ----------
    family : name such as "gamma", or a class such as thetahat.Gamma
    x : observations: numpy, list, torch, pandas, polars, Arrow, xarray; one dimension, (n, d) for vector families; rows made
        by thetahat.observations, for a vector family a list with those of every coordinate
    weights : array of frequencies, or thetahat.precision(w), thetahat.importance(w)
    fixed : parameters held at a value, {"df": 5}; {"loc": None} frees one that a fit holds by default
    start : where to start, a value for every free parameter
    missing : "raise" for an error on NaN and nulls, "drop" to leave those rows out and count them
    progress : called as progress(iteration, decrement) after every step of a search; an exception in it ends the fit

    Returns
    -------
    Fit
        Always; its status says what was reached.

    Raises
    ------
    DataError, DtypeError, ParameterError, UnknownNameError

    Examples
    --------
    >>> import thetahat as th
    >>> result = th.fit("exponential", [1.0, 2.0, 6.0])
    >>> result.status, round(result.parameters["rate"], 6)
    ('converged', 0.333333)
    """
    cls = family_class(family)
    if progress is not None and not callable(progress):
        raise ParameterError(f"progress: must be callable; got {type(progress).__name__}")
    plain = plain_weights(weights)
    if issubclass(cls, VectorFamily):
        if fixed or start is not None:
            raise ParameterError(f"{cls.__name__}: its fit is a closed form; leave out fixed= and start=")
        coordinates = as_coordinates(x, plain, cls.__name__)
        if coordinates is not None:
            made = make_fit(cls, cls._maximize(coordinates, progress), coordinates[0], weights, [])
            return replace(made, data=None)  # the first coordinate alone is no picture
        column = rows(x, plain, missing=missing)
        result = _core.box_fit(np.asarray(column.values, dtype=np.float64), column.weights)
        return make_fit(cls, result, column, weights, [])
    assert issubclass(cls, UnivariateFamily)
    held = held_parameters(cls, fixed)
    begin = _start(cls, start, held)
    if not isinstance(x, Observations):
        column = observations(x, plain, missing=missing)
        return make_fit(cls, cls._maximize(column, held, begin, progress), column, weights, held)
    given = as_observations(x, plain)
    known_for(given, cls.info)
    return make_fit(cls, cls._maximize(given, held, begin, progress), given, weights, held)


def held_parameters(cls: type[Family], fixed: Mapping[str, float | None] | None) -> list[float]:
    """The value of every parameter that is held, NaN for the free ones."""
    values = {p.name: p.default for p in cls.info.parameters}
    given = fixed or {}
    for name in (key for key, value in given.items() if value is None):
        if name not in values:
            raise unknown_name(f"fixed: {cls.__name__} parameter", name, values)
        values[name] = None
    for name, (_, value) in resolved(cls, {k: v for k, v in given.items() if v is not None}).items():
        values[name] = value
    for p in cls.info.parameters:
        if p.given and values[p.name] is None:
            raise ParameterError(
                f"fixed: {cls.__name__}: {p.name} comes with the data and is not estimated; got none. "
                f"Write fixed={{{p.name!r}: ...}} ({p.doc})"
            )
    return [
        math.nan if values[p.name] is None else _scalar(cls, p, values[p.name], "fixed") for p in cls.info.parameters
    ]


def _start(cls: type[Family], start: Mapping[str, float] | Family | None, held: list[float]) -> list[float] | None:
    if start is None:
        return None
    if isinstance(start, Family):
        if type(start) is not cls:
            raise ParameterError(f"start: must be a {cls.__name__} or a mapping; got a {type(start).__name__}")
        start = start.parameters  # type: ignore[assignment]
    given = {name: value for name, (_, value) in resolved(cls, start).items()}  # type: ignore[arg-type]
    values: list[float] = []
    for parameter, value in zip(cls.info.parameters, held, strict=True):
        if not math.isnan(value):
            values.append(value)
        elif parameter.name in given:
            values.append(_scalar(cls, parameter, given[parameter.name], "start"))
        else:
            raise ParameterError(f"start: lacks {parameter.name}, which is free; add {parameter.name}= or fix it")
    return values


def _scalar(cls: type[Family], parameter: ParameterInfo, value: object, argument: str) -> float:
    checked = check_parameter(f"{argument}: {cls.__name__}", parameter, value)
    if isinstance(checked, np.ndarray):
        raise ParameterError(f"{argument}: {parameter.name} must be one number; got shape {checked.shape}")
    return checked


def make_fit(
    cls: type[Family], result: Mapping[str, Any], data: Column | Observations, weights: Any, held: list[float]
) -> Fit:
    """The Fit of what the search returned for weights taken as counts, with the parameters held that are not NaN."""
    names, vector = cls.info.parameter_names, cls.info.vector
    kind, total = weight_kind(weights), float(result["n"])
    n = sample_size(kind, data.weights, total)
    scale = n / total if n != total else 1.0
    covariance: NDArray[np.float64] | None = None
    errors: list[Parameter]
    if vector:
        errors = [np.asarray(error, dtype=np.float64) for error in result["standard_errors"]]
    else:
        covariance = np.array(result["covariance"], dtype=np.float64) / scale
        errors = [float(error) / math.sqrt(scale) for error in result["standard_errors"]]
        if kind == "importance" and data.weights is not None and np.isfinite(covariance).any():
            assert issubclass(cls, UnivariateFamily)
            scores = scores_of(cls, data, list(result["parameters"]))
            covariance = sandwich(scores, data.weights, covariance * scale)
            variances = np.diagonal(covariance).tolist()
            errors = [math.sqrt(v) if math.isfinite(e) else e for v, e in zip(variances, errors, strict=True)]  # type: ignore[arg-type]
    limit = result["limit"]
    log_likelihood = float(result["log_likelihood"]) * scale
    if any(np.isnan(value).any() for value in result["parameters"]):
        # No estimate, so no number that the criteria could make one of.
        log_likelihood = math.nan
    return Fit(
        family=cls.info.name,
        parameters={k: np.asarray(v) if vector else float(v) for k, v in zip(names, result["parameters"], strict=True)},
        standard_errors=dict(zip(names, errors, strict=True)),
        covariance=covariance,
        log_likelihood=log_likelihood,
        n=n,
        free=int(result["free"]),
        status=result["status"],
        reason=str(result["reason"]),
        passes=int(result["passes"]),
        iterations=int(result["iterations"]),
        seconds=float(result["seconds"]),
        dropped=data.dropped,
        weights=kind,
        limit=None if limit is None else _limit(limit, scale),
        data=data,
        held={name: value for name, value in zip(names, held, strict=False) if not math.isnan(value)},
    )


def _limit(limit: Mapping[str, Any], scale: float) -> Limit:
    names = family_class(limit["family"]).info.parameter_names
    values = dict(zip(names, map(float, limit["parameters"]), strict=True))
    return Limit(limit["family"], MappingProxyType(values), float(limit["log_likelihood"]) * scale, limit["kind"])
