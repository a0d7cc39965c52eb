"""Which operands of a structured operation are constants of finite numbers only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

from xdsl.dialects import arith, linalg
from xdsl.dialects.builtin import (
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerType,
    TensorType,
    i64,
)
from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from .levels import View

FINITE_ATTRIBUTE = "deploy.finite"
"""
Attribute of a structured operation: the operands without infinities and NaNs.

In a kernel that can no longer be told, since constants are arguments there.
"""


def is_finite_constant(value: SSAValue) -> bool:
    """Whether `value` is known at compile time and all its elements are finite."""
    while isinstance(value.owner, View):
        value = value.owner.operands[0]
    if not isinstance(value.owner, arith.ConstantOp):
        return False
    data = value.owner.value
    if not isinstance(data, DenseIntOrFPElementsAttr):
        return False
    return all(map(math.isfinite, cast("Iterator[float]", data.iter_values())))


def note_finite(op: linalg.ops.GenericOp, values: tuple[SSAValue, ...]) -> None:
    """Writes down which inputs of `op`, which outside are `values`, are finite."""
    floats = [
        number
        for number, value in enumerate(values)
        if isa(value.type, TensorType) and not is_integer(value.type)
    ]
    finite = [number for number in floats if is_finite_constant(values[number])]
    if finite:
        op.attributes[FINITE_ATTRIBUTE] = DenseArrayBase.from_list(i64, finite)


def is_integer(type_: TensorType) -> bool:
    """Whether the elements are integers."""
    return isinstance(type_.element_type, IntegerType)


def finite_operands(op: linalg.ops.GenericOp) -> frozenset[int]:
    """The operands whose elements are finite numbers for sure."""
    numbers = op.attributes.get(FINITE_ATTRIBUTE)
    noted: tuple[int, ...] = ()
    if numbers is not None and isa(numbers, DenseArrayBase[IntegerType]):
        noted = numbers.get_values()
    args = enumerate(op.body.block.args)
    integers = (n for n, arg in args if isinstance(arg.type, IntegerType))
    return frozenset((*noted, *integers))
