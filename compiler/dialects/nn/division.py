"""Quotients of integers, where no divisor ends the program."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.ir import SSAValue

from .base import is_unsigned, tensor_type
from .constant import ConstantOp
from .scalars import Scalars

TRAPS = (0, -1)
"""Divisors for which C says nothing of some quotients, and processors may trap."""


def divides_safely(divisor: SSAValue) -> bool:
    """Whether all elements of a tensor are known, and none of them may trap."""
    if not isinstance(divisor.owner, ConstantOp):
        return False
    return not set(divisor.owner.value.get_values()).intersection(TRAPS)


def quotient(scalars: Scalars, x: SSAValue, y: SSAValue, divisor: SSAValue) -> SSAValue:
    """
    `x / y`, elements of which the second is of the tensor `divisor`.

    Division by zero gives a number with all bits set, as RISC-V has it, and the least
    number divided by -1 wraps around.
    """
    unsigned = is_unsigned(tensor_type(divisor).element_type)
    divide = arith.DivUIOp if unsigned else arith.DivSIOp
    if divides_safely(divisor):
        return scalars.emit(divide(x, y))
    zero, one, ones = (scalars.constant(value, y.type) for value in (0, 1, -1))
    by_zero = scalars.emit(arith.CmpiOp(y, zero, "eq"))
    if unsigned:
        whole = scalars.emit(divide(x, scalars.select(by_zero, one, y)))
        return scalars.select(by_zero, ones, whole)
    by_minus_one = scalars.emit(arith.CmpiOp(y, ones, "eq"))
    traps = scalars.emit(arith.OrIOp(by_zero, by_minus_one))
    whole = scalars.emit(divide(x, scalars.select(traps, one, y)))
    turned = scalars.select(by_minus_one, scalars.subtract(zero, x), whole)
    return scalars.select(by_zero, ones, turned)
