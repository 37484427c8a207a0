"""Rewrite what is generated and committed: the stub of the families, the README's tables, docs/accuracy.md.

    python docs/regenerate.py            rewrite
    python docs/regenerate.py --check    say what would change, and exit with 1 if anything would

The registry of the installed thetahat and the committed benchmark results are the sources; nothing is listed here.
"""

from __future__ import annotations

import argparse
import importlib.util
import pathlib
import re
import textwrap
from types import ModuleType

import thetahat as th
from thetahat import _core
from thetahat.base import Family
from thetahat.info import FamilyInfo, ParameterInfo

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTICE = "Written by docs/regenerate.py; changes made by hand are lost."
README_BENCHMARKS = ["read", "log_likelihood", "score_and_information", "fit", "fit_right_censored",
                     "fit_interval_censored", "fit_binned", "sample", "compare"]  # fmt: skip


def generated() -> dict[pathlib.Path, str]:
    """Every generated file with the text that it must have."""
    return {
        ROOT / "python" / "thetahat" / "families.pyi": stub(),
        ROOT / "docs" / "accuracy.md": accuracy(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
    }


# The stub -------------------------------------------------------------------------------------------------------------


def stub() -> str:
    """`families.pyi`: the classes that `families.py` makes from the registry, with their signatures."""
    names = [cls.__name__ for cls in th.families()]
    listed = ", ".join(f'"{name}"' for name in ["families", "family_class", *names])
    head = f"""
        # {NOTICE}
        from typing import Literal

        from numpy.typing import ArrayLike

        from .base import Family, Parameter
        from .compiled import CompiledFamily
        from .vector import Vector, VectorFamily

        __all__ = [{listed}]

        def families(kind: Literal["continuous", "discrete"] | None = None) -> list[type[Family]]: ...
        def family_class(family: object, argument: str = "family") -> type[Family]: ...
        def register(cls: type[Family]) -> None: ...
    """
    return textwrap.dedent(head).lstrip() + "".join(map(class_stub, th.families()))


def class_stub(cls: type[Family]) -> str:
    """One class: constructor and parameters."""
    info = cls.info
    replaceable = {name for alternative in info.alternatives for name in alternative.replaced}
    arguments, optional = ["self"], False
    for parameter in info.parameters:
        optional = optional or parameter.default is not None or parameter.name in replaceable
        if not optional:
            arguments.append(f"{parameter.name}: ArrayLike")
        elif parameter.default is not None:
            arguments.append(f"{parameter.name}: ArrayLike = {parameter.default!r}")
        else:
            arguments.append(f"{parameter.name}: ArrayLike | None = None")
    if info.alternatives:
        arguments += ["*", *(f"{name}: ArrayLike | None = None" for each in info.alternatives for name in each.names)]
    lines = [f"class {cls.__name__}({'VectorFamily' if info.vector else 'CompiledFamily'}):"]
    lines.append(f"    def __init__({', '.join(arguments)}) -> None: ...")
    for parameter in info.parameters:
        lines += ["    @property", f"    def {parameter.name}(self) -> {'Vector' if info.vector else 'Parameter'}: ..."]
    return "\n" + "\n".join(lines) + "\n"


# The tables -----------------------------------------------------------------------------------------------------------

DOMAINS = {
    "real": "real", "positive": "> 0", "nonnegative": "≥ 0", "unit": "in (0, 1)", "above_one": "> 1", "integer": "whole", "count": "whole, ≥ 0",
}  # fmt: skip
METHODS = {
    "closed_form": "closed form",
    "statistics": "Newton on sufficient statistics",
    "passes": "Newton by passes over the data",
    "boundary": "extreme observations",
}


def parameter_text(parameter: ParameterInfo) -> str:
    """Name and domain, and the value that a fit holds it at."""
    held = f", held at {parameter.default:g}" if parameter.default is not None else ""
    return f"`{parameter.name}` {DOMAINS[parameter.domain]}{held}"


def families_table() -> str:
    """One row for each family."""
    rows = ["| family | parameters | support | fit | scipy | torch |", "|---|---|---|---|---|---|"]
    for info in (cls.info for cls in th.families()):
        parameters = "; ".join(map(parameter_text, info.parameters))
        other = " or ".join(", ".join(f"`{name}=`" for name in each.names) for each in info.alternatives)
        scipy = f"`{info.scipy.name}`" if info.scipy else "–"
        torch = f"`{info.torch}`" if info.torch else "–"
        rows.append(
            f"| `{info.class_name}` | {parameters}{f'; or {other}' if other else ''} | {info.support.text} "
            f"| {METHODS[info.fit_method]} | {scipy} | {torch} |"
        )
    return "\n".join(rows)


def benchmark_tables() -> str:
    """The digest of the committed results."""
    collect = collector()
    documents = collect.load()
    if not documents:
        return "`python benchmarks/collect.py` measures and writes this table."
    widest = documents[0]
    return f"{collect.description(widest)}\n\n{collect.tables(widest, README_BENCHMARKS, only_limited=True)}"


def collector() -> ModuleType:
    """benchmarks/collect.py, which knows how its results are laid out."""
    specification = importlib.util.spec_from_file_location("collect", ROOT / "benchmarks" / "collect.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def readme(text: str) -> str:
    """The README with what stands between its markers replaced."""
    for name, part in (("families", families_table()), ("benchmarks", benchmark_tables())):
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(lambda match, part=part: match[1] + part + "\n" + match[2], text)
        if count != 1:
            raise SystemExit(f"README.md: must have one pair of markers for {name!r}; got {count}")
    return text


# Accuracy -------------------------------------------------------------------------------------------------------------


def accuracy() -> str:
    """docs/accuracy.md: what each family, and each function below it, promises."""
    functions = [
        "| " + " | ".join([f"`{row['function']}`", f"{row['ulp']:g}", cell(row["scale"]), cell(row["domain"])]) + " |"
        for row in _core._math.bounds()
    ]
    rows = [f"| `{info.class_name}` | {info.accuracy} | {points(info)} |" for info in (c.info for c in th.families())]
    return "\n".join(
        [
            "# Accuracy",
            "",
            f"<!-- {NOTICE} -->",
            "",
            "## log_prob",
            "",
            "For every x and θ in its domain, tails and edges included, the error of `log_prob` is at most",
            "",
            "    C · 2⁻⁵² · max(1, |log p|, |x · ∂ log p/∂x|, maxⱼ |θⱼ · ∂ log p/∂θⱼ|)",
            "",
            "against values in 50-digit arithmetic. The derivatives stand there because x and θ are rounded: to change",
            "x in its last digit changes log p by that much, whatever is computed. C is the family's constant:",
            "",
            "| family | C | tested at |",
            "|---|---:|---|",
            *rows,
            "",
            "The same values come from every CPU target and any number of threads, bit for bit.",
            "",
            "## The functions below",
            "",
            "The error of each function of `cpp/include/thetahat/math` against 50-digit values, in units in the last",
            "place of the exact result f, times the scale; the table of `math/bounds.hpp`, which the tests assert.",
            "",
            "| function | ulp | times | over |",
            "|---|---:|---|---|",
            *functions,
            "",
        ]
    )


def cell(text: str) -> str:
    """Text whose bars do not end a cell."""
    return text.replace("|", "\\|")


def points(info: FamilyInfo) -> str:
    """The parameter points of the tests; those of vectors are in their tests."""
    if not info.cases:
        return "–"
    shown = ("(" + ", ".join(f"{value:g}" for value in case) + ")" for case in info.cases)
    return f"({', '.join(info.parameter_names)}) = {', '.join(shown)}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Rewrite what is generated and committed.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file would change")
    check = parser.parse_args().check
    stale = [
        (path, text)
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
