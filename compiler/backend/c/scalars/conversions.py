"""Conversions between the scalar types in C."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Operation

from ..expressions import Expression, call, cast_to, unary
from ..types import c_type, unsigned_type, width
from .dispatch import (
    E,
    float_suffix,
    integer_suffix,
    narrowed,
    result_type,
    scalar,
)


@scalar.register
def _(op: arith.ExtSIOp, a: E) -> Expression:
    value = cast_to(c_type(result_type(op), op), a)
    return unary("-", value) if width(op.input.type) == 1 else value


@scalar.register
def _(op: arith.ExtUIOp, a: E) -> Expression:
    value = a if width(op.input.type) == 1 else cast_to(unsigned_type(op.input.type), a)
    return cast_to(c_type(result_type(op), op), value)


@scalar.register
def _(op: arith.TruncIOp, a: E) -> Expression:
    if width(result_type(op)) == 1:
        return narrowed(a, op)
    return cast_to(c_type(result_type(op), op), a)


@scalar.register
def _(op: arith.IndexCastOp, a: E) -> Expression:
    value = cast_to(c_type(result_type(op), op), a)
    return unary("-", value) if width(op.input.type) == 1 else value


@scalar.register
def _(op: arith.SIToFPOp, a: E) -> Expression:
    value = cast_to(c_type(result_type(op), op), a)
    return unary("-", value) if width(op.input.type) == 1 else value


@scalar.register
def _(op: arith.UIToFPOp, a: E) -> Expression:
    return cast_to(
        c_type(result_type(op), op), cast_to(unsigned_type(op.input.type), a)
    )


@scalar.register(arith.FPToSIOp)
@scalar.register(arith.FPToUIOp)
def _(op: arith.FPToSIOp | arith.FPToUIOp, a: E) -> Expression:
    type = result_type(op)
    suffix = integer_suffix(type)
    if isinstance(op, arith.FPToUIOp):
        suffix = suffix.replace("i", "u")
    name = f"deploy_{suffix}_from_{float_suffix(op.input.type, op)}"
    value = call(name, a)
    if width(type) == 1:
        return narrowed(value, op)
    is_exact = width(type) >= 32 and isinstance(op, arith.FPToSIOp)
    return value if is_exact else cast_to(c_type(type, op), value)


@scalar.register(arith.ExtFOp)
@scalar.register(arith.TruncFOp)
def _(op: Operation, a: E) -> Expression:
    return cast_to(c_type(result_type(op), op), a)


@scalar.register
def _(op: arith.BitcastOp, a: E) -> Expression:
    source, target = op.input.type, op.result.type
    if source == target:
        return a
    if isinstance(target, IntegerType):
        value = call(f"deploy_bits_from_{float_suffix(source, op)}", a)
        return cast_to(c_type(target, op), value)
    suffix = float_suffix(target, op)
    return call(f"deploy_{suffix}_from_bits", cast_to(unsigned_type(source), a))
