"""
A database of measured choices: which blocks a kernel is fastest with on a machine.

`deployc tune` writes it, `--tuned` reads it. A kernel is known by its signature, so
what was measured in one model holds in all that have the same kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from ..analysis.plans import (
    BlocksPlan,
    Plan,
    attach_plan,
    blocks_plan,
    plan_of,
    tables,
)
from ..machine import Machine
from ..machines.checked_table import CheckedTable
from .plan import parsed, plan_text, text_in_file

FORMAT = 1
"""The number of this layout of the file."""


@dataclass(frozen=True)
class Tuned:
    """What was measured for one kernel on one machine."""

    machine: str
    """Name, instruction set and bits of a vector register."""
    blocks: BlocksPlan
    measured: int
    """Weighted instructions, or nanoseconds, of one inference in the kernel."""
    searched: int
    """The same with the blocks that the search takes without measuring."""

    def table(self) -> dict[str, Any]:
        """The entry as JSON has it."""
        return {
            "machine": self.machine,
            **self.blocks.table(),
            "measured": self.measured,
            "searched": self.searched,
        }


def described(machine: Machine) -> str:
    """What has to be the same for a measurement to hold."""
    return f"{machine.name} {machine.isa} {machine.vlen}"


def load_tuned(path: str | Path) -> tuple[Tuned, ...]:
    """
    The entries of a database.

    Raises `UsageError` when there is no such file, `DeployError` when it is refused.
    """
    return tuned_from_text(text_in_file(path, "choices"), str(path))


def tuned_from_text(text: str, subject: str) -> tuple[Tuned, ...]:
    """The entries in the text of a file; raises `DeployError` about `subject`."""
    top = CheckedTable(subject, parsed(text, subject, "choices"))
    version = top.integer("format")
    if version != FORMAT:
        top.refuse("format", f"expected {FORMAT}, got {version}")
    entries = tuple(entry(table) for table in tables(top, "kernels"))
    top.finish()
    return entries


def entry(table: CheckedTable) -> Tuned:
    """One entry of `kernels`."""
    machine = table.string("machine")
    measured, searched = table.integer("measured"), table.integer("searched")
    return Tuned(machine, blocks_plan(table), measured, searched)


def tuned_text(entries: Iterable[Tuned]) -> str:
    """A database as JSON, each kernel in one line."""
    lines = [e.table() for e in sorted(entries, key=key)]
    return plan_text({"format": FORMAT, "kernels": lines})


def key(entry: Tuned) -> tuple[str, str]:
    """What there is one entry for."""
    return entry.machine, entry.blocks.kernel


def merged(old: Iterable[Tuned], new: Iterable[Tuned]) -> list[Tuned]:
    """All entries; new ones in place of old ones of the same kernel and machine."""
    found = {key(one): one for one in old} | {key(one): one for one in new}
    return list(found.values())


def add_tuned(module: ModuleOp, machine: Machine, entries: Sequence[Tuned]) -> None:
    """Lets measured choices decide in `module` where its plan says nothing."""
    plan = plan_of(module) or Plan()
    known: Mapping[str, BlocksPlan] = {
        **{
            e.blocks.kernel: e.blocks
            for e in entries
            if e.machine == described(machine)
        },
        **{blocks.kernel: blocks for blocks in plan.blocks or ()},
    }
    attach_plan(module, replace(plan, blocks=tuple(known.values())))
