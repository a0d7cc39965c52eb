"""
What no way to cut the loops over reductions of a block can be better than.

Where rounds are left to a loop, it counts them and goes back; where few are, the code
is long. One of the two has to be paid.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import inf, prod

from .costs import LOOP, Costs
from .overheads import MOST_WRITTEN_OUT
from .place import grown
from .rounds import LONGEST_UNROLLED, Rounds, cuts
from .tally import Tally

Way = tuple[float, float, float]
"""Instructions of loops in a block, and what the code adds and multiplies by."""


class Promises:
    """What blocks of one nest promise, by what they execute if all is written out."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        items = list(costs.accumulators.values())
        self._sum = items[0] if len(items) == 1 else None
        self._ways: dict[Hashable, list[Way]] = {}

    def of(self, tally: Tally, executed: float, points: int) -> float:
        """The least price of a block of so many points that executes so much."""
        if self._sum is None:
            return grown(self._costs, executed, points)
        blocks = tally.rounds(self._sum.loops)
        least = inf
        for loops, price, growth in self._ways_of(tally, points):
            found = executed + blocks * loops
            least = min(least, max(found + price, found * growth))
        return least

    def _ways_of(self, tally: Tally, points: int) -> list[Way]:
        """Those of blocks that have as many sums, and the same loop of lanes."""
        assert self._sum is not None, "loops over reductions are left"
        costs, sums = self._costs, tally.count(self._sum)
        (loops,) = costs.stages.values()
        lane = tally.trial.lane_loop
        key = lane if lane in loops else None, points, sums
        if key not in self._ways:
            each = LOOP * costs.registers.loops
            self._ways[key] = [
                (each * left(cut, points), costs.cold * code, grown(costs, 1.0, code))
                for cut in cuts(costs, lane, loops, points)
                for code in (sums * cut.straight,)
            ]
        return self._ways[key]


def left(cut: Rounds, points: int) -> float:
    """
    How often loops go round, at least, for each block of so many points.

    Compilers write out those of few instructions. That is another trial where all of
    them are short; else it is code that is not counted.
    """
    rounds = prod(cut.trips)
    code = points * cut.straight
    long = (
        trips
        for n, trips in zip(cut.rest, cut.trips, strict=True)
        if cut.extents[n] > LONGEST_UNROLLED
    )
    if code * min(long, default=inf) < MOST_WRITTEN_OUT:
        rounds *= code / MOST_WRITTEN_OUT
    return rounds if rounds > 1 else 0.0
