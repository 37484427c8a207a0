"""Families made of others by modifiers, and their names: `truncated(gamma, low=1.0, high=inf)`."""

from __future__ import annotations

import ast
import math
import types
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from .arrays import Column
from .base import MODEL_SCHEMA, Family
from .derived import DerivedFamily
from .errors import DataError, ParameterError, ThetahatError, UnknownNameError, unknown_name
from .info import LimitArgument, LimitInfo, ParameterInfo, SupportInfo
from .observations import Observations
from .terms import as_columns
from .univariate import Columns, UnivariateFamily, Vector

__all__ = ["ModifiedFamily", "family_from_name", "log1mexp", "modified", "require_current", "support_info"]

M = TypeVar("M", bound="ModifiedFamily")

_MADE: dict[str, type[ModifiedFamily]] = {}
_LONGEST_NAME = 1000
_DEEPEST = 8  # modifiers of modifiers


class ModifiedFamily(DerivedFamily):
    """A family made of another one, `base`, by a modifier with known numbers, `arguments`."""

    __slots__ = ()

    modifier: ClassVar[str]
    base: ClassVar[type[UnivariateFamily]]
    arguments: ClassVar[Mapping[str, float]]
    # Parameters of the modifier's own, which follow those of the base, and values at which tests look.
    own: ClassVar[tuple[ParameterInfo, ...]] = ()
    own_cases: ClassVar[tuple[tuple[float, ...], ...]] = ((),)

    def __reduce__(self) -> tuple[Any, ...]:
        require_current(type(self))
        return _read, ({"schema": MODEL_SCHEMA, "family": self.info.name, "parameters": self.to_dict()["parameters"]},)

    @classmethod
    @abstractmethod
    def _declaration(cls) -> dict[str, Any]:
        """What the modifier changes in the declaration of its base: kind, support, summary, formula."""

    @classmethod
    def _points(cls) -> tuple[float, ...]:
        """Where a law that has a density elsewhere has points of positive probability."""
        return cls.base._atoms

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        return cls.base._spikes()

    @classmethod
    def _reasonable(cls, parameters: Columns) -> bool:
        """Whether doubles can tell the bulk of the law apart."""
        x = cls._evaluate("icdf", np.array([0.01, 0.99]), parameters)
        return bool(np.isfinite(x).all() and (x[1] - x[0] > 1e-6 * np.max(np.abs(x)) or cls.info.kind != "continuous"))

    @classmethod
    def with_base(cls, base: type[UnivariateFamily]) -> type[ModifiedFamily]:
        """The same modifier of another family."""
        kind = next(c for c in cls.__mro__ if "modifier" in c.__dict__)
        return modified(kind, base, cls.arguments)

    @classmethod
    def _limits(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        """Those of the base, modified alike."""
        from .families import family_class

        own = {parameter.name for parameter in cls.own}
        kept = tuple(LimitArgument(name, "identity", name) for name in (p.name for p in cls.own))
        found: list[LimitInfo] = []
        for limit in cls.base._limits({name: value for name, value in held.items() if name not in own}):
            inner = family_class(limit.family)
            assert issubclass(inner, UnivariateFamily)
            try:
                made = cls.with_base(inner)
            except ParameterError:  # what can be made of the base need not be of its limit
                continue
            arguments = (*limit.arguments, *kept)
            found.append(replace(limit, family=made.info.name, arguments=arguments, threshold=""))
        return tuple(found)

    @classmethod
    def _maximize(
        cls,
        rows: Column | Observations,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> dict[str, Any]:
        result = super()._maximize(rows, held, start, progress)
        # A search walks on for ever towards a family at the end of a parameter's range.
        walking = result["status"] == "iteration_limit" and result["limit"] is None
        return cls._at_limit(rows, held, result) if walking else result

    @classmethod
    def _at_limit(cls, rows: Column | Observations, held: list[float], result: dict[str, Any]) -> dict[str, Any]:
        """The fit of the limit family that has no less likelihood than what a search came to; else what it came to."""
        from .families import family_class
        from .fit import held_parameters

        names = cls.info.parameter_names
        known = {name: value for name, value in zip(names, held, strict=True) if not math.isnan(value)}
        for limit in cls._limits(known):
            law = family_class(limit.family)
            if limit.kind == "interior" or not issubclass(law, UnivariateFamily):
                continue
            null = law._maximize(rows, held_parameters(law, limit.held(known)), None, None)
            if null["status"] != "converged" or not null["log_likelihood"] >= result["log_likelihood"]:
                continue
            theta = dict(zip(names, result["parameters"], strict=True))
            there = dict(zip(law.info.parameter_names, null["parameters"], strict=True))
            theta.update({a.source: there[a.name] for a in limit.arguments if a.transform == "identity"})
            theta[limit.parameter] = limit.value
            unknown = np.full((len(names), len(names)), np.nan)
            return {
                **result,
                "parameters": list(theta.values()),
                "covariance": unknown,
                "standard_errors": [math.nan] * len(names),
                "log_likelihood": null["log_likelihood"],
                "status": "boundary",
                "reason": f"{limit.parameter} is at the end of its range: the maximum is the {limit.family} law",
                "limit": {
                    "family": limit.family,
                    "parameters": null["parameters"],
                    "log_likelihood": null["log_likelihood"],
                    "kind": limit.kind,
                },
            }
        return result

    @classmethod
    def _limit(cls, limit: Mapping[str, Any] | None, added: float = 0.0, own: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """The limit of the base as a limit of what is made of it."""
        from .families import family_class

        if limit is None:
            return None
        base = family_class(limit["family"])
        assert issubclass(base, UnivariateFamily)
        return {
            "family": cls.with_base(base).info.name,
            "parameters": [*limit["parameters"], *own],
            "log_likelihood": float(limit["log_likelihood"]) + added,
            "kind": limit["kind"],
        }


def modified(kind: type[M], base: object, arguments: Mapping[str, float]) -> type[M]:
    """The class of a family made by a modifier; the same call gives the same class."""
    from .families import family_class

    inner = family_class(base)
    if not issubclass(inner, UnivariateFamily):
        raise ParameterError(f"family: {kind.modifier} needs a family of one variable; {inner.__name__} is one of vectors")
    listed = "".join(f", {key}={value!r}" for key, value in arguments.items())
    name = f"{kind.modifier}({inner.info.name}{listed})"
    if len(name) > _LONGEST_NAME:
        raise ParameterError(f"family: names have at most {_LONGEST_NAME} characters; got {len(name)}. Simplify")
    if name.count("(") > _DEEPEST:
        raise ParameterError(f"family: at most {_DEEPEST} modifiers may follow each other; got {name.count('(')}. Simplify")
    if name in _MADE and _MADE[name].base is inner:  # a user's own family may have been defined anew
        return cast("type[M]", _MADE[name])
    class_name = f"{kind.modifier}({inner.__name__}{listed})"
    namespace: dict[str, Any] = {
        "__module__": "thetahat",
        "__slots__": (),
        "base": inner,
        "arguments": types.MappingProxyType(dict(arguments)),
    }
    made = types.new_class(class_name, (kind,), exec_body=lambda body: body.update(namespace))
    parameters = (*inner.info.parameters, *kind.own)
    names = [p.name for p in parameters]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise ParameterError(f"family: {inner.__name__} has a parameter {twice} already; apply {kind.modifier} once")
    made.info = replace(
        inner.info, name=name, class_name=class_name, parameters=parameters, group="none", scipy=None, torch="",
        cases=(), fit_method="passes", limits=(),
    )  # fmt: skip
    made._atoms = made._points()
    made.info = replace(made.info, **made._declaration())
    held = {p.name: p.default for p in parameters if p.default is not None}
    made.info = replace(made.info, cases=_cases(made), limits=made._limits(held))
    made.__doc__ = f"{made.info.summary}\n\n{made.info.formula}\n"
    for position, parameter in enumerate(parameters):
        setattr(made, parameter.name, property(lambda self, p=position: self._values[p], doc=parameter.doc))
    _MADE[name] = made
    return made


def _cases(made: type[ModifiedFamily]) -> tuple[tuple[float, ...], ...]:
    """Those members of the base that the modifier leaves some probability, with the modifier's own parameters."""
    found: list[tuple[float, ...]] = []
    for case in made.base.info.cases:
        for own in made.own_cases:
            values = (*case, *own)
            try:
                made(*values)
            except ThetahatError:
                continue
            if made._reasonable(as_columns(values)):
                found.append(values)
    return tuple(found)


def support_info(lower: float, upper: float, lower_closed: bool, upper_closed: bool, discrete: bool = False) -> SupportInfo:
    """A support with the text that names it."""
    below = "" if math.isinf(lower) else f"{lower:g} {'<=' if lower_closed else '<'} "
    above = "" if math.isinf(upper) else f" {'<=' if upper_closed else '<'} {upper:g}"
    if below and not above:
        text = f"x {'>=' if lower_closed else '>'} {lower:g}"
    else:
        text = f"{below}x{above}" if below or above else "all real x"
    if discrete:
        text = "whole numbers" if text.startswith("all") else f"whole numbers {text}"
    return SupportInfo(lower, upper, lower_closed and not math.isinf(lower), upper_closed and not math.isinf(upper), text)


# Names ---------------------------------------------------------------------------------------------------------------


def family_from_name(name: str, argument: str) -> type[Family]:
    """The class that a name such as `zero_inflated(poisson)` stands for. The text is taken apart, never evaluated."""
    if len(name) > _LONGEST_NAME:
        raise UnknownNameError(f"{argument}: a name of {len(name)} characters names no family")
    try:
        node = ast.parse(name, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnknownNameError(
            f"{argument}: {name!r} names no family; write a modifier's call, such as 'truncated(gamma, low=0, high=10)'"
        ) from None
    return _family_of(node, name, argument)


def _family_of(node: ast.expr, name: str, argument: str) -> type[Family]:
    from . import modifiers
    from .families import family_class

    if isinstance(node, ast.Name):
        return family_class(node.id, argument)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) >= 1):
        raise UnknownNameError(f"{argument}: {name!r} names no family; write modifier(family, name=number)")
    if node.func.id not in modifiers.__all__:
        raise unknown_name(f"{argument}: modifier", node.func.id, modifiers.__all__)
    base = _family_of(node.args[0], name, argument)
    positional = [_number_of(value, name, argument) for value in node.args[1:]]
    if len({k.arg for k in node.keywords}) < len(node.keywords):
        raise UnknownNameError(f"{argument}: {name!r} gives a number twice; name each once")
    named = {str(k.arg): _number_of(k.value, name, argument) for k in node.keywords}
    try:
        return getattr(modifiers, node.func.id)(base, *positional, **named)
    except TypeError as error:
        raise ParameterError(f"{argument}: {name!r}: {error}") from None


def _number_of(node: ast.expr, name: str, argument: str) -> float:
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        sign, node = (-1.0 if isinstance(node.op, ast.USub) else 1.0), node.operand
    if isinstance(node, ast.Name) and node.id == "inf":
        return sign * math.inf
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        try:
            return sign * float(node.value)
        except OverflowError:
            return sign * math.inf
    raise UnknownNameError(f"{argument}: {name!r} may hold numbers and inf alone, as in 'truncated(gamma, low=0, high=inf)'")


def require_current(cls: type[Family]) -> None:
    """Refuses to write a member of a family whose name means another one by now."""
    from .families import family_class

    if family_class(cls.info.name) is not cls:
        raise DataError(f"{cls.__name__}: was defined anew since this member was made; make it again from the new family")


def _read(document: Mapping[str, Any]) -> Family:
    return Family.from_dict(document)


def log1mexp(x: Vector) -> Vector:
    """log(1 - e^x) for x <= 0."""
    with np.errstate(divide="ignore"):
        return np.where(x > -0.6931471805599453, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))
