"""
Evaluates and simplifies scalar arithmetic in the bodies of `nn` operations.

Before: `%h = arith.constant 4.0 : f32`, `%y = arith.divf %x, %h : f32`
After:  `%q = arith.constant 0.25 : f32`, `%y = arith.mulf %x, %q : f32`

Only what gives the same bits for every element is done: a division becomes a
multiplication when the reciprocal is a power of two, `x + 0.0` stays because it changes
the sign of a zero. Powers with a small constant exponent become products, which rounds
differently in the last place but is what the exponent means.
"""

from __future__ import annotations

from math import frexp, isfinite

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...dialects.nn.scalars import number
from ...interpreters import register
from ...properties import Property
from ...rewriting import replace
from .arrays import constant_array

LARGEST_POWER = 4
"""Beyond this exponent the products would cost more than they save."""


def scalar_constant(value: SSAValue) -> float | int | None:
    """The value of an `arith.constant` of one element, None when it is not one."""
    if not isinstance(value.owner, arith.ConstantOp):
        return None
    attribute = value.owner.value
    if not isinstance(attribute, FloatAttr | IntegerAttr):
        return None
    return attribute.value.data


def exact_reciprocal(value: float) -> float | None:
    """`1 / value` where that is a power of two and normal in float32, else None."""
    if not isfinite(value) or value == 0:
        return None
    mantissa, exponent = frexp(value)
    return 1 / value if abs(mantissa) == 1 / 2 and abs(exponent) < 100 else None


def in_body(op: Operation) -> bool:
    """Whether `op` stands in a scalar region of `nn`."""
    parent = op.parent_op()
    return parent is not None and parent.dialect_name() == "nn"


def neutral(op: Operation) -> SSAValue | None:
    """The operand that `op` returns unchanged, to the bit, else None."""
    match op:
        case arith.MulfOp() | arith.MuliOp():
            return _other(op.lhs, op.rhs, 1) or _other(op.rhs, op.lhs, 1)
        case arith.DivfOp() | arith.DivSIOp() | arith.DivUIOp():
            return _other(op.lhs, op.rhs, 1)
        case arith.AddiOp():
            return _other(op.lhs, op.rhs, 0) or _other(op.rhs, op.lhs, 0)
        case arith.SubiOp():
            return _other(op.lhs, op.rhs, 0)
        case arith.AddfOp():
            return _signed_zero(op.lhs, op.rhs, -0.0) or _signed_zero(
                op.rhs, op.lhs, -0.0
            )
        case arith.SubfOp():
            return _signed_zero(op.lhs, op.rhs, 0.0)
        case _:
            return None


def _other(value: SSAValue, constant: SSAValue, wanted: int) -> SSAValue | None:
    return value if scalar_constant(constant) == wanted else None


def _signed_zero(value: SSAValue, constant: SSAValue, wanted: float) -> SSAValue | None:
    got = scalar_constant(constant)
    same = got == 0 and np.signbit(float(got)) == np.signbit(wanted)
    return value if same else None


class Evaluate(RewritePattern):
    """An operation on constants, or one that returns an operand => its result."""

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if op.dialect_name() not in ("arith", "math") or not in_body(op):
            return
        if (value := neutral(op)) is not None:
            rewriter.replace(op, [], [value])
            return
        arguments = [constant_array(value) for value in op.operands]
        if not arguments or any(a is None for a in arguments):
            return
        interpreter = Interpreter(ModuleOp([]))
        register(interpreter)
        with np.errstate(all="ignore"):
            (result,) = interpreter.run_op(op, tuple(arguments))
        attribute = number(np.asarray(result).item(), op.results[0].type)
        replace(rewriter, op, arith.ConstantOp(attribute))


class DivideByMultiplying(RewritePattern):
    """`x / 2**n` => `x * 2**-n`."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: arith.DivfOp, rewriter: PatternRewriter) -> None:
        if not in_body(op) or (divisor := scalar_constant(op.rhs)) is None:
            return
        if (reciprocal := exact_reciprocal(divisor)) is None:
            return
        factor = arith.ConstantOp(number(reciprocal, op.rhs.type))
        replace(rewriter, op, [factor, arith.MulfOp(op.lhs, factor)])


class MultiplyOutPower(RewritePattern):
    """`x ** n` with a small whole exponent => products; `x ** -1` => `1 / x`."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: math.PowFOp | math.IPowIOp, rewriter: PatternRewriter
    ) -> None:
        if not in_body(op) or (exponent := scalar_constant(op.rhs)) is None:
            return
        if exponent == -1 and isinstance(op.lhs.type, AnyFloat):
            one = arith.ConstantOp(number(1, op.lhs.type))
            replace(rewriter, op, [one, arith.DivfOp(one, op.lhs)])
        elif exponent == 1:
            rewriter.replace(op, [], [op.lhs])
        elif exponent in range(2, LARGEST_POWER + 1):
            replace(rewriter, op, power(op.lhs, int(exponent)))


def power(base: SSAValue, exponent: int) -> list[Operation]:
    """`base ** exponent` by repeated multiplication; `exponent` is 2 or more."""
    times = arith.MulfOp if isinstance(base.type, AnyFloat) else arith.MuliOp
    products: list[Operation] = [times(base, base)]
    if exponent == LARGEST_POWER:
        return [*products, times(products[0].results[0], products[0].results[0])]
    for _ in range(exponent - 2):
        products.append(times(products[-1].results[0], base))
    return products


class NnFoldScalarsPass(ModulePass):
    """Evaluates and simplifies scalar arithmetic in the bodies of `nn` operations."""

    name = "nn-fold-scalars"
    needs = (Property.NETWORK, Property.GENERIC_ELEMENTWISE)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = [Evaluate(), DivideByMultiplying(), MultiplyOutPower()]
        applier = GreedyRewritePatternApplier(list[RewritePattern](patterns))
        found = [inner for inner in op.walk() if isinstance(inner, nn.NNOp)]
        for region in (region for inner in found for region in inner.regions):
            PatternRewriteWalker(applier).rewrite_region(region)
