"""
What compilers keep in registers of what is loaded: how wide, and how much of it.

RISC-V multiplies integers to twice their width and adds, so that factors need half of
the width of the sum. Compilers see that where all products are near each other which
have a factor in common, and those that they have in common with others; else factors
are extended to the width of the sum, and take twice the registers.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from xdsl.dialects.linalg import ops as linalg

from .items import Item, Kind, Sums
from .lane_steps import as_loaded, between, fields_of, near, picked_later, picks
from .steps import later, once, returning

if TYPE_CHECKING:
    from .tally import Tally

MOST_TOGETHER = 18
"""Products, at most, that compilers look at together."""

AHEAD = 4
"""Registers that elements wait in which are loaded ahead."""

PICKED_AHEAD = 2
"""Loads ahead of what several taps of a window pick lanes from."""

FEW_TRIPS = 8
"""Rounds of the loops around a block up to which compilers write them out as well."""

FEW_SUMS = 24
"""The same where they are those of a sum alone."""


def factor_bits(tally: Tally, item: Item) -> int:
    """The width that a factor is extended to."""
    assert isinstance(item.owner, linalg.GenericOp), "only bodies extend"
    return item.bits // 2 if widens(tally, item.owner) else item.bits


def kept_bits(tally: Tally, load: Item) -> int:
    """The width of what is kept of a load: that of a factor, once it is extended."""
    item = tally.costs.extended.get(load)
    return load.bits if item is None else factor_bits(tally, item)


def widens(tally: Tally, op: linalg.GenericOp) -> bool:
    """
    Whether compilers multiply factors of half the width.

    Where all loops over reductions are written out, some factors are the same in all
    rounds of the loop around, and are extended ahead of it, away from the products.
    """
    loops = tally.costs.stages.get(op, ())
    is_near = any(tally.trips[n] > 1 for n in loops)
    return is_near and together(tally, op) <= MOST_TOGETHER


def together(tally: Tally, op: linalg.GenericOp) -> int:
    """How many products of a block hang together by the vectors that they share."""
    nest = tally.costs.nest(frozenset(tally.costs.stages.get(op, ())))
    blocked = {n for n in nest if tally.steps[n] > 1}
    joined: set[int] = set()
    for item in tally.costs.items:
        if item.is_factor and item.owner is op and tally.is_wide(item):
            joined |= blocked - item.loops
            parts = (blocked.intersection(p) for p in tally.costs.parts[item.number])
            joined.update(*(part for part in parts if len(part) > 1))
    return prod(tally.steps[n] for n in joined)


def needed(tally: Tally, load: Item) -> int:
    """
    The scalars of a load that are kept beside vectors.

    Along one axis of a window, those of use to one product are loaded right before it.
    """
    count, cut = tally.count(load), [n for n, s in enumerate(tally.steps) if s > 1]
    is_axis = len(cut) == 2 and load.loops.issuperset(cut)
    if not is_axis or tally.is_wide(load) or not tally.costs.registers.vector_bits:
        return count
    return shared(tally, load)


def shared(tally: Tally, load: Item) -> int:
    """The values of a load that several results share, and one of the others."""
    cut = [n for n in sorted(load.loops) if tally.steps[n] > 1]
    sums = tuple(tuple(one[n] for n in cut) for one in load.sums)
    alone = once(sums, tuple(tally.steps[n] for n in cut))
    return tally.count(load) - alone + min(alone, 1)


def beside(tally: Tally, load: Item) -> int:
    """
    The vectors that are kept of a factor which several results share.

    One, or those of all lanes of a block where what they are multiplied by is loaded as
    vectors, too: compilers then load much before the first product. Two more loads of
    what several taps pick from are made ahead; what one tap picks is beside the load.
    Bytes, which are extended behind it, are few.
    """
    lane = tally.trial.lane_loop
    is_picked = picks(tally, load) and kept_bits(tally, load) == load.bits
    if lane is not None and is_picked:
        step = between(tally, load)
        ahead = PICKED_AHEAD * step if near(tally, load) > 1 else 1
        return (1 + ahead) * tally.steps[lane]
    others = (
        item.owner is load.owner and item is not load and item.kind is Kind.LOAD
        for item in tally.costs.items
        if tally.is_wide(item) and item.loops - tally.costs.outer
    )
    if lane is None or not tally.is_wide(load) or not any(others):
        return 1
    return tally.steps[lane]


def slowest_tap(tally: Tally, load: Item) -> int | None:
    """The outermost loop over reductions of which a block reads several rounds."""
    taps = load.loops - tally.costs.outer
    order = tally.trial.order
    return next((n for n in order if n in taps and tally.steps[n] > 1), None)


def moves_of(
    tally: Tally, load: Item, slowest: int
) -> tuple[Sums, tuple[int, ...], int]:
    """How a block moves a load: by loops of so many steps, and which is `slowest`."""
    cut = [n for n in sorted(load.loops) if tally.steps[n] > 1]
    steps = tuple(tally.steps[n] for n in cut)
    return tally.sums(load, cut), steps, cut.index(slowest)


def lasting(tally: Tally, load: Item) -> int:
    """
    The values of a load that rounds of its slowest reduction share.

    Some registers at least, since the others are loaded a little ahead; records of all
    results are loaded before the first product of a round.
    """
    slowest = slowest_tap(tally, load)
    if slowest is None:
        return tally.count(load)
    shared = returning(*moves_of(tally, load, slowest))
    ahead = apart_ahead(tally, load, load.loops - {slowest})
    return max(shared, ahead, ceil(AHEAD / tally.groups(load.bits)))


def in_common(tally: Tally, load: Item) -> int:
    """The values of a load that wait between rounds of its slowest reduction."""
    slowest = slowest_tap(tally, load)
    return 0 if slowest is None else later(*moves_of(tally, load, slowest))


def in_sweep(tally: Tally, load: Item) -> int:
    """The values of a load in a round of its slowest reduction; none without one."""
    slowest = slowest_tap(tally, load)
    return 0 if slowest is None else tally.values_of(load, load.loops - {slowest})


def held(tally: Tally, load: Item) -> int:
    """
    The values of a load that are picked and kept for a later round of a reduction.

    Beside them are those that a row of results picks in a round, loaded together; of
    wide vectors those of a second row wait for the first one.
    """
    if slowest_tap(tally, load) is None:
        return tally.count(load)
    row = near(tally, load) * tally.steps[tally.trial.lane_loop or 0]
    rows = 1 if tally.groups(load.bits) == 1 else 2
    return in_common(tally, load) + rows * row


def apart_ahead(tally: Tally, load: Item, loops: frozenset[int]) -> int:
    """
    What is loaded of records before the first product of a round over some loops.

    Elements of all results, and those that the next round begins with.
    """
    found = fields_of(tally, load)
    if found is None:
        return 0
    whole = between(tally, load) * found.loads
    return ceil(tally.values_of(load, loops) / near(tally, load) + 1) * whole


def in_row(tally: Tally, item: Item) -> int:
    """What is loaded of a row of records before the first product with it."""
    along = frozenset(n for n, step in enumerate(item.last) if step)
    return apart_ahead(tally, item, along)


def waiting(tally: Tally, item: Item, *, is_chosen: bool, moves: bool) -> int:
    """
    The values of a load that wait where several results do not share most of them.

    Few do in a window that moves and no border cuts. Where one does, a loop of rows is
    left for wider vectors, which cores that do instructions in order wait less for.
    """
    if is_chosen:
        is_one = tally.groups(kept_bits(tally, item)) == 1
        few = max(shared(tally, item), picked_later(tally, item))
        return few if is_one else tally.count(item)
    if not (moves and tally.is_wide(item)):
        return tally.count(item)
    is_picked = picks(tally, item)
    if is_picked and not tally.is_part:
        return held(tally, item)
    is_wider = is_picked or can_be_wider(tally, item)
    is_cut = tally.costs.clippable and is_wider
    kept = tally.count(item) if is_cut else lasting(tally, item)
    return as_loaded(tally, item, kept)


def can_be_wider(tally: Tally, item: Item) -> bool:
    """Whether a loop has rounds for vectors of twice the lanes, and memory as well."""
    lane = tally.trial.lane_loop
    assert lane is not None, "there are vectors"
    is_short = 2 * tally.trial.lanes > tally.costs.reads.extents[lane]
    return not is_short and fields_of(tally, item) is None


def summed_ahead(tally: Tally, load: Item) -> int:
    """
    The rounds of a sum of wide vectors that are loaded ahead; none where it is a loop.

    Compilers write out few rounds, whose loads wait for nothing.
    """
    lane = tally.trial.lane_loop
    if lane is None or lane in tally.costs.outer or not tally.is_wide(load):
        return 0
    rounds = tally.costs.reads.extents[lane] // tally.trial.lanes
    if not 1 < rounds <= FEW_SUMS or tally.groups(load.bits) < 4:
        return 0
    return ceil(tally.trips[lane])
