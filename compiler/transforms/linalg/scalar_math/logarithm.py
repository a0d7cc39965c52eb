"""
Logarithms in f32.

`log(x) = e * ln 2 + log(m)` with `x = 2**e * m` and `m` from `sqrt(1/2)` to `sqrt(2)`,
read off the bits of `x`; a denormal `x` is scaled up before. With `f = m - 1`,
`log(1 + f) = f - f**2 / 2 + f**3 * P(f)`, the form of S. L. Moshier, "Methods and
Programs for Mathematical Functions", 1989. `ln 2` is in two parts, of which the first
times `e` is exact.
"""

from __future__ import annotations

from math import inf, nan
from math import log as natural
from typing import NamedTuple

import numpy as np

from .coefficients import LOG
from .scalars import Scalar

LN2_HIGH = 355 / 512
LN2_LOW = natural(2) - LN2_HIGH

LEAST_NORMAL = 2.0**-126
DENORMAL_SHIFT = 25
SQRT_HALF_BITS = int(np.float32(0.5**0.5).view(np.int32))
FRACTION_MASK = (1 << 23) - 1


class Parts(NamedTuple):
    """`log(x) = exponent * ln 2 + first + rest`, where `rest` is the smaller."""

    exponent: Scalar
    first: Scalar
    rest: Scalar


def parts(x: Scalar) -> Parts:
    """The logarithm of a positive finite number."""
    is_tiny = x.compare("olt", LEAST_NORMAL)
    normal = is_tiny.select(x * 2.0**DENORMAL_SHIFT, x)
    shift = is_tiny.select(x.constant(-DENORMAL_SHIFT), x.constant(0.0))
    distance = normal.bits() - SQRT_HALF_BITS
    exponent = (distance >> x.format.fraction_bits).to_float(x.type) + shift
    m = ((distance & FRACTION_MASK) + SQRT_HALF_BITS).as_float(x.type)
    f = m - 1.0
    square = f * f
    rest = f * square * f.polynomial(LOG) - square * 0.5
    return Parts(exponent, f, rest)


def at_the_edges(x: Scalar, result: Scalar) -> Scalar:
    """`result` for positive finite `x`; minus infinity at 0, NaN below."""
    nothing = x.compare("oeq", 0.0).select(x.constant(-inf), x.constant(nan))
    inside = x.compare("ogt", 0.0).select(result, nothing)
    return x.compare("oeq", inf).select(x, inside)


def log(x: Scalar) -> Scalar:
    """The natural logarithm: 1.5 ulp."""
    exponent, first, rest = parts(x)
    total = exponent * LN2_HIGH + (first + (rest + exponent * LN2_LOW))
    return at_the_edges(x, total)


def log2(x: Scalar) -> Scalar:
    """The logarithm to base 2: 2.5 ulp; exact for powers of two."""
    exponent, first, rest = parts(x)
    total = exponent + (first + rest) * (1 / natural(2))
    return at_the_edges(x, total)


def log10(x: Scalar) -> Scalar:
    """The logarithm to base 10: 2.5 ulp."""
    return log(x) * (1 / natural(10))


def log1p(x: Scalar) -> Scalar:
    """
    `log(1 + x)`: relative error 4e-7, also near zero.

    The rounding error of `u = 1 + x`, which is `x - (u - 1)` exactly, is worth that
    divided by `u`.
    """
    u = x + 1.0
    correction = (x - (u - 1.0)) / u
    whole = log(u)
    is_inside = u.compare("ogt", 0.0) & u.compare("olt", inf)
    return is_inside.select(whole + correction, whole)
