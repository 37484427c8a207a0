"""What a family declares about itself, read from the compiled registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .errors import ParameterError

__all__ = [
    "AlternativeInfo",
    "FamilyInfo",
    "KeywordInfo",
    "LimitArgument",
    "LimitInfo",
    "ParameterInfo",
    "ReplacementInfo",
    "ScipyArgument",
    "ScipyInfo",
    "SupportInfo",
]

Coordinate = Literal["identity", "log", "reciprocal", "logit"]
Domain = Literal["real", "positive", "unit", "nonnegative", "integer", "count", "above_one"]
LimitKind = Literal["interior", "boundary", "irregular"]
Transform = Literal[
    "identity", "reciprocal", "exp", "complement", "ratio", "difference", "constant", "product", "reciprocal_product",
    "root_product", "root_ratio", "successor", "share", "negative", "complement_product",
    "logistic", "odds_share",
]  # fmt: skip


@dataclass(frozen=True)
class ParameterInfo:
    """A canonical parameter. A fit holds it at `default`, where there is one, unless `fixed={name: None}` frees it.

    `given` ones come with the data, and no fit estimates them.
    """

    name: str
    domain: Domain
    coordinate: Coordinate
    doc: str
    default: float | None
    boundary: bool

    @property
    def given(self) -> bool:
        """Whether no fit estimates it: a whole number that is known with the data, such as a number of trials."""
        return self.domain == "count" and not self.boundary


@dataclass(frozen=True)
class SupportInfo:
    """The widest support over all parameter values."""

    lower: float
    upper: float
    lower_closed: bool
    upper_closed: bool
    text: str


@dataclass(frozen=True)
class KeywordInfo:
    """A keyword that a constructor takes in place of canonical parameters."""

    name: str
    domain: Domain
    doc: str


@dataclass(frozen=True)
class ReplacementInfo:
    """A canonical parameter from keywords: parameter = transform(first, second)."""

    parameter: str
    transform: Transform
    first: str
    second: str

    @property
    def formula(self) -> str:
        """The parameter as an expression in the keywords."""
        return f"{self.parameter} = {_FORMULAS[self.transform].format(self.first, self.second)}"


@dataclass(frozen=True)
class AlternativeInfo:
    """Keywords that are given together in place of canonical parameters: scale= for rate=, or mean= and precision=."""

    keywords: tuple[KeywordInfo, ...]
    parameters: tuple[ReplacementInfo, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keywords."""
        return tuple(keyword.name for keyword in self.keywords)

    @property
    def replaced(self) -> tuple[str, ...]:
        """The canonical parameters that they stand for."""
        return tuple(each.parameter for each in self.parameters)


@dataclass(frozen=True)
class ScipyArgument:
    """An argument of a distribution elsewhere: argument = transform(first, second, third), or a constant value."""

    name: str
    transform: Transform
    first: str
    second: str
    value: float
    third: str = ""

    @property
    def formula(self) -> str:
        """The argument as an expression in the parameters."""
        if self.transform == "constant":
            return f"{self.value:g}"
        return _FORMULAS[self.transform].format(self.first, self.second, self.third)


@dataclass(frozen=True)
class ScipyInfo:
    """The scipy.stats distribution with the same densities."""

    name: str
    arguments: tuple[ScipyArgument, ...]


@dataclass(frozen=True)
class LimitArgument:
    """A parameter of the limit family as a function of one of the family's: name = transform(source)."""

    name: str
    transform: Transform
    source: str


@dataclass(frozen=True)
class LimitInfo:
    """The family that this one becomes where `parameter` is `value`, which is infinite at the end of a range.

    `kind` says which law the likelihood ratio has: interior: chi-squared; boundary: half of it, for the parameter cannot
    go beyond; irregular: none of its own. A parameter of the limit family that `arguments` lacks is free in both, and
    `threshold` names the parameter, held by a fit, by which the limit family is shifted.
    """

    kind: LimitKind
    family: str
    parameter: str
    value: float
    arguments: tuple[LimitArgument, ...]
    threshold: str = ""

    def held(self, held: Mapping[str, float]) -> dict[str, float]:
        """What a fit holds of the family's parameters, in the limit family's own."""
        return {a.name: float(forward(a.transform, held[a.source])) for a in self.arguments if a.source in held}


@dataclass(frozen=True)
class FamilyInfo:
    """A family as its header declares it.

    `accuracy` bounds the error of log_prob in units of rounding: 16 in tier 1, 64 in tier 2, and where it has to be more
    `accuracy_reason` says why.
    """

    name: str
    class_name: str
    summary: str
    formula: str
    source: str
    kind: Literal["continuous", "discrete", "mixed"]  # mixed: a density, and points of positive probability
    group: Literal["location_scale", "scale", "none"]
    vector: bool
    tier: int
    accuracy: int
    accuracy_reason: str
    fit_method: Literal["closed_form", "statistics", "passes", "boundary"]
    regular: bool
    information: Literal["observed", "expected"]
    parameters: tuple[ParameterInfo, ...]
    constraint: str
    support: SupportInfo
    cases: tuple[tuple[float, ...], ...]
    alternatives: tuple[AlternativeInfo, ...]
    scipy: ScipyInfo | None
    torch: str
    capabilities: tuple[str, ...]
    limits: tuple[LimitInfo, ...] = ()
    torch_arguments: tuple[ScipyArgument, ...] = ()  # none: torch's names are the family's

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Canonical parameters, in the order of the constructor."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def boundary_maximum(self) -> bool:
        """Whether a fit estimates a parameter by an extreme observation, so that AIC and BIC are not justified."""
        return any(parameter.boundary and parameter.default is None for parameter in self.parameters)

    @classmethod
    def from_registry(cls, entry: Mapping[str, Any]) -> FamilyInfo:
        """Freeze one entry of the compiled registry."""
        fields = dict(entry)
        scipy = fields["scipy"]
        fields.update(
            parameters=tuple(ParameterInfo(**p) for p in fields["parameters"]),
            support=SupportInfo(**fields["support"]),
            cases=tuple(tuple(case) for case in fields["cases"]),
            alternatives=tuple(
                AlternativeInfo(
                    tuple(KeywordInfo(**k) for k in a["keywords"]), tuple(ReplacementInfo(**r) for r in a["parameters"])
                )
                for a in fields["alternatives"]
            ),
            scipy=ScipyInfo(scipy["name"], tuple(ScipyArgument(**a) for a in scipy["arguments"]))
            if scipy and scipy["name"]
            else None,
            capabilities=tuple(fields["capabilities"]),
            limits=tuple(_limit_info(**limit) for limit in fields["limits"]),
            torch_arguments=tuple(ScipyArgument(**a) for a in fields["torch_arguments"]),
        )
        return cls(**fields)


def _limit_info(arguments: Sequence[Mapping[str, Any]], **fields: Any) -> LimitInfo:
    return LimitInfo(arguments=tuple(LimitArgument(**each) for each in arguments), **fields)


# Conversions of arguments ----------------------------------------------------------------------------------------


def forward(transform: Transform, first: Any, second: Any = None, value: float = 0.0, third: Any = None) -> Any:
    """Apply a declared conversion; scalars and arrays alike."""
    match transform:
        case "identity":
            return first
        case "reciprocal":
            return 1.0 / first
        case "exp":
            return np.exp(first)
        case "complement":
            return 1.0 - first
        case "ratio":
            return first / second
        case "difference":
            return first - second
        case "constant":
            return value
        case "product":
            return first * second
        case "reciprocal_product":
            return 1.0 / (first * second)
        case "root_product":
            return np.sqrt(first) * np.sqrt(second)
        case "root_ratio":
            return np.sqrt(first) / np.sqrt(second)
        case "successor":
            return first + 1.0
        case "share":
            return (first - second) / (third - second)
        case "negative":
            return -first
        case "complement_product":
            return (1.0 - first) * second
        case "logistic":
            small = np.exp(-np.abs(first))
            return np.where(np.asarray(first) < 0.0, small, 1.0) / (1.0 + small)
        case "odds_share":
            odds = first * second
            return odds / (1.0 + odds)


_FORMULAS: dict[Transform, str] = {
    "identity": "{}",
    "reciprocal": "1 / {}",
    "exp": "exp({})",
    "complement": "1 - {}",
    "ratio": "{} / {}",
    "difference": "{} - {}",
    "product": "{} * {}",
    "reciprocal_product": "1 / ({} * {})",
    "root_product": "sqrt({} * {})",
    "root_ratio": "sqrt({} / {})",
    "successor": "{} + 1",
    "share": "({0} - {1}) / ({2} - {1})",
    "negative": "-{}",
    "complement_product": "(1 - {}) * {}",
    "logistic": "1 / (1 + exp(-{}))",
    "odds_share": "{0} * {1} / (1 + {0} * {1})",
}


# log(result) as a linear function of log(first) and log(second)
LOG_LINEAR: Mapping[str, tuple[float, float]] = {
    "identity": (1.0, 0.0), "reciprocal": (-1.0, 0.0), "ratio": (1.0, -1.0), "product": (1.0, 1.0),
    "reciprocal_product": (-1.0, -1.0), "root_product": (0.5, 0.5), "root_ratio": (0.5, -0.5),
}  # fmt: skip


def backward(transform: Transform, result: Any, *, first: Any = None, second: Any = None, third: Any = None) -> Any:
    """Solve result = transform(first, second, third) for the one argument that is not given."""
    match transform:
        case "identity":
            return result
        case "reciprocal":
            return 1.0 / result
        case "exp":
            return np.log(result)
        case "complement":
            return 1.0 - result
        case "ratio":
            return result * second if first is None else first / result
        case "difference":
            return result + second if first is None else first - result
        case "product":
            return result / (second if first is None else first)
        case "reciprocal_product":
            return 1.0 / (result * (second if first is None else first))
        case "root_product":
            return result * result / (second if first is None else first)
        case "root_ratio":
            return result * result * second if first is None else first / (result * result)
        case "successor":
            return result - 1.0
        case "negative":
            return -result
        case "share" if first is None:
            return second + result * (third - second)
        case "complement_product":
            return 1.0 - result / second if first is None else result / (1.0 - first)
        case "logistic":
            return np.log(result) - np.log1p(-result)
        case "odds_share":
            return result / (1.0 - result) / (second if first is None else first)
        case "constant" | "share":
            raise ParameterError(f"{transform}: determines no parameter")


# Coordinates of confidence intervals ------------------------------------------------------------------------------


def wald_interval(coordinate: Coordinate, estimate: float, error: float, quantile: float) -> tuple[float, float]:
    """Interval that is symmetric on the parameter's coordinate, mapped back by the delta method."""
    match coordinate:
        case "identity":
            return estimate - quantile * error, estimate + quantile * error
        case "log":
            with np.errstate(over="ignore"):  # an error beyond all powers of ten: from zero to infinity
                factor = float(np.exp(quantile * error / estimate))
            return estimate / factor, estimate * factor
        case "reciprocal":
            middle, half = 1.0 / estimate, quantile * error / (estimate * estimate)
            return 1.0 / (middle + half), 1.0 / (middle - half) if middle > half else float("inf")
        case "logit":
            middle = float(np.log(estimate) - np.log1p(-estimate))
            half = quantile * error / (estimate * (1.0 - estimate))
            return tuple(float(1.0 / (1.0 + np.exp(-u))) for u in (middle - half, middle + half))  # type: ignore[return-value]
