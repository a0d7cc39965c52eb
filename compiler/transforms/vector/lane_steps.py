"""
Lanes that lie two elements apart: they are picked from all that is between them.

Two loads of a window with a stride of two begin at neighbours, and share one vector of
twice the lanes; RISC-V loads that into two registers, of each second element. Lanes
that have a record each are loaded and stored with all of them as well.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from .items import Item, Kind
from .records import (
    Offsets,
    are_fields,
    are_records,
    is_picked,
    is_record,
    moved_by,
    offsets_of,
)

if TYPE_CHECKING:
    from .tally import Tally

STRIDED = 2.0
"""Instructions for each lane that has to be moved on its own."""

PICK = 2.0
"""Instructions that tell the numbers of lanes before and after what is picked alone."""

TWICE = 8.0
"""Instructions in a loop of two rounds: addresses are made anew from a truth value."""


def lane_step(tally: Tally, item: Item) -> int:
    """How far apart lanes are along the last axis; 0 where they are elsewhere."""
    lane = tally.trial.lane_loop
    if lane is None or item.strides is None or not item.last:
        return 0
    return item.last[lane] if item.strides[lane] == item.last[lane] else 0


def apart(tally: Tally, item: Item, groups: float) -> float:
    """
    Instructions of a vector of lanes that are no neighbours in memory.

    Its registers count so many `groups`. What is left as scalars is not taken apart.
    """
    each, lane = moved_at_once(tally, item, groups), tally.trial.lane_loop
    assert lane is not None, "there are vectors"
    single = ceil(tally.trial.lanes / tally.costs.register_lanes(lane))
    return each + (single * item.alone - each) * tally.alone


def moved_at_once(tally: Tally, item: Item, groups: float) -> float:
    """The same where all lanes of the vector are moved at once."""
    if has_records(tally, item, groups):
        return in_records(tally, item, groups)
    is_loaded = item.kind is Kind.LOAD and can_pick(tally, item, groups)
    return picking(tally, item, groups) if is_loaded else tally.trial.lanes * STRIDED


def is_near(tally: Tally, item: Item) -> bool:
    """Whether lanes are along the last axis alone."""
    lane = tally.trial.lane_loop
    return lane is not None and item.sums[-1][lane] != 0


def fields_of(tally: Tally, item: Item) -> Offsets | None:
    """The fields of the records that lanes over results have, if they have some."""
    step, lane = lane_step(tally, item), tally.trial.lane_loop
    if lane not in tally.costs.outer or (is_picked(step) and is_near(tally, item)):
        return None
    if not is_record(step, tally.costs.registers.fields):
        return None
    found = offsets_of(moved_by(item.last, tally.steps, lane), step)
    is_whole = item.kind is Kind.LOAD or are_records(found, step)
    return found if is_whole and are_fields(found, step) else None


def has_records(tally: Tally, item: Item, groups: float) -> bool:
    """Whether registers hold the fields of records that lanes have."""
    has_room = lane_step(tally, item) * groups <= tally.costs.registers.group
    is_even = tally.trial.lanes.bit_count() == 1
    return has_room and is_even and fields_of(tally, item) is not None


def in_records(tally: Tally, item: Item, groups: float) -> float:
    """Instructions of one field, whose registers count so many `groups`."""
    found, step = fields_of(tally, item), lane_step(tally, item)
    assert found is not None, "there are records"
    each = step * groups * tally.costs.registers.apart + 1
    return found.loads * each / found.fields


def between(tally: Tally, item: Item) -> int:
    """The elements that are loaded for each lane of a vector."""
    if not tally.is_wide(item):
        return 1
    step = lane_step(tally, item)
    is_pair = is_picked(step) and is_near(tally, item)
    return step if is_pair or fields_of(tally, item) is not None else 1


def picks(tally: Tally, item: Item) -> bool:
    """Whether vectors are picked from all between their lanes, and are no records."""
    return between(tally, item) > 1 and fields_of(tally, item) is None


def can_pick(tally: Tally, item: Item, groups: float) -> bool:
    """Whether registers hold all that is between the lanes of a vector."""
    step = lane_step(tally, item)
    has_room = is_halved(tally, groups) or step * groups <= tally.costs.registers.group
    return is_picked(step) and is_near(tally, item) and has_room


def is_halved(tally: Tally, groups: float) -> bool:
    """Whether what is between the lanes of a vector is loaded as two as wide."""
    is_even = tally.trial.lanes.bit_count() == 1
    return is_even and groups == tally.costs.registers.group == 1


def picking(tally: Tally, item: Item, groups: float) -> float:
    """
    Instructions of a vector that is picked, whose registers count so many `groups`.

    All that begin inside of a step are loaded at once, each into registers of its own
    if the last of them is picked; else each is picked from all that is loaded.
    """
    step, count = lane_step(tally, item), near(tally, item)
    wide = min(step * groups, tally.groups(item.bits * step))
    picked = range(item.phase, item.phase + count)
    loads = len({place // step for place in picked})
    if is_halved(tally, groups):
        return loads * step * (groups + 1) / count + wide
    if tally.is_part:
        # Instructions that load fields have whole registers.
        return loads * (wide + 1 + PICK) / count + wide
    is_alone = (picked.stop - 1) % step < step - 1
    return (loads * (wide + 1) + is_alone * (wide + PICK)) / count


def near(tally: Tally, item: Item) -> int:
    """How many values of a block begin at other elements than at every step."""
    if (found := fields_of(tally, item)) is not None:
        return found.fields
    step, lane = lane_step(tally, item), tally.trial.lane_loop
    loops = (n for n in item.loops if n != lane and item.sums[-1][n] % step)
    return prod(tally.steps[n] for n in loops)


def kept_whole(tally: Tally, item: Item) -> int:
    """
    What is kept, in vectors as wide as those that are picked, for what picks the rest.

    All results of a block pick from one element on before one of them does from the
    next.
    """
    step = between(tally, item)
    beside = near(tally, item) if step > 1 else 0
    return tally.count(item) // beside * step if beside >= step > 1 else 0


def picked_later(tally: Tally, item: Item) -> int:
    """
    What waits in vectors for the rounds that pick the rest of what is loaded.

    All results of a block come before the next round of a sum. Fields wait in registers
    of their own, what no instruction loads as fields in those that it was loaded to.
    """
    step, lane = between(tally, item), tally.trial.lane_loop
    if not picks(tally, item) or near(tally, item) < step:
        return 0
    inner = [n for n in tally.trial.order if n in item.loops - tally.costs.outer]
    taps = [n for n in inner if n != lane and item.sums[-1][n] % step]
    earlier = inner[: min(map(inner.index, taps), default=0)]
    loads = tally.values_of(item, item.loops.difference(taps, earlier))
    return loads * (step if tally.is_part else step - 1)


def as_loaded(tally: Tally, item: Item, kept: int) -> int:
    """What is kept of a load, where no instruction loads fields: all between lanes."""
    if not (picks(tally, item) and tally.is_part):
        return kept
    step, beside = between(tally, item), near(tally, item)
    return ceil(kept / beside * ceil(beside / step) * step)


def twice(tally: Tally, loop: int) -> float:
    """Instructions more of each round of a sum that picks lanes in two rounds."""
    if tally.trips[loop] != 2 or loop in tally.costs.outer:
        return 0.0
    moved = (item for item in tally.costs.moved if loop in item.loops)
    return TWICE if any(between(tally, item) > 1 for item in moved) else 0.0
