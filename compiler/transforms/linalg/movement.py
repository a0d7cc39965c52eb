"""How `nn` operations that only move elements are lowered."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.builder import Builder
from xdsl.dialects.builtin import FloatAttr, IntegerAttr
from xdsl.ir import SSAValue

from ...dialects import nn
from .structured import dims, joined, moved, padded, reshaped, runs, sliced


def reshape(op: nn.ReshapeOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """Collapse and expand: no element moves."""
    return reshaped(builder, args[0], nn.shape_of(op.result))


def transpose(
    op: nn.TransposeOp, builder: Builder, args: Sequence[SSAValue]
) -> SSAValue:
    """A copy that reads through the permutation."""
    permutation = op.permutation.get_values()
    places = dims(len(permutation))
    index = [places[permutation.index(axis)] for axis in range(len(permutation))]
    return moved(builder, args[0], nn.shape_of(op.result), index)


def concat(op: nn.ConcatOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """Each operand into its slice of the result."""
    return joined(builder, args, op.axis.value.data)


def slice_(op: nn.SliceOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """A view, or a copy where a step is negative."""
    starts, steps = op.starts.get_values(), op.steps.get_values()
    return sliced(builder, args[0], starts, steps, nn.shape_of(op.result))


def pad(op: nn.PadOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """`tensor.pad` with a constant."""
    value = op.value
    assert isinstance(value, FloatAttr | IntegerAttr)
    low, high = op.low.get_values(), op.high.get_values()
    return padded(builder, args[0], low, high, value.value.data)


def gather(op: nn.GatherOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """A slice for each arithmetic progression of indices, joined."""
    axis = op.axis.value.data
    shape = list(nn.shape_of(op.input))
    parts: list[SSAValue] = []
    for start, step, count in runs(op.indices.get_values()):
        starts, steps, sizes = [0] * len(shape), [1] * len(shape), list(shape)
        starts[axis], steps[axis], sizes[axis] = start, step, count
        parts.append(sliced(builder, args[0], starts, steps, sizes))
    return joined(builder, parts, axis)
