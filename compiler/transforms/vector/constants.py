"""The constants of a module, and who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    TensorType,
)
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from ...analysis.memory import level_of
from ...analysis.program import integer_of, known_index
from ...dialects.deploy.marks import OFFSET_ATTRIBUTE, ROLE_ATTRIBUTE
from ...dialects.memref import GlobalOp


class Constants:
    """What values of a driver stand for which constant."""

    def __init__(self, module: ModuleOp) -> None:
        self.calls: dict[str, list[func.CallOp]] = {}
        """The calls of each function."""
        self.at: dict[tuple[str, int], GlobalOp] = {}
        """Constants by their level and offset."""
        self.named: dict[str, GlobalOp] = {}
        self.readers: dict[GlobalOp, int] = {}
        """How many values stand for each constant."""
        for op in module.body.block.ops:
            if isinstance(op, GlobalOp):
                self.named[op.sym_name.data] = op
                offset = integer_of(op.attributes.get(OFFSET_ATTRIBUTE))
                if offset is not None:
                    self.at[level_of(op.type), offset] = op
        for op in module.walk():
            if isinstance(op, func.CallOp):
                name = op.callee.string_value()
                self.calls.setdefault(name, []).append(op)
            elif isinstance(op, memref.ViewOp | memref.GetGlobalOp):
                found = self.behind(op.results[0])
                if found is not None:
                    self.readers[found] = self.readers.get(found, 0) + 1

    def behind(self, value: SSAValue) -> GlobalOp | None:
        """The constant that `value` is, if it is a whole one."""
        owner = value.owner
        if isinstance(owner, memref.GetGlobalOp):
            return self.named.get(owner.name_.string_value())
        if not isinstance(owner, memref.ViewOp) or not is_weights(owner.source):
            return None
        offset = known_index(owner.byte_shift)
        return None if offset is None else self.at.get((level_of(value.type), offset))

    def is_alone(self, value: SSAValue) -> bool:
        """Whether `value` is a constant that is read by its one use and nobody else."""
        found = self.behind(value)
        return found is not None and value.has_one_use() and self.readers[found] == 1

    def rearrange(
        self,
        value: SSAValue,
        split: Sequence[Sequence[int]],
        places: Sequence[tuple[int, int]],
        shape: Sequence[int],
    ) -> None:
        """
        Puts the constant that `value` is into the order of `places`, under a shape.

        `split` and `places` as in `reordered`; bytes and offset stay as they are.
        """
        op = self.behind(value)
        assert op is not None, "it is a constant"
        type, data = op.type, op.initial_value
        assert isa(type, MemRefType), "a constant is a buffer"
        assert isinstance(data, DenseIntOrFPElementsAttr), "a constant has a value"
        moved = reordered(data, split, places)
        tensor = TensorType(data.get_element_type(), shape)
        op.properties["type"] = reshaped(type, shape)
        op.properties["initial_value"] = DenseIntOrFPElementsAttr(tensor, moved.data)
        retype(value, shape)


def reshaped(
    type: MemRefType[Attribute], shape: Sequence[int]
) -> MemRefType[Attribute]:
    """The type of the same elements, one after the other, under another shape."""
    return MemRefType(type.element_type, shape, memory_space=type.memory_space)


def retype(value: SSAValue, shape: Sequence[int]) -> SSAValue:
    """Gives a buffer another shape; what stands for it then."""
    assert isa(value.type, MemRefType), "it is a buffer"
    return Rewriter.replace_value_with_new_type(value, reshaped(value.type, shape))


def is_weights(value: SSAValue) -> bool:
    """Whether a value is the argument of a driver that all constants are in."""
    if not isinstance(value, BlockArgument):
        return False
    function = value.block.parent_op()
    if not isinstance(function, func.FuncOp) or function.arg_attrs is None:
        return False
    role = function.arg_attrs.data[value.index].data.get(ROLE_ATTRIBUTE)
    return role == StringAttr("weights")


def reordered(
    data: DenseIntOrFPElementsAttr,
    split: Sequence[Sequence[int]],
    places: Sequence[tuple[int, int]],
) -> DenseIntOrFPElementsAttr:
    """
    The elements in another order, as one row.

    Each axis becomes those of its extents in `split`, and these come in the order of
    `places`: an axis, and which one of its parts.
    """
    shape = [extent for parts in split for extent in parts]
    starts = list(accumulate(map(len, split), initial=0))
    order = [starts[axis] + part for axis, part in places]
    size = data.get_element_type().compile_time_size
    raw = np.frombuffer(data.data.data, dtype=np.dtype((np.void, size)))
    raw = np.broadcast_to(raw, int(np.prod(shape))) if raw.size == 1 else raw
    moved = np.ascontiguousarray(raw.reshape(shape).transpose(order))
    type = TensorType(data.get_element_type(), [moved.size])
    return DenseIntOrFPElementsAttr(type, BytesAttr(moved.tobytes()))
