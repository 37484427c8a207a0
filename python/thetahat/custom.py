"""A family of the user's own, from a density written in Python."""

from __future__ import annotations

import keyword
import math
import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from . import numeric
from .derived import DerivedFamily
from .errors import DataError, ParameterError, ThetahatError, unknown_name
from .families import family_class, register
from .info import Domain, FamilyInfo, ParameterInfo
from .modified import require_current, support_info
from .modifiers import __all__ as modifier_names
from .observations import Observations
from .search import guesses, middles, search
from .table import CountTable, DensityTable
from .terms import as_columns
from .univariate import Columns, Vector

__all__ = ["family"]

LogDensity = Callable[..., Any]
_COORDINATES: dict[str, Any] = {"real": "identity", "positive": "log", "nonnegative": "log", "unit": "logit"}
_TOLERANCE = 1e-6  # of the integral of the density from one


class CustomFamily(DerivedFamily):
    """A family whose density a user wrote; everything else is derived from it by quadrature and differences."""

    __slots__ = ()

    log_density: ClassVar[LogDensity]
    bounds: ClassVar[tuple[float, float]]
    start: ClassVar[Callable[[Vector], Mapping[str, float]] | None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for member in np.unique(np.stack([c.astype(float) for c in self._columns()], axis=1), axis=0):
            self._require_normalised(member.tolist())

    def __reduce__(self) -> tuple[Any, ...]:
        require_current(type(self))
        return _read, (self.to_dict(),)

    @classmethod
    def _table(cls, *member: float) -> DensityTable | CountTable:
        return _table_of(cls, member)

    @classmethod
    def _require_normalised(cls, member: list[float]) -> None:
        log_total = cls._table(*member).log_total
        if abs(math.expm1(log_total)) > _TOLERANCE:
            shown = ", ".join(f"{k}={v!r}" for k, v in zip(cls.info.parameter_names, member, strict=True))
            if cls._table(*member).cut:
                raise ParameterError(
                    f"log_density: counts are summed up to {numeric.MOST_TERMS} terms, which hold {math.exp(log_total):.8g} of the "
                    f"probability at {shown}. Use a continuous family, or a header: see docs/adding_a_family.md"
                )
            verb, what = ("integrate", "integral") if cls.info.kind == "continuous" else ("sum", "sum")
            raise ParameterError(
                f"log_density: its exponential must {verb} to 1 over the support; the {what} is {math.exp(log_total):.8g} at "
                f"{shown}. Subtract the logarithm of the {what}, as a function of the parameters"
            )

    @classmethod
    def _exists(cls, theta: list[float]) -> bool:
        # Whether the density integrates to one is asked at the end of a search, not at every step.
        try:
            for parameter, value in zip(cls.info.parameters, theta, strict=True):
                cls._check(parameter, value)
        except ThetahatError:
            return False
        return True

    @classmethod
    def _raw(cls, x: Vector, parameters: Sequence[Any]) -> Vector:
        """The user's function, checked."""
        with np.errstate(all="ignore"):
            result = cls.log_density(x, *parameters)
        try:
            values = np.asarray(result, dtype=np.float64)
        except (TypeError, ValueError):
            raise ParameterError(
                f"log_density: must return real numbers; got {type(result).__name__}. Use numpy functions of x"
            ) from None
        if values.shape != x.shape:
            raise ParameterError(
                f"log_density: must return one value per row, shape {x.shape}; got shape {values.shape}. "
                "Use numpy functions, elementwise over x"
            )
        # A density may grow without bound towards an end of its support, not inside.
        bad = np.isnan(values) | (np.isposinf(values) & (x != cls.bounds[0]) & (x != cls.bounds[1]))
        if bad.any():
            index = int(np.argmax(bad))
            shown = ", ".join(f"{k}={float(np.broadcast_to(v, x.shape)[index])!r}"
                              for k, v in zip(cls.info.parameter_names, parameters, strict=True))  # fmt: skip
            raise ParameterError(
                f"log_density: must be a number or -inf; got {values[index]!s} at x={x[index]!s} with {shown}. A density that "
                "is negative there has no logarithm; return -inf outside the support"
            )
        return values

    @classmethod
    def _log_density(cls, x: Vector, parameters: Columns) -> Vector:
        lower, upper = cls.bounds
        inside = (x >= lower) & (x <= upper) & np.isfinite(x)
        if cls.info.kind == "discrete":
            inside &= x == np.floor(x)
        out = np.full(len(x), -np.inf)
        out[inside] = cls._raw(x[inside], [p[0] if p.size == 1 else p[inside] for p in parameters])
        return out

    @classmethod
    def _members(cls, n: int, parameters: Columns) -> list[tuple[NDArray[np.intp] | slice, list[float]]]:
        """The rows of every distinct member."""
        if all(p.size == 1 for p in parameters):
            return [(slice(None), [float(p[0]) for p in parameters])]
        distinct, which = np.unique(
            np.stack([np.broadcast_to(p, n) for p in parameters], axis=1), axis=0, return_inverse=True
        )
        return [(np.flatnonzero(which.reshape(-1) == i), member.tolist()) for i, member in enumerate(distinct)]

    @classmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        out = np.empty(len(lower))
        for rows, member in cls._members(len(lower), parameters):
            out[rows] = cls._table(*member).log_between(lower[rows], upper[rows])
        return out

    @classmethod
    def _quantile(cls, q: Vector, upper: bool, parameters: Columns) -> Vector:
        out = np.empty(len(q))
        for rows, member in cls._members(len(q), parameters):
            out[rows] = cls._table(*member).quantile(q[rows], upper)
        return out

    @classmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        x = np.ascontiguousarray(x, dtype=np.float64)
        return cls._differences(len(x), parameters, lambda rows, at, _: cls._log_density(x[rows], as_columns(at)))

    @classmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        def moved(rows: NDArray[np.intp] | slice, at: list[float], member: list[float]) -> Vector:
            table = cls._table(*member).neighbour(lambda x: cls._raw(x, at))
            return table.log_between(lower[rows], upper[rows])

        return cls._differences(len(lower), parameters, moved)

    @classmethod
    def _differences(cls, n: int, parameters: Columns, function: Callable[..., Vector]) -> Vector:
        out = np.empty((n, len(parameters)))
        for rows, member in cls._members(n, parameters):
            columns = numeric.derivatives(
                lambda at, rows=rows, member=member: function(rows, at.tolist(), member),
                np.array(member),
                _units_of(cls, tuple(map(_rounded, member))),
                forward=np.array([v == 0.0 and p.domain == "nonnegative"
                                  for v, p in zip(member, cls.info.parameters, strict=True)]),
            )
            out[rows] = columns.T
        return out

    @classmethod
    def _ends(cls, parameters: Columns) -> tuple[Vector, Vector]:
        return np.array([cls.bounds[0]]), np.array([cls.bounds[1]])

    @classmethod
    def _search(
        cls,
        rows: Observations,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> dict[str, Any]:
        starts = [list(start)] if start is not None else cls._starts(rows, held)
        result = search(cls, rows, held, starts, progress)
        if np.isfinite(result["parameters"]).all():
            cls._require_normalised(result["parameters"])
        return result

    @classmethod
    def _starts(cls, rows: Observations, held: list[float]) -> list[list[float]]:
        """The user's own, or the best of what the data suggest."""
        if cls.start is not None:
            given = cls.start(middles(rows))
            absent = [
                n for n, h in zip(cls.info.parameter_names, held, strict=True) if math.isnan(h) and n not in given
            ]
            if absent:
                raise ParameterError(f"start: lacks {', '.join(absent)}; return a value for every parameter")
            return [[h if not math.isnan(h) else float(given[n])
                     for n, h in zip(cls.info.parameter_names, held, strict=True)]]  # fmt: skip
        return guesses(cls, rows, held)


def family(
    name: str | None = None,
    *,
    log_density: LogDensity,
    parameters: Mapping[str, Domain],
    support: tuple[float, float],
    kind: Literal["continuous", "discrete"] = "continuous",
    start: Callable[[Vector], Mapping[str, float]] | None = None,
) -> type[CustomFamily]:
    """A family from its log density: cdf, quantiles, moments, draws and fits follow from it.

    Parameters
    ----------
    name : how documents and errors call it; default: the name of the function
    log_density : called as log_density(x, *parameters) with x a float64 array of shape (n,) inside the support and each
        parameter a float or an array of that shape; returns the log density, or log probability, of every row, shape (n,)
    parameters : name and domain of each, in the order of the call: "real", "positive", "nonnegative" or "unit"
    support : lower and upper end, infinite where open
    kind : "continuous", or "discrete" for probabilities of the whole numbers of the support
    start : called as start(x) with the data, returns where a fit starts by name; default: the best of a few guesses

    Returns
    -------
    type
        A class that is used like a built-in one: `th.fit`, `th.compare` and the modifiers take it, or its name.

    Raises
    ------
    ParameterError
        when a member's density is NaN, of the wrong shape, or does not integrate to 1 to 1e-6
    UnknownNameError
        for a domain or kind that there is not

    Notes
    -----
    Integrals are Kronrod's rule on panels that are halved until they agree; scores are central differences of fourth order,
    good to about 1e-9 of their size. Counts are summed up to 2**20 terms. A document holds the name alone: to read it
    back, define the family first.

    Examples
    --------
    >>> import numpy as np
    >>> import thetahat as th
    >>> def maxwell(x, scale):
    ...     return 0.5 * np.log(2 / np.pi) + 2 * np.log(x) - 3 * np.log(scale) - 0.5 * (x / scale) ** 2
    >>> Maxwell = th.family(log_density=maxwell, parameters={"scale": "positive"}, support=(0.0, np.inf))
    >>> round(Maxwell(scale=2.0).mean, 10)
    3.1915382432
    >>> fit = th.fit(Maxwell, Maxwell(scale=2.0).sample(1000, seed=1))
    >>> fit.status
    'converged'
    """
    if not callable(log_density):
        raise ParameterError(f"log_density: must be a function of x and the parameters; got {type(log_density).__name__}. "
                             "Text is never evaluated")  # fmt: skip
    name = str(name or getattr(log_density, "__name__", ""))
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name in (*modifier_names, "inf"):
        raise ParameterError(
            f"name: must be a name of letters, digits and _; got {name!r}. Write th.family('my_law', ...)"
        )
    if kind not in ("continuous", "discrete"):
        raise unknown_name("kind", kind, ["continuous", "discrete"])
    if not (isinstance(parameters, Mapping) and parameters):
        raise ParameterError(
            f'parameters: must map at least one name to its domain; got {parameters!r}. Write parameters={{"scale": "positive"}}'
        )
    for parameter, domain in parameters.items():
        if domain not in _COORDINATES:
            raise unknown_name(f"parameters: {parameter}", domain, list(_COORDINATES))
        taken = hasattr(CustomFamily, parameter) or parameter in ("info", *CustomFamily.__annotations__)
        if not parameter.isidentifier() or (taken and parameter != "shape"):
            raise ParameterError(f"parameters: {parameter!r} cannot name one, or is taken; choose another name")
    lower, upper = _support(support)
    info = FamilyInfo(
        name=name, class_name=name, summary=(log_density.__doc__ or f"{name}, a family of the user's own.").strip(),
        formula="the log density that was given", source="", kind=kind, group="none", vector=False, tier=0, accuracy=0,
        accuracy_reason="nothing is known of its rounding",
        fit_method="passes", regular=True, information="observed",
        parameters=tuple(ParameterInfo(n, d, _COORDINATES[d], "", None, False) for n, d in parameters.items()),
        constraint="", support=support_info(lower, upper, True, True, kind == "discrete"), cases=(), alternatives=(),
        scipy=None, torch="", capabilities=family_class("normal").info.capabilities,
    )  # fmt: skip
    namespace: dict[str, Any] = {
        "__doc__": info.summary,
        "__module__": "thetahat",
        "__slots__": (),
        "info": info,
        "log_density": staticmethod(log_density),
        "bounds": (lower, upper),
        "start": None if start is None else staticmethod(start),
    }
    for position, parameter in enumerate(parameters):
        namespace[parameter] = property(lambda self, p=position: self._values[p])
    made = types.new_class(name, (CustomFamily,), exec_body=lambda body: body.update(namespace))
    register(made)
    return made


def _support(support: Any) -> tuple[float, float]:
    try:
        lower, upper = (float(end) for end in support)
    except (TypeError, ValueError):
        raise ParameterError(f"support: must be two numbers; got {support!r}. Write support=(0.0, math.inf)") from None
    if not lower < upper:
        raise ParameterError(f"support: the lower end must be below the upper; got ({lower!r}, {upper!r}). Swap them")
    return lower, upper


@lru_cache(maxsize=64)
def _table_of(made: type[CustomFamily], member: tuple[float, ...]) -> DensityTable | CountTable:
    def log_density(x: Vector) -> Vector:
        return made._raw(x, member)

    return (DensityTable if made.info.kind == "continuous" else CountTable)(log_density, *made.bounds)


def _rounded(value: float) -> float:
    """To three binary digits: how far a parameter moves before it tells is much the same for its neighbours."""
    fraction, exponent = math.frexp(value)
    return math.ldexp(round(8.0 * fraction) / 8.0, exponent)


@lru_cache(maxsize=64)
def _units_of(made: type[CustomFamily], member: tuple[float, ...]) -> Vector:
    """How far each parameter moves before one observation tells: one over the root of Fisher's information."""
    columns = as_columns(member)
    x = made._quantile(np.linspace(0.05, 0.95, 19), False, columns)
    here = made._log_density(x, columns)
    units = np.empty(len(member))
    for j, (value, parameter) in enumerate(zip(member, made.info.parameters, strict=True)):
        widest = (abs(value) or 1.0) if parameter.domain in ("positive", "nonnegative") else min(value, 1.0 - value)
        step = 1e-3 * (widest if parameter.domain != "real" else abs(value) + float(x[-1] - x[0]))
        unit = step
        for _ in range(60):
            moved = list(member)
            moved[j] = value + step
            try:
                change = made._log_density(x, as_columns(moved)) - here
            except ParameterError:
                change = np.full(len(x), np.inf)
            size = float(np.sqrt(np.mean(change * change)))
            if not size < 0.1:
                step *= 0.1
                continue
            unit = step / size if size > 1e-12 else 1e3 * step
            if 1e-6 < size or step >= unit:
                break
            step *= 100.0
        units[j] = unit if parameter.domain == "real" else min(unit, widest)
    return units


def _read(document: Mapping[str, Any]) -> Any:
    from .base import Family

    try:
        return Family.from_dict(document)
    except ThetahatError as error:
        raise DataError(f"{error} Define the family with thetahat.family before its members are read") from None
