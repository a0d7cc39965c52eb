"""
What multiply-adds wait for each other, in cores that do several instructions at once.

A sum takes the next product a few cycles after the last one, so a core is busy only
where it adds to several sums in turn: those of a block, and those of the blocks behind
it as far as it looks ahead.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

from .items import Kind

if TYPE_CHECKING:
    from xdsl.dialects.linalg import ops as linalg

    from .tally import Tally

AHEAD = 100.0
"""Multiply-adds that cores look ahead, about: half of 200 instructions or more."""


def waits(tally: Tally) -> float:
    """Multiply-adds of the whole nest that could be done while sums are waited for."""
    chains = tally.costs.registers.chains
    if not chains:
        return 0.0
    return sum(
        (idle(tally, op, chains) - 1) * done
        for op in tally.costs.stages
        if (done := multiply_adds(tally, op))
    )


def multiply_adds(tally: Tally, op: linalg.GenericOp) -> float:
    """Floats, or vectors of them, that an operation accumulates in the whole nest."""
    return sum(
        tally.count(item) * tally.rounds_of(item)
        for item in tally.costs.items
        if item.owner is op and item.kind is Kind.ACCUMULATE and item.is_float
    )


def idle(tally: Tally, op: linalg.GenericOp, chains: int) -> float:
    """How much longer the sums of an operation take than without waiting."""
    item = tally.costs.accumulators[op]
    loops = tally.costs.stages[op]
    length = prod(tally.steps[n] * tally.trips[n] for n in loops)
    ahead = AHEAD / length
    blocked = [] if item is None else [n for n in item.loops if tally.steps[n] > 1]
    taken = done = 0.0
    for parts in product(*(pieces(tally, n) for n in blocked)):
        often = prod(rounds for _, rounds in parts)
        sums = prod(steps for steps, _ in parts)
        done += often * sums
        taken += often * sums * max(1.0, chains / max(sums, ahead))
    return taken / done


def pieces(tally: Tally, loop: int) -> list[tuple[float, float]]:
    """Sums that blocks of a loop have, and how many such blocks there are."""
    extent, size = tally.costs.reads.extents[loop], tally.trial.sizes[loop]
    steps, whole = tally.steps[loop], extent // size
    rest = max(tally.trips[loop] - whole, 0.0) * steps
    found = [(float(steps), float(whole)), (rest, 1.0)]
    return [(sums, rounds) for sums, rounds in found if sums and rounds]
