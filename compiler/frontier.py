"""
The size of one memory level against the bytes that move: what more of it would buy.

Each point is a whole choice of tiles and plan of offsets at that size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from math import isqrt

from .analysis.occupancy import Occupancy
from .analysis.program import Program, used_bytes
from .errors import DeployError, MemoryShortage
from .fitting import Effort, Fitting
from .machine import Machine
from .searching import multiple
from .sizes import largest_size, sufficient_size, with_size
from .text_table import aligned

MOST_POINTS = 12
"""Rows that a person looks at."""


@dataclass(frozen=True)
class Point:
    """What a program does when the level has `size` bytes."""

    size: int
    moved: Mapping[tuple[str, str], int]
    """Bytes per hop, from and to."""
    crossing: int
    """The bytes that move into the level and out of it."""
    peak: int
    """Bytes of the level that it uses."""


@dataclass
class Frontier:
    """The points of one program and level, found as they are asked for."""

    fitting: Fitting
    machine: Machine
    level: str
    points: dict[int, Point] = field(default_factory=dict[int, Point])

    def at(self, size: int) -> Point:
        """The point at that size; raises `MemoryShortage` where it does not suffice."""
        self.fitting.progress(f"{self.level} {size}")
        machine = with_size(self.machine, self.level, size)
        program = Program.of(self.fitting.most_likely(machine))
        moved = Occupancy(program).traffic
        crossing = sum(moved[hop] for hop in moved if self.level in hop)
        return Point(size, moved, crossing, used_bytes(program, self.level))

    def add(self, size: int) -> bool:
        """Adds the point at that size; whether it suffices."""
        if size not in self.points:
            with suppress(MemoryShortage):
                self.points[size] = self.at(size)
        return size in self.points

    def least(self) -> int:
        """
        The smallest size that works.

        Raises `DeployError` when there is none: another level is short.
        """
        size = sufficient_size(self.fitting, self.machine, self.level)
        if size is None:
            largest = largest_size(self.machine, self.level)
            wide = with_size(self.machine, self.level, largest)
            error = self.fitting.lacks(wide, Effort.WHOLE)
            reason = f"expected a size of {self.level} that works, got none"
            raise DeployError(reason, hint=None if error is None else str(error))
        return size

    def found(self) -> list[Point]:
        """
        The points between the smallest size that works and the first with fewest bytes.

        Powers of two, and between them where most changes.
        """
        step = self.machine.level(self.level).align
        first = self.at(self.least())
        last = self.widest(first, step)
        self.points = {first.size: first, last.size: last}
        power = 1 << first.size.bit_length()
        while power < last.size and len(self.points) < MOST_POINTS:
            if power % step == 0:
                self.add(power)
            power *= 2
        while len(self.points) < MOST_POINTS:
            gap = widest_gap(self.sorted_points(), step)
            if gap is None or not self.add(gap):
                break
        return self.sorted_points()

    def widest(self, first: Point, step: int) -> Point:
        """A point at which as little moves as with any size."""
        largest = self.at(largest_size(self.machine, self.level))
        if largest.crossing == first.crossing:
            return first
        last = self.at(max(multiple(largest.peak, step), first.size))
        return last if last.crossing == largest.crossing else largest

    def sorted_points(self) -> list[Point]:
        """The points so far, by size."""
        return [self.points[size] for size in sorted(self.points)]


def widest_gap(points: Sequence[Point], step: int) -> int | None:
    """A size between the two neighbours that differ most; None when none do."""
    gaps = [
        (one.crossing - other.crossing, between(one.size, other.size, step))
        for one, other in pairwise(points)
    ]
    open_gaps = [(drop, size) for drop, size in gaps if drop > 0 and size is not None]
    return max(open_gaps, key=lambda gap: gap[0])[1] if open_gaps else None


def between(one: int, other: int, step: int) -> int | None:
    """A multiple of `step` amid two sizes; None when they are close to each other."""
    middle = isqrt(one * other) // step * step
    close = other - one < max(2 * step, one // 16)
    return None if close or not one < middle < other else middle


def table(points: Sequence[Point], level: str) -> list[str]:
    """The points as lines of text, in columns."""
    hops = list(dict.fromkeys(hop for point in points for hop in point.moved))
    head = [
        f"{level}.size",
        *(f"{a}->{b}" for a, b in hops),
        f"{level} in and out",
        f"{level} used",
    ]
    rows = [
        [p.size, *(p.moved.get(hop, 0) for hop in hops), p.crossing, p.peak]
        for p in points
    ]
    cells = [head, *([str(cell) for cell in row] for row in rows)]
    return aligned(cells, 0)
