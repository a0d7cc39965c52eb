"""The C of one operation on vectors: the table, and what its entries share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import cast

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType, VectorType
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import deploy
from ..expressions import Expression, call, cast_to
from ..types import c_type, vector_name, width

E = Expression


@singledispatch
def vector(op: Operation, *args: Expression) -> Expression | None:
    """The C expression for `op` on `args`; none when it has no form on vectors."""
    return None


def on_vectors(op: Operation) -> bool:
    """Whether `op` makes a vector, or takes one."""
    return any(
        type(value.type) is VectorType  # in a tenth of the time of `isinstance`
        for values in (op.operands, op.results)
        for value in values
    )


def vector_type(value: SSAValue) -> VectorType[Attribute]:
    """The type of `value`, which is a vector."""
    return cast("VectorType[Attribute]", value.type)


def is_mask(value: SSAValue) -> bool:
    """Whether `value` is a vector of booleans."""
    type = value.type
    return isinstance(type, VectorType) and width(vector_type(value).element_type) == 1


def lane_count(value: SSAValue) -> int:
    """The number of lanes."""
    return vector_type(value).get_shape()[0]


def element_bits(value: SSAValue) -> int:
    """Bits of one lane in C."""
    if is_mask(value):
        return mask_bits(value)
    element = vector_type(value).element_type
    return element.bitwidth if isinstance(element, IntegerType) else float_bits(element)


def float_bits(element: Attribute) -> int:
    """Bits of a float."""
    return 64 if str(element) == "f64" else 32


def mask_bits(mask: SSAValue) -> int:
    """Bits of one lane of a mask in C: those of the values that were compared."""
    op = mask.owner
    if isinstance(op, deploy.VcmpOp | arith.AndIOp | arith.OrIOp | arith.XOrIOp):
        return element_bits(op.lhs)
    if isinstance(op, deploy.VselectOp):
        return mask_bits(op.mask)
    if isinstance(op, deploy.VcastOp):
        return element_bits(op.input)
    if isinstance(op, arith.SelectOp):
        return mask_bits(op.lhs)
    return 8


def name_of(value: SSAValue, op: Operation) -> str:
    """`f32x8` for a vector; for a mask the integers that it is made of."""
    if is_mask(value):
        return mask_name(lane_count(value), mask_bits(value), op)
    return vector_name(vector_type(value), op)


def mask_name(lanes: int, bits: int, op: Operation) -> str:
    """What a mask of `bits` per lane is called."""
    return vector_name(VectorType(IntegerType(bits), [lanes]), op)


def type_of(value: SSAValue, op: Operation) -> str:
    """The C type of a variable for `value`, which may be a mask."""
    return f"deploy_{name_of(value, op)}" if is_mask(value) else c_type(value.type, op)


def as_mask(value: SSAValue, a: E, bits: int, op: Operation) -> Expression:
    """The mask `value`, written `a`, with `bits` per lane."""
    if mask_bits(value) == bits:
        return a
    return call("DEPLOY_CONVERT", E(mask_name(lane_count(value), bits, op)), a)


def as_masks(op: Operation, args: Sequence[E], bits: int) -> list[Expression]:
    """The operands of `op`, written `args`; masks with `bits` per lane."""
    return [
        as_mask(value, a, bits, op) if is_mask(value) else a
        for value, a in zip(op.operands, args, strict=True)
    ]


def as_unsigned(value: SSAValue, a: E, op: Operation) -> Expression:
    """The vector of integers `value`, written `a`, as unsigned ones."""
    name = name_of(value, op).replace("i", "u")
    return cast_to(f"deploy_{name}", a)


def as_result(a: E, op: Operation) -> Expression:
    """`a` under the type of the result of `op`."""
    return cast_to(type_of(op.results[0], op), a)
