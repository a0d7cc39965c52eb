"""The folder beside the project, with tools and models that not everybody has."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared_file(name: str) -> Path:
    """A file of that folder; skips, visibly, where it is not there."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path


def memory_checker() -> Any:
    """The independent checker of memory maps."""
    tool = shared_file("tools/memory_check.py")
    spec = importlib.util.spec_from_file_location("memory_check", tool)
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    return checker
