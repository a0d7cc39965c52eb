"""
The vectors that a loop of lanes is cut into, some of which are scalars.

Where borders cut a loop, a round between two of them is a scalar, for which nothing is
picked.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from .lane_steps import picks

if TYPE_CHECKING:
    from .costs import Costs, Trial
    from .items import Item
    from .tally import Tally


def pieces_of(costs: Costs, trial: Trial) -> tuple[int, ...]:
    """The lanes of all vectors of a loop over results; nothing of other loops."""
    lane, sizes = trial.lane_loop, trial.sizes
    if lane is None or lane not in costs.outer:
        return ()
    rows = prod(sizes[loop] for loop in costs.outer if loop != lane)
    return tuple(costs.between_borders(lane, sizes[lane], trial.lanes, rows))


def mixed(tally: Tally, item: Item, groups: float) -> float:
    """
    Instructions of one value, whose registers count so many `groups`.

    Those of scalars between borders, which count as registers, are their own.
    """
    each, lane = tally.each(item, groups), tally.trial.lane_loop
    if lane is None or not (tally.costs.edges.get(lane) and picks(tally, item)):
        return each
    register = tally.costs.register_lanes(lane)
    taken = sum(ceil(lanes / register) for lanes in tally.pieces)
    alone = tally.pieces.count(1) / taken
    return each + alone * (tally.groups(item.bits) * item.alone - each)
