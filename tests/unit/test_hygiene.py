"""Sizes, words, and a test of the tests: an empty one looks green."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from project import ROOT, tracked_files

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60

LOST_COLON = re.compile(r"//\s*CHECK(-[A-Z]+)*\s+\S")
CHECK_LINE = re.compile(r"//\s*[A-Z][A-Z0-9_-]*:")
CHECK_CLOSING_BRACE = re.compile(r"//\s*[A-Z-]+-NEXT:\s*\}\s*$")

UNWANTED = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X:", "/wo" + "rk/"]))
"""Marks of unfinished work, and places on one person's machine."""

TEXT = {
    ".py",
    ".c",
    ".h",
    ".S",
    ".ld",
    ".md",
    ".toml",
    ".mlir",
    ".test",
    ".cfg",
    ".yaml",
}


@cache
def repository() -> tuple[Path, ...]:
    """All the text files of the project."""
    return tuple(path for path in tracked_files(".") if path.suffix in TEXT)


def relative(path: Path) -> str:
    """How a message names `path`."""
    return str(path.relative_to(ROOT))


def filecheck_tests() -> list[Path]:
    """The tests that lit runs."""
    tests = ROOT / "tests" / "filecheck"
    return sorted([*tests.rglob("*.mlir"), *tests.rglob("*.test")])


def run_lines(text: str) -> list[str]:
    """The RUN lines, each with the lines that continue it."""
    joined = re.sub(r"\\\n\s*//\s*RUN:", "", text)
    return [line for line in joined.splitlines() if re.search(r"//\s*RUN:", line)]


@pytest.mark.parametrize("path", filecheck_tests(), ids=relative)
def test_every_run_line_checks(path: Path):
    text = path.read_text()
    runs = run_lines(text)
    assert runs, "nothing runs"
    for run in runs:
        assert "%s" in run or "%t" in run, f"does not read this file: {run}"
    assert any("filecheck" in run for run in runs), "nothing is checked"
    for run in runs:
        checks = "filecheck" not in run or re.search(r"filecheck\s+%s", run)
        assert checks, f"filecheck does not read this file: {run}"


@pytest.mark.parametrize("path", filecheck_tests(), ids=relative)
def test_every_check_line_is_one(path: Path):
    lines = [line.strip() for line in path.read_text().splitlines()]
    assert not [line for line in lines if LOST_COLON.match(line)], "a colon is lost"
    assert not [line for line in lines if CHECK_CLOSING_BRACE.match(line)]
    prefixes = set(re.findall(r"--check-prefix(?:es)?[= ](\S+)", path.read_text()))
    wanted = {p for names in prefixes for p in names.split(",")} or {"CHECK"}
    written = {m.group().strip("/ :") for m in map(CHECK_LINE.match, lines) if m}
    for prefix in wanted:
        assert any(name.startswith(prefix) for name in written), f"no {prefix} line"


@pytest.mark.parametrize("path", filecheck_tests(), ids=relative)
def test_invalid_tests_read_diagnostics(path: Path):
    if not path.stem.endswith("invalid"):
        return
    text = path.read_text()
    assert "--verify-diagnostics" in text or "--parsing-diagnostics" in text
    chunks = text.split("// -----")
    assert all("CHECK" in chunk for chunk in chunks), "a chunk checks nothing"


def test_files_are_short():
    code = [p for p in repository() if p.suffix in {".py", ".c", ".h", ".S"}]
    sizes = {relative(path): len(path.read_text().splitlines()) for path in code}
    assert not {name: n for name, n in sizes.items() if n > MOST_FILE_LINES}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a Python file with their numbers of lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{relative(path)}:{node.name}", node.end_lineno - node.lineno + 1


def test_functions_are_short():
    python = [path for path in repository() if path.suffix == ".py"]
    sizes = dict(found for path in python for found in functions(path))
    assert not {name: n for name, n in sizes.items() if n > MOST_FUNCTION_LINES}


def test_nothing_is_left_unfinished_or_personal():
    found = {
        f"{relative(path)}:{number}"
        for path in repository()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNWANTED.search(line)
    }
    assert not found


def test_no_stub_is_registered():
    python = [path for path in repository() if relative(path).startswith("compiler/")]
    assert not [relative(p) for p in python if "NotImplementedError" in p.read_text()]


def checking_functions(tree: ast.Module) -> set[str]:
    """The functions in a file that assert something, themselves or by another one."""
    bodies = {
        n.name: ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef)
    }
    checking = {n for n, text in bodies.items() if re.search(r"assert|raises", text)}
    for _ in bodies:
        calls = rf"\b({'|'.join(checking) or 'assert'})\("
        checking |= {n for n, text in bodies.items() if re.search(calls, text)}
    return checking


def test_every_test_asserts():
    """A test function that neither asserts nor calls one that does checks nothing."""
    empty: list[str] = []
    for path in tracked_files("tests/unit", "tests/e2e"):
        if path.suffix != ".py":
            continue
        tree = ast.parse(path.read_text())
        names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        idle = {n for n in names - checking_functions(tree) if n.startswith("test_")}
        empty += [f"{relative(path)}:{name}" for name in sorted(idle)]
    assert not empty
