"""
The kernel of one tile: members of a group on slices of what the group works on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, cast

from xdsl.builder import Builder
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    DenseArrayBase,
    IndexType,
    IntegerAttr,
    TensorType,
    i64,
)
from xdsl.dialects.utils import split_dynamic_index_list
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.footprint import Offset, Span, footprint
from ...analysis.structured import captured, indexing_maps, shape_of
from ...analysis.tiles import TILE_ATTRIBUTE, Structured
from ...dialects.deploy import KernelOp, YieldOp
from ...rewriting import locate

Spans = Mapping[Operation, Sequence[Span]]
"""The loops of each member in this tile."""


def refuse(op: Operation, message: str) -> NoReturn:
    """Reports that `op` cannot be tiled."""
    op.emit_error(message, PassFailedException(message))
    raise AssertionError("emit_error raises")


def part_of(
    op: Structured, operand: int, spans: Spans
) -> tuple[tuple[Span, ...], AffineMapAttr]:
    """The part of an operand that `op` touches in this tile, and its map there."""
    map_ = indexing_maps(op)[operand]
    found = footprint(map_, shape_of(op.operands[operand]), spans[op])
    if found is None:
        refuse(op, f"a loop that is divided by cannot be tiled, got map {map_}")
    return found[0], AffineMapAttr(found[1])


def tile_type(value: SSAValue, axes: Sequence[Span]) -> TensorType[Attribute]:
    """The type of a part of a tensor."""
    whole = cast(TensorType[Attribute], value.type)
    return TensorType(whole.element_type, [span.size for span in axes])


def insert_slice(
    part: SSAValue, whole: SSAValue, offsets: Sequence[int | SSAValue]
) -> tensor.InsertSliceOp:
    """`whole` with `part` at the offsets."""
    static, dynamic = split_dynamic_index_list(offsets, DYNAMIC_INDEX)
    return tensor.InsertSliceOp.build(
        operands=[part, whole, dynamic, [], []],
        properties={
            "static_offsets": DenseArrayBase.from_list(i64, static),
            "static_sizes": DenseArrayBase.from_list(i64, shape_of(part)),
            "static_strides": DenseArrayBase.from_list(i64, [1] * len(offsets)),
        },
        result_types=[whole.type],
    )


@dataclass
class Driver:
    """Where operations of the driver are appended, and what has been made there."""

    builder: Builder
    source: KernelOp
    """The kernel that is being tiled: new operations take its location."""
    offsets: dict[Offset, SSAValue] = field(default_factory=dict[Offset, SSAValue])
    slices: dict[tuple[SSAValue, tuple[Span, ...]], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, tuple[Span, ...]], SSAValue]
    )

    def inside(self, block: Block) -> Driver:
        """The end of a block further in."""
        return Driver(Builder(InsertPoint.at_end(block)), self.source)

    def append(self, op: Operation) -> Sequence[SSAValue]:
        """Appends `op`."""
        return self.builder.insert(locate(op, self.source.location)).results

    def index(self, value: int) -> SSAValue:
        """A constant index."""
        known = Offset(value)
        if known not in self.offsets:
            constant = arith.ConstantOp(IntegerAttr(value, IndexType()))
            self.offsets[known] = self.append(constant)[0]
        return self.offsets[known]

    def offset(self, offset: Offset) -> int | SSAValue:
        """An offset, computed where it is not a constant."""
        if not offset.terms:
            return offset.constant
        if offset not in self.offsets:
            self.offsets[offset] = self._sum(offset)
        return self.offsets[offset]

    def _sum(self, offset: Offset) -> SSAValue:
        total: SSAValue | None = None
        for value, factor in offset.terms:
            if factor != 1:
                value = self.append(arith.MuliOp(value, self.index(factor)))[0]
            if total is not None:
                value = self.append(arith.AddiOp(total, value))[0]
            total = value
        assert total is not None, "a computed offset has terms"
        if not offset.constant:
            return total
        return self.append(arith.AddiOp(total, self.index(offset.constant)))[0]

    def slice(self, value: SSAValue, axes: tuple[Span, ...]) -> SSAValue:
        """The part of a tensor at `axes`."""
        if all(span.whole for span in axes):
            return value
        if (value, axes) not in self.slices:
            starts, type_ = list(map(self.start, axes)), tile_type(value, axes)
            sizes, strides = [span.size for span in axes], [1] * len(axes)
            op = tensor.ExtractSliceOp(value, starts, sizes, strides, type_)
            self.slices[value, axes] = self.append(op)[0]
        return self.slices[value, axes]

    def insert(
        self, part: SSAValue, whole: SSAValue, axes: tuple[Span, ...]
    ) -> SSAValue:
        """`whole` with `part` at `axes`."""
        if all(span.whole for span in axes):
            return part
        return self.append(insert_slice(part, whole, list(map(self.start, axes))))[0]

    def start(self, span: Span) -> int | SSAValue:
        """Where a span begins."""
        return self.offset(span.offset)


@dataclass
class TileKernel:
    """A kernel for one tile while it is being filled."""

    driver: Driver
    spans: Spans
    replaced: Mapping[SSAValue, SSAValue]
    """Results of members outside this kernel, as tensors of the tile."""
    block: Block = field(default_factory=Block)
    inputs: dict[SSAValue, BlockArgument] = field(
        default_factory=dict[SSAValue, BlockArgument]
    )
    """Operand -> argument."""
    values: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """What values of the untiled kernel are called in this one."""

    def build(
        self, members: Sequence[Structured], outputs: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Appends the kernel of `members`, the last of which writes to `outputs`."""
        root = members[-1]
        for value in outputs:
            self.block.insert_arg(value.type, len(self.block.args))
        for member in members:
            kept = self.block.args[-len(outputs) :]
            starts = {root: kept}
            fill = start_of(root)
            if member is fill:
                starts = {fill: kept}
            self._add(member, starts.get(member, ()))
        results = [self.values[value] for value in root.results]
        self.block.add_op(YieldOp(*results))
        kernel = KernelOp(tuple(self.inputs), outputs, Region(self.block))
        return self.driver.append(kernel)

    def _input(self, value: SSAValue) -> SSAValue:
        """The argument for an operand."""
        if value not in self.inputs:
            self.inputs[value] = self.block.insert_arg(value.type, len(self.inputs))
        return self.inputs[value]

    def _outside(self, value: SSAValue) -> SSAValue:
        """What the driver calls an argument of the untiled kernel."""
        assert isinstance(value, BlockArgument), "a kernel is isolated from above"
        return self.driver.source.operands[value.index]

    def _read(self, value: SSAValue, axes: tuple[Span, ...]) -> SSAValue:
        """The part of `value` at `axes`, inside this kernel."""
        if value in self.values:
            return self.values[value]
        if value in self.replaced:
            return self._input(self.replaced[value])
        if isinstance(value, BlockArgument):
            outside = self._outside(value)
            if not isinstance(value.type, TensorType):
                return self._input(outside)
            return self._input(self.driver.slice(outside, axes))
        op = value.owner.clone() if isinstance(value.owner, arith.ConstantOp) else None
        if op is None:
            op = tensor.EmptyOp([], tile_type(value, axes))
        self.block.add_op(op)
        if isinstance(op, arith.ConstantOp):
            self.values[value] = op.result
        return op.results[0]

    def _whole(self, value: SSAValue) -> SSAValue:
        """A table or scalar that a body captures."""
        if isinstance(value, BlockArgument) and value not in self.values:
            return self._input(self._outside(value))
        return self._read(value, ())

    def _add(self, op: Structured, kept: Sequence[SSAValue]) -> None:
        """Appends the part of a member; it writes to `kept` if that is given."""
        count = len(op.inputs)
        parts = [
            part_of(op, operand, self.spans) for operand in range(len(op.operands))
        ]
        operands = [
            kept[operand - count]
            if operand >= count and kept and value not in self.values
            else self._read(value, parts[operand][0])
            for operand, value in enumerate(op.operands)
        ]
        ins, outs = operands[:count], operands[count:]
        if isinstance(op, linalg.ops.FillOp):
            new: Structured = linalg.ops.FillOp(ins, outs)
        else:
            new = self._generic(op, ins, outs, [map_ for _, map_ in parts])
        new.location = op.location
        self.block.add_op(new)
        self.values.update(zip(op.results, new.results, strict=True))

    def _generic(
        self,
        op: linalg.ops.GenericOp,
        ins: Sequence[SSAValue],
        outs: Sequence[SSAValue],
        maps: Sequence[AffineMapAttr],
    ) -> linalg.ops.GenericOp:
        body = Region()
        mapper = {value: self._whole(value) for value in captured(op)}
        op.body.clone_into(body, None, mapper)
        self._shift_indices(body, self.spans[op])
        types = [value.type for value in outs]
        new = linalg.ops.GenericOp(ins, outs, body, maps, op.iterator_types, types)
        new.attributes = dict(op.attributes)
        new.attributes.pop(TILE_ATTRIBUTE, None)
        return new

    def _shift_indices(self, body: Region, loops: Sequence[Span]) -> None:
        """Makes `linalg.index` count from the start of the untiled loop."""
        for op in tuple(body.walk()):
            if not isinstance(op, linalg.ops.IndexOp):
                continue
            start = self.driver.offset(loops[op.dim.value.data].offset)
            if start == 0:
                continue
            outside = start if isinstance(start, SSAValue) else self.driver.index(start)
            argument = self._input(outside)
            local = linalg.ops.IndexOp(op.dim.value.data)
            shifted = arith.AddiOp(local.result, argument)
            Rewriter().replace_op(op, [local, shifted])


def start_of(op: Structured) -> Operation | None:
    """The fill that says what `op` accumulates onto, if there is one."""
    owner = op.outputs[0].owner
    return owner if isinstance(owner, linalg.ops.FillOp) else None
