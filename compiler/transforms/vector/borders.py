"""
How tests of what is outside of a padded value are avoided.

A padded value is registers filled with a constant; a part of it comes from elsewhere.
Either a loop over reductions is cut to the rounds that count, or into those before,
inside and behind, or a loop over results is cut where the outcome changes, so that in
each of its blocks it is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .blocks import Blocks
from .dataflow import Dataflow, Structured
from .reads import Loop, Reads, Test


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
    clips: dict[Loop, Clip] = field(default_factory=dict[Loop, Clip])
    interior: dict[int, tuple[int, int]] = field(
        default_factory=dict[int, tuple[int, int]]
    )
    """Loop of the root -> the rounds in which nothing is outside because of it."""
    pure: set[int] = field(default_factory=set[int])
    """Those of these loops that alone say what is outside."""
    edges: dict[int, tuple[int, ...]] = field(
        default_factory=dict[int, tuple[int, ...]]
    )
    """Loop of the root -> where it is cut if its rounds are lanes."""

    @staticmethod
    def of(root: Structured, flow: Dataflow) -> Borders:
        """What is to be known of the nest of `root`, which writes memory."""
        borders = Borders(Reads.of(root, flow))
        for number, (op, dim) in enumerate(borders.reads.loops):
            if op is root and borders.reads.is_outer(number):
                borders.edges[dim] = borders.reads.edges(number) or ()
        for test in borders.reads.tests:
            if not borders._clips(test):
                borders._cut(test)
        return borders

    def _clips(self, test: Test) -> bool:
        """Whether a loop over reductions can be cut, and notes that it is."""
        found = self.reads.clippable(test)
        if found is None or any(self._block(n) != 1 for n in found.used):
            return False
        loop = self.reads.loops[found.loop]
        if loop in self.clips:
            return False
        factor = test.index.factors[found.loop]
        self.clips[loop] = Clip(
            test.operand, test.axis, factor, test.bound, test.vanishes
        )
        return True

    def _block(self, loop: int) -> int:
        """How many rounds of a loop are done at once."""
        op, dim = self.reads.loops[loop]
        assert isinstance(op, Structured), "loops are of structured operations"
        return Blocks.of(op).sizes[dim]

    def _cut(self, test: Test) -> None:
        """Notes where loops over results are to be cut."""
        used = [loop for loop, factor in enumerate(test.index.factors) if factor]
        outer = [n for n in used if self.reads.is_outer(n)]
        if any(test.index.factors[n] < 0 for n in outer):
            return
        for number in outer:
            factor, dim = test.index.factors[number], self.reads.loops[number][1]
            low, high = self.reads.reach(test.index, without=number)
            first, end = -(low // factor), -((high - test.bound) // factor)
            before = self.interior.get(dim, (0, self.reads.extents[number]))
            self.interior[dim] = max(first, before[0]), min(end, before[1])
            if used == [number]:
                self.pure.add(dim)
            else:
                self.pure.discard(dim)
