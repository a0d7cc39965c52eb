"""
Buffers with two halves, and what changes for who uses one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType, StridedLayoutAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.access import VIEWS
from ...analysis.regions import row_major
from ...analysis.schedules import HALVES
from ...analysis.structured import shape_of
from ...dialects.deploy import BufferOp, KernelOp
from ...rewriting import locate


@dataclass
class NewBuffers:
    """The buffers that a change of one loop adds to a driver."""

    labels: set[str]
    """The labels of all buffers."""
    made: list[Operation] = field(default_factory=list[Operation])
    wholes: dict[tuple[SSAValue, tuple[int, ...]], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, tuple[int, ...]], SSAValue]
    )
    """Both halves of what is doubled, by the shape of one."""

    def undo(self) -> None:
        """Erases them all."""
        for op in reversed(self.made):
            op.detach()
            op.erase()

    def double(self, buffer: SSAValue) -> None:
        """Makes a buffer for both halves of `buffer`."""
        owner = cast(BufferOp, buffer.owner)
        new = BufferOp(owner.label.data, both_type(buffer.type, shape_of(buffer)))
        self._put(new, owner)
        self.wholes[buffer, shape_of(buffer)] = new.result

    def both(self, buffer: SSAValue, shape: tuple[int, ...]) -> SSAValue:
        """Both halves of what has been doubled, each under that shape."""
        if (buffer, shape) not in self.wholes:
            whole = self.wholes[buffer, shape_of(buffer)]
            type_ = both_type(buffer.type, shape)
            strides = row_major(type_.get_shape()).strides
            reshape = memref.ReinterpretCastOp.from_dynamic(
                whole, [0], type_.get_shape(), strides, type_
            )
            self._put(reshape, cast(BufferOp, buffer.owner))
            self.wholes[buffer, shape] = reshape.result
        return self.wholes[buffer, shape]

    def another(self, buffer: SSAValue) -> SSAValue:
        """A new buffer like this one."""
        owner = cast(BufferOp, buffer.owner)
        label = owner.label.data
        names = (f"{label}.{number}" for number in range(1, len(self.labels) + 2))
        name = next(name for name in names if name not in self.labels)
        self.labels.add(name)
        new = BufferOp(name, owner.result.type)
        self._put(new, owner)
        return new.result

    def _put(self, op: Operation, origin: BufferOp) -> None:
        op.results[0].name_hint = origin.result.name_hint
        locate(op, origin.location)
        Rewriter().insert_op(op, InsertPoint.before(origin))
        self.made.append(op)


def both_type(type_: Attribute, shape: Sequence[int]) -> MemRefType[Attribute]:
    """The type of two halves that have this shape, in the level of `type_`."""
    one = cast("MemRefType[Attribute]", type_)
    return MemRefType(one.element_type, (HALVES, *shape), memory_space=one.memory_space)


def floating(type_: MemRefType[Attribute]) -> MemRefType[Attribute]:
    """The type of the same elements at a place that is known at run time only."""
    layout = StridedLayoutAttr(type_.get_strides() or (), None)
    return MemRefType(type_.element_type, type_.get_shape(), layout, type_.memory_space)


def half_of(
    both: SSAValue, half: SSAValue, type_: MemRefType[Attribute]
) -> memref.SubviewOp:
    """One half of a buffer, which had `type_` as long as it was alone."""
    shape = type_.get_shape()
    offsets: list[SSAValue | int] = [half, *(0 for _ in shape)]
    return memref.SubviewOp.get(
        both, offsets, [1, *shape], [1] * (len(shape) + 1), floating(type_)
    )


def captured(op: Operation) -> list[SSAValue]:
    """The values from outside that `op` and what is inside it use, each once."""
    inner = list(op.walk())
    own: set[SSAValue] = {result for each in inner for result in each.results}
    blocks = (b for each in inner for region in each.regions for b in region.blocks)
    own.update(arg for block in blocks for arg in block.args)
    used = (value for each in inner for value in each.operands)
    return list(dict.fromkeys(value for value in used if value not in own))


def reshapes_in(
    op: Operation, doubled: Sequence[SSAValue]
) -> Iterator[memref.ReinterpretCastOp]:
    """The other shapes of doubled buffers that are made inside `op`."""
    for inner in op.walk():
        if inner is op or not isinstance(inner, memref.ReinterpretCastOp):
            continue
        if inner.source in doubled:
            yield inner


def adapt(op: Operation) -> None:
    """Gives parts, and the arguments of kernels, the types that their operands ask."""
    for inner in op.walk():
        if isinstance(inner, VIEWS):
            adapt_view(inner)
        elif isinstance(inner, KernelOp):
            inner.retype()


def adapt_view(view: Operation) -> None:
    """A part of what stands at an unknown place stands at one, too."""
    result = view.results[0]
    type_ = cast("MemRefType[Attribute]", result.type)
    source = cast("MemRefType[Attribute]", view.operands[0].type)
    if source.get_offset() is None and type_.get_offset() is not None:
        Rewriter.replace_value_with_new_type(result, floating(type_))
