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
from dataclasses import dataclass
from functools import partial
from math import prod

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.utils.hints import isa

from ...analysis.structured import loop_ranges, reduction_loops
from ...dialects.deploy import KernelOp
from ...machine import has_machine, machine_of
from ...properties import Property
from .blocks import BLOCKS_ATTRIBUTE
from .constants import retype
from .operands import are_known_without, operand_map, set_operand_map
from .pricing import Pricing
from .remade import Remade, is_own, lengthened
from .spare import whole_lanes

MOST_REGISTERS = 8
"""Registers, at most, of a vector."""


def uneven(kernel: KernelOp, lanes: int) -> Iterator[BlockArgument]:
    """The constants whose rows are no whole registers, and that sums read along."""
    for op in kernel.block.ops:
        if not isinstance(op, linalg.GenericOp) or BLOCKS_ATTRIBUTE in op.attributes:
            continue
        for number, value in enumerate(op.inputs):
            is_part = is_uneven(op, number, lanes) and kept_axes(op, number) is not None
            if isinstance(value, BlockArgument) and is_part and is_own(kernel, value):
                yield value


def is_uneven(op: linalg.GenericOp, number: int, lanes: int) -> bool:
    """Whether results go along rows of an operand that do not fill registers."""
    results, sums = operand_map(op, number).results, set(reduction_loops(op))
    if not results or not sums or not isinstance(results[-1], AffineDimExpr):
        return False
    loop = results[-1].position
    rounds = loop_ranges(op)[loop]
    is_part = rounds % lanes > 0 and 1 < rounds <= MOST_REGISTERS * lanes
    return loop not in sums and is_part


def kept_axes(op: linalg.GenericOp, number: int) -> int | None:
    """
    The first axes of an operand that stay, so that loops are as long as they are.

    The others, two or more, become a row.
    """
    axes = range(len(operand_map(op, number).results) - 1)
    return next((n for n in axes if are_known_without(op, number, n)), None)


def lengthen(argument: BlockArgument, more: int) -> None:
    """Reads the last axes of an argument as one row that goes on for `more`."""
    (use,) = argument.uses
    op, type_ = use.operation, argument.type
    assert isinstance(op, linalg.GenericOp), "it is read by one operand"
    assert isa(type_, MemRefType), "a constant is a buffer"
    shape, map_ = type_.get_shape(), operand_map(op, use.index)
    kept = kept_axes(op, use.index)
    assert kept is not None, "two axes can be one row"
    place: AffineExpr = AffineConstantExpr(0)
    for axis in range(kept, len(shape)):
        place = place + map_.results[axis] * prod(shape[axis + 1 :])
    new = AffineMap(map_.num_dims, 0, (*map_.results[:kept], place))
    set_operand_map(op, use.index, new)
    retype(argument, [*shape[:kept], prod(shape[kept:]) + more])


@dataclass(frozen=True)
class Lengthening:
    """Lengthens constants of kernels where that takes fewer instructions."""

    pricing: Pricing
    constants: Remade

    def visit(self, kernel: KernelOp) -> None:
        """Lengthens what is worth it."""
        lanes = self.pricing.machine.float_lanes
        found = [argument.index for argument in uneven(kernel, lanes)]
        more = self._more(kernel, found) if found else 0
        for number in found if more else ():
            lengthen(kernel.block.args[number], more)
            type_ = kernel.block.args[number].type
            assert isa(type_, MemRefType), "a constant is a buffer"
            form = partial(lengthened, shape=type_.get_shape())
            self.constants.remake(kernel, number, form)

    def _more(self, kernel: KernelOp, arguments: Sequence[int]) -> int:
        """The elements that make vectors whole; none where that gains nothing."""
        trial = kernel.clone()
        for number in arguments:
            lengthen(trial.block.args[number], MOST_REGISTERS * self._lanes)
        after, before = (self.pricing.of(one.block) for one in (trial, kernel))
        trial.erase()
        is_better = after.instructions < before.instructions
        return whole_lanes(after.lanes) - after.lanes if is_better else 0

    @property
    def _lanes(self) -> int:
        return self.pricing.machine.float_lanes


@dataclass(frozen=True)
class VectorLengthenWeightsPass(ModulePass):
    """Gives constants a few elements more, so that vectors of them are whole."""

    name = "vector-lengthen-weights"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or not machine_of(op).has_riscv_vectors:
            return
        lengthening = Lengthening(Pricing(machine_of(op)), Remade(op))
        for kernel in list(op.walk()):
            if isinstance(kernel, KernelOp):
                lengthening.visit(kernel)
        lengthening.constants.clear()
