"""The command line by subprocess: what it prints, what it writes, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import subprocess
import sys

import numpy as np
import pytest
import thetahat as th
from registry import quick_share
from thetahat.cli import main

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPENDING = ROOT / "examples" / "data" / "medical-spending.csv"
VISITS = ROOT / "examples" / "data" / "doctor-visits.csv"

CONTINUOUS = [cls for cls in th.families("continuous") if not cls.info.vector]
DISCRETE = th.families("discrete")
COUNTS = next(cls for cls in DISCRETE if all(p.default is None for p in cls.info.parameters))
VECTOR = next(cls for cls in th.families() if cls.info.vector)
# A family that all columns fit, and one that gives a point estimate only where the values differ.
REAL_LINE = next(cls for cls in CONTINUOUS if cls.info.fit_method == "closed_form" and np.isinf(cls.info.support.lower))


def run(*arguments, cwd=None, **environment):
    """The finished process of `thetahat` with arguments."""
    return subprocess.run(
        [sys.executable, "-m", "thetahat", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        timeout=120,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


def called(capsys, *arguments):
    """The same in this process, for the long tables of input."""
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    stdout, stderr = capsys.readouterr()
    return subprocess.CompletedProcess(arguments, ended.value.code or 0, stdout, stderr)


def succeeded(*arguments, **options):
    return output(run(*arguments, **options))


def refused(*arguments, **options):
    return refusal(run(*arguments, **options))


def output(process):
    assert process.returncode == 0, process.stderr
    assert process.stderr == "", "stderr is silent where it is no terminal"
    return process.stdout


def refusal(process):
    """What stderr says of bad usage or data."""
    assert process.returncode == 2, (process.stdout, process.stderr)
    assert "Traceback" not in process.stderr
    assert process.stdout == ""
    return process.stderr


def first_case(cls):
    return ([-1.0, 2.0], [1.0, 5.0]) if cls.info.vector else cls.info.cases[0]


def parameters_of(cls):
    """The options that name the family's first case."""
    pairs = zip(cls.info.parameter_names, first_case(cls), strict=True)
    return [f"--parameter={name}={','.join(map(repr, np.ravel(value).tolist()))}" for name, value in pairs]


# What it does ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "families"), [(SPENDING, CONTINUOUS), (VISITS, DISCRETE)], ids=["spending", "visits"])
def test_compare_ranks_every_family_of_a_kind(file, families, tmp_path):
    picture = tmp_path / "ranking.png"
    printed = succeeded("compare", file, "--plot", picture)
    for cls in families:
        assert cls.__name__ in printed
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_compare_as_json_is_the_library_s_comparison():
    document = json.loads(succeeded("compare", SPENDING, "--criterion", "aic", "--json"))
    comparison = th.compare(np.loadtxt(SPENDING, skiprows=1), criterion="aic")
    assert [row["family"] for row in document["rows"]] == [row.family for row in comparison.rows]
    assert [row["log_likelihood"] for row in document["rows"]] == [row.log_likelihood for row in comparison.rows]
    assert document["column"] == "spending"
    assert document["n"] == comparison.n


def test_kind_overrides_what_the_values_suggest():
    document = json.loads(succeeded("compare", VISITS, "--kind", "continuous", "--json"))
    assert document["kind"] == "continuous"
    assert json.loads(succeeded("compare", VISITS, "--json"))["kind"] == "discrete"


def test_fit_prints_the_summary_and_its_json_is_a_fit():
    name = REAL_LINE.info.name
    expected = th.fit(name, np.loadtxt(SPENDING, skiprows=1))
    assert expected.status in succeeded("fit", name, SPENDING)
    assert th.Fit.from_json(succeeded("fit", name, SPENDING, "--json")) == expected


def test_fit_with_weights_and_a_held_parameter(tmp_path):
    parameter = REAL_LINE.info.parameters[0].name
    (tmp_path / "x.csv").write_text("value,count\n1.5,2\n2.5,1\n4.0,3\n")
    printed = succeeded(
        "fit", REAL_LINE.info.name, "x.csv", "-c", "value", "--weights", "count", "--fixed", f"{parameter}=2", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    expected = REAL_LINE.fit([1.5, 2.5, 4.0], weights=[2, 1, 3], fixed={parameter: 2.0})
    assert th.Fit.from_json(printed) == expected


def test_fit_of_a_vector_family_takes_all_columns(tmp_path):
    points = VECTOR(*first_case(VECTOR)).sample(50, seed=1)
    np.save(tmp_path / "points.npy", points)
    fit = th.Fit.from_json(succeeded("fit", VECTOR.info.name, tmp_path / "points.npy", "--json"))
    assert fit == VECTOR.fit(points)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".npy", ".parquet", ".arrow"])
@pytest.mark.parametrize("cls", [REAL_LINE, COUNTS, VECTOR], ids=lambda cls: cls.info.name)
@quick_share(1)
def test_samples_are_the_library_s_and_are_read_back(cls, suffix, tmp_path):
    model = cls(*first_case(cls))
    file = tmp_path / f"draws{suffix}"
    assert succeeded("sample", cls.info.name, *parameters_of(cls), "-n", 200, "--seed", 7, "--out", file) == ""
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]
    draws = model.sample(200, seed=7)
    if suffix == ".npy":
        np.testing.assert_array_equal(np.load(file), draws)
    fitted = th.Fit.from_json(succeeded("fit", cls.info.name, file, "--json"))
    assert fitted == cls.fit(draws)


def test_sample_from_a_fit(tmp_path):
    fit = REAL_LINE.fit([1.0, 2.0, 4.0])
    (tmp_path / "fit.json").write_text(fit.to_json())
    printed = succeeded("sample", "--fit", tmp_path / "fit.json", "-n", 5, "--seed", 3)
    assert [float(line) for line in printed.splitlines()[1:]] == fit.model.sample(5, seed=3).tolist()


def test_families_and_info():
    listed = json.loads(succeeded("families", "--json"))
    assert list(listed) == [cls.info.name for cls in th.families()]
    table = succeeded("families")
    assert all(cls.info.name in table for cls in th.families())
    assert json.loads(succeeded("info", "--json")) == th.info()
    assert th.__version__ in succeeded("info")


COMMANDS = ["compare", "fit", "sample", "families", "info"]


def test_the_commands_are_listed():
    printed = succeeded("--help")
    assert all(command in printed for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    assert "Usage: thetahat " + command in succeeded(command, "--help")


# Input files ----------------------------------------------------------------------------------------------------------

GOOD_FILES = {
    "comma": ("x.csv", "x,y\n1.5,a\n2.5,b\n4.0,c\n", ["-c", "x"]),
    "by number": ("x.csv", "a,b\nq,1.5\nq,2.5\nq,4.0\n", ["-c", "2"]),
    "no header": ("x.csv", "1.5\n2.5\n4.0\n", []),
    "byte order mark": ("x.csv", "\ufeffx\n1.5\n2.5\n4.0\n", ["-c", "x"]),
    "blank lines": ("x.csv", "x\n\n1.5\n2.5\n\n4.0\n\n", []),
    "no last newline": ("x.csv", "x\n1.5\n2.5\n4.0", []),
    "carriage returns": ("x.csv", "x\r\n1.5\r\n2.5\r\n4.0\r\n", []),
    "tab": ("x.tsv", "x\ty\n1.5\t0\n2.5\t0\n4.0\t0\n", ["-c", "x"]),
    "semicolon": ("x.csv", "x;y\n1.5;a,b\n2.5;a,b\n4.0;a,b\n", ["-c", "x"]),
    "spaces": ("x.txt", "x y\n1.5  0\n2.5  0\n4.0  0\n", ["-c", "x"]),
    "quotes": ("x.csv", '"x","y"\n"1.5","two\nlines"\n"2.5","b"\n"4.0","c"\n', ["-c", "x"]),
    "missing": ("x.csv", "x\n1.5\nNA\n2.5\n \n4.0\nnan\n", ["--missing", "drop"]),
}


@pytest.mark.parametrize("label", GOOD_FILES)
def test_delimited_text_is_read(label, tmp_path, capsys, monkeypatch):
    name, text, options = GOOD_FILES[label]
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    printed = output(called(capsys, "fit", REAL_LINE.info.name, name, *options, "--json"))
    assert th.Fit.from_json(printed) == REAL_LINE.fit([1.5, 2.5, 4.0])


# file name, text, options, what the message must hold
BAD_FILES = {
    "text row": ("x.csv", "x\n1\n2\nthree\n", [], ["line 4", "'three'", "number", "--column"]),
    "only text": ("x.csv", "name\nann\nbob\n", [], ["line 2", "'ann'"]),
    "decimal comma": ("x.csv", "x;y\n1,5;0\n2,5;0\n", ["-c", "x"], ["line 2", "'1,5'", "point"]),
    "underscores": ("x.csv", "x\n1_000\n", [], ["line 2", "'1_000'"]),
    "missing": ("x.csv", "x\n1\nNA\n", [], ["line 3", "--missing drop"]),
    "short row": ("x.csv", "x,y\n1,2\n3\n", ["-c", "y"], ["line 3", "column y"]),
    "beyond int64": ("x.csv", "x\n99999999999999999999\n", [], ["line 2", "float"]),
    "beyond exact": ("x.csv", "x\n9007199254740993\n", [], ["2**53"]),
    "infinity": ("x.csv", "x\n1.5\ninf\n", [], ["inf", "index 1"]),
    "empty": ("x.csv", "", [], ["empty"]),
    "header alone": ("x.csv", "x\n", [], ["no row"]),
    "several columns": ("x.csv", "alpha,beta\n1,2\n", [], ["--column", "alpha, beta"]),
    "unknown column": ("x.csv", "alpha,beta\n1,2\n", ["-c", "alhpa"], ["'alhpa'", "'alpha'"]),
    "no such number": ("x.csv", "alpha,beta\n1,2\n", ["-c", "3"], ["'3'", "alpha"]),
    "no such file": ("xx.csv", "x\n1\n", [], ["x.csv", "no such file", "near it: xx.csv"]),
    "not UTF-8": ("x.csv", b"x\n\xff\xfe\n", [], ["UTF-8"]),
    "truncated npy": ("x.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", [], [".npy"]),
    "half-written parquet": ("x.parquet", b"PAR1\x15\x04\x15", [], ["half"]),
    "half-written arrow": ("x.arrow", b"ARROW1\x00\x00\xff", [], ["half"]),
}


@pytest.mark.parametrize("label", BAD_FILES)
def test_bad_files_are_refused_with_a_remedy(label, tmp_path, capsys, monkeypatch):
    name, content, options, fragments = BAD_FILES[label]
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    wanted = "x" + pathlib.Path(name).suffix
    monkeypatch.chdir(tmp_path)
    message = refusal(called(capsys, "compare", wanted, *options, "--plot", "out.png"))
    for fragment in fragments:
        assert fragment in message
    assert [entry.name for entry in tmp_path.iterdir()] == [name], "nothing is written"


def test_half_of_a_real_parquet_file_is_refused(tmp_path):
    values = parameters_of(REAL_LINE)
    file = tmp_path / "whole.parquet"
    succeeded("sample", REAL_LINE.info.name, *values, "-n", 1000, "--out", file)
    (tmp_path / "half.parquet").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "half" in refused("compare", tmp_path / "half.parquet")


def test_pickles_are_never_loaded(tmp_path):
    np.save(tmp_path / "x.npy", np.array([1.0, "a", None], dtype=object), allow_pickle=True)
    assert ".npy" in refused("compare", tmp_path / "x.npy")


def test_names_from_data_cannot_steer_the_terminal(tmp_path):
    (tmp_path / "x.csv").write_text("\x1b[2Jx,[red]y\n1,2\n2,3\n4,5\n")
    assert "\x1b" not in refused("compare", "x.csv", cwd=tmp_path)
    assert "\x1b" not in succeeded("fit", REAL_LINE.info.name, "x.csv", "-c", "1", cwd=tmp_path)
    assert "[red]y" in succeeded("fit", REAL_LINE.info.name, "x.csv", "-c", "2", cwd=tmp_path)


# Usage and exit codes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["fit", REAL_LINE.info.name[:-1], SPENDING], [repr(REAL_LINE.info.name)]),
        (["fit", REAL_LINE.info.name], ["FILE"]),
        (["compare", SPENDING, "--criterion", "cic"], ["cic"]),
        (["compare", SPENDING, "--plot", "ranking.docx"], [".png"]),
        (["sample"], ["--parameter", "--fit"]),
        (["sample", REAL_LINE.info.name], [REAL_LINE.info.parameter_names[0]]),
        (["sample", REAL_LINE.info.name, "--parameter", "2"], ["NAME=NUMBER"]),
        (["sample", REAL_LINE.info.name, "--parameter", "loc=__import__('os')"], ["NAME=NUMBER"]),
        (["sample", "--fit", SPENDING], ["JSON"]),
        (["sample", "--fit", "missing.json"], ["missing.json"]),
        (["unknown"], ["unknown"]),
    ],
    ids=lambda value: "-".join(str(part) for part in value[:2]) if isinstance(value, list) else None,
)  # fmt: skip
def test_bad_usage(arguments, fragments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = refusal(called(capsys, *arguments))
    for fragment in fragments:
        assert fragment in message
    assert list(tmp_path.iterdir()) == []


def test_a_fit_that_does_not_converge_ends_with_3(tmp_path):
    (tmp_path / "x.csv").write_text("x\n" + "2.5\n" * 20)
    process = run("fit", REAL_LINE.info.name, "x.csv", "--plot", "out.png", cwd=tmp_path)
    status = REAL_LINE.fit(np.full(20, 2.5)).status
    assert status not in {"converged", "boundary"}
    assert process.returncode == 3
    assert status in process.stdout
    assert not (tmp_path / "out.png").exists()


def test_what_is_replaced_is_replaced_whole(tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("kept")
    refused("sample", REAL_LINE.info.name, "--out", file)
    assert file.read_text() == "kept"
    values = parameters_of(REAL_LINE)
    assert "cannot be written" in refused("sample", REAL_LINE.info.name, *values, "--out", tmp_path / "no" / "x.csv")
    succeeded("sample", REAL_LINE.info.name, *values, "-n", 3, "--out", file)
    assert len(file.read_text().splitlines()) == 4
    assert list(tmp_path.iterdir()) == [file]


def test_a_reader_that_stops_early_is_no_error():
    values = " ".join(parameters_of(REAL_LINE))
    command = f"{sys.executable} -m thetahat sample {REAL_LINE.info.name} {values} -n 100000 | head -n 2"
    process = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, timeout=120)
    assert process.stderr == ""
    assert len(process.stdout.splitlines()) == 2


def test_progress_is_shown_on_a_terminal_only():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "thetahat", "compare", str(SPENDING)],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(120) == 0
    assert b"reading" in shown and b"fitting" in shown


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("typer", ["info"], "cli"),
        ("matplotlib", ["compare", SPENDING, "--plot", "out.png"], "plot"),
        ("pyarrow", ["compare", "x.parquet"], "parquet"),
    ],
)
def test_an_extra_that_is_not_installed_is_named(module, arguments, extra, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    (tmp_path / "hidden" / module).mkdir(parents=True)
    (tmp_path / "hidden" / module / "__init__.py").write_text(f"raise ModuleNotFoundError({module!r}, name={module!r})")
    process = run(
        *arguments,
        cwd=tmp_path,
        PYTHONPATH=os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")]),
    )
    assert process.returncode == 2
    assert f"thetahat[{extra}]" in process.stderr
    assert "Traceback" not in process.stderr
