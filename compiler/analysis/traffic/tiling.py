"""
What the tilings of a chain cost: exact bytes and the near memory they take.

Every candidate is one point of a grid with an axis per cut loop; bytes and sizes are
products of one table per loop, so that all points and all loop orders are computed at
once. An operand is brought again whenever a loop goes on that encloses the innermost
loop it depends on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..planning import aligned
from .chains import Chain, Window
from .costs import PARTS, Cost, Place, Tiling
from .frontiers import Frontier, frontier_of
from .grid import Grid
from .kernel_model import KernelModel
from .ranges import Booleans, Box, Integers

STEPS_BITS = 22
"""Bits that the number of steps gets in a sum that orders by what is charged first."""

CHARGED_BITS = 62 - STEPS_BITS
"""Bits that are left for what is charged; what is more counts as just as much."""

MOST_REPEATED = 2
"""
How many times the iterations of a chain may grow because halos are made twice.

Of one that somebody has decided they may grow as they will.
"""


class Claim(NamedTuple):
    """What a window asks of the near level while a chain runs."""

    steps: Integers | None
    """The bytes during each kernel, of each candidate; None for nothing."""
    possible: Booleans | None
    """The candidates that it allows; None for all."""


@dataclass
class Costing:
    """A chain on a grid of candidates."""

    grid: Grid
    chain: Chain
    root: KernelModel
    align: int
    length: int
    """Number of kernels."""
    base: int
    """Iterations when nothing is done twice."""
    more: Integers
    """Instructions of each candidate beyond those of kernels that are not cut."""
    claims: dict[tuple[int, Place], Claim] = field(
        default_factory=dict[tuple[int, Place], "Claim"]
    )
    """What each window asks of the near level in each place."""

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
    def moved(self) -> list[Integers]:
        """For each window, bytes and transfers in each order when it is brought."""
        return [
            self._in_orders([self.brought(window, order) for order in self.orders])
            for window in self.chain.windows
        ]

    def _in_orders(self, traffic: Sequence[tuple[Integers, Integers]]) -> Integers:
        """An axis for the orders, one for bytes and steps, and those of the grid."""
        found = np.empty((len(traffic), 2, *self.grid.shape), dtype=np.int64)
        for own, (bytes_, steps) in zip(found, traffic, strict=True):
            own[0], own[1] = bytes_, steps
        return found

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
    def taken(self) -> Integers:
        """Bytes and transfers of the results when they have to be taken away."""
        found = np.zeros((2, *self.grid.shape), dtype=np.int64)
        for element, box in self.chain.outputs:
            found[0] += self.grid.sums(box) * element
            found[1] += self.grid.count(box.loops)
        return found

    @cached_property
    def possible(self) -> Booleans:
        """The candidates that a chain may have at all."""
        allowed = np.ones(self.grid.shape, dtype=np.bool_)
        if self.length == 1:
            return allowed
        allowed = allowed & self.grid.is_cut(self.loops)
        if self.root.given.chain is not None:
            return allowed
        return allowed & (self.work <= MOST_REPEATED * self.base)

    @cached_property
    def steps(self) -> Integers:
        """The near bytes of intermediates during each kernel."""
        steps = np.zeros((self.length, *self.grid.shape), dtype=np.int64)
        for made in self.chain.intermediates:
            for box in made.boxes:
                steps[made.born : made.last + 1] += self._size(box, made.element)
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
        """The near bytes of a tile of the results, where sums do not become it."""
        total = np.zeros(self.grid.shape, dtype=np.int64)
        for element, box in self.chain.outputs:
            total += self._size(box, element)
        cut = self.grid.is_cut(self.grid.reductions) & self.root.replaces_sums
        return np.where(cut, 0, total)

    def frontier(
        self, places: Sequence[Place], result: Place, weight: int = 0
    ) -> Frontier:
        """
        The best candidates when the windows and the result are in these places.

        An instruction counts as `weight` parts of a byte.
        """
        near, allowed = self.near(places, result)
        at = np.flatnonzero(allowed)
        keys = self._keys(self.traffic(places, result), weight)
        return frontier_of(near.ravel()[at], keys.reshape(len(keys), -1)[:, at], at)

    def _keys(self, traffic: Integers, weight: int) -> Integers:
        most, most_charged = (1 << STEPS_BITS) - 1, (1 << CHARGED_BITS) - 1
        charged = np.minimum(traffic[:, 0] * PARTS + self.more * weight, most_charged)
        return (charged << STEPS_BITS) + np.minimum(traffic[:, 1], most)

    def near(self, places: Sequence[Place], result: Place) -> tuple[Integers, Booleans]:
        """The near bytes of each candidate, and which candidates are possible."""
        steps = self.steps.copy()
        allowed = self.possible
        for number, place in enumerate(places):
            claim = self._claim(number, place)
            if claim.steps is not None:
                steps += claim.steps
            if claim.possible is not None:
                allowed = allowed & claim.possible
        if result is Place.FAR:
            steps[-1] += self.result_tiles
        return steps.max(axis=0), allowed

    def _claim(self, number: int, place: Place) -> Claim:
        """What a window asks of the near level, found once for each place."""
        if (number, place) not in self.claims:
            self.claims[number, place] = self._new_claim(number, place)
        return self.claims[number, place]

    def _new_claim(self, number: int, place: Place) -> Claim:
        window = self.chain.windows[number]
        size, possible = self._held(number, window, place)
        copied = window.copy if place is Place.FAR else None
        if size is None and copied is None:
            return Claim(None, possible)
        steps = np.zeros_like(self.steps)
        if copied is not None:
            moves = copied.loops == self.loops
            last = window.copy_last if moves else self.length - 1
            steps[: last + 1] += self._size(copied, window.element)
        if size is not None:
            moves = bool(self.loops) and window.held.loops == self.loops
            steps[window.step if moves else slice(None)] += size
        return Claim(steps, possible)

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

    def traffic(self, places: Sequence[Place], result: Place) -> Integers:
        """Bytes and steps of each candidate in each order of the loops."""
        total = np.zeros((len(self.orders), 2, *self.grid.shape), dtype=np.int64)
        total[:, 1] += self.runs
        if result is Place.FAR:
            total += self.taken
        for number, place in enumerate(places):
            if place is Place.FAR:
                total += self.moved[number]
        return total

    def tiling(self, frontier: Frontier, number: int, weight: int = 0) -> Tiling:
        """One entry of a frontier, found with that `weight`, in words."""
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
        more, charged = int(self.more.ravel()[place]), key >> STEPS_BITS
        bytes_ = (charged - more * weight) // PARTS
        cost = Cost(charged, steps, work, bytes_, more)
        near = int(frontier.near[number])
        return Tiling(near, cost, tuple(sorted(sizes.items())), parallel)


def rounded(size: int, align: int) -> int:
    """The bytes that a buffer of that size takes."""
    return aligned(size, align)
