"""
Leaves only transfers that a DMA engine can do: of one piece, or of equal rows.

Before:
```mlir
%t = deploy.dma_start %s, %d : memref<3x4x8xi8, strided<[96, 16, 1], offset: ?>, "L2">,
                               memref<3x4x8xi8, "L1">
```
After:
```mlir
%s0 = memref.subview %s[0, 0, 0] [1, 4, 8] [1, 1, 1]
    : … to memref<4x8xi8, strided<[16, 1], offset: ?>, "L2">
%d0 = memref.subview %d[0, 0, 0] [1, 4, 8] [1, 1, 1] : … to memref<4x8xi8, …, "L1">
%first = deploy.dma_start %s0, %d0 : …
%t = scf.for %i = %c1 to %c3 step %c1 iter_args(%last = %first) -> (!deploy.token) {
  … // part %i of both
  deploy.dma_wait %last
  %next = deploy.dma_start %si, %di : …
  scf.yield %next : !deploy.token
}
```

Dimensions that lie one in the other without a gap, in source and destination, become
one first (`memref.collapse_shape`). One piece is `memref<N>` on both sides; rows are
`memref<RxN>` with the elements of a row next to each other. What has more dimensions is
done in loops over all but the row and the longest other dimension. Each transfer is
awaited before the next one starts; the last one takes the place of the whole. Where
that made a whole buffer anew, the first one says so: `deploy.renews`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import (
    DenseArrayBase,
    IndexType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    NoneAttr,
    StridedLayoutAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.access import whole_buffer
from ...analysis.strided import (
    Dimension,
    dimensions_of,
    ends_contiguous,
    groups_of,
    is_one_transfer,
    kept_dimensions,
    merged,
)
from ...analysis.structured import size_of
from ...dialects.deploy import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp, TokenType
from ...properties import Property
from ...rewriting import locate
from .storage import axes_attribute, collapsed

Type: TypeAlias = MemRefType[Attribute]
Shape: TypeAlias = Sequence[tuple[int, int]]
"""Size and stride of each dimension."""


def type_of(value: SSAValue) -> Type:
    """The type of a memref."""
    return cast(Type, value.type)


def typed(like: Type, shape: Shape, offset: int | None) -> Type:
    """A memref like `like` of another shape, that begins at another element."""
    sizes, strides = [size for size, _ in shape], [stride for _, stride in shape]
    plain = MemRefType(like.element_type, sizes, memory_space=like.memory_space)
    if offset == 0 and plain.get_strides() == tuple(strides):
        return plain
    layout = StridedLayoutAttr(strides, NoneAttr() if offset is None else offset)
    return MemRefType(like.element_type, sizes, layout, like.memory_space)


def expanded(value: SSAValue, shape: Shape) -> Operation:
    """`value` with one more dimension, of length one, behind those that it has."""
    type_ = type_of(value)
    rank = len(type_.get_shape())
    groups = [(axis,) for axis in range(rank - 1)]
    groups += [(rank - 1, rank)] if rank else []
    sizes = DenseArrayBase.from_list(i64, [size for size, _ in shape])
    return memref.ExpandShapeOp.create(
        operands=[value],
        result_types=[typed(type_, shape, type_.get_offset())],
        properties={
            "reassociation": axes_attribute(groups),
            "static_output_shape": sizes,
        },
    )


def part_of(value: SSAValue, offsets: Mapping[int, int | SSAValue]) -> Operation:
    """`value` at `offsets` of some dimensions, without them."""
    type_ = type_of(value)
    shape, strides = type_.get_shape(), cast("tuple[int, ...]", type_.get_strides())
    axes = range(len(shape))
    moves = [(offset, strides[axis]) for axis, offset in offsets.items()]
    known = [n * step for n, step in moves if isinstance(n, int)]
    start = type_.get_offset()
    if start is not None:
        start = start + sum(known) if len(known) == len(moves) else None
    return memref.SubviewOp.get(
        value,
        [offsets.get(axis, 0) for axis in axes],
        [1 if axis in offsets else shape[axis] for axis in axes],
        [1 for _ in axes],
        typed(type_, [(shape[n], strides[n]) for n in axes if n not in offsets], start),
    )


@dataclass
class Splitter:
    """Does one transfer in another way, right before it."""

    start: DmaStartOp
    sides: tuple[SSAValue, ...]
    """Source and destination, in the shape reached so far."""
    dimensions: tuple[Dimension, ...]
    first_attributes: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    """Of the first of several transfers."""

    def run(self) -> None:
        """Replaces the transfer."""
        renewed = size_of(whole_buffer(self.sides[1])) == size_of(self.sides[1])
        self.first_attributes = {RENEWS_ATTRIBUTE: UnitAttr()} if renewed else {}
        self.collapse()
        self.expand()
        kept = kept_dimensions(self.dimensions)
        loops = [n for n in range(len(self.dimensions)) if n not in kept]
        token = self.transfers(self.builder(), loops, {}, None)
        Rewriter().replace_op(self.start, [], [token])

    def builder(self) -> Builder:
        """Inserts before the transfer."""
        return Builder(InsertPoint.before(self.start))

    def insert(self, builder: Builder, op: Operation) -> Operation:
        """Inserts `op` with the location of the transfer."""
        return builder.insert(locate(op, self.start.location))

    def shape(self, side: int) -> Shape:
        """The dimensions of the source (0) or destination (1)."""
        return [(d.size, d.strides[side]) for d in self.dimensions]

    def collapse(self) -> None:
        """Makes one of dimensions that lie one in the other without a gap."""
        groups = groups_of(self.dimensions)
        if len(groups) == len(self.dimensions):
            return
        self.dimensions = tuple(merged(self.dimensions, group) for group in groups)
        shaped = [
            typed(type_of(value), self.shape(side), type_of(value).get_offset())
            for side, value in enumerate(self.sides)
        ]
        self.sides = tuple(
            self.insert(self.builder(), collapsed(value, groups, type_)).results[0]
            for value, type_ in zip(self.sides, shaped, strict=True)
        )

    def expand(self) -> None:
        """Adds rows of one element where elements do not lie next to each other."""
        if ends_contiguous(self.dimensions):
            return
        self.dimensions = (*self.dimensions, Dimension(1, (1, 1)))
        self.sides = tuple(
            self.insert(self.builder(), expanded(value, self.shape(side))).results[0]
            for side, value in enumerate(self.sides)
        )

    def transfers(
        self,
        builder: Builder,
        loops: Sequence[int],
        offsets: Mapping[int, int | SSAValue],
        previous: SSAValue | None,
    ) -> SSAValue:
        """
        The transfers of all that lies at `offsets`, looping over `loops`.

        Awaits `previous` before the first one; returns the token of the last one.
        """
        if not loops:
            return self.transfer(builder, offsets, previous)
        axis, *inner = loops
        first = 0
        if previous is None:
            previous = self.transfers(builder, inner, {**offsets, axis: 0}, None)
            first = 1
        size = self.dimensions[axis].size
        low, high, step = (self.number(builder, n) for n in (first, size, 1))
        body = Block(arg_types=[IndexType(), TokenType()])
        inside = Builder(InsertPoint.at_end(body))
        index, token = body.args
        last = self.transfers(inside, inner, {**offsets, axis: index}, token)
        self.insert(inside, scf.YieldOp(last))
        loop = scf.ForOp(low, high, step, [previous], Region(body))
        return self.insert(builder, loop).results[0]

    def transfer(
        self,
        builder: Builder,
        offsets: Mapping[int, int | SSAValue],
        previous: SSAValue | None,
    ) -> SSAValue:
        """One transfer, behind the wait for the previous one."""
        sides = self.sides
        if offsets:
            parts = [self.insert(builder, part_of(side, offsets)) for side in sides]
            sides = tuple(part.results[0] for part in parts)
        if previous is not None:
            self.insert(builder, DmaWaitOp(previous))
        start = DmaStartOp(*sides)
        if previous is None and offsets:
            start.attributes |= self.first_attributes
        return self.insert(builder, start).results[0]

    def number(self, builder: Builder, value: int) -> SSAValue:
        """A constant."""
        constant = arith.ConstantOp(IntegerAttr(value, IndexType()))
        return self.insert(builder, constant).results[0]


class MemorySplitTransfersPass(ModulePass):
    """Makes every transfer one of one piece or of equal rows."""

    name = "memory-split-transfers"
    needs = (Property.BUFFERS,)
    establishes = (Property.STEPS,)
    ends = (Property.WHOLE_TRANSFERS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for start in tuple(op.walk()):
            if isinstance(start, DmaStartOp):
                sides = start.source, start.destination
                dimensions = dimensions_of(*map(type_of, sides))
                if not is_one_transfer(dimensions):
                    Splitter(start, sides, dimensions).run()
