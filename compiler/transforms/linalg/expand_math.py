"""
Expands elementary functions into arithmetic, so that no target needs a mathematics
library.

Before: `%y = math.exp %x : f32`
After:  some thirty operations of `arith` on `f32` and `i32`, no table, no branch

Covered: `exp exp2 expm1 log log2 log10 log1p tanh erf powf rsqrt` on f32, and on f16
through f32; `round roundeven floor ceil trunc copysign` exactly, on f64 too. The error
bounds stand at the functions in `scalar_math` and hold for every f32, denormals,
infinities and NaN included. `math.powf` by a constant that multiplications, a division
or a square root can do becomes that. `sqrt`, `absf`, `fma` and the integer operations
stay: the C we emit has them without a library. Any other function is refused.

Runs last in to-linalg: before it, passes recognise functions by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AnyFloat,
    Float16Type,
    Float32Type,
    Float64Type,
    FloatAttr,
    ModuleOp,
    f32,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
)
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...properties import Property
from ...rewriting import replace
from . import scalar_math
from .scalar_math import Scalar

FUNCTIONS: dict[type[Operation], Callable[..., Scalar]] = {
    math.ExpOp: scalar_math.exp,
    math.Exp2Op: scalar_math.exp2,
    math.ExpM1Op: scalar_math.expm1,
    math.LogOp: scalar_math.log,
    math.Log2Op: scalar_math.log2,
    math.Log10Op: scalar_math.log10,
    math.Log1pOp: scalar_math.log1p,
    math.TanhOp: scalar_math.tanh,
    math.ErfOp: scalar_math.erf,
    math.PowFOp: scalar_math.power,
    math.RsqrtOp: scalar_math.reciprocal_root,
}
"""Approximated in f32."""

ROUNDINGS: dict[type[Operation], Callable[..., Scalar]] = {
    math.RoundOp: scalar_math.round_away,
    math.RoundEvenOp: scalar_math.round_even,
    math.FloorOp: scalar_math.floor,
    math.CeilOp: scalar_math.ceil,
    math.TruncOp: scalar_math.trunc,
    math.CopySignOp: scalar_math.copy_sign,
}
"""Exact, in f32 and f64."""

KEPT = (math.SqrtOp, math.AbsFOp, math.FmaOp)
"""Float operations that emitted C does without a library."""


def is_expanded(op: Operation) -> bool:
    """Whether `op` is a function of floats that must not stay."""
    if op.dialect_name() != "math" or isinstance(op, KEPT):
        return False
    return isinstance(op.results[0].type, AnyFloat)


def refusal(op: Operation) -> str | None:
    """Why `op` cannot be expanded, or None."""
    element, is_exact = op.results[0].type, type(op) in ROUNDINGS
    if type(op) not in FUNCTIONS and not is_exact:
        return f"{op.name} has no expansion into arithmetic"
    if isinstance(element, Float16Type | Float32Type):
        return None
    if is_exact and isinstance(element, Float64Type):
        return None
    expected = "f16, f32 or f64" if is_exact else "f16 or f32"
    return f"{op.name} must be on {expected} to be expanded, got {element}"


def constant_number(value: SSAValue) -> float | None:
    """The number that `value` is when a scalar constant defines it."""
    owner = value.owner
    if not isinstance(owner, arith.ConstantOp) or not isa(owner.value, FloatAttr):
        return None
    return owner.value.value.data


def expansion(op: Operation, operands: list[Scalar]) -> Scalar:
    """The result of `op` on f32 operands (of a rounding, on f64 ones too)."""
    if isinstance(op, math.PowFOp):
        exponent = constant_number(op.rhs)
        if exponent is not None and exponent in scalar_math.SIMPLE_POWERS:
            return scalar_math.SIMPLE_POWERS[exponent](operands[0])
    return {**FUNCTIONS, **ROUNDINGS}[type(op)](*operands)


@dataclass(frozen=True)
class ExpandMath(RewritePattern):
    """A function of floats => arithmetic that computes it."""

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not is_expanded(op):
            return
        if (message := refusal(op)) is not None:
            op.emit_error(message, PassFailedException(message))
        ops: list[Operation] = []
        operands = [Scalar(value, ops) for value in op.operands]
        element: Attribute = op.results[0].type
        if isinstance(element, Float16Type):
            operands = [x.append(arith.ExtFOp(x.value, f32)) for x in operands]
        result = expansion(op, operands)
        if isinstance(element, Float16Type):
            result = result.append(arith.TruncFOp(result.value, element))
        replace(rewriter, op, ops, [result.value])


class LinalgExpandMathPass(ModulePass):
    """Expands elementary functions of floats into arithmetic."""

    name = "linalg-expand-math"
    needs = (Property.STRUCTURED, Property.FUNCTIONS)
    ends = (Property.FUNCTIONS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(ExpandMath(), apply_recursively=False).rewrite_module(op)
