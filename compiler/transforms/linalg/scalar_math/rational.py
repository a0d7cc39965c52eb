"""
Odd functions that level off, in f32: `x * P(x**2) / Q(x**2)` up to where they are 1.

A single expression without branches; fitted by benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from .coefficients import ERF_LOWER, ERF_UPPER, TANH_LOWER, TANH_UPPER
from .scalars import Scalar

TANH_LEVEL = 9.02
"""From here on `tanh` rounds to 1."""

ERF_LEVEL = 3.93
"""From here on `erf` rounds to 1."""


def levelled(
    x: Scalar, level: float, upper: Sequence[float], lower: Sequence[float]
) -> Scalar:
    """
    The rational function inside `level`, kept within 1; exactly 1 outside.

    There it is `x` times what the quotient is at `level`, so that it goes on rising.
    """
    square = (x * x).at_most(level * level)
    ratio = x * square.polynomial(upper) / square.polynomial(lower)
    return ratio.clamp(-1.0, 1.0)


def tanh(x: Scalar) -> Scalar:
    """The hyperbolic tangent: absolute error 4e-7, exactly 1 from 9.02 on."""
    return levelled(x, TANH_LEVEL, TANH_UPPER, TANH_LOWER)


def erf(x: Scalar) -> Scalar:
    """The error function: absolute error 4e-7, exactly 1 from 3.93 on."""
    return levelled(x, ERF_LEVEL, ERF_UPPER, ERF_LOWER)
