"""
What compilers add to what the bodies of a nest say, as far as the blocks decide it.

That is to tell how many lanes a part of a vector has, where a window that a border cuts
begins and ends, in which order straight code is done, and which loops are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod
from typing import TYPE_CHECKING

from xdsl.dialects.linalg import ops as linalg

from ...analysis.vectors import MANY, SHORT, whole_lanes
from .items import Item, Kind
from .lane_steps import between, lane_step
from .live import live

if TYPE_CHECKING:
    from .reads import Clippable
    from .tally import Tally

SWITCH = 2.0
"""Instructions from one number of lanes to another and back."""

FIRST = 0.6
"""What a comparison fewer saves: what is compared waits in a register as before."""

ENTRY = 12.0
"""Instructions before a loop over reductions whose rounds have bounds that vary."""

BOUNDS = 30.0
"""Instructions that find these bounds, and the addresses of the first round."""

WITHOUT_VECTORS = 0.5
"""How much of the two counts on machines without vectors, about."""

MOST_WRITTEN_OUT = 150
"""Instructions of all rounds of loops from which on compilers do not write them out."""

SPREAD = 2.0
"""What compilers count for one element in all lanes, which takes no instruction."""

CHOSEN = 6.0
"""What compilers count for lanes that are picked, beside the load."""


def switches(tally: Tally, item: Item) -> float:
    """
    Instructions, for each vector that is moved, that tell its number of lanes.

    Compilers do as many lanes of all that a part of a vector becomes, but not of what
    a loop carries or comparisons choose: such accumulators have whole registers.
    """
    if tally.trial.lanes.bit_count() == 1:
        return 0.0
    for op, loops in tally.costs.stages.items():
        inner = [n for n in loops if tally.trips[n] > 1]
        is_chosen = op in tally.costs.choosing
        if not inner and not is_chosen:
            continue
        if item.kind is Kind.STORE:
            return SWITCH / tally.count(item)
        if item.owner is op or item.loops.intersection(loops):
            if is_filled(tally, op, loops):
                return 0.0
            if is_chosen:
                return SWITCH
            return SWITCH / _together(tally, item, inner)
    return 0.0


def is_filled(tally: Tally, op: linalg.GenericOp, loops: Sequence[int]) -> bool:
    """Whether what the loops of `op` read in lanes can be read in whole registers."""
    more = whole_lanes(tally.trial.lanes) - tally.trial.lanes
    return all(
        item.owner is op
        and (step := lane_step(tally, item)) > 0
        and step * more <= item.spare
        for item in tally.costs.items
        if item.kind is Kind.LOAD and tally.is_wide(item)
        if item.owner is op or item.loops.intersection(loops)
    )


def _together(tally: Tally, item: Item, inner: list[int]) -> float:
    """
    How many vectors of a load follow each other.

    All that are kept, where each is of use to several results; what is of use to one
    is loaded right before.
    """
    count = tally.count(item)
    if prod(tally.steps[n] for n in tally.costs.nest(item.loops)) < 2 * count:
        return 1
    inner = sorted(inner, key=tally.trial.order.index)
    return count / ceil(count / live(tally, item, inner))


def compared(tally: Tally, item: Item) -> float:
    """
    The part that is left of comparisons where no loop is: the first one is none.

    Compilers that write out a loop still compare with what it begins with.
    """
    op = item.owner
    if item.kind is not Kind.ACCUMULATE or not isinstance(op, linalg.GenericOp):
        return 1.0
    loops = tally.costs.stages.get(op, ())
    is_carried = any(tally.trips[n] > 1 for n in loops)
    if is_carried or op not in tally.costs.choosing:
        return 1.0
    return 1 - FIRST / prod(tally.steps[n] * tally.trips[n] for n in loops)


def clips(tally: Tally) -> list[Clippable]:
    """The loops over reductions that borders cut."""
    sizes = tally.trial.sizes
    clippable = tally.costs.clippable
    return [clip for clip in clippable if all(sizes[n] == 1 for n in clip.used)]


def clipping(tally: Tally) -> float:
    """Instructions for all loops over reductions that borders cut."""
    total, trial = 0.0, tally.trial
    for clip in clips(tally):
        nest = tally.costs.nest(frozenset({clip.loop}))
        before = trial.order[: trial.order.index(clip.loop)]
        total += ENTRY * prod(tally.trips[n] for n in before if n in nest)
        total += BOUNDS * tally.rounds(clip.used - {clip.loop})
    registers = tally.costs.registers
    return total * registers.loops * (1 if registers.vector_bits else WITHOUT_VECTORS)


def written_out(tally: Tally) -> frozenset[int]:
    """
    The loops over reductions of which compilers leave nothing but their rounds.

    The innermost ones, as far as all of their rounds are short. Not those of lanes, of
    which a loop of its own is left, over scalars, nor those of which borders say how
    often they go round.
    """
    gone: set[int] = set()
    counted = {clip.loop for clip in clips(tally)} | {tally.trial.lane_loop}
    for op, loops in tally.costs.stages.items():
        left = tally.left(op)
        if not left or counted.intersection(loops):
            continue
        most = SHORT if carries_many(tally, op) else MOST_WRITTEN_OUT
        length = as_compiled(tally, loops)
        for loop in reversed(left):
            length *= tally.trips[loop]
            if length >= most:
                break
            gone.add(loop)
    return frozenset(gone)


def carries_many(tally: Tally, op: linalg.GenericOp) -> bool:
    """Whether what accumulates is so many vectors that loops stay if they are long."""
    item = tally.costs.accumulators[op]
    if item is None or tally.costs.registers.shared:
        return False
    is_wide = tally.is_wide(item) or tally.trial.lane_loop in tally.costs.stages[op]
    return is_wide and tally.count(item) >= MANY


def as_compiled(tally: Tally, loops: Sequence[int]) -> float:
    """Instructions of one round of some loops, as compilers count them."""
    inside = [item for item in tally.costs.items if item.loops.intersection(loops)]
    body = sum(tally.count(item) * tally.each(item, 1.0) for item in inside)
    body += sum(SPREAD * tally.count(item) for item in inside if spreads(tally, item))
    picked = (item for item in inside if between(tally, item) > 1)
    return body + sum(CHOSEN * tally.count(item) for item in picked)


def spreads(tally: Tally, item: Item) -> bool:
    """Whether an element is loaded that is a factor of vectors."""
    is_beside = tally.trial.lane_loop is not None and not tally.is_wide(item)
    return is_beside and item.kind is Kind.LOAD
