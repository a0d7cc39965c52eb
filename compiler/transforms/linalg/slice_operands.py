"""
Lets operations that read only some of an operand's indices read a slice instead.

Before, kernels may not touch the level of %x:
```mlir
%y = linalg.generic {indexing_maps = [(d0) -> (d0 * 2), …]} ins(%x : tensor<7xf32>)
```
After:
```mlir
%s = tensor.extract_slice %x[0] [4] [2] : tensor<7xf32> to tensor<4xf32>
%y = linalg.generic {indexing_maps = [(d0) -> (d0), …]} ins(%s : tensor<4xf32>)
```

A tile then brings what it reads and nothing between or behind: a slice is the tensor it
is of, seen with other strides. An axis that several loops reach, as a window does, is
cut at its ends if at all, and that only of what the caller gives: what another kernel
makes may never exist whole. Only where something has to move: elsewhere strides cost
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg, tensor
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, ModuleOp, TensorType
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.footprint import linear
from ...analysis.levels import levels_around
from ...analysis.structured import indexing_maps, loop_ranges, shape_of
from ...properties import Property
from ...rewriting import locate


class Axis(NamedTuple):
    """What is read of one axis."""

    offset: int
    size: int
    stride: int
    expr: AffineExpr
    """The index in the slice."""


def is_given(value: SSAValue) -> bool:
    """Whether a value is what the caller gives, in whatever shape."""
    while isinstance(value.owner, tensor.CollapseShapeOp | tensor.ExpandShapeOp):
        value = value.owner.src
    return isinstance(value, BlockArgument)


def axis_of(expr: AffineExpr, size: int, extents: Sequence[int], can_end: bool) -> Axis:
    """
    What `expr` reads of an axis of that size.

    `can_end` tells whether what lies before and behind may be left out.
    """
    whole = Axis(0, size, 1, expr)
    sums = linear(expr, len(extents))
    if sums is None:
        return whole
    pairs = zip(sums.factors, extents, strict=True)
    reach = [factor * (extent - 1) for factor, extent in pairs]
    loops = [loop for loop, own in enumerate(reach) if own]
    if len(loops) == 1 and sums.factors[loops[0]] > 1:
        (loop,) = loops
        inside = AffineExpr.dimension(loop)
        return Axis(sums.constant, extents[loop], sums.factors[loop], inside)
    low = sums.constant + sum(own for own in reach if own < 0)
    read = 1 + sum(map(abs, reach))
    return Axis(low, read, 1, expr - low) if can_end and read < size else whole


def slice_operand(op: linalg.ops.GenericOp, index: int) -> None:
    """Lets `op` read a slice of input number `index` where it does not read all."""
    value, maps = op.inputs[index], indexing_maps(op)
    if not isa(value.type, TensorType) or isinstance(value.owner, tensor.PadOp):
        return
    extents, shape = loop_ranges(op), shape_of(value)
    pairs = zip(maps[index].results, shape, strict=True)
    axes = [axis_of(expr, size, extents, is_given(value)) for expr, size in pairs]
    if [axis.size for axis in axes] == list(shape):
        return
    exprs = tuple(axis.expr for axis in axes)
    read = AffineMap(maps[index].num_dims, 0, exprs)
    op.operands[index] = slice_of(op, value, axes)
    new = [read if n == index else map_ for n, map_ in enumerate(maps)]
    op.properties["indexing_maps"] = ArrayAttr(map(AffineMapAttr, new))


def slice_of(
    reader: linalg.ops.GenericOp, value: SSAValue, axes: Sequence[Axis]
) -> SSAValue:
    """What is read of these axes."""
    assert isa(value.type, TensorType[Attribute]), "asked before"
    sizes = [axis.size for axis in axes]
    op = tensor.ExtractSliceOp(
        value,
        [axis.offset for axis in axes],
        sizes,
        [axis.stride for axis in axes],
        TensorType(value.type.element_type, sizes),
    )
    Rewriter().insert_op(locate(op, reader.location), InsertPoint.before(reader))
    return op.result


class LinalgSliceOperandsPass(ModulePass):
    """Slices operands on a machine with levels that kernels may not touch."""

    name = "linalg-slice-operands"
    needs = (Property.STRUCTURED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if levels_around(op).is_flat:
            return
        for inner in tuple(op.walk()):
            if isinstance(inner, linalg.ops.GenericOp):
                for index in range(len(inner.inputs)):
                    slice_operand(inner, index)
