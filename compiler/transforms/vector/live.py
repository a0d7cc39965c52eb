"""How many values of a load compilers keep in registers at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from .items import Item
from .kept import FEW_TRIPS, beside, needed, summed_ahead
from .lane_steps import as_loaded, kept_whole

if TYPE_CHECKING:
    from .tally import Tally

FEW_ROUNDS = 2
"""Rounds that are written out up to which compilers load no wide vector ahead."""

WRITTEN_AHEAD = 3
"""Wide vectors that compilers load ahead where no loop is left."""

SHORT_WINDOW = 4
"""Rounds of a window that compilers order so that few of its elements are kept."""

SHORT_LIVE, LONG_LIVE = 8, 16
"""Elements, at most, that are kept of such a window and of a longer one in a loop."""


def live(tally: Tally, item: Item, inner: Sequence[int]) -> int:
    """How many values of a load are kept at the same time."""
    count = tally.count(item)
    if ahead := summed_ahead(tally, item):
        return ahead
    if inner and inner[-1] not in item.loops:
        return count
    blocked = [n for n in tally.costs.outer if tally.steps[n] > 1]
    slowest = tally.trial.lane_loop
    if slowest is None:
        slowest = max(blocked, default=None)
    if not any(n != slowest for n in blocked if n in item.loops):
        is_shared = any(n not in item.loops for n in blocked)
        over = tally.costs.nest(item.loops) - tally.costs.outer
        trips = prod(tally.trips[n] for n in over)
        is_short = trips <= FEW_TRIPS
        written = prod(tally.steps[n] for n in over) * (trips if is_short else 1)
        if is_shared or written == 1:
            return beside(tally, item) if is_shared else 1
        if not tally.is_wide(item):
            window = prod(tally.steps[n] for n in over if tally.trips[n] == 1)
            is_long = bool(inner) and window > SHORT_WINDOW
            return min(count, LONG_LIVE if is_long else SHORT_LIVE)
        if tally.groups(item.bits) <= 4:
            return min(count, 3)
        if written <= FEW_ROUNDS:
            return 1
        return WRITTEN_AHEAD if is_short else min(count, 2)
    return _shared_by_all(tally, item)


def _shared_by_all(tally: Tally, item: Item) -> int:
    """The same of one that several results of a block read, in straight code."""
    if tally.count(item) == prod(tally.steps):
        return max(kept_whole(tally, item), 1)
    if tally.is_ordered(item):
        return _per_round(tally, item)
    return as_loaded(tally, item, needed(tally, item))


def _per_round(tally: Tally, item: Item) -> int:
    """The values of a load that rounds written out do not share with others."""
    loops, count = item.loops, tally.count(item)
    for n in sorted(loops - tally.costs.outer):
        one = tally.values_of(item, loops - {n})
        if count == one * tally.steps[n]:
            loops, count = loops - {n}, one
    return count
