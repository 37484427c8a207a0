"""Write examples/data/medical-spending.csv and doctor-visits.csv from an installed statsmodels.

The two columns come from the RAND Health Insurance Experiment, which statsmodels ships as `datasets/randhie/src` and
states to be in the public domain. The values are copied as they are written there, digit for digit.

    pip install --no-deps statsmodels
    python examples/make_data.py

Only the file is read; statsmodels itself is not imported, so what it depends on need not be installed.
"""

from __future__ import annotations

import csv
import importlib.util
import pathlib
import sys

DATA = pathlib.Path(__file__).resolve().parent / "data"


def source_file() -> pathlib.Path:
    """Where the installed statsmodels keeps the experiment's person-years."""
    found = importlib.util.find_spec("statsmodels")
    if found is None or not found.submodule_search_locations:
        sys.exit("make_data.py reads a file of statsmodels: pip install --no-deps statsmodels")
    return pathlib.Path(found.submodule_search_locations[0]) / "datasets" / "randhie" / "src" / "randhie.csv"


def main() -> None:
    with source_file().open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    spending = [row["meddol"] for row in rows if float(row["meddol"]) > 0]
    visits = [row["mdvis"] for row in rows]
    for name, column, values in (
        ("medical-spending.csv", "spending", spending),
        ("doctor-visits.csv", "visits", visits),
    ):
        (DATA / name).write_text("\n".join([column, *values]) + "\n", encoding="ascii")
        print(f"{name}: {len(values)} rows")


if __name__ == "__main__":
    main()
