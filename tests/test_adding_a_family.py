"""docs/adding_a_family.md is carried out: its three pieces make a family, and the tests over the registry pass."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "adding_a_family.md"
PIECE = re.compile(r"<!-- (file|append): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
# What building and testing reads.
PARTS = ["CMakeLists.txt", "pyproject.toml", "README.md", "LICENSE", "cpp", "bindings", "python", "tests"]


def pieces():
    return PIECE.findall(PAGE.read_text(encoding="utf-8"))


def test_the_page_edits_three_places():
    places = [(action, pathlib.PurePosixPath(path)) for action, path, _ in pieces()]
    assert [action for action, _ in places] == ["file", "append", "append"]
    assert [str(path.parent) for _, path in places] == [
        "cpp/include/thetahat/families",
        "cpp/include/thetahat",
        "tests/reference/oracle",
    ]
    assert all((ROOT / path).exists() == (action == "append") for action, path in places)


@pytest.mark.slow
def test_the_page_makes_a_family(tmp_path):
    copy = tmp_path / "thetahat"
    copy.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        else:
            shutil.copy2(source, copy / part)
    for action, path, text in pieces():
        target = copy / path
        old = target.read_text(encoding="utf-8") + "\n\n" * path.endswith(".py") if action == "append" else ""
        target.write_text(old + text, encoding="utf-8")
    name = pathlib.PurePosixPath(pieces()[0][1]).stem

    # One instruction set beside the baseline is enough to build it; its tests need the families it is compared with.
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(copy)]
    subprocess.run([*install, "-C", "cmake.define.THETAHAT_TARGETS=native"], check=True, timeout=1500)
    # Without site: an editable installation's hook would answer for the name before the path does.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), sysconfig.get_path("purelib")])}
    python = [sys.executable, "-S"]
    code = f"import thetahat as th; f = th.family_class({name!r}); print(f.__module__, th.__file__, f.info.summary)"
    shown = subprocess.run([*python, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert str(site) in shown.stdout
    tests = [*python, "-m", "pytest", "-q", "-m", "", "-k", name, "-p", "no:cacheprovider", str(copy / "tests")]
    process = subprocess.run(
        tests, check=False, capture_output=True, text=True, env=environment, cwd=copy, timeout=1500
    )
    assert process.returncode == 0, process.stdout[-5000:]
    assert re.search(r"[1-9]\d* passed", process.stdout)
