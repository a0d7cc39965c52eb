"""Imports flow downhill: `tools -> execution -> transforms -> analysis -> dialects`."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "compiler"

LAYERS: tuple[set[str], ...] = (
    {
        "checking",
        "errors",
        "properties",
        "remedy",
        "rewriting",
        "searching",
        "shortage",
        "text_table",
        "writing",
        "printing",
        "verifying",
    },
    {"machine", "machines"},
    {"dialects"},
    {"analysis", "interpreters"},
    {"transforms", "backend", "frontend"},
    {
        "universe",
        "embedding",
        "legality",
        "pipeline",
        "plugins",
        "requests",
        "resolution",
        "state",
        "unfinished",
        "fusion",
    },
    {"execution"},
    {"trials"},
    {
        *("api", "artifact", "bench", "fit", "fitting", "frontier", "options"),
        *("report", "session", "sizes"),
    },
    {"demo"},
    {"", "tools"},
)
"""Rooms from the bottom to the top; each imports from its own layer and from below."""

RANKS = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}

APART = {"transforms", "backend", "frontend", "machine", "analysis", "interpreters"}
"""Rooms that import no other room of their own layer."""

HEAVY = (
    "onnx",
    "onnxruntime",
    "numpy",
    "ortools",
    "jinja2",
    "ziglang",
    "rich",
    "tqdm",
)
"""What must not be loaded before it is needed."""

FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> tuple[str, ...]:
    """`compiler/a/b.py` as ("a", "b"), `compiler/a/__init__.py` as ("a",)."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def relative_base(path: Path, level: int) -> tuple[str, ...]:
    """The package that `level` dots mean in `path`."""
    package = path.relative_to(PACKAGE).parent.parts
    return package[: len(package) - (level - 1)]


def imported_modules(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of ours that `path` imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = relative_base(path, node.level)
        if node.module:
            base += tuple(node.module.split("."))
        for alias in node.names:
            inner = (*base, alias.name)
            folder = PACKAGE.joinpath(*inner)
            is_module = folder.is_dir() or folder.with_suffix(".py").exists()
            yield inner if is_module else base


def room(module: tuple[str, ...]) -> str:
    """The room a module stands in: its first folder, or its file at the top."""
    return module[0] if module else ""


def defines_pass(path: Path) -> bool:
    """Whether a class in `path` is a pass."""
    classes = (
        n for n in ast.parse(path.read_text()).body if isinstance(n, ast.ClassDef)
    )
    bases = (base for node in classes for base in node.bases)
    return any(isinstance(base, ast.Name) and base.id == "ModulePass" for base in bases)


def test_there_are_files():
    assert len(FILES) > 10


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_flow_downhill(path: Path):
    own = room(module_of(path))
    assert own in RANKS, f"give '{own}' a place in LAYERS"
    for module in imported_modules(path):
        other = room(module)
        name = ".".join(module)
        assert other in RANKS, f"give '{other}' a place in LAYERS"
        if other == "":
            continue  # the version; the package itself imports lazily
        assert RANKS[other] <= RANKS[own], f"{name} is above"
        apart = own in APART and other != own and RANKS[other] == RANKS[own]
        assert not apart or {own, other} == {"machine", "machines"}, f"{name} is beside"
        assert other != "tools" or own == "tools", "nobody imports tools"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_own_modules_are_imported_relatively(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        assert not [n for n in names if n.split(".")[0] in ("deployopt", "compiler")]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_pass_imports_no_other_pass(path: Path):
    if not defines_pass(path) or room(module_of(path)) not in ("transforms", "backend"):
        return
    for module in imported_modules(path):
        file = PACKAGE.joinpath(*module).with_suffix(".py")
        assert not file.exists() or not defines_pass(file), ".".join(module)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_backend_imports_no_other_backend(path: Path):
    own = module_of(path)
    if room(own) != "backend" or len(own) < 2:
        return
    others = [m for m in imported_modules(path) if m[:1] == ("backend",) and len(m) > 1]
    assert all(other[1] == own[1] for other in others), others


@pytest.mark.parametrize("module", ["deployopt", "deployopt.tools.deployopt"])
def test_heavy_packages_are_loaded_late(module: str):
    code = f"import {module}, sys; print(*sys.modules.keys() & set({HEAVY!r}))"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []


def test_the_package_alone_is_cheap():
    code = "import deployopt, sys; print('xdsl' in sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "False"


def test_another_name_is_refused():
    command = [sys.executable, "-c", "import compiler"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    assert "must be imported as 'deployopt', got 'compiler'" in result.stderr
