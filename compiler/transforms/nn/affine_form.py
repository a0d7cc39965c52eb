"""
Real values inside a scalar region, known as affine functions of integers.

A constant is an array of exact fractions that broadcasts to the region's result: of
rank 0, or with one entry a channel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import SSAValue

from .accumulators import Bounds
from .arrays import Array

Numbers: TypeAlias = Array
"""
Exact fractions and integers, as a numpy array of Python objects.

Never divided by one another: the quotient of two integers would be a float.
"""


def numbers(values: Any) -> Numbers:
    """An array of objects, whatever rank."""
    return np.asarray(values, dtype=object)


def exact(array: Array) -> Numbers | None:
    """The fractions that floats or integers are; None when one is not finite."""
    if not np.all(np.isfinite(array)):
        return None
    number = Fraction if array.dtype.kind == "f" else int
    return each(number, array.astype(object))


def each(function: Callable[[Any], Any], values: Numbers) -> Numbers:
    """`function` of every entry."""
    flat = np.empty(values.size, dtype=object)
    flat[:] = [function(value) for value in values.reshape(-1)]
    return flat.reshape(values.shape)


def every(function: Callable[[Any], bool], values: Numbers) -> bool:
    """Whether `function` holds for every entry."""
    return all(function(value) for value in values.reshape(-1))


def integral(values: Numbers) -> bool:
    """Whether all entries are integers."""
    return every(lambda value: value.denominator == 1, values)


@dataclass(frozen=True, eq=False)
class Integer:
    """A signless integer of the region being written, and where it stays."""

    value: SSAValue
    bounds: Bounds


@dataclass(frozen=True, eq=False)
class Term:
    """`factor * integer`."""

    integer: Integer
    factor: Numbers


@dataclass(frozen=True, eq=False)
class Form:
    """`min(max(sum of terms + constant, low), high)`; an absent bound binds nothing."""

    terms: tuple[Term, ...]
    constant: Numbers
    low: Numbers | None = None
    high: Numbers | None = None

    @property
    def is_constant(self) -> bool:
        """Whether no integer is read and nothing is clamped."""
        return not self.terms and not self.is_clamped

    @property
    def is_clamped(self) -> bool:
        """Whether there is a bound."""
        return self.low is not None or self.high is not None

    @property
    def is_integral(self) -> bool:
        """Whether every value is an integer for what the numbers say."""
        parts = [term.factor for term in self.terms] + [self.constant]
        parts += [bound for bound in (self.low, self.high) if bound is not None]
        return all(map(integral, parts))

    def mapped(self, function: Callable[[Numbers], Numbers]) -> Form:
        """The form with an increasing linear function on all its numbers."""
        return Form(
            tuple(replace(term, factor=function(term.factor)) for term in self.terms),
            function(self.constant),
            None if self.low is None else function(self.low),
            None if self.high is None else function(self.high),
        )

    def negated(self) -> Form:
        """The opposite."""
        opposite = self.mapped(lambda values: numbers(-values))
        return replace(opposite, low=opposite.high, high=opposite.low)

    def shifted(self, constant: Numbers) -> Form:
        """The sum with a constant."""
        return Form(
            self.terms,
            numbers(self.constant + constant),
            None if self.low is None else numbers(self.low + constant),
            None if self.high is None else numbers(self.high + constant),
        )

    def at_least(self, bound: Numbers) -> Form:
        """The larger of the value and a constant."""
        low = bound if self.low is None else larger(self.low, bound)
        high = None if self.high is None else larger(self.high, bound)
        return replace(self, low=low, high=high)

    def at_most(self, bound: Numbers) -> Form:
        """The smaller of the value and a constant."""
        low = None if self.low is None else smaller(self.low, bound)
        high = bound if self.high is None else smaller(self.high, bound)
        return replace(self, low=low, high=high)

    @property
    def unclamped(self) -> Form:
        """The form without its bounds."""
        return replace(self, low=None, high=None)

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """Between which reals the value stays, over all channels."""
        low = high = self.constant
        for term in self.terms:
            ends = [numbers(term.factor * end) for end in term.integer.bounds]
            low = numbers(low + smaller(*ends))
            high = numbers(high + larger(*ends))
        for bound, pick in ((self.low, larger), (self.high, smaller)):
            if bound is not None:
                low, high = pick(low, bound), pick(high, bound)
        return min(low.reshape(-1)), max(high.reshape(-1))

    @property
    def integer_bounds(self) -> Bounds:
        """The integers around `bounds`."""
        low, high = self.bounds
        return Bounds(floor(low), ceil(high))


@dataclass(frozen=True, eq=False)
class Choice:
    """`yes` where `condition`, an `i1` in the region being written, else `no`."""

    condition: SSAValue
    yes: Value
    no: Value


Value: TypeAlias = Form | Choice
"""What is known of a real."""


def forms(value: Value) -> int:
    """How many forms a value may have."""
    return 1 if isinstance(value, Form) else forms(value.yes) + forms(value.no)


def on_forms(function: Callable[[Form], Value | None], value: Value) -> Value | None:
    """`function` of each form of a choice; None when it has no answer to one."""
    if isinstance(value, Form):
        return function(value)
    yes, no = on_forms(function, value.yes), on_forms(function, value.no)
    if yes is None or no is None:
        return None
    return Choice(value.condition, yes, no)


def larger(one: Numbers, other: Numbers) -> Numbers:
    """The larger of each two entries."""
    return numbers(np.maximum(one, other))


def smaller(one: Numbers, other: Numbers) -> Numbers:
    """The smaller of each two entries."""
    return numbers(np.minimum(one, other))


def constant_form(values: Numbers) -> Form:
    """A value that reads no integer."""
    return Form((), values)


def integer_form(integer: Integer) -> Form:
    """An integer as a real."""
    return Form((Term(integer, numbers(1)),), numbers(0))


def merged(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The terms with those of one integer added up, but for those that vanish."""
    factors: dict[SSAValue, Term] = {}
    for term in terms:
        if (known := factors.get(term.integer.value)) is not None:
            term = replace(term, factor=numbers(known.factor + term.factor))
        factors[term.integer.value] = term
    return tuple(t for t in factors.values() if not every(lambda f: f == 0, t.factor))


def added(one: Form, other: Form) -> Form:
    """The sum of two forms of which only a constant's partner may be clamped."""
    if one.is_constant:
        return other.shifted(one.constant)
    if other.is_constant:
        return one.shifted(other.constant)
    clamped = one.is_clamped or other.is_clamped
    assert not clamped, "the sum of clamped values is no form"
    constant = numbers(one.constant + other.constant)
    return Form(merged((*one.terms, *other.terms)), constant)


def scaled(form: Form, factor: Numbers) -> Form:
    """The product with a constant; none of it is negative where the form is clamped."""
    assert not form.is_clamped or every(lambda f: f >= 0, factor), "bounds would swap"
    return form.mapped(lambda values: numbers(values * factor))


def rounded(values: Numbers) -> Numbers:
    """Every entry to the nearest integer, half to even."""
    return each(round, values)


def inverse(values: Numbers) -> Numbers:
    """One by every entry."""
    return each(lambda value: 1 / Fraction(value), values)
