"""Errors: each is a `ThetahatError` and the builtin error that callers expect.

A message names the argument, the rule, the value, its index, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "DataError",
    "DtypeError",
    "FitError",
    "MissingExtraError",
    "ParameterError",
    "ThetahatError",
    "ThetahatWarning",
    "UnknownNameError",
]


_FEW = 8  # names that are worth listing in full


class ThetahatError(Exception):
    """Base of every error that thetahat raises on purpose."""


class DataError(ThetahatError, ValueError):
    """Observations, weights or a document that cannot be used: values, shape, length."""


class ParameterError(ThetahatError, ValueError):
    """A parameter or an option outside its domain."""


class DtypeError(ThetahatError, TypeError):
    """A type of data that is not read as real numbers; the message has the cast to write."""


class FitError(ThetahatError, RuntimeError):
    """A fit does not have what was asked of it: a status, a model, a standard error."""


class MissingExtraError(ThetahatError, ImportError):
    """An optional dependency is not installed; the message has the command that installs it."""


class UnknownNameError(ThetahatError, ValueError):
    """A family, parameter, status or column that does not exist; the message has the nearest names."""


class ThetahatWarning(UserWarning):
    """The result stands, but a condition for reading it as usual is in doubt."""


def unknown_name(argument: str, name: object, known: Iterable[str], remedy: str = "") -> UnknownNameError:
    """Error for a name that is not among the known ones, with the nearest of them."""
    import difflib

    spelled = {k.lower(): k for k in known}
    text = str(name)
    nearest = difflib.get_close_matches(text.lower(), spelled, n=3, cutoff=0.5)
    hints = ["did you mean " + " or ".join(repr(spelled[n]) for n in nearest) + "?"] if nearest else []
    if not nearest or len(spelled) <= _FEW:
        hints.append(f"known: {', '.join(spelled.values()) or 'none'}.")
    return UnknownNameError(" ".join([f"{argument}: {text!r} is unknown;", *hints, remedy]).rstrip())


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtraError:
    """Error for an optional dependency that is not installed; `extra` is empty where no extra brings it."""
    wanted = f"'thetahat[{extra}]'" if extra else package
    return MissingExtraError(
        f"{purpose} needs {package}, which is not installed; run: pip install {wanted}",
        name=package,
    )
