"""
What the tilings of a chain cost: exact bytes and the near memory they take.

Every candidate is one point of a grid with an axis per cut loop; bytes and sizes are
products of one table per loop, so that all points and all loop orders are computed at
once. An operand is brought again whenever a loop goes on that encloses the innermost
loop it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import permutations
from typing import NamedTuple

import numpy as np

from ..planning import aligned
from .chains import Chain, Window
from .kernel_model import KernelModel
from .ranges import Booleans, Box, Integers, LoopTiles

STEPS_BITS = 22
"""Bits that the number of steps gets in a sum that orders by bytes first."""


MOST_REPEATED = 2
"""How many times the iterations of a chain may grow because halos are made twice."""


class Place(Enum):
    """Where a tensor is while a chain runs."""

    FAR = "far"
    """In a closed level: it has to be brought, or taken away."""
    NEAR = "near"
    """Whole in the near level, without room around it."""
    PADDED = "padded"
    """Whole in the near level, with room for its paddings."""
    OPEN = "open"
    """In another level that kernels may touch."""


class Cost(NamedTuple):
    """What is minimised, in this order."""

    bytes: int
    """Over the boundary of the near level, both directions."""
    steps: int
    """Transfers and runs of kernels."""
    work: int
    """Iterations that are done again for a halo."""

    def plus(self, other: Cost) -> Cost:
        """The sum of both."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))


NOTHING = Cost(0, 0, 0)


class Tiling(NamedTuple):
    """One way to cut a chain."""

    near: int
    """Bytes of the near level besides what is there anyway."""
    cost: Cost
    sizes: tuple[tuple[int, int], ...]
    """Cut loop -> size, in loop order."""
    order: tuple[int, ...]
    """The parallel loops that are cut, outermost first."""


@dataclass(frozen=True)
class Grid:
    """The candidate sizes of some loops of a chain's root."""

    tiles: Mapping[int, LoopTiles]
    reductions: frozenset[int]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of candidates of each loop."""
        return tuple(len(tiles.sizes) for tiles in self.tiles.values())

    def spread(self, loop: int, values: Integers) -> Integers:
        """One value per candidate of a loop, to be combined with those of others."""
        place = list(self.tiles).index(loop)
        return values.reshape([-1 if n == place else 1 for n in range(len(self.tiles))])

    def trips(self, loop: int) -> Integers:
        """Number of tiles along a loop."""
        return self.spread(loop, self.tiles[loop].trips)

    def product(self, box: Box, tables: Mapping[int, Integers]) -> Integers:
        """The elements of a box, from a table per loop."""
        total = np.array(box.static, dtype=np.int64)
        for loop, _ in box.cut:
            total = total * self.spread(loop, tables[loop])
        return total

    def sums(self, box: Box) -> Integers:
        """The elements of all tiles together."""
        return self.product(box, box.sums(self.tiles))

    def largest(self, box: Box) -> Integers:
        """The elements of the largest tile."""
        return self.product(box, box.largest(self.tiles))

    def is_cut(self, loops: frozenset[int]) -> Booleans:
        """Where one of these loops is cut."""
        found = np.array(False)
        for loop in loops:
            found = found | (self.trips(loop) > 1)
        return found

    def orders(self) -> list[tuple[int, ...]]:
        """All orders of the loops, outermost first; reductions are innermost."""
        parallel = [loop for loop in self.tiles if loop not in self.reductions]
        inner = tuple(loop for loop in self.tiles if loop in self.reductions)
        return [(*order, *inner) for order in permutations(parallel)]

    def repeats(self, loops: frozenset[int], order: Sequence[int]) -> Integers:
        """How often each part of an operand that depends on `loops` is brought."""
        times = np.array(1, dtype=np.int64)
        below = np.array(False)
        for loop in reversed(order):
            trips = self.trips(loop)
            if loop in loops:
                below = below | (trips > 1)
            else:
                times = times * np.where(below, trips, 1)
        return times

    def count(self, loops: frozenset[int]) -> Integers:
        """The number of parts of an operand that depends on `loops`."""
        times = np.array(1, dtype=np.int64)
        for loop in loops:
            times = times * self.trips(loop)
        return times


@dataclass(frozen=True)
class Frontier:
    """Candidates of which none is better with as little near memory."""

    near: Integers
    """Rising."""
    key: Integers
    """Bytes and steps in one number, falling."""
    candidate: Integers
    order: Integers

    def cheapest(self, free: int) -> int | None:
        """The best one that needs at most `free` bytes."""
        count = int(np.searchsorted(self.near, free, side="right"))
        return count - 1 if count else None


def frontier_of(
    near: Integers, key: Integers, candidate: Integers, order: Integers
) -> Frontier:
    """Those of some candidates that are best for their near memory."""
    by_near = np.lexsort((candidate, order, key, near))
    sorted_key = key[by_near]
    least = np.minimum.accumulate(sorted_key)
    better = np.ones(len(least), dtype=np.bool_)
    better[1:] = sorted_key[1:] < least[:-1]
    kept = by_near[better]
    return Frontier(near[kept], key[kept], candidate[kept], order[kept])


@dataclass
class Costing:
    """A chain on a grid of candidates."""

    grid: Grid
    chain: Chain
    root: KernelModel
    align: int
    length: int
    """Number of kernels."""
    most_near: int
    """Candidates that take more are left out."""
    base: int
    """Iterations when nothing is done twice."""

    def __post_init__(self) -> None:
        self.loops = frozenset(self.grid.tiles)

    @cached_property
    def orders(self) -> list[tuple[int, ...]]:
        """The orders that are compared."""
        given = self.root.given
        if given.sizes is None:
            return self.grid.orders()
        reductions = self.grid.reductions
        parallel = [loop for loop in self.grid.tiles if loop not in reductions]
        return [(*(given.order or parallel), *sorted(reductions))]

    @cached_property
    def work(self) -> Integers:
        """The iterations of each candidate."""
        total = np.zeros(self.grid.shape, dtype=np.int64)
        for box in self.chain.work:
            others = self.loops - box.loops
            total += self.grid.sums(box) * self.grid.count(others)
        return total

    @cached_property
    def runs(self) -> Integers:
        """How many kernels run; a cut reduction takes two more for its sums."""
        parallel = self.grid.count(self.loops - self.grid.reductions)
        inner = self.grid.count(self.grid.reductions)
        return parallel * np.where(inner > 1, inner + 2, 1) * self.length

    @cached_property
    def sizes(self) -> list[Integers]:
        """The bytes of the near copy of each window."""
        return [self._size(w.held, w.element) for w in self.chain.windows]

    @cached_property
    def moved(self) -> list[list[tuple[Integers, Integers]]]:
        """For each order and window, bytes and transfers when it has to be brought."""
        return [
            [self.brought(window, order) for window in self.chain.windows]
            for order in self.orders
        ]

    def brought(
        self, window: Window, order: Sequence[int]
    ) -> tuple[Integers, Integers]:
        """Bytes and transfers of a window that has to be brought."""
        if not window.read.static:
            return np.array(0, dtype=np.int64), np.array(0, dtype=np.int64)
        loops = window.read.loops
        times = self.grid.repeats(loops, order)
        sums = self.grid.sums(window.read) * window.element * times
        return sums, self.grid.count(loops) * times

    @cached_property
    def taken(self) -> tuple[Integers, Integers]:
        """Bytes and transfers of the results when they have to be taken away."""
        bytes_ = np.zeros(self.grid.shape, dtype=np.int64)
        transfers = np.zeros(self.grid.shape, dtype=np.int64)
        for element, box in self.chain.outputs:
            bytes_ += self.grid.sums(box) * element
            transfers += self.grid.count(box.loops)
        return bytes_, transfers

    @cached_property
    def possible(self) -> Booleans:
        """The candidates that a chain may have at all."""
        allowed = np.ones(self.grid.shape, dtype=np.bool_)
        if self.length == 1:
            return allowed
        little = self.work <= MOST_REPEATED * self.base
        return allowed & self.grid.is_cut(self.loops) & little

    @cached_property
    def steps(self) -> list[Integers]:
        """The near bytes of intermediates during each kernel."""
        steps = [np.zeros(self.grid.shape, dtype=np.int64) for _ in range(self.length)]
        for made in self.chain.intermediates:
            for box in made.boxes:
                size = self._size(box, made.element)
                for step in range(made.born, made.last + 1):
                    steps[step] += size
        steps[-1] += self._sums_apart()
        return steps

    def _sums_apart(self) -> Integers:
        """The near bytes of sums that are kept apart while a reduction is cut."""
        total = np.array(0, dtype=np.int64)
        if self.root.accumulator:
            for _, box in self.chain.outputs:
                total = total + self._size(box, self.root.accumulator)
        return np.where(self.grid.is_cut(self.grid.reductions), total, 0)

    @cached_property
    def result_tiles(self) -> Integers:
        """The near bytes of a tile of the results."""
        total = np.array(0, dtype=np.int64)
        for element, box in self.chain.outputs:
            total = total + self._size(box, element)
        return total

    def frontier(self, places: Sequence[Place], result: Place) -> Frontier:
        """The best candidates when the windows and the result are in these places."""
        near, allowed = self.near(places, result)
        at = np.flatnonzero(allowed & (near <= self.most_near))
        nears = near.ravel()[at]
        keys = [
            self._key(*self.traffic(places, result, number)).ravel()[at]
            for number in range(len(self.orders))
        ]
        count = len(self.orders)
        which = np.repeat(np.arange(count, dtype=np.int64), len(at))
        return frontier_of(
            np.tile(nears, count), np.concatenate(keys), np.tile(at, count), which
        )

    @staticmethod
    def _key(bytes_: Integers, steps: Integers) -> Integers:
        most = (1 << STEPS_BITS) - 1
        return (bytes_ << STEPS_BITS) + np.minimum(steps, most)

    def near(self, places: Sequence[Place], result: Place) -> tuple[Integers, Booleans]:
        """The near bytes of each candidate, and which candidates are possible."""
        steps = [step.copy() for step in self.steps]
        allowed = self.possible
        for number, (window, place) in enumerate(
            zip(self.chain.windows, places, strict=True)
        ):
            size, possible = self._held(number, window, place)
            if possible is not None:
                allowed = allowed & possible
            if place is Place.FAR and window.copy is not None:
                copied = self._size(window.copy, window.element)
                moves = window.copy.loops == self.loops
                for step in range(window.copy_last + 1 if moves else self.length):
                    steps[step] += copied
            if size is None:
                continue
            moves = bool(self.loops) and window.held.loops == self.loops
            for step in (window.step,) if moves else range(self.length):
                steps[step] += size
        if result is Place.FAR:
            cut = self.grid.is_cut(self.grid.reductions) & self.root.replaces_sums
            steps[-1] += np.where(cut, 0, self.result_tiles)
        return np.maximum.reduce(steps), allowed

    def _size(self, box: Box, element: int) -> Integers:
        return -(-self.grid.largest(box) * element // self.align) * self.align

    def _held(
        self, number: int, window: Window, place: Place
    ) -> tuple[Integers | None, Booleans | None]:
        """The near copy of what is read, and where that is possible at all."""
        pad, size = window.source.pad, self.sizes[number]
        if place is Place.FAR:
            return size if window.own else None, None
        if pad is None:
            return None, None
        cut = self.grid.is_cut(window.padded)
        if place is Place.OPEN:
            return np.where(cut, size, rounded(pad.bytes, self.align)), None
        return np.where(cut, size, 0), None if place is Place.PADDED else cut

    def traffic(
        self, places: Sequence[Place], result: Place, order: int
    ) -> tuple[Integers, Integers]:
        """Bytes and steps of each candidate in one order of the loops."""
        bytes_ = np.zeros(self.grid.shape, dtype=np.int64)
        steps = np.zeros(self.grid.shape, dtype=np.int64) + self.runs
        if result is Place.FAR:
            bytes_ += self.taken[0]
            steps += self.taken[1]
        for (moved, count), place in zip(self.moved[order], places, strict=True):
            if place is Place.FAR:
                bytes_ += moved
                steps += count
        return bytes_, steps

    def tiling(self, frontier: Frontier, number: int) -> Tiling:
        """One entry of a frontier in words."""
        place = int(frontier.candidate[number])
        key, order = int(frontier.key[number]), self.orders[int(frontier.order[number])]
        at = np.unravel_index(place, self.grid.shape) if self.grid.shape else ()
        sizes = {
            loop: int(tiles.sizes[n])
            for (loop, tiles), n in zip(self.grid.tiles.items(), at, strict=True)
            if tiles.trips[n] > 1
        }
        parallel = tuple(
            n for n in order if n in sizes and n not in self.grid.reductions
        )
        steps = key & ((1 << STEPS_BITS) - 1)
        work = int(self.work.ravel()[place]) - self.base
        cost = Cost(key >> STEPS_BITS, steps, work)
        near = int(frontier.near[number])
        return Tiling(near, cost, tuple(sorted(sizes.items())), parallel)


def rounded(size: int, align: int) -> int:
    """The bytes that a buffer of that size takes."""
    return aligned(size, align)
