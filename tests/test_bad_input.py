"""bad_input.csv: what is refused, by which error, with which message, and the word in it that says what to do instead.

Rows for the library run over every family; rows for the command line check its exit code and that nothing is written.
"""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import thetahat as th
from registry import FAMILIES, fit_like, quick_share
from thetahat.cli import main

ROWS = 50
PLACE = 17

with open(Path(__file__).parent / "bad_input.csv", newline="") as file:
    TABLE = list(csv.DictReader(file))


def replaced(x, value, dtype=np.float64):
    changed = x.astype(dtype)
    changed[PLACE] = value
    return changed


def with_weights(change):
    return lambda x: (x, change(np.ones(ROWS)))


# Input name -> what becomes of good observations.
INPUTS = {
    "good": lambda x: x,
    "nan": lambda x: replaced(x, np.nan),
    "infinity": lambda x: replaced(x, np.inf),
    "minus infinity": lambda x: replaced(x, -np.inf),
    "masked": lambda x: np.ma.array(x, mask=np.arange(ROWS) == PLACE),
    "none": lambda x: [*x[:PLACE].tolist(), None, *x[PLACE + 1 :].tolist()],
    "all missing": lambda x: np.full(ROWS, np.nan),
    "empty": lambda x: x[:0],
    "scalar": lambda x: x[0],
    "table": lambda x: x.reshape(-1, 2),
    "cube": lambda x: x.reshape(-1, 5, 2),
    "ragged": lambda x: [[1.0], [1.0, 2.0]],
    "strings": lambda x: x.astype(str),
    "one string": lambda x: np.array([*x[:PLACE], "a", *x[PLACE + 1 :]], dtype=object),
    "bytes": lambda x: x.astype("S8"),
    "complex": lambda x: x.astype(complex),
    "booleans": lambda x: x > x.mean(),
    "dates": lambda x: np.arange(ROWS).astype("M8[D]"),
    "structured": lambda x: np.zeros(ROWS, dtype=[("a", "f8")]),
    "long double": lambda x: x.astype(np.longdouble),
    "set": lambda x: set(x.tolist()),
    "nothing": lambda x: None,
    "beyond 2**53": lambda x: replaced(np.ones(ROWS), 2**53 + 1, np.int64),
    "negative weight": with_weights(lambda w: replaced(w, -1.0)),
    "nan weight": with_weights(lambda w: replaced(w, np.nan)),
    "infinite weight": with_weights(lambda w: replaced(w, np.inf)),
    "zero weights": with_weights(lambda w: 0 * w),
    "short weights": with_weights(lambda w: w[1:]),
    "null weight": with_weights(lambda w: np.ma.array(w, mask=np.arange(ROWS) == PLACE)),
    "text weights": with_weights(lambda w: w.astype(str)),
}

# Call name -> what is done with them.
CALLS = {
    "fit": lambda model, x: fit_like(model, x),
    "fit dropping": lambda model, x: fit_like(model, x, missing="drop"),
    "log_prob": lambda model, x: model.log_prob(x),
    "log_likelihood": lambda model, x: model.log_likelihood(x),
    "score": lambda model, x: model.score(x),
    "cdf": lambda model, x: model.cdf(x),
    "compare": lambda model, x: th.compare(x, families=type(model)),
    "weights": lambda model, pair: fit_like(model, pair[0], weights=pair[1]),
    "compare with weights": lambda model, pair: th.compare(pair[0], families=type(model), weights=pair[1]),
    "unknown family": lambda model, x: th.fit(model.info.name + "x", x),
    "unknown parameter": lambda model, x: fit_like(model, x, fixed={model.info.parameter_names[0] + "x": 1.0}),
    "unknown missing": lambda model, x: fit_like(model, x, missing="ignore"),
    "probability above one": lambda model, x: model.icdf([0.5, 1.5]),
    "probability nan": lambda model, x: model.icdf([0.5, np.nan]),
}


def text_file(change):
    """A CSV file of one column, changed at the row of index PLACE, line PLACE + 2."""

    def write(folder, x):
        lines = ["x", *map(repr, x.astype(float).tolist())]
        path = folder / "x.csv"
        path.write_text("\n".join(change(lines)) + "\n")
        return [str(path)]

    return write


def at_place(text):
    return text_file(lambda lines: [*lines[: PLACE + 1], text, *lines[PLACE + 2 :]])


short_row = text_file(lambda lines: [line if i == PLACE + 1 else f"{line},1" for i, line in enumerate(lines)])


def half_written_parquet(folder, x):
    import pyarrow
    from pyarrow import parquet

    path = folder / "x.parquet"
    parquet.write_table(pyarrow.table({"x": x}), path)
    path.write_bytes(path.read_bytes()[:200])
    return [str(path)]


def empty_file(folder, x):
    (folder / "x.csv").write_text("")
    return [str(folder / "x.csv")]


# Input name -> a file, and the arguments that name it.
FILES = {
    "nan row": at_place("nan"),
    "infinity row": at_place("inf"),
    "text row": at_place("three"),
    "header and text rows": text_file(lambda lines: ["name", "ann", "bob"]),
    "empty file": empty_file,
    "no rows": text_file(lambda lines: lines[:1]),
    "short row": lambda folder, x: [*short_row(folder, x), "--column", "2"],
    "unknown column": lambda folder, x: [*text_file(lambda lines: lines)(folder, x), "--column", "nonsense"],
    "missing file": lambda folder, x: [text_file(lambda lines: lines)(folder, x)[0].replace("x.csv", "y.csv")],
    "half-written parquet": half_written_parquet,
}


def rows(library):
    chosen = [row for row in TABLE if row["call"].startswith("command") != library]
    return pytest.mark.parametrize("row", chosen, ids=lambda row: f"{row['call']}-{row['input']}")


def check_message(row, message):
    assert re.search(row["pattern"], message, re.IGNORECASE | re.DOTALL), message
    assert re.search(row["remedy"], message, re.IGNORECASE), message
    assert len(message) < 600 and "Traceback" not in message


@rows(library=True)
@quick_share(4)
def test_the_library_refuses(row, family):
    model = family(*family.info.cases[0])
    x = model.sample(ROWS, seed=71)
    given = INPUTS[row["input"]](x)
    untouched = [np.array(part, copy=True) for part in (given if isinstance(given, tuple) else (x,))]
    errors = tuple(getattr(th, name) for name in row["exception"].split("|"))
    with pytest.raises(errors) as caught:
        CALLS[row["call"]](model, given)
    check_message(row, str(caught.value))
    for part, before in zip(given if isinstance(given, tuple) else (x,), untouched, strict=True):
        np.testing.assert_array_equal(np.array(part), before)


@rows(library=False)
def test_the_command_line_refuses(row, tmp_path, capsys):
    continuous = next(cls for cls in FAMILIES if cls.info.kind == "continuous")
    x = continuous(*continuous.info.cases[0]).sample(ROWS, seed=72)
    arguments = FILES[row["input"]](tmp_path, x)
    before = sorted(tmp_path.iterdir())
    picture = tmp_path / "picture.png"
    _, verb = row["call"].split()
    family = [continuous.info.name] if verb == "fit" else []
    with pytest.raises(SystemExit) as caught:
        main([verb, *family, *arguments, "--plot", str(picture)])
    assert f"exit {caught.value.code}" == row["exception"]
    captured = capsys.readouterr()
    assert captured.out == ""
    check_message(row, captured.err)
    assert sorted(tmp_path.iterdir()) == before, "nothing is written"


def test_every_input_and_call_is_in_the_table():
    assert {row["input"] for row in TABLE} == set(INPUTS) | set(FILES)
    assert {row["call"] for row in TABLE} == set(CALLS) | {"command compare", "command fit"}


@pytest.mark.parametrize("name", ["ThetahatError", *sorted({part for row in TABLE for part in row["exception"].split("|") if "exit" not in part})])
def test_errors_are_the_builtin_ones_too(name):
    error = getattr(th, name)
    assert issubclass(error, th.ThetahatError)
    builtin = {"DataError": ValueError, "ParameterError": ValueError, "DtypeError": TypeError, "UnknownNameError": ValueError}
    assert issubclass(error, builtin.get(name, Exception))
