"""Rows of constants that go on for some elements, so that vectors are whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import NamedTuple

from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

from ...analysis.structured import loop_ranges, reduction_loops
from ...analysis.vectors import whole_lanes
from ...dialects.deploy import KernelOp
from ...machine import Machine
from .constants import retype
from .operands import are_known_without, operand_map, set_operand_map
from .reforming import MOST_REGISTERS, Reforming, buffer_type, reader_of, uncut_inputs
from .remade import is_own


class Longer(NamedTuple):
    """Which rows of constants go on, and what the kernel takes then."""

    arguments: tuple[int, ...]
    more: int
    """Elements behind the last one."""
    instructions: float


def longer(reforming: Reforming, kernel: KernelOp) -> Longer | None:
    """The kernel with longer rows; None where that gains nothing."""
    arguments = tuple(uneven(kernel, reforming.machine))
    if not arguments:
        return None
    change = partial(lengthen, arguments=arguments, more=reforming.most_lanes)
    after = reforming.price_with(kernel, change)
    more = whole_lanes(after.lanes) - after.lanes
    is_better = after.instructions < reforming.pricing.of(kernel.block).instructions
    return Longer(arguments, more, after.instructions) if is_better and more else None


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


def uneven(kernel: KernelOp, machine: Machine) -> Iterator[int]:
    """The constants whose rows are no whole registers, and that sums read along."""
    if not machine.has_riscv_vectors:
        return
    lanes = machine.float_lanes
    for op, number, value in uncut_inputs(kernel):
        rounds = rounds_along(op, number)
        is_part = rounds % lanes and rounds <= MOST_REGISTERS * lanes
        is_row = rounds > 1 and kept_axes(op, number) is not None
        if is_part and is_row and is_own(kernel, value):
            yield value.index
