"""What every family is: frozen parameters, checked once, that can be compared, written and read."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Missing, count, real_array
from .errors import DataError, ParameterError, unknown_name
from .info import FamilyInfo, KeywordInfo, ParameterInfo, forward
from .serialize import check_document, decode_number, encode, parse, write

if TYPE_CHECKING:
    from inspect import Signature

    from .fit import Fit
    from .weights import Weights

__all__ = ["Family"]

Parameter = float | NDArray[np.float64]

_DOMAINS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "real": ("must be finite", "Pass a finite number", np.isfinite),
    "positive": ("must be positive and finite", "Pass {} > 0", lambda v: (v > 0) & np.isfinite(v)),
    "nonnegative": ("must be finite and not negative", "Pass {} >= 0", lambda v: (v >= 0) & np.isfinite(v)),
    "unit": ("must lie strictly between 0 and 1", "Pass 0 < {} < 1", lambda v: (v > 0) & (v < 1)),
    "above_one": ("must exceed 1 and be finite", "Pass {} > 1", lambda v: (v > 1) & np.isfinite(v)),
    "integer": ("must be a whole number", "Round {}", lambda v: np.isfinite(v) & (v == np.floor(v))),
    "count": (
        "must be a whole number from 0 to 2**53",
        "Round {}",
        lambda v: np.isfinite(v) & (v >= 0) & (v <= 2.0**53) & (v == np.floor(v)),
    ),
}
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {"<": np.less, "<=": np.less_equal}

MODEL_SCHEMA = "thetahat.model/1"


class _Signature:
    """The constructor's signature, built when somebody asks."""

    def __get__(self, instance: object, owner: type[Family]) -> Signature:
        from inspect import Parameter as Argument
        from inspect import Signature

        info = getattr(owner, "info", None)
        if info is None:
            return Signature([Argument("args", Argument.VAR_POSITIONAL), Argument("kwargs", Argument.VAR_KEYWORD)])
        replaceable = {name for a in info.alternatives for name in a.replaced}
        arguments: list[Argument] = []
        optional = False
        for p in info.parameters:
            default: Any = Argument.empty if p.default is None else p.default
            # A parameter that another keyword may replace, and all that follow it, cannot be required.
            optional = optional or p.name in replaceable or p.default is not None
            if optional and default is Argument.empty:
                default = None
            arguments.append(Argument(p.name, Argument.POSITIONAL_OR_KEYWORD, default=default, annotation="ArrayLike"))
        arguments += [
            Argument(name, Argument.KEYWORD_ONLY, default=None, annotation="ArrayLike | None")
            for a in info.alternatives
            for name in a.names
        ]
        return Signature(arguments, return_annotation=None)


class Family(ABC):
    """A parametric family of distributions; an instance is one member of it, or an array of them.

    Parameters are scalars or arrays that broadcast with the observations. Instances are frozen, comparable and
    hashable. Classes come from the compiled registry: `thetahat.families()` lists them.
    """

    __slots__ = ("_shape", "_values")
    __signature__: ClassVar[Any] = _Signature()

    info: ClassVar[FamilyInfo]
    _values: tuple[Parameter, ...]
    _shape: tuple[int, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        values = self._bind(args, kwargs)
        try:
            shape = np.broadcast_shapes(*(np.shape(v) for v in values))
        except ValueError:
            shapes = ", ".join(f"{n} {np.shape(v)}" for n, v in zip(self.info.parameter_names, values, strict=True))
            raise ParameterError(
                f"{type(self).__name__}: parameters must broadcast; got shapes {shapes}. Give one length, or scalars"
            ) from None
        _check_constraint(self.info, values)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_shape", shape)

    @classmethod
    def _bind(cls, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Parameter, ...]:
        info = cls.info
        names = info.parameter_names
        if len(args) > len(names):
            raise ParameterError(f"{cls.__name__}: takes {len(names)} parameters ({', '.join(names)}); got {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, (key, value) in resolved(cls, {k: v for k, v in kwargs.items() if v is not None}).items():
            if name in given:
                raise ParameterError(f"{cls.__name__}: {name} is given twice; drop {key}")
            given[name] = value
        values: list[Parameter] = []
        for p in info.parameters:
            value = given.get(p.name, p.default)
            if value is None:
                others = " or ".join(_written(a.names) for a in info.alternatives if p.name in a.replaced)
                raise ParameterError(
                    f"{cls.__name__}: {p.name} is missing; write {p.name}=" + (f" (or {others})" if others else "")
                )
            values.append(cls._check(p, value))
        return tuple(values)

    @classmethod
    def _check(cls, parameter: ParameterInfo, value: object) -> Parameter:
        return check_parameter(cls.__name__, parameter, value)

    # Frozen, comparable, readable -----------------------------------------------------------------------------------

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Canonical parameters by name."""
        return dict(zip(self.info.parameter_names, self._values, strict=True))

    @property
    def shape(self) -> tuple[int, ...]:
        """Common shape of the parameters: () for a single member of the family."""
        return self._shape

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; construct another one to change {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(
            np.shape(a) == np.shape(b) and bool(np.all(a == b))
            for a, b in zip(self._values, other._values, strict=True)  # type: ignore[attr-defined]
        )

    def __hash__(self) -> int:
        # + 0.0 so that -0.0 and 0.0, which are equal, hash alike.
        return hash((type(self).__name__, *((np.shape(v), (np.asarray(v) + 0.0).tobytes()) for v in self._values)))

    def __repr__(self) -> str:
        shown = (
            f"{name}={np.array2string(value, threshold=6, separator=', ')}"
            if isinstance(value, np.ndarray)
            else f"{name}={value!r}"
            for name, value in self.parameters.items()
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    # Documents ------------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Family name and parameters as plain Python values; NaN and infinities are strings."""
        values = {name: encode(value) for name, value in self.parameters.items()}
        return {"schema": MODEL_SCHEMA, "family": self.info.name, "parameters": values}

    def to_json(self) -> str:
        """The document of `to_dict` as JSON; every float is read back to the same bits."""
        return write(self.to_dict())

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The model that `to_dict` wrote. Raises DataError for another schema, UnknownNameError for a family."""
        from .families import family_class

        check_document(document, MODEL_SCHEMA, ("family", "parameters"))
        found = family_class(document["family"], "family")
        if not issubclass(found, cls):
            raise DataError(f"family: the document holds a {found.__name__}; read it with {found.__name__}.from_dict")
        values = document["parameters"]
        if not isinstance(values, Mapping):
            raise DataError(f"parameters: must be a mapping of names to numbers; got {type(values).__name__}")
        return found(**{str(name): decode_number(value, str(name)) for name, value in values.items()})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The model that `to_json` wrote."""
        return cls.from_dict(parse(text))

    # Fitting and sampling -------------------------------------------------------------------------------------------

    @classmethod
    def fit(
        cls,
        x: Any,
        *,
        weights: Any | Weights = None,
        fixed: Mapping[str, float | None] | None = None,
        start: Mapping[str, float] | Family | None = None,
        missing: Missing = "raise",
        progress: Callable[..., object] | None = None,
    ) -> Fit:
        """Maximum-likelihood fit of this family; see `thetahat.fit`."""
        from .fit import fit

        return fit(cls, x, weights=weights, fixed=fixed, start=start, missing=missing, progress=progress)

    @abstractmethod
    def log_prob(self, x: Any) -> Any:
        """Log density or log probability of every observation; -inf outside the support."""

    @abstractmethod
    def log_likelihood(self, x: Any, weights: Any | Weights = None, *, missing: Missing = "raise") -> float:
        """Sum of log_prob over the observations, each times its weight."""

    @abstractmethod
    def sample(self, n: int, *, seed: int | None = None, stream: int = 0) -> NDArray[Any]:
        """n draws; draw i depends on (seed, stream, i) and the family alone. seed=None takes fresh entropy."""

    def prob(self, x: Any) -> Any:
        """Density (continuous) or probability (discrete) of every observation."""
        result = np.exp(self.log_prob(x))
        return float(result) if np.ndim(result) == 0 else result

    def _draws(self, n: int, seed: int | None, stream: int) -> tuple[int, int, int]:
        n = count(n, "n")
        seed = fresh_seed() if seed is None else count(seed, "seed")
        stream = count(stream, "stream")
        for name, value in (("seed", seed), ("stream", stream)):
            if value >= 2**64:
                raise ParameterError(f"{name}: must be below 2**64; got {value}. Write {name}={name} % 2**64")
        if n * math.prod(self._shape) >= 2**60:
            raise ParameterError(f"n: {n} draws of shape {self._shape} exceed the memory of any machine; draw in parts")
        return n, seed, stream


def fresh_seed() -> int:
    """64 bits of the operating system's entropy."""
    import os

    return int.from_bytes(os.urandom(8), "little")


def resolved(cls: type[Family], given: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """What was written for each canonical parameter, and its value, from keywords that may be alternatives such as scale=
    for rate=, or mean= and precision= for two concentrations.
    """
    info = cls.info
    known = [*info.parameter_names, *(name for a in info.alternatives for name in a.names)]
    for key in given:
        if key not in known:
            raise unknown_name(f"{cls.__name__}: parameter", key, known)
    found = {key: (f"{key}=", value) for key, value in given.items() if key in info.parameter_names}
    for alternative in info.alternatives:
        absent = [name for name in alternative.names if name not in given]
        if len(absent) == len(alternative.names):
            continue
        written = _written(alternative.names)
        if absent:
            raise ParameterError(
                f"{cls.__name__}: {written} go together, in place of {_written(alternative.replaced)}; add {absent[0]}="
            )
        values = {k.name: check_parameter(cls.__name__, _as_parameter(k), given[k.name]) for k in alternative.keywords}
        try:
            np.broadcast_shapes(*(np.shape(v) for v in values.values()))
        except ValueError:
            shapes = ", ".join(f"{n} {np.shape(v)}" for n, v in values.items())
            raise ParameterError(f"{cls.__name__}: {written} must broadcast; got shapes {shapes}. Give one length") from None
        for each in alternative.parameters:
            if each.parameter in found:
                raise ParameterError(f"{cls.__name__}: {each.parameter} is given twice; drop {written}")
            value = forward(each.transform, values[each.first], values.get(each.second))
            found[each.parameter] = written, value
    return found


def _written(names: Sequence[str]) -> str:
    return " and ".join(f"{name}=" for name in names)


def _as_parameter(keyword: KeywordInfo) -> ParameterInfo:
    return ParameterInfo(keyword.name, keyword.domain, "identity", keyword.doc, None, False)


def check_parameter(owner: str, parameter: ParameterInfo, value: object) -> Parameter:
    """The value as a float or a read-only float64 array, or an error with rule, value and index."""
    rule, remedy, holds = _DOMAINS[parameter.domain]
    remedy = remedy.format(parameter.name) + (f" ({parameter.doc})" if parameter.doc else "")
    source = real_array(value, f"{owner}: {parameter.name}")
    if source.ndim == 0:
        number = float(source)
        if not holds(number):
            raise ParameterError(f"{owner}: {parameter.name} {rule}; got {number!r}. {remedy}")
        return number
    array = np.array(source, dtype=np.float64, order="C")
    good = holds(array)
    if not good.all():
        index = int(np.argmin(good.reshape(-1)))
        raise ParameterError(
            f"{owner}: {parameter.name} {rule}; got {float(array.reshape(-1)[index])!r} at index {index} "
            f"({int((~good).sum())} in all). {remedy}"
        )
    array.flags.writeable = False
    return array


def _check_constraint(info: FamilyInfo, values: tuple[Parameter, ...]) -> None:
    """A chain such as low <= mode <= high, or abs(skewness) < tailweight."""
    if not info.constraint:
        return
    words = info.constraint.split()
    by_name = dict(zip(info.parameter_names, values, strict=True))
    names = [word.removeprefix("abs(").removesuffix(")") for word in words[::2]]
    sides = np.broadcast_arrays(
        *(np.abs(by_name[n]) if w.startswith("abs(") else by_name[n] for n, w in zip(names, words[::2], strict=True))
    )
    good = np.ones(sides[0].shape, dtype=bool)
    for order, left, right in zip(words[1::2], sides, sides[1:], strict=False):
        good &= _ORDERS[order](left, right)
    if not good.all():
        index = int(np.argmin(good.reshape(-1)))
        place = f" at index {index}" if good.ndim else ""
        shown = (f"{n}={float(np.broadcast_to(by_name[n], good.shape).reshape(-1)[index])!r}" for n in names)
        raise ParameterError(
            f"{info.class_name}: must have {info.constraint}; got {', '.join(shown)}{place}. Exchange or separate them"
        )
