"""
About how many instructions kernels take, for all candidates of a grid at once.

A block of `r` rows of results times `v` vectors of them is kept in registers while a
reduction goes on. Of each round of it, what differs along the lanes alone is loaded `v`
times, what differs along the rows alone `r` times, and what differs along both `r * v`
times, as often as is computed. So small tiles cost by what they leave of a block, by
vectors that are not full, and by sums that are put away between the parts of a
reduction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .grid import Grid
from .kernel_model import Access, KernelModel
from .ranges import Integers, Range, whole

Floats: TypeAlias = NDArray[np.float64]

MOST_ROWS, MOST_VECTORS = 28, 8
"""Of a block."""

REGISTERS = 30
"""For the vectors of a block: its sums, and what is multiplied."""

ROUND, BLOCK, RUN = 3.0, 12.0, 40.0
"""Instructions, about, around one round, one block, and one kernel."""

MOST_INSTRUCTIONS = 1 << 30
"""That are told apart."""


@cache
def per_vector(lanes: int, rows: int, both: int) -> Floats:
    """
    Instructions of a round per vector of results, in blocks of up to each size.

    A round loads so many operands that differ along the `lanes` alone, along the `rows`
    alone, and along `both`.
    """
    high = np.arange(1, MOST_ROWS + 1, dtype=np.float64)[:, None]
    wide = np.arange(1, MOST_VECTORS + 1, dtype=np.float64)[None, :]
    results = high * wide
    loads = lanes * wide + rows * high + both * results
    each = (loads + results + ROUND) / results
    kept = results + wide * min(lanes, 1) + 1
    each = np.where(kept <= REGISTERS, each, np.inf)
    return np.minimum.accumulate(np.minimum.accumulate(each, axis=0), axis=1)


def lane_loop(kernel: KernelModel) -> int | None:
    """The loop along which results lie side by side."""
    axes = kernel.writes[0].axes if kernel.writes else ()
    factors = axes[-1].factors if axes else ()
    return factors[0][0] if len(factors) == 1 and factors[0][1] == 1 else None


def lanes_of(kernel: KernelModel, loop: int, vector_bytes: int) -> int:
    """Results along a loop that stand in one vector."""
    if loop != lane_loop(kernel):
        return 1
    element = kernel.accumulator or kernel.writes[0].element
    return max(vector_bytes // element, 1)


@dataclass(frozen=True)
class KernelWork:
    """What one kernel does in the tiles of a grid."""

    kernel: KernelModel
    loops: Sequence[Range]
    """Which part of each of its loops is run."""
    grid: Grid
    vector_bytes: int
    """Of a vector register; 0 without."""

    @property
    def instructions(self) -> Floats:
        """Of each candidate; 0 for kernels of which nothing is known."""
        if not self.kernel.writes or not self.loops:
            return np.zeros(())
        every = frozenset(range(len(self.loops)))
        rows, vectors = self._block()
        rounds = self._each[rows - 1, vectors - 1] * self._vectors(every)
        ends = self._ends(rows * vectors) * self._vectors(self.made)
        return np.asarray(rounds + ends + RUN * self._parts(every))

    @cached_property
    def lane(self) -> int | None:
        """The loop of the lanes."""
        return lane_loop(self.kernel)

    @cached_property
    def made(self) -> frozenset[int]:
        """The loops over results."""
        return self.kernel.writes[0].loops

    def _is_inner(self, access: Access) -> bool:
        """Whether an operand is loaded in each round, not once for each result."""
        reductions = self.kernel.reductions
        return not reductions or bool(access.loops & reductions)

    @property
    def _each(self) -> Floats:
        """Instructions of a round, by the size of a block."""
        along = [
            (self.lane in access.loops, bool(access.loops & (self.made - {self.lane})))
            for access in self.kernel.reads
            if self._is_inner(access)
        ]
        kinds = ((True, False), (False, True), (True, True))
        return per_vector(*map(along.count, kinds))

    def _block(self) -> tuple[Integers, Integers]:
        """Rows and vectors of the largest tile, as far as a block can have them."""
        rows = vectors = np.array(1, dtype=np.int64)
        for loop in self.made:
            extent = self._largest(loop)
            if loop == self.lane:
                lanes = lanes_of(self.kernel, loop, self.vector_bytes)
                vectors = -(-extent // lanes)
            else:
                rows = rows * extent
        return np.clip(rows, 1, MOST_ROWS), np.clip(vectors, 1, MOST_VECTORS)

    def _ends(self, block: Integers) -> Floats:
        """For each vector of results: sums begin and end, once or in each part."""
        parts = self._parts(self.kernel.reductions)
        once = 2 + sum(not self._is_inner(access) for access in self.kernel.reads)
        again = np.where(parts > 1, 2 * parts + 2, 0)
        return once + again + BLOCK * parts / block

    def _largest(self, loop: int) -> Integers:
        """Rounds of a loop in its largest tile."""
        span = self.loops[loop]
        extent = np.asarray(span.extent, dtype=np.int64)
        if span.loop is None:
            return extent
        firsts = self.grid.tiles[span.loop].firsts
        return self.grid.spread(span.loop, np.maximum.reduceat(extent, firsts))

    def _vectors(self, loops: Iterable[int]) -> Integers:
        """Rounds of some loops in all tiles together, those of the lanes in vectors."""
        total = np.array(1, dtype=np.int64)
        tables: dict[int, Integers] = {}
        for loop in loops:
            lanes, span = (
                lanes_of(self.kernel, loop, self.vector_bytes),
                self.loops[loop],
            )
            extent = -(-np.asarray(span.extent, dtype=np.int64) // lanes)
            if span.loop is None:
                total = total * extent
            else:
                tables[span.loop] = tables.get(span.loop, np.int64(1)) * extent
        for cut, extents in tables.items():
            sums = np.add.reduceat(extents, self.grid.tiles[cut].firsts)
            total = total * self.grid.spread(cut, sums)
        return total

    def _parts(self, loops: Iterable[int]) -> Integers:
        """How many tiles there are along some loops."""
        spans = (self.loops[loop].loop for loop in loops)
        return self.grid.count(frozenset(loop for loop in spans if loop is not None))


def uncut(kernel: KernelModel, vector_bytes: int) -> float:
    """About how many instructions a kernel takes that is not cut."""
    loops = [whole(extent) for extent in kernel.extents]
    grid = Grid({}, frozenset())
    return KernelWork(kernel, loops, grid, vector_bytes).instructions.item()


def added(
    kernels: Sequence[tuple[KernelModel, Sequence[Range]]],
    grid: Grid,
    vector_bytes: int,
) -> Integers:
    """
    About how many more kernels take of whose loops these parts are run in tiles.

    What does not change from tile to tile is done in each of them all the same.
    """
    more = np.zeros(grid.shape)
    for kernel, loops in kernels:
        work = KernelWork(kernel, loops, grid, vector_bytes)
        others = grid.tiles.keys() - {span.loop for span in loops}
        every = work.instructions * grid.count(frozenset(others))
        more = more + every - uncut(kernel, vector_bytes)
    return np.clip(more, 0, MOST_INSTRUCTIONS).astype(np.int64)
