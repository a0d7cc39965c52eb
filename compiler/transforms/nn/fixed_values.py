"""
What reals of a scalar region are, as far as integers can tell.

Each function takes and gives `Form`s and choices between them, and writes integer
operations where a value must be computed to go on: a rounding, a product, a comparison.
None means that integers cannot, or not well enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import SSAValue

from .accumulators import Bounds
from .affine_form import (
    Choice,
    Form,
    Integer,
    Numbers,
    Term,
    Value,
    added,
    each,
    every,
    forms,
    integer_form,
    inverse,
    numbers,
    on_forms,
    rounded,
    scaled,
)
from .fixed_point import MAX_ERROR, rounding
from .integer_body import IntegerBody, width_for

FINE_BITS = 36
"""Bits of a value that must be computed before its final scale is known."""

PRODUCT_BITS = 30
"""Bits of a factor of a product that is not an integer already."""

MOST_FORMS = 16
"""How many forms a value may have by the choices it depends on: each is computed."""

SINGLE_PRECISION = Fraction(1, 1 << 22)
"""A constant this close to a multiple, relatively, is that multiple in float32."""


def both(
    function: Callable[[Form, Form], Value | None], one: Value, other: Value
) -> Value | None:
    """`function` of two values, through their choices; None when these are too many."""
    if forms(one) * forms(other) > MOST_FORMS:
        return None
    return on_forms(lambda f: on_forms(lambda g: function(f, g), other), one)


def recovered(form: Form, negligible: Fraction = Fraction(0)) -> Form | None:
    """
    A form of integers only that gives `form` when multiplied by the factor of its term.

    Numbers within single precision of a multiple are meant to be it: a bias has the
    accumulator's scale, and float32 has only rounded the product. So are those that
    differ from it by a `negligible` amount. None when there is no such form.
    """
    if len(form.terms) != 1 or not every(lambda f: f > 0, form.terms[0].factor):
        return None
    (term,) = form.terms
    one = numbers(1)
    parts = [
        None if part is None else multiple(part, term.factor, negligible)
        for part in (form.constant, form.low, form.high)
    ]
    constant, low, high = parts
    lost = (form.low is None) != (low is None) or (form.high is None) != (high is None)
    if constant is None or lost:
        return None
    return Form((replace(term, factor=one),), constant, low, high)


def multiple(values: Numbers, factor: Numbers, negligible: Fraction) -> Numbers | None:
    """The integers that the values are in units of `factor`; None when they are not."""
    ratio = numbers(values * inverse(factor))
    nearest = rounded(ratio)
    distance = numbers(abs(ratio - nearest))
    relative = numbers(distance - abs(nearest * SINGLE_PRECISION))
    absolute = numbers(distance * factor - negligible)
    near = every(lambda excess: excess <= 0, numbers(np.minimum(relative, absolute)))
    return nearest if near else None


class FixedValues:
    """The arithmetic; `body` is where it writes."""

    def __init__(self, body: IntegerBody) -> None:
        self.body = body

    def round(self, value: Value) -> Value | None:
        """The nearest integers, half to even."""
        return on_forms(self._round, value)

    def _round(self, form: Form, max_error: Fraction = MAX_ERROR) -> Form | None:
        if form.is_integral:
            return form
        low = None if form.low is None else rounded(form.low)
        high = None if form.high is None else rounded(form.high)
        if not form.terms:
            return replace(form, constant=rounded(form.constant), low=low, high=high)
        form = self._with_constant_inside(form.unclamped)
        how = rounding(form.terms, form.constant, max_error)
        if how is None:
            return None
        integers = [term.integer for term in form.terms]
        result = integer_form(self.body.rounded(integers, how))
        return replace(result, low=low, high=high)

    def _with_constant_inside(self, form: Form) -> Form:
        """The same form with its constant added to the integer, where it is one."""
        inside = recovered(form, MAX_ERROR / 16)
        if inside is None or not inside.integer_bounds.fits(32):
            return form
        (term,) = form.terms
        integer = self.body.integer(inside)
        return Form((Term(integer, term.factor),), numbers(0))

    def fine(self, form: Form, bits: int) -> Term | None:
        """The value to so many bits of its range, as one integer with its factor."""
        reach = max(map(abs, form.bounds)) or Fraction(1)
        grid = Fraction(1)
        while reach < (1 << (bits - 1)) * grid:
            grid /= 2
        while reach >= (1 << bits) * grid:
            grid *= 2
        result = self._round(scaled(form, numbers(1 / grid)), Fraction(1))
        if result is None:
            return None
        return Term(self.body.integer(result), numbers(grid))

    def factor(self, form: Form) -> Term | None:
        """The value as one integer with its factor, exactly where that is possible."""
        return self.whole(form) or self.fine(form, PRODUCT_BITS)

    def whole(self, form: Form) -> Term | None:
        """The value as one integer with its factor, where it is exactly that."""
        if form.is_integral:
            return Term(self.body.integer(form), numbers(1))
        if (inside := recovered(form)) is None:
            return None
        return Term(self.body.integer(inside), form.terms[0].factor)

    def multiply(self, one: Value, other: Value) -> Value | None:
        """The product."""
        return both(self._multiply, one, other)

    def _multiply(self, one: Form, other: Form) -> Value | None:
        if one.is_constant:
            return self._scale(other, one.constant)
        if other.is_constant:
            return self._scale(one, other.constant)
        a, b = self.factor(one), self.factor(other)
        if a is None or b is None:
            return None
        if not a.integer.bounds.times(b.integer.bounds).fits(63):
            return None
        product = self.body.product(a.integer, b.integer)
        term = self.narrowed(Term(product, numbers(a.factor * b.factor)))
        return Form((term,), numbers(0))

    def narrowed(self, term: Term) -> Term:
        """The term with an integer of at most `FINE_BITS` bits."""
        excess = 0
        while not Bounds(*(end >> excess for end in term.integer.bounds)).fits(
            FINE_BITS
        ):
            excess += 1
        if not excess:
            return term
        part = Term(term.integer, numbers(Fraction(1, 1 << excess)))
        result = self._round(Form((part,), numbers(0)), Fraction(1))
        assert result is not None, "a shift is exact enough"
        return Term(self.body.integer(result), numbers(term.factor * (1 << excess)))

    def _scale(self, form: Form, factor: Numbers) -> Form | None:
        if every(lambda f: f >= 0, factor) or not form.is_clamped:
            return scaled(form, factor)
        if every(lambda f: f <= 0, factor):
            return scaled(form.negated(), numbers(-factor))
        plain = self.plain(form)
        return None if plain is None else scaled(plain, factor)

    def plain(self, form: Form) -> Form | None:
        """The form without bounds, computed where it has some."""
        if not form.is_clamped:
            return form
        term = self.whole(form) or self.fine(form, FINE_BITS)
        return None if term is None else Form((term,), numbers(0))

    def add(self, one: Value, other: Value) -> Value | None:
        """The sum."""
        return both(self._add, one, other)

    def _add(self, one: Form, other: Form) -> Form | None:
        if one.is_constant or other.is_constant:
            return added(one, other)
        a, b = self.plain(one), self.plain(other)
        return None if a is None or b is None else added(a, b)

    def negate(self, value: Value) -> Value | None:
        """The opposite."""
        return on_forms(Form.negated, value)

    def subtract(self, one: Value, other: Value) -> Value | None:
        """The difference."""
        opposite = self.negate(other)
        return None if opposite is None else self.add(one, opposite)

    def divide(self, one: Value, other: Value) -> Value | None:
        """The quotient by a constant."""
        if not isinstance(other, Form) or not other.is_constant:
            return None
        if not every(lambda divisor: divisor != 0, other.constant):
            return None
        return self.multiply(one, Form((), inverse(other.constant)))

    def maximum(self, one: Value, other: Value) -> Value | None:
        """The larger."""
        return both(self._maximum, one, other)

    def _maximum(self, one: Form, other: Form) -> Value | None:
        if other.is_constant:
            return one.at_least(other.constant)
        if one.is_constant:
            return other.at_least(one.constant)
        greater = self.is_greater(one, other)
        return None if greater is None else Choice(greater, one, other)

    def minimum(self, one: Value, other: Value) -> Value | None:
        """The smaller."""
        return both(self._minimum, one, other)

    def _minimum(self, one: Form, other: Form) -> Value | None:
        if other.is_constant:
            return one.at_most(other.constant)
        if one.is_constant:
            return other.at_most(one.constant)
        greater = self.is_greater(other, one)
        return None if greater is None else Choice(greater, one, other)

    def is_greater(
        self, one: Form, other: Form, or_equal: bool = False
    ) -> SSAValue | None:
        """Whether the one is greater than the other: an `i1`."""
        opposite = self._add(one, other.negated())
        form = None if opposite is None else self.plain(opposite)
        if form is None:
            return None
        if len(form.terms) != 1 or not every(lambda f: f > 0, form.terms[0].factor):
            term = self.fine(form, FINE_BITS)
            if term is None:
                return None
            form = Form((term,), numbers(0))
        (term,) = form.terms
        limit = numbers(-form.constant * inverse(term.factor))
        return self._exceeds(term.integer, limit, or_equal)

    def _exceeds(self, integer: Integer, limit: Numbers, or_equal: bool) -> SSAValue:
        """Whether the integer is greater than a constant that need not be one."""
        least = each(ceil if or_equal else lambda value: floor(value) + 1, limit)
        low, high = integer.bounds
        least = each(lambda value: min(max(value, low), high + 1), least)
        width = width_for(integer.bounds, integer.bounds.plus(Bounds(0, 1)))
        value = self.body.resized(integer.value, width)
        bound = self.body.constant(least, width)
        return self.body.emit(arith.CmpiOp(value, bound, "sge"))
