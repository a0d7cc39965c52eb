"""
`math` on arrays, element by element.

Transcendental functions are computed in float64 and rounded once: the reference that
`linalg-expand-math` is measured against, the same on every computer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from xdsl.dialects import math as math_dialect

from .builtin import Array, scalar_functions
from .elements import unsigned


def wide(function: Callable[..., Any], *parameters: Any) -> Callable[..., Any]:
    """
    `function` computed in float64 and rounded to the operands' type.

    `parameters` follow the operands as they are.
    """

    def run(*args: Array) -> Array:
        operands = (x.astype(np.float64) for x in args)
        result = np.asarray(function(*operands, *parameters))
        return result.astype(args[0].dtype)

    return run


def error_function(x: Array) -> Array:
    """The error function of float64 numbers."""
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x)).astype(np.float64)


def power(base: Array, exponent: Array) -> Array:
    """C's `pow`; `np.power` is `sqrt` for a scalar 1/2, another thing at -0."""
    return np.float_power(base, exponent)


def reciprocal_root(x: Array) -> Array:
    """`1 / sqrt(x)` of float64 numbers."""
    return 1.0 / np.sqrt(x)


def round_away(x: Array) -> Array:
    """To the nearest integer, halves away from zero."""
    whole = np.trunc(x)
    up = (np.abs(x - whole) >= 0.5).astype(x.dtype)
    return np.copysign(whole + np.copysign(up, x), x)


def fused_multiply_add(a: Array, b: Array, c: Array) -> Array:
    """`a * b + c` rounded once."""
    if a.dtype == np.float64:
        exact = np.frompyfunc(_fma_exact, 3, 1)(a, b, c)
        return np.asarray(exact).astype(np.float64)
    product, term = a.astype(np.float64) * b.astype(np.float64), c.astype(np.float64)
    return _add_to_odd(product, term).astype(a.dtype)


def _fma_exact(a: float, b: float, c: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return a * b + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(exact) if exact else a * b + c


def _add_to_odd(x: Array, y: Array) -> Array:
    """
    `x + y` rounded to odd, so that rounding it again to a short type is exact.

    The error of the rounded sum comes from Knuth's two-sum; where there is one and the
    sum is even, its odd neighbour on the side of the error is the answer.
    """
    total = np.asarray(x + y)
    part = total - x
    error = (x - (total - part)) + (y - part)
    even = (total.view(np.int64) & 1) == 0
    inexact = np.isfinite(total) & (error != 0)
    towards = np.where(error > 0, np.inf, -np.inf)
    return np.where(inexact & even, np.nextafter(total, towards), total)


def integer_power(base: Array, exponent: Array) -> Array:
    """Wraps around; a negative exponent gives the reciprocal rounded towards zero."""
    result = np.power(base, np.maximum(exponent, 0))
    parity = np.where(exponent % 2 == 0, 1, -1)
    reciprocal = np.where(base == 1, 1, np.where(base == -1, parity, 0))
    return np.where(exponent < 0, reciprocal, result).astype(base.dtype)


def _of_bits(function: Callable[[int, int], int]) -> Callable[[Array], Array]:
    """`function` of the unsigned value and the width, on signless integers."""

    def run(x: Array) -> Array:
        width = 8 * x.itemsize
        values = np.frompyfunc(lambda v: function(int(v), width), 1, 1)(unsigned(x))
        return np.asarray(values).astype(x.dtype)

    return run


def _trailing_zeros(value: int, width: int) -> int:
    return (value & -value).bit_length() - 1 if value else width


MathFunctions = scalar_functions(
    "MathFunctions",
    {
        math_dialect.AbsFOp: np.abs,
        math_dialect.AbsIOp: np.abs,
        math_dialect.CopySignOp: np.copysign,
        math_dialect.CeilOp: np.ceil,
        math_dialect.FloorOp: np.floor,
        math_dialect.TruncOp: np.trunc,
        math_dialect.RoundEvenOp: np.rint,
        math_dialect.RoundOp: round_away,
        math_dialect.SqrtOp: np.sqrt,
        math_dialect.FmaOp: fused_multiply_add,
        math_dialect.RsqrtOp: wide(reciprocal_root),
        math_dialect.CbrtOp: wide(np.cbrt),
        math_dialect.ExpOp: wide(np.exp),
        math_dialect.Exp2Op: wide(np.exp2),
        math_dialect.ExpM1Op: wide(np.expm1),
        math_dialect.LogOp: wide(np.log),
        math_dialect.Log2Op: wide(np.log2),
        math_dialect.Log10Op: wide(np.log10),
        math_dialect.Log1pOp: wide(np.log1p),
        math_dialect.ErfOp: wide(error_function),
        math_dialect.PowFOp: wide(power),
        math_dialect.FPowIOp: wide(power),
        math_dialect.IPowIOp: integer_power,
        math_dialect.SinOp: wide(np.sin),
        math_dialect.CosOp: wide(np.cos),
        math_dialect.TanOp: wide(np.tan),
        math_dialect.AsinOp: wide(np.arcsin),
        math_dialect.AcosOp: wide(np.arccos),
        math_dialect.AtanOp: wide(np.arctan),
        math_dialect.Atan2Op: wide(np.arctan2),
        math_dialect.SinhOp: wide(np.sinh),
        math_dialect.CoshOp: wide(np.cosh),
        math_dialect.TanhOp: wide(np.tanh),
        math_dialect.AsinhOp: wide(np.arcsinh),
        math_dialect.AcoshOp: wide(np.arccosh),
        math_dialect.AtanhOp: wide(np.arctanh),
        math_dialect.CtPopOp: _of_bits(lambda v, width: v.bit_count()),
        math_dialect.CountLeadingZerosOp: _of_bits(lambda v, w: w - v.bit_length()),
        math_dialect.CountTrailingZerosOp: _of_bits(_trailing_zeros),
    },
)
"""Every scalar operation of the dialect."""
