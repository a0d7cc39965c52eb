"""
Lanes that lie two elements apart: they are picked from all that is between them.

Two loads of a window with a stride of two begin at neighbours, and share one vector of
twice the lanes; RISC-V loads that into two registers, of each second element.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from ...analysis.vectors import PAIR
from .items import Item

if TYPE_CHECKING:
    from .tally import Tally

PICK = 2.0
"""Instructions that tell the numbers of lanes before and after what is picked alone."""

TWICE = 8.0
"""Instructions in a loop of two rounds: addresses are made anew from a truth value."""


def is_picked(step: int) -> bool:
    """
    Whether lanes so far apart are picked from what is loaded with all between.

    Of each fourth element compilers make loads with a stride, or gather one by one.
    """
    return step == PAIR


def lane_step(tally: Tally, item: Item) -> int:
    """How far apart lanes are along the last axis; 0 where they are elsewhere."""
    lane = tally.trial.lane_loop
    if lane is None or item.strides is None or not item.last:
        return 0
    return item.last[lane] if item.strides[lane] == item.last[lane] else 0


def between(tally: Tally, item: Item) -> int:
    """The elements that are loaded for each lane of a vector."""
    step = lane_step(tally, item) if tally.is_wide(item) else 1
    return step if is_picked(step) else 1


def can_pick(tally: Tally, item: Item, groups: float) -> bool:
    """Whether registers hold all that is between the lanes of a vector."""
    step = lane_step(tally, item)
    has_room = step * groups <= tally.costs.registers.group
    return is_picked(step) and has_room and tally.trial.lanes.bit_count() == 1


def picking(tally: Tally, item: Item, groups: float) -> float:
    """
    Instructions of a vector that is picked, whose registers count so many `groups`.

    All that begin inside of a step are loaded at once, each into registers of its own;
    one that is alone is picked from all that is loaded.
    """
    step, count = lane_step(tally, item), near(tally, item)
    wide = min(step * groups, tally.groups(item.bits * step))
    alone = wide + PICK if count % step == 1 else 0.0
    return (ceil(count / step) * (wide + 1) + alone) / count


def near(tally: Tally, item: Item) -> int:
    """How many values of a block begin at other elements than at every step."""
    step, lane = lane_step(tally, item), tally.trial.lane_loop
    loops = (n for n in item.loops if n != lane and item.last[n] % step)
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


def twice(tally: Tally, loop: int) -> float:
    """Instructions more of each round of a sum that picks lanes in two rounds."""
    if tally.trips[loop] != 2 or loop in tally.costs.outer:
        return 0.0
    moved = (item for item in tally.costs.moved if loop in item.loops)
    return TWICE if any(between(tally, item) > 1 for item in moved) else 0.0
