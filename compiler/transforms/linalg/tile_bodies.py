"""
The kernel of one tile: members of a group on slices of what the group works on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import (
    AffineMapAttr,
    TensorType,
)
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue
from xdsl.rewriter import Rewriter

from ...analysis.footprint import Span, all_of, footprint
from ...analysis.structured import captured, indexing_maps, shape_of
from ...analysis.tiles import TILE_ATTRIBUTE, Structured
from ...dialects.deploy import KernelOp, YieldOp
from ...rewriting import locate
from .tile_driver import Driver, refuse, tile_type
from .tile_parts import Reader

Spans = Mapping[Operation, Sequence[Span]]
"""The loops of each member in this tile."""


def part_of(
    op: Structured, operand: int, spans: Spans
) -> tuple[tuple[Span, ...], AffineMapAttr]:
    """The part of an operand that `op` touches in this tile, and its map there."""
    map_ = indexing_maps(op)[operand]
    found = footprint(map_, shape_of(op.operands[operand]), spans[op])
    if found is None:
        refuse(op, f"a loop that is divided by cannot be tiled, got map {map_}")
    return found[0], AffineMapAttr(found[1])


@dataclass
class TileKernel:
    """A kernel for one tile while it is being filled."""

    driver: Driver
    reader: Reader
    source: KernelOp
    """The untiled kernel."""
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
        return self.driver.append(locate(kernel, self.source.location))

    def _input(self, value: SSAValue) -> SSAValue:
        """The argument for an operand."""
        if value not in self.inputs:
            self.inputs[value] = self.block.insert_arg(value.type, len(self.inputs))
        return self.inputs[value]

    def _outside(self, value: SSAValue) -> SSAValue:
        """What the driver calls an argument of the untiled kernel."""
        assert isinstance(value, BlockArgument), "a kernel is isolated from above"
        return self.source.operands[value.index]

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
            return self._input(self.reader.operand(self.driver, outside, axes))
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
            return self._read(value, tuple(map(all_of, shape_of(value))))
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
