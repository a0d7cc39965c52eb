"""Vectors made of scalars, scalars of vectors, and conversions lane by lane, in C."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects import vector as vector_dialect
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntegerType,
)
from xdsl.ir import Operation, SSAValue
from xdsl.utils.hints import isa

from ....dialects import deploy
from ..expressions import UNARY, Expression, binary, call, cast_to, subscript, unary
from ..types import c_type, literal, width
from .dispatch import (
    E,
    as_result,
    as_unsigned,
    is_mask,
    name_of,
    refuse,
    type_of,
    vector,
    vector_type,
)


def splat(result: SSAValue, a: E, op: Operation) -> Expression:
    """`a` in every lane of `result`."""
    if is_mask(result):
        a = unary("-", cast_to("int8_t", a))
    element = vector_type(result).element_type
    if isa(element, IntegerType) and width(element) < 32:
        a = cast_to("int8_t" if is_mask(result) else c_type(element, op), a)
    return call("DEPLOY_SPLAT", E(name_of(result, op)), a)


@vector.register
def _(op: arith.ConstantOp) -> Expression:
    attribute = op.value
    if not isa(attribute, DenseIntOrFPElementsAttr):
        return refuse(op, f"the C backend has no constant for {attribute}")
    elements = [literal(e, op) for e in attribute.get_attrs()]
    if len(set(elements)) == 1:
        return splat(op.result, E(elements[0], UNARY), op)
    if is_mask(op.result):
        elements = ["-1" if e == "1" else e for e in elements]
    return Expression(f"({type_of(op.result, op)}){{{', '.join(elements)}}}")


@vector.register
def _(op: vector_dialect.BroadcastOp, a: E) -> Expression:
    if op.source.type == op.vector.type:
        return a
    return splat(op.vector, a, op)


@vector.register
def _(op: vector_dialect.ExtractOp, a: E) -> Expression:
    return subscript(a, E(str(position(op))))


def position(op: vector_dialect.ExtractOp | vector_dialect.InsertOp) -> int:
    """The lane that `op` takes or replaces."""
    positions = op.static_position.get_values()
    if op.dynamic_position or len(positions) != 1 or is_mask(op.operands[-1]):
        refuse(op, "one lane, of a number that is known, must be taken or replaced")
    return positions[0]


@vector.register(arith.ExtFOp)
@vector.register(arith.TruncFOp)
def _(op: Operation, a: E) -> Expression:
    return converted(op, a)


@vector.register
def _(op: arith.BitcastOp, a: E) -> Expression:
    return as_result(a, op)


def converted(op: Operation, a: E) -> Expression:
    """Each lane of `a` as a number of the result's type."""
    return call("DEPLOY_CONVERT", E(name_of(op.results[0], op)), a)


@vector.register
def _(op: deploy.VcastOp, a: E) -> Expression:
    kind = op.kind.data
    if is_mask(op.result):
        return as_result(binary(binary(a, "&", E("1")), "!=", E("0")), op)
    if kind in ("extui", "uitofp"):
        if is_mask(op.input):
            return converted(op, binary(a, "&", E("1")))
        a = as_unsigned(op.input, a, op)
    return converted(op, a)
