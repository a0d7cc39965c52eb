"""
Constants take the order of axes in which a sum goes along neighbours.

Before, on a machine with eight lanes:
```mlir
memref.global "private" constant @w : memref<64x3xf32> = dense<…>
deploy.kernel(%x, %w) outs(%y) {
  linalg.generic {indexing_maps = [(n, k) -> (k), (n, k) -> (k, n), …]}
      ins(%kx, %kw : memref<64xf32>, memref<64x3xf32>) outs(%ky : memref<3xf32>) …
```
After:
```mlir
memref.global "private" constant @w_0 : memref<3x64xf32> = dense<…>
deploy.kernel(%x, %w_0) outs(%y) {
  linalg.generic {indexing_maps = [(n, k) -> (k), (n, k) -> (n, k), …]}
      ins(%kx, %kw : memref<64xf32>, memref<3x64xf32>) outs(%ky : memref<3xf32>) …
```
Lanes are then those of the sum: eight of 64 elements at once, where three results leave
five of eight lanes idle. That is done where it takes a tenth fewer instructions, also
than with rows that are lengthened, to constants that nobody else reads and whose rows
do not fill registers, if what they are multiplied with goes along neighbours as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.passes import ModulePass

from ...analysis.footprint import linear
from ...analysis.structured import reduction_loops
from ...dialects.deploy import KernelOp
from ...properties import Property
from .constants import retype
from .longer_rows import longer
from .operands import operand_map, set_operand_map
from .pricing import WORTH
from .reductions import combining
from .reforming import (
    Reforming,
    buffer_type,
    reader_of,
    reform,
    takes_dots,
    uncut_inputs,
)
from .remade import is_own, turned


class Turn(NamedTuple):
    """An argument of a kernel, and the order that its axes get."""

    argument: int
    order: tuple[int, ...]


def turns(kernel: KernelOp) -> Iterator[Turn]:
    """The constants of a kernel that can be turned so that a sum is innermost."""
    for op, number, value in uncut_inputs(kernel):
        if combining(op) is not None and is_own(kernel, value):
            yield from turns_of(op, number, value)


def turns_of(op: linalg.GenericOp, number: int, value: BlockArgument) -> Iterator[Turn]:
    """The same for one operand of an operation."""
    sums, results = set(reduction_loops(op)), operand_map(op, number).results
    if not results or sums.intersection(results[-1].used_dims()):
        return
    others = [n for n in range(len(op.inputs)) if n != number]
    for axis, index in enumerate(results):
        if not isinstance(index, AffineDimExpr) or index.position not in sums:
            continue
        if all(is_along(op, n, index.position) for n in others):
            order = [n for n in range(len(results)) if n != axis]
            yield Turn(value.index, (*order, axis))


def is_along(op: linalg.GenericOp, number: int, loop: int) -> bool:
    """Whether an operand does not move with a loop, or from neighbour to neighbour."""
    map_ = operand_map(op, number)
    moving = [n for n, e in enumerate(map_.results) if loop in e.used_dims()]
    if not moving:
        return True
    sums = linear(map_.results[-1], map_.num_dims)
    is_last = moving == [len(map_.results) - 1]
    return is_last and sums is not None and sums.factors[loop] == 1


def turn(kernel: KernelOp, found: Turn) -> None:
    """Reads one argument of a kernel in another order of axes."""
    argument = kernel.block.args[found.argument]
    op, number = reader_of(argument)
    old, shape = operand_map(op, number), buffer_type(argument).get_shape()
    results = tuple(old.results[axis] for axis in found.order)
    set_operand_map(op, number, AffineMap(old.num_dims, 0, results))
    retype(argument, [shape[axis] for axis in found.order])


class Turning(Reforming):
    """Turns constants of kernels where that takes fewer instructions."""

    @override
    def visit(self, kernel: KernelOp) -> None:
        if takes_dots(kernel, self.machine):
            return
        for found in list(turns(kernel)):
            is_uneven = self._is_uneven(kernel.block.args[found.argument])
            if is_uneven and self._is_better(kernel, found):
                form = partial(turned, order=found.order)
                self.constants.remake(kernel, found.argument, form)
                turn(kernel, found)

    def _is_uneven(self, argument: BlockArgument) -> bool:
        """Whether rows of a constant do not fill registers."""
        return buffer_type(argument).get_shape()[-1] % self.machine.float_lanes > 0

    def _is_better(self, kernel: KernelOp, found: Turn) -> bool:
        """Whether a kernel takes fewer instructions with an argument turned."""
        after = self.price_with(kernel, partial(turn, found=found)).instructions
        kept = longer(self, kernel) or self.pricing.of(kernel.block)
        return after < WORTH * kept.instructions


class VectorTurnWeightsPass(ModulePass):
    """Gives constants the order of axes in which a sum goes along neighbours."""

    name = "vector-turn-weights"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        reform(op, Turning)
