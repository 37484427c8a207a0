"""The pages of docs/families: one for each family, from what its header declares, and an index by support and tails."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import thetahat as th
from thetahat.base import Family
from thetahat.info import FamilyInfo, ParameterInfo, ScipyArgument

DOMAINS = {
    "real": "real", "positive": "> 0", "nonnegative": "≥ 0", "unit": "in (0, 1)", "above_one": "> 1", "integer": "whole", "count": "whole, ≥ 0",
}  # fmt: skip
METHODS = {
    "closed_form": "closed form",
    "statistics": "Newton on sufficient statistics",
    "passes": "Newton by passes over the data",
    "boundary": "extreme observations",
}
LIMITS = {
    "interior": "inside the family: twice the log-likelihood ratio is chi-squared",
    "boundary": "at the end of a range: half of the ratio's law is a point mass at zero",
    "irregular": "no regular limit: tested by a parametric bootstrap",
}
ROWS = 200
SEED = 20261201


def pages(folder: pathlib.Path, notice: str) -> dict[pathlib.Path, str]:
    """Every page of the folder with its text."""
    univariate = [cls for cls in th.families() if not cls.info.vector]
    made = {folder / f"{cls.info.name}.md": page(cls, notice) for cls in univariate}
    return {folder / "README.md": index(univariate, notice), **made}


# A page ---------------------------------------------------------------------------------------------------------------


def parameter_text(parameter: ParameterInfo) -> str:
    """Name and domain, and the value that a fit holds it at."""
    held = f", held at {parameter.default:g}" if parameter.default is not None else ""
    return f"`{parameter.name}` {DOMAINS[parameter.domain]}{held}"


def page(cls: type[Family], notice: str) -> str:
    """One family."""
    info = cls.info
    model = cls(*info.cases[0])
    lines = [f"# {info.class_name}", "", f"<!-- {notice} -->", "", info.summary, "", f"    {info.formula}", ""]
    lines += [f"Support: {info.support.text}. Source: {info.source}.", ""]
    lines += [f"![Some members]({info.name}.svg)", ""]
    lines += ["## Parameters", "", "| parameter | domain | |", "|---|---|---|"]
    lines += [f"| `{p.name}` | {DOMAINS[p.domain]} | {described(p)} |" for p in info.parameters]
    for alternative in info.alternatives:
        names = ", ".join(f"`{name}=`" for name in alternative.names)
        lines += ["", f"Or {names}: {', '.join(f'`{each.formula}`' for each in alternative.parameters)}."]
    if info.constraint:
        lines += ["", f"Constraint: `{info.constraint}`."]
    lines += ["", "## Fit", "", f"By {METHODS[info.fit_method]}."]
    if info.boundary_maximum:
        lines.append("An extreme observation is the estimate of an end, which has no standard error.")
    for limit in info.limits:
        lines += ["", f"`{limit.parameter}` = {limit.value:g} is `{limit.family}`, {LIMITS[limit.kind]}."]
    lines += ["", "## Elsewhere", "", *conversions(info)]
    lines += ["", "## Accuracy", "", accuracy(info)]
    lines += ["", "## What it has", "", "| " + " | ".join(CAPABILITIES) + " |", "|" + "---|" * len(CAPABILITIES)]
    lines += [f"| {marks(model)} |"]
    return "\n".join(lines) + "\n"


def described(parameter: ParameterInfo) -> str:
    held = f"; a fit holds it at {parameter.default:g}" if parameter.default is not None else ""
    return parameter.doc + ("; comes with the data: give it in `fixed=`" if parameter.given else held)


def conversions(info: FamilyInfo) -> list[str]:
    """The arguments of other libraries' distributions."""
    lines = []
    if info.scipy:
        lines.append(f"`to_scipy()`: `scipy.stats.{info.scipy.name}({arguments(info.scipy.arguments)})`.")
    if info.torch:
        named = arguments(info.torch_arguments) or ", ".join(f"{name}={name}" for name in info.parameter_names)
        lines += [""] * bool(lines) + [f"`to_torch()`: `torch.distributions.{info.torch}({named})`."]
    return lines or ["Neither scipy.stats nor torch.distributions has it."]


def arguments(declared: tuple[ScipyArgument, ...]) -> str:
    return ", ".join(f"{a.name}={a.formula}" for a in declared)


def accuracy(info: FamilyInfo) -> str:
    reason = f", since {info.accuracy_reason}" if info.accuracy_reason else ""
    return f"The error of `log_prob` is at most C = {info.accuracy} units of [accuracy](../accuracy.md){reason}."


# What it has ----------------------------------------------------------------------------------------------------------


def tried(function: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Whether a function of a model gives numbers."""

    def has(model: Any) -> bool:
        try:
            return not np.isnan(np.asarray(function(model), dtype=np.float64)).any()
        except th.ThetahatError:
            return False

    return has


def values(model: Any) -> Any:
    return model.icdf(np.array([0.2, 0.5, 0.8]))


def known(model: Any) -> dict[str, float] | None:
    pairs = zip(model.info.parameters, model.info.cases[0], strict=True)
    return {p.name: v for p, v in pairs if p.default is not None or p.given} or None


def fitted(model: Any) -> bool:
    return type(model).fit(model.sample(ROWS, seed=SEED), fixed=known(model)).status in ("converged", "boundary")


def fitted_to_censored(model: Any) -> bool:
    x = model.sample(ROWS, seed=SEED).astype(np.float64)
    late = float(np.quantile(x, 0.9))
    rows = th.observations.from_events(np.minimum(x, late), x <= late)
    return type(model).fit(rows, fixed=known(model)).status in ("converged", "boundary")


def marks(model: Any) -> str:
    return " | ".join("✓" if has(model) else "–" for has in CAPABILITIES.values())


CAPABILITIES: dict[str, Callable[[Any], bool]] = {
    **{name: tried(lambda m, name=name: getattr(m, name)(values(m))) for name in ("log_prob", "cdf", "sf", "log_cdf", "log_sf")},
    "icdf": tried(lambda m: m.icdf(np.array([0.1, 0.9]))),
    "isf": tried(lambda m: m.isf(np.array([0.1, 0.9]))),
    "sample": tried(lambda m: m.sample(3, seed=SEED)),
    "score": tried(lambda m: m.score(values(m))),
    "entropy": tried(lambda m: m.entropy()),
    "fit": fitted,
    "censored fit": fitted_to_censored,
}  # fmt: skip


# The index ------------------------------------------------------------------------------------------------------------

LINES = {
    "Counts": lambda info: info.kind == "discrete",
    "The whole real line": lambda info: info.support.lower == -np.inf and info.support.upper == np.inf and "all real" in info.support.text,
    "A half-line from zero": lambda info: info.support.lower == 0.0 and info.support.upper == np.inf,
    "Between zero and one, or on a circle": lambda info: np.isfinite([info.support.lower, info.support.upper]).all(),
    "Ends that parameters set": lambda info: True,
}  # fmt: skip


def index(families: list[type[Family]], notice: str) -> str:
    """By support, then by the upper tail."""
    lines = ["# Which family for my data?", "", f"<!-- {notice} -->", ""]
    lines += [
        "`thetahat.compare(x)` fits all whose support holds the data and ranks them. This is the list that it chooses from,",
        "by where the data can lie and how fast the law of large values falls: *bounded*, *light* (at least as fast as an",
        "exponential), *between* (slower than every exponential, faster than every power) or *power*.",
        "",
    ]
    left = list(families)
    for title, belongs in LINES.items():
        chosen = [cls for cls in left if belongs(cls.info)]
        left = [cls for cls in left if cls not in chosen]
        lines += [f"## {title}", "", "| family | parameters | upper tail | for |", "|---|---|---|---|"]
        for cls in sorted(chosen, key=lambda cls: TAILS.index(tail(cls))):
            parameters = ", ".join(f"`{name}`" for name in cls.info.parameter_names)
            lines.append(f"| [{cls.__name__}]({cls.info.name}.md) | {parameters} | {tail(cls)} | {cls.info.summary} |")
        lines.append("")
    lines += ["## What every family has", "", "| family | " + " | ".join(CAPABILITIES) + " |", "|---|" + "---|" * len(CAPABILITIES)]
    lines += [f"| {cls.__name__} | {marks(cls(*cls.info.cases[0]))} |" for cls in families]
    return "\n".join(lines) + "\n"


TAILS = ["bounded", "light", "between", "power"]


def tail(cls: type[Family]) -> str:
    """How the first member's probability of large values falls, from quantiles far out."""
    model: Any = cls(*cls.info.cases[0])
    if np.isfinite(model.support[1]):
        return "bounded"
    x = model.isf(10.0 ** -np.array([100.0, 200.0, 300.0]))
    first, second = np.log(x[1] / x[0]), np.log(x[2] / x[1])
    if first <= np.log(2.02):
        return "light"
    return "power" if second >= 0.97 * first else "between"


# Pictures -------------------------------------------------------------------------------------------------------------


def draw(folder: pathlib.Path) -> None:
    """Densities or probabilities of some members of every family, as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "thetahat", "svg.fonttype": "none"}):
        for cls in th.families():
            if cls.info.vector:
                continue
            figure = Figure(figsize=(6.0, 3.0), layout="constrained")
            ax = figure.subplots()
            for model in members(cls):
                low, high = model.icdf(0.01), model.isf(0.02)
                label = ", ".join(f"{name} = {value:.3g}" for name, value in model.parameters.items())
                if cls.info.kind == "discrete":
                    x = np.arange(low, min(high, low + 60.0) + 1.0)
                    ax.plot(x, model.prob(x), "o-", markersize=3, linewidth=0.7, label=label)
                else:
                    x = np.linspace(low, high, 200)
                    ax.plot(x, model.prob(x), label=label)
            ax.legend(fontsize="x-small")
            ax.set_ylim(0.0, None)
            figure.savefig(folder / f"{cls.info.name}.svg", metadata={"Date": None})


def members(cls: type[Family]) -> list[Any]:
    """The first case, and two others in which one shape is half and twice as large."""
    case = list(cls.info.cases[0])
    found: list[Any] = [cls(*case)]
    shapes = [i for i, p in enumerate(cls.info.parameters) if p.name not in ("loc", "scale", "rate", "low", "high")]
    i = shapes[0] if shapes else len(case) - 1
    for factor in (0.5, 2.0):
        try:
            found.append(cls(*(value * factor if j == i else value for j, value in enumerate(case))))
        except th.ParameterError:
            continue
    return found
