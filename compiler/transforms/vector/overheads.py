"""
What compilers add to what the bodies of a nest say, as far as the blocks decide it.

That is to tell how many lanes a part of a vector has, and where a window that a border
cuts begins and ends.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from xdsl.dialects.linalg import ops as linalg

from .items import Item, Kind

if TYPE_CHECKING:
    from .tally import Tally

SWITCH = 2.0
"""Instructions from one number of lanes to another and back."""

ENTRY = 12.0
"""Instructions before a loop over reductions whose rounds have bounds that vary."""

BOUNDS = 30.0
"""Instructions that find these bounds, and the addresses of the first round."""

SPILLED = 8
"""Registers, at most, that may be missing for what is taken out of a loop."""


def switches(tally: Tally, item: Item) -> float:
    """
    Instructions, for each vector that is moved, that tell its number of lanes.

    Compilers do as many lanes of all that a part of a vector becomes, but not of what
    a loop carries or comparisons choose: such accumulators have whole registers. Loads
    follow each other where each is of use to several results; else they stand before
    what needs them.
    """
    if tally.trial.lanes.bit_count() == 1:
        return 0.0
    for op, loops in tally.costs.stages.items():
        inner = [n for n in tally.trial.order if n in loops and tally.trips[n] > 1]
        is_read = item.owner is op or bool(item.loops & set(loops))
        is_whole = bool(inner) or any(
            one.owner is op and one.kind is Kind.ACCUMULATE and one.weight > 1
            for one in tally.costs.items
        )
        if not is_whole or not (is_read or item.kind is Kind.STORE):
            continue
        count = tally.count(item)
        if item.kind is Kind.STORE:
            return SWITCH / count
        own = tally.costs.nest(item.loops)
        is_shared = prod(tally.steps[n] for n in own) >= 2 * count
        together = tally.live(item, inner) if is_shared else 1
        return SWITCH * ceil(count / together) / count
    return 0.0


def clipping(tally: Tally) -> float:
    """Instructions for all loops over reductions that borders cut."""
    total = 0.0
    for test in tally.costs.reads.tests:
        loop = tally.costs.reads.clipped(test, tally.trial.sizes)
        if loop is None:
            continue
        trips, order = tally.trips, tally.trial.order
        nest = tally.costs.nest(frozenset({loop}))
        around = [n for n in order[: order.index(loop)] if n in nest]
        used = {n for n, factor in enumerate(test.index.factors) if factor} - {loop}
        total += ENTRY * prod(trips[n] for n in around)
        total += BOUNDS * tally.rounds(frozenset(used))
    return total * tally.costs.registers.loops


def keeps_invariants(tally: Tally, op: linalg.GenericOp) -> bool:
    """
    Whether there is about room for vectors that are the same in all rounds of a loop.

    Where all loops over reductions of `op` are written out, compilers load what no
    round of the loop around them changes ahead of it, and spill what finds no room.
    """
    trial, trips = tally.trial, tally.trips
    around = [n for n in trial.order if n in tally.costs.outer and trips[n] > 1]
    loops = tally.costs.stages[op]
    if not around or any(trips[n] > 1 for n in loops):
        return True
    kept = sum(
        tally.count(item) * tally.groups(item.bits)
        for item in tally.costs.items
        if item.kind is Kind.LOAD and tally.is_wide(item)
        if item.loops.intersection(loops) and around[-1] not in item.loops
    )
    limit = tally.costs.registers.vectors + SPILLED
    return kept + tally.accumulated(op)["vector"] <= limit
