"""What users hold (numpy, lists, torch, pandas, polars, Arrow, xarray, DLPack) as numpy arrays.

No copy is made where the source has its numbers in one piece of memory, and nothing is written into it. Any stride,
byte order and real dtype passes through untouched: the compiled core widens to float64 tile by tile.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from . import _core
from .errors import DataError, DtypeError, ParameterError, missing_extra

__all__ = ["Column", "Missing", "observations", "real_array", "rows"]

Missing = Literal["raise", "drop"]
Array = NDArray[Any]

_CPU_DEVICES = (1, 3)  # DLPack: host memory, plain or pinned

_CASTS = {
    "c": "has complex values; pass {x}.real or abs({x})",
    "b": "has booleans; write {x}.astype(numpy.int8) to count them",
    "U": "has text; convert it first: numpy.asarray({x}, dtype=numpy.float64), after removing header or text rows",
    "S": "has bytes; convert them first: numpy.asarray({x}, dtype=numpy.float64)",
    "T": "has text; convert it first: numpy.asarray({x}, dtype=numpy.float64)",
    "O": "has Python objects; write numpy.asarray({x}, dtype=numpy.float64)",
    "M": "has dates; subtract a start and divide by a unit: ({x} - {x}.min()) / numpy.timedelta64(1, 's')",
    "m": "has time differences; divide by a unit: {x} / numpy.timedelta64(1, 's')",
    "V": "is a structured array; pass one field: {x}['name']",
}


@dataclass(frozen=True, slots=True)
class Column:
    """Observations and weights ready for the core: equal length, no nulls, and how many rows were dropped."""

    values: Array
    weights: Array | None
    dropped: int


def observations(
    x: object, weights: object = None, *, missing: Missing = "raise", name: str = "x", exact: bool = True
) -> Column:
    """One column of observations, with its weights; without `exact`, integers beyond 2**53 are left to the core.

    Raises DataError for a wrong shape, nulls or unusable weights, DtypeError for what is not real numbers.
    """
    _check_missing(missing)
    values, nulls = _convert(x, name, exact)
    if values.ndim != 1:
        raise _wrong_shape(values, name)
    return _finish(values, nulls, weights, missing, name)


def rows(x: object, weights: object = None, *, missing: Missing = "raise", name: str = "x") -> Column:
    """Observations that are vectors: a (n, d) array, or a data frame with one column per coordinate."""
    _check_missing(missing)
    values, nulls = _convert(x, name)
    if values.ndim != 2 or values.shape[1] == 0:
        raise DataError(
            f"{name}: must have shape (n, d) with d >= 1; got {values.shape}. "
            "Stack the coordinates: numpy.column_stack([longitude, latitude])"
        )
    return _finish(values, nulls, weights, missing, name)


def real_array(x: object, name: str, *, exact: bool = True) -> Array:
    """Numbers of any shape, none of them null; a scalar gives shape (). `exact` as for `observations`."""
    if type(x) is float:
        return np.asarray(x)
    values, nulls = _convert(x, name, exact)
    if nulls is not None:
        raise _null_error(nulls, name)
    return values


def count(value: object, name: str, *, least: int = 0) -> int:
    """A whole number given as an argument."""
    try:
        number = value.__index__()  # type: ignore[attr-defined]
    except AttributeError:
        raise ParameterError(f"{name}: must be a whole number; got {value!r}. Write {name}=int({name})") from None
    if number < least:
        raise ParameterError(f"{name}: must be at least {least}; got {number}")
    return number


def _check_missing(missing: str) -> None:
    if missing not in ("raise", "drop"):
        raise ParameterError(f'missing: must be "raise" or "drop"; got {missing!r}')


def _finish(values: Array, nulls: Array | None, weights: object, missing: Missing, name: str) -> Column:
    length = len(values)
    if length == 0:
        raise DataError(f"{name}: must have at least one observation; got an empty array. Check the filter or the file")
    column = None if weights is None else _weights(weights, length)
    if missing == "raise":
        if nulls is not None:
            raise _null_error(nulls, name)
        return Column(values, column, 0)
    absent = nulls
    if values.dtype.kind == "f":
        nan = np.isnan(values) if values.ndim == 1 else np.isnan(values).any(axis=1)
        if nan.any():
            absent = nan if absent is None else absent | nan
    if absent is None:
        return Column(values, column, 0)
    kept = ~absent
    dropped = int(absent.sum())
    if dropped == length:
        raise DataError(f"{name}: all {length} values are missing; nothing is left after missing='drop'")
    return Column(values[kept], None if column is None else column[kept], dropped)


def _weights(weights: object, length: int) -> Array:
    values, nulls = _convert(weights, "weights")
    if nulls is not None:
        raise _null_error(nulls, "weights", "Fill them: a weight of 0 leaves an observation out")
    if values.shape != (length,):
        raise DataError(
            f"weights: must have one value per observation, shape ({length},); got shape {values.shape}. "
            "Pass weights of the same length as x"
        )
    low, high, finite = _core.extent(values)
    if not finite or low < 0:
        bad = ~(values >= 0) | np.isinf(values)
        index = int(np.argmax(bad))
        raise DataError(
            f"weights: must be finite and not negative; got {values[index]!s} at index {index} "
            f"({_times(int(bad.sum()))} in all). A weight of 0 leaves an observation out"
        )
    if high == 0:
        raise DataError(f"weights: at least one must be positive; all {length} are 0. Leave weights out to count rows")
    return values


# One source after the other -------------------------------------------------------------------------------------


def _convert(x: object, name: str, exact: bool = True) -> tuple[Array, Array | None]:
    """Numbers as they lie in memory, and a mask of nulls (None when there are none)."""
    nulls: Array | None = None
    if type(x) is np.ndarray:
        values = x
    elif isinstance(x, np.ma.MaskedArray):
        values, nulls = np.asarray(x.data), _any(np.ma.getmaskarray(x))
    else:
        library = type(x).__module__.partition(".")[0]
        if library == "pandas":
            values, nulls = _from_pandas(x, name)
        elif library == "polars":
            values, nulls = _from_polars(x, name)
        elif library == "pyarrow":
            values, nulls = _from_pyarrow(x, name)
        elif library == "torch":
            values = _from_torch(x, name)
        else:
            values, nulls = _from_protocol(x, name)
    if nulls is not None and nulls.ndim > 1:
        nulls = np.asarray(nulls.reshape(len(nulls), -1).any(axis=1))
    if values.dtype.kind not in "fiu" or values.dtype.itemsize > 8:
        raise _dtype_error(values, name)
    if exact and values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        _core.require_exact(values.reshape(-1), name)
    return values, nulls


def _any(mask: Array) -> Array | None:
    return mask if mask.any() else None


def _from_pandas(x: Any, name: str) -> tuple[Array, Array | None]:
    if getattr(x, "ndim", 1) == 2:
        kinds = {str(dtype) for dtype in x.dtypes}
        if any(not isinstance(dtype, np.dtype) for dtype in x.dtypes):
            raise DtypeError(
                f"{name}: the data frame has columns of type {', '.join(sorted(kinds))}; "
                "write frame.to_numpy(dtype=float) after handling missing values"
            )
        return x.to_numpy(), None
    if isinstance(x.dtype, np.dtype):
        return x.to_numpy(), None
    try:
        target = np.dtype(getattr(x.dtype, "numpy_dtype", np.dtype(object)))
    except TypeError:
        target = np.dtype(object)
    if target.kind not in "fiu":
        raise DtypeError(f"{name}: a pandas column of type {x.dtype} is not numbers; write x.astype(float)")
    nulls = _any(np.asarray(x.isna(), dtype=bool))
    if nulls is None:
        return x.to_numpy(dtype=target), None
    return x.to_numpy(dtype=target, na_value=0), nulls


def _from_polars(x: Any, name: str) -> tuple[Array, Array | None]:
    if hasattr(x, "collect_schema") and not hasattr(x, "to_numpy"):
        raise DtypeError(f"{name}: a polars LazyFrame holds no data yet; write x.collect()")
    series = x.get_columns() if hasattr(x, "get_columns") else [x]
    for one in series:
        if not (one.dtype.is_integer() or one.dtype.is_float()):
            raise DtypeError(
                f"{name}: a polars column of type {one.dtype} is not numbers; write x.cast(polars.Float64)"
            )
    masks = [one.is_null().to_numpy() for one in series if one.null_count()]
    if not masks:
        return x.to_numpy(), None
    return x.fill_null(0).to_numpy(), np.logical_or.reduce(masks)


def _from_pyarrow(x: Any, name: str) -> tuple[Array, Array | None]:
    import pyarrow

    if isinstance(x, (pyarrow.Table, pyarrow.RecordBatch)):
        columns = [
            _from_pyarrow(column, f"{name}[{label!r}]") for label, column in zip(x.schema.names, x.columns, strict=True)
        ]
        masks = [mask for _, mask in columns if mask is not None]
        values = np.column_stack([column for column, _ in columns]) if columns else np.empty((len(x), 0))
        return values, np.logical_or.reduce(masks) if masks else None
    if not isinstance(x, (pyarrow.Array, pyarrow.ChunkedArray)):
        raise DtypeError(f"{name}: {type(x).__name__} is not an Arrow array; pass one column: table['name']")
    if not (pyarrow.types.is_integer(x.type) or pyarrow.types.is_floating(x.type)):
        raise DtypeError(f"{name}: an Arrow column of type {x.type} is not numbers; write x.cast(pyarrow.float64())")
    nulls: Array | None = None
    if x.null_count:
        nulls = np.asarray(
            x.is_null().to_numpy(zero_copy_only=False) if isinstance(x, pyarrow.Array) else x.is_null().to_numpy()
        )
        x = x.fill_null(0)
    if isinstance(x, pyarrow.ChunkedArray):
        if x.num_chunks != 1:
            return x.to_numpy(), nulls
        x = x.chunk(0)
    return x.to_numpy(zero_copy_only=True), nulls


def _from_torch(x: Any, name: str) -> Array:
    if x.device.type != "cpu":
        raise DtypeError(f"{name}: the tensor is on {x.device}; write x.cpu()")
    if x.requires_grad:
        raise DtypeError(f"{name}: the tensor requires gradients, which numpy results do not carry; write x.detach()")
    try:
        return x.numpy()
    except (TypeError, RuntimeError) as error:
        raise DtypeError(f"{name}: a tensor of type {x.dtype} is not readable; write x.double() ({error})") from None


def _from_protocol(x: Any, name: str) -> tuple[Array, Array | None]:
    device = getattr(x, "__dlpack_device__", None)
    if device is not None and device()[0] not in _CPU_DEVICES:
        raise DtypeError(f"{name}: the data is on another device; copy it to the host first, x.cpu() or x.get()")
    if not hasattr(x, "__array__") and not isinstance(x, (list, tuple, memoryview, bytearray, bytes)):
        if hasattr(x, "__dlpack__"):
            return np.from_dlpack(x), None
        if hasattr(x, "__arrow_c_array__") or hasattr(x, "__arrow_c_stream__"):
            return _from_capsule(x, name)
    try:
        values = np.asarray(x)
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"{name}: is not a rectangular array of numbers ({error}). Pass lists of equal length"
        ) from None
    except TypeError as error:
        raise DtypeError(
            f"{name}: {type(x).__name__} is not readable as numbers ({error}). Pass a numpy array"
        ) from None
    if values.dtype.kind == "O" and isinstance(x, (list, tuple)):
        nulls = np.fromiter((value is None for value in values.flat), bool, values.size).reshape(values.shape)
        if nulls.any():
            try:
                return np.where(nulls, 0.0, values).astype(np.float64), nulls
            except (TypeError, ValueError):
                pass
    return values, None


def _from_capsule(x: Any, name: str) -> tuple[Array, Array | None]:
    if "pyarrow" not in sys.modules:
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise missing_extra("pyarrow", "parquet", f"{name}: reading {type(x).__name__} through Arrow") from None
    pyarrow = cast(Any, sys.modules["pyarrow"])
    if hasattr(x, "__arrow_c_array__"):
        return _from_pyarrow(pyarrow.array(x), name)
    stream = pyarrow.RecordBatchReader.from_stream(x) if _is_frame(x) else pyarrow.chunked_array(x)
    return _from_pyarrow(stream.read_all() if hasattr(stream, "read_all") else stream, name)


def _is_frame(x: Any) -> bool:
    return hasattr(x, "columns") or hasattr(x, "column_names")


# What is refused ---------------------------------------------------------------------------------------------------


def _dtype_error(values: Array, name: str) -> DtypeError | DataError:
    kind, cast = (
        values.dtype.kind,
        _CASTS.get(values.dtype.kind, "is wider than float64; write {x}.astype(numpy.float64)"),
    )
    cast = cast.format(x=name.rpartition(": ")[2])
    if kind == "O" and values.ndim == 0:
        if isinstance(values.item(), int):
            return _large_integer(values.item(), name)
        return DtypeError(
            f"{name}: {type(values.item()).__name__} is not an array of numbers; pass a numpy array or list"
        )
    if kind == "O" and values.size:
        first = next((i for i, value in enumerate(values.flat) if not isinstance(value, (int, float, np.number))), 0)
        return DtypeError(f"{name}: {cast}; index {first} holds {_shown(values.flat[first])}")
    return DtypeError(f"{name}: dtype {values.dtype} {cast}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _wrong_shape(values: Array, name: str) -> DataError:
    if values.ndim == 0:
        remedy = f"Pass a list: [{name}]"
    elif values.ndim == 2:
        remedy = f"Pass one column, {name}[:, 0] or frame['name'], or all values together: {name}.ravel()"
    else:
        remedy = f"Pass all values together: {name}.ravel()"
    return DataError(f"{name}: must have one dimension; got shape {values.shape}. {remedy}")


def _null_error(nulls: Array, name: str, remedy: str = 'Pass missing="drop", or fill them first') -> DataError:
    index = int(np.argmax(nulls))
    return DataError(f"{name}: has {_times(int(nulls.sum()), 'null')}, the first at index {index}. {remedy}")


def _times(number: int, noun: str = "value") -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _large_integer(value: int, name: str) -> DataError:
    return DataError(
        f"{name}: integers must lie within 2**53, where float64 is exact; got {value}. "
        f"Write {name.rpartition(': ')[2]}.astype(numpy.float64) to accept rounding"
    )
