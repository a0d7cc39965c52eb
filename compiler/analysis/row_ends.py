"""
What is computed at the ends of rows, where windows move out of them into a padding.

Lanes go along rows. In registers, a padding ends them: a lane that reads what is
outside of a row is a scalar. In memory it is filled, and rows are copied into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import AnyFloat
from xdsl.ir import Operation
from xdsl.ir.affine import AffineDimExpr

from .footprint import linear
from .pads import widths
from .structured import input_map, loop_ranges, output_map, shape_of

COPIED = 2
"""Instructions for each element of a padding in memory, about."""

INTEGER = 2
"""Instructions of one on integers, which also look for what is kept of others."""

CHOICE = 6
"""Instructions that compare two scalars of which one may be a NaN, and choose."""


def is_better_in_memory(
    pad: tensor.PadOp, readers: Sequence[linalg.ops.GenericOp]
) -> bool:
    """Whether that takes less than scalars at the ends of rows."""
    ends = sum(instructions_at_ends(pad, reader) for reader in readers)
    return ends > COPIED * prod(shape_of(pad.result))


def instructions_at_ends(pad: tensor.PadOp, reader: linalg.ops.GenericOp) -> int:
    """What scalars take for all results of `reader` that read beside rows."""
    numbers = [n for n, value in enumerate(reader.inputs) if value is pad.result]
    count = max((rounds_at_ends(pad, reader, number) for number in numbers), default=0)
    return count * (1 + sum(map(instructions, list(reader.body.block.ops)[:-1])))


def instructions(op: Operation) -> int:
    """What an operation takes on scalars, about."""
    if isinstance(op, arith.MaximumfOp | arith.MinimumfOp):
        return CHOICE
    is_float = all(isinstance(value.type, AnyFloat) for value in op.results)
    return 1 if is_float else INTEGER


def rounds_at_ends(pad: tensor.PadOp, reader: linalg.ops.GenericOp, number: int) -> int:
    """Rounds for neighbouring results that read what is outside of a row."""
    *_, along = output_map(reader, 0).results
    *_, index = input_map(reader, number).results
    ranges = loop_ranges(reader)
    place = linear(index, len(ranges))
    if place is None or not isinstance(along, AffineDimExpr) or index == along:
        return 0
    step, columns = place.factors[along.position], ranges[along.position]
    reaches = [f * (n - 1) for f, n in zip(place.factors, ranges, strict=True)]
    del reaches[along.position]
    least = place.constant + sum(min(reach, 0) for reach in reaches)
    most = place.constant + sum(max(reach, 0) for reach in reaches)
    low, high = widths(pad)[-1]
    end = shape_of(pad.result)[-1] - high
    ends = [
        n for n in range(columns) if least + step * n < low or most + step * n >= end
    ]
    return prod(ranges) * len(ends) // columns if step else 0
