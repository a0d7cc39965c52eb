"""How reads at computed places are lowered."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.builder import Builder
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import IndexType, i32
from xdsl.ir import SSAValue

from ...dialects import nn
from .structured import constant, elementwise


def inside(builder: Builder, index: SSAValue, size: int) -> SSAValue:
    """A place among `size`: an index below zero is from the end; then the nearest."""
    zero, count, last = (constant(builder, n, index.type) for n in (0, size, size - 1))
    below = builder.insert(arith.CmpiOp(index, zero, "slt")).result
    shifted = builder.insert(arith.AddiOp(index, count)).result
    place = builder.insert(arith.SelectOp(below, shifted, index)).result
    place = builder.insert(arith.MaxSIOp(place, zero)).result
    place = builder.insert(arith.MinSIOp(place, last)).result
    if place.type == i32:
        return place
    return builder.insert(arith.TruncIOp(place, i32)).result


def places(builder: Builder, indices: SSAValue, size: int) -> SSAValue:
    """Indices of any value as places among `size`, each looked at once."""

    def body(inner: Builder, args: Sequence[SSAValue]) -> SSAValue:
        return inside(inner, args[0], size)

    return elementwise(builder, [indices], nn.shape_of(indices), i32, body)


def take(op: nn.TakeOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """One parallel generic over the result, whose body captures the source."""
    source, *indices = args
    sizes, axes = nn.shape_of(op.source), op.axes.get_values()
    chosen = [
        places(builder, value, sizes[axis])
        for axis, value in zip(axes, indices, strict=True)
    ]
    type = nn.tensor_type(source).element_type

    def body(inner: Builder, args: Sequence[SSAValue]) -> SSAValue:
        found: dict[int, SSAValue] = {}
        for axis, place in zip(axes, args, strict=False):
            found[axis] = inner.insert(arith.IndexCastOp(place, IndexType())).result
        for axis, loop in zip(op.kept_axes, op.along.get_values(), strict=True):
            found[axis] = inner.insert(linalg.ops.IndexOp(loop)).result
        ordered = [found[axis] for axis in range(len(sizes))]
        return inner.insert(tensor.ExtractOp(source, ordered, type)).result

    return elementwise(builder, chosen, nn.shape_of(op.result), type, body)
