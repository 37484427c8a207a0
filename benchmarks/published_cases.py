"""Fits of published censored data beside those of lifelines and SurPyval: who is higher, by how many nats.

    pip install lifelines surpyval statsmodels
    python benchmarks/published_cases.py

The data are those that lifelines and statsmodels ship. Every estimate, ours and the peers', is converted to the
parameters that are named here and judged by one log-likelihood, written with scipy.stats alone; that a conversion is
right is asserted on the law's own tail. The results go to benchmarks/results/published_cases.md and .json.
"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import math
import pathlib
import platform
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import lifelines
import lifelines.datasets
import numpy as np
import pandas
import statsmodels.datasets
import surpyval
import thetahat as th
from scipy import stats

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
# Of 1 + |log-likelihood|: what sums of different formulas for one number may differ by.
EQUAL = 1e-9
PLACES = (0.01, 0.3, 0.5, 0.9, 0.999)


# The data -------------------------------------------------------------------------------------------------------------


class Rows(NamedTuple):
    """Each row lies in [lower, upper], and was seen because it exceeds its entry, if there is one."""

    lower: np.ndarray
    upper: np.ndarray
    entry: np.ndarray | None = None

    @property
    def kind(self) -> np.ndarray:
        """-1 left-, 0 un-, 1 right-, 2 interval-censored, as SurPyval has them."""
        censored = np.select([np.isneginf(self.lower), np.isposinf(self.upper)], [-1, 1], 2)
        return np.where(self.lower == self.upper, 0, censored)

    @property
    def inner(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends, with the other one in place of one that is infinite."""
        kind = self.kind
        return np.where(kind == -1, self.upper, self.lower), np.where(kind == 1, self.lower, self.upper)


class Source(NamedTuple):
    """A data set: where it ships, and how its table is read."""

    title: str
    origin: str
    table: Callable[[], pandas.DataFrame]
    rows: Callable[[pandas.DataFrame], Rows]


def right(time: str, event: str, entry: str | None = None) -> Callable[[pandas.DataFrame], Rows]:
    """A time, and whether the event happened then or was still to come."""

    def read(table: pandas.DataFrame) -> Rows:
        times, seen = table[time].to_numpy(float), table[event].to_numpy(bool)
        return Rows(times, np.where(seen, times, np.inf), None if entry is None else table[entry].to_numpy(float))

    return read


def left(value: str, censored: Callable[[pandas.DataFrame], Any]) -> Callable[[pandas.DataFrame], Rows]:
    """A concentration, or the limit of detection that it lies below."""

    def read(table: pandas.DataFrame) -> Rows:
        values = table[value].to_numpy(float)
        return Rows(np.where(censored(table), -np.inf, values), values)

    return read


def between(lower: str, upper: str) -> Callable[[pandas.DataFrame], Rows]:
    """Two inspections; the second may be still to come."""
    return lambda table: Rows(table[lower].to_numpy(float), table[upper].to_numpy(float))


def marrow() -> pandas.DataFrame:
    return pandas.read_csv(importlib.resources.files("statsmodels") / "duration" / "tests" / "results" / "bmt.csv")


def shipped(title: str, name: str, rows: Callable[[pandas.DataFrame], Rows]) -> Source:
    return Source(title, f"lifelines `load_{name}`", getattr(lifelines.datasets, f"load_{name}"), rows)


def six_mp(table: pandas.DataFrame) -> Rows:
    return right("t", "status")(table[table["Rx"] == 0])


SOURCES = (
    shipped("Remission in leukemia, 6-MP arm", "leukemia", six_mp),
    shipped("Remission in leukemia, both arms", "leukemia", right("t", "status")),
    shipped("Fruit flies", "waltons", right("T", "E")),
    shipped("Rearrest", "rossi", right("week", "arrest")),
    shipped("Larynx cancer", "larynx", right("time", "death")),
    shipped("Lung cancer", "lung", right("time", "status")),
    shipped("Breast cancer, GBSG-2", "gbsg2", right("time", "cens")),
    shipped("Kidney transplants", "kidney_transplant", right("time", "death")),
    shipped("Political regimes", "dd", right("duration", "observed")),
    Source("Heart transplants", "statsmodels `heart`", lambda: statsmodels.datasets.heart.load_pandas().data,
           right("survival", "censors")),
    Source("Bone marrow transplants", "statsmodels `duration`, `bmt.csv`", marrow, right("T", "Status")),
    shipped("AIDS, delayed entry", "multicenter_aids_cohort_study", right("T", "D", entry="W")),
    shipped("Ammonium in rain", "nh4", left("NH4.mg.per.L", lambda table: table["Censored"])),
    shipped("Copper in groundwater", "lcd", left("T", lambda table: table["E"] == 0)),
    shipped("Onset of nephropathy in diabetes", "diabetes", between("left", "right")),
    shipped("Lung tumours of mice", "mice", between("l", "u")),
    shipped("Lag of C. botulinum", "c_botulinum_lag_phase", between("lower_bound_days", "upper_bound_days")),
)  # fmt: skip


# The judge ------------------------------------------------------------------------------------------------------------


class Family(NamedTuple):
    """A family with its law in scipy, and what the peers call it and its parameters; None where a peer has it not."""

    name: str
    law: Callable[..., Any]
    surpyval: str
    from_surpyval: Callable[..., tuple[float, ...]]
    lifelines: str | None = None
    from_lifelines: Callable[[Any], tuple[float, ...]] | None = None


def same(*parameters: float) -> tuple[float, ...]:
    return parameters


FAMILIES = (
    Family("exponential", lambda rate: stats.expon(scale=1 / rate), "Exponential", same,
           "ExponentialFitter", lambda fitter: (1 / fitter.lambda_,)),
    Family("weibull", lambda scale, concentration: stats.weibull_min(concentration, scale=scale), "Weibull", same,
           "WeibullFitter", lambda fitter: (fitter.lambda_, fitter.rho_)),
    Family("log_normal", lambda loc, scale: stats.lognorm(scale, scale=math.exp(loc)), "LogNormal", same,
           "LogNormalFitter", lambda fitter: (fitter.mu_, fitter.sigma_)),
    Family("gamma", lambda concentration, rate: stats.gamma(concentration, scale=1 / rate), "Gamma", same),
    Family("normal", stats.norm, "Normal", same),
    Family("logistic", stats.logistic, "Logistic", same),
    # SurPyval's "Gumbel" is the law of minima.
    Family("gumbel", stats.gumbel_r, "GumbelLEV", same),
)  # fmt: skip


def log_likelihood(law: Any, rows: Rows) -> float:
    """The judge of all: sums of scipy's log densities and log probabilities."""
    (low, high), kind = rows.inner, rows.kind
    upper_side = low > law.median()  # where a difference of the small tails loses no digits
    inside = np.where(upper_side, law.sf(low) - law.sf(high), law.cdf(high) - law.cdf(low))
    with np.errstate(divide="ignore"):
        terms = np.select([kind == 0, kind == -1, kind == 1], [law.logpdf(low), law.logcdf(high), law.logsf(low)],
                          np.log(inside))  # fmt: skip
    return float(terms.sum() - (0.0 if rows.entry is None else law.logsf(rows.entry).sum()))


# The fits -------------------------------------------------------------------------------------------------------------

Estimate = tuple[tuple[float, ...], Callable[[np.ndarray], Any]]  # in the judge's parameters, and the peer's own tail


def lifelines_fit(family: Family, rows: Rows) -> Estimate:
    fitter, kind = getattr(lifelines, family.lifelines)(), rows.kind
    if set(kind) <= {0, 1}:
        fitter.fit(rows.lower, kind == 0, entry=rows.entry)
    elif set(kind) <= {-1, 0}:
        fitter.fit_left_censoring(rows.upper, kind == 0)
    else:
        fitter.fit_interval_censoring(rows.lower, rows.upper, entry=rows.entry)
    return family.from_lifelines(fitter), fitter.survival_function_at_times


def surpyval_fit(family: Family, rows: Rows) -> Estimate:
    model = getattr(surpyval, family.surpyval).fit(x=np.stack(rows.inner, axis=1), c=rows.kind, tl=rows.entry)
    return tuple(model.params), model.sf


def peer_answer(fit: Callable[[Family, Rows], Estimate], family: Family, rows: Rows) -> dict[str, Any]:
    """What a peer estimates, what that is worth, what it raised and warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            parameters, tail = fit(family, rows)
        except Exception as error:  # whatever a peer raises is its result
            return {"raised": type(error).__name__}
    law = family.law(*parameters)
    places = law.ppf(PLACES)
    np.testing.assert_allclose(np.asarray(tail(places), dtype=float), law.sf(places), rtol=1e-7)
    return {
        "parameters": [float(value) for value in parameters],
        "log_likelihood": log_likelihood(law, rows),
        "warned": sorted({warning.category.__name__ for warning in caught}),
    }


def our_answer(family: Family, rows: Rows) -> dict[str, Any]:
    observed = th.observations.censored(rows.lower, rows.upper)
    if rows.entry is not None:
        observed = th.observations.truncated(observed, low=rows.entry)
    fit = th.fit(family.name, observed)
    parameters = list(fit.parameters.values())
    found = {
        "status": fit.status,
        "parameters": dict(fit.parameters),
        "standard_errors": {
            name: error if math.isfinite(error) else None for name, error in fit.standard_errors.items()
        },
    }
    if not np.isfinite(parameters).all():
        return found | {"parameters": {}, "log_likelihood": None}
    law = family.law(*parameters)
    value = log_likelihood(law, rows)
    if fit.status == "converged":
        places = law.ppf(PLACES)
        np.testing.assert_allclose(fit.model.sf(places), law.sf(places), rtol=1e-9)
        assert abs(value - fit.log_likelihood) <= tolerance(value), (family.name, value, fit.log_likelihood)
    return found | {"log_likelihood": value}


def tolerance(value: float) -> float:
    return EQUAL * (1 + abs(value))


def fits() -> list[dict[str, Any]]:
    """Every family on every data set, by everyone who has it."""
    found = []
    for source in SOURCES:
        rows = source.rows(source.table())
        names, counts = np.unique(rows.kind, return_counts=True)
        words = {-1: "left", 0: "exact", 1: "right", 2: "interval"}
        kinds = {words[int(name)]: int(count) for name, count in zip(names, counts, strict=True)}
        kinds |= {} if rows.entry is None else {"delayed entry": len(rows.entry)}
        for family in FAMILIES:
            peers = {"SurPyval": peer_answer(surpyval_fit, family, rows)}
            if family.lifelines is not None:
                peers = {"lifelines": peer_answer(lifelines_fit, family, rows), **peers}
            found.append(
                {
                    "data": source.title,
                    "origin": source.origin,
                    "n": len(rows.lower),
                    "kinds": kinds,
                    "family": family.name,
                    "thetahat": our_answer(family, rows),
                    **peers,
                }
            )
    return found


# The page -------------------------------------------------------------------------------------------------------------


def verdict(row: dict[str, Any], peer: str) -> tuple[str, float]:
    """Who is higher: the winner, or why there is none, and by how many nats thetahat is."""
    if peer not in row:
        return "–", math.nan
    ours, theirs = row["thetahat"]["log_likelihood"], row[peer].get("log_likelihood")
    if theirs is None:
        return "raised", math.inf
    if ours is None and row["thetahat"]["status"] == "unbounded":
        return "no maximum", math.nan
    if ours is None:
        return peer, -math.inf
    if abs(ours - theirs) <= tolerance(ours):
        return "equal", ours - theirs
    return ("thetahat" if ours > theirs else peer), ours - theirs


def verdict_text(row: dict[str, Any], peer: str) -> str:
    winner, gap = verdict(row, peer)
    if winner in ("–", "no maximum"):
        return winner
    if winner == "raised":
        return f"raises {row[peer]['raised']}"
    text = f"equal ({gap:+.0e})" if winner == "equal" else f"{winner} by {abs(gap):.2g}"
    warned = f"; warns: {', '.join(row[peer]['warned'])}" if row[peer]["warned"] else ""
    return (f"**{text}**" if winner == peer else text) + warned


def estimate_text(answer: dict[str, Any]) -> str:
    return ", ".join(f"{value:.6g}" for value in answer.get("parameters", ())) or "–"


def our_text(answer: dict[str, Any]) -> str:
    errors = {name: "" if error is None else f" ± {error:.2g}" for name, error in answer["standard_errors"].items()}
    return ", ".join(f"{name} {value:.6g}{errors[name]}" for name, value in answer["parameters"].items()) or "–"


def summary(rows: list[dict[str, Any]], peer: str) -> str:
    """One sentence on one peer."""
    verdicts = [verdict(row, peer) for row in rows if peer in row]

    def counted(winner: str) -> str:
        gaps = [abs(gap) for name, gap in verdicts if name == winner]
        return f"{len(gaps)}, by at most {max(gaps):.2g}" if gaps else "none"

    equal, raised, endless = (sum(name == kind for name, _ in verdicts) for kind in ("equal", "raised", "no maximum"))
    warned = sum(bool(row[peer].get("warned")) for row in rows if peer in row)
    return (
        f"- Beside {peer}, of {len(verdicts)} fits: equal {equal}; thetahat higher {counted('thetahat')}; {peer} higher "
        f"{counted(peer)}; no maximum {endless}; {peer} raises {raised}, warns {warned}."
    )


def table(heads: list[str], lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *lines])


def page(versions: dict[str, str], rows: list[dict[str, Any]]) -> str:
    sets = {row["data"]: row for row in rows}
    described = [
        [name, row["origin"], str(row["n"]), ", ".join(f"{count} {kind}" for kind, count in row["kinds"].items())]
        for name, row in sets.items()
    ]
    lines = [
        [
            row["data"],
            row["family"],
            our_text(row["thetahat"]),
            row["thetahat"]["status"],
            "–" if row["thetahat"]["log_likelihood"] is None else f"{row['thetahat']['log_likelihood']:.6f}",
            *(
                text
                for peer in ("lifelines", "SurPyval")
                for text in (estimate_text(row.get(peer, {})), verdict_text(row, peer))
            ),
        ]
        for row in rows
    ]
    heads = ["data", "family", "thetahat, ± standard error", "status", "log-likelihood", "lifelines", "higher"]
    return (
        "\n\n".join(
            [
                "# Published censored data: whose maximum is higher?",
                "<!-- Written by benchmarks/published_cases.py; changes made by hand are lost. -->",
                "Every estimate is converted to the same parameters and judged by the same log-likelihood, which is written "
                f"with scipy alone. Two are equal if they differ by at most {EQUAL:g} (1 + |log-likelihood|); differences are "
                "in nats, in brackets with the sign of thetahat's lead. "
                f"{', '.join(f'{name} {version}' for name, version in versions.items())}.",
                "\n".join(summary(rows, peer) for peer in ("lifelines", "SurPyval")),
                "A dash: the peer does not have the family. An interval that starts at zero does so for every family, also for "
                "those on the whole line; what lies below a limit of detection is left-censored. Rows with delayed entry that "
                "spread more than an exponential law have no maximum in the families on the whole line, which come ever closer "
                "to that law as they move out: there thetahat's status is `unbounded`, and a peer's numbers are where its search stopped.",
                table(["data", "from", "rows", "of these"], described),
                table([*heads, "SurPyval", "higher"], lines),
            ]
        )
        + "\n"
    )


def main() -> None:
    packages = ["thetahat", "lifelines", "surpyval", "statsmodels", "scipy", "numpy"]
    versions = {"Python": platform.python_version()}
    versions |= {name: th.__version__ if name == "thetahat" else importlib.metadata.version(name) for name in packages}
    rows = fits()
    document = json.dumps({"versions": versions, "fits": rows}, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / "published_cases.json").write_text(document, encoding="utf-8")
    (RESULTS / "published_cases.md").write_text(page(versions, rows), encoding="utf-8")
    for peer in ("lifelines", "SurPyval"):
        print(summary(rows, peer))


if __name__ == "__main__":
    main()
