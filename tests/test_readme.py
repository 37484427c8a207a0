"""The README's tour is executed, its commands do what they say, and its links lead somewhere."""

from __future__ import annotations

import doctest
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*/**/README.md"))]
]


def commands():
    """The indented shell commands that begin with `thetahat`, alone or after an installation."""
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    return [line.split("&&")[-1].strip() for line in lines if "thetahat " in line]


def test_the_tour_prints_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```pycon\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 5
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", "README.md", 0)
    said = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(
        test, out=said.append
    )
    assert result.failed == 0, "".join(said)
    assert result.attempted > 20


def test_the_commands_do_what_they_say(tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert len(commands()) == 3
    for command in commands():
        line = f"{shlex.quote(sys.executable)} -m {command}"
        process = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120
        )
        assert process.returncode == 0, process.stderr
    assert (tmp_path / "ranking.png").read_bytes().startswith(b"\x89PNG")
    assert np.load(tmp_path / "spending.npy").shape == (1_000_000,)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_extras_that_the_readme_names_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r'pip install "\.\[([a-z,]+)\]"', README)
    assert named
    assert {extra for each in named for extra in each.split(",")} <= set(extras)
