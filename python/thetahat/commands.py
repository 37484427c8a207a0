"""The subcommands of `thetahat`: arguments in, a call of the library, a table or JSON out."""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from . import info
from .base import Family
from .compare import compare
from .errors import DataError, ThetahatWarning, missing_extra
from .families import families, family_class
from .files import FileColumn, read_columns, replacing, write_columns
from .fit import Fit, fit
from .report import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["application"]

NOT_CONVERGED = 3
REACHED_A_MAXIMUM = frozenset({"converged", "boundary"})

application: typer.Typer = typer.Typer(
    name="thetahat",
    help="Fit parametric families to columns of numbers by maximum likelihood, rank them, and sample from them.",
    epilog="Exit codes: 0 done, 2 bad usage or data, 3 the fit did not converge.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Kind(StrEnum):
    continuous = "continuous"
    discrete = "discrete"


class Criterion(StrEnum):
    aic = "aic"
    aicc = "aicc"
    bic = "bic"


class Missing(StrEnum):
    refuse = "raise"
    drop = "drop"


DataFile = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV, TSV, .npy, .parquet or .arrow.", show_default=False)
]
ColumnName = Annotated[
    str | None, typer.Option("--column", "-c", help="Name of the column, or its number from 1.", show_default=False)
]
MissingPolicy = Annotated[Missing, typer.Option("--missing", help="Refuse rows without a value, or leave them out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of the table.")]
Picture = Annotated[
    str | None, typer.Option("--plot", metavar="PATH", help="Write a picture: .png, .svg or .pdf.", show_default=False)
]


@application.command("compare")
def compare_command(
    file: DataFile,
    column: ColumnName = None,
    criterion: Annotated[Criterion, typer.Option(help="What ranks the families.")] = Criterion.bic,
    kind: Annotated[
        Kind | None,
        typer.Option(help="Rank densities or counts; by default whole numbers are counts.", show_default=False),
    ] = None,
    missing: MissingPolicy = Missing.refuse,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Fit every family whose support holds a column's values, and rank them."""
    _check_picture(plot)
    (data,) = _read(file, [column] if column else [], missing)
    with warnings.catch_warnings(), _bar("fitting"):
        # The table has them as notes.
        warnings.simplefilter("ignore", ThetahatWarning)
        comparison = compare(data.values, kind=kind.value if kind else None, criterion=criterion.value)
    if as_json:
        _print_json({"file": file, "column": data.name, "missing": data.missing, **comparison.to_dict()})
    else:
        _print(_heading(file, data))
        _print(comparison.table())
    if not comparison.rows:
        raise typer.Exit(NOT_CONVERGED)
    if plot:
        _save(comparison.plot(), plot)


@application.command("fit")
def fit_command(
    family: Annotated[
        str, typer.Argument(help="Name of the family; `thetahat families` lists them.", show_default=False)
    ],
    file: DataFile,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", "-c", help="Name of the column, or its number from 1; several for a vector family."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Name or number of the column of frequencies.", show_default=False)
    ] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--fixed", metavar="NAME=VALUE", help="Hold a parameter, as in df=5.")
    ] = None,
    level: Annotated[float, typer.Option(help="Level of the confidence intervals.")] = 0.95,
    missing: MissingPolicy = Missing.refuse,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Fit one family to a column: estimates, standard errors and a status. The JSON is what `sample --fit` reads."""
    _check_picture(plot)
    vector = family_class(family).info.vector
    held = dict(_assignment(text, "--fixed") for text in fixed or [])
    columns = _read(file, [*(column or []), *([weights] if weights else [])], missing, several=vector)
    counts = columns.pop().values if weights else None
    if not columns:
        raise DataError("--weights names the only column that is read; name the column of values with --column")
    x = np.column_stack([each.values for each in columns]) if vector else _only(columns).values
    with _bar("fitting"):
        result = fit(family, x, weights=counts, fixed=held or None)
    if as_json:
        _print_json(result.to_dict())
    else:
        _print(_heading(file, *columns))
        _print(str(result.summary(level)))
    reached = result.status in REACHED_A_MAXIMUM
    if plot and reached:
        _save(result.plot(), plot)
    if not reached:
        print(f"thetahat: {printable(result.reason) or result.status}", file=sys.stderr)
        raise typer.Exit(NOT_CONVERGED)


@application.command("sample")
def sample_command(
    family: Annotated[str | None, typer.Argument(help="Name of the family, unless --fit is given.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter; VALUE,VALUE for a vector."),
    ] = None,
    fitted: Annotated[
        str | None, typer.Option("--fit", metavar="PATH", help="JSON of `thetahat fit --json`.", show_default=False)
    ] = None,
    n: Annotated[int, typer.Option("-n", min=0, help="How many.")] = 1000,
    seed: Annotated[int | None, typer.Option(help="The same seed, the same draws.", show_default=False)] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="PATH", help=".csv, .tsv, .npy, .parquet or .arrow; else CSV to stdout."),
    ] = None,
) -> None:
    """Draw from a family with given parameters, or from a fit."""
    model = _model(family, parameter or [], fitted)
    with _bar("sampling"):
        values = model.sample(n, seed=seed)
    names = ["x"] if values.ndim == 1 else [f"x{k + 1}" for k in range(values.shape[1])]
    with _bar("writing"):
        write_columns(out, names, values)


@application.command("families")
def families_command(
    kind: Annotated[Kind | None, typer.Option(help="Only densities, or only counts.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List the families: name, parameters, support."""
    infos = [cls.info for cls in families(kind.value if kind else None)]
    if as_json:
        _print_json(
            {
                each.name: {
                    "kind": each.kind,
                    "parameters": list(each.parameter_names),
                    "alternatives": {name: list(other.replaced) for other in each.alternatives for name in other.names},
                    "support": each.support.text,
                    "summary": each.summary,
                }
                for each in infos
            }
        )
        return
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("family", no_wrap=True), "kind", "parameters", "support", box=box.SIMPLE_HEAD)
    for each in infos:
        table.add_row(each.name, each.kind, ", ".join(each.parameter_names), each.support.text)
    Console(markup=False, highlight=False).print(table)


@application.command("info")
def info_command(as_json: AsJson = False) -> None:
    """Say what this installation can do: version, CPU targets, threads, CUDA."""
    facts = info()
    if as_json:
        _print_json(facts)
        return
    for name, value in facts.items():
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        _print(f"{name:10} {', '.join(shown) if isinstance(shown, list) else shown}")


# What the subcommands share ------------------------------------------------------------------------------------------


def _model(family: str | None, parameters: list[str], fitted: str | None) -> Family:
    if (family is None) == (fitted is None):
        raise DataError("sample: give either a family with --parameter, or a fit with --fit")
    if family is not None:
        return family_class(family)(**dict(_assignment(text, "--parameter") for text in parameters))
    if parameters:
        raise DataError("--parameter: the fit has all parameters; leave --parameter or --fit out")
    path = pathlib.Path(str(fitted))
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{printable(path)}: the fit cannot be read: {printable(error)}") from error
    return Fit.from_json(document).model


def _assignment(text: str, option: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        numbers = []
    if not (name and equals and numbers):
        raise DataError(f"{option}: must be NAME=NUMBER; got {printable(text)!r}. Write {option} scale=2.5")
    return name.strip(), numbers[0] if len(numbers) == 1 else numbers


def _read(file: str, wanted: list[str], missing: Missing, *, several: bool = False) -> list[FileColumn]:
    with _bar(f"reading {pathlib.Path(file).name}") as advance:
        return read_columns(file, wanted, several=several, drop_missing=missing is Missing.drop, progress=advance)


def _only(columns: list[FileColumn]) -> FileColumn:
    if len(columns) > 1:
        raise DataError(
            f"--column: this family takes one column; got {', '.join(printable(each.name) for each in columns)}"
        )
    return columns[0]


def _heading(file: str, *columns: FileColumn) -> str:
    left_out = f", {columns[0].missing:,} without a value left out" if columns[0].missing else ""
    return f"{', '.join(each.name for each in columns)} of {file}: {len(columns[0].values):,} observations{left_out}\n"


def _print(text: str) -> None:
    print("\n".join(map(printable, text.splitlines())))


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))


def _check_picture(path: str | None) -> None:
    """Refuse, before any work is done, a picture that could not be written after it."""
    if path is None:
        return
    try:
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError as error:
        raise missing_extra("matplotlib", "plot", "--plot") from error
    if pathlib.Path(path).suffix.removeprefix(".").lower() not in FigureCanvasBase.filetypes:
        raise DataError(f"--plot: {printable(path)} names no kind of picture; end it in .png, .svg or .pdf")


def _save(axes: Sequence[Axes], path: str) -> None:
    figure: Any = axes[0].figure
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)


@contextlib.contextmanager
def _bar(description: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr where that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}", markup=False)
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(printable(description), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)
