"""Operations and comparisons of floats in C."""

from __future__ import annotations

from xdsl.dialects import arith, math
from xdsl.ir import Operation

from ..expressions import Expression, binary, call, unary
from ..types import c_type
from .dispatch import E, float_suffix, result_type, scalar

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
