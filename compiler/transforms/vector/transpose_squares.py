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
A vector of the lower half is interleaved with the one as far along in the upper half;
as many times as the lanes can be halved, and rows have become columns. That is worth it
where shuffles are cheap, which they are on computers, so only native machines do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import func, scf, vector
from xdsl.dialects.builtin import (
    DenseArrayBase,
    FixedBitwidthType,
    IndexType,
    MemRefType,
    ModuleOp,
    NoneAttr,
    VectorType,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...analysis.groups import kernels_of
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .affine import IndexConstants, added
from .dataflow import is_register, parallel_dims
from .operands import loop_ranges, operand_map

Positions: TypeAlias = tuple[int, ...]
"""The loop that each axis of a buffer is walked by."""

SIZES = (16, 8, 4)
"""Rows of a square: as many as there are registers for."""


@dataclass(frozen=True)
class Square:
    """How a copy goes by squares."""

    source: Positions
    target: Positions
    size: int

    @property
    def rows(self) -> int:
        """The loop whose rounds are the rows that are loaded."""
        return self.target[-1]

    @property
    def columns(self) -> int:
        """The loop whose rounds are the rows that are stored."""
        return self.source[-1]


def square_of(op: linalg.GenericOp, vlen: int) -> Square | None:
    """The squares of a copy from memory to memory; none where it goes without."""
    operands = (*op.inputs, *op.outputs)
    if len(operands) != 2 or not all(is_plain(value) for value in operands):
        return None
    ranges = loop_ranges(op)
    source, target = (positions(operand_map(op, n)) for n in range(2))
    if not source or not target or sorted(source) != list(range(len(ranges))):
        return None
    yielded = op.body.block.last_op
    is_copy = yielded is not None and yielded.operands[0] is op.body.block.args[0]
    if not is_copy or len(parallel_dims(op)) != len(ranges) or source[-1] == target[-1]:
        return None
    element = op.outputs[0].type
    assert isa(element, MemRefType), "it is plain"
    most = vlen // bits(element.element_type)
    sides = ranges[source[-1]], ranges[target[-1]]
    fitting = (n for n in SIZES if n <= most and not any(side % n for side in sides))
    size = next(fitting, None)
    return None if size is None else Square(source, target, size)


def is_plain(value: SSAValue) -> bool:
    """Whether a value is a buffer in memory without gaps, of whole bytes."""
    type = value.type
    return (
        isa(type, MemRefType)
        and isinstance(type.layout, NoneAttr)
        and not is_register(value)
        and bits(type.element_type) >= 8
    )


def bits(element: Attribute) -> int:
    """Bits of an element; 0 where they are not known."""
    return element.bitwidth if isinstance(element, FixedBitwidthType) else 0


def positions(map: AffineMap) -> Positions:
    """The loop of each axis; none where an axis is walked in another way."""
    found = [e.position for e in map.results if isinstance(e, AffineDimExpr)]
    is_permutation = len(found) == len(map.results) == len(set(found))
    return tuple(found) if is_permutation else ()


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
        for _ in range(self.square.size.bit_length() - 1):
            rows = self._interleaved(builder, rows)
        self._stores(builder, indices, rows)
        self.op.detach()
        self.op.erase()

    def _place(self, builder: Builder, op: Operation) -> SSAValue:
        builder.insert(locate(op, self.op.location))
        return op.results[0] if op.results else self.op.outputs[0]

    def _loop(self, builder: Builder, loop: int) -> tuple[Builder, SSAValue]:
        """A loop, unless it has one round, and where its body is written."""
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
        return Builder(InsertPoint.before(last)), body.args[0]

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

    def _interleaved(
        self, builder: Builder, rows: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """Each row of the first half with that of the second half."""
        size = self.square.size
        lanes = [lane for n in range(size) for lane in (n, size + n)]
        type = rows[0].type
        assert isa(type, VectorType), "rows are vectors"
        halves = [
            DenseArrayBase.from_list(i64, part) for part in (lanes[:size], lanes[size:])
        ]
        found: list[SSAValue] = []
        for low, high in zip(rows[: size // 2], rows[size // 2 :], strict=True):
            for mask in halves:
                shuffle = vector.ShuffleOp(low, high, mask, result_type=type)
                found.append(self._place(builder, shuffle))
        return found

    def _stores(
        self, builder: Builder, indices: dict[int, SSAValue], rows: Sequence[SSAValue]
    ) -> None:
        """Writes the columns of a square, which are rows now."""
        memory = self.op.outputs[0]
        places = self._places(builder, indices, self.square.target, self.square.columns)
        for row, at in zip(rows, places, strict=True):
            self._place(builder, vector.StoreOp(row, memory, at))


def transpose(kernel: func.FuncOp, vlen: int) -> None:
    """Writes the copies of `kernel` that go by squares as loops."""
    constants = IndexConstants(kernel)
    for op in list(kernel.body.block.ops):
        if isinstance(op, linalg.GenericOp):
            square = square_of(op, vlen)
            if square is not None:
                Transposition(op, square, constants).write()


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
        if not machine.is_native:
            return
        for kernel in kernels_of(op):
            transpose(kernel, machine.vlen)
