"""
Copies that change which axis is innermost go by squares, transposed in registers.

Before:
```mlir
linalg.generic {indexing_maps = [(d0, d1) -> (d1, d0), (d0, d1) -> (d0, d1)], …}
    ins(%x : memref<64x32xf32>) outs(%y : memref<32x64xf32>) { linalg.yield %in }
```
After, with four lanes instead of sixteen:
```mlir
scf.for %i0 = %c0 to %c32 step %c4 {
  scf.for %i1 = %c0 to %c64 step %c4 {
    %a = vector.load %x[%i1, %i0] : …, vector<4xf32>
    …
    %e = vector.shuffle %a, %c [0, 4, 1, 5] : vector<4xf32>, vector<4xf32>
    %f = vector.shuffle %a, %c [2, 6, 3, 7] : vector<4xf32>, vector<4xf32>
    …
    vector.store %q, %y[%i0, %i1] : …
```
On computers, where any two vectors can be interleaved, one of the lower half is
interleaved with the one as far along in the upper half; as many times as the lanes can
be halved, and rows have become columns. On RISC-V vectors exchange lanes instead, those
of every other one, of every other two and so on (`[0, 4, 2, 6]` and `[1, 5, 3, 7]`):
each is one slide under a mask, and one of the two keeps a copy.

Loops that follow each other on both sides are one. What does not divide a side begins
earlier at its end and does again what is done there, or goes one element after the
other where that takes fewer instructions. So does a copy as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import NamedTuple

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, func, memref, scf, vector
from xdsl.dialects.builtin import (
    DenseArrayBase,
    IndexType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    VectorType,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...analysis.groups import kernels_of
from ...analysis.program import INSTRUCTIONS_ATTRIBUTE
from ...machine import Machine, has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .affine import Append, Index, IndexConstants, added
from .joining import under_shape
from .squares import Positions, Square, square_of


class Span(NamedTuple):
    """Rounds of a loop, some of them at once."""

    start: int
    stop: int
    step: int


@dataclass(frozen=True)
class Transposition:
    """One copy, and where the constants of its kernel stand."""

    op: linalg.GenericOp
    square: Square
    constants: IndexConstants

    def write(self) -> None:
        """Replaces the copy by loops over squares, and over what is beside them."""
        square, builder = self.square, Builder(InsertPoint.before(self.op))
        source = self._walked(builder, self.op.inputs[0], square.source)
        target = self._walked(builder, self.op.outputs[0], square.target)
        whole = {
            side: Span(0, square.extents[side] - square.alone(side), square.size)
            for side in (square.rows, square.columns)
        }
        inside, indices = self._loops(builder, whole)
        rows = self._loads(inside, indices, source)
        self._stores(inside, indices, self._transposed(inside, rows), target)
        for side, other in (
            (square.rows, Span(0, square.extents[square.columns], square.size)),
            (square.columns, whole[square.rows]),
        ):
            if alone := square.alone(side):
                rest = Span(whole[side].stop, square.extents[side], alone)
                spans = {square.other(side): other, side: rest}
                self._elements(*self._loops(builder, spans), (source, target), spans)
        self.op.detach()
        self.op.erase()

    def _place(self, builder: Builder, op: Operation) -> SSAValue:
        builder.insert(locate(op, self.op.location))
        return op.results[0] if op.results else self.op.outputs[0]

    def _walked(self, builder: Builder, memory: SSAValue, walk: Positions) -> SSAValue:
        """A buffer with an axis for each of the loops that it is walked by."""
        type_, shape = memory.type, [self.square.extents[loop] for loop in walk]
        assert isa(type_, MemRefType), "it is plain"
        if list(type_.get_shape()) == shape:
            return memory
        under = MemRefType(type_.element_type, shape, memory_space=type_.memory_space)
        return self._place(builder, under_shape(memory, under))

    def _loops(
        self, builder: Builder, spans: Mapping[int, Span]
    ) -> tuple[Builder, dict[int, Index]]:
        """All loops, some over a part of their rounds, and what they are at."""
        indices: dict[int, Index] = {}
        for loop in self.square.target:
            span = spans.get(loop, Span(0, self.square.extents[loop], 1))
            builder, indices[loop] = self._loop(builder, loop, span)
        return builder, indices

    def _loop(self, builder: Builder, loop: int, span: Span) -> tuple[Builder, Index]:
        """A loop, unless it has one round, where its body is, and what it is at."""
        if span.stop - span.start == span.step:
            return builder, span.start
        start, end, by = map(self.constants.value, span)
        body = Block(arg_types=[IndexType()])
        body.args[0].name_hint = f"i{loop}"
        last = locate(scf.YieldOp(), self.op.location)
        body.add_op(last)
        self._place(builder, scf.ForOp(start, end, by, [], body))
        inside = Builder(InsertPoint.before(last))
        if (span.stop - span.start) % span.step == 0:
            return inside, body.args[0]
        latest = self.constants.value(span.stop - span.step)
        return inside, self._place(inside, arith.MinSIOp(body.args[0], latest))

    def _elements(
        self,
        builder: Builder,
        indices: Mapping[int, Index],
        memory: tuple[SSAValue, SSAValue],
        spans: Mapping[int, Span],
    ) -> None:
        """Moves elements one by one, those of all rounds that are done at once."""
        append: Append = partial(self._place, builder)
        source, target = memory
        for places in product(*(range(span.step) for span in spans.values())):
            at = dict(indices)
            for side, place in zip(spans, places, strict=True):
                at[side] = added(indices[side], place, append, self.constants)
            known = {axis: self.constants.value(index) for axis, index in at.items()}
            here = [known[axis] for axis in self.square.source]
            value = append(memref.LoadOp.get(source, here))
            there = [known[axis] for axis in self.square.target]
            append(memref.StoreOp.get(value, target, there))

    def _places(
        self,
        builder: Builder,
        indices: Mapping[int, Index],
        axes: Positions,
        side: int,
    ) -> list[list[SSAValue]]:
        """The indices of each vector, of which `side` says the row."""
        append: Append = partial(self._place, builder)
        found: list[list[SSAValue]] = []
        for row in range(self.square.size):
            at = {**indices, side: added(indices[side], row, append, self.constants)}
            found.append([self.constants.value(at[axis]) for axis in axes])
        return found

    def _loads(
        self, builder: Builder, indices: Mapping[int, Index], memory: SSAValue
    ) -> list[SSAValue]:
        """The rows of a square."""
        assert isa(memory.type, MemRefType), "it is plain"
        type = VectorType(memory.type.element_type, [self.square.size])
        places = self._places(builder, indices, self.square.source, self.square.rows)
        return [self._place(builder, vector.LoadOp(memory, at, type)) for at in places]

    def _transposed(self, builder: Builder, rows: list[SSAValue]) -> list[SSAValue]:
        """The columns of a square, given its rows."""
        for stage in range(self.square.halvings):
            if self.square.is_exchanged:
                rows = self._exchanged(builder, rows, 1 << stage)
            else:
                rows = self._interleaved(builder, rows)
        return rows

    def _interleaved(
        self, builder: Builder, rows: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """Each row of the first half with that of the second half."""
        size = self.square.size
        lanes = [lane for n in range(size) for lane in (n, size + n)]
        return [
            self._shuffled(builder, low, high, part)
            for low, high in zip(rows[: size // 2], rows[size // 2 :], strict=True)
            for part in (lanes[:size], lanes[size:])
        ]

    def _exchanged(
        self, builder: Builder, rows: Sequence[SSAValue], width: int
    ) -> list[SSAValue]:
        """Every other row, so many together, with the one as many further on."""
        size, found = self.square.size, list(rows)
        low = [n if not n & width else size + n - width for n in range(size)]
        high = [n + width if not n & width else size + n for n in range(size)]
        first = [n for n in range(size) if not n & width]
        # What has the same mask stands together, so that it is set once.
        for offset, lanes in ((0, low), (width, high)):
            for n in first:
                pair = rows[n], rows[n + width]
                found[n + offset] = self._shuffled(builder, *pair, lanes)
        return found

    def _shuffled(
        self, builder: Builder, low: SSAValue, high: SSAValue, lanes: Sequence[int]
    ) -> SSAValue:
        """These lanes of two vectors."""
        assert isa(low.type, VectorType), "rows are vectors"
        mask = DenseArrayBase.from_list(i64, lanes)
        shuffle = vector.ShuffleOp(low, high, mask, result_type=low.type)
        return self._place(builder, shuffle)

    def _stores(
        self,
        builder: Builder,
        indices: Mapping[int, Index],
        rows: Sequence[SSAValue],
        memory: SSAValue,
    ) -> None:
        """Writes the columns of a square, which are rows now."""
        places = self._places(builder, indices, self.square.target, self.square.columns)
        for row, at in zip(rows, places, strict=True):
            self._place(builder, vector.StoreOp(row, memory, at))


def transpose(kernel: func.FuncOp, machine: Machine) -> None:
    """Writes the copies of `kernel` that go by squares as loops."""
    constants, count = IndexConstants(kernel), 0.0
    for op in list(kernel.body.block.ops):
        if isinstance(op, linalg.GenericOp):
            square = square_of(op, machine)
            if square is not None:
                transposition = Transposition(op, square, constants)
                count += square.instructions
                transposition.write()
    if count:
        number = IntegerAttr(round(count), i64)
        kernel.attributes[INSTRUCTIONS_ATTRIBUTE] = number


class VectorTransposeSquaresPass(ModulePass):
    """Copies that change which axis is innermost go by squares in registers."""

    name = "vector-transpose-squares"
    needs = (Property.OUTLINED, Property.FREE_BLOCKS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.has_vectors:
            for kernel in kernels_of(op):
                transpose(kernel, machine)
