"""Docstrings of the families, composed from what each declares."""

from __future__ import annotations

from .info import FamilyInfo

__all__ = ["family_docstring"]

_DOMAINS = {
    "real": "real",
    "positive": "> 0",
    "nonnegative": ">= 0",
    "unit": "between 0 and 1",
    "above_one": "> 1",
    "integer": "whole number",
    "count": "whole number >= 0",
}


def family_docstring(info: FamilyInfo) -> str:
    """Summary, formula, parameters, support, source and a runnable example."""
    lines = [info.summary, "", info.formula, "", "Parameters", "----------"]
    shape = "array of shape (d,)" if info.vector else "float or array"
    for parameter in info.parameters:
        default = "" if parameter.default is None else f", default {parameter.default:g}"
        lines += [f"{parameter.name} : {shape}, {_DOMAINS[parameter.domain]}{default}", f"    {parameter.doc}"]
    for alternative in info.alternatives:
        for keyword in alternative.keywords:
            lines.append(f"{keyword.name} : {shape}, {_DOMAINS[keyword.domain]}, keyword only")
            if keyword.doc:
                lines.append(f"    {keyword.doc}")
        formulas = ", ".join(each.formula for each in alternative.parameters)
        lines.append(f"    In place of {' and '.join(alternative.replaced)}: {formulas}.")
    if info.constraint:
        lines += ["", f"Constraint: {info.constraint}."]
    lines += ["", f"Support: {info.support.text}."]
    if info.boundary_maximum:
        lines.append("The likelihood is largest on a boundary set by an extreme observation: no standard errors there.")
    lines += ["", f"Source: {info.source}"]
    if info.cases:
        lines += ["", "Examples", "--------", *_example(info)]
    return "\n".join(lines) + "\n"


def _example(info: FamilyInfo) -> list[str]:
    shown = (lambda v: f"[{v!r}, {v!r}]") if info.vector else repr
    arguments = ", ".join(f"{p.name}={shown(float(v))}" for p, v in zip(info.parameters, info.cases[0], strict=True))
    shape = "(3, 2)" if info.vector else "(3,)"
    pairs = zip(info.parameters, info.cases[0], strict=True)
    held = {p.name: float(v) for p, v in pairs if p.given or (p.default is not None and v != p.default)}
    fixed = f", fixed={held!r}" if held else ""
    return [
        ">>> import thetahat as th",
        f">>> model = th.{info.class_name}({arguments})",
        ">>> model.sample(3, seed=7).shape",
        shape,
        f">>> fit = th.{info.class_name}.fit(model.sample(10_000, seed=7){fixed})",
        ">>> fit.status in ('converged', 'boundary')",
        "True",
        ">>> th.Family.from_json(fit.model.to_json()) == fit.model",
        "True",
    ]
