"""What each scalar operation does to what is known of its operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from xdsl.dialects import arith, math
from xdsl.ir import Operation, SSAValue

from .affine_form import Choice, Form, Value

if TYPE_CHECKING:
    from .integer_regions import RegionRewriter

Rule: TypeAlias = "Callable[[RegionRewriter, Operation], Value | None]"
"""What is known of the operation's result; None when nothing is."""

ORDERINGS = {
    arith.CMPF_COMPARISON_OPERATIONS.index(name): (swapped, or_equal)
    for name, swapped, or_equal in (
        ("ogt", False, False),
        ("ugt", False, False),
        ("oge", False, True),
        ("uge", False, True),
        ("olt", True, False),
        ("ult", True, False),
        ("ole", True, True),
        ("ule", True, True),
    )
}
"""Predicate -> whether the operands change places, and whether equal counts."""


def real_unary(name: str) -> Rule:
    """One real, by the function `name` of the arithmetic."""

    def rule(rewriter: RegionRewriter, op: Operation) -> Value | None:
        x = rewriter.follow(op.operands[0])
        return None if x is None else getattr(rewriter.values, name)(x)

    return rule


def real_binary(name: str) -> Rule:
    """Two reals, by the function `name` of the arithmetic."""

    def rule(rewriter: RegionRewriter, op: Operation) -> Value | None:
        x, y = map(rewriter.follow, op.operands)
        if x is None or y is None:
            return None
        return getattr(rewriter.values, name)(x, y)

    return rule


def integer_binary(name: str, unsigned: bool = False) -> Rule:
    """Two integers, where the result does not wrap around."""

    def rule(rewriter: RegionRewriter, op: Operation) -> Value | None:
        x, y = (rewriter.integer(operand, unsigned) for operand in op.operands)
        if x is None or y is None:
            return None
        result = getattr(rewriter.values, name)(x, y)
        return rewriter.fitting(result, op.results[0], unsigned)

    return rule


def read(unsigned: bool) -> Rule:
    """The integer that the operand's bits are."""

    def rule(rewriter: RegionRewriter, op: Operation) -> Value | None:
        return rewriter.integer(op.operands[0], unsigned)

    return rule


def written(unsigned: bool) -> Rule:
    """An integral real as an integer that holds it."""

    def rule(rewriter: RegionRewriter, op: Operation) -> Value | None:
        known = rewriter.follow(op.operands[0])
        return rewriter.fitting(known, op.results[0], unsigned)

    return rule


def truncated(rewriter: RegionRewriter, op: Operation) -> Value | None:
    """An integer that fits fewer bits."""
    known = rewriter.follow(op.operands[0])
    signed = rewriter.fitting(known, op.results[0], unsigned=False)
    return signed or rewriter.fitting(known, op.results[0], unsigned=True)


def same(rewriter: RegionRewriter, op: Operation) -> Value | None:
    """The same real in another float type."""
    return rewriter.follow(op.operands[0])


def magnitude(rewriter: RegionRewriter, op: Operation) -> Value | None:
    """The larger of a real and its opposite."""
    if (x := rewriter.follow(op.operands[0])) is None:
        return None
    opposite = rewriter.values.negate(x)
    return None if opposite is None else rewriter.values.maximum(x, opposite)


def selected(rewriter: RegionRewriter, op: Operation) -> Value | None:
    """One of two reals by the comparison of two others."""
    condition, *branches = op.operands
    yes, no = map(rewriter.follow, branches)
    if yes is None or no is None:
        return None
    holds = compared(rewriter, condition)
    return None if holds is None else Choice(holds, yes, no)


def compared(rewriter: RegionRewriter, condition: SSAValue) -> SSAValue | None:
    """The comparison of two reals by their integers."""
    comparison = condition.owner
    if not isinstance(comparison, arith.CmpfOp):
        return None
    ordering = ORDERINGS.get(comparison.predicate.value.data)
    x, y = map(rewriter.follow, comparison.operands)
    if ordering is None or not (isinstance(x, Form) and isinstance(y, Form)):
        return None
    swapped, or_equal = ordering
    one, other = (y, x) if swapped else (x, y)
    return rewriter.values.is_greater(one, other, or_equal)


RULES: dict[type[Operation], Rule] = {
    arith.AddfOp: real_binary("add"),
    arith.SubfOp: real_binary("subtract"),
    arith.MulfOp: real_binary("multiply"),
    arith.DivfOp: real_binary("divide"),
    arith.MaximumfOp: real_binary("maximum"),
    arith.MaxnumfOp: real_binary("maximum"),
    arith.MinimumfOp: real_binary("minimum"),
    arith.MinnumfOp: real_binary("minimum"),
    arith.NegfOp: real_unary("negate"),
    math.RoundEvenOp: real_unary("round"),
    math.AbsFOp: magnitude,
    arith.ExtFOp: same,
    arith.TruncFOp: same,
    arith.SelectOp: selected,
    arith.SIToFPOp: read(unsigned=False),
    arith.UIToFPOp: read(unsigned=True),
    arith.ExtSIOp: read(unsigned=False),
    arith.ExtUIOp: read(unsigned=True),
    arith.FPToSIOp: written(unsigned=False),
    arith.FPToUIOp: written(unsigned=True),
    arith.TruncIOp: truncated,
    arith.AddiOp: integer_binary("add"),
    arith.SubiOp: integer_binary("subtract"),
    arith.MuliOp: integer_binary("multiply"),
    arith.MaxSIOp: integer_binary("maximum"),
    arith.MinSIOp: integer_binary("minimum"),
    arith.MaxUIOp: integer_binary("maximum", unsigned=True),
    arith.MinUIOp: integer_binary("minimum", unsigned=True),
}
"""Operation -> its rule; of any other nothing is known."""
