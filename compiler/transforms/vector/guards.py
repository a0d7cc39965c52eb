"""
What has to be tested before registers are read that are parts of different values.

A padding is such a value: registers filled with a constant, a part of which is copied
from memory. `Nest` finds every read of one in the loops that an operation becomes, as
affine expressions over these loops, before any of them is built. So a test can be made
in the outermost loop in which its outcome is known: first whether all reads that the
reductions inside will make go into the part, then, where that is not so, what each of
them does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr

from ...analysis.footprint import linear
from ...analysis.structured import indexing_maps
from .dataflow import Dataflow, Inserted, parallel_dims, reads_destination
from .operands import loop_ranges
from .vanishing import vanishes

Loop: TypeAlias = tuple[Operation, int]
"""An operation and the number of one of its loops."""

Operand: TypeAlias = tuple[Operation, int]
"""An operation and the number of one of its operands."""

ZERO = AffineConstantExpr(0)


@dataclass(frozen=True)
class Test:
    """Whether `0 <= index < bound`; the dimensions of `index` are a nest's loops."""

    index: AffineExpr
    bound: int


class Clip(NamedTuple):
    """The rounds of `loop` in which `0 <= factor * round + rest + constant < bound`."""

    loop: int
    factor: int
    rest: AffineExpr
    constant: int
    bound: int


@dataclass(frozen=True)
class Guard:
    """The tests that tell where one read goes, those of outer loops first."""

    operand: Operand
    exact: tuple[Test, ...]
    """Together: whether it goes into the part. Known in the innermost loop it needs."""
    axes: tuple[int, ...]
    """The axis that each of them is about."""
    interior: tuple[Test, ...] | None
    """Together: whether it does for all reductions. None when it never does."""
    vanishes: bool
    """Whether a read beside the part leaves what is accumulated as it is."""
    clips: tuple[Clip, ...] | None
    """The rounds that count then, where loops inside of them make up for the cost."""
    is_selected: bool
    """
    Whether every read is made, of some element of the part, and its value chosen then.

    Only what is read depends on the tests then, not what is done: so a compiler can run
    several rounds at once of a loop around the reductions that has no say in the tests.
    """


@dataclass
class Nest:
    """The loops that an operation which writes memory becomes, and the guards there."""

    flow: Dataflow
    has_vectors: bool
    """Whether the machine can run several rounds of a loop at once."""
    loops: list[Loop] = field(default_factory=list[Loop])
    """Those of more than one round, outer ones first."""
    extents: list[int] = field(default_factory=list[int])
    guards: dict[Operand, Guard] = field(default_factory=dict[Operand, Guard])
    """Reads that may go into the part or beside it; other ones always go into it."""
    is_planned: bool = True
    """Whether each operation is read at one place, so that `guards` has all of them."""
    _outer: int = 0
    _points: dict[Operation, Mapping[int, AffineExpr]] = field(
        default_factory=dict[Operation, Mapping[int, AffineExpr]]
    )

    @staticmethod
    def of(op: Operation, flow: Dataflow, has_vectors: bool = False) -> Nest:
        """The nest of `op`, which writes memory."""
        nest = Nest(flow, has_vectors)
        if isinstance(op, linalg.GenericOp):
            point = {dim: nest._loop(op, dim) for dim in parallel_dims(op)}
            nest._outer = len(nest.loops)
            nest._visit(op, point)
        return nest

    @property
    def hoisted(self) -> tuple[Guard, ...]:
        """The guards whose tests can be made ahead of the reads."""
        return tuple(self.guards.values()) if self.is_planned else ()

    def _loop(self, op: linalg.GenericOp, dim: int) -> AffineExpr:
        """The index of a new loop."""
        extent = loop_ranges(op)[dim]
        if extent == 1:
            return ZERO
        self.loops.append((op, dim))
        self.extents.append(extent)
        return AffineDimExpr(len(self.loops) - 1)

    def _visit(self, op: linalg.GenericOp, point: Mapping[int, AffineExpr]) -> None:
        """Notes what `op` reads at `point`, the indices of its parallel loops."""
        if op in self._points:
            self.is_planned &= self._points[op] == point
            return
        self._points[op] = point
        ranges = range(len(loop_ranges(op)))
        dims = [point[d] if d in point else self._loop(op, d) for d in ranges]
        for operand, map_ in enumerate(indexing_maps(op)):
            if is_used(op, operand):
                indices = [e.replace_dims_and_symbols(dims, []) for e in map_.results]
                self._read(op, operand, indices)

    def _read(
        self, op: linalg.GenericOp, operand: int, indices: Sequence[AffineExpr]
    ) -> None:
        """Notes one read."""
        source = self.flow.sources[op].get(op.operands[operand])
        if isinstance(source, Inserted):
            self._guard(op, operand, source, indices)
        if not isinstance(source, linalg.GenericOp):
            return
        number = list(source.outputs).index(op.operands[operand])
        written = indexing_maps(source)[len(source.inputs) + number]
        point: dict[int, AffineExpr] = dict.fromkeys(parallel_dims(source), ZERO)
        for expression, index in zip(written.results, indices, strict=True):
            if isinstance(expression, AffineDimExpr):
                point[expression.position] = index
        self._visit(source, point)

    def _guard(
        self,
        op: linalg.GenericOp,
        operand: int,
        source: Inserted,
        indices: Sequence[AffineExpr],
    ) -> None:
        """Notes a read of a value that is partly another one."""
        pairs = zip(indices, source.offsets, source.sizes, strict=True)
        tests = [Test(index + -offset, size) for index, offset, size in pairs]
        axes = [axis for axis, test in enumerate(tests) if not self._always(test)]
        axes.sort(key=lambda axis: max(tests[axis].index.used_dims(), default=-1))
        if not axes:
            return
        exact = tuple(tests[axis] for axis in axes)
        interior = [self._for_all_inner(test) for test in exact]
        known = tuple(test for test in interior if test is not None)
        has_loops = self._has_loops(op, exact)
        moves = self.has_vectors and not has_loops and self._moves(indices, exact)
        start = self.flow.sources[op].get(op.outputs[0])
        skipped = vanishes(op, operand, source, start)
        self.guards[op, operand] = Guard(
            (op, operand),
            exact,
            tuple(axes),
            known if len(known) == len(interior) else None,
            skipped,
            self._clips(op, exact) if skipped and has_loops else None,
            moves and source.copied is not None,
        )

    def _has_loops(self, op: Operation, tests: Sequence[Test]) -> bool:
        """Whether `op` has loops inside of those that the tests depend on."""
        dims = (d for test in tests for d in test.index.used_dims())
        asked = max(dims, default=-1)
        return any(self.loops[d][0] is op for d in self._numbers[asked + 1 :])

    def _moves(self, indices: Sequence[AffineExpr], tests: Sequence[Test]) -> bool:
        """Whether an outer loop behind those of the tests says what is read."""
        asked = {d for test in tests for d in test.index.used_dims()}
        if max(asked, default=-1) < self._outer:
            return False
        read = {d for index in indices for d in index.used_dims() if d < self._outer}
        deciding = (d for d in asked if d < self._outer)
        return max(read, default=-1) > max(deciding, default=-1)

    def _clips(self, op: Operation, tests: Sequence[Test]) -> tuple[Clip, ...] | None:
        """The rounds in which all outcomes are yes; None when that is no box."""
        found: list[Clip] = []
        for test in tests:
            sums = linear(test.index, len(self.loops))
            inner = [d for d in test.index.used_dims() if d >= self._outer]
            if sums is None or len(inner) != 1 or self.loops[inner[0]][0] is not op:
                return None
            (loop,) = inner
            dims = [ZERO if d == loop else AffineDimExpr(d) for d in self._numbers]
            rest = test.index.replace_dims_and_symbols(dims, []) + -sums.constant
            factor = sums.factors[loop]
            found.append(Clip(loop, factor, rest, sums.constant, test.bound))
        others = (clip for guard in self.guards.values() for clip in guard.clips or ())
        used = [clip.loop for clip in (*found, *others)]
        distinct = len(set(used)) == len(used)
        return tuple(found) if distinct and all(c.factor > 0 for c in found) else None

    @property
    def _numbers(self) -> range:
        return range(len(self.loops))

    def _reach(self, index: AffineExpr, first: int = 0) -> tuple[int, int] | None:
        """The least and the greatest that the loops from `first` on add to `index`."""
        sums = linear(index, len(self.loops))
        if sums is None:
            return None
        steps = zip(sums.factors[first:], self.extents[first:], strict=True)
        reaches = [factor * (extent - 1) for factor, extent in steps]
        return sum(min(r, 0) for r in reaches), sum(max(r, 0) for r in reaches)

    def _always(self, test: Test) -> bool:
        """Whether the outcome is yes in all rounds of all loops."""
        sums, reach = linear(test.index, len(self.loops)), self._reach(test.index)
        if sums is None or reach is None:
            return False
        low, high = reach
        return sums.constant + low >= 0 and sums.constant + high < test.bound

    def _for_all_inner(self, test: Test) -> Test | None:
        """Whether the outcome is yes in all rounds of the reductions; None: never."""
        reach = self._reach(test.index, self._outer)
        if reach is None:
            return None
        outer = [AffineDimExpr(d) if d < self._outer else ZERO for d in self._numbers]
        low, high = reach
        index = test.index.replace_dims_and_symbols(outer, []) + low
        whole, sums = self._reach(index), linear(index, len(self.loops))
        assert whole is not None, "a part of a sum is one"
        assert sums is not None, "a part of a sum is one"
        bound = test.bound - (high - low)
        first, last = sums.constant + whole[0], sums.constant + whole[1]
        return Test(index, bound) if first < bound and last >= 0 < bound else None


def is_used(op: linalg.GenericOp, operand: int) -> bool:
    """Whether the body of `op` uses the element of an operand."""
    if operand >= len(op.inputs):
        return reads_destination(op, operand - len(op.inputs))
    return bool(op.body.block.args[operand].uses)
