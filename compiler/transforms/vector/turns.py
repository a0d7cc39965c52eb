"""
What it costs that wide factors take turns in two places, where no other is free.

Compilers load the next factor while they multiply with one, and let the last product
of a factor stand where the factor stood. An even number of factors in a round leaves
all sums where they were. After an odd number one of them is in the place of a factor:
it goes back over memory, since all other registers are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .items import Kind
from .kept import kept_bits
from .live import live

if TYPE_CHECKING:
    from .tally import Tally

FILE = 32
"""Registers of vectors that there are."""

MOVES = 3.0
"""How often a sum is moved then: to memory, from there, and to its own place."""

ADDRESSES = 2.0
"""Instructions that say where in memory, for a core that counts a register as one."""


def turning(tally: Tally) -> float:
    """Instructions of the whole nest that bring sums back to their places."""
    registers = tally.costs.registers
    if not registers.vector_bits or registers.shared:
        return 0.0
    total = 0.0
    for op, loops in tally.costs.stages.items():
        # Where all is written out, as for bounds, nothing goes from round to round.
        inner = tally.left(op)
        read = [
            item
            for item in (tally.costs.items if inner else ())
            if item.kind is Kind.LOAD and item.owner is op and tally.is_wide(item)
            if item.loops.intersection(loops)
        ]
        if len(read) != 1:
            continue
        (factor,) = read
        count, groups = tally.count(factor), tally.groups(kept_bits(tally, factor))
        is_turned = count > 1 and count % 2 == 1 and live(tally, factor, inner) == 1
        if is_turned and tally.accumulated(op)["vector"] + 2 * groups >= FILE:
            each = MOVES * groups + ADDRESSES
            total += each * tally.rounds(factor.loops.union(inner))
    return total
