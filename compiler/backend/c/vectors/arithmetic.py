"""Arithmetic on vectors in C."""

from __future__ import annotations

from xdsl.dialects import arith, math
from xdsl.dialects import vector as vector_dialect
from xdsl.ir import Operation, SSAValue

from ....analysis.vectors import scalar_of
from ....dialects import deploy
from ..expressions import Expression, binary, call, choose, unary
from ..scalars.integers import never_wraps, signs
from ..types import refuse
from .dispatch import (
    E,
    as_masks,
    as_result,
    as_unsigned,
    element_bits,
    lane_count,
    mask_name,
    name_of,
    vector,
)

OPERATORS: dict[type[Operation], str] = {
    arith.AddfOp: "+",
    arith.SubfOp: "-",
    arith.MulfOp: "*",
    arith.DivfOp: "/",
    arith.AndIOp: "&",
    arith.OrIOp: "|",
    arith.XOrIOp: "^",
    arith.ShRSIOp: ">>",
    arith.AddiOp: "+",
    arith.SubiOp: "-",
    arith.MuliOp: "*",
    arith.ShLIOp: "<<",
    arith.ShRUIOp: ">>",
}

FUNCTIONS: dict[type[Operation], str] = {
    arith.MaxnumfOp: "DEPLOY_MAXNUM",
    arith.MinnumfOp: "DEPLOY_MINNUM",
    arith.MaxSIOp: "DEPLOY_GREATER",
    arith.MinSIOp: "DEPLOY_LESSER",
    math.AbsFOp: "DEPLOY_ABS",
    math.SqrtOp: "DEPLOY_SQRT",
    math.FloorOp: "DEPLOY_FLOOR",
    math.CeilOp: "DEPLOY_CEIL",
    math.TruncOp: "DEPLOY_TRUNC",
    math.RoundEvenOp: "DEPLOY_ROUNDEVEN",
    math.CopySignOp: "DEPLOY_COPYSIGN",
    math.FmaOp: "DEPLOY_FMA",
    vector_dialect.FMAOp: "DEPLOY_FMA",
}
"""Operations that are a macro of `deploy_vector.h`."""


@vector.register(arith.AddfOp)
@vector.register(arith.SubfOp)
@vector.register(arith.MulfOp)
@vector.register(arith.DivfOp)
@vector.register(arith.ShRSIOp)
def _(op: Operation, a: E, b: E) -> Expression:
    return binary(a, OPERATORS[type(op)], b)


@vector.register(arith.AndIOp)
@vector.register(arith.OrIOp)
@vector.register(arith.XOrIOp)
def _(op: Operation, a: E, b: E) -> Expression:
    a, b = as_masks(op, (a, b), element_bits(op.operands[0]))
    return binary(a, OPERATORS[type(op)], b)


@vector.register(arith.AddiOp)
@vector.register(arith.SubiOp)
@vector.register(arith.MuliOp)
def _(op: arith.AddiOp | arith.SubiOp | arith.MuliOp, a: E, b: E) -> Expression:
    if never_wraps(op):
        return binary(a, OPERATORS[type(op)], b)
    return on_unsigned(op, a, b)


@vector.register(arith.ShLIOp)
@vector.register(arith.ShRUIOp)
def _(op: Operation, a: E, b: E) -> Expression:
    return on_unsigned(op, a, b)


def on_unsigned(op: Operation, a: E, b: E) -> Expression:
    """The operator of `op` on unsigned values."""
    a, b = (as_unsigned(v, e, op) for v, e in zip(op.operands, (a, b), strict=True))
    return as_result(binary(a, OPERATORS[type(op)], b), op)


@vector.register
def _(op: arith.NegfOp, a: E) -> Expression:
    return unary("-", a)


def function_of(op: Operation, *args: E) -> Expression:
    """The macro that does `op`."""
    return call(FUNCTIONS[type(op)], E(name_of(op.results[0], op)), *args)


for _type in FUNCTIONS:
    vector.register(_type)(function_of)


@vector.register(arith.MaximumfOp)
@vector.register(arith.MinimumfOp)
def _(op: arith.MaximumfOp | arith.MinimumfOp, a: E, b: E) -> Expression:
    name = "DEPLOY_MAXIMUM" if isinstance(op, arith.MaximumfOp) else "DEPLOY_MINIMUM"
    is_part = lane_count(op.result).bit_count() != 1 and not is_constant(op.rhs)
    return call(f"{name}_PART" if is_part else name, E(name_of(op.result, op)), a, b)


def is_constant(value: SSAValue) -> bool:
    """Whether the compiler knows the elements of a vector."""
    return isinstance(scalar_of(value).owner, arith.ConstantOp)


@vector.register(arith.MaxUIOp)
@vector.register(arith.MinUIOp)
def _(op: Operation, a: E, b: E) -> Expression:
    name = "DEPLOY_GREATER" if isinstance(op, arith.MaxUIOp) else "DEPLOY_LESSER"
    a, b = (as_unsigned(v, e, op) for v, e in zip(op.operands, (a, b), strict=True))
    return call(name, E(name_of(op.results[0], op)), a, b)


@vector.register
def _(op: arith.MulSIExtendedOp, a: E, b: E) -> Expression:
    bits = element_bits(op.lhs)
    if bits > 32 or op.low.uses.get_length():
        refuse(op, "only the upper half of a product of up to 32 bits is there in C")
    name = name_of(op.high, op)
    wide = mask_name(lane_count(op.high), 2 * bits, op)
    return call("DEPLOY_MULHI", E(name), E(wide), a, b)


@vector.register
def _(op: deploy.Dot4Op, acc: E, a: E, b: E) -> Expression:
    is_word = op.rhs.type != op.result.type
    name = "DEPLOY_DOT4_WORD" if is_word else "DEPLOY_DOT4"
    return call(name, E(name_of(op.result, op)), E(signs(op)), acc, a, b)


@vector.register
def _(op: deploy.VselectOp, mask: E, a: E, b: E) -> Expression:
    bits = element_bits(op.result)
    mask, a, b = as_masks(op, (mask, a, b), bits)
    return call("DEPLOY_CHOOSE", E(name_of(op.result, op)), mask, a, b)


@vector.register
def _(op: arith.SelectOp, condition: E, a: E, b: E) -> Expression:
    return choose(
        condition, *as_masks(op, (condition, a, b), element_bits(op.result))[1:]
    )
