"""Name = path = test: a pass is found by its name alone, and so is its test."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from deployopt import universe
from deployopt.pipeline import PHASES, Phase
from xdsl.dialects import get_all_dialects
from xdsl.passes import ModulePass
from xdsl.targets import get_all_targets
from xdsl.transforms import get_all_passes
from xdsl.utils.arg_spec import parse_pipeline

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "compiler"
TESTS = ROOT / "tests" / "filecheck"


def pass_file(name: str) -> Path:
    """Where pass `name` must stand, relative to the package."""
    level, _, rest = name.partition("-")
    return Path("transforms", level, f"{rest.replace('-', '_')}.py")


def camel(name: str) -> str:
    """`a-few-words` as `AFewWords`."""
    return "".join(word.capitalize() for word in name.split("-"))


def field_docstrings(source: str, class_name: str) -> Iterator[str]:
    """The fields of a class that have a docstring under them."""
    classes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ClassDef))
    body = next(node.body for node in classes if node.name == class_name)
    for field, text in pairwise(body):
        target = field.target if isinstance(field, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(text, ast.Expr):
            yield target.id


@pytest.mark.parametrize("name", universe.PASSES)
def test_name_is_path(name: str):
    file = pass_file(name)
    module = ".".join(file.with_suffix("").parts)
    assert universe.PASSES[name] == f"{module}:{camel(name)}Pass"
    assert (PACKAGE / file).exists()
    found = universe.resolve(universe.PASSES[name])
    assert issubclass(found, ModulePass)
    assert found.name == name


@pytest.mark.parametrize("name", universe.PASSES)
def test_path_is_test(name: str):
    test = TESTS / pass_file(name).with_suffix(".mlir")
    assert test.exists()
    assert f"{name}" in test.read_text()
    refuses = "PassFailedException" in (PACKAGE / pass_file(name)).read_text()
    invalid = test.with_name(f"{test.stem}_invalid.mlir")
    assert not refuses or invalid.exists(), f"{name} can refuse: {invalid.name}"


@pytest.mark.parametrize("name", universe.PASSES)
def test_a_pass_explains_itself(name: str):
    found = universe.resolve(universe.PASSES[name])
    module = inspect.getmodule(found)
    assert module is not None
    text = module.__doc__ or ""
    assert "Before" in text
    assert "After" in text
    assert found.__doc__
    assert not found.__doc__.startswith(f"{found.__name__}("), "a generated docstring"
    options = {field.name for field in dataclasses.fields(found)}
    documented = set(field_docstrings(inspect.getsource(module), found.__name__))
    assert options <= documented


def test_every_pass_is_in_the_table():
    files = (PACKAGE / "transforms").rglob("*.py")
    passes = [f for f in files if "(ModulePass)" in f.read_text()]
    named = {PACKAGE / pass_file(name) for name in universe.PASSES}
    assert set(passes) <= named


def test_every_place_exists():
    for place in (*universe.DIALECTS.values(), *universe.TARGETS.values()):
        assert universe.resolve(place) is not None


def test_no_name_is_taken():
    assert not universe.PASSES.keys() & get_all_passes().keys()
    assert not universe.DIALECTS.keys() & get_all_dialects().keys()
    assert not universe.TARGETS.keys() & get_all_targets().keys()


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_phases_name_passes_that_exist(phase: Phase):
    passes = universe.all_passes()
    for text in phase.passes:
        (spec,) = parse_pipeline(text)
        assert passes[spec.name]().from_spec(spec).name == spec.name
