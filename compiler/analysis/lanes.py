"""
Along which loops results can be lanes, and about how many instructions sums then take.

Results stay in registers while a reduction goes on, in blocks: rows along a loop, or
two where one has few, times vectors along the lanes. What differs along the lanes alone
is loaded once for all rows, what differs along the rows alone once for all lanes, and
rows over which a window slides share what they load. What is left of rows and vectors
beside whole blocks loads as much as these, for fewer results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, prod

from xdsl.dialects import linalg
from xdsl.ir.affine import AffineDimExpr, AffineMap

from .footprint import linear
from .structured import indexing_maps, is_parallel, loop_ranges, reduction_loops

REGISTERS = 30
"""For the vectors of a block: its sums, and what is multiplied."""

WIDTHS = (1, 2, 4, 8)
"""Registers of one vector."""

ROUND = 3
"""Instructions, about, around one round of a block."""

Factors = Mapping[int, int]
"""Loop -> factor, in the index of one axis."""


@dataclass(frozen=True)
class Sum:
    """An operation that reduces, as loops and the axes of what it reads."""

    extents: tuple[int, ...]
    reductions: frozenset[int]
    rows: tuple[int, ...]
    """The loops over results but that of the lanes."""
    lane: int
    reads: tuple[tuple[Factors, ...], ...]

    @cached_property
    def along_lanes(self) -> tuple[bool, ...]:
        """For each operand, whether lanes differ."""
        return tuple(any(self.lane in axis for axis in read) for read in self.reads)

    def instructions(self, lanes: int) -> float:
        """In the best blocks, with so many lanes in a register."""
        rounds = prod(self.extents[loop] for loop in self.reductions)
        vectors = ceil(self.extents[self.lane] / lanes)
        return rounds * min(self._taken(vectors, *block) for block in self._blocks())

    def _blocks(self) -> Iterator[tuple[int, dict[int, int]]]:
        """The width of a vector, and loop -> rows."""
        for width in WIDTHS:
            most = (REGISTERS - 1) // width - 1
            yield width, {}
            for loop in self.rows:
                extent = self.extents[loop]
                yield from ((width, {loop: n}) for n in range(1, min(extent, most) + 1))
                others = [other for other in self.rows if other != loop]
                for other in others if extent <= most else ():
                    yield width, {loop: extent, other: most // extent}

    def _taken(self, vectors: int, width: int, block: Factors) -> float:
        """Instructions of one round for all results."""
        parts = ceil(vectors / width)
        sizes = {loop: block.get(loop, 1) for loop in self.rows}
        blocks = prod(ceil(self.extents[loop] / n) for loop, n in sizes.items())
        results = vectors * prod(self.extents[loop] for loop in self.rows)
        total = float(results + ROUND * blocks * parts)
        for read, differs in zip(self.reads, self.along_lanes, strict=True):
            loaded = prod(self._loaded(read, loop, n) for loop, n in sizes.items())
            total += loaded * (vectors + parts if differs else parts)
        return total

    def _loaded(self, read: Sequence[Factors], loop: int, rows: int) -> float:
        """What is loaded of an operand along a loop in blocks of so many rows."""
        extent = self.extents[loop]
        axis = next((axis for axis in read if loop in axis), None)
        if axis is None:
            return ceil(extent / rows)
        whole, left = divmod(extent, rows)
        return whole * self._slid(axis, loop, rows) + self._slid(axis, loop, left)

    def _slid(self, axis: Factors, loop: int, rows: int) -> float:
        """Elements that so many rows load in a round of the window along an axis."""
        window = [n for n in axis if n in self.reductions]
        if not window or not rows:
            return rows
        reach = sum(abs(axis[n]) * (self.extents[n] - 1) for n in window)
        span = (rows - 1) * abs(axis[loop]) + reach + 1
        return min(rows, span / prod(self.extents[n] for n in window))


def sum_of(op: linalg.ops.GenericOp, maps: Sequence[AffineMap]) -> Sum | None:
    """
    An operation that reduces, as if these were its maps; None if it cannot be told.

    Loops that go along one row of everything together count as one.
    """
    made = [e.position for e in maps[-1].results if isinstance(e, AffineDimExpr)]
    reads = [_axes_of(map_) for map_ in maps[:-1]]
    if not made or len(made) < len(maps[-1].results) or None in reads:
        return None
    known = [read for read in reads if read is not None]
    extents, lane = list(loop_ranges(op)), made.pop()
    while made and all(_goes_on(read, made[-1], lane) for read in known):
        extents[lane] *= extents[made.pop()]
    rows = tuple(loop for loop in made if extents[loop] > 1)
    reductions = frozenset(reduction_loops(op))
    return Sum(tuple(extents), reductions, rows, lane, tuple(map(tuple, known)))


def _axes_of(map_: AffineMap) -> list[dict[int, int]] | None:
    """The loops in the index of each axis; None when one is no sum."""
    sums = [linear(expr, map_.num_dims) for expr in map_.results]
    if None in sums:
        return None
    factors = (own.factors for own in sums if own is not None)
    return [{n: factor for n, factor in enumerate(own) if factor} for own in factors]


def _goes_on(read: Sequence[Factors], outer: int, inner: int) -> bool:
    """Whether rows along the inner loop follow each other along the outer one."""
    if not any(outer in axis or inner in axis for axis in read):
        return True
    return list(read[-2:]) == [{outer: 1}, {inner: 1}]


def reads_apart(maps: Sequence[AffineMap], *, may_stride: bool = False) -> bool:
    """
    Whether what makes results side by side, by the last map, does not stand so.

    Neighbours are what is next in a row, or a few places on if it `may_stride`.
    """
    made = maps[-1].results[-1:]
    if not made or not isinstance(made[0], AffineDimExpr):
        return True
    reads = [_axes_of(map_) for map_ in maps[:-1]]
    lane = made[0].position
    return any(read is None or _is_apart(read, lane, may_stride) for read in reads)


def _is_apart(read: Sequence[Factors], lane: int, may_stride: bool) -> bool:
    """Whether an operand differs along a loop other than by a place in its rows."""
    *outer, steps = [axis.get(lane, 0) for axis in read] or [0]
    return any(outer) or not (may_stride or steps in (0, 1))


def has_no_lanes(maps: Sequence[AffineMap]) -> bool:
    """Whether along no axis of the result all that is read stands in rows."""
    made = maps[-1]
    axes = (AffineMap(made.num_dims, 0, (expr,)) for expr in made.results)
    return all(reads_apart([*maps[:-1], axis], may_stride=True) for axis in axes)


def loses_lanes(op: linalg.ops.GenericOp, maps: Sequence[AffineMap]) -> bool:
    """Whether a sum can have lanes by its own maps alone, not by these."""
    own = indexing_maps(op)
    return not is_parallel(op) and has_no_lanes(maps) and not has_no_lanes(own)
