"""Comparisons of vectors in C."""

from __future__ import annotations

from ....dialects import deploy
from ..expressions import Expression, binary, cast_to, unary
from ..scalars.floats import NEGATED, ORDERED
from .dispatch import E, as_masks, as_unsigned, element_bits, type_of, vector

INTEGER = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


@vector.register
def _(op: deploy.VcmpOp, a: E, b: E) -> Expression:
    value = compared_floats(op, a, b) if op.is_float else compared_integers(op, a, b)
    is_negated = value.text.startswith("~")
    return value if is_negated else as_mask_type(op, value)


def as_mask_type(op: deploy.VcmpOp, value: E) -> Expression:
    """`value`, a comparison, as the integers that masks are made of."""
    return cast_to(type_of(op.result, op), value)


def compared_integers(op: deploy.VcmpOp, a: E, b: E) -> Expression:
    """The comparison of integers; a set lane of a mask is -1 as it is in `arith`."""
    predicate = op.predicate.data
    a, b = as_masks(op, (a, b), element_bits(op.lhs))
    if predicate.startswith("u"):
        a, b = (as_unsigned(v, e, op) for v, e in ((op.lhs, a), (op.rhs, b)))
    return binary(a, INTEGER[predicate[-2:]], b)


def compared_floats(op: deploy.VcmpOp, a: E, b: E) -> Expression:
    """The comparison of floats."""
    name = op.predicate.data

    def compared(operator: str, x: E = a, y: E = b) -> Expression:
        return as_mask_type(op, binary(x, operator, y))

    if name in ORDERED:
        return binary(a, ORDERED[name], b)
    if name in NEGATED:
        return unary("~", compared(NEGATED[name]))
    if name in ("one", "ueq"):
        differ = binary(compared("<"), "|", compared(">"))
        return differ if name == "one" else unary("~", differ)
    if name in ("ord", "uno"):
        ordered = binary(compared("==", a, a), "&", compared("==", b, b))
        return ordered if name == "ord" else unary("~", ordered)
    zero = Expression(f"({type_of(op.result, op)}){{0}}")
    return zero if name == "false" else unary("~", zero)
