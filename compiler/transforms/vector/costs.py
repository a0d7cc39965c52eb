"""
What a way to cut loops into blocks costs, by counting.

What is done in the loops of a nest, and the ways to cut them; `tally.py` counts.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from xdsl.dialects.linalg import ops as linalg

from .blocks import cut, lane_segments, makes_floats, registers
from .items import Item, Kind, items
from .reads import Reads
from .reductions import combining
from .registers import Registers
from .steps import independent

LOOP = 2.0
"""Instructions of one round of a loop: counting and going back."""

INTEGERS = 3.0
"""
What an instruction in the code counts as, at least, without vectors and floats.

Products of integers that are packed in pairs later count twice in what is executed.
"""

HALVES = 1.5
"""What is done in half of the lanes takes so much of what whole vectors take."""

KINDS = ("vector", "float", "integer", "address")
"""What registers hold."""


class Trial(NamedTuple):
    """One way to cut the loops of a nest."""

    sizes: tuple[int, ...]
    """Rounds done at once, for each loop."""
    order: tuple[int, ...]
    """All loops, outermost first; those over reductions come behind the others."""
    lane_loop: int | None = None
    lanes: int = 1


class Cut(NamedTuple):
    """What a block of rounds of one loop is."""

    steps: int
    """Values; vectors where the loop is that of lanes."""
    trips: float
    """How often the loop goes round; a block that is not whole counts in part."""
    alone: float
    """The part of all vectors that is scalars."""


class Costs:
    """Counts what trials of one nest cost."""

    def __init__(self, reads: Reads, registers: Registers, has_fma: bool) -> None:
        self.reads = reads
        self.makes_floats = makes_floats(reads.root)
        self.registers = registers
        self.items = items(reads, has_fma, registers.widens)
        self.any_lanes = registers.any_lanes and all(
            item.narrow is None for item in self.items
        )
        """Whether lanes may be of any number: not where those of a register count."""
        factors = {item.bits // 2 for item in self.items if item.is_factor}
        self.bits = factors.union(item.bits for item in self.items)
        self.outer = frozenset(n for n in range(len(reads.loops)) if reads.is_outer(n))
        edges = {loop: reads.edges(loop) for loop in self.outer}
        self.edges = {loop: at for loop, at in edges.items() if at is not None}
        """Where loops of lanes are cut because of borders, those that can be."""
        self.moved = [item for item in self.items if item.kind is not Kind.COMPUTE]
        self.stages: dict[linalg.GenericOp, tuple[int, ...]] = {}
        """The operations that reduce, and their loops over reductions."""
        for number, (op, _) in enumerate(reads.loops):
            if number not in self.outer and isinstance(op, linalg.GenericOp):
                self.stages[op] = (*self.stages.get(op, ()), number)
        self.accumulators: dict[linalg.GenericOp, Item | None] = {}
        for op in self.stages:
            self.accumulators[op] = self._accumulator(op)
        sums = filter(None, self.accumulators.values())
        is_known = all(item.is_float for item in sums)
        self.growth = registers.growth if is_known else 0.0
        """The power by which code counts: none for integers, of which less is known."""
        has_packed = not (registers.vector_bits or any(i.is_float for i in self.items))
        self.cold = max(registers.cold, INTEGERS) if has_packed else registers.cold
        """What an instruction in the code counts as, in instructions executed."""
        self.extended = {
            item: one
            for item in self.items
            if item.kind is Kind.LOAD and registers.halves
            for one in self.items
            if one.is_factor and one.owner is item.owner and one.bits > item.bits
            if set(one.sums) == {sum_ for sum_ in item.sums if any(sum_)}
        }
        """What is kept in place of a load: what products take, which is wider."""
        self.choosing = frozenset(
            item.owner
            for item in self.items
            if item.kind is Kind.ACCUMULATE and item.weight > 1
        )
        """Operations whose accumulators are chosen by comparisons."""
        self.parts = {
            item.number: tuple(independent(item.sums, len(reads.loops)))
            for item in (*self.items, *filter(None, self.accumulators.values()))
        }
        """By their numbers: the loops of items, those that share a sum together."""
        found = map(reads.clippable, reads.tests)
        self.clippable = [one for one in found if one is not None]
        self.counts: dict[Hashable, int] = {}
        self._cuts: dict[tuple[int, int, int | None, int], Cut] = {}
        self._nests: dict[frozenset[int], frozenset[int]] = {}

    def _accumulator(self, op: linalg.GenericOp) -> Item | None:
        """What `op` accumulates onto, as an item of the loops over its results."""
        for item in self.items:
            if item.owner is op and item.kind is Kind.ACCUMULATE:
                sums = tuple(
                    one
                    for one in item.sums
                    if not any(f for n, f in enumerate(one) if n not in self.outer)
                )
                return replace(item, sums=sums, number=-1 - len(self.accumulators))
        return None

    @property
    def signature(self) -> Hashable:
        """All that a choice depends on: nests that share it are cut alike."""
        loops, tests = self.reads.loops, self.reads.tests
        owners = {op: n for n, op in enumerate(dict.fromkeys(op for op, _ in loops))}
        return (
            self.registers,
            tuple(self.reads.extents),
            self.outer,
            tuple((owners[op], dim) for op, dim in loops),
            tuple((owners.get(item.owner), item.look) for item in self.items),
            tuple(combining(op) is not None for op in self.stages),
            tuple(test.index for test in tests),
            tuple(self.clippable),
            tuple(sorted(self.reads.rooms.items())),
        )

    def register_lanes(self, loop: int) -> int:
        """Lanes that a register has, of the widest elements that a loop moves over."""
        wide = (item.bits for item in self.items if loop in item.loops)
        return max(1, self.registers.vector_bits // max(wide, default=32))

    def cut(self, loop: int, size: int, lanes: int | None, rows: int = 1) -> Cut:
        """A block of `size` rounds of a loop, with so many `lanes` in `rows`."""
        key = loop, size, lanes, rows if lanes else 1
        if key not in self._cuts:
            inside = min(size, self.reads.extents[loop])
            steps = inside if lanes is None else ceil(inside / lanes)
            trips, alone = self._trips(loop, size, lanes, rows, steps)
            self._cuts[key] = Cut(steps, trips, alone / trips)
        return self._cuts[key]

    def _trips(
        self, loop: int, size: int, lanes: int | None, rows: int, steps: int
    ) -> tuple[float, float]:
        """How often a loop goes round, and how much of that is scalars."""
        extent = self.reads.extents[loop]
        if lanes is not None and self.edges.get(loop):
            trips, alone = self._between_edges(loop, size, lanes, rows)
            return trips / steps, alone / steps
        rest = extent % size
        if not rest or extent < size:
            rounds = max(extent // size, 1)
            part, alone = self._filled(loop, size, lanes, rows, steps)
            return rounds * part, rounds * alone
        if lanes is not None and loop not in self.outer:
            return extent // size + self._left(loop, rest, lanes), 0.0
        if lanes is not None:
            trips, alone = self._rest(loop, rest, lanes, extent - rest, rows)
            return extent // size + trips / steps, alone / steps
        return extent // size + 0.9 * rest / size + 0.1, 0.0

    def _left(self, loop: int, rest: int, lanes: int) -> float:
        """
        What is left of a sum in lanes, as rounds of whole vectors.

        Half as many lanes and so on, in the end a scalar: an address for each of them.
        """
        register = self.register_lanes(loop)
        sizes = [segment.size for segment in lane_segments(rest, lanes)]
        moved = sum(
            (HALVES if size > 1 else 1) * (1 + ceil(size / register)) for size in sizes
        )
        return moved / (1 + ceil(lanes / register))

    def _between_edges(
        self, loop: int, size: int, lanes: int, rows: int
    ) -> tuple[float, float]:
        """Whole vectors of a loop that is cut where borders begin and end."""
        total = alone = 0.0
        for start, stop in pairwise((0, *self.edges[loop], self.reads.extents[loop])):
            rounds, rest = divmod(stop - start, size)
            taken = self._rest(loop, rest, lanes, stop - start - rest, rows)
            total += rounds * ceil(size / lanes) + taken[0]
            alone += taken[1]
        return total, alone

    def widest(self, loop: int, size: int, lanes: int, rows: int) -> int:
        """The most lanes of a vector of a loop, from end to end or border to border."""
        register = self.register_lanes(loop)
        cuts = (0, *self.edges.get(loop, ()), self.reads.extents[loop])
        found = 1
        for length in (stop - start for start, stop in pairwise(cuts)):
            for done in (size if length >= size else 0, length % size):
                pieces = self._pieces(done, lanes, register, length - done, rows)
                found = max((found, *(own for _, own in pieces)))
        return found

    def _filled(
        self, loop: int, size: int, lanes: int | None, rows: int, steps: int
    ) -> tuple[float, float]:
        """The part of a block's vectors that are done: one that is left is none."""
        whole, rest = divmod(size, lanes or 1)
        if lanes is None or loop not in self.outer or not (whole and rest == 1):
            return 1.0, 0.0
        before = self.reads.extents[loop] - rest
        taken, alone = self._rest(loop, rest, lanes, before, rows)
        return (whole + taken) / steps, alone / steps

    def _rest(
        self, loop: int, rest: int, lanes: int, before: int, rows: int
    ) -> tuple[float, float]:
        """What is left of a loop of lanes, in whole vectors, and what is scalars."""
        register = self.register_lanes(loop)
        pieces = self._pieces(rest, lanes, register, before, rows)
        whole = registers([(0, lanes)], register)
        alone = sum(one == 1 for _, one in pieces)
        return registers(pieces, register) / whole, alone / whole

    def _pieces(
        self, rest: int, lanes: int, register: int, before: int, rows: int
    ) -> list[tuple[int, int]]:
        """What is left of a loop of lanes, as vectors."""
        return list(cut(rest, lanes, register, before, self.makes_floats, rows))

    def nest(self, loops: frozenset[int]) -> frozenset[int]:
        """The loops that are around an item that some loops say what it is."""
        found = self._nests.get(loops)
        if found is None:
            owners = {self.reads.loops[loop][0] for loop in loops - self.outer}
            loops_of = enumerate(self.reads.loops)
            inner = (n for n, (op, _) in loops_of if op in owners)
            found = self._nests[loops] = (
                self.outer.union(inner) if owners else self.outer
            )
        return found


def add(
    need: dict[str, float], item: Item, count: float, is_wide: bool, groups: float
) -> None:
    """Adds registers of the kind that an item is kept in."""
    if is_wide:
        need["vector"] += count * groups
    else:
        need["float" if item.is_float else "integer"] += count
