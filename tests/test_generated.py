"""What is generated and committed is what would be generated now."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import pathlib

import pytest
import thetahat as th
from thetahat import _core

ROOT = pathlib.Path(__file__).resolve().parent.parent


def _regenerate():
    specification = importlib.util.spec_from_file_location("regenerate", ROOT / "docs" / "regenerate.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wanted():
    return _regenerate().generated()


def test_generated_files_are_fresh(wanted):
    for path, text in wanted.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale; run: python docs/regenerate.py"


def test_every_family_has_a_page_with_a_picture_and_no_other_has_one(wanted):
    folder = ROOT / "docs" / "families"
    names = {cls.info.name for cls in th.families() if not cls.info.vector}
    assert {path.stem for path in wanted if path.parent == folder} == names | {"README"}
    assert {path.name for path in folder.iterdir()} == {f"{name}{end}" for name in names for end in (".md", ".svg")} | {"README.md"}


def test_no_family_lacks_a_function_or_a_fit(wanted):
    table = wanted[ROOT / "docs" / "families" / "README.md"].split("## What every family has")[1]
    assert table.count("✓") > 500 and "–" not in table


def test_the_stub_has_the_classes_and_signatures_of_the_registry(wanted):
    (path,) = [path for path in wanted if path.suffix == ".pyi"]
    classes = {
        node.name: node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    }
    assert list(classes) == [cls.__name__ for cls in th.families()]
    for cls in th.families():
        methods = [node for node in classes[cls.__name__].body if isinstance(node, ast.FunctionDef)]
        constructor = methods[0].args
        names = [argument.arg for argument in constructor.args[1:] + constructor.kwonlyargs]
        assert names == list(inspect.signature(cls).parameters)
        assert tuple(method.name for method in methods[1:]) == cls.info.parameter_names


def _public(names):
    return {name for name in names if not name.startswith("_")}


def test_the_stub_of_the_compiled_module_has_its_functions_and_arguments():
    stub = ast.parse((ROOT / "python" / "thetahat" / "_core.pyi").read_text(encoding="utf-8"))
    functions = {node.name: node.args for node in stub.body if isinstance(node, ast.FunctionDef)}
    attributes = {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign)}
    assert _public(functions) | attributes == _public(dir(_core))
    for name, arguments in functions.items():
        optional = len(arguments.args) - len(arguments.defaults)
        stubbed = [(argument.arg, k >= optional) for k, argument in enumerate(arguments.args)]
        # pybind11 writes the signature on the first line of the docstring, types and all.
        signature = ast.parse(f"def {getattr(_core, name).__doc__.splitlines()[0]}: ...").body[0].args
        optional = len(signature.args) - len(signature.defaults)
        assert stubbed == [(argument.arg, k >= optional) for k, argument in enumerate(signature.args)], name


def test_the_results_page_is_that_of_the_results():
    collect = _regenerate().module(ROOT / "benchmarks" / "collect.py")
    if collect.load():
        assert (collect.RESULTS / "README.md").read_text(encoding="utf-8") == collect.page()
