"""
Rounding to integers in f32 and f64, exact for every number.

Below `2**p`, where `p` is the number of fraction bits, adding `2**p` leaves no bits for
a fraction, so it rounds to the nearest integer, half to even; subtracting it again is
exact. Larger numbers are integers already; they, infinities and NaN stay.
"""

from __future__ import annotations

from .scalars import Scalar


def copy_sign(magnitude: Scalar, sign: Scalar) -> Scalar:
    """`magnitude` with the sign of `sign`; both may be zero or NaN."""
    mask = magnitude.format.sign_mask
    bits = (magnitude.bits() & ~mask) | (sign.bits() & mask)
    return bits.as_float(magnitude.type)


def nearest(positive: Scalar) -> Scalar:
    """The integer nearest to a positive number with a fraction, half to even."""
    return (positive + positive.format.whole) - positive.format.whole


def with_fraction(x: Scalar, magnitude: Scalar, rounded: Scalar) -> Scalar:
    """`rounded` with the sign of `x`, or `x` where that has no fraction."""
    has_fraction = magnitude.compare("olt", x.format.whole)
    return has_fraction.select(copy_sign(rounded, x), x)


def towards_zero(magnitude: Scalar) -> Scalar:
    """The whole part of a positive number below `2**p`."""
    rounded = nearest(magnitude)
    return rounded.compare("ogt", magnitude).select(rounded - 1.0, rounded)


def round_even(x: Scalar) -> Scalar:
    """The nearest integer, half to even."""
    magnitude = x.magnitude()
    return with_fraction(x, magnitude, nearest(magnitude))


def trunc(x: Scalar) -> Scalar:
    """The whole part."""
    magnitude = x.magnitude()
    return with_fraction(x, magnitude, towards_zero(magnitude))


def round_away(x: Scalar) -> Scalar:
    """The nearest integer, half away from zero."""
    magnitude = x.magnitude()
    whole = towards_zero(magnitude)
    is_up = (magnitude - whole).compare("oge", 0.5)
    return with_fraction(x, magnitude, is_up.select(whole + 1.0, whole))


def floor(x: Scalar) -> Scalar:
    """The largest integer that is not larger."""
    rounded = round_even(x)
    below = rounded.compare("ogt", x).select(rounded - 1.0, rounded)
    return copy_sign(below, x)


def ceil(x: Scalar) -> Scalar:
    """The smallest integer that is not smaller."""
    rounded = round_even(x)
    above = rounded.compare("olt", x).select(rounded + 1.0, rounded)
    return copy_sign(above, x)
