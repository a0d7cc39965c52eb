"""Writes the scalar operations of a region, one element at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import copysign, inf
from typing import Any, TypeAlias

from xdsl.builder import Builder
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from .base import YieldOp, is_float, signless

ScalarOp: TypeAlias = Callable[..., Operation]
"""The class of a scalar operation, called with its operands."""


def number(value: float, type: Attribute) -> FloatAttr[AnyFloat] | IntegerAttr:
    """
    The attribute for `value` as an element of `type`, unsigned ones as signless bits.

    A real beyond the largest float becomes infinite; an integer wraps around.
    """
    if isinstance(type, AnyFloat):
        try:
            return FloatAttr(float(value), type)
        except OverflowError:
            return FloatAttr(copysign(inf, value), type)
    bare = signless(type)
    assert isa(bare, IntegerType), "elements are floats or integers"
    return IntegerAttr(int(value), bare, truncate_bits=True)


@dataclass(frozen=True)
class Scalars:
    """Appends scalar operations where `builder` stands and gives their results."""

    builder: Builder

    def emit(self, op: Operation) -> SSAValue:
        """Inserts `op`; its one result."""
        return self.builder.insert(op).results[0]

    def constant(self, value: float, type: Attribute) -> SSAValue:
        """`value` as an element of `type`."""
        return self.emit(arith.ConstantOp(number(value, type)))

    def add(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """`lhs + rhs`; integers wrap around."""
        return self._either(arith.AddfOp, arith.AddiOp, lhs, rhs)

    def subtract(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """`lhs - rhs`; integers wrap around."""
        return self._either(arith.SubfOp, arith.SubiOp, lhs, rhs)

    def multiply(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """`lhs * rhs`; integers wrap around."""
        return self._either(arith.MulfOp, arith.MuliOp, lhs, rhs)

    def minimum(self, lhs: SSAValue, rhs: SSAValue, unsigned: bool) -> SSAValue:
        """The smaller one; NaN when either is NaN."""
        integer = arith.MinUIOp if unsigned else arith.MinSIOp
        return self._either(arith.MinimumfOp, integer, lhs, rhs)

    def maximum(self, lhs: SSAValue, rhs: SSAValue, unsigned: bool) -> SSAValue:
        """The larger one; NaN when either is NaN."""
        integer = arith.MaxUIOp if unsigned else arith.MaxSIOp
        return self._either(arith.MaximumfOp, integer, lhs, rhs)

    def exponential(self, x: SSAValue) -> SSAValue:
        """`e ** x`."""
        return self.emit(math.ExpOp(x))

    def select(self, condition: SSAValue, yes: SSAValue, no: SSAValue) -> SSAValue:
        """`yes` where `condition` holds, else `no`."""
        return self.emit(arith.SelectOp(condition, yes, no))

    def _either(
        self, floating: ScalarOp, integer: ScalarOp, lhs: SSAValue, rhs: SSAValue
    ) -> SSAValue:
        return self.emit((floating if is_float(lhs.type) else integer)(lhs, rhs))


def scalar_region(
    types: Sequence[Attribute], body: Callable[[Scalars, Sequence[Any]], SSAValue]
) -> Region:
    """
    A region with one argument per element type, made signless, that yields `body`'s.

    `body` gets the arguments' SSA values.
    """
    block = Block(arg_types=[signless(type) for type in types])
    scalars = Scalars(Builder(InsertPoint.at_end(block)))
    block.add_op(YieldOp(body(scalars, block.args)))
    return Region(block)
