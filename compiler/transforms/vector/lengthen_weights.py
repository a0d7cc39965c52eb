"""
Constants get a few elements more, so that vectors of them are whole registers.

Before, on a machine with eight lanes:
```mlir
memref.global "private" constant @w : memref<64x6xf32> = dense<…>
deploy.kernel(%x, %w) outs(%y) {
  linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), …]}
      ins(%kx, %kw : memref<9x64xf32>, memref<64x6xf32>) outs(%ky : memref<9x6xf32>) …
```
After:
```mlir
memref.global "private" constant @w_0 : memref<386xf32> = dense<…>
deploy.kernel(%x, %w_0) outs(%y) {
  linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k * 6 + n), …]}
      ins(%kx, %kw : memref<9x64xf32>, memref<386xf32>) outs(%ky : memref<9x6xf32>) …
```
Six results are a part of a register, what a loop carries is a whole one: each round has
to tell of six lanes for the weights and of eight for the sums. Eight neighbours do not
differ from six in that, and two sums of them are left behind in the end. The last row
has none, so two elements follow. That is done where it takes fewer instructions, to
constants that nobody else reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass

from ...analysis.structured import loop_ranges, reduction_loops
from ...analysis.vectors import whole_lanes
from ...dialects.deploy import KernelOp
from ...properties import Property
from .constants import retype
from .operands import are_known_without, operand_map, set_operand_map
from .reforming import Reforming, buffer_type, reader_of, reform, uncut_inputs
from .remade import is_own, lengthened


def rounds_along(op: linalg.GenericOp, number: int) -> int:
    """Rounds of the loop of results, if any, that goes along rows of an operand."""
    results, sums = operand_map(op, number).results, set(reduction_loops(op))
    if not results or not sums or not isinstance(results[-1], AffineDimExpr):
        return 0
    loop = results[-1].position
    return 0 if loop in sums else loop_ranges(op)[loop]


def kept_axes(op: linalg.GenericOp, number: int) -> int | None:
    """
    The first axes of an operand that stay, so that loops are as long as they are.

    The others, two or more, become a row.
    """
    axes = range(len(operand_map(op, number).results) - 1)
    return next((n for n in axes if are_known_without(op, number, n)), None)


def lengthen_argument(argument: BlockArgument, more: int) -> None:
    """Reads the last axes of an argument as one row that goes on for `more`."""
    op, number = reader_of(argument)
    shape, map_ = buffer_type(argument).get_shape(), operand_map(op, number)
    kept = kept_axes(op, number)
    assert kept is not None, "two axes can be one row"
    place: AffineExpr = AffineConstantExpr(0)
    for axis in range(kept, len(shape)):
        place = place + map_.results[axis] * prod(shape[axis + 1 :])
    new = AffineMap(map_.num_dims, 0, (*map_.results[:kept], place))
    set_operand_map(op, number, new)
    retype(argument, [*shape[:kept], prod(shape[kept:]) + more])


def lengthen(kernel: KernelOp, arguments: Sequence[int], more: int) -> None:
    """The same for some arguments of a kernel."""
    for number in arguments:
        lengthen_argument(kernel.block.args[number], more)


class Lengthening(Reforming):
    """Lengthens constants of kernels where that takes fewer instructions."""

    @override
    def visit(self, kernel: KernelOp) -> None:
        if not self.machine.has_riscv_vectors:
            return
        found = list(self._uneven(kernel))
        more = self._more(kernel, found) if found else 0
        if not more:
            return
        lengthen(kernel, found, more)
        for number in found:
            shape = buffer_type(kernel.block.args[number]).get_shape()
            self.constants.remake(kernel, number, partial(lengthened, shape=shape))

    def _uneven(self, kernel: KernelOp) -> Iterator[int]:
        """The constants whose rows are no whole registers, and that sums read along."""
        for op, number, value in uncut_inputs(kernel):
            rounds = rounds_along(op, number)
            is_part = rounds % self.machine.float_lanes and rounds <= self.most_lanes
            is_row = rounds > 1 and kept_axes(op, number) is not None
            if is_part and is_row and is_own(kernel, value):
                yield value.index

    def _more(self, kernel: KernelOp, arguments: Sequence[int]) -> int:
        """The elements that make vectors whole; none where that gains nothing."""
        change = partial(lengthen, arguments=arguments, more=self.most_lanes)
        after = self.price_with(kernel, change)
        is_better = after.instructions < self.pricing.of(kernel.block).instructions
        return whole_lanes(after.lanes) - after.lanes if is_better else 0


class VectorLengthenWeightsPass(ModulePass):
    """Gives constants a few elements more, so that vectors of them are whole."""

    name = "vector-lengthen-weights"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        reform(op, Lengthening)
