"""Integer operations, constants and the choice between two values in C."""

from __future__ import annotations

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Operation

from ....dialects import deploy
from ..expressions import ATOM, UNARY, Expression, binary, call, cast_to, choose, unary
from ..types import c_type, literal, refuse, unsigned_type, width
from .dispatch import E, integer_suffix, narrowed, result_type, scalar


def wrapping(op: Operation, operator: str, a: E, b: E, exact: bool) -> Expression:
    """`a operator b` modulo two to the width; `exact` when nothing can overflow."""
    type = result_type(op)
    if exact or width(type) < 32:
        return narrowed(binary(a, operator, b), op)
    unsigned = unsigned_type(type)
    value = binary(cast_to(unsigned, a), operator, cast_to(unsigned, b))
    return cast_to(c_type(type, op), value)


def unsigned(op: Operation, operator: str, a: E, b: E) -> Expression:
    """`a operator b` on the unsigned values."""
    type = op.operands[0].type
    value = binary(
        cast_to(unsigned_type(type), a), operator, cast_to(unsigned_type(type), b)
    )
    if width(type) == 64 or width(type) == 32:
        return cast_to(c_type(type, op), value)
    return narrowed(value, op)


@scalar.register
def _(op: arith.ConstantOp) -> Expression:
    text = literal(op.value, op)
    return Expression(text, UNARY if text.startswith("-") else ATOM)


@scalar.register
def _(op: arith.AddiOp, a: E, b: E) -> Expression:
    return wrapping(op, "+", a, b, never_wraps(op))


@scalar.register
def _(op: arith.SubiOp, a: E, b: E) -> Expression:
    return wrapping(op, "-", a, b, never_wraps(op))


@scalar.register
def _(op: arith.MuliOp, a: E, b: E) -> Expression:
    return wrapping(op, "*", a, b, never_wraps(op))


@scalar.register
def _(op: arith.MulSIExtendedOp, a: E, b: E) -> Expression:
    bits = width(op.lhs.type)
    if bits > 32 or op.low.uses.get_length():
        refuse(op, "only the upper half of a product of up to 32 bits is there in C")
    if bits == 32:
        return call("deploy_mulhi_i32", a, b)
    whole = binary(binary(a, "*", b), ">>", Expression(str(bits)))
    return cast_to(c_type(op.high.type, op), whole)


def never_wraps(op: arith.AddiOp | arith.SubiOp | arith.MuliOp) -> bool:
    """Whether the result is promised to be representable."""
    is_index = isinstance(op.result.type, IndexType)
    return is_index or arith.IntegerOverflowFlag.NSW in op.overflow_flags.data


@scalar.register
def _(op: arith.DivSIOp, a: E, b: E) -> Expression:
    return narrowed(binary(a, "/", b), op)


@scalar.register
def _(op: arith.RemSIOp, a: E, b: E) -> Expression:
    return narrowed(binary(a, "%", b), op)


@scalar.register
def _(op: arith.DivUIOp, a: E, b: E) -> Expression:
    return unsigned(op, "/", a, b)


@scalar.register
def _(op: arith.RemUIOp, a: E, b: E) -> Expression:
    return unsigned(op, "%", a, b)


@scalar.register(arith.FloorDivSIOp)
@scalar.register(arith.CeilDivSIOp)
@scalar.register(arith.MinSIOp)
@scalar.register(arith.MaxSIOp)
@scalar.register(arith.MinUIOp)
@scalar.register(arith.MaxUIOp)
def _(op: Operation, a: E, b: E) -> Expression:
    type = result_type(op)
    name = {
        "arith.floordivsi": "floordiv",
        "arith.ceildivsi": "ceildiv",
        "arith.minsi": "min",
        "arith.maxsi": "max",
        "arith.minui": "min",
        "arith.maxui": "max",
    }[op.name]
    suffix = integer_suffix(type)
    if op.name.endswith("ui"):
        suffix = suffix.replace("i", "u")
        a, b = (cast_to(unsigned_type(type), value) for value in (a, b))
        return cast_to(c_type(type, op), call(f"deploy_{name}_{suffix}", a, b))
    return narrowed(call(f"deploy_{name}_{suffix}", a, b), op)


@scalar.register
def _(op: arith.AndIOp, a: E, b: E) -> Expression:
    return binary(a, "&", b)


@scalar.register
def _(op: arith.OrIOp, a: E, b: E) -> Expression:
    return binary(a, "|", b)


@scalar.register
def _(op: arith.XOrIOp, a: E, b: E) -> Expression:
    return binary(a, "^", b)


@scalar.register
def _(op: arith.ShLIOp, a: E, b: E) -> Expression:
    type = result_type(op)
    bits = max(width(type), 32)
    value = binary(cast_to(f"uint{bits}_t", a), "<<", b)
    return cast_to(c_type(type, op), value)


@scalar.register
def _(op: arith.ShRSIOp, a: E, b: E) -> Expression:
    return binary(a, ">>", b)


@scalar.register
def _(op: arith.ShRUIOp, a: E, b: E) -> Expression:
    type = result_type(op)
    return cast_to(c_type(type, op), binary(cast_to(unsigned_type(type), a), ">>", b))


@scalar.register
def _(op: arith.CmpiOp, a: E, b: E) -> Expression:
    name = arith.CMPI_COMPARISON_OPERATIONS[op.predicate.value.data]
    type = op.lhs.type
    if name.startswith("u"):
        a, b = (cast_to(unsigned_type(type), value) for value in (a, b))
    elif name.startswith("s") and width(type) == 1:
        a, b = (unary("-", cast_to("int", value)) for value in (a, b))
    operators = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    return binary(a, operators[name[-2:]], b)


@scalar.register
def _(op: arith.SelectOp, condition: E, a: E, b: E) -> Expression:
    return choose(condition, a, b)


@scalar.register
def _(op: deploy.OpaqueOp, a: E) -> Expression:
    return call(f"deploy_opaque_i{width(op.result.type)}", a)


@scalar.register
def _(op: deploy.Dot4Op, acc: E, a: E, b: E) -> Expression:
    return call(f"deploy_dot4_{signs(op)}", acc, a, b)


def signs(op: deploy.Dot4Op) -> str:
    """`su` where the bytes of the first factor are signed, those of the other not."""
    return "".join("su"[flag] for flag in op.unsigned)


@scalar.register
def _(op: math.AbsIOp, a: E) -> Expression:
    type = result_type(op)
    return narrowed(call(f"deploy_abs_{integer_suffix(type)}", a), op)
