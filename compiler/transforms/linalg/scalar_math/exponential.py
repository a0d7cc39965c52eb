"""
Exponential functions in f32.

`exp(x) = 2**n * exp(r)` with `n` an integer near `x / ln 2`; `r = x - n ln 2`
is exact to the last bit because `ln 2` is subtracted in two parts, the first of which
has so few bits that its product with `n` is exact (W. J. Cody and W. Waite, "Software
Manual for the Elementary Functions", 1980). `exp(r)` is a polynomial.
"""

from __future__ import annotations

from math import e, inf, log2

from .coefficients import EXP, EXP2
from .logarithm import LN2_HIGH, LN2_LOW, log
from .scalars import Scalar

LOWEST, HIGHEST = -104.0, 89.0
"""Below and above, `exp` is 0 and infinity, also when it is computed."""

LOWEST_2, HIGHEST_2 = -150.0, 128.0
"""The same for `exp2`: half the least denormal rounds to 0."""


def nearest_integer(x: Scalar) -> tuple[Scalar, Scalar]:
    """The integer nearest to a small `x`, as a float and as an integer."""
    shifted = x + x.format.rounder
    whole = shifted - x.format.rounder
    return whole, shifted.bits() - x.format.rounder_bits


def power_of_two(n: Scalar, like: Scalar) -> Scalar:
    """`2**n` in the type of `like`, for exponents of normal numbers."""
    biased = (n + like.format.bias) << like.format.fraction_bits
    return biased.as_float(like.type)


def scaled(x: Scalar, n: Scalar) -> Scalar:
    """`x * 2**n` by two normal factors, so that denormals come right."""
    half = n >> 1
    return x * power_of_two(half, x) * power_of_two(n - half, x)


def exp(x: Scalar) -> Scalar:
    """
    `e**x`: 1.8 ulp; 0 below -104, infinity above 88.73.

    `n` is even, `2 * m`, so that both factors are `2**m`: the low bits of what rounds
    to `m`, to which the bias has been added as well, are its exponent.
    """
    x = x.clamp(LOWEST, HIGHEST)
    rounder = x.format.rounder + x.format.bias
    shifted = x * (log2(e) / 2) + rounder
    whole = shifted - rounder
    r = x - whole * (2 * LN2_HIGH) - whole * (2 * LN2_LOW)
    factor = (shifted.bits() << x.format.fraction_bits).as_float(x.type)
    return ((r + r * r * r.polynomial(EXP)) + 1.0) * factor * factor


def exp2(x: Scalar) -> Scalar:
    """`2**x`: 1.1 ulp; exact for integers; 0 below -150, infinity from 128 on."""
    x = x.clamp(LOWEST_2, HIGHEST_2)
    whole, n = nearest_integer(x)
    r = x - whole
    return scaled(r * r.polynomial(EXP2) + 1.0, n)


def expm1(x: Scalar) -> Scalar:
    """
    `e**x - 1`: relative error 4e-7, also near zero.

    W. Kahan's correction: with `u = exp(x)`, `(u - 1) * x / log(u)` loses the rounding
    error of `u`. It is of no use where `u` or `u - 1` is at a limit.
    """
    u = exp(x)
    difference = u - 1.0
    corrected = difference * (x / log(u))
    is_limit = u.compare("oeq", inf) | difference.compare("oeq", -1.0)
    inside = is_limit.select(difference, corrected)
    return u.compare("oeq", 1.0).select(x, inside)
