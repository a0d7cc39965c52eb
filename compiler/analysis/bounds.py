"""What is known about a float, alone or lane by lane, from how it is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import NamedTuple, TypeAlias

from xdsl.dialects import arith, vector
from xdsl.dialects import math as math_dialect
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerType,
    VectorType,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from ..dialects import deploy

DEEPEST = 8
"""Operations in a row that are looked at."""


class Bounds(NamedTuple):
    """The floats from `low` to `high`."""

    low: float
    high: float
    whole: bool = False
    """Whether all of them are integers, or infinite."""
    nan: bool = False
    """Whether it may be NaN besides."""

    @property
    def is_finite(self) -> bool:
        """Whether there is a number at both ends."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def negated(self) -> Bounds:
        """What is known about `-x`."""
        return Bounds(-self.high, -self.low, self.whole, self.nan)

    def within(self, low: float, high: float) -> bool:
        """Whether it is a number from `low` to `high`."""
        return not self.nan and low <= self.low and self.high <= high


ANYTHING = Bounds(-math.inf, math.inf, nan=True)


def bounds(value: SSAValue, depth: int = DEEPEST) -> Bounds:
    """What is known about the float `value`."""
    op = value.owner
    if not isinstance(op, Operation) or not depth:
        return ANYTHING

    def known(number: int) -> Bounds:
        return bounds(op.operands[number], depth - 1)

    return bounds_of(op, known)


Known: TypeAlias = Callable[[int], Bounds]
"""What is known about the operand of a number."""


@singledispatch
def bounds_of(op: Operation, known: Known) -> Bounds:
    """What is known about the result of `op`."""
    return ANYTHING


@bounds_of.register
def _(op: arith.ConstantOp, known: Known) -> Bounds:
    attribute = op.value
    if isa(attribute, FloatAttr):
        return of_numbers([attribute.value.data])
    if isa(attribute, DenseIntOrFPElementsAttr[AnyFloat]):
        return of_numbers(attribute.get_values())
    return ANYTHING


def of_numbers(numbers: Sequence[float]) -> Bounds:
    """What is known about one of `numbers`."""
    ordered = sorted(x for x in numbers if not math.isnan(x))
    if not ordered:
        return ANYTHING
    whole = all(x.is_integer() for x in ordered if math.isfinite(x))
    low, high = outwards(ordered[0], -1), outwards(ordered[-1], 1)
    return Bounds(low, high, whole, len(ordered) < len(numbers))


@bounds_of.register
def _(op: vector.BroadcastOp, known: Known) -> Bounds:
    return known(0)


@bounds_of.register
def _(op: arith.MaxnumfOp, known: Known) -> Bounds:
    return greater_number(known(0), known(1))


@bounds_of.register
def _(op: arith.MinnumfOp, known: Known) -> Bounds:
    return greater_number(known(0).negated, known(1).negated).negated


def greater_number(a: Bounds, b: Bounds) -> Bounds:
    """What is known about the greater of two, which is the number if one is NaN."""
    certain = [x.low for x in (a, b) if not x.nan]
    low = max(certain) if certain else min(a.low, b.low)
    return Bounds(low, max(a.high, b.high), a.whole and b.whole, a.nan and b.nan)


@bounds_of.register
def _(op: arith.MaximumfOp, known: Known) -> Bounds:
    return greater(known(0), known(1))


@bounds_of.register
def _(op: arith.MinimumfOp, known: Known) -> Bounds:
    return greater(known(0).negated, known(1).negated).negated


def greater(a: Bounds, b: Bounds) -> Bounds:
    """What is known about the greater of two, which is NaN if one is."""
    low, high = max(a.low, b.low), max(a.high, b.high)
    return Bounds(low, high, a.whole and b.whole, a.nan or b.nan)


@bounds_of.register
def _(op: arith.SelectOp | deploy.VselectOp, known: Known) -> Bounds:
    a, b = known(1), known(2)
    low, high = min(a.low, b.low), max(a.high, b.high)
    return Bounds(low, high, a.whole and b.whole, a.nan or b.nan)


@bounds_of.register
def _(op: arith.NegfOp, known: Known) -> Bounds:
    return known(0).negated


@bounds_of.register
def _(op: math_dialect.AbsFOp, known: Known) -> Bounds:
    x = known(0)
    return greater(x, x.negated)._replace(low=max(x.low, -x.high, 0.0))


@bounds_of.register(math_dialect.RoundEvenOp)
@bounds_of.register(math_dialect.FloorOp)
@bounds_of.register(math_dialect.CeilOp)
@bounds_of.register(math_dialect.TruncOp)
def _(op: Operation, known: Known) -> Bounds:
    x = known(0)
    low = math.floor(x.low) if math.isfinite(x.low) else x.low
    high = math.ceil(x.high) if math.isfinite(x.high) else x.high
    return Bounds(low, high, True, x.nan)


@bounds_of.register
def _(op: arith.AddfOp, known: Known) -> Bounds:
    return total(known(0), known(1))


@bounds_of.register
def _(op: arith.SubfOp, known: Known) -> Bounds:
    return total(known(0), known(1).negated)


def total(a: Bounds, b: Bounds) -> Bounds:
    """What is known about a sum."""
    whole = a.whole and b.whole
    if not (a.is_finite or b.is_finite):
        return ANYTHING._replace(whole=whole)
    low, high = outwards(a.low + b.low, -1), outwards(a.high + b.high, 1)
    return Bounds(low, high, whole, a.nan or b.nan)


@bounds_of.register
def _(op: arith.MulfOp, known: Known) -> Bounds:
    a, b = known(0), known(1)
    if not (a.is_finite and b.is_finite):
        return ANYTHING
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = outwards(min(ends), -1), outwards(max(ends), 1)
    return Bounds(low, high, a.whole and b.whole, a.nan or b.nan)


def outwards(x: float, direction: int) -> float:
    """`x` so far off that rounding to 24 bits does not pass it."""
    if math.isinf(x):
        return x
    significand, exponent = math.frexp(x)
    is_exact = (significand * 2**24).is_integer() and -125 <= exponent <= 128
    return x if is_exact else x + direction * (abs(x) * 2.0**-23 + 2.0**-149)


@bounds_of.register(arith.SIToFPOp)
@bounds_of.register(arith.UIToFPOp)
def _(op: arith.SIToFPOp | arith.UIToFPOp, known: Known) -> Bounds:
    return of_integers(op.input.type, isinstance(op, arith.SIToFPOp))


@bounds_of.register
def _(op: deploy.VcastOp, known: Known) -> Bounds:
    type = op.input.type
    assert isa(type, VectorType[Attribute]), "the verifier asks for vectors"
    return of_integers(type.element_type, op.kind.data == "sitofp")


def of_integers(type: Attribute, signed: bool) -> Bounds:
    """What is known about an integer as a float."""
    if not isa(type, IntegerType):
        return ANYTHING
    bits = type.bitwidth
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    last = high - 1 if bits <= 24 else high
    return Bounds(float(low), float(last), True)
