"""Whether all that one way to cut the loops of a nest keeps has room in registers."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

from xdsl.dialects.linalg import ops as linalg

from .costs import add
from .items import Item, Kind
from .kept import in_row, in_sweep, kept_bits, waiting
from .lane_steps import between, near, picks
from .live import live
from .window_order import slides, taps

if TYPE_CHECKING:
    from .tally import Tally

USES, SLIDING = 2, 8
"""Elements of a window that are loaded ahead, where each has so many uses or more."""

ALONG_ONE = 12
"""The same where it moves over a block along one axis, and weights are vectors too."""

BETWEEN = 6
"""Results of long computations that are needed at the same time."""

FEW = 4
"""Elements or vectors of a block, where each is a long computation."""

SPILLED = 8
"""Registers, at most, that may be missing for what is taken out of a loop."""


def has_room(tally: Tally) -> bool:
    """Whether the accumulators alone have room in registers."""
    return all(holds(tally, tally.accumulated(op)) for op in tally.costs.stages)


def fits(tally: Tally) -> bool:
    """Whether all that a block keeps in registers has room there."""
    return computes(tally) and all(
        any(holds(tally, need(tally, op)) for need in (pressure, factors, taps))
        and keeps_invariants(tally, op)
        for op in tally.costs.stages
    )


def holds(tally: Tally, need: dict[str, float]) -> bool:
    """Whether a machine has so many registers of each kind."""
    limits = tally.costs.registers
    vectors = need["vector"] + (need["float"] if limits.shared else 0)
    return (
        vectors <= limits.vectors
        and need["float"] <= limits.floats
        and need["integer"] + need["address"] <= limits.integers
    )


def pressure(tally: Tally, op: linalg.GenericOp) -> dict[str, float]:
    """Registers of each kind that the innermost loop of `op` needs."""
    need = tally.accumulated(op)
    loops, inner = set(tally.costs.stages[op]), tally.left(op)
    for item in tally.costs.items:
        if item.kind is Kind.LOAD and item.loops & loops:
            kept, wide = live(tally, item, inner), tally.is_wide(item)
            # One of them is still as it was loaded.
            add(need, item, kept - 1, wide, tally.groups(kept_bits(tally, item)))
            add(need, item, 1, wide, tally.groups(item.bits * between(tally, item)))
            need["address"] += tally.addresses(item)
    return need


def computes(tally: Tally) -> bool:
    """Whether there is room for what is needed between loads and stores."""
    computed = [item for item in tally.costs.items if item.kind is Kind.COMPUTE]
    between = min(len(computed), BETWEEN)
    is_long = between == BETWEEN
    points = prod(tally.steps[loop] for loop in tally.costs.outer)
    # Elements that no loop accumulates onto are all made before one is stored.
    beside = 0 if tally.costs.stages else points
    kept = between + max(beside - 1, 0) if is_long else max(between, beside)
    groups = (tally.groups(item.bits) for item in computed if tally.is_wide(item))
    registers = tally.costs.registers
    if registers.vector_bits and kept * max(groups, default=0.0) > registers.vectors:
        return False
    return not is_long or bool(tally.costs.stages) or points <= FEW


def keeps_invariants(tally: Tally, op: linalg.GenericOp) -> bool:
    """
    Whether there is about room for vectors that are the same in all rounds of a loop.

    Where all loops over reductions of `op` are written out, compilers load what no
    round of the loop around them changes ahead of it, and spill what finds no room.
    """
    trial, trips = tally.trial, tally.trips
    around = [n for n in trial.order if n in tally.costs.outer and trips[n] > 1]
    loops = tally.costs.stages[op]
    if not around or tally.left(op):
        return True
    kept = sum(
        tally.count(item) * tally.groups(kept_bits(tally, item))
        for item in tally.costs.items
        if item.kind is Kind.LOAD and tally.is_wide(item)
        if item.loops.intersection(loops) and around[-1] not in item.loops
    )
    limit = tally.costs.registers.vectors + SPILLED
    return kept + tally.accumulated(op)["vector"] <= limit


def factors(tally: Tally, op: linalg.GenericOp) -> dict[str, float]:
    """
    Registers that straight code needs which keeps what several results share.

    What a window moves over is then of use for a moment only, in all results that it is
    in, and little is loaded ahead. That is so in a loop over channels, too.
    """
    need = tally.accumulated(op)
    sums, left = need["vector"], tally.left(op)
    if left and not slides(tally, left):
        need["vector"] = inf
    is_chosen = op in tally.costs.choosing
    rows = [n for n in tally.costs.outer if n != tally.trial.lane_loop]
    blocked = frozenset(n for n in rows if tally.steps[n] > 1)
    for item in (item for item in tally.costs.items if item.kind is Kind.LOAD):
        groups, is_wide = tally.groups(kept_bits(tally, item)), tally.is_wide(item)
        kept = in_straight_code(tally, item, blocked, is_chosen=is_chosen)
        # Beside each float that is compared again is what tells whether it is a NaN.
        kept += kept - 1 if is_chosen and is_wide and item.is_float else 0
        add(need, item, kept, is_wide, groups)
    if tally.costs.registers.vector_bits:
        again = tally.costs.registers.loaded_again
        need["float"] = max(need["float"] - again, 0)
    if tally.costs.registers.shared:
        weights = need["vector"] - sums
        need["float"] = max(need["float"], spread(tally) - weights)
    return need


def spread(tally: Tally) -> float:
    """
    Registers that straight code of a window needs where all lanes of some are a float.

    In the order of its places: for all floats that a row of them reads and a weight.
    """
    loads = (item for item in tally.costs.items if item.kind is Kind.LOAD)
    narrow = (i for i in loads if i.is_float and not tally.is_wide(i))
    return 1.0 + sum(in_sweep(tally, item) for item in narrow)


def in_straight_code(
    tally: Tally, item: Item, blocked: frozenset[int], *, is_chosen: bool
) -> int:
    """The values of a load that are kept there, of blocks of so many loops."""
    count, axes = tally.count(item), len(item.loops.intersection(blocked))
    # Comparisons come one after the other, and keep what several results share.
    is_brief = axes and count <= prod(tally.steps) / USES and not is_chosen
    if not is_brief or (picks(tally, item) and near(tally, item) > 1):
        return waiting(tally, item, is_chosen=is_chosen, moves=axes > 0)
    is_along = axes == 1 and has_vectors_beside(tally, blocked)
    ahead = ALONG_ONE if is_along else SLIDING
    ahead *= apart_windows(tally, item, blocked)
    return max(min(count, ahead), in_row(tally, item))


def has_vectors_beside(tally: Tally, blocked: frozenset[int]) -> bool:
    """Whether vectors are loaded that no block of some loops moves over."""
    return any(
        tally.is_wide(load) and load.loops.isdisjoint(blocked)
        for load in tally.costs.items
        if load.kind is Kind.LOAD
    )


def apart_windows(tally: Tally, item: Item, blocked: frozenset[int]) -> int:
    """How many windows of a block move over an item without one element in common."""
    parts = tally.costs.parts[item.number]
    if not any(len(part) > 1 for part in parts if not blocked.isdisjoint(part)):
        return 1
    alone = (part[0] for part in parts if len(part) == 1)
    return prod(tally.steps[n] for n in alone if n in blocked)
