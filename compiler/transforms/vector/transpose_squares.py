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

What does not divide a side begins earlier at its end and does again what is done there.
A copy goes by squares where that takes fewer instructions than one element after the
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, func, scf, vector
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
from ...analysis.structured import loop_ranges
from ...machine import Machine, has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .affine import IndexConstants, added
from .squares import Positions, Square, square_of


@dataclass(frozen=True)
class Transposition:
    """One copy, and where the constants of its kernel stand."""

    op: linalg.GenericOp
    square: Square
    constants: IndexConstants

    def write(self) -> None:
        """Replaces the copy by loops over squares."""
        builder = Builder(InsertPoint.before(self.op))
        indices: dict[int, SSAValue] = {}
        for loop in self.square.target:
            builder, indices[loop] = self._loop(builder, loop)
        rows = self._loads(builder, indices)
        self._stores(builder, indices, self._transposed(builder, rows))
        self.op.detach()
        self.op.erase()

    def _place(self, builder: Builder, op: Operation) -> SSAValue:
        builder.insert(locate(op, self.op.location))
        return op.results[0] if op.results else self.op.outputs[0]

    @property
    def instructions(self) -> float:
        """What all squares take."""
        extents = loop_ranges(self.op)
        sides = (self.square.rows, self.square.columns)
        rounds = prod(
            -(-extent // self.square.size) if loop in sides else extent
            for loop, extent in enumerate(extents)
        )
        return rounds * self.square.instructions

    def _loop(self, builder: Builder, loop: int) -> tuple[Builder, SSAValue]:
        """A loop, unless it has one round, where its body is, and what it is at."""
        extent = loop_ranges(self.op)[loop]
        sides = (self.square.rows, self.square.columns)
        step = self.square.size if loop in sides else 1
        start = self.constants.value(0)
        if extent == step:
            return builder, start
        end, by = self.constants.value(extent), self.constants.value(step)
        body = Block(arg_types=[IndexType()])
        body.args[0].name_hint = f"i{loop}"
        last = locate(scf.YieldOp(), self.op.location)
        body.add_op(last)
        self._place(builder, scf.ForOp(start, end, by, [], body))
        inside = Builder(InsertPoint.before(last))
        if extent % step == 0:
            return inside, body.args[0]
        latest = self.constants.value(extent - step)
        return inside, self._place(inside, arith.MinSIOp(body.args[0], latest))

    def _places(
        self, builder: Builder, indices: dict[int, SSAValue], axes: Positions, side: int
    ) -> list[list[SSAValue]]:
        """The indices of each vector, of which `side` says the row."""

        def append(op: Operation) -> SSAValue:
            return self._place(builder, op)

        found: list[list[SSAValue]] = []
        for row in range(self.square.size):
            index = added(indices[side], row, append, self.constants)
            at = {**indices, side: self.constants.value(index)}
            found.append([at[axis] for axis in axes])
        return found

    def _loads(self, builder: Builder, indices: dict[int, SSAValue]) -> list[SSAValue]:
        """The rows of a square."""
        memory = self.op.inputs[0]
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
        self, builder: Builder, indices: dict[int, SSAValue], rows: Sequence[SSAValue]
    ) -> None:
        """Writes the columns of a square, which are rows now."""
        memory = self.op.outputs[0]
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
                count += transposition.instructions
                transposition.write()
    if count:
        number = IntegerAttr(round(count), i64)
        kernel.attributes[INSTRUCTIONS_ATTRIBUTE] = number


@dataclass(frozen=True)
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
