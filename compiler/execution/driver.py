"""A C compiler with all that selects the target."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

ALONE = ("-fsanitize=", "-static")
"""Flags of programs that share no process."""


@dataclass(frozen=True)
class Toolchain:
    """A compiler driver with all that selects the target."""

    command: tuple[str, ...]
    """The program, its target, and the flags that the program's meaning depends on."""
    link_flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables to set besides those of this process."""

    @property
    def is_loadable(self) -> bool:
        """
        Whether a library that it makes can be loaded into this process.

        A sanitizer wants to be the first thing in a process.
        """
        return not any(word.startswith(ALONE) for word in self.command)

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Runs the compiler and waits; its exit status and messages are returned."""
        return subprocess.run(
            [*self.command, *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
