"""The C of one scalar operation: the table, and what its entries share."""

from __future__ import annotations

from functools import singledispatch

from xdsl.ir import Attribute, Operation, SSAValue

from ..expressions import Expression, binary, cast_to
from ..types import c_type, width

E = Expression


@singledispatch
def scalar(op: Operation, *args: Expression) -> Expression | None:
    """The C expression for `op` on `args`; none when it is not a scalar operation."""
    return None


def printed_result(op: Operation) -> SSAValue:
    """The result that C computes: of a product in two halves the upper one."""
    return op.results[-1]


def result_type(op: Operation) -> Attribute:
    """The type of the first result."""
    return op.results[0].type


def float_suffix(type: Attribute, op: Operation) -> str:
    """`f32` or `f64`."""
    return "f32" if c_type(type, op) == "float" else "f64"


def integer_suffix(type: Attribute) -> str:
    """`i32` or `i64`: narrower integers are computed as the former."""
    return "i64" if width(type) == 64 else "i32"


def narrowed(value: Expression, op: Operation) -> Expression:
    """`value`, computed in `int`, as the type of the result of `op`."""
    type = result_type(op)
    if width(type) == 1:
        return binary(binary(value, "&", E("1")), "!=", E("0"))
    return cast_to(c_type(type, op), value) if width(type) < 32 else value
