"""Fits of synthetic data, 1,000 sets for each family: what each ended with, and whether any lies below the truth.

    python benchmarks/synthetic_fits.py --write          writes benchmarks/results/synthetic_fits.md and .json
    python benchmarks/synthetic_fits.py --sets 20        fewer: a check

A set has 20 to 100,000 rows, parameters about those of the family's cases, the hard ones among them, and a unit of its own:
a power of ten between 1e-9 and 1e9 where one parameter is the unit of x. A fit that has a model
is set beside the likelihood at the truth and at what a fit started there reaches: it may be below neither by more than 1e-6
nats and what half a unit in the last place of the location costs. scipy.stats fits every twentieth set of at most 2,000 rows.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import pathlib
import warnings
from typing import Any

import numpy as np
import thetahat as th
from thetahat import _core

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
SEED = 20261201
BELOW = 1e-6  # nats
SCIPY_EVERY, SCIPY_MOST = 20, 2000


def member(cls: Any, rng: np.random.Generator) -> Any:
    """A member near one of the cases, in a unit of its own."""
    name, power = unit_of(cls)
    for _ in range(100):
        case = cls.info.cases[rng.integers(len(cls.info.cases))]
        unit = 10.0 ** rng.uniform(-9.0, 9.0) if name else 1.0
        factors = {name: unit**power, "loc": unit}
        theta = [factors.get(parameter.name, 1.0) * moved(parameter, value, rng) for parameter, value in zip(cls.info.parameters, case, strict=True)]
        try:
            model = cls(*theta)
        except th.ParameterError:
            continue
        # Where an end that moves has a density without bound, the likelihood has none either.
        if _core.regular(cls._index, [np.array([value]) for value in theta]).all():
            return model
    return cls(*cls.info.cases[0])


def unit_of(cls: Any) -> tuple[str, float]:
    """The name of the parameter that is the unit of x or its reciprocal, and 1 or -1."""
    case = cls.info.cases[0]
    spread = width(cls(*case))
    for i, parameter in enumerate(cls.info.parameters):
        if parameter.domain == "positive":
            doubled = width(cls(*(2.0 * value if i == j else value for j, value in enumerate(case))))
            for power in (1.0, -1.0):
                if abs(doubled / spread - 2.0**power) < 1e-9 and cls.info.kind == "continuous":
                    return parameter.name, power
    return "", 0.0


def width(model: Any) -> float:
    return float(model.isf(0.25) - model.icdf(0.25))


def moved(parameter: Any, value: float, rng: np.random.Generator) -> float:
    """The parameter shaken by half its size."""
    if parameter.default is not None or parameter.given or parameter.domain in ("integer", "count"):
        return value
    if parameter.domain == "unit":
        odds = value / (1.0 - value) * math.exp(rng.normal(0.0, 0.5))
        return odds / (1.0 + odds)
    if parameter.domain == "above_one":
        return 1.0 + (value - 1.0) * math.exp(rng.normal(0.0, 0.5))
    if parameter.domain == "real":
        return value + rng.normal(0.0, 1.0)
    return value * math.exp(rng.normal(0.0, 0.5))


def known(cls: Any, model: Any) -> dict[str, float] | None:
    """What a fit holds: what it is told of the truth."""
    return {p.name: model.parameters[p.name] for p in cls.info.parameters if p.default is not None or p.given} or None


def one(cls: Any, number: int, tally: dict[str, Any]) -> None:
    """Fit one set, and count."""
    rng = np.random.default_rng([SEED, number, *cls.info.name.encode()])
    model = member(cls, rng)
    n = int(round(10.0 ** rng.uniform(math.log10(20.0), 5.0)))
    try:
        x = model.sample(n, seed=SEED, stream=number).astype(np.float64)
    except th.ParameterError:  # counts beyond 2^63
        tally["undrawn"] += 1
        return
    x = x[np.isfinite(model.log_prob(x))]  # draws that round to an edge are no observations
    if len(x) < 20 or (np.abs(x).max() > 2.0**53 and cls.info.kind == "discrete"):
        tally["undrawn"] += 1
        return
    held = known(cls, model)
    try:
        fit = cls.fit(x, fixed=held)
    except Exception as error:  # of any kind: that there is none is what the table shows
        tally["exceptions"].append(f"{model!r}, n = {len(x)}: {error!r}")
        return
    tally["status"][fit.status] += 1
    if fit.status not in ("converged", "boundary"):
        tally["others"].append(f"{model!r}, n = {len(x)}: {fit.status}, {fit.reason}")
        return
    try:
        started = cls.fit(x, fixed=held, start=model)
        reached = started.log_likelihood if started.status in ("converged", "boundary") else -math.inf
    except (th.ParameterError, th.FitError):
        reached = -math.inf
    below = max(model.log_likelihood(x), reached) - fit.log_likelihood
    tally["below"] = max(tally["below"], below)
    steps = np.spacing(np.abs(x).max()) / width(fit.model) if "loc" in cls.info.parameter_names else 0.0
    if below > BELOW + len(x) * steps**2 + 1e-13 * abs(fit.log_likelihood):
        tally["lower"].append(f"{model!r}, n = {len(x)}: {below:.3g}")
    if cls.info.scipy and cls.info.kind == "continuous" and len(x) <= SCIPY_MOST and number % SCIPY_EVERY == 0:
        against_scipy(cls, x, fit, tally)


def against_scipy(cls: Any, x: Any, fit: Any, tally: dict[str, Any]) -> None:
    """scipy's fit of the same set, judged by our sum at its estimate."""
    from scipy import stats

    distribution = getattr(stats, cls.info.scipy.name)
    named = {argument.name for argument in cls.info.scipy.arguments}
    held = {f"f{name}": value for name, value in (("loc", 0.0), ("scale", 1.0)) if name not in named}
    held |= {f"f{a.name}": a.value for a in cls.info.scipy.arguments if a.transform == "constant"}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            theirs = cls.from_scipy(distribution(*distribution.fit(x, **held))).log_likelihood(x)
    except Exception:  # scipy's fits raise of every kind; a set without an answer is one below ours
        theirs = -math.inf
    tally["scipy"] += 1
    slack = BELOW + 1e-9 * abs(fit.log_likelihood)
    tally["scipy_lower"] += not theirs >= fit.log_likelihood - slack
    tally["scipy_higher"] += bool(theirs > fit.log_likelihood + slack)


def tallied(cls: Any, sets: int) -> dict[str, Any]:
    tally: dict[str, Any] = collections.defaultdict(int)
    tally |= {"status": collections.Counter(), "others": [], "lower": [], "exceptions": [], "below": -math.inf}
    for number in range(sets):
        one(cls, number, tally)
    return tally


HEAD = ["family", "sets", "converged", "boundary", "other", "exceptions", "below the truth", "most nats below",
        "scipy", "scipy lower", "scipy higher"]  # fmt: skip


def row(cls: Any, tally: dict[str, Any]) -> list[str]:
    status = tally["status"]
    other = ", ".join(f"{name} {count}" for name, count in sorted(status.items()) if name not in ("converged", "boundary"))
    return [
        cls.info.class_name, str(sum(status.values())), str(status["converged"]), str(status["boundary"]), other or "0",
        str(len(tally["exceptions"])), str(len(tally["lower"])), f"{max(tally['below'], 0.0):.1g}",
        str(tally["scipy"]), str(tally["scipy_lower"]), str(tally["scipy_higher"]),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    parser.add_argument("--families", nargs="*", help="their names; default: all")
    given = parser.parse_args()
    lines, notes, document = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)], [], {}
    chosen = [cls for cls in th.families() if not cls.info.vector and cls.info.name in (given.families or [cls.info.name])]
    for cls in chosen:
        tally = tallied(cls, given.sets)
        lines.append("| " + " | ".join(row(cls, tally)) + " |")
        print(lines[-1], flush=True)
        document[cls.info.name] = {**tally, "status": dict(tally["status"]), "below": max(tally["below"], 0.0)}
        notes += [f"- {kind}: {text}" for kind in ("exceptions", "lower", "others") for text in tally[kind][:3]]
        if given.write:
            write(lines, notes, document)


def write(lines: list[str], notes: list[str], document: dict[str, Any]) -> None:
    """The results so far."""
    head = ["# Fits of synthetic data", "", *(__doc__ or "").strip().split("\n\n")[2:], ""]
    page = [*head, *lines, "", "The first of each kind:", "", *notes, ""]
    (RESULTS / "synthetic_fits.md").write_text("\n".join(page), encoding="utf-8")
    (RESULTS / "synthetic_fits.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
