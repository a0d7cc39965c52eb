"""How `nn` operations that only move elements are lowered."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.builder import Builder
from xdsl.dialects.builtin import FloatAttr, IntegerAttr
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr

from ...dialects import nn
from .progressions import Grid, as_grid, runs
from .structured import dims, joined, moved, padded, reshaped, sliced


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
    """One copy where the indices are a grid, else a slice for each progression."""
    axis, indices = op.axis.value.data, op.indices.get_values()
    if (grid := as_grid(indices)) is not None:
        copied = _copied(builder, args[0], axis, grid)
        return reshaped(builder, copied, nn.shape_of(op.result))
    shape = list(nn.shape_of(op.input))
    parts: list[SSAValue] = []
    for start, step, count in runs(indices):
        starts, steps, sizes = [0] * len(shape), [1] * len(shape), list(shape)
        starts[axis], steps[axis], sizes[axis] = start, step, count
        parts.append(sliced(builder, args[0], starts, steps, sizes))
    return joined(builder, parts, axis)


def _copied(builder: Builder, source: SSAValue, axis: int, grid: Grid) -> SSAValue:
    """The entries of a grid, whose rows and columns are dimensions of the result."""
    before, after = nn.shape_of(source)[:axis], nn.shape_of(source)[axis + 1 :]
    places = dims(len(before) + 2 + len(after))
    steps = zip(places[axis : axis + 2], (grid.outer, grid.inner), strict=True)
    first: AffineExpr = AffineConstantExpr(grid.start)
    entry = sum((place * step for place, step in steps if step), start=first)
    index = [*places[:axis], entry, *places[axis + 2 :]]
    shape = [*before, grid.rows, grid.columns, *after]
    return moved(builder, source, shape, index)
