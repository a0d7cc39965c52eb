"""Multipliers of at most so many bits for exact factors, and what a rounding is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .accumulators import Bounds
from .affine_form import Numbers, each

MAX_SHIFT = 62

MAX_RELATIVE_ERROR = Fraction(1, 1 << 20)
"""What one product may be off by relatively, however large."""

SMALL_DENOMINATOR = 1 << 12
"""Fractions with a denominator up to this keep their ties: an average of so many."""


@dataclass(frozen=True, eq=False)
class Rounding:
    """`(sum of multipliers * integers + constant + half + ties) >> shift`."""

    multipliers: tuple[Numbers, ...]
    constant: Numbers
    """With the half, less what ties are lowered by."""
    shift: int
    tie_bits: int | None
    """A tie is lifted by `1 << tie_bits` when the floor is odd; None without ties."""
    width: int
    """Bits of the arithmetic."""
    bounds: Bounds
    """Where the result stays."""
    scaled_up: tuple[int, ...] | None = None
    """
    Each integer is first shifted left so far, and of its product only the upper 32 bits
    count; None for whole products.
    """


def single(factor: Fraction) -> Fraction:
    """The nearest float32, but for a simple fraction, which stays."""
    if factor.denominator <= SMALL_DENOMINATOR:
        return factor
    return Fraction(float(np.float32(float(factor))))


def at_shift(values: Numbers, shift: int) -> Numbers:
    """The nearest integers to `values * 2**shift`."""
    return each(lambda value: round(value * (1 << shift)), values)


def largest(values: Numbers) -> Fraction:
    """The largest magnitude."""
    return max(abs(value) for value in values.reshape(-1))


def total(
    integers: Sequence[Bounds], multipliers: Sequence[Numbers], constant: Numbers
) -> Bounds:
    """Where the sum and every part of it stays."""
    result = Bounds(0, 0)
    for bounds, multiplier in zip(integers, multipliers, strict=True):
        flat = multiplier.reshape(-1)
        result = result.plus(bounds.times(Bounds(min(flat), max(flat))).with_zero())
    flat = constant.reshape(-1)
    return result.plus(Bounds(min(flat), max(flat)).with_zero())


def multiplier_shift(factors: Sequence[Numbers], bits: int) -> int:
    """The largest shift at which all multipliers fit; negative if none."""
    top = max(map(largest, factors))
    shift = MAX_SHIFT
    while shift >= 0 and top * (1 << shift) >= (1 << bits) - 1:
        shift -= 1
    return shift


def as_good_as_float(multipliers: Sequence[Numbers], drifts: Sequence[Numbers]) -> bool:
    """Whether one product is relatively as exact as reals would have it, nearly."""
    if len(multipliers) != 1:
        return False
    pairs = np.broadcast(multipliers[0], drifts[0])
    return all(abs(drift) <= abs(m) * MAX_RELATIVE_ERROR for m, drift in pairs)
