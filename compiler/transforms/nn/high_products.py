"""
Rounds a sum of products by the upper halves of these, in arithmetic of 32 bits.

`(sum of high(M * (n << k)) + C) >> t` with `M ~ a * 2**(t + 32 - k)`, where `high` is
the product without its lower 32 bits. A product alone loses nothing by that: the floor
of a floor is the floor. What a sum loses is small, since `k` makes the most of 32 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .accumulators import Bounds
from .affine_form import Numbers, Term, each, numbers
from .multipliers import (
    Rounding,
    as_good_as_float,
    at_shift,
    largest,
    multiplier_shift,
    single,
    total,
)

HALF = 32
"""Bits of a half of a product."""

FACTOR_BITS = 31

MAX_ERROR = Fraction(1, 1 << 18)
"""
How far the value may be from the real one, in units of the result.

It is what float32 loses of results of six bits: less would be seen in no network.
"""


@dataclass(frozen=True, eq=False)
class Scaling:
    """One way to scale the parts of a sum by powers of two."""

    ups: tuple[int, ...]
    scaled: tuple[Bounds, ...]
    """Where the integers are after that."""
    multipliers: tuple[Numbers, ...]
    offset: Numbers
    shift: int
    lost: Fraction
    """By everything but the multipliers, in units of the sum."""
    drifted: Fraction
    """By the multipliers."""
    is_float: bool
    """Whether one multiplier is relatively as exact as reals would have it."""

    def is_close(self, has_all_bits: bool) -> bool:
        """Whether little enough is lost, by multipliers that have all bits or not."""
        allowed = MAX_ERROR * (1 << self.shift)
        is_float = has_all_bits and self.is_float
        return self.lost <= allowed - (0 if is_float else self.drifted)


def high_rounding(terms: Sequence[Term], constant: Numbers) -> Rounding | None:
    """
    How to round by upper halves; None where that is not exact enough.

    Without shifts to the left if that is; else with the longest, which cost no more.
    """
    best = None
    for scaling in scalings(terms, constant):
        found = finished(scaling)
        best = found or best
        if found is None or not any(scaling.ups):
            break
    return best


def scalings(terms: Sequence[Term], constant: Numbers) -> Iterator[Scaling]:
    """Those that lose little enough, by growing shifts."""
    factors = [each(single, term.factor) for term in terms]
    shifts = [multiplier_shift([factor], FACTOR_BITS) for factor in factors]
    first = max(1, min(shifts) - HALF - 7)
    for kept in range(first, HALF - 1):
        at = [min(shift, kept + HALF) for shift in shifts]
        ups = tuple(kept + HALF - shift for shift in at)
        scaled = tuple(
            term.integer.bounds.times(Bounds(1 << up, 1 << up))
            for term, up in zip(terms, ups, strict=True)
        )
        if min(at) < 0 or not all(bounds.fits(HALF) for bounds in scaled):
            return
        scaling = scaling_of(factors, constant, ups, scaled, kept)
        if scaling.is_close(at == shifts):
            yield scaling


def scaling_of(
    factors: Sequence[Numbers],
    constant: Numbers,
    ups: tuple[int, ...],
    scaled: tuple[Bounds, ...],
    kept: int,
) -> Scaling:
    """The multipliers for integers that are scaled up, and what they lose."""
    at = [kept + HALF - up for up in ups]
    multipliers = tuple(map(at_shift, factors, at))
    drifts = [
        numbers(multiplier - factor * (1 << shift))
        for multiplier, factor, shift in zip(multipliers, factors, at, strict=True)
    ]
    reach = [max(map(abs, bounds)) for bounds in scaled]
    parts = [largest(d) * r for d, r in zip(drifts, reach, strict=True)]
    drifted = sum(parts, Fraction(0)) / (1 << HALF)
    offset = at_shift(constant, kept)
    lost = largest(numbers(offset - constant * (1 << kept)))
    if len(factors) > 1:  # each product lacks up to one unit
        lost += Fraction(len(factors), 2)
        offset = numbers(offset + len(factors) // 2)
    is_float = as_good_as_float(multipliers, drifts)
    return Scaling(ups, scaled, multipliers, offset, kept, lost, drifted, is_float)


def finished(scaling: Scaling) -> Rounding | None:
    """The rounding with its half; None where the sum does not fit 32 bits."""
    sums = Bounds(0, 0)
    for bounds, multiplier in zip(scaling.scaled, scaling.multipliers, strict=True):
        product = total([bounds], [multiplier], numbers(0))
        high = Bounds(product.low >> HALF, product.high >> HALF)
        sums = sums.plus(high.with_zero())
    offset = numbers(scaling.offset + (1 << (scaling.shift - 1)))
    entries = [int(entry) for entry in offset.reshape(-1)]
    whole = sums.plus(Bounds(min(entries), max(entries)))
    if not (sums.fits(HALF) and whole.with_zero().fits(HALF)):
        return None
    result = Bounds(whole.low >> scaling.shift, whole.high >> scaling.shift)
    multipliers, shift = scaling.multipliers, scaling.shift
    return Rounding(multipliers, offset, shift, None, HALF, result, scaling.ups)
