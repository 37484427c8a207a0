"""Run the benchmarks, keep what they measured in benchmarks/results, and write the tables for people beside it.

python benchmarks/collect.py            everything; takes about ten minutes and 5 GiB of memory
python benchmarks/collect.py --quick    to try it out; the results say that they are quick
python benchmarks/collect.py --only test_fit.py    one file, on the machine that the other rows are from

The results are kept by instruction set; THETAHAT_TARGET=avx2 measures the kernels of an older processor. Install the
package rather than an editable checkout, whose import looks for changed sources and is not measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
from importlib.metadata import version
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"
TARGETS = ("avx512", "avx2", "baseline")
PEERS = ("lifelines", "surpyval")  # beside numpy and scipy, where they are installed: pip install lifelines surpyval
TITLES = {
    "read": "Reading: a sum of the data",
    "log_likelihood": "Log-likelihood",
    "log_likelihood_direct": "Log-likelihood, direct form",
    "score_and_information": "Log-likelihood, score and information in one pass",
    "fit": "Fit",
    "fit_many_small": "Fit of a thousand observations",
    "fit_right_censored": "Fit of right-censored rows",
    "fit_interval_censored": "Fit of interval-censored rows",
    "fit_binned": "Fit of a histogram of a thousand bins",
    "sample": "Draws on one core",
    "compare": "Fit and rank all families of a kind",
    "compare_small": "Fit and rank the continuous families, few observations",
    "import": "What `import thetahat` adds to `import numpy`",
}


def run(quick: bool, only: str | None) -> dict[str, Any]:
    """The report of pytest-benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        size = ["--quick"] if quick else ["--huge"]
        command = [sys.executable, "-m", "pytest", str(HERE / only if only else HERE), "-q", *size, f"--benchmark-json={report}"]
        subprocess.run(command, check=True, cwd=HERE.parent)
        return json.loads(report.read_text())


def distilled(report: dict[str, Any], quick: bool) -> dict[str, Any]:
    """What was measured, on what; nothing that names the machine's owner or the day."""
    import numpy
    import scipy
    import thetahat

    cpu = report["machine_info"]["cpu"]
    peers = {name: version(name) for name in PEERS if importlib.util.find_spec(name)}
    return {
        "machine": {
            "cpu": cpu.get("brand_raw", cpu.get("arch", "unknown")),
            "cores": cpu.get("count"),
            "target": thetahat.info()["target"],
            "threads": thetahat.get_num_threads(),
            "python": report["machine_info"]["python_version"],
            "thetahat": thetahat.__version__,
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            **peers,
        },
        "quick": quick,
        "rows": [
            {"benchmark": row["group"], "rounds": row["stats"]["rounds"], **row["extra_info"]}
            for row in report["benchmarks"]
        ],
    }


# The table ------------------------------------------------------------------------------------------------------------


def time_of(row: dict[str, Any]) -> str:
    """Nanoseconds per point for a pass over many, else milliseconds."""
    seconds = row["seconds"]["thetahat"]
    if row["points"] >= 10**5 and not row["benchmark"].startswith(("fit", "compare")):
        return f"{seconds / row['points'] * 1e9:.3g} ns/point"
    return f"{seconds * 1e3:.3g} ms"


def peers_of(row: dict[str, Any]) -> str:
    """How many times as long each peer takes; `read` and bare `import numpy` are no peers."""
    ours = row["seconds"]["thetahat"]
    peers = {name: time for name, time in row["seconds"].items() if name not in {"thetahat", "read", "import numpy"}}
    return ", ".join(f"{name} {time / ours:.3g} ×" for name, time in peers.items())


def share_of_read(row: dict[str, Any]) -> str:
    """The time in units of reading the same data once, and the share of the reader's rate that it keeps."""
    ratio = row.get("times_read")
    if ratio is None:
        return ""
    return f"{ratio:.2f} × read ({1 / ratio:.0%})"


def limits_of(row: dict[str, Any]) -> str:
    """The figures that the project holds itself to."""
    unit = {"ns per point": " ns/point", "ms": " ms"}
    return ", ".join(
        f"{'✓' if limit['measured'] <= limit['most'] else '✗'} ≤ {limit['most']:g}{unit.get(kind, ' × ' + kind)}"
        for kind, limit in row.get("limits", {}).items()
    )


def description(document: dict[str, Any]) -> str:
    """One sentence on what was measured on what."""
    machine = document["machine"]
    quick = " Quick run: a tenth of the points." if document["quick"] else ""
    peers = "".join(f", {name} {machine[name]}" for name in PEERS if name in machine)
    return (
        f"Medians on {machine['cpu']}, {machine['cores']} cores, kernels for {machine['target']}, {machine['threads']} "
        f"threads where not said otherwise; Python {machine['python']}, numpy {machine['numpy']}, scipy "
        f"{machine['scipy']}{peers}. Each row is one race: ours, the reader and the peers took turns.{quick}"
    )


def tables(document: dict[str, Any], chosen: list[str] | None = None, only_limited: bool = False) -> str:
    """Markdown tables of the chosen benchmarks; a peer's figure is how many times as long it takes."""
    parts = []
    for name in chosen or TITLES:
        rows = [row for row in document["rows"] if row["benchmark"] == name]
        if only_limited:
            rows = [row for row in rows if row.get("limits", {}).keys() - {"scipy"}] or rows
        if not rows:
            continue
        cells = [
            (
                " ".join(filter(None, (row["family"].replace("-", "all"), row.get("form", "")))),
                f"{row['points']:,}".replace(",", "\u202f"),
                time_of(row),
                share_of_read(row),
                peers_of(row),
                limits_of(row),
            )
            for row in rows
        ]
        heads = ("", "points", "thetahat", "against reading", "peers take", "limit")
        shown = [k for k in range(len(heads)) if any(cell[k] for cell in cells)]
        lines = [[head for k, head in enumerate(heads) if k in shown], ["---" if k == 0 else "---:" for k in shown]]
        lines += [[cell[k] for k in shown] for cell in cells]
        parts.append(f"**{TITLES[name]}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts)


def load() -> list[dict[str, Any]]:
    """The committed results, the widest instruction set first."""
    files = [RESULTS / f"{target}.json" for target in TARGETS]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]


def page() -> str:
    """The page beside the results."""
    parts = ["# Benchmarks", "<!-- Written by benchmarks/collect.py from the files beside it. -->"]
    parts += ["[Published censored data](published_cases.md): whose maximum is higher, by how much."]
    for document in load():
        parts += [f"## {document['machine']['target']}", description(document), tables(document)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the benchmarks and write benchmarks/results.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the points")
    parser.add_argument("--only", metavar="FILE", help="one file of benchmarks; the other rows stay as they are")
    chosen = parser.parse_args()
    document = distilled(run(chosen.quick, chosen.only), chosen.quick)
    if chosen.only:
        measured = {row["benchmark"] for row in document["rows"]}
        kept = [old for old in load() if old["machine"]["target"] == document["machine"]["target"]]
        document["rows"] = [r for old in kept for r in old["rows"] if r["benchmark"] not in measured] + document["rows"]
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{document['machine']['target']}.json").write_text(text, encoding="utf-8")
    (RESULTS / "README.md").write_text(page(), encoding="utf-8")
    missed = [row for row in document["rows"] if "✗" in limits_of(row)]
    print(f"{len(document['rows'])} rows; {len(missed)} beyond a limit")
    for row in missed:
        print(
            f"  {row['benchmark']} {row['family']} {row['points']}:",
            f"{limits_of(row)}; {time_of(row)} {share_of_read(row)}",
        )


if __name__ == "__main__":
    main()
