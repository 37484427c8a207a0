"""The families as classes, made from the compiled registry: no family is listed here."""

from __future__ import annotations

import types
from typing import Any, Literal

from . import _core
from .base import Family
from .compiled import CompiledFamily
from .documentation import family_docstring
from .errors import ParameterError, unknown_name
from .info import FamilyInfo
from .vector import VectorFamily


def _make(index: int, entry: dict[str, Any]) -> type[Family]:
    info = FamilyInfo.from_registry(entry)
    namespace: dict[str, Any] = {
        "__doc__": family_docstring(info),
        "__module__": "thetahat",
        "__slots__": (),
        "info": info,
        "_index": index,
    }
    for position, parameter in enumerate(info.parameters):
        namespace[parameter.name] = property(lambda self, p=position: self._values[p], doc=parameter.doc)
    base: type[Family] = VectorFamily if info.vector else CompiledFamily
    return types.new_class(info.class_name, (base,), exec_body=lambda body: body.update(namespace))


_CLASSES: tuple[type[Family], ...] = tuple(_make(i, entry) for i, entry in enumerate(_core.registry()))
_BY_NAME: dict[str, type[Family]] = {cls.info.name: cls for cls in _CLASSES}
_BY_NAME.update({cls.__name__: cls for cls in _CLASSES})
globals().update({cls.__name__: cls for cls in _CLASSES})

_USERS: dict[str, type[Family]] = {}

__all__ = [cls.__name__ for cls in _CLASSES]  # pyright: ignore[reportUnsupportedDunderAll]


def families(kind: Literal["continuous", "discrete"] | None = None) -> list[type[Family]]:
    """Every family as a class, in the order of the registry; each has its declaration as `.info`."""
    if kind not in (None, "continuous", "discrete"):
        raise unknown_name("kind", kind, ["continuous", "discrete"])
    return [cls for cls in _CLASSES if kind is None or cls.info.kind == kind]


def family_class(family: object, argument: str = "family") -> type[Family]:
    """The class of a family given as its name ("gamma"), its class name, or the class itself."""
    if isinstance(family, type) and issubclass(family, Family) and hasattr(family, "info"):
        return family
    if isinstance(family, str) and family in _BY_NAME:
        return _BY_NAME[family]
    if isinstance(family, str) and family in _USERS:
        return _USERS[family]
    if isinstance(family, str) and "(" in family:
        from .modified import family_from_name

        return family_from_name(family, argument)
    if not isinstance(family, str):
        remedy = "type(model)" if isinstance(family, Family) else f'"{_CLASSES[0].info.name}"'
        raise ParameterError(f"{argument}: must be a family's name or class; got {family!r}. Pass {remedy}")
    raise unknown_name(argument, family, [*list(_BY_NAME)[: len(_CLASSES)], *_USERS], "thetahat.families() lists all.")


def register(cls: type[Family]) -> None:
    """Let a user's own family be found by its name; a later one of the same name takes its place."""
    if cls.info.name in _BY_NAME:
        raise ParameterError(f"name: {cls.info.name!r} is a family of thetahat's own. Choose another name")
    _USERS[cls.info.name] = cls
