"""
What a way to cut loops into blocks costs, by counting.

What is done in the loops of a nest, and the ways to cut them; `tally.py` counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from xdsl.dialects.linalg import ops as linalg

from .blocks import cut, makes_floats, registers
from .items import Item, Kind, items
from .reads import Reads
from .reductions import combining
from .registers import Registers
from .steps import independent

KINDS = ("vector", "float", "integer", "address")
"""What registers hold."""


@dataclass(frozen=True)
class Trial:
    """One way to cut the loops of a nest."""

    sizes: tuple[int, ...]
    """Rounds done at once, for each loop."""
    order: tuple[int, ...]
    """All loops, outermost first; those over reductions come behind the others."""
    lane_loop: int | None = None
    lanes: int = 1


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
        self._cuts: dict[tuple[int, int, int | None, int], tuple[int, float]] = {}
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

    def cut(
        self, loop: int, size: int, lanes: int | None, rows: int = 1
    ) -> tuple[int, float]:
        """
        Values of a block of `size` rounds of a loop, and how often the loop goes round.

        The values are vectors of so many `lanes`, if there are some, in `rows`.
        """
        key = loop, size, lanes, rows if lanes else 1
        if key not in self._cuts:
            inside = min(size, self.reads.extents[loop])
            steps = inside if lanes is None else ceil(inside / lanes)
            self._cuts[key] = steps, self._trips(loop, size, lanes, rows, steps)
        return self._cuts[key]

    def _trips(
        self, loop: int, size: int, lanes: int | None, rows: int, steps: int
    ) -> float:
        """How often a loop goes round; a block that is not whole counts in part."""
        extent = self.reads.extents[loop]
        if lanes is not None and self.edges.get(loop):
            return self._between_edges(loop, size, lanes, rows) / steps
        rest = extent % size
        if not rest or extent < size:
            return max(extent // size, 1) * self._filled(loop, size, lanes, rows, steps)
        if lanes is not None and loop not in self.outer:
            # What is left of a sum is scalars: an address and an element each.
            groups = ceil(lanes / self.register_lanes(loop))
            return extent // size + rest * 2 / (1 + groups)
        if lanes is not None:
            return extent // size + self._rest(loop, rest, lanes, rows) / steps
        return extent // size + 0.9 * rest / size + 0.1

    def _between_edges(self, loop: int, size: int, lanes: int, rows: int) -> float:
        """Whole vectors of a loop that is cut where borders begin and end."""
        register, total = self.register_lanes(loop), 0.0
        whole = registers([(0, lanes)], register)
        for start, stop in pairwise((0, *self.edges[loop], self.reads.extents[loop])):
            rounds, rest = divmod(stop - start, size)
            total += rounds * ceil(size / lanes)
            pieces = self._pieces(rest, lanes, register, stop - start - rest, rows)
            total += registers(pieces, register) / whole
        return total

    def between_borders(
        self, loop: int, size: int, lanes: int, rows: int
    ) -> Iterator[int]:
        """The lanes of all vectors of a loop, from end to end or border to border."""
        register = self.register_lanes(loop)
        cuts = (0, *self.edges.get(loop, ()), self.reads.extents[loop])
        for start, stop in pairwise(cuts):
            rounds, rest = divmod(stop - start, size)
            for done, times in ((size, rounds), (rest, 1)):
                before = stop - start - done
                pieces = self._pieces(done, lanes, register, before, rows)
                yield from [own for _, own in pieces] * times

    def _filled(
        self, loop: int, size: int, lanes: int | None, rows: int, steps: int
    ) -> float:
        """The part of a block's vectors that are done: one that is left is none."""
        whole, rest = divmod(size, lanes or 1)
        if lanes is None or loop not in self.outer or not (whole and rest == 1):
            return 1.0
        return (whole + self._rest(loop, rest, lanes, rows)) / steps

    def _rest(self, loop: int, rest: int, lanes: int, rows: int) -> float:
        """What is left of a loop of lanes, in whole vectors."""
        register, before = self.register_lanes(loop), self.reads.extents[loop] - rest
        pieces = self._pieces(rest, lanes, register, before, rows)
        taken = registers(pieces, register)
        return taken / registers([(0, lanes)], register)

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
