"""
Rounds an affine function of integers by multiplication, addition and shift.

`round_half_to_even(sum of a * n + c)` becomes `(p + half - e + tie) >> s` where
`p = sum of M * n + C` with `M ~ a * 2**s` of at most 31 bits and `C ~ c * 2**s`.

A factor is first rounded to float32, as the kernels do whose results ours are compared
with; then it has 24 bits, and one factor alone is represented exactly. What is lost is
at most `(sum of |n| + 1) * 2**-(s + 1)`, and refused above `MAX_ERROR`, or above
`MAX_RELATIVE_ERROR` of one product: the result is the exactly rounded one unless the
real value is that close to a half, and then it is off by one.

Where whole products take 64 bits, their upper halves do: `high_products.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

from .accumulators import Bounds
from .affine_form import Numbers, Term, each, every, numbers
from .high_products import high_rounding
from .multipliers import (
    SMALL_DENOMINATOR,
    Rounding,
    as_good_as_float,
    at_shift,
    largest,
    multiplier_shift,
    single,
    total,
)

MULTIPLIER_BITS = (31, 62)
"""A multiplier has so many bits; more only where the sum needs the precision."""

WIDTHS = (32, 64)

RARE_TIE_BITS = 20
"""One sum in so many powers of two may be a tie that goes up instead of to even."""

MAX_ERROR = Fraction(1, 1 << 12)
"""How far the fixed-point value may be from the real one, in units of the result."""


def trailing_zeros(value: int) -> int:
    """How often 2 divides `value`, which is not 0."""
    return (value & -value).bit_length() - 1


def common_zeros(parts: Sequence[Numbers], most: int) -> int:
    """How often 2 divides all entries, at most so often."""
    common = reduce(gcd, (int(v) for part in parts for v in part.reshape(-1)), 0)
    return most if common == 0 else min(most, trailing_zeros(common))


def best_shift(
    terms: Sequence[Term],
    factors: Sequence[Numbers],
    c: Numbers,
    bits: int,
    width: int,
) -> int:
    """The largest shift at which all multipliers and the sum fit; negative if none."""
    bounds = [term.integer.bounds for term in terms]
    shift = multiplier_shift(factors, bits)
    while shift >= 0:
        multipliers = [at_shift(factor, shift) for factor in factors]
        if total(bounds, multipliers, at_shift(c, shift)).fits(width - 1):
            break
        shift -= 1
    return shift


def rounding(
    terms: Sequence[Term], constant: Numbers, max_error: Fraction = MAX_ERROR
) -> Rounding | None:
    """How to round; None where 64 bits do not give the precision."""
    for bits in MULTIPLIER_BITS:
        found = rounding_with(terms, constant, max_error, bits)
        if found is not None:
            return in_32_bits(terms, constant, max_error, found) or found
    return None


def in_32_bits(
    terms: Sequence[Term], constant: Numbers, max_error: Fraction, found: Rounding
) -> Rounding | None:
    """The same as `found` by arithmetic of 32 bits; None where that is not as good."""
    if found.width == 32:
        return found
    if not ties(found):
        return high_rounding(terms, constant)
    narrow = rounding_with(terms, constant, max_error, MULTIPLIER_BITS[0], WIDTHS[0])
    return narrow if narrow is not None and narrow.tie_bits is not None else None


def ties(found: Rounding) -> bool:
    """Whether ties must be told apart; exact ones of fine multipliers are too rare."""
    if found.tie_bits is None:
        return False
    zeros = min(
        max((trailing_zeros(int(m)) for m in part.reshape(-1) if m), default=0)
        for part in found.multipliers
    )
    return found.tie_bits > 0 or found.shift - zeros < RARE_TIE_BITS


def rounding_with(
    terms: Sequence[Term],
    constant: Numbers,
    max_error: Fraction,
    bits: int,
    width: int = WIDTHS[-1],
) -> Rounding | None:
    """How to round with multipliers of at most so many bits, in so many of the sum."""
    factors = [each(single, term.factor) for term in terms]
    shift = best_shift(terms, factors, constant, bits, width)
    if shift < 0:
        return None
    multipliers = [at_shift(factor, shift) for factor in factors]
    offset = at_shift(constant, shift)
    zeros = common_zeros([*multipliers, offset], shift)
    multipliers = [each(lambda m: m >> zeros, m) for m in multipliers]
    offset, shift = each(lambda c: c >> zeros, offset), shift - zeros
    drifts = [
        numbers(multiplier - factor * (1 << shift))
        for factor, multiplier in zip(factors, multipliers, strict=True)
    ]
    lost = largest(numbers(offset - constant * (1 << shift)))
    for term, drift in zip(terms, drifts, strict=True):
        lost += largest(drift) * max(map(abs, term.integer.bounds))
    if lost > max_error * (1 << shift) and not as_good_as_float(multipliers, drifts):
        return None
    return finished(terms, constant, multipliers, offset, shift, lost)


def finished(
    terms: Sequence[Term],
    constant: Numbers,
    multipliers: Sequence[Numbers],
    offset: Numbers,
    shift: int,
    lost: Fraction,
) -> Rounding:
    """The rounding with its half, its ties and the width it needs."""
    bounds = [term.integer.bounds for term in terms]
    whole = total(bounds, multipliers, offset)
    low, high = whole.low >> shift, (whole.high + (1 << shift)) >> shift
    if shift == 0:
        width = 32 if whole.fits(32) else 64
        return Rounding(tuple(multipliers), offset, 0, None, width, whole)
    tie_bits, lowered = None, 0
    if may_tie(bounds, multipliers, offset, shift) or lost:
        parts = [*(term.factor for term in terms), constant]
        tie_bits, lowered = tie_window(parts, shift, lost)
    offset = numbers(offset + ((1 << (shift - 1)) - lowered))
    whole = total(bounds, multipliers, offset).plus(Bounds(0, 2 * lowered))
    width = 32 if whole.fits(32) else 64
    result = Bounds(low, high)
    return Rounding(tuple(multipliers), offset, shift, tie_bits, width, result)


def tie_window(
    parts: Sequence[Numbers], shift: int, lost: Fraction
) -> tuple[int | None, int]:
    """
    By which power of two an odd tie is lifted, and by how much all are lowered.

    Without loss a tie is met exactly. With loss it is met within a window that holds no
    other value, if all values are multiples of a fraction; else no tie is expected.
    """
    if not lost:
        return 0, 1
    grid = common_denominator(parts)
    bits = int(lost).bit_length()
    if grid is None or grid % 2 or (4 << bits) * grid > 1 << shift:
        return None, 0
    return bits + 1, 1 << bits


def common_denominator(parts: Sequence[Numbers]) -> int | None:
    """The fraction all numbers are multiples of; None when it is not a simple one."""
    common = 1
    for value in (value for part in parts for value in part.reshape(-1)):
        common = lcm(common, value.denominator)
        if common > SMALL_DENOMINATOR:
            return None
    return common


def may_tie(
    bounds: Sequence[Bounds],
    multipliers: Sequence[Numbers],
    offset: Numbers,
    shift: int,
) -> bool:
    """Whether the sum can be exactly between two integers."""
    if len(bounds) != 1 or not every(lambda c: c == 0, offset):
        return True
    zeros = max((trailing_zeros(m) for m in multipliers[0].reshape(-1) if m), default=0)
    return max(map(abs, bounds[0])) >= 1 << max(shift - 1 - zeros, 0)
