"""
The ways to run a deployable folder, behind one interface.

A program of this computer is loaded into this process. Simulators, and programs that
are watched, are processes of their own, one per call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import UsageError
from ..machine import Machine
from .checks import NOTHING, Checks
from .execute import execute
from .tensors import Inputs, RunResult

NATIVE = "native"
"""The runner that is this computer."""


Start = Callable[[int], None]
"""Told the number of a step."""
Finish = Callable[[int, int], None]
"""Told the number of a step and the units that it took."""


class Executor(Protocol):
    """Runs one folder; used by one thread at a time."""

    def run(self, runs: Sequence[Inputs]) -> RunResult:
        """Runs once per entry; raises `DeployError` when the program fails."""
        ...

    def totals(self, inputs: Inputs, runs: int) -> list[int]:
        """Units of each of `runs` runs on the same inputs."""
        ...

    def watch(self, start: Start, finish: Finish) -> None:
        """
        Calls back around each step of later runs; they must not raise.

        Raises `UsageError` where steps are not known while they run.
        """
        ...

    def close(self) -> None:
        """Gives everything back."""
        ...


@dataclass(frozen=True)
class Processes:
    """Starts a program for each call; `Executor`."""

    folder: Path
    machine: Machine
    runner: str
    counted: bool = False
    """Whether steps are counted."""
    checks: Checks = NOTHING

    def run(self, runs: Sequence[Inputs]) -> RunResult:
        """Runs once per entry, in one start."""
        return execute(
            self.folder,
            self.machine,
            self.runner,
            runs,
            self.counted,
            checks=self.checks,
        )

    def totals(self, inputs: Inputs, runs: int) -> list[int]:
        """Units of each run, all in one start."""
        return list(self.run([inputs] * runs).totals)

    def watch(self, start: Start, finish: Finish) -> None:
        """Another process tells nothing before its end."""
        del start, finish
        reason = "expected callbacks of whole runs: nodes are not known while they run"
        raise UsageError(f"{reason} on {self.runner}")

    def close(self) -> None:
        """Nothing is kept between calls."""


def executor_for(
    folder: Path, machine: Machine, runner: str, counted: bool, checks: Checks
) -> Executor:
    """The fastest way to run the folder that does all that is asked."""
    if runner == NATIVE and not checks.is_on:
        from .library import Library, is_loadable

        if is_loadable(folder, machine):
            return Library(folder, machine, counted)
    return Processes(folder, machine, runner, counted, checks)
