"""
Whether a model fits a machine: yes or no, with all that is known without a toolchain.

Nothing is estimated here. A machine on which the model fits is compiled for, up to
where it is decided how kernels are cut; for one on which it does not, the smallest
sizes that would do are found first. What is reported is what a build writes into its
manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..artifact.manifest import manifest
from ..artifact.memory import MemoryMap
from ..backend.c.source import Source
from ..errors import MemoryShortage
from ..fitting import Effort, Fitting
from ..machine import Machine
from ..properties import Property
from ..sizes import remedy_of, sufficient_size, with_size
from .needs import Need, fullest, needs


@dataclass(frozen=True)
class Figures:
    """What a model does on a machine whose levels suffice."""

    macs: int
    instructions: int
    """Weighted, of kernels, predicted."""
    traffic: Mapping[str, int]
    """Bytes that one run moves, per hop."""
    needs: tuple[Need, ...]
    """Against the machine's own sizes."""
    smallest: Mapping[str, int]
    """For each of these levels, the smallest size with which the model would fit."""

    @property
    def deciding(self) -> Need:
        """The level that is short, or would be first."""
        return fullest(self.needs)


@dataclass(frozen=True)
class Verdict:
    """The answer for one machine."""

    machine: str
    reason: str | None
    """Why the model does not fit; none where it does."""
    figures: Figures | None
    """With the smallest sizes that would do where it does not fit; none if no do."""

    @property
    def fits(self) -> bool:
        """Whether it does."""
        return self.reason is None

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        head = {"machine": self.machine, "fits": self.fits}
        known = {} if self.figures is None else figures_json(self.figures)
        return {**head, "reason": self.reason, **known}


def figures_json(figures: Figures) -> dict[str, Any]:
    """The figures as they are saved."""
    return {
        "macs": figures.macs,
        "instructions": figures.instructions,
        "traffic": dict(figures.traffic),
        "levels": {
            need.level: {**need.json(), "smallest": figures.smallest[need.level]}
            for need in figures.needs
        },
        "deciding": figures.deciding.level,
    }


def verdict(fitting: Fitting, machine: Machine) -> Verdict:
    """The answer for `machine`; raises `DeployError` for what is not about sizes."""
    fitting = replace(fitting, verified=False)
    enough, reason, sizes = machine, None, dict[str, int]()
    try:
        found = compiled(fitting, machine)
    except MemoryShortage as error:
        lacking = error.shortage
        remedy = remedy_of(fitting, machine, lacking)
        reason, sizes = str(error), dict(remedy.sizes)
        if not sizes:
            text = f"{reason}; {remedy}"
            return Verdict(machine.name, text, None)
        for level, size in sizes.items():
            enough = with_size(enough, level, size)
        found = compiled(fitting, enough)
    own = tuple(
        replace(need, size=machine.level(need.level).size) for need in needs(found)
    )
    smallest = {n.level: sizes.get(n.level) or least(fitting, enough, n) for n in own}
    figures = Figures(
        found["macs"], found["instructions"], found["traffic"], own, smallest
    )
    return Verdict(machine.name, reason, figures)


def compiled(fitting: Fitting, machine: Machine) -> Mapping[str, Any]:
    """The manifest of a build for `machine`; raises `MemoryShortage`."""
    module = fitting.lowered(machine)
    # Cuts are decided and what they take is known: loops are made for C.
    fitting.vectorized(module, machine, until=Property.BLOCKS)
    return manifest(MemoryMap.of(Source.of(module, fitting.name), machine))


def least(fitting: Fitting, machine: Machine, need: Need) -> int:
    """The smallest size of a level with which a machine that suffices still does."""
    settled = Effort.SETTLED
    size = sufficient_size(fitting, machine, need.level, used=need.used, effort=settled)
    assert size is not None, "it suffices as it is"
    return size
