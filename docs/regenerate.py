"""Rewrite what is generated and committed: the stub of the families, the README's tables, docs/accuracy.md, docs/families.

    python docs/regenerate.py            rewrite
    python docs/regenerate.py --check    say what would change, and exit with 1 if anything would
    python docs/regenerate.py --draw     draw the pictures of docs/families as well, which takes matplotlib

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
from thetahat.info import FamilyInfo

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTICE = "Written by docs/regenerate.py; changes made by hand are lost."
README_BENCHMARKS = ["read", "log_likelihood", "score_and_information", "fit", "fit_right_censored",
                     "fit_interval_censored", "fit_binned", "sample", "compare"]  # fmt: skip


def module(path: pathlib.Path) -> ModuleType:
    """A script of the repository as a module."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    return made


family_pages = module(ROOT / "docs" / "family_pages.py")


def generated() -> dict[pathlib.Path, str]:
    """Every generated file with the text that it must have."""
    return {
        ROOT / "python" / "thetahat" / "families.pyi": stub(),
        ROOT / "docs" / "accuracy.md": accuracy(),
        **family_pages.pages(ROOT / "docs" / "families", NOTICE),
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

def families_table() -> str:
    """One row for each family."""
    rows = ["| family | parameters | support | fit | scipy | torch |", "|---|---|---|---|---|---|"]
    for info in (cls.info for cls in th.families()):
        parameters = "; ".join(map(family_pages.parameter_text, info.parameters))
        other = " or ".join(", ".join(f"`{name}=`" for name in each.names) for each in info.alternatives)
        scipy = f"`{info.scipy.name}`" if info.scipy else "–"
        torch = f"`{info.torch}`" if info.torch else "–"
        rows.append(
            f"| `{info.class_name}` | {parameters}{f'; or {other}' if other else ''} | {info.support.text} "
            f"| {family_pages.METHODS[info.fit_method]} | {scipy} | {torch} |"
        )
    return "\n".join(rows)


def benchmark_tables() -> str:
    """The digest of the committed results."""
    collect = module(ROOT / "benchmarks" / "collect.py")  # which knows how its results are laid out
    documents = collect.load()
    if not documents:
        return "`python benchmarks/collect.py` measures and writes this table."
    widest = documents[0]
    return f"{collect.description(widest)}\n\n{collect.tables(widest, README_BENCHMARKS, only_limited=True)}"


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
    parser.add_argument("--draw", action="store_true", help="draw the pictures of docs/families")
    arguments = parser.parse_args()
    check = arguments.check
    if arguments.draw:
        family_pages.draw(ROOT / "docs" / "families")
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
