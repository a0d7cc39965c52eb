"""
The ways to cut the loops over reductions, given a block of results.

Short ones are written out whole, and a few rounds of the innermost one of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

from .costs import Costs, Trial
from .tally import Tally

MOST_UNROLLED = 160
"""Elements, at most, that the innermost block accumulates onto in straight code."""

LONGEST_UNROLLED = 9
"""Rounds of a loop over reductions that may be written out."""

PARTS = (1, 2, 4, 8)
"""Rounds of a long loop over reductions that may be written out."""

LEFT = 8
"""Blocks of rounds, at least, of a loop that may leave rounds for another loop."""

FEW_POINTS = 4
"""Elements of a block up to which the most of them may be, where there are vectors."""

FEW_SCALARS = 20
"""The same where there are none."""


@dataclass(frozen=True)
class Rounds:
    """Rounds of the loops of one reduction that are written out, and those left."""

    whole: tuple[int, ...]
    """The loops that are written out whole."""
    rest: tuple[int, ...]
    """The other ones; so many rounds of the innermost one are a `part` of the code."""
    part: int
    extents: Sequence[int]
    """Of all loops."""

    @property
    def straight(self) -> int:
        """Rounds in the code."""
        return self.part * prod(self.extents[n] for n in self.whole)

    @property
    def trips(self) -> list[float]:
        """How often each of the loops that are left goes round."""
        found = [float(self.extents[n]) for n in self.rest]
        return [*found[:-1], *(trips / self.part for trips in found[-1:])]


def with_reductions(costs: Costs, block: Trial, points: int) -> Iterator[Trial]:
    """The ways to cut the loops over reductions, given a block of so many points."""
    choices: list[Trial] = [block]
    for loops in costs.stages.values():
        choices = [
            extended
            for trial in choices
            for extended in unrolled(costs, trial, loops, points)
        ]
    yield from choices


def unrolled(
    costs: Costs, trial: Trial, loops: Sequence[int], points: int
) -> Iterator[Trial]:
    """The loops of one reduction written out, in part or not at all."""
    for cut in cuts(costs, trial.lane_loop, loops, points):
        sizes = list(trial.sizes)
        for n in cut.whole:
            sizes[n] = costs.reads.extents[n]
        if cut.rest:
            sizes[cut.rest[-1]] = cut.part
        inner = [n for n in trial.order if n not in cut.whole]
        order = (*inner, *(n for n in trial.order if n in cut.whole))
        yield Trial(tuple(sizes), order, trial.lane_loop, trial.lanes)


def cuts(
    costs: Costs, lane: int | None, loops: Sequence[int], points: int
) -> Iterator[Rounds]:
    """The ways to write out loops of one reduction of a block of so many points."""
    extents = costs.reads.extents
    free = [n for n in loops if extents[n] > 1 and n != lane]
    short = [n for n in free if extents[n] <= LONGEST_UNROLLED]
    few = FEW_POINTS if costs.registers.vector_bits else FEW_SCALARS
    for whole in subsets(short):
        rest = tuple(n for n in free if n not in whole)
        parts = (PARTS if points <= few else PARTS[:-1]) if rest else (1,)
        for part in parts:
            cut = Rounds(whole, rest, part, extents)
            if points * cut.straight > MOST_UNROLLED:
                continue
            if part == 1 or is_cut_by(costs, extents[rest[-1]], part):
                yield cut


def is_cut_by(costs: Costs, extent: int, part: int) -> bool:
    """
    Whether so many rounds of a loop may be written out.

    Of a long one without vectors, what is left is a loop of its own.
    """
    is_long = extent >= LEFT * part and not costs.registers.vector_bits
    return extent % part == 0 or is_long


def subsets(loops: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """Every choice of some of the loops."""
    return (
        chosen
        for count in range(len(loops) + 1)
        for chosen in combinations(loops, count)
    )


def is_another(tally: Tally, points: int) -> bool:
    """Whether compilers make another trial of this one, by writing out its loops."""
    extents, gone = tally.costs.reads.extents, tally.gone
    if not gone or any(extents[n] > LONGEST_UNROLLED for n in gone):
        return False
    sizes = enumerate(zip(tally.trial.sizes, extents, strict=True))
    straight = prod(
        extent if n in gone else size
        for n, (size, extent) in sizes
        if n not in tally.costs.outer
    )
    return points * straight <= MOST_UNROLLED
