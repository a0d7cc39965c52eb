"""
The instructions that stand in the code of a nest, by how its loops are cut.

A block is written out once for each segment of the loops around it: whole blocks, what
is left of them, and those at the borders of a padded value.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod

from .blocks import Segment, cut
from .borders import Borders
from .costs import Costs
from .tally import Tally


def weigh(tally: Tally) -> float:
    """What a way to cut loops is chosen by: what it executes and the code it takes."""
    costs, executed, code = tally.costs, tally.executed(), instructions(tally)
    return max(executed + costs.cold * code, grown(costs, executed, code))


def grown(costs: Costs, executed: float, code: float) -> float:
    """What is executed, counted by how many instructions in the code do it."""
    return executed * max(code, 1.0) ** costs.growth


def instructions(tally: Tally) -> float:
    """Instructions in the code, each counted once, whatever its registers."""
    copies = Copies(tally)
    return sum(
        tally.count(item) * tally.each(item, 1.0) * copies.of(item.loops)
        for item in tally.costs.items
    )


@lru_cache(maxsize=1 << 12)
def inside(
    start: int, steps: tuple[int, int], rounds: tuple[int, int], bound: int
) -> float:
    """The part of all rounds of two loops in which their sum is inside of a bound."""
    first, second = (range(0, by * n, by) for by, n in zip(steps, rounds, strict=True))
    found = sum(0 <= start + a + b < bound for a in first for b in second)
    return found / prod(rounds)


class Copies:
    """How often what a block does stands in the code."""

    def __init__(self, tally: Tally) -> None:
        costs, trial = tally.costs, tally.trial
        self._tally = tally
        self._borders = Borders.of(costs.reads, trial.sizes, trial.lane_loop)
        self._order = [loop for loop in trial.order if loop in costs.outer]
        self._segments = {n: list(self._borders.segments(n)) for n in self._order}
        self._known: dict[frozenset[int], float] = {}

    def of(self, loops: frozenset[int]) -> float:
        """
        How often a block of the values that some loops tell apart is written out.

        A part of a block counts as such. Loops inside of all of these change nothing.
        """
        if loops not in self._known:
            around = self._around(loops)
            self._known[loops] = prod(self._written(loop, loops) for loop in around)
        return self._known[loops]

    def _around(self, loops: frozenset[int]) -> list[int]:
        """The loops over results around what some loops tell apart, and these."""
        if not loops <= self._tally.costs.outer:
            return self._order
        places = [self._order.index(loop) for loop in loops]
        return self._order[: max(places, default=-1) + 1]

    def _written(self, loop: int, loops: frozenset[int]) -> float:
        """Blocks that all segments of a loop have together of such values."""
        segments = self._segments[loop]
        if loop not in loops:
            return len(segments)
        values = sum(
            self._values(loop, segment.size) * self._inside(loop, segment, loops)
            for segment in segments
        )
        return values / self._tally.steps[loop]

    def _values(self, loop: int, size: int) -> int:
        """Values of a block of `size` rounds of a loop."""
        costs, trial = self._tally.costs, self._tally.trial
        if loop != trial.lane_loop:
            return size
        before = costs.reads.extents[loop] - size
        return len(list(cut(size, trial.lanes, costs.register_lanes(loop), before)))

    def _inside(self, loop: int, segment: Segment, loops: frozenset[int]) -> float:
        """The part of the values of a segment that no border leaves out."""
        part = 1.0
        for test in self._tally.costs.reads.tests:
            used = {n for n, factor in enumerate(test.index.factors) if factor}
            is_cut = test.vanishes and loop in used and loop in self._borders.interior
            if is_cut and len(used) == 2 and used <= loops:
                (tap,) = used - {loop}
                taps = self._tally.costs.reads.extents[tap]
                steps = test.index.factors[loop], test.index.factors[tap]
                start = test.index.constant + steps[0] * segment.start
                rounds = segment.stop - segment.start
                part *= inside(start, steps, (rounds, taps), test.bound)
        return part
