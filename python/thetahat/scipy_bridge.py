"""To and from frozen scipy.stats distributions, by the arguments that each family declares."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from .base import Family
from .errors import DataError, missing_extra
from .info import LOG_LINEAR, ScipyArgument, backward, forward

__all__ = ["arguments_of", "from_scipy", "moved", "to_scipy"]

F = TypeVar("F", bound=Family)

_DEFAULTS = {"loc": 0.0, "scale": 1.0}


def to_scipy(model: Family) -> Any:
    """The frozen scipy.stats distribution with the densities of `model`."""
    info = model.info.scipy
    if info is None:
        raise DataError(f"{model.info.class_name}: scipy.stats has no distribution with these densities")
    values = model.parameters
    arguments = {
        a.name: forward(a.transform, values.get(a.first), values.get(a.second), a.value, values.get(a.third))
        for a in info.arguments
    }
    return getattr(_stats(), info.name)(**arguments)


def from_scipy(cls: type[F], frozen: Any) -> F:
    """The model of class `cls` (or of a family derived from it) with the densities of `frozen`."""
    from .families import families

    name = getattr(getattr(frozen, "dist", None), "name", None)
    if name is None:
        raise DataError(
            f"frozen: must be a frozen scipy.stats distribution such as scipy.stats.norm(0, 1); "
            f"got {type(frozen).__name__}"
        )
    candidates = [f for f in families() if issubclass(f, cls) and f.info.scipy and f.info.scipy.name == name]
    reasons: list[str] = []
    for candidate in candidates:
        try:
            return candidate(**_solve(candidate, frozen))
        except DataError as error:
            reasons.append(str(error))
    if reasons:
        raise DataError("; ".join(reasons))
    wanted = cls.info.scipy.name if hasattr(cls, "info") and cls.info.scipy else "a distribution that thetahat has"
    raise DataError(f"frozen: must be {wanted}; got scipy.stats.{name}")


def _solve(family: type[Family], frozen: Any) -> dict[str, Any]:
    """Parameters from scipy's arguments: each declared equation is solved for the one parameter not yet known."""
    info = family.info.scipy
    assert info is not None
    given = arguments_of(frozen)
    parameters: dict[str, Any] = {}
    pending = []
    for argument in info.arguments:
        value = given.pop(argument.name, _DEFAULTS.get(argument.name))
        if argument.transform == "constant":
            if not np.all(value == argument.value):
                raise DataError(
                    f"{family.__name__}: needs {argument.name}={argument.value:g} of scipy.stats."
                    f"{info.name}; got {value}"
                )
        else:
            pending.append((argument, value))
    for name, value in given.items():
        if name in _DEFAULTS and not np.all(value == _DEFAULTS[name]):
            raise DataError(
                f"{family.__name__}: has no {name}; scipy.stats.{info.name} must leave it at "
                f"{_DEFAULTS[name]:g}; got {value}"
            )
    while pending:
        solved = len(parameters)
        for argument, value in list(pending):
            known = {side: parameters.get(getattr(argument, side)) for side in ("first", "second", "third")}
            unknown = [side for side in known if getattr(argument, side) and known[side] is None]
            if len(unknown) == 1:
                parameters[getattr(argument, unknown[0])] = backward(argument.transform, value, **known)
            elif not unknown and not np.allclose(
                forward(argument.transform, known["first"], known["second"], third=known["third"]),
                value,
                rtol=1e-12,
                atol=0.0,
            ):
                raise DataError(
                    f"{family.__name__}: has no member with {argument.name}={value} beside the other "
                    f"arguments of scipy.stats.{info.name}"
                )
            if len(unknown) <= 1:
                pending.remove((argument, value))
        if pending and len(parameters) == solved and (together := _solve_together(pending, parameters)):
            parameters.update(together)
        elif pending and len(parameters) == solved:
            names = ", ".join(argument.name for argument, _ in pending)
            raise DataError(
                f"{family.__name__}: the arguments {names} of scipy.stats.{info.name} determine no parameter"
            )
    return parameters


def _solve_together(pending: list[tuple[ScipyArgument, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
    """Equations that are linear in logarithms, two or more at once; nothing where they do not determine the rest."""
    unknown = sorted({name for a, _ in pending for name in (a.first, a.second) if name and name not in parameters})
    if len(pending) != len(unknown) or not all(a.transform in LOG_LINEAR for a, _ in pending):
        return {}
    matrix, right = np.zeros((len(pending), len(unknown))), []
    for row, (argument, value) in enumerate(pending):
        rest = np.log(value)
        for name, power in zip((argument.first, argument.second), LOG_LINEAR[argument.transform], strict=True):
            if name in unknown:
                matrix[row, unknown.index(name)] += power
            elif name:
                rest = rest - power * np.log(parameters[name])
        right.append(rest)
    inverse = np.linalg.inv(matrix)
    return {name: np.exp(sum(inverse[i, j] * right[j] for j in range(len(right)))) for i, name in enumerate(unknown)}


def arguments_of(frozen: Any) -> dict[str, Any]:
    """Arguments of a frozen distribution by name: shapes, then loc, then scale for continuous ones."""
    shapes = frozen.dist.shapes.replace(",", " ").split() if frozen.dist.shapes else []
    given = dict(zip([*shapes, "loc", "scale"], frozen.args, strict=False))
    given.update(frozen.kwds)
    return given


def moved(frozen: Any, loc: Any, scale: float) -> Any:
    """The frozen distribution of loc + scale X, for scale > 0."""
    given = arguments_of(frozen)
    given["loc"] = loc + scale * given.get("loc", _DEFAULTS["loc"])
    if scale != 1.0:
        given["scale"] = scale * given.get("scale", _DEFAULTS["scale"])
    return frozen.dist(**given)


def _stats() -> Any:
    try:
        import scipy.stats
    except ImportError:
        raise missing_extra("scipy", "", "to_scipy()") from None
    return scipy.stats
