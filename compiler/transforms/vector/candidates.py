"""
The ways to cut the loops of a nest that are worth counting, and the best of them.

One loop over results, or over reductions, may be lanes; up to two others are blocked so
that what is accumulated fills the registers; loops over reductions are written out
where they are short.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import prod

from .broadcasts import broadcasts
from .costs import Costs, Trial
from .items import Kind
from .place import grown, weigh
from .promises import Promises
from .records import is_record
from .reductions import combining
from .room import fits, has_room
from .rounds import is_another, with_reductions
from .settled import is_settled
from .tally import Tally

MOST_POINTS = 32
"""Elements or vectors, at most, that a block computes."""

MOST_BLOCKS = 64
"""Blocks that are looked at more closely; most searches end before by themselves."""

ROWS = (2, 3, 4)


def best(costs: Costs) -> Trial | None:
    """The trial of the lowest price; none where there is nothing to choose."""
    return next(iter(ranked(costs, 1)), None)


@dataclass
class Alike:
    """The best trials, looked for once among nests that are alike."""

    known: dict[Hashable, Trial | None] = field(
        default_factory=dict[Hashable, "Trial | None"]
    )

    def best(self, costs: Costs) -> Trial | None:
        """As `best`."""
        key = costs.signature
        if key not in self.known:
            self.known[key] = best(costs)
        return self.known[key]


def ranked(costs: Costs, count: int) -> list[Trial]:
    """The `count` trials of the lowest price, best first."""
    if not costs.reads.loops:
        return []
    found: dict[Trial, float] = {}
    seen = 0
    for bound, points, block in bounded(costs):
        is_enough = len(found) == count and bound >= max(found.values())
        if is_enough or seen == MOST_BLOCKS:
            break
        prices = priced(costs, block, points)
        seen += bool(prices)
        for price, trial in prices:
            found.setdefault(trial, price)
        kept = sorted(found, key=found.__getitem__)[:count]
        found = {trial: found[trial] for trial in kept}
    return list(found)


def priced(costs: Costs, block: Trial, points: int) -> list[tuple[float, Trial]]:
    """The ways to cut loops over reductions for which there is room."""
    return [
        (weigh(tally) + broadcasts(tally), trial)
        for trial in with_reductions(costs, block, points)
        if is_settled(costs, trial) and fits(tally := Tally(costs, trial))
        if not is_another(tally, points)
    ]


def bounded(costs: Costs) -> Iterator[tuple[float, int, Trial]]:
    """
    The blocks that have room for what they accumulate, those that promise most first.

    With what no way to cut the loops over reductions can be better than, and the number
    of elements of a block, each of which has an instruction in the code. What only
    accumulates is counted first: often it is enough.
    """
    promises = Promises(costs)
    waiting: list[tuple[float, int, bool, int, Trial, Tally]] = []
    for number, block in enumerate(blocks(costs)):
        tally = Tally(costs, ideal(costs, block))
        points = prod(tally.steps[loop] for loop in costs.outer)
        if points <= MOST_POINTS and has_room(tally):
            bound = grown(costs, tally.accumulating(), points)
            waiting.append((bound, points, False, number, block, tally))
    heapify(waiting)
    while waiting:
        bound, points, is_whole, number, block, tally = heappop(waiting)
        if is_whole:
            yield bound, points, block
        else:
            bound = promises.of(tally, tally.executed(), points)
            heappush(waiting, (bound, points, True, number, block, tally))


def ideal(costs: Costs, block: Trial) -> Trial:
    """All loops over reductions written out, as if there were room for it."""
    sizes = [
        size
        if loop in costs.outer or loop == block.lane_loop
        else costs.reads.extents[loop]
        for loop, size in enumerate(block.sizes)
    ]
    return Trial(tuple(sizes), block.order, block.lane_loop, block.lanes)


def blocks(costs: Costs) -> Iterator[Trial]:
    """The ways to cut the loops over results."""
    count = len(costs.reads.loops)
    for lane, lanes, size in lane_choices(costs):
        sizes = [1] * count
        if lane is not None:
            sizes[lane] = size
        others = [n for n in costs.outer if n != lane and costs.reads.extents[n] > 1]
        order, vector = order_of(costs, lane), lane if lanes > 1 else None
        for rows in row_choices(costs, sorted(others), -(-size // lanes), vector):
            cut = list(sizes)
            for loop, rounds in rows:
                cut[loop] = rounds
            yield Trial(tuple(cut), order, vector, lanes)


def lane_choices(costs: Costs) -> Iterator[tuple[int | None, int, int]]:
    """Which loop may be lanes, how many of them, and the rounds of its block."""
    extents = costs.reads.extents
    yield None, 1, 1
    for loop in sorted(costs.outer):
        if extents[loop] == 1 or not is_stored_in_a_row(costs, loop):
            continue
        room = costs.reads.rooms.get(loop, extents[loop])
        for lanes in (lanes for lanes in widths(costs, extents[loop]) if lanes <= room):
            most = min(8, -(-extents[loop] // lanes))
            sizes = {min(lanes * n, extents[loop]) for n in range(1, most + 1)}
            yield from ((loop, lanes, size) for size in sorted(sizes))
    yield from reduction_lanes(costs)


def is_stored_in_a_row(costs: Costs, loop: int) -> bool:
    """
    Whether neighbouring rounds of a loop write neighbouring elements.

    Or records, if one does not fill a register.
    """
    steps = [
        item.last[loop] if item.last else 0
        for item in costs.items
        if item.kind is Kind.STORE
    ]
    most = min(costs.registers.fields, costs.register_lanes(loop) - 1)
    return all(step == 1 or is_record(step, most) for step in steps)


def reduction_lanes(costs: Costs) -> Iterator[tuple[int, int, int]]:
    """The same for loops over reductions whose order does not matter."""
    for op, loops in costs.stages.items():
        if combining(op) is None or not costs.registers.vector_bits:
            continue
        for loop in loops:
            for lanes in widths(costs, costs.reads.extents[loop]):
                if lanes > 1 and lanes.bit_count() == 1:
                    yield loop, lanes, lanes


def widths(costs: Costs, extent: int) -> Iterator[int]:
    """Numbers of lanes that a loop of so many rounds can have."""
    yield 1
    if not costs.registers.vector_bits:
        return
    bits = max(
        (item.bits for item in costs.items if item.kind is not Kind.STORE), default=32
    )
    one = max(costs.registers.vector_bits // min(bits, 32), 2)
    widest = 1 << (extent.bit_length() - 1)
    groups = [n for n in (1, 2, 4, 8) if n <= costs.registers.group]
    found = {min(one * n, widest) for n in groups}
    if costs.any_lanes and extent <= one * groups[-1]:
        found.add(extent)
    yield from sorted(lanes for lanes in found if lanes > 1)


def row_choices(
    costs: Costs, others: Sequence[int], used: int, lane: int | None
) -> Iterator[tuple[tuple[int, int], ...]]:
    """Which other loops than that of lanes are blocked, and their rounds."""
    yield ()
    most = MOST_POINTS // used
    for loop in others:
        for rounds in balanced(costs.reads.extents[loop], most):
            yield ((loop, rounds),)
    for outer, inner in combinations(sharing(costs, others, lane), 2):
        for rows in ROWS:
            if rows > costs.reads.extents[outer]:
                continue
            for rounds in balanced(costs.reads.extents[inner], most // rows):
                yield ((outer, rows), (inner, rounds))


def sharing(costs: Costs, loops: Sequence[int], lane: int | None) -> list[int]:
    """Those of some loops whose rounds have something that is loaded in common."""
    loads = [item for item in costs.items if item.kind is Kind.LOAD]
    alone = [{n for n, *more in costs.parts[i.number] if not more} for i in loads]
    return [
        n
        for n in loops
        if any(n not in own for own in alone) or has_fields(costs, lane, n)
    ]


def has_fields(costs: Costs, lane: int | None, loop: int) -> bool:
    """Whether rounds of a loop read fields of one record, which a lane has."""
    lasts = (item.last for item in costs.items if item.kind is Kind.LOAD and item.last)
    return lane is not None and any(
        is_record(last[lane], costs.registers.fields) and 0 < last[loop] < last[lane]
        for last in lasts
    )


def balanced(extent: int, most: int) -> list[int]:
    """Rounds above 1 that cut a loop into blocks as equal as they can be."""
    found = {-(-extent // n) for n in range(1, extent + 1)}
    return sorted(n for n in found if 1 < n <= most)


def order_of(costs: Costs, lane: int | None) -> tuple[int, ...]:
    """
    Loops over results in their order, or with that of the lanes outermost.

    The latter where something that is read depends on the lanes and not on all others,
    as weights do: it is then read for many rounds of the others.
    """
    inner = [n for n in range(len(costs.reads.loops)) if n not in costs.outer]
    natural = sorted(costs.outer)
    others = {n for n in natural if n != lane and costs.reads.extents[n] > 1}
    loads = [item for item in costs.items if item.kind is Kind.LOAD]
    is_kept = any(lane in i.loops and not others <= i.loops for i in loads)
    if lane is None or lane not in costs.outer or not is_kept:
        return (*natural, *inner)
    return (lane, *(n for n in natural if n != lane), *inner)
