"""
The choice for one driver, from its operations to what is written on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects import func

from ...dialects.deploy import KernelOp
from ...machine import Machine
from ..levels import MemoryLevels
from ..memory import buffer_align
from .costs import Place
from .driver_model import DriverModel, Source
from .outer_levels import far_levels, room
from .plans import Plans
from .residency import Budget
from .searches import Searches, segments_of
from .segments import Segments


def budget_for(
    function: func.FuncOp,
    machine: Machine,
    levels: MemoryLevels,
    near_bytes: int | None,
    added: int,
    candidates: int,
) -> Budget:
    """What the search may use; `near_bytes` in place of all that is free."""
    free = room(DriverModel(function, levels), machine, levels.near)
    facts = machine.level(levels.near)
    return Budget(
        free if near_bytes is None else min(near_bytes, free),
        buffer_align(facts),
        bool(far_levels(machine, levels)),
        machine.vlen // 8,
        1 if facts.dma is None else facts.dma.bytes_per_cycle,
        added,
        candidates,
    )


def plans_for(
    function: func.FuncOp,
    machine: Machine,
    levels: MemoryLevels,
    budget: Budget,
    searches: Searches,
) -> Plans | None:
    """What to do with the kernels of a driver; None when nothing fits."""
    model = searches.model(function, levels)
    decisions = searches.of(model, budget).within(budget)
    if not decisions:
        return None
    return Plans(model, machine, decisions, segments_of(model, budget))


def smallest_near(
    function: func.FuncOp, levels: MemoryLevels, budget: Budget, searches: Searches
) -> tuple[KernelOp, int]:
    """The kernel that needs the most near bytes when it is cut the finest."""
    model = searches.model(function, levels)
    segments = searches.of(model, budget).segments
    least: list[tuple[int, KernelOp]] = []
    for first, last in given_chains(segments):
        places = places_outside(levels, segments.sources(first, last))
        asked = segments.least_near(first, last, places)
        least.append((asked, model.steps[last].kernel.op))
    asked, kernel = max(least, key=lambda entry: entry[0])
    return kernel, asked


def given_chains(segments: Segments) -> Iterator[tuple[int, int]]:
    """The first and last kernels of decided chains, and each other kernel alone."""
    first = 0
    while first < len(segments.model.steps):
        last = segments.given_last(first)
        yield first, last
        first = last + 1


def places_outside(levels: MemoryLevels, sources: Sequence[Source]) -> list[Place]:
    """Where operands are when nothing is kept near."""

    def is_open(source: Source) -> bool:
        level = source.level
        return level is not None and levels.is_open(level)

    return [Place.OPEN if is_open(source) else Place.FAR for source in sources]
