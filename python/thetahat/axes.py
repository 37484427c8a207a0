"""What the pictures share: figures that pyplot does not know, names, and lines of reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DataError, missing_extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE_POINTS = 400
MARKERS = 1000
BARS = 100
# Pictures show all but this share of the observations; a few extremes would squeeze the rest into one bar.
BEYOND = 0.005
# Positive observations whose tail reaches this many times the median are drawn over a logarithmic axis.
LOGARITHMIC = 20.0


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes given, or those of a new figure."""
    return grid(1, 1, (6.4, 4.4))[0] if ax is None else ax


def grid(rows: int, columns: int, size: tuple[float, float]) -> list[Any]:
    """Axes on a figure that pyplot does not know: nothing global changes, and the figure goes when it is dropped."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise missing_extra("matplotlib", "plot", "a picture") from error
    figure = Figure(figsize=size, layout="constrained")
    return list(np.atleast_1d(figure.subplots(rows, columns)).ravel())


def asked(axes: Sequence[Axes] | None, rows: int, columns: int, size: tuple[float, float]) -> list[Any]:
    """The axes given, when they are as many as are drawn on, or those of a new figure."""
    drawn = grid(rows, columns, size) if axes is None else list(np.ravel(np.asarray(axes, dtype=object)))
    if len(drawn) != rows * columns:
        raise DataError(f"axes: must be {rows * columns}; got {len(drawn)}. Leave axes out for a new figure")
    return drawn


def label(model: Any) -> str:
    """The name of a model in a legend."""
    return type(model).__name__


def diagonal(ax: Axes, low: float, high: float) -> None:
    """The line on which two scales agree."""
    ax.plot([low, high], [low, high], color="0.4", linewidth=1)


def bars(ax: Axes, left: Any, height: Any, width: Any) -> None:
    """Bars of observations, which stand behind a model's curve."""
    ax.bar(left, height, width=width, align="edge", color="0.82", edgecolor="0.65", linewidth=0.5)


def hang(ax: Axes, centre: Any, width: Any, observed: Any, expected: Any, name: str) -> None:
    """A rootogram: bars of square roots of observed frequencies that hang from those of the expected ones."""
    top, length = np.sqrt(expected), np.sqrt(observed)
    ax.bar(centre, -length, width=0.9 * width, bottom=top, color="0.82", edgecolor="0.65", linewidth=0.5)
    ax.plot(centre, top, color="tab:red", marker="o", markersize=3, label=name)
    ax.axhline(0.0, color="0.4", linewidth=1)
    height, depth = float(np.max(top, initial=1.0)), float(np.min(top - length, initial=0.0))
    ax.set(
        xlabel="x",
        ylabel="square root of frequency",
        title="rootogram",
        ylim=(1.1 * depth - 0.1 * height, 1.1 * height),
    )
    ax.legend()
