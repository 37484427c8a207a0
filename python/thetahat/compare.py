"""Which family: all that hold the data are fitted in one go and ranked by a likelihood criterion."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._version import __version__
from .arrays import Column, Missing, observations
from .base import Family, Parameter
from .compiled import CompiledFamily
from .errors import DataError, FitError, ParameterError, ThetahatWarning, unknown_name
from .families import families as all_families
from .families import family_class
from .fit import Fit, held_parameters, make_fit
from .fit import fit as fit_family
from .observations import Observations
from .serialize import encode, write
from .weights import Weights, plain_weights, weights_like

if TYPE_CHECKING:
    from .report import Report

__all__ = ["Comparison", "Ranked", "Unranked", "compare"]

Kind = Literal["continuous", "discrete", "mixed"]
Criterion = Literal["bic", "aic", "aicc"]

BOUNDARY_MARK = "†"
COMPARISON_SCHEMA = "thetahat.comparison/1"

_RANKED_STATUSES = ("converged", "boundary", "iteration_limit", "stopped")
_TIE_SAMPLE = 10_000
_TIE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Ranked:
    """A family in the ranking. `mark` says that AIC and BIC are not justified for it; `weight` is its share."""

    rank: int
    family: str
    class_name: str
    parameters: Mapping[str, Parameter]
    k: int
    log_likelihood: float
    aic: float
    aicc: float
    bic: float
    delta: float
    weight: float
    status: str
    seconds: float
    mark: str


@dataclass(frozen=True, slots=True)
class Unranked:
    """A family that has no place in the ranking, and why."""

    family: str
    class_name: str
    status: str
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Families ranked by a criterion, best first; `fits` has every fit by family name, ranked or not."""

    kind: Kind
    criterion: Criterion
    n: float
    dropped: int
    rows: tuple[Ranked, ...]
    unranked: tuple[Unranked, ...]
    fits: Mapping[str, Fit]
    notes: tuple[str, ...]
    data: Column | Observations

    @property
    def best(self) -> Fit:
        """The fit of the first family in the ranking; FitError when no family could be ranked."""
        if not self.rows:
            reasons = "; ".join(f"{row.class_name}: {row.status}, {row.reason}" for row in self.unranked)
            raise FitError(f"no family could be ranked. {reasons}")
        return self.fits[self.rows[0].family]

    def table(self) -> str:
        """The ranking as text."""
        return self._report().text

    def _report(self) -> Report:
        from .report import comparison_report

        return comparison_report(self)

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        return self._report()._repr_html_()

    def to_dict(self) -> dict[str, Any]:
        """Ranking, reasons and fits as plain Python values; NaN and infinities are strings."""
        names = Ranked.__slots__  # type: ignore[attr-defined]
        return {
            "schema": COMPARISON_SCHEMA,
            "version": __version__,
            "kind": self.kind,
            "criterion": self.criterion,
            "n": encode(self.n),
            "dropped": self.dropped,
            "rows": [{name: encode(getattr(row, name)) for name in names} for row in self.rows],
            "unranked": [
                {"family": row.family, "class_name": row.class_name, "status": row.status, "reason": row.reason}
                for row in self.unranked
            ],
            "fits": {name: fit.to_dict() for name, fit in self.fits.items()},
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The document of `to_dict` as JSON."""
        return write(self.to_dict())

    def plot(self, *, best: int = 3, axes: Any = None) -> Any:
        """The data under the `best` densities, or the `best` survival curves of censored rows over Kaplan and Meier's, and
        the distance of every family; needs the extra `plot`.
        """
        from .plotting import plot_comparison

        return plot_comparison(self, self.data, best=best, axes=axes)


def compare(
    x: Any,
    families: Iterable[str | type[Family]] | None = None,
    kind: Kind | None = None,
    criterion: Criterion = "bic",
    *,
    weights: Any | Weights = None,
    missing: Missing = "raise",
    progress: Callable[..., object] | None = None,
) -> Comparison:
    """Fit the families that can hold the data, and rank them.

    Parameters
    ----------
    x : observations in one dimension, as for `thetahat.fit`
    families : names or classes to compare, all of one kind; default: all of the kind
    kind : "continuous" or "discrete"; default: discrete for integer dtypes, otherwise continuous. Densities and
        probabilities are never ranked together: they have different units
    criterion : "bic", "aic" or "aicc"
    weights, missing : as for `thetahat.fit`
    progress : called as progress(done, total) after every family

    Returns
    -------
    Comparison
        Families whose support excludes an observation, and fits without a maximum, are listed unranked.

    Raises
    ------
    DataError, DtypeError, ParameterError, UnknownNameError

    Examples
    --------
    >>> import thetahat as th
    >>> ranking = th.compare([0, 1, 1, 2, 0, 3, 1, 0, 2, 1])
    >>> ranking.kind
    'discrete'
    """
    if criterion not in ("bic", "aic", "aicc"):
        raise unknown_name("criterion", criterion, ["bic", "aic", "aicc"])
    if kind is not None and kind not in ("continuous", "discrete"):
        raise unknown_name("kind", kind, ["continuous", "discrete"])
    if isinstance(x, Observations):
        column = Column(x.lower, x.weights, x.dropped)
        candidates, kind = _candidates(families, kind, column.values)
        found = _fit_each(candidates, x, weights, progress)
    else:
        column = observations(x, plain_weights(weights), missing=missing)
        candidates, kind = _candidates(families, kind, column.values)
        compiled = [cls._index for cls in candidates if issubclass(cls, CompiledFamily)]
        if len(compiled) == len(candidates):
            results = _core.compare(compiled, column.values, column.weights, progress)
            found = [
                str(result["error"])
                if "error" in result
                else make_fit(cls, result, column, weights, held_parameters(cls, None))
                for cls, result in zip(candidates, results, strict=True)
            ]
        else:
            found = _fit_each(candidates, column, weights, progress)
    reasons = [fit for fit in found if isinstance(fit, str)]
    if len(reasons) == len(found):
        _refuse(column.values, kind, reasons)
    fits: dict[str, Fit] = {}
    unranked: list[Unranked] = []
    for cls, fit in zip(candidates, found, strict=True):
        if isinstance(fit, str):
            unranked.append(Unranked(cls.info.name, cls.__name__, "not_applicable", fit))
            continue
        fits[cls.info.name] = fit
        if fit.status not in _RANKED_STATUSES or not math.isfinite(fit.log_likelihood):
            unranked.append(Unranked(cls.info.name, cls.__name__, fit.status, fit.reason))
    excluded = {row.family for row in unranked}
    rows = _rank([fit for name, fit in fits.items() if name not in excluded], criterion)
    notes = _notes(column.values, kind, rows, plain=not isinstance(x, Observations))
    n = next(iter(fits.values())).n
    data = next(iter(fits.values())).data
    assert data is not None
    return Comparison(kind, criterion, n, column.dropped, rows, tuple(unranked), MappingProxyType(fits), notes, data)


def _fit_each(
    candidates: list[type[Family]],
    x: Observations | Column,
    weights: Any,
    progress: Callable[[int, int], object] | None,
) -> list[Fit | str]:
    """The fit of every family, or why there is none."""
    if isinstance(x, Column):  # rows that were dropped have no weight any more
        values, weights = x.values, weights_like(weights, x.weights)
    else:
        values = x
    found: list[Fit | str] = []
    for cls in candidates:
        try:
            found.append(fit_family(cls, values, weights=weights))
        except DataError as error:
            found.append(str(error))
        if progress is not None:
            progress(len(found), len(candidates))
    return found


def _candidates(
    families: Iterable[str | type[Family]] | None, kind: Kind | None, values: NDArray[Any]
) -> tuple[list[type[Family]], Kind]:
    if families is None:
        kind = kind or ("discrete" if values.dtype.kind in "iu" else "continuous")
        listed = all_families(None if kind == "mixed" else kind)
        return [cls for cls in listed if cls.info.kind == kind and not cls.info.vector], kind
    if isinstance(families, (str, type)):
        families = [families]
    chosen = list(dict.fromkeys(family_class(family, "families") for family in families))
    if not chosen:
        raise ParameterError("families: must name at least one; leave it out to compare all")
    kind = kind or chosen[0].info.kind
    for cls in chosen:
        if cls.info.kind != kind:
            raise ParameterError(
                f"families: {cls.info.name!r} is {cls.info.kind}, the ranking is {kind}; densities and probabilities "
                "are not comparable. Rank the two kinds apart"
            )
        if cls.info.vector:
            raise ParameterError(f"families: {cls.info.name!r} is a family of vectors; fit it with thetahat.fit")
    return chosen, kind


def _refuse(values: NDArray[Any], kind: Kind, reasons: Sequence[str]) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        index = int(np.argmax(bad))
        raise DataError(
            f"x: must be finite; got {values[index]!s} at index {index} ({int(bad.sum())} in all). "
            'Pass missing="drop" to leave NaN out; remove infinities'
        )
    other = "continuous" if kind == "discrete" else "discrete"
    raise DataError(f"x: no {kind} family holds all observations ({reasons[0]}). Try kind={other!r}")


def _rank(fits: list[Fit], criterion: Criterion) -> tuple[Ranked, ...]:
    fits = sorted(fits, key=lambda fit: getattr(fit, criterion))
    scores = np.array([getattr(fit, criterion) for fit in fits])
    with np.errstate(invalid="ignore"):
        deltas = scores - scores[0] if len(fits) else scores
    # Scores that are infinite (AICc with too few rows) have no distance from each other.
    deltas = np.where(np.isnan(deltas), 0.0, deltas)
    shares = np.exp(-0.5 * deltas)
    shares /= shares.sum() if len(fits) else 1.0
    rows: list[Ranked] = []
    for place, (fit, delta, share) in enumerate(zip(fits, deltas.tolist(), shares.tolist(), strict=True), start=1):
        cls = family_class(fit.family)
        mark = BOUNDARY_MARK if cls.info.boundary_maximum else ""
        rows.append(
            Ranked(
                place,
                fit.family,
                cls.__name__,
                fit.parameters,
                fit.free,
                fit.log_likelihood,
                fit.aic,
                fit.aicc,
                fit.bic,
                delta,
                share,
                fit.status,
                fit.seconds,
                mark,
            )
        )
    return tuple(rows)


def _notes(values: NDArray[Any], kind: Kind, rows: Sequence[Ranked], plain: bool) -> tuple[str, ...]:
    notes: list[str] = []
    if any(row.mark for row in rows):
        notes.append(
            f"{BOUNDARY_MARK} the likelihood is largest at an extreme observation: AIC and BIC are not justified, "
            "read its rank with care"
        )
    if kind == "continuous" and rows and plain:
        step = max(1, len(values) // _TIE_SAMPLE)
        looked_at = values[::step][:_TIE_SAMPLE]
        distinct = len(np.unique(looked_at))
        if distinct < _TIE_SHARE * len(looked_at):
            ties = (
                f"x: only {distinct} of {len(looked_at)} values looked at are distinct; densities of rounded or "
                "counted values favour spiky families. Pass kind='discrete' for counts"
            )
            notes.append(ties)
            warnings.warn(ties, ThetahatWarning, stacklevel=3)
    return tuple(notes)
