"""
Operands whose last axis repeats itself, so that vectors may begin anywhere in it.

```mlir
linalg.generic {indexing_maps = [(d0) -> (d0), (d0) -> (d0 mod 3), (d0) -> (d0)],
                deploy.repeated = array<i64: 1>, …}
    ins(%x, %b : memref<96xf32>, memref<10xf32>) outs(%y : memref<96xf32>) …
```
Element 3 of `%b` is element 0 once more, and so on to its end: eight lanes of `d0` from
any round on are eight neighbours there.
"""

from __future__ import annotations

from xdsl.dialects.builtin import DenseArrayBase, IntegerType, MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineExpr,
    AffineMap,
)
from xdsl.utils.hints import isa

from .operands import operand_map

REPEATED_ATTRIBUTE = "deploy.repeated"
"""Attribute of a structured operation: the operands whose last axis repeats itself."""


def repeated_operands(op: linalg.GenericOp) -> tuple[int, ...]:
    """The operands of `op` whose last axis repeats itself."""
    numbers = op.attributes.get(REPEATED_ATTRIBUTE)
    if numbers is None or not isa(numbers, DenseArrayBase[IntegerType]):
        return ()
    return tuple(numbers.get_values())


def modulus(expr: AffineExpr) -> tuple[AffineExpr, int] | None:
    """`x` and `n` of `x mod n`."""
    if not isinstance(expr, AffineBinaryOpExpr):
        return None
    if expr.kind is not AffineBinaryOpKind.Mod:
        return None
    by = expr.rhs
    return (expr.lhs, by.value) if isinstance(by, AffineConstantExpr) else None


def unrolled_map(op: linalg.GenericOp, number: int) -> AffineMap:
    """How an operand would be read that stood in memory as often as it is repeated."""
    map_ = operand_map(op, number)
    found = modulus(map_.results[-1]) if number in repeated_operands(op) else None
    if found is None:
        return map_
    return AffineMap(map_.num_dims, 0, (*map_.results[:-1], found[0]))


def most_lanes(op: linalg.GenericOp, number: int) -> int | None:
    """Neighbours that there are from any element of a repeated operand on."""
    if number not in repeated_operands(op):
        return None
    type_ = op.operands[number].type
    found = modulus(operand_map(op, number).results[-1])
    if found is None or not isa(type_, MemRefType):
        return None
    return type_.get_shape()[-1] - found[1] + 1
