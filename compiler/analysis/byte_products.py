"""
Sums of products of bytes, as the bodies of structured operations have them, and how
their operands are read four bytes, a word, at a time.
"""

from __future__ import annotations

from typing import NamedTuple

from xdsl.dialects import arith
from xdsl.dialects.builtin import i8, i32
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

from ..dialects.deploy.words import WORD_BYTES
from .footprint import linear


class Factor(NamedTuple):
    """One side of a product of bytes."""

    operand: int
    """Its number."""
    is_unsigned: bool


def factor(value: SSAValue) -> Factor | None:
    """The byte, an argument of a body, that `value` is as 32 bits."""
    made = value.owner
    if not isinstance(made, arith.ExtSIOp | arith.ExtUIOp) or value.type != i32:
        return None
    byte = made.input
    if not isinstance(byte, BlockArgument) or byte.type != i8:
        return None
    return Factor(byte.index, isinstance(made, arith.ExtUIOp))


def factors(op: linalg.GenericOp) -> tuple[Factor, Factor] | None:
    """The two sides of the product that is all that `op` adds to a sum of 32 bits."""
    last = op.body.block.last_op
    assert last is not None, "a body ends with linalg.yield"
    made = last.operands[0].owner if len(last.operands) == 1 else None
    if not isinstance(made, arith.AddiOp) or made.result.type != i32:
        return None
    sides = [made.lhs, made.rhs]
    accumulator = op.body.block.args[-1]
    if sides.count(accumulator) != 1:
        return None
    product = sides[1 - sides.index(accumulator)].owner
    if not isinstance(product, arith.MuliOp):
        return None
    one, other = factor(product.lhs), factor(product.rhs)
    if one is None or other is None or one.operand == other.operand:
        return None
    is_input = max(one.operand, other.operand) < len(op.inputs)
    return (one, other) if is_input else None


def word_map(map_: AffineMap, loop: int) -> AffineMap | None:
    """`map_` to words, where `loop` goes over words; None where it is none."""
    if not map_.results:
        return None
    *outer, last = map_.results
    index = linear(last, map_.num_dims)
    if index is None or any(loop in expr.used_dims() for expr in outer):
        return None
    factors = list(index.factors)
    if factors[loop] != 1:
        return None
    factors[loop] = WORD_BYTES
    if any(number % WORD_BYTES for number in (index.constant, *factors)):
        return None
    place = AffineExpr.constant(index.constant // WORD_BYTES)
    for dim, factor in enumerate(factors):
        if factor:
            place = AffineExpr.dimension(dim) * (factor // WORD_BYTES) + place
    return AffineMap(map_.num_dims, 0, (*outer, place))


def plain_axis(map_: AffineMap, loop: int) -> int | None:
    """The one axis that `loop` goes along, alone and step by step."""
    axes = [n for n, expr in enumerate(map_.results) if loop in expr.used_dims()]
    is_plain = len(axes) == 1 and isinstance(map_.results[axes[0]], AffineDimExpr)
    return axes[0] if is_plain else None


def word_order(rank: int, axis: int) -> list[int]:
    """The axes of packed words: the one that is packed is not last, if it can be."""
    order = list(range(rank))
    if axis == rank - 1 and rank > 1:
        order[-2:] = [axis, axis - 1]
    return order
