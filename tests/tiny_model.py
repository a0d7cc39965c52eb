"""A hand-written model that needs the runtime only, for tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from deployopt.errors import DeployError
from deployopt.execution.runners import runner_available
from deployopt.execution.runtime_files import platform_files
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import Machine

TINY = Path(__file__).parent / "e2e" / "tiny"


def complete(folder: Path, machine: Machine) -> Path:
    """The model with the runtime's files for `machine`, as a folder of its own."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True)
    for name, text in platform_files(machine).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def need(machine: Machine, runner: str) -> None:
    """Skips, visibly, where the runner or a compiler is not installed."""
    if not runner_available(machine, runner):
        pytest.skip(f"{runner} is not installed")
    try:
        find_toolchain(machine)
    except DeployError as error:
        pytest.skip(str(error))
