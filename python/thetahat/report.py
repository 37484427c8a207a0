"""Tables that a terminal and a notebook can show; text from elsewhere is stripped of control characters and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .compare import Comparison
    from .fit import Fit
    from .survival import SurvivalCurve

__all__ = ["Report"]

_ALIGN = {"l": "left", "r": "right"}


@dataclass(frozen=True)
class Table:
    """Rows of cells under headers, in the alignment of each column: "l" or "r"."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str


@dataclass(frozen=True)
class Report:
    """A titled list of facts and tables. `str(report)` is text; notebooks show HTML."""

    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    notes: Sequence[str]

    @property
    def text(self) -> str:
        """Plain text, lines of at most the width that the cells need."""
        lines = [printable(self.title)] if self.title else []
        width = max((len(name) for name, _ in self.facts), default=0)
        lines += [f"{printable(name):<{width}}  {printable(value)}" for name, value in self.facts]
        for table in self.tables:
            lines += ["", *_text_table(table)] if lines else _text_table(table)
        if self.notes:
            lines += ["", *(printable(note) for note in self.notes)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = ["<div class='thetahat'>"]
        if self.title:
            parts.append(f"<p><strong>{_escaped(self.title)}</strong></p>")
        if self.facts:
            cells = (
                f"<tr><th style='text-align:left'>{_escaped(n)}</th><td>{_escaped(v)}</td></tr>" for n, v in self.facts
            )
            parts.append(f"<table>{''.join(cells)}</table>")
        for table in self.tables:
            head = "".join(f"<th>{_escaped(header)}</th>" for header in table.headers)
            body = (
                "<tr>"
                + "".join(
                    f"<td style='text-align:{_ALIGN[side]}'>{_escaped(cell)}</td>"
                    for side, cell in zip(table.align, row, strict=True)
                )
                + "</tr>"
                for row in table.rows
            )
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>")
        parts += [f"<p>{_escaped(note)}</p>" for note in self.notes]
        return "".join([*parts, "</div>"])


def printable(text: object) -> str:
    """The text without the characters that could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def _escaped(text: object) -> str:
    from html import escape

    return escape(printable(text))


def _text_table(table: Table) -> list[str]:
    cells = [[printable(cell) for cell in row] for row in (table.headers, *table.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.headers))]
    lines = [
        "  ".join(
            c.ljust(w) if side == "l" else c.rjust(w) for side, c, w in zip(table.align, row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]


def number(value: object, digits: int = 6) -> str:
    """A short number; an empty cell for NaN."""
    if isinstance(value, np.ndarray):
        if np.isnan(value).all():
            return ""
        return (
            "["
            + ", ".join(number(float(item), digits) for item in value.reshape(-1)[:4])
            + (", ...]" if value.size > 4 else "]")
        )
    value = float(value)  # type: ignore[arg-type]
    return "" if value != value else f"{value:.{digits}g}"


def fit_report(fit: Fit, level: float) -> Report:
    """The summary of a fit."""
    from .families import family_class

    intervals = fit.confidence_intervals(level)
    rows: list[list[str]] = []
    for name, estimate in fit.parameters.items():
        interval = intervals[name]
        ends = ("", "") if interval is None else tuple(number(end) for end in interval)
        rows.append([name, number(estimate), number(fit.standard_errors[name], 3), *ends])
    facts = [
        ("status", fit.status + (f": {fit.reason}" if fit.reason else "")),
        ("observations", number(fit.n, 12) + (f" ({fit.dropped} dropped)" if fit.dropped else "")),
        ("log-likelihood", number(fit.log_likelihood, 10)),
        ("AIC, AICc, BIC", ", ".join(number(c, 10) for c in (fit.aic, fit.aicc, fit.bic))),
        ("work", f"{fit.passes} passes, {fit.iterations} iterations, {fit.seconds:.3g} s"),
    ]
    notes: list[str] = []
    if fit.weights not in ("none", "frequency"):
        notes.append(
            f"{fit.weights} weights: n is the {'effective ' if fit.weights == 'importance' else ''}number of rows"
        )
    if fit.limit is not None:
        values = ", ".join(f"{name}={number(value)}" for name, value in fit.limit.parameters.items())
        notes.append(
            f"limit family: {fit.limit.family}({values}), log-likelihood {number(fit.limit.log_likelihood, 10)}"
        )
    headers = ["parameter", "estimate", "std. error", f"{100 * level:g} % from", "to"]
    return Report(f"{family_class(fit.family).__name__} fit", facts, [Table(headers, rows, "lrrrr")], notes)


def _fixed(value: float, digits: int) -> str:
    """So many digits after the point, unless the number is so large that they say nothing."""
    return f"{value:.{digits}f}" if abs(value) < 1e12 else f"{value:.6g}"


def comparison_report(comparison: Comparison) -> Report:
    """The ranking, what could not be ranked, and what to keep in mind."""
    ranked = [
        [
            str(row.rank),
            row.class_name + (f" {row.mark}" if row.mark else ""),
            str(row.k),
            _fixed(row.log_likelihood, 3),
            _fixed(row.aic, 2),
            _fixed(row.bic, 2),
            _fixed(row.delta, 2),
            f"{row.weight:.3f}",
            row.status,
            f"{row.seconds * 1e3:.3g}",
            ", ".join(f"{name}={number(value)}" for name, value in row.parameters.items()),
        ]
        for row in comparison.rows
    ]
    name = comparison.criterion.upper().replace("AICC", "AICc")
    headers = ["rank", "family", "k", "log L", "AIC", "BIC", f"Δ{name}", "weight", "status", "ms", "parameters"]
    tables = [Table(headers, ranked, "rlrrrrrrlrl")]
    if comparison.unranked:
        rows = [[row.class_name, row.status, row.reason] for row in comparison.unranked]
        tables.append(Table(["not ranked", "status", "reason"], rows, "lll"))
    n = number(comparison.n, 12)
    dropped = f", {comparison.dropped} dropped" if comparison.dropped else ""
    return Report(f"{comparison.kind} families by {name}, n = {n}{dropped}", [], tables, comparison.notes)


def survival_report(curve: SurvivalCurve, most: int) -> Report:
    """At most `most` places of a survival curve, evenly chosen, the last one included."""
    count = len(curve)
    shown = np.unique(np.linspace(count - 1, 0, min(count, most)).astype(int)) if count else np.empty(0, int)
    low, high = curve.window
    facts = [("observations", number(curve.n, 12))]
    if not (low == -np.inf and high == np.inf):
        facts.append(("given", f"{number(low)} <= X <= {number(high)}"))
    headers = ["time", "at risk", "events", "survival"]
    columns = [[_place(float(curve.start[i]), float(curve.time[i])) for i in shown]]
    columns += [[number(column[i]) for i in shown] for column in (curve.at_risk, curve.events, curve.survival)]
    if curve.standard_error is not None and curve.lower is not None and curve.upper is not None:
        headers += ["std. error", f"{100 * curve.level:g} % from", "to"]
        columns += [[number(column[i]) for i in shown] for column in (curve.standard_error, curve.lower, curve.upper)]
    notes = [*curve.notes]
    if len(shown) < count:
        notes.append(f"{len(shown)} of {count} places are shown")
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Report(f"{curve.method} estimate", facts, [Table(headers, rows, "r" * len(headers))], notes)


def _place(start: float, time: float) -> str:
    return number(time) if start == time else f"{number(start)} to {number(time)}"
