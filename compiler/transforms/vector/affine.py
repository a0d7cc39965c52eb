"""Arithmetic on loop indices, as operations on `index` values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.builder import Builder
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import IndexType, IntegerAttr
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineExpr,
)
from xdsl.rewriter import InsertPoint

from ...rewriting import locate

Index: TypeAlias = "int | SSAValue"
"""An index: a number known now, or a value of type `index`."""

Append: TypeAlias = Callable[[Operation], SSAValue]
"""Appends an operation where code is being built and returns its result."""


@dataclass
class IndexConstants:
    """The `index` constants of one function, each once, at its beginning."""

    function: func.FuncOp
    _values: dict[int, SSAValue] = field(default_factory=dict[int, SSAValue])

    def value(self, index: Index) -> SSAValue:
        """`index` as a value."""
        if isinstance(index, SSAValue):
            return index
        if index not in self._values:
            op = arith.ConstantOp(IntegerAttr(index, IndexType()))
            op.result.name_hint = f"c{index}"
            locate(op, self.function.location)
            start = InsertPoint.at_start(self.function.body.block)
            Builder(start).insert(op)
            self._values[index] = op.result
        return self._values[index]


def multiplied(a: Index, b: Index, append: Append, constants: IndexConstants) -> Index:
    """`a * b`, without an operation where one factor is 0 or 1 or both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if 0 in (a, b):
        return 0
    if a == 1:
        return b
    if b == 1:
        return a
    return append(arith.MuliOp(constants.value(a), constants.value(b)))


def added(a: Index, b: Index, append: Append, constants: IndexConstants) -> Index:
    """`a + b`, without an operation where one is 0 or both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if a == 0:
        return b
    if b == 0:
        return a
    if isinstance(b, int) and b < 0:
        return append(arith.SubiOp(constants.value(a), constants.value(-b)))
    return append(arith.AddiOp(constants.value(a), constants.value(b)))


def divided(
    kind: AffineBinaryOpKind,
    a: SSAValue,
    b: int,
    append: Append,
    constants: IndexConstants,
) -> SSAValue:
    """`a` divided by the constant `b`, rounded up or down, or the remainder."""
    divisor = constants.value(b)
    if kind is AffineBinaryOpKind.CeilDiv:
        return append(arith.CeilDivSIOp(a, divisor))
    quotient = append(arith.FloorDivSIOp(a, divisor))
    if kind is AffineBinaryOpKind.FloorDiv:
        return quotient
    whole = append(arith.MuliOp(quotient, divisor))
    return append(arith.SubiOp(a, whole))


def unshifted(expr: AffineExpr) -> AffineExpr:
    """`d0` for `d0 + 3`; any other expression as it is."""
    if isinstance(expr, AffineBinaryOpExpr) and expr.kind is AffineBinaryOpKind.Add:
        return expr.lhs if isinstance(expr.rhs, AffineConstantExpr) else expr
    return expr
