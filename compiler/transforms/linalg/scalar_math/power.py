"""
Powers of f32, by C's rules.

`x**y = 2**(y * log2 |x|)`, computed in f64 because the product magnifies the error of
the logarithm by up to 128: with `m` from `sqrt(1/2)` to `sqrt(2)` and
`s = (m-1) / (m+1)`, `log2 m` is an odd polynomial in `s`. The sign and the special
values are those of C11, annex F.10.4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import NamedTuple

import numpy as np
from xdsl.dialects.builtin import IntegerType

from .coefficients import EXP2_DOUBLE, LOG2_DOUBLE
from .exponential import nearest_integer, power_of_two
from .scalars import Scalar

SQRT_HALF_BITS = int(np.float64(0.5**0.5).view(np.int64))
FRACTION_MASK = (1 << 52) - 1
EVEN_FROM = 2.0**24
"""From here on every f32 is an even integer."""

EXPONENT_LIMIT = 200.0
"""Powers of two beyond are 0 or infinity as f32."""


class Parity(NamedTuple):
    """What C's rules ask of an exponent: two `i1`."""

    is_integer: Scalar
    is_odd: Scalar


def parity(y: Scalar) -> Parity:
    """Whether `y` is an integer, and an odd one; infinity counts as an even one."""
    is_small = y.magnitude().compare("olt", EVEN_FROM)
    small = is_small.select(y, y.constant(0.0))
    whole = small.to_integer(IntegerType(32))
    is_integer = whole.to_float(y.type).compare("oeq", small)
    is_odd = is_integer & (whole & 1).compare("ne", 0)
    return Parity(is_integer, is_odd)


def log2_double(x: Scalar) -> Scalar:
    """`log2(x)` in f64 of an f32 that is not negative: relative error 1e-13."""
    wide = x.to_double()
    distance = wide.bits() - SQRT_HALF_BITS
    exponent = (distance >> wide.format.fraction_bits).to_float(wide.type)
    m = ((distance & FRACTION_MASK) + SQRT_HALF_BITS).as_float(wide.type)
    s = (m - 1.0) / (m + 1.0)
    result = exponent + s * (s * s).polynomial(LOG2_DOUBLE)
    finite = wide.compare("olt", inf).select(result, wide)
    return wide.compare("oeq", 0.0).select(wide.constant(-inf), finite)


def exp2_double(x: Scalar) -> Scalar:
    """`2**x` of an f64, rounded to f32."""
    x = x.clamp(-EXPONENT_LIMIT, EXPONENT_LIMIT)
    whole, n = nearest_integer(x)
    return ((x - whole).polynomial(EXP2_DOUBLE) * power_of_two(n, x)).to_single()


def power(x: Scalar, y: Scalar) -> Scalar:
    """`x**y` of any f32: 0.51 ulp where it is finite."""
    magnitude = x.magnitude()
    size = exp2_double(y.to_double() * log2_double(magnitude))
    is_integer, is_odd = parity(y)
    is_negative = x.bits().compare("slt", 0)
    result = (is_negative & is_odd).select(-size, size)
    is_below = x.compare("olt", 0.0) & magnitude.compare("olt", inf)
    has_no_value = is_below & is_integer.compare("eq", 0)
    result = has_no_value.select(x.constant(nan), result)
    return ones(x, y, magnitude, result)


def ones(x: Scalar, y: Scalar, magnitude: Scalar, otherwise: Scalar) -> Scalar:
    """1 for the powers of 1, for the power 0, and for -1 to an infinite power."""
    one = x.constant(1.0)
    is_endless = y.magnitude().compare("oeq", inf)
    turns = magnitude.compare("oeq", 1.0) & is_endless
    is_one = turns | x.compare("oeq", 1.0) | y.compare("oeq", 0.0)
    return is_one.select(one, otherwise)


def reciprocal_root(x: Scalar) -> Scalar:
    """`1 / sqrt(x)`: 1.5 ulp."""
    return x.constant(1.0) / x.square_root()


def _square_root(x: Scalar) -> Scalar:
    """C's `pow(x, 0.5)`: unlike the root it is +0 at -0, infinite at minus infinity."""
    is_lowest = x.compare("oeq", -inf)
    return is_lowest.select(x.constant(inf), x).square_root() + 0.0


SIMPLE_POWERS: dict[float, Callable[[Scalar], Scalar]] = {
    0.0: lambda x: x.constant(1.0),
    1.0: lambda x: x,
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    -1.0: lambda x: x.constant(1.0) / x,
    0.5: _square_root,
}
"""Exponents that need no logarithm."""
