"""
The candidate tile sizes of some loops, all combinations of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .ranges import Booleans, Box, Integers, LoopTiles


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
