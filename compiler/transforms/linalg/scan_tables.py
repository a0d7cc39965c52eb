"""
Reads large tables at computed places tile by tile, where tiles have to be brought.

Before, kernels may not touch the level of %t:
```mlir
%y = linalg.generic {indexing_maps = [(d0, d1) -> (d0, 0), …]} ins(%i : tensor<4x1xi32>)
^bb0(%p: i32, %o: f32):
  %row = arith.index_cast %p : i32 to index
  %column = linalg.index 1 : index
  %e = tensor.extract %t[%row, %column] : tensor<1000x64xf32>
  linalg.yield %e : f32
```
After:
```mlir
%n = arith.constant dense<[0, 1, …]> : tensor<1000xi32>
%f = linalg.fill …
%y = linalg.generic {indexing_maps = [(d0, d1, d2) -> (d0, 0), (d0, d1, d2) -> (d2),
                                      (d0, d1, d2) -> (d2, d1), …]}
    ins(%i, %n, %t : …) outs(%f : …)
^bb0(%p: i32, %k: i32, %e: f32, %o: f32):
  %hit = arith.cmpi eq, %p, %k : i32
  %s = arith.select %hit, %e, %o : f32
  linalg.yield %s : f32
```

A captured table counts as read at once, and so has to fit beside everything else; this
one is an operand like any other, whose tiles come by transfers. Every result looks at
all entries, so tables that fit nearly everywhere stay captured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FixedBitwidthType,
    ModuleOp,
    TensorType,
    i32,
)
from xdsl.ir import BlockArgument, SSAValue
from xdsl.ir.affine import AffineExpr
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...analysis.levels import levels_around
from ...analysis.structured import (
    input_map,
    is_identity,
    is_parallel,
    output_map,
    shape_of,
)
from ...properties import Property
from ...rewriting import locate, replace
from .structured import filled, generic

CAPTURED_BYTES = 1 << 14
"""Tables up to this size stay whole: trials of sizes share what is decided here."""


@dataclass(frozen=True)
class Reading:
    """An operation that does nothing but read a table at places."""

    op: linalg.ops.GenericOp
    table: SSAValue
    axes: tuple[int, ...]
    """The loop, or behind all loops the input, that says each place."""

    @property
    def loops(self) -> int:
        """How many loops the operation has."""
        return len(shape_of(self.op.outputs[0]))

    @property
    def bytes(self) -> int:
        """Of the table."""
        assert isa(self.table.type, TensorType[FixedBitwidthType])
        return prod(shape_of(self.table)) * self.table.type.element_type.size


def reading_of(op: linalg.ops.GenericOp) -> Reading | None:
    """What `op` reads and where; None when it does anything else."""
    last = op.body.block.last_op
    extract = last.operands[0].owner if last is not None else None
    if not isinstance(extract, tensor.ExtractOp) or not is_parallel(op):
        return None
    if len(op.outputs) != 1 or not is_identity(output_map(op, 0)):
        return None
    loops = len(shape_of(op.outputs[0]))
    axes = [_axis(op, index, loops) for index in extract.indices]
    known = tuple(axis for axis in axes if axis is not None)
    return Reading(op, extract.tensor, known) if len(known) == len(axes) else None


def _axis(op: linalg.ops.GenericOp, index: SSAValue, loops: int) -> int | None:
    """Where an index comes from: a loop, or an input as it is."""
    owner = index.owner
    if isinstance(owner, linalg.ops.IndexOp):
        return owner.dim.value.data
    if not isinstance(owner, arith.IndexCastOp) or owner.input.type != i32:
        return None
    place: SSAValue = owner.input
    if not isinstance(place, BlockArgument) or place.block is not op.body.block:
        return None
    return loops + place.index if place.index < len(op.inputs) else None


def numbers(builder: Builder, size: int) -> SSAValue:
    """The numbers of the entries of a dimension."""
    values = np.arange(size, dtype=np.int32).tolist()
    dense = DenseIntOrFPElementsAttr.from_list(TensorType(i32, [size]), values)
    return builder.insert(arith.ConstantOp(dense)).result


def scanned(reading: Reading, builder: Builder) -> SSAValue:
    """The same result out of a reduction over all entries."""
    op, loops, sizes = reading.op, reading.loops, shape_of(reading.table)
    chosen = [axis for axis, where in enumerate(reading.axes) if where >= loops]
    entry = {axis: loops + number for number, axis in enumerate(chosen)}
    dims = [AffineExpr.dimension(loop) for loop in range(loops + len(chosen))]
    inputs: list[tuple[SSAValue, Sequence[AffineExpr]]] = []
    for axis in chosen:
        place = reading.axes[axis] - loops
        inputs.append((op.inputs[place], input_map(op, place).results))
        inputs.append((numbers(builder, sizes[axis]), [dims[entry[axis]]]))
    index = [dims[entry.get(axis, where)] for axis, where in enumerate(reading.axes)]
    inputs.append((reading.table, index))

    def body(inner: Builder, args: Sequence[SSAValue]) -> SSAValue:
        result, kept = args[-2], args[-1]
        for place, number in zip(args[:-2:2], args[1:-2:2], strict=True):
            hit = inner.insert(arith.CmpiOp(place, number, "eq")).result
            result = inner.insert(arith.SelectOp(hit, result, kept)).result
        return result

    shape = shape_of(op.outputs[0])
    start = filled(builder, shape, 0, op.body.block.args[-1].type)
    return generic(builder, len(dims), inputs, (start, dims[:loops]), body)


class ScanTable(RewritePattern):
    """A read of a table that has to be brought => a reduction over its entries."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: linalg.ops.GenericOp, rewriter: PatternRewriter
    ) -> None:
        """Acts on large tables in levels that kernels may not touch."""
        reading, levels = reading_of(op), levels_around(op)
        if reading is None or levels.is_open(levels.of(reading.table)):
            return
        if reading.bytes <= CAPTURED_BYTES:
            return
        before = op.prev_op
        result = scanned(reading, Builder(InsertPoint.before(op)))
        new = op.prev_op
        while new is not None and new is not before:
            locate(new, op.location)
            new = new.prev_op
        replace(rewriter, op, [], [result])


class LinalgScanTablesPass(ModulePass):
    """Makes large tables operands on machines with levels kernels may not touch."""

    name = "linalg-scan-tables"
    needs = (Property.STRUCTURED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(ScanTable(), apply_recursively=False).rewrite_module(op)
