"""Columns of numbers out of files, and samples into them, for the command line.

Delimited text and `.npy` are read with numpy and the standard library, Parquet and Arrow with `thetahat[parquet]`.
Nothing is ever evaluated or unpickled. A file is written under a temporary name beside its place and then renamed, so
that a reader sees the old file or the whole new one.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import os
import pathlib
import sys
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TextIO

import numpy as np

from .errors import DataError, missing_extra, unknown_name
from .report import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROWS_AT_ONCE = 65_536
DELIMITERS = "\t;|, "
MISSING = frozenset({"", "na", "n/a", "nan", "-nan", "+nan", "null", "none"})
PARQUET = frozenset({".parquet", ".pq"})
ARROW = frozenset({".arrow", ".feather", ".ipc"})


class FileColumn(NamedTuple):
    """One column; integers where every entry is a whole number. `missing` rows were left out."""

    name: str
    values: np.ndarray
    missing: int = 0


class _Entries(NamedTuple):
    """One column as it stands in the file, and which of its rows hold a value."""

    name: str
    values: np.ndarray
    present: np.ndarray


def read_columns(
    path: str | os.PathLike[str],
    wanted: Sequence[str] = (),
    *,
    several: bool = False,
    drop_missing: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[FileColumn]:
    """The wanted columns of a file, by name or by number from 1.

    When none is named, the file's only column, or all of them if `several`. Rows in which one of the columns is missing
    are refused, with the place of the first, or left out if `drop_missing`. `progress(done, total)` counts bytes.

    Raises DataError when the file, a column, or a number in it is not there; MissingExtraError without pyarrow.
    """
    path = pathlib.Path(path)
    read = {".npy": _read_npy, **dict.fromkeys(PARQUET, _read_parquet), **dict.fromkeys(ARROW, _read_arrow)}
    try:
        if path.is_dir():
            raise DataError(f"{printable(path)}: a file is needed, this is a folder")
        if path.suffix.lower() in read:
            entries = read[path.suffix.lower()](path, lambda names: _choose(names, wanted, several))
        else:
            entries = _read_text(path, lambda names: _choose(names, wanted, several), drop_missing, progress)
    except FileNotFoundError as error:
        raise DataError(f"{printable(path)}: there is no such file{_near_file(path)}") from error
    except OSError as error:
        raise DataError(f"{printable(path)}: the file cannot be read: {printable(error.strerror or error)}") from error

    present = np.logical_and.reduce([column.present for column in entries])
    missing = len(present) - int(present.sum())
    if missing and not drop_missing:
        place = int(np.argmin(present))
        column = next(column for column in entries if not column.present[place])
        raise DataError(
            f"row {place + 1}, column {printable(column.name)}: there is no value, as in {missing} of {len(present)} "
            "rows; --missing drop leaves them out"
        )
    if len(present) == missing:
        raise DataError(f"{printable(path)}: there is no row with a value; at least one is needed")
    return [
        FileColumn(column.name, column.values[present] if missing else column.values, missing) for column in entries
    ]


def _near_file(path: pathlib.Path) -> str:
    import difflib

    with contextlib.suppress(OSError):
        near = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], n=3)
        if near:
            return f"; near it: {', '.join(map(printable, near))}"
    return ""


def _choose(names: Sequence[str], wanted: Sequence[str], several: bool) -> list[int]:
    """Where the wanted columns stand among the names."""
    if not wanted:
        if len(names) > 1 and not several:
            listed = ", ".join(map(printable, names[:12])) + (", …" if len(names) > 12 else "")
            raise DataError(f"the file has {len(names)} columns; choose one with --column: {listed}")
        return list(range(len(names)))
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    for name in wanted:
        if name not in places and name.isdecimal() and 1 <= int(name) <= len(names):
            places[name] = int(name) - 1
        elif name not in places:
            raise unknown_name(
                "column", printable(name), map(printable, names), "A column's number from 1 will do, too."
            )
    return [places[name] for name in wanted]


# Delimited text ------------------------------------------------------------------------------------------------------


def _read_text(
    path: pathlib.Path,
    choose: Callable[[Sequence[str]], list[int]],
    drop_missing: bool,
    progress: Callable[[int, int], None] | None,
) -> list[_Entries]:
    try:
        with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
            total = os.fstat(raw.fileno()).st_size
            return _parse(stream, path, choose, drop_missing, lambda: progress and progress(raw.tell(), total))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{printable(path)}: must be UTF-8 text; save it as such, and name binary files .npy, .parquet or .arrow"
        ) from error
    except csv.Error as error:
        raise DataError(f"{printable(path)}: the text is not delimited columns: {printable(error)}") from error


def _parse(
    stream: TextIO,
    path: pathlib.Path,
    choose: Callable[[Sequence[str]], list[int]],
    drop_missing: bool,
    tick: Callable[[], object],
) -> list[_Entries]:
    head = list(itertools.islice(stream, 64))
    rows = csv.reader(itertools.chain(head, stream), delimiter=_delimiter(head, path), skipinitialspace=True)
    # A blank line is a row without cells; a row of empty cells has missing values.
    first = next(filter(None, rows), None)
    if first is None:
        raise DataError(f"{printable(path)}: the file is empty; at least one row of numbers is needed")
    header = not any(map(_is_number, first))
    names = [(cell.strip() if header else "") or str(place + 1) for place, cell in enumerate(first)]
    columns = [_Text(place, names[place], drop_missing) for place in choose(names)]
    if not header:
        for column in columns:
            column.take([first], rows.line_num)
    line = rows.line_num + 1
    while block := list(itertools.islice(rows, ROWS_AT_ONCE)):
        for column in columns:
            column.take(block, line)
        line = rows.line_num + 1
        tick()
    return [column.entries() for column in columns]


def _delimiter(head: Sequence[str], path: pathlib.Path) -> str:
    """Tab for .tsv; else the first that splits the first lines into equally many columns, if only one."""
    if path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    for delimiter in DELIMITERS:
        widths = {len(row) for row in csv.reader(head, delimiter=delimiter, skipinitialspace=True) if row}
        if len(widths) == 1 and widths != {1}:
            return delimiter
    # Ragged or single: the first line decides, and a row that is too short is named when it is met.
    return max(",\t;|", key=lambda delimiter: head[0].count(delimiter) if head else 0)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


class _Text:
    """The cells of one column, turned to numbers block by block."""

    def __init__(self, place: int, name: str, drop_missing: bool) -> None:
        self.place, self.name, self.drop_missing = place, name, drop_missing
        self.values: list[np.ndarray] = []
        self.present: list[np.ndarray] = []

    def take(self, block: Sequence[Sequence[str]], line: int) -> None:
        """Append the rows of a block, the first of which begins on the given line of the file."""
        try:
            cells = [row[self.place] for row in (block if all(block) else filter(None, block))]
        except IndexError:
            row = next(k for k, row in enumerate(block) if row and len(row) <= self.place)
            raise DataError(
                f"{self._where(block, row, line)}: the row has {len(block[row])} cells; this is cell {self.place + 1}"
            ) from None
        values = _numbers(cells)
        if values is None:
            present = np.array([not _is_missing(cell) for cell in cells])
            found = _numbers([cell for cell, there in zip(cells, present, strict=True) if there])
            if found is None:
                raise self._not_a_number(block, line)
            values = np.zeros(len(cells), dtype=found.dtype)
            values[present] = found
        else:
            present = ~np.isnan(values)
        if not self.drop_missing and not present.all():
            row = next(k for k, row in enumerate(block) if row and _is_missing(row[self.place]))
            raise DataError(f"{self._where(block, row, line)}: there is no value; --missing drop leaves such rows out")
        self.values.append(values)
        self.present.append(present)

    def _where(self, block: Sequence[Sequence[str]], row: int, line: int) -> str:
        # A quoted cell may run over several lines.
        line += row + sum(cell.count("\n") for earlier in block[:row] for cell in earlier)
        return f"line {line}, column {printable(self.name)}"

    def _not_a_number(self, block: Sequence[Sequence[str]], line: int) -> DataError:
        row, cell = next(
            (k, cell)
            for k, cell in ((k, row[self.place].strip()) for k, row in enumerate(block) if row)
            if not _is_missing(cell) and _numbers([cell]) is None
        )
        if cell.lstrip("+-").isdecimal():
            remedy = "whole numbers of 2**63 and beyond are not read; write it as a float, with a point"
        elif any(character.isdigit() for character in cell):
            remedy = "write decimals with a point, and no digit grouping, unit or date"
        else:
            remedy = "choose another column with --column, or take such rows out; an empty cell is a missing value"
        return DataError(f"{self._where(block, row, line)}: must be a number; got {printable(cell)!r}; {remedy}")

    def entries(self) -> _Entries:
        # Integers and floats in different blocks make a column of floats.
        values, present = self.values or [np.zeros(0)], self.present or [np.zeros(0, dtype=bool)]
        return _Entries(self.name, np.concatenate(values), np.concatenate(present))


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _numbers(cells: Sequence[str]) -> np.ndarray | None:
    """The cells as int64 if all are whole numbers, else as float64; None if one is neither."""
    # Python reads digits grouped by underscores, which no data file means.
    if any("_" in cell for cell in cells):
        return None
    for kind, dtype in ((int, np.int64), (float, np.float64)):
        with contextlib.suppress(ValueError):
            try:
                return np.array(list(map(kind, cells)), dtype=dtype)
            except OverflowError:
                return None
    return None


# Binary files --------------------------------------------------------------------------------------------------------


def _read_npy(path: pathlib.Path, choose: Callable[[Sequence[str]], list[int]]) -> list[_Entries]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataError(f"{printable(path)}: this is no whole .npy file of numbers: {printable(error)}") from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{printable(path)}: this is an archive of arrays; save one of them with numpy.save")
    if array.dtype.names is not None and array.ndim == 1:
        columns = [array[name] for name in array.dtype.names]
        names = list(array.dtype.names)
    elif array.ndim in (1, 2):
        columns = list(array.T) if array.ndim == 2 else [array]
        names = [str(place + 1) for place in range(len(columns))]
    else:
        raise DataError(f"{printable(path)}: one or two dimensions are needed, the array has shape {array.shape}")
    chosen = choose(names)
    for place in chosen:
        if columns[place].dtype.kind not in "fiu":
            raise DataError(f"{printable(path)}: numbers are needed, the array holds {columns[place].dtype}")
    return [_Entries(names[place], columns[place], ~np.isnan(columns[place])) for place in chosen]


def _read_parquet(path: pathlib.Path, choose: Callable[[Sequence[str]], list[int]]) -> list[_Entries]:
    def chosen_columns(source: BinaryIO) -> Any:
        from pyarrow import parquet

        file = parquet.ParquetFile(source)
        names = file.schema_arrow.names
        return file.read(columns=[names[place] for place in choose(names)])

    return _from_table(path, chosen_columns)


def _read_arrow(path: pathlib.Path, choose: Callable[[Sequence[str]], list[int]]) -> list[_Entries]:
    def chosen_columns(source: BinaryIO) -> Any:
        from pyarrow import ipc

        magic = source.read(6)
        source.seek(0)
        table = (ipc.open_file if magic == b"ARROW1" else ipc.open_stream)(source).read_all()
        return table.select(choose(table.column_names))

    return _from_table(path, chosen_columns)


def _from_table(path: pathlib.Path, chosen_columns: Callable[[BinaryIO], Any]) -> list[_Entries]:
    pyarrow = _pyarrow(f"reading {path.suffix}")
    try:
        with path.open("rb") as source:
            table = chosen_columns(source)
    except pyarrow.ArrowException as error:
        raise DataError(
            f"{printable(path)}: no whole {path.suffix} file; it may have been written by half: {printable(error)}"
        ) from error
    entries = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not (pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type)):
            raise DataError(f"{printable(name)}: numbers are needed, the column holds {printable(column.type)}")
        # A null has no number under it; the null mask says where.
        present = ~np.asarray(column.is_null(nan_is_null=True))
        values = np.zeros(len(column), dtype=column.type.to_pandas_dtype())
        values[present] = column.filter(pyarrow.array(present)).to_numpy()
        entries.append(_Entries(name, values, present))
    return entries


def _pyarrow(purpose: str) -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise missing_extra("pyarrow", "parquet", purpose) from error
    return pyarrow


# Writing -------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` and of its kind, renamed to it when all went well and removed otherwise."""
    path = pathlib.Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise DataError(
            f"{printable(path)}: the file cannot be written: {printable(error.strerror or error)}"
        ) from error
    temporary = pathlib.Path(name)
    try:
        yield temporary
        # A temporary file is private; what replaces the target has the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        raise DataError(
            f"{printable(path)}: the file cannot be written: {printable(error.strerror or error)}"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_columns(path: str | os.PathLike[str] | None, names: Sequence[str], values: np.ndarray) -> None:
    """Write an array, one row an observation, as .npy, .parquet or .arrow by the name, else as CSV; None is stdout."""
    if path is None:
        _write_text(sys.stdout, names, values, ",")
        return
    suffix = pathlib.Path(path).suffix.lower()
    pyarrow = _pyarrow(f"writing {suffix}") if suffix in PARQUET | ARROW else None
    with replacing(path) as temporary:
        if pyarrow is not None:
            from pyarrow import feather, parquet

            columns = values.reshape(len(values), -1).T
            table = pyarrow.table(
                {name: np.ascontiguousarray(column) for name, column in zip(names, columns, strict=True)}
            )
            if suffix in PARQUET:
                parquet.write_table(table, temporary)
            else:
                feather.write_feather(table, temporary)
        elif suffix == ".npy":
            np.save(temporary, values, allow_pickle=False)
        else:
            with temporary.open("w", encoding="ascii", newline="") as stream:
                _write_text(stream, names, values, "\t" if suffix in {".tsv", ".tab"} else ",")


def _write_text(stream: TextIO, names: Sequence[str], values: np.ndarray, delimiter: str) -> None:
    """Text from which the same float64 is read again."""
    stream.write(delimiter.join(names) + "\n")
    for start in range(0, len(values), ROWS_AT_ONCE):
        rows = values[start : start + ROWS_AT_ONCE].tolist()
        lines = map(repr, rows) if values.ndim == 1 else (delimiter.join(map(repr, row)) for row in rows)
        stream.write("\n".join(lines) + "\n")
