"""
Fitting a program into the memory levels of a machine.

What depends on the sizes of levels is done here: the phases `tile` and `lower`, again
with smaller tiles when the plan of offsets does not fit, and, when nothing does, the
search for the smallest size that would have been enough. A size is only named when a
build with it went through, and one with a step less did not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import DiagnosticException

from .analysis.levels import levels_of_machine
from .artifact.manifest import manifest
from .artifact.plan import PlanFile
from .backend.c.source import Source
from .errors import MemoryShortage, Shortage, refusal
from .machine import Machine, attach
from .resolution import run
from .searching import smallest_size
from .universe import all_passes

ATTEMPTS = 6
"""How often the tiles are chosen anew, smaller, because their offsets did not fit."""

LARGEST_LEVEL = 1 << 31
"""Bytes; no level is tried at a larger size."""

Progress: TypeAlias = Callable[[str], None]
"""Told what is being done, in a few words."""


@dataclass
class Fitting:
    """One module as it is before phase `tile`, for machines with levels of any size."""

    ctx: Context
    module: ModuleOp
    name: str | None = None
    """What the program is called."""
    progress: Progress = lambda _: None
    plan: PlanFile | None = None
    """What decides in place of a search."""
    tried: dict[Machine, MemoryShortage | None] = field(
        default_factory=dict[Machine, MemoryShortage | None]
    )
    """What each machine lacks, after the phases `tile` and `lower`."""

    def lowered(self, machine: Machine) -> ModuleOp:
        """
        The module after phase `lower`.

        Raises `MemoryShortage` when a level does not suffice, however small the tiles.
        """
        levels = levels_of_machine(machine)
        first: MemoryShortage | None = None
        room: int | None = None
        for _ in range(ATTEMPTS):
            module = self.module.clone()
            attach(module, machine)
            if self.plan is not None:
                self.plan.attach(module, machine)
            try:
                self.progress("tile")
                self.phase(module, "tile" if room is None else tile_phase(room))
                self.progress("lower")
                self.phase(module, "lower")
            except MemoryShortage as error:
                first = first or error
                lacking = error.shortage
                alone = levels.is_flat or self.plan is not None
                if alone or lacking.level != levels.near:
                    raise first from error
                room = smaller_room(room, lacking, machine)
                if room <= 0:
                    raise first from error
            else:
                return module
        assert first is not None, "every attempt but the last one raised"
        raise first

    def phase(self, module: ModuleOp, text: str) -> None:
        """Runs a phase; raises `DeployError`."""
        try:
            run(self.ctx, module, text, all_passes())
        except DiagnosticException as error:
            raise refusal(error) from error

    # Which machines suffice.

    def lacks(self, machine: Machine, *, wholly: bool = False) -> MemoryShortage | None:
        """What `machine` lacks; `wholly` asks the manifest, too, which takes longer."""
        if machine in self.tried and not (wholly and self.tried[machine] is None):
            return self.tried[machine]
        try:
            module = self.lowered(machine)
            if wholly:
                self.phase(module, "vectorize")
                manifest(Source.of(module, self.name), machine)
        except MemoryShortage as error:
            self.tried[machine] = error
        else:
            self.tried.setdefault(machine, None)
        return self.tried[machine]

    def explained(self, machine: Machine, error: MemoryShortage) -> MemoryShortage:
        """`error`, which `machine` is refused with, and the sizes that would work."""
        self.tried[machine] = error
        lacking = error.shortage
        hint = (
            self.remedy(machine, lacking) if self.plan is None else "so says the plan"
        )
        return MemoryShortage(
            lacking, node=error.node, op_type=error.op_type, hint=hint
        )

    def remedy(self, machine: Machine, lacking: Shortage) -> str:
        """What to change about the sizes of levels."""
        level = lacking.level
        size = self.smallest(machine, level, lacking)
        if size is not None:
            setting = f"--set {level}.size={size}"
            return f"the smallest size that works is {size} bytes: {setting}"
        wide, others = self.widened(machine, level)
        names = ", ".join(others)
        if wide is None:
            also = f"; {names} would be short too" if others else ""
            return f"no size of {level} works{also}"
        sizes = self.narrowed(wide, [level, *others])
        settings = " ".join(f"--set {name}.size={sizes[name]}" for name in sizes)
        verb = "are" if len(others) > 1 else "is"
        return f"no size of {level} alone works, {names} {verb} short too: {settings}"

    def widened(
        self, machine: Machine, level: str
    ) -> tuple[Machine | None, tuple[str, ...]]:
        """
        The machine with `level` as large as can be, and so the others that lack then.

        None in its place when even that does not suffice.
        """
        names = [level]
        while True:
            machine = with_size(machine, names[-1], largest_size(machine, names[-1]))
            error = self.lacks(machine)
            if error is None:
                return machine, tuple(names[1:])
            if error.shortage.level in names:
                return None, tuple(names[1:])
            names.append(error.shortage.level)

    def narrowed(self, machine: Machine, names: list[str]) -> dict[str, int]:
        """The smallest sizes of several levels, one after the other."""
        sizes: dict[str, int] = {}
        for name in names:
            size = self.smallest(machine, name)
            assert size is not None, "the machine suffices as it is"
            sizes[name] = size
            machine = with_size(machine, name, size)
        return sizes

    def smallest(
        self, machine: Machine, level: str, lacking: Shortage | None = None
    ) -> int | None:
        """
        The smallest size of `level`, in steps of its alignment, that suffices.

        It is above the one of `lacking`, if given. None when no size suffices.
        """
        step, limit = machine.level(level).align, largest_size(machine, level)

        def lack(size: int, *, wholly: bool = False) -> int | None:
            self.progress(f"fit {level} {size}")
            error = self.lacks(with_size(machine, level, size), wholly=wholly)
            if error is None:
                return None
            own = error.shortage.level == level
            return error.shortage.needed if own else limit

        low, hint = 0, step
        if lacking is not None:
            low, hint = lacking.size // step * step, lacking.needed
        size = smallest_size(lack, low, hint, step, limit)
        if size is None or (more := lack(size, wholly=True)) is None:
            return size
        return smallest_size(partial(lack, wholly=True), size, more, step, limit)


def tile_phase(room: int) -> str:
    """Phase `tile` for tiles that take no more than `room` bytes."""
    return f"tile{{near_bytes={room}}}"


def smaller_room(room: int | None, lacking: Shortage, machine: Machine) -> int:
    """The bytes for the next choice of tiles, whose plan was too large."""
    had = lacking.available if room is None else room
    step = machine.level(lacking.level).align
    excess = max(lacking.asked - lacking.available, step)
    return (had - excess) // step * step


def with_size(machine: Machine, level: str, size: int) -> Machine:
    """`machine` with another size of one level."""
    levels = tuple(
        replace(one, size=size) if one.name == level else one for one in machine.levels
    )
    return replace(machine, levels=levels)


def largest_size(machine: Machine, level: str) -> int:
    """The bytes up to the next level, or to the end of what can be addressed."""
    facts = machine.level(level)
    if facts.base is None:
        return LARGEST_LEVEL
    above = [one.base for one in machine.levels if (one.base or 0) > facts.base]
    end = min((base for base in above if base is not None), default=1 << machine.xlen)
    return min(end - facts.base, LARGEST_LEVEL) // facts.align * facts.align
