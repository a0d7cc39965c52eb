"""
What the loops of an operation read, as sums over these loops, before any is built.

`Reads` follows register operands to the operations that make them: their reductions are
loops of the nest as well. The choice of blocks counts with what it finds, and borders
of padded values are known from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from operator import mul
from typing import NamedTuple, TypeAlias

from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr

from ...analysis.footprint import Linear, linear
from ...analysis.structured import body_reads, indexing_maps, loop_ranges
from .dataflow import (
    Dataflow,
    Inserted,
    Structured,
    is_register,
    parallel_dims,
)
from .repeated import most_lanes, unrolled_map
from .vanishing import vanishes

Loop: TypeAlias = tuple[Operation, int]
"""An operation and the number of one of its loops."""

ZERO = AffineConstantExpr(0)

MOST_EDGES = 8
"""Places, at most, at which a loop of lanes is cut because of borders."""


class Read(NamedTuple):
    """One operand that is memory, read in the innermost loop that it needs."""

    op: linalg.GenericOp
    operand: int
    buffer: SSAValue
    indices: tuple[Linear | None, ...]
    """Over the loops of the nest, for each axis; None where it is no sum."""


@dataclass(frozen=True)
class Test:
    """One index of one read of a padded value, which may be outside of the part."""

    op: linalg.GenericOp
    operand: int
    axis: int
    index: Linear
    """Over the loops of the nest."""
    bound: int
    vanishes: bool
    """Whether a read beside the part leaves what is accumulated as it is."""


class Clippable(NamedTuple):
    """A loop over reductions that can be cut to the rounds in which a test is true."""

    loop: int
    used: frozenset[int]
    """The loops that say whether it is true; they must be cut into single rounds."""


@dataclass
class Reads:
    """What one operation that writes memory reads, and by which loops."""

    root: Structured
    flow: Dataflow
    loops: list[Loop] = field(default_factory=list[Loop])
    """The parallel ones of the root first."""
    extents: list[int] = field(default_factory=list[int])
    found: list[Read] = field(default_factory=list[Read])
    tests: list[Test] = field(default_factory=list[Test])
    rooms: dict[int, int] = field(default_factory=dict[int, int])
    """Lanes, at most, of loops that something repeated is read along."""
    points: dict[linalg.GenericOp, list[tuple[AffineExpr, ...]]] = field(
        default_factory=dict[linalg.GenericOp, list[tuple[AffineExpr, ...]]]
    )
    """For each operation, the root first: its loops as sums, once per place of use."""

    @staticmethod
    def of(root: Structured, flow: Dataflow) -> Reads:
        """The reads of `root`, which writes memory."""
        reads = Reads(root, flow)
        if isinstance(root, linalg.GenericOp):
            point = {dim: reads._loop(root, dim) for dim in parallel_dims(root)}
            reads._visit(root, point)
        else:
            for dim in range(len(loop_ranges(root))):
                reads._loop(root, dim)
        return reads

    def is_outer(self, number: int) -> bool:
        """Whether a loop is one over the results of the root."""
        op, dim = self.loops[number]
        if not isinstance(op, linalg.GenericOp):
            return True
        return op is self.root and dim in parallel_dims(op)

    def reach(self, index: Linear, without: int = -1) -> tuple[int, int]:
        """The least and the greatest that the loops, but for one, make of `index`."""
        steps = zip(index.factors, self.extents, strict=False)
        reaches = [factor * (extent - 1) for factor, extent in steps]
        others = [reach for loop, reach in enumerate(reaches) if loop != without]
        low, high = (sum(side(reach, 0) for reach in others) for side in (min, max))
        return index.constant + low, index.constant + high

    def clippable(self, test: Test) -> Clippable | None:
        """How a loop over reductions can be cut, if that makes `test` true."""
        factors = test.index.factors
        used = frozenset(loop for loop, factor in enumerate(factors) if factor)
        inner = [n for n in used if not self.is_outer(n)]
        if len(inner) != 1 or len(self.points[test.op]) > 1:
            return None
        (loop,) = inner
        is_own = self.loops[loop][0] is test.op
        return Clippable(loop, used) if is_own and factors[loop] > 0 else None

    def edges(self, loop: int) -> tuple[int, ...] | None:
        """
        The rounds of a loop over results at which the outcome of some test changes.

        None where another such loop has a say in it, or where there are many.
        """
        found: set[int] = set()
        for test in self.tests:
            factors = test.index.factors
            if factors[loop]:
                others = [n for n, factor in enumerate(factors) if factor and n != loop]
                count = prod(self.extents[n] for n in others)
                if (
                    factors[loop] < 0
                    or count > MOST_EDGES
                    or any(map(self.is_outer, others))
                ):
                    return None
                found |= changes(test, loop, [range(self.extents[n]) for n in others])
        inside = tuple(sorted(at for at in found if 0 < at < self.extents[loop]))
        return inside if len(inside) <= MOST_EDGES else None

    def _loop(self, op: Structured, dim: int) -> AffineExpr:
        """The index of a new loop."""
        self.loops.append((op, dim))
        self.extents.append(loop_ranges(op)[dim])
        return AffineDimExpr(len(self.loops) - 1)

    def _visit(self, op: linalg.GenericOp, point: Mapping[int, AffineExpr]) -> None:
        """Notes what `op` reads at `point`, the indices of its parallel loops."""
        ranges = range(len(loop_ranges(op)))
        dims = [point[d] if d in point else self._loop(op, d) for d in ranges]
        self.points.setdefault(op, []).append(tuple(dims))
        for operand in range(len(op.operands)):
            if body_reads(op, operand):
                map_ = unrolled_map(op, operand)
                indices = [e.replace_dims_and_symbols(dims, []) for e in map_.results]
                self._read(op, operand, indices)

    def _read(
        self, op: linalg.GenericOp, operand: int, indices: Sequence[AffineExpr]
    ) -> None:
        """Notes one read, or those of what makes a register operand."""
        value = op.operands[operand]
        source = self.flow.sources[op].get(value)
        if isinstance(source, Inserted):
            indices = self._pad(op, operand, source, indices)
            if source.copied is not None:
                self._memory(op, operand, source.copied, indices)
            elif isinstance(source.part, linalg.GenericOp):
                self._made(source.part, source.view, indices)
        elif isinstance(source, linalg.GenericOp):
            self._made(source, value, indices)
        elif source is None and not is_register(value):
            self._memory(op, operand, value, indices)

    def _memory(
        self,
        op: linalg.GenericOp,
        operand: int,
        buffer: SSAValue,
        indices: Sequence[AffineExpr],
    ) -> None:
        sums = tuple(linear(index, len(self.loops)) for index in indices)
        self.found.append(Read(op, operand, buffer, sums))
        lanes = most_lanes(op, operand)
        along = None if lanes is None else sums[-1]
        if lanes is not None and along is not None:
            for loop in (loop for loop, factor in enumerate(along.factors) if factor):
                self.rooms[loop] = min(lanes, self.rooms.get(loop, lanes))

    def _made(
        self, source: linalg.GenericOp, value: SSAValue, indices: Sequence[AffineExpr]
    ) -> None:
        """Visits who makes a register operand."""
        number = list(source.outputs).index(value)
        written = indexing_maps(source)[len(source.inputs) + number]
        point: dict[int, AffineExpr] = dict.fromkeys(parallel_dims(source), ZERO)
        for expression, index in zip(written.results, indices, strict=True):
            if isinstance(expression, AffineDimExpr):
                point[expression.position] = index
        self._visit(source, point)

    def _pad(
        self,
        op: linalg.GenericOp,
        operand: int,
        source: Inserted,
        indices: Sequence[AffineExpr],
    ) -> list[AffineExpr]:
        """Notes a read of a value that is partly another one; its place in the part."""
        start = self.flow.sources[op].get(op.outputs[0])
        skipped = vanishes(op, operand, source, start)
        moved = [i + -offset for i, offset in zip(indices, source.offsets, strict=True)]
        for axis, (index, size) in enumerate(zip(moved, source.sizes, strict=True)):
            sums = linear(index, len(self.loops))
            if sums is not None and not self._always(sums, size):
                self.tests.append(Test(op, operand, axis, sums, size, skipped))
        return moved

    def _always(self, index: Linear, bound: int) -> bool:
        low, high = self.reach(index)
        return low >= 0 and high < bound


def changes(test: Test, loop: int, others: Sequence[range]) -> set[int]:
    """The rounds of a loop at which a test changes, whatever other loops are at."""
    factor = test.index.factors[loop]
    factors = [f for n, f in enumerate(test.index.factors) if f and n != loop]
    found: set[int] = set()
    for places in product(*others):
        rest = test.index.constant + sum(map(mul, factors, places))
        found |= {-(rest // factor), -((rest - test.bound) // factor)}
    return found
