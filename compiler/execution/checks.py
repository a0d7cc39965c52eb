"""
Makes the same folder into a program that is watched while it runs.

The sources of the model stay as they are. Beside them come the checks of the runtime, a
table made from the manifest, and, on bare metal, a piece of memory behind the machine's
levels for what the checks have to remember.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ..errors import DeployError, UsageError
from ..machine import Level, Machine
from .check_table import CheckTable
from .runtime_files import LINKER_SCRIPT, runtime_dir

HALS = ("sync", "deferred", "eager")
"""What can do transfers in place of the program's own `deploy_dma.c`."""

PAGE = 4096
ROOM_BYTES = 1 << 17
"""For what the checks remember of transfers, and the stack of their traps."""
STEP_BYTES = 16
ROOM = "deploy_checks"

WATCHED_FILES = ("checks/monitor.h", "checks/monitor.c")
TRANSFER_FILES = ("dma/transfers.h", "dma/transfers.c")
PROTECTED_FILES = ("checks/protect.c", "checks/enter.S")
NOT_COPIED = shutil.ignore_patterns("*.mlir", "*.html")


@dataclass(frozen=True)
class Checks:
    """What is watched while a program runs."""

    checked: bool = False
    """Whether kernels run with the right to their own levels alone."""
    hal: str | None = None
    """Who does the transfers, one of `HALS`; none is the program's own."""

    @property
    def is_on(self) -> bool:
        """Whether anything is."""
        return self.checked or self.hal is not None

    @property
    def defines(self) -> tuple[str, ...]:
        """What the sources are told."""
        watched = ("DEPLOY_MONITOR",) if self.is_on else ()
        return (*watched, "DEPLOY_CHECKED") if self.checked else watched

    def refuse_unfit(self, machine: Machine) -> None:
        """Raises `UsageError` for what does not exist, or not on this machine."""
        if self.hal is not None and self.hal not in HALS:
            expected = ", ".join(HALS)
            raise UsageError(f"expected a hal of {expected}, got {self.hal!r}")
        if self.checked and machine.is_native:
            raise UsageError(
                "a checked run wants a machine that protects memory, got machine "
                f"{machine.name}, which is native",
                hint="--machine rv64gc, or another one that runs on spike or qemu",
            )


NOTHING = Checks()
"""The program as it is shipped."""


@dataclass(frozen=True)
class Watched:
    """A folder that is ready to be built, and the machine as that build needs it."""

    folder: Path
    machine: Machine
    defines: tuple[str, ...]


@contextmanager
def watched(folder: Path, machine: Machine, checks: Checks) -> Generator[Watched]:
    """
    The folder with `checks` in it, for as long as the block runs.

    Raises `DeployError` when the folder does not say what it does in memory.
    """
    if not checks.is_on:
        yield Watched(folder, machine, ())
        return
    table = CheckTable(machine, read_manifest(folder))
    text = table.text()
    with tempfile.TemporaryDirectory(prefix="deployopt-") as scratch:
        copy = Path(scratch, "folder")
        shutil.copytree(folder, copy, ignore=NOT_COPIED)
        for name, own in (check_files(checks) | {"check_table.c": text}).items():
            (copy / "platform" / name).write_text(own, encoding="utf-8")
        if not machine.is_native:
            machine = with_room(machine, len(table.ops))
            make_room(copy / LINKER_SCRIPT, machine.levels[-1])
        yield Watched(copy, machine, checks.defines)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a folder that has a section on memory."""
    path = folder / "manifest.json"
    try:
        manifest = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        for key in ("ops", "buffers", "inputs", "outputs"):
            manifest["memory"][key]
        return manifest
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeployError(
            "expected a manifest that says what each step does in memory, got "
            f"{type(error).__name__}: {error}",
            node=str(path),
            hint="build the folder again",
        ) from error


def check_files(checks: Checks) -> dict[str, str]:
    """File name -> text of what a watched program has besides."""
    hal = f"dma/{checks.hal or 'sync'}.c"
    protection = PROTECTED_FILES if checks.checked else ()
    names = (*WATCHED_FILES, *TRANSFER_FILES, hal, *protection)
    folder = runtime_dir()
    return {Path(n).name: (folder / n).read_text(encoding="utf-8") for n in names}


def with_room(machine: Machine, steps: int) -> Machine:
    """The machine with a piece of memory behind its levels."""
    end = max((level.base or 0) + level.size for level in machine.levels)
    base = -(-end // PAGE) * PAGE
    size = ROOM_BYTES + -(-STEP_BYTES * steps // PAGE) * PAGE
    room = Level(ROOM, size, base, PAGE, "rw", kernels=False, dma=None)
    return replace(machine, levels=(*machine.levels, room))


def make_room(script: Path, room: Level) -> None:
    """Tells a linker script about the room."""
    text = script.read_text(encoding="utf-8")
    memory, sections = "MEMORY\n{\n", "SECTIONS\n{\n"
    if memory not in text or sections not in text:
        raise DeployError(
            "expected a linker script that deployopt made", node=str(script.name)
        )
    where = f"{memory}    {room.name} (rw) : ORIGIN = {room.base:#x}, "
    text = text.replace(memory, f"{where}LENGTH = {room.size:#x}\n", 1)
    own = f"    .{ROOM} (NOLOAD) : {{ *(.bss.level.{ROOM}) }} > {ROOM}\n\n"
    text = text.replace(sections, sections + own, 1)
    script.write_text(text, encoding="utf-8")
