"""JSON documents whose floats come back bit for bit, and that carry their schema."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import DataError

__all__ = ["check_document", "decode_number", "encode", "parse", "write"]

_NAMED = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encode(value: Any) -> Any:
    """Plain Python values; NaN and infinities, which JSON lacks, become "nan", "inf", "-inf"."""
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, np.ndarray):
        return encode(value.tolist())
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


def decode_number(value: Any, name: str) -> Any:
    """A float, or an array of floats from nested lists; the inverse of `encode`."""
    if isinstance(value, list):
        try:
            return np.array([decode_number(item, name) for item in value], dtype=np.float64)
        except ValueError as error:
            raise DataError(f"{name}: must be a rectangular list of numbers ({error})") from None
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise DataError(f'{name}: must be a number, "nan", "inf" or "-inf"; got {value!r}')
    return float(value)


def write(document: Mapping[str, Any]) -> str:
    """The document as JSON; floats are written so that they are read back to the same bits."""
    import json

    return json.dumps(document, allow_nan=False)


def parse(text: str | bytes) -> Mapping[str, Any]:
    """A JSON object, or DataError."""
    import json

    try:
        document = json.loads(text)
    except (ValueError, TypeError) as error:
        raise DataError(f"the text is not JSON ({error}); pass what to_json() wrote") from None
    if not isinstance(document, Mapping):
        raise DataError(f"the JSON text must hold an object; got {type(document).__name__}")
    return document


def check_document(document: object, schema: str, required: Sequence[str]) -> None:
    """Refuse what another kind of object or a later version wrote."""
    if not isinstance(document, Mapping):
        raise DataError(f"the document must be a mapping; got {type(document).__name__}")
    found = document.get("schema")
    if found != schema:
        kind = schema.partition("/")[0]
        other = str(found).partition("/")[0]
        remedy = "install a newer thetahat to read it" if other == kind else f"pass what to_dict() of a {kind} wrote"
        raise DataError(f"schema: must be {schema!r}; got {found!r}; {remedy}")
    absent = [name for name in required if name not in document]
    if absent:
        raise DataError(f"the document lacks {', '.join(absent)}; pass what to_dict() wrote, unchanged")
