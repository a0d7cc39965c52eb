"""
Fitting a program into the memory levels of a machine.

What depends on the sizes of levels is done here: the phases `tile` and `lower`, again
with smaller tiles when the plan of offsets does not fit. What each machine that was
tried lacks is kept for the search for sizes that would do (`sizes.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import TypeAlias

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import DiagnosticException

from .analysis.levels import levels_of_machine
from .analysis.program import Program, used_bytes
from .artifact.plan import PlanFile
from .artifact.tuned import Tuned, add_tuned
from .errors import MemoryShortage, Shortage, refusal
from .machine import Machine, attach
from .properties import Property
from .requests import Passes
from .resolution import run
from .trials import Known, Trials, settled
from .universe import all_passes

DOUBTFUL_BYTES = 1 << 14
"""Of the near level: below this it is asked first whether the program fits at all."""


class Effort(Enum):
    """How a machine is tried."""

    QUICK = "quick"
    """Tiles are chosen once, transfers stay where they are."""
    SETTLED = "settled"
    """Tiles are chosen as a build does, transfers stay where they are."""
    WHOLE = "whole"
    """What a build does."""


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
    tuned: tuple[Tuned, ...] = ()
    """What was measured before, on this machine and others."""
    passes: Passes = field(default_factory=all_passes)
    """Every pass that may run, those of plugins among them."""
    verified: bool = True
    """Whether the module is verified after each phase."""
    tried: dict[tuple[Machine, Effort], MemoryShortage | None] = field(
        default_factory=dict[tuple[Machine, Effort], MemoryShortage | None]
    )
    """What each machine lacks."""
    known: Known = field(default_factory=Known)
    """What trials of several machines share."""
    whole: dict[Machine, ModuleOp] = field(default_factory=dict[Machine, ModuleOp])
    """The module after phase `lower` for the machine that was last tried whole."""

    @property
    def trials(self) -> Trials:
        """Tries machines as far as their sizes matter."""
        return Trials(self.ctx, self.module, self.passes, self.known)

    def lowered(self, machine: Machine, *, doubted: bool = True) -> ModuleOp:
        """
        The module after phase `lower`.

        Whether a small machine suffices is asked first if that is `doubted`.
        Raises `MemoryShortage` when a level does not suffice, however small the tiles.
        """
        levels = levels_of_machine(machine)
        searched = not levels.is_flat and self.plan is None
        small = machine.level(levels.near).size < DOUBTFUL_BYTES
        doubtful = doubted and searched and small

        trials, once = self.trials, self.plan is not None or self.verified

        def tile(room: int | None) -> ModuleOp:
            if once and room is None:
                return self.tiled(machine)
            self.progress("tile")
            return self.checked(trials.tiled(machine, room))

        def lower(module: ModuleOp, attempt: int) -> ModuleOp:
            if doubtful or attempt:
                trials.place(module, machine)
            elif once:
                self.phase(module, "lower")
                return module
            self.progress("lower")
            return self.checked(trials.lowered(module, machine))

        return settled(tile, lower, levels.near if searched else None)

    def tiled(self, machine: Machine) -> ModuleOp:
        """The module after phase `tile`, which is new."""
        module = self.module.clone()
        attach(module, machine)
        if self.plan is not None:
            self.plan.attach(module, machine)
        self.phase(module, "tile")
        return module

    def checked(self, module: ModuleOp) -> ModuleOp:
        """`module`, which is verified if all are."""
        try:
            if self.verified:
                module.verify()
        except DiagnosticException as error:
            raise refusal(error) from error
        return module

    def vectorized(
        self, module: ModuleOp, machine: Machine, until: Property | None = None
    ) -> None:
        """Runs phase `vectorize`, in which what was measured decides; as `phase`."""
        if self.tuned:
            add_tuned(module, machine, self.tuned)
        self.phase(module, "vectorize", until)

    def phase(self, module: ModuleOp, text: str, until: Property | None = None) -> None:
        """
        Runs a phase, given by its name and options.

        It ends before what would end property `until`. Raises `DeployError`.
        """
        self.progress(text.partition("{")[0])
        known, verified = self.passes, self.verified
        try:
            run(self.ctx, module, text, known, until=until, verified=verified)
        except DiagnosticException as error:
            raise refusal(error) from error

    # Which machines suffice.

    def lacks(self, machine: Machine, effort: Effort) -> MemoryShortage | None:
        """What `machine` lacks."""
        key, quick = (machine, effort), (machine, Effort.QUICK)
        if key not in self.tried:
            # What a build does first is tried quickly, and it stops when that suffices.
            settled = effort is Effort.SETTLED and self.tried.get(quick, 0) is None
            self.tried[key] = None if settled else self._lacks(machine, effort)
        return self.tried[key]

    def most_likely(self, machine: Machine) -> ModuleOp:
        """As `lowered`, sooner where the machine suffices; it is not verified."""
        if machine not in self.whole:
            return replace(self, verified=False).lowered(machine, doubted=False)
        return self.whole[machine]

    def _lacks(self, machine: Machine, effort: Effort) -> MemoryShortage | None:
        quick = replace(self, verified=False, progress=unsaid)
        try:
            if effort is Effort.QUICK:
                self.trials.place(self.trials.tiled(machine, None), machine)
            elif effort is Effort.SETTLED:
                self.settle(machine)
            else:
                lowered = quick.lowered(machine)
                check_levels(Program.of(lowered), machine)
                self.whole.clear()
                self.whole[machine] = lowered
        except MemoryShortage as error:
            return error
        return None

    def settle(self, machine: Machine) -> None:
        """Chooses tiles again where that can help; raises `MemoryShortage`."""
        first, near = self.lacks(machine, Effort.QUICK), levels_of_machine(machine).near
        if first is None:
            return
        if first.shortage.level != near:
            raise first
        trials = self.trials
        tiled = partial(trials.tiled, machine)
        settled(tiled, lambda module, _: trials.place(module, machine), near)


def check_levels(program: Program, machine: Machine) -> None:
    """Refuses a lowered program that uses more of a level than there is."""
    for level in machine.levels:
        used = used_bytes(program, level.name)
        if used > level.size:
            lacking = Shortage(level.name, level.size, used, level.size, used)
            raise MemoryShortage(lacking)


def unsaid(text: str) -> None:
    """Keeps `text` to itself."""
