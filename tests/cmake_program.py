"""CMake, as tests call it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def cmake_path() -> str:
    """From PATH or from pip; skips, visibly, where it is not installed."""
    beside = str(Path(sys.executable).parent)
    program = shutil.which("cmake") or shutil.which("cmake", path=beside)
    if program is None:
        pytest.skip("cmake is not installed")
    return program


def cmake(*words: str | Path, fails: bool = False) -> str:
    """What a call of CMake prints; it has to succeed, or to fail."""
    done = subprocess.run(
        [cmake_path(), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout
