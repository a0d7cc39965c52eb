"""
Whether accumulating a constant leaves the accumulator as it is, to the bit.

`acc + 0 * w` does for integers, and for floats where `w` is known to be finite: a sum
that does not begin with a negative zero never becomes one. The largest of `acc` and the
least number there is does as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import arith
from xdsl.dialects.builtin import FloatAttr, IntegerAttr, IntegerType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue

from ...analysis.finite import finite_operands
from ...analysis.vectors import scalar_of
from ...dialects import deploy
from .dataflow import Definition, Inserted

Number: TypeAlias = "float | int"

WIDENING = (
    arith.ExtSIOp,
    arith.ExtUIOp,
    arith.ExtFOp,
    arith.SIToFPOp,
    arith.UIToFPOp,
)
"""Conversions after which a zero is one, and a finite number is one."""

PRODUCTS = (arith.MulfOp, arith.MuliOp)
EXTREMES = (arith.MaximumfOp, arith.MinimumfOp, arith.MaxSIOp, arith.MinSIOp)


@dataclass(frozen=True)
class Known:
    """What is known of a scalar in a body."""

    value: Number | None = None
    is_finite: bool = False
    is_accumulator: bool = False

    @property
    def is_zero(self) -> bool:
        """Whether it is a zero, of either sign."""
        return self.value == 0


UNKNOWN = Known()


def constant(value: Number) -> Known:
    """A number."""
    return Known(value, math.isfinite(value))


def number_of(value: SSAValue) -> Number | None:
    """The number behind an `arith.constant`; none for anything else."""
    owner = value.owner
    data = owner.value if isinstance(owner, arith.ConstantOp) else None
    return data.value.data if isinstance(data, FloatAttr | IntegerAttr) else None


def vanishes(
    op: linalg.GenericOp,
    operand: int,
    source: Inserted,
    start: Definition | None,
) -> bool:
    """
    Whether `op` accumulates nothing where `operand` is not in the part.

    `start` made what it accumulates onto.
    """
    fill, count = source.whole, len(op.inputs)
    if not isinstance(fill, linalg.FillOp) or operand >= count or len(op.outputs) > 1:
        return False
    padding = number_of(fill.inputs[0])
    if padding is None:
        return False
    args, finite = op.body.block.args, finite_operands(op)
    known: dict[SSAValue, Known] = {
        arg: Known(is_finite=n in finite) for n, arg in enumerate(args)
    }
    known[args[operand]] = constant(padding)
    known[args[count]] = Known(is_accumulator=True)
    last = op.body.block.last_op
    for inner in op.body.block.ops:
        if inner is not last:
            known |= dict.fromkeys(inner.results, outcome(inner, known, start))
    assert last is not None, "a body ends with linalg.yield"
    return known.get(last.operands[0], UNKNOWN).is_accumulator


def vanishing(
    op: linalg.GenericOp, sources: Mapping[SSAValue, Definition]
) -> list[tuple[int, Inserted]]:
    """The padded operands, by number, beside whose parts `op` accumulates nothing."""
    start = sources.get(op.outputs[0])
    return [
        (number, source)
        for number, value in enumerate(op.inputs)
        if isinstance(source := sources.get(value), Inserted)
        and vanishes(op, number, source, start)
    ]


def outcome(
    op: Operation, known: Mapping[SSAValue, Known], start: Definition | None
) -> Known:
    """What is known of the result of `op`."""
    if isinstance(op, arith.ConstantOp):
        value = number_of(op.result)
        return UNKNOWN if value is None else constant(value)
    operands = [known.get(value, UNKNOWN) for value in op.operands]
    if isinstance(op, deploy.Dot4Op):
        acc, *factors = operands
        is_same = acc.is_accumulator and any(one.is_zero for one in factors)
        return Known(is_accumulator=is_same)
    if isinstance(op, WIDENING):
        (one,) = operands
        return constant(0) if one.is_zero else Known(is_finite=one.is_finite)
    if len(operands) != 2:
        return UNKNOWN
    one, other = operands
    if isinstance(op, PRODUCTS):
        exact = isinstance(op, arith.MuliOp) or (one.is_finite and other.is_finite)
        return constant(0) if exact and (one.is_zero or other.is_zero) else UNKNOWN
    if one.is_accumulator != other.is_accumulator:
        rest = other if one.is_accumulator else one
        if rest.value is not None and is_neutral(op, rest.value, start):
            return Known(is_accumulator=True)
    return UNKNOWN


def is_neutral(op: Operation, value: Number, start: Definition | None) -> bool:
    """Whether `op` on an accumulator and `value` is the accumulator."""
    if isinstance(op, arith.AddiOp):
        return value == 0
    if isinstance(op, arith.AddfOp):
        return value == 0 and starts_clean(start)
    if isinstance(op, arith.MaximumfOp | arith.MinimumfOp):
        return value == (-math.inf if isinstance(op, arith.MaximumfOp) else math.inf)
    type = op.results[0].type
    if not isinstance(type, IntegerType):
        return False
    half = 1 << (type.bitwidth - 1)
    return (isinstance(op, arith.MaxSIOp) and value == -half) or (
        isinstance(op, arith.MinSIOp) and value == half - 1
    )


def remaining(op: Operation, operands: Sequence[SSAValue]) -> SSAValue | None:
    """The one of two operands that is the larger or smaller one whatever it is."""
    if not isinstance(op, EXTREMES):
        return None
    numbers = [number_of(scalar_of(value)) for value in operands]
    for number, other in zip(numbers, reversed(operands), strict=True):
        if number is not None and is_neutral(op, number, None):
            return other
    return None


def starts_clean(start: Definition | None) -> bool:
    """Whether an accumulator begins with a number that is no negative zero."""
    if not isinstance(start, linalg.FillOp):
        return False
    value = number_of(start.inputs[0])
    return value is not None and (value != 0 or math.copysign(1, value) > 0)
