"""The runtime compiles without warnings, with and without a profile, and watched."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from deployopt.execution.checks import HALS
from deployopt.execution.runtime_files import library_files, runtime_dir
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import Machine, load_machine
from tiny_model import complete, need

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror"]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_runtime_for_this_computer_has_no_warnings(compiler: str, tmp_path: Path):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    folder = complete(tmp_path, load_machine("host"))
    check_warnings(folder, [compiler, "-std=c11", "-O2", "-pedantic"])


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_what_makes_a_library_has_no_warnings(compiler: str, tmp_path: Path):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    folder = complete(tmp_path, load_machine("host"))
    for name, text in library_files().items():
        (folder / "platform" / name).write_text(text, encoding="utf-8")
    check_warnings(folder, [compiler, "-std=c11", "-O2", "-pedantic"])


@pytest.mark.parametrize("name", ["rv64gcv", "rv32imc"])
def test_the_bare_metal_runtime_has_no_warnings(name: str, tmp_path: Path):
    machine = load_machine(name)
    need(machine, "spike")
    folder = complete(tmp_path, machine)
    check_warnings(folder, list(find_toolchain(machine).command))


WATCHED = ("checks/monitor.c", "dma/transfers.c", *(f"dma/{hal}.c" for hal in HALS))
BARE = ("checks/protect.c",)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_checks_for_this_computer_have_no_warnings(compiler: str, tmp_path: Path):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    command = [compiler, "-std=c11", "-O2"]
    check_watched(tmp_path, load_machine("host"), command, WATCHED)


@pytest.mark.parametrize("name", ["rv64gcv", "rv32imc"])
def test_the_bare_metal_checks_have_no_warnings(name: str, tmp_path: Path):
    machine = load_machine(name)
    need(machine, "spike")
    command = [*find_toolchain(machine).command, "-DDEPLOY_CHECKED"]
    check_watched(tmp_path, machine, command, (*WATCHED, *BARE))


def check_watched(
    folder: Path, machine: Machine, command: list[str], sources: Sequence[str]
) -> None:
    """Compiles parts of the runtime as a watched program does."""
    complete(folder, machine)
    runtime = runtime_dir()
    places = [runtime / "checks", runtime / "dma"]
    places += [folder / part for part in (".", "platform", "example")]
    includes = [f"-I{place}" for place in places]
    options = ["-DDEPLOY_MONITOR", "-DDEPLOY_PROFILE", "-DDEPLOY_MAX_STEPS=8"]
    for source in sources:
        target = ["-c", str(runtime / source), "-o", str(folder / "object.o")]
        words = [*command, *WARNINGS, *options, *includes, *target]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


def check_warnings(folder: Path, command: list[str]) -> None:
    """Compiles every C file of a folder with and without profile."""
    includes = [f"-I{folder / part}" for part in (".", "platform", "example")]
    for source in sorted(folder.rglob("*.c")):
        for options in ([], ["-DDEPLOY_PROFILE"]):
            target = ["-c", str(source), "-o", str(folder / "object.o")]
            words = [*command, *WARNINGS, *options, *includes, *target]
            result = subprocess.run(words, capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr
