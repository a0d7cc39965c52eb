"""
The memory behind the tensors of a driver: arguments, buffers, constants, their parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StridedLayoutAttr,
    StringAttr,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.lifetimes import operations_of
from ...analysis.memory import level_of
from ...analysis.regions import Path, Reshape, Slice, row_major
from ...analysis.sharing import Buffer, Holder, Places
from ...analysis.strided import Group
from ...dialects.deploy import BufferOp, DmaStartOp, DmaWaitOp
from ...dialects.deploy.marks import NAME_ATTRIBUTE
from ...dialects.memref import constant_global
from ...rewriting import locate, node_names
from .kernels import copy_kernel, element_type_of


def labels_in(driver: func.FuncOp) -> set[str]:
    """The labels of all buffers."""
    return {op.label.data for op in operations_of(driver) if isinstance(op, BufferOp)}


def free_label(name: str, labels: set[str]) -> str:
    """`name`, with a number where it is one of `labels` already; it is from now on."""
    candidates = (name if n == 0 else f"{name}.{n}" for n in range(len(labels) + 1))
    label = next(label for label in candidates if label not in labels)
    labels.add(label)
    return label


@dataclass
class Constants:
    """The constants of a module, each once."""

    module: ModuleOp
    space: StringAttr
    globals: dict[Attribute, memref.GlobalOp] = field(
        default_factory=dict[Attribute, memref.GlobalOp]
    )

    def of(self, op: arith.ConstantOp) -> memref.GetGlobalOp:
        """Access to the data of `op`."""
        data = cast(DenseIntOrFPElementsAttr, op.value)
        if data not in self.globals:
            self.globals[data] = self._new(op, data)
        known = self.globals[data]
        return memref.GetGlobalOp(known.sym_name.data, known.type)

    def _new(
        self, op: arith.ConstantOp, data: DenseIntOrFPElementsAttr
    ) -> memref.GlobalOp:
        names = node_names(op.location) or tuple(
            name
            for use in op.result.uses
            for name in node_names(use.operation.location)
        )
        symbol = f"weights_{len(self.globals)}"
        new = constant_global(symbol, data, self.space)
        new.attributes[NAME_ATTRIBUTE] = StringAttr(names[0] if names else symbol)
        new.location = op.location
        block = self.module.body.block
        last = list(self.globals.values())[-1:]
        if last:
            block.insert_ops_after([new], last[0])
        else:
            Rewriter().insert_op(new, InsertPoint.at_start(block))
        return new


@dataclass
class Storage:
    """The memory of one driver's tensors, made as it is needed."""

    places: Places
    constants: Constants
    labels: set[str]
    """The labels of all buffers so far."""
    roots: dict[Buffer, SSAValue] = field(default_factory=dict[Buffer, SSAValue])
    """The whole of each buffer that has been used so far."""
    parts: dict[tuple[Block, SSAValue, Path], SSAValue] = field(
        default_factory=dict[tuple[Block, SSAValue, Path], SSAValue]
    )
    """The parts that have been made in each block."""

    def value(self, holder: Holder, before: Operation) -> SSAValue:
        """The memory of `holder`, for use right before an operation."""
        buffer = self.places.buffer[holder]
        return self.part(buffer, self.places.path(holder), before)

    def part_of(self, whole: Holder, steps: Path, before: Operation) -> SSAValue:
        """The memory where `steps` lead from `whole`."""
        path = self.places.path_of_part(whole, steps)
        return self.part(self.places.buffer[whole], path, before)

    def part(self, buffer: Buffer, path: Path, before: Operation) -> SSAValue:
        """The memory at `path` of `buffer`."""
        if buffer not in self.roots:
            self.roots[buffer] = self._root(buffer, before)
        value = self.roots[buffer]
        for step in path:
            value = self._step(value, step, before)
        return value

    def _step(
        self, value: SSAValue, step: Slice | Reshape, before: Operation
    ) -> SSAValue:
        block: Block | None = before.parent
        assert block is not None, "a driver's operation stands in a block"
        around: Block | None = block
        while around is not None:
            if (around, value, (step,)) in self.parts:
                return self.parts[around, value, (step,)]
            around = around.parent_block()
        part = locate(part_op(value, step), before.location)
        Rewriter().insert_op(part, InsertPoint.before(before))
        self.parts[block, value, (step,)] = part.results[0]
        return part.results[0]

    def _root(self, buffer: Buffer, before: Operation) -> SSAValue:
        """The whole of a buffer that no argument is."""
        block = self.places.function.body.block
        at = before
        while at.parent is not block:
            at = cast(Operation, at.parent_op())
        fixed = buffer.fixed
        if isinstance(fixed, SSAValue):
            constant = self.constants.of(cast(arith.ConstantOp, fixed.owner))
            new, value = constant, constant.memref
        else:
            member = next(m for m in buffer.members if isinstance(m, SSAValue))
            element = element_type_of(member.type)
            names = node_names(before.location)
            label = free_label(names[0] if names else "buffer", self.labels)
            space = StringAttr(buffer.level)
            new = BufferOp(label, MemRefType(element, buffer.shape, memory_space=space))
            value = new.result
        Rewriter().insert_op(locate(new, before.location), InsertPoint.before(at))
        return value

    def copy(self, source: SSAValue, destination: SSAValue, before: Operation) -> None:
        """Copies right before an operation, by a kernel or by a transfer."""
        levels = level_of(source.type), level_of(destination.type)
        if self.places.levels.is_copied_by_kernel(*levels):
            new = [copy_kernel(source, destination)]
        else:
            self._check_linked(*levels, before)
            start = DmaStartOp(source, destination)
            new = [start, DmaWaitOp(start.token)]
        for op in new:
            locate(op, before.location)
        Rewriter().insert_op(new, InsertPoint.before(before))

    def _check_linked(self, source: str, destination: str, op: Operation) -> None:
        """Refuses what would be a transfer over several levels."""
        if source == destination or self.places.levels.is_linked(source, destination):
            return
        message = (
            "data must move between neighbouring memory levels, "
            f"got {source} to {destination}"
        )
        op.emit_error(message, PassFailedException(message))


def axes_attribute(groups: Sequence[Group]) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    """Which dimensions become one, or which come from one."""
    return ArrayAttr(ArrayAttr(IntegerAttr(axis, i64) for axis in g) for g in groups)


def collapsed(
    value: SSAValue, groups: Sequence[Group], type_: MemRefType[Attribute]
) -> Operation:
    """`value` with the dimensions of each group as one, which makes `type_` of it."""
    return memref.CollapseShapeOp.create(
        operands=[value],
        result_types=[type_],
        properties={"reassociation": axes_attribute(groups)},
    )


def part_op(value: SSAValue, step: Slice | Reshape) -> Operation:
    """The operation that makes a part, or another shape, of a memref."""
    type_ = cast(MemRefType[Attribute], value.type)
    if isinstance(step, Slice):
        part = step.offsets, step.sizes, step.strides
        return memref.SubviewOp.get(
            value, *part, memref.SubviewOp.infer_result_type(type_, *part)
        )
    offset = type_.get_offset()
    assert offset is not None, "only what stands at a known offset is reshaped"
    strides = row_major(step.shape).strides
    plain = MemRefType(type_.element_type, step.shape, memory_space=type_.memory_space)
    moved = MemRefType(
        type_.element_type,
        step.shape,
        StridedLayoutAttr(strides, offset),
        type_.memory_space,
    )
    result = moved if offset else plain
    return memref.ReinterpretCastOp.from_dynamic(
        value, [offset], step.shape, strides, result
    )
