"""
How tests of what is outside of a padded value are avoided.

A padded value is registers filled with a constant; a part of it comes from elsewhere.
Either a loop over reductions is cut to the rounds that count, or into those before,
inside and behind, or a loop over results is cut where the outcome changes, so that in
each of its blocks it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .blocks import Segment, peeled_segments, plain_segments
from .reads import Loop, Reads, Test

MOST_PEELED = 6
"""Blocks of one loop, at its borders, that are written out."""


class Clip(NamedTuple):
    """A loop over reductions is cut where one index comes inside, and leaves again."""

    operand: int
    axis: int
    """Of the padded value that is read as that operand."""
    factor: int
    """How far the index moves in each round."""
    bound: int
    """The index is inside where it is at least 0, once shifted, and below this."""
    vanishes: bool
    """Whether rounds outside are left out."""


@dataclass
class Borders:
    """The borders of padded values in the loops of one operation."""

    reads: Reads
    sizes: Sequence[int]
    """Rounds that are done at once, for each loop of the nest."""
    clips: dict[Loop, Clip] = field(default_factory=dict[Loop, Clip])
    interior: dict[int, tuple[int, int]] = field(
        default_factory=dict[int, tuple[int, int]]
    )
    """Loop over results -> the rounds in which nothing is outside because of it."""
    pure: set[int] = field(default_factory=set[int])
    """Those of these loops that alone say what is outside."""
    edges: dict[int, tuple[int, ...]] = field(
        default_factory=dict[int, tuple[int, ...]]
    )
    """Loop over results whose rounds are lanes -> where it is cut."""

    @staticmethod
    def of(reads: Reads, sizes: Sequence[int], lane: int | None) -> Borders:
        """
        What is to be known of a nest whose loops are cut into blocks of `sizes`.

        `lane` is the loop over results whose rounds are lanes, if one is.
        """
        borders = Borders(reads, sizes)
        if lane is not None and reads.is_outer(lane):
            borders.edges[lane] = reads.edges(lane) or ()
        for test in reads.tests:
            if not borders._clips(test):
                borders._cut(test)
        return borders

    def _clips(self, test: Test) -> bool:
        """Whether a loop over reductions can be cut, and notes that it is."""
        found = self.reads.clippable(test)
        if found is None or any(self.sizes[n] != 1 for n in found.used):
            return False
        loop = self.reads.loops[found.loop]
        if loop in self.clips:
            return False
        factor = test.index.factors[found.loop]
        self.clips[loop] = Clip(
            test.operand, test.axis, factor, test.bound, test.vanishes
        )
        return True

    def _cut(self, test: Test) -> None:
        """Notes where loops over results are to be cut."""
        used = [loop for loop, factor in enumerate(test.index.factors) if factor]
        outer = [n for n in used if self.reads.is_outer(n)]
        if any(test.index.factors[n] < 0 for n in outer):
            return
        for number in outer:
            first, end = interior(self.reads, test, number)
            before = self.interior.get(number, (0, self.reads.extents[number]))
            self.interior[number] = max(first, before[0]), min(end, before[1])
            if used == [number]:
                self.pure.add(number)
            else:
                self.pure.discard(number)

    def segments(self, loop: int) -> Iterator[Segment]:
        """How a loop over results is cut."""
        extent, size = self.reads.extents[loop], self.sizes[loop]
        interior = self.interior.get(loop)
        if edges := self.edges.get(loop):
            for start, stop in pairwise((0, *edges, extent)):
                yield from plain_segments(start, stop, size)
            return
        if interior is None:
            yield from plain_segments(0, extent, size)
            return
        low, high = interior
        if loop in self.pure:
            for start, stop in ((0, low), (low, high), (max(low, high), extent)):
                yield from plain_segments(start, stop, size)
            return
        if is_peeled(extent, size, (low, high)):
            yield from peeled_segments(extent, size, (low, high))
        else:
            yield from plain_segments(0, extent, size)

    def before(self, loop: int, segment: Segment) -> int:
        """The rounds right before a segment of which tests have the same outcome."""
        edges = self.edges.get(loop, ())
        if loop in self.interior and not edges:
            return 0
        return segment.start - max(
            (at for at in edges if at <= segment.start), default=0
        )


def interior(reads: Reads, test: Test, loop: int) -> tuple[int, int]:
    """The rounds of a loop over results in which a test is true all the time."""
    factor, extent = test.index.factors[loop], reads.extents[loop]
    low, high = reads.reach(test.index, without=loop)
    first, end = -(low // factor), -((high - test.bound) // factor)
    return min(max(first, 0), extent), min(max(end, 0), extent)


@lru_cache(maxsize=1 << 12)
def is_peeled(extent: int, size: int, inside: tuple[int, int]) -> bool:
    """Whether the blocks of a loop that are not inside are few, and written out."""
    return len(list(peeled_segments(extent, size, inside))) <= MOST_PEELED
