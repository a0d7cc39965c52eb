"""
The instructions and registers of one way to cut the loops of a nest.

An item is done once for each of its values in a block, in the innermost loop that says
which value that is. A vector counts as many instructions as it has registers, as cores
that work through them one after the other need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import ceil, inf, prod

from xdsl.dialects.linalg import ops as linalg

from ...analysis.vectors import whole_lanes
from .costs import KINDS, LOOP, Costs, Trial, add
from .items import Item, Kind, Sums
from .kept import factor_bits
from .lane_steps import apart, lane_step, twice
from .latency import waits
from .overheads import (
    clipping,
    compared,
    switches,
    written_out,
)
from .steps import distinct, windows
from .turns import turning

REACH = 4096
"""Bytes that a load can reach from one address register: 12 bits with a sign."""


class Tally:
    """The counts of one trial."""

    def __init__(self, costs: Costs, trial: Trial) -> None:
        self.costs = costs
        self.trial = trial
        lane, sizes = trial.lane_loop, trial.sizes
        self._rows = rows = prod(sizes[loop] for loop in costs.outer if loop != lane)
        cuts = [
            costs.cut(loop, size, trial.lanes if loop == lane else None, rows)
            for loop, size in enumerate(sizes)
        ]
        self.steps = [cut.steps for cut in cuts]
        self.trips = [cut.trips for cut in cuts]
        self.alone = max((cut.alone for cut in cuts), default=0.0)
        """The part of all vectors that is scalars."""
        self.blocks = list(self.trips)
        """As `trips`, but what is left of lanes is a whole block, not so at borders."""
        if lane in costs.outer and not costs.edges.get(lane):
            self.blocks[lane] = ceil(costs.reads.extents[lane] / sizes[lane])
        self._rounds: dict[tuple[frozenset[int], bool], float] = {}
        self._counts: dict[int, int] = {}

    @cached_property
    def is_part(self) -> bool:
        """Whether vectors have another number of lanes than a power of two."""
        lane = self.trial.lane_loop
        if lane is None or lane not in self.costs.outer:
            return False
        size, lanes = self.trial.sizes[lane], self.trial.lanes
        widest = self.costs.widest(lane, size, lanes, self._rows)
        return widest.bit_count() > 1

    def is_wide(self, item: Item) -> bool:
        """Whether an item is a vector."""
        return self.trial.lane_loop is not None and self.trial.lane_loop in item.loops

    def count(self, item: Item) -> int:
        """How many values of an item there are in a block."""
        found = self._counts.get(item.number)
        if found is None:
            found = 1
            for part in self.costs.parts[item.number]:
                is_alone = len(part) == 1
                found *= self.steps[part[0]] if is_alone else self._shared(item, part)
            self._counts[item.number] = found
        return found

    def _shared(self, item: Item, part: tuple[int, ...]) -> int:
        """How many values the sums have that some loops of an item are in together."""
        lanes = self.trial.lanes if self.trial.lane_loop in part else 0
        steps = tuple(self.steps[loop] for loop in part)
        key = item.number, part, lanes and self.trial.lane_loop, lanes, steps
        found = self.costs.counts.get(key)
        if found is None:
            found = self.costs.counts[key] = self.values_of(item, frozenset(part))
        return found

    def values_of(self, item: Item, loops: frozenset[int]) -> int:
        """How many values of an item there are in a block of some of its loops."""
        cut = [n for n in loops if self.steps[n] > 1]
        return distinct(self.sums(item, cut), tuple(self.steps[n] for n in cut))

    def sums(self, item: Item, loops: Sequence[int]) -> Sums:
        """By how much steps of some loops, vectors of lanes, move an item."""
        by = {self.trial.lane_loop: self.trial.lanes}
        return tuple(tuple(one[n] * by.get(n, 1) for n in loops) for one in item.sums)

    @cached_property
    def gone(self) -> frozenset[int]:
        """The loops over reductions that compilers write out."""
        return written_out(self)

    def rounds(self, loops: frozenset[int], is_wide: bool = False) -> float:
        """
        How often the innermost loop that counts goes round in all.

        What `is_wide` has fewer registers in what is left of lanes, and counts in part.
        """
        reached = self._rounds.get((loops, is_wide))
        if reached is None:
            nest = self.costs.nest(loops)
            total = reached = 1.0
            for loop in self.trial.order:
                if loop in nest:
                    trips = (self.trips if is_wide else self.blocks)[loop]
                    total *= trips if loop in loops else max(trips, 1)
                    reached = total if loop in loops else reached
            self._rounds[loops, is_wide] = reached
        return reached

    def rounds_of(self, item: Item) -> float:
        """How often an item is done in all."""
        return self.rounds(item.loops, self.is_wide(item))

    def groups(self, bits: int) -> float:
        """Registers of one vector: a power of two of them."""
        width = self.costs.registers.vector_bits
        whole = ceil(self.trial.lanes * bits / width) if width else 1
        return float(whole_lanes(max(whole, 1)))

    def accumulating(self) -> float:
        """Those of them that accumulate; without vectors, where all do alike, none."""
        total = 0.0
        if not self.costs.registers.vector_bits:
            return total
        for item in self.costs.items:
            if item.kind is Kind.ACCUMULATE:
                each = self.each(item, self.groups(item.bits)) + self._called(item)
                # In the order of `executed`, which rounding then leaves no smaller.
                each *= compared(self, item)
                total += self.count(item) * (each * self.rounds_of(item))
        return total

    def executed(self) -> float:
        """Weighted instructions of the whole nest; infinite where it cannot be."""
        total = self._horizontal() + clipping(self) + turning(self) + waits(self)
        groups = {bits: self.groups(bits) for bits in self.costs.bits}
        for item in self.costs.items:
            each = self.each(item, groups[self._bits(item)]) + self._called(item)
            each *= compared(self, item)
            total += self.count(item) * (each * self.rounds_of(item))
        # The addresses of vectors count with the vectors.
        narrow = [item for item in self.costs.moved if not self.is_wide(item)]
        own = [(i.loops, self.addresses(i, self._reach(i))) for i in narrow]
        for loop in self.trial.order:
            if self.trips[loop] > 1 and loop not in self.gone:
                addresses = sum(number for loops, number in own if loop in loops)
                each = LOOP + addresses + twice(self, loop)
                each *= self.costs.registers.loops
                total += self.rounds(frozenset({loop})) * each
        return total

    def _bits(self, item: Item) -> int:
        """The width that counts of an item."""
        is_halved = item.is_factor and self.costs.registers.widens
        return factor_bits(self, item) if is_halved else item.bits

    def addresses(self, item: Item, reach: int = REACH) -> int:
        """Address registers, of so many bytes, that scalars of a block are moved by."""
        if item.strides is None or self.is_wide(item):
            return 1
        loops = [n for n in item.loops if self.steps[n] > 1]
        places = tuple((item.strides[n], self.steps[n]) for n in loops)
        return windows(places, reach * 8 // item.bits)

    def _reach(self, item: Item) -> int:
        """Bytes that one address register reaches as compilers choose them."""
        # Among many integers they do not look for one in the middle.
        return REACH // 2 if self.is_ordered(item) else REACH

    def is_ordered(self, item: Item) -> bool:
        """Whether rounds written out load and compute one after the other."""
        return not (self.costs.registers.vector_bits or item.is_float)

    def each(self, item: Item, groups: float) -> float:
        """Instructions of one value, those on vectors counted `groups` times."""
        if not self.is_wide(item):
            return item.alone
        if not item.can_widen:
            return inf
        if item.kind in (Kind.COMPUTE, Kind.ACCUMULATE):
            return item.weight * groups
        if lane_step(self, item) == 1:
            return groups + 1 + switches(self, item)
        return apart(self, item, groups)

    def _called(self, item: Item) -> float:
        """Instructions in the library; a call itself takes little place in memory."""
        library = self.costs.registers.library
        computes = library and item.kind in (Kind.COMPUTE, Kind.ACCUMULATE)
        return library if computes and item.is_float else 0.0

    def _horizontal(self) -> float:
        """Lanes of accumulators that are put together."""
        lane = self.trial.lane_loop
        if lane is None or lane in self.costs.outer:
            return 0.0
        op = self.costs.reads.loops[lane][0]
        assert isinstance(op, linalg.GenericOp), "reductions are of these"
        item = self.costs.accumulators[op]
        blocks = prod(self.trips[loop] for loop in self.costs.outer)
        count = 1 if item is None else self.count(item)
        halvings = self.trial.lanes.bit_length() - 1
        each = self.groups(32) + 4 + self.costs.registers.halving * halvings
        return blocks * count * each

    def left(self, op: linalg.GenericOp) -> list[int]:
        """The loops over reductions of `op` that go round, from the outermost on."""
        loops = self.costs.stages[op]
        return [n for n in self.trial.order if n in loops and self.trips[n] > 1]

    def accumulated(self, op: linalg.GenericOp) -> dict[str, float]:
        """Registers that hold what `op` accumulates."""
        need: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        item = self.costs.accumulators[op]
        if item is not None:
            lane = self.trial.lane_loop
            is_wide = self.is_wide(item) or lane in self.costs.stages[op]
            add(need, item, self.count(item), is_wide, self.groups(item.bits))
        return need
