"""
What each scalar operation is in C, one short function per operation.

Integer operations wrap: in a type narrower than `int` they are done in `int` and cut
off, in a wider one they go through the unsigned type. `overflow<nsw>` and `index`
promise that nothing wraps. Everything that C leaves undefined otherwise is a function
of `deploy.h`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IndexType, IntegerType
from xdsl.ir import Attribute, Operation

from .expressions import Expression, binary, call, cast_to, choose, unary
from .types import c_type, literal, unsigned_type, width

E = Expression


@singledispatch
def scalar(op: Operation, *args: Expression) -> Expression | None:
    """The C expression for `op` on `args`; none when it is not a scalar operation."""
    return None


def is_scalar(op: Operation) -> bool:
    """Whether `op` is printed as an expression."""
    return scalar.dispatch(type(op)) is not scalar.dispatch(Operation)


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
    return Expression(text, 4 if text.startswith("-") else 5)


@scalar.register
def _(op: arith.AddiOp, a: E, b: E) -> Expression:
    return wrapping(op, "+", a, b, never_wraps(op))


@scalar.register
def _(op: arith.SubiOp, a: E, b: E) -> Expression:
    return wrapping(op, "-", a, b, never_wraps(op))


@scalar.register
def _(op: arith.MuliOp, a: E, b: E) -> Expression:
    return wrapping(op, "*", a, b, never_wraps(op))


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


ORDERED = {"oeq": "==", "ogt": ">", "oge": ">=", "olt": "<", "ole": "<=", "une": "!="}
NEGATED = {"ult": ">=", "ule": ">", "ugt": "<=", "uge": "<"}
NAMED = {"one": "ordered_differ", "uno": "unordered"}
NEGATED_NAMED = {"ueq": "ordered_differ", "ord": "unordered"}


@scalar.register
def _(op: arith.CmpfOp, a: E, b: E) -> Expression:
    name = arith.CMPF_COMPARISON_OPERATIONS[op.predicate.value.data]
    if name in ORDERED:
        return binary(a, ORDERED[name], b)
    if name in NEGATED:
        return unary("!", binary(a, NEGATED[name], b))
    suffix = float_suffix(op.lhs.type, op)
    if name in NAMED:
        return call(f"deploy_{NAMED[name]}_{suffix}", a, b)
    if name in NEGATED_NAMED:
        return unary("!", call(f"deploy_{NEGATED_NAMED[name]}_{suffix}", a, b))
    return Expression("1" if name == "true" else "0")


@scalar.register
def _(op: arith.SelectOp, condition: E, a: E, b: E) -> Expression:
    return choose(condition, a, b)


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


@scalar.register(arith.AddfOp)
@scalar.register(arith.SubfOp)
@scalar.register(arith.MulfOp)
@scalar.register(arith.DivfOp)
def _(op: Operation, a: E, b: E) -> Expression:
    operators = {"addf": "+", "subf": "-", "mulf": "*", "divf": "/"}
    return binary(a, operators[op.name.removeprefix("arith.")], b)


@scalar.register
def _(op: arith.NegfOp, a: E) -> Expression:
    return unary("-", a)


FLOAT_FUNCTIONS: dict[type[Operation], str] = {
    arith.MaximumfOp: "deploy_maximum",
    arith.MinimumfOp: "deploy_minimum",
    arith.MaxnumfOp: "deploy_maxnum",
    arith.MinnumfOp: "deploy_minnum",
    math.AbsFOp: "deploy_fabs",
    math.SqrtOp: "deploy_sqrt",
    math.FloorOp: "deploy_floor",
    math.CeilOp: "deploy_ceil",
    math.TruncOp: "deploy_trunc",
    math.RoundEvenOp: "deploy_roundeven",
    math.CopySignOp: "deploy_copysign",
    math.FmaOp: "deploy_fma",
}
"""Operations on floats that are a function of `deploy.h`, without its suffix."""


def function_of(op: Operation, *args: E) -> Expression:
    """The call of the function of `deploy.h` that does `op`."""
    single = c_type(result_type(op), op) == "float"
    return call(FLOAT_FUNCTIONS[type(op)] + ("f" if single else ""), *args)


for _type in FLOAT_FUNCTIONS:
    scalar.register(_type)(function_of)


@scalar.register
def _(op: math.AbsIOp, a: E) -> Expression:
    type = result_type(op)
    return narrowed(call(f"deploy_abs_{integer_suffix(type)}", a), op)


def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
    """The expression of `op`, which `is_scalar`."""
    value = scalar(op, *args)
    assert value is not None, "only scalar operations are evaluated"
    return value
