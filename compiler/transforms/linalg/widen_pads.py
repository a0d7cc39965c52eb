"""
Pads rows by a few elements more, so that vectors along them are whole registers.

Before, on a machine with eight lanes:
```mlir
%p = tensor.pad %x low[1, 1] high[1, 1] {…} : tensor<15x15xf32> to tensor<17x17xf32>
deploy.kernel(%p) outs(%y) {
  linalg.generic {indexing_maps = [(h, w, i, j) -> (h + i, w + j), …]}
      ins(%kp, %kw : tensor<17x17xf32>, tensor<3x3xf32>) outs(%ky : tensor<15x15xf32>) …
```
After:
```mlir
%p = tensor.pad %x low[1, 1] high[1, 2] {…} : tensor<15x15xf32> to tensor<17x18xf32>
deploy.kernel(%p) outs(%y) {
  linalg.generic {indexing_maps = [(h, w, i, j) -> (h + i, w + j), …]}
      ins(%kp, %kw : tensor<17x18xf32>, tensor<3x3xf32>) outs(%ky : tensor<15x15xf32>) …
```
A row of 15 results is a part of two registers, what a loop carries are whole ones: each
load has to tell of 15 lanes, and each product of 16. Sixteen neighbours do not differ
from 15 in that, and one sum of them is left behind in the end. That is done where a
row does not become longer by more than an eighth, or its results are a part of one
register, on machines whose instructions are told of a number of lanes.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg, tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Use
from xdsl.ir.affine import AffineDimExpr
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.footprint import linear
from ...analysis.pads import is_static, widths
from ...analysis.structured import input_map, loop_ranges, output_map, shape_of
from ...analysis.vectors import whole_lanes
from ...dialects.deploy import KernelOp
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate

LONGER = 8
"""A row for more than one register may become longer by so large a part of it."""

WINDOW = 2
"""Loops, at least, whose sum is a place in a row: of results, and of a window."""

REGISTERS = 2
"""Registers, at most, of a vector: windows of more have no room beside sums."""


def lacking(pad: tensor.PadOp, lanes: int) -> int:
    """Elements that rows of `pad` lack; 0 where somebody would see that they go on."""
    found: list[int | None] = []
    for use in pad.result.uses:
        kernel = use.operation
        if not isinstance(kernel, KernelOp) or use.index >= len(kernel.inputs):
            return 0
        inner = kernel.block.args[use.index].uses
        found += [missing(reader, lanes) for reader in inner]
    known = [more for more in found if more is not None]
    return max(known, default=0) if len(known) == len(found) else 0


def missing(use: Use, lanes: int) -> int | None:
    """
    Elements that a row lacks for a window over it to have whole registers.

    None where something else reads it, which may be as long as it is.
    """
    op = use.operation
    if not isinstance(op, linalg.ops.GenericOp) or use.index >= len(op.inputs):
        return None
    along, ranges = output_map(op, 0).results[-1], loop_ranges(op)
    place = linear(input_map(op, use.index).results[-1], len(ranges))
    if place is None or sum(map(bool, place.factors)) < WINDOW:
        return None
    if not isinstance(along, AffineDimExpr):
        return 0
    step, columns = place.factors[along.position], ranges[along.position]
    if step <= 0 or columns % lanes == 0 or columns > REGISTERS * lanes:
        return 0
    more = step * (whole_lanes(columns) - columns)
    row = shape_of(op.operands[use.index])[-1]
    return more if columns < lanes or LONGER * more <= row else 0


def widen(pad: tensor.PadOp, more: int) -> None:
    """Pads so many elements more behind each row."""
    type_ = pad.result.type
    assert isa(type_, TensorType), "a padded value is a tensor"
    *before, columns = type_.get_shape()
    wider = TensorType(type_.element_type, [*before, columns + more])
    low, high = zip(*widths(pad), strict=True)
    new = tensor.PadOp(
        pad.source,
        [],
        [],
        pad.detach_region(pad.region),
        low,
        (*high[:-1], high[-1] + more),
        wider,
    )
    Rewriter.insert_op(locate(new, pad.location), InsertPoint.before(pad))
    readers = [use.operation for use in pad.result.uses]
    pad.result.replace_all_uses_with(new.result)
    for kernel in readers:
        assert isinstance(kernel, KernelOp), "kernels read it alone"
        kernel.retype()
    pad.detach()
    pad.erase()


class LinalgWidenPadsPass(ModulePass):
    """Pads rows by a few elements more, so that vectors are whole registers."""

    name = "linalg-widen-pads"
    needs = (Property.STRUCTURED, Property.WHOLE_PADS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or not machine_of(op).has_riscv_vectors:
            return
        lanes = machine_of(op).float_lanes
        for pad in tuple(op.walk()):
            if not isinstance(pad, tensor.PadOp) or not is_static(pad):
                continue
            if isinstance(pad.parent_op(), KernelOp):
                continue
            more = lacking(pad, lanes)
            if more:
                widen(pad, more)
