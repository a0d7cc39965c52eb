"""
What floats cost besides that multiply vectors, each of them those of one row.

A compiler loads neighbours in memory right behind each other. Of four neighbours in
rounds that are written out, three wait in registers until the vectors of their rounds
are there; what finds no register goes to memory and back. And the product that needs
the first one waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod
from typing import TYPE_CHECKING

from .items import Item, Kind

if TYPE_CHECKING:
    from .tally import Tally

TOGETHER = 4
"""Neighbours, at most, that compilers load right behind each other."""

LINE = 512
"""Bits of memory in which they are neighbours."""

BESIDE = 31
"""Floats, at most, that are kept in registers beside vectors."""

AWAY = 2.0
"""Instructions that bring a float to memory and back."""

WAIT = 0.5
"""What a product waits for a float that is loaded right before it, in instructions."""

BUSY = 4
"""Registers of a vector whose product keeps a core busy while it loads."""

TWO_ROUNDS = 2
"""Rounds that compilers count by one bit; addresses are then computed in each."""


def broadcasts(tally: Tally) -> float:
    """Instructions of the whole nest for such floats, besides their loads."""
    costs, lane = tally.costs, tally.trial.lane_loop
    limits, total = costs.registers, 0.0
    if not limits.vector_bits or limits.shared or lane is None:
        return total
    rounds = prod(tally.steps) / tally.steps[lane]
    for item in costs.items:
        is_scalar = item.kind is Kind.LOAD and item.is_float and not tally.is_wide(item)
        is_own = item.owner in costs.stages and tally.count(item) == rounds
        if is_scalar and is_own and item.strides is not None:
            total += each_block(tally, item, item.strides) * tally.rounds(item.loops)
    return total


def taken(tally: Tally) -> float:
    """Weighted instructions of the whole nest, such floats included."""
    return tally.executed() + broadcasts(tally)


def each_block(tally: Tally, item: Item, strides: Sequence[int]) -> float:
    """The same for what one block loads, elements apart as `strides` say."""
    steps, count = tally.steps, tally.count(item)
    inner = [n for n in tally.trial.order if n in item.loops - tally.costs.outer]
    written = [steps[n] for n in inner if strides[n] == 1]
    first = count / min(max(written, default=1), TOGETHER)
    total = AWAY * max(count - first - BESIDE, 0.0)
    trips = [tally.trips[n] for n in inner if tally.trips[n] > 1]
    if trips and trips[-1] == TWO_ROUNDS:
        total += first
    if tally.groups(item.bits) < BUSY:
        line = LINE / item.bits
        moved = [n for n in item.loops if steps[n] > 1 and strides[n] > 0]
        near = prod(min(steps[n], ceil(line / strides[n])) for n in moved)
        total += WAIT * count / min(near, TOGETHER)
    return total
