"""Writes integer arithmetic into a scalar region, with constants for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerAttr, IntegerType
from xdsl.ir import Block, Operation, SSAValue

from ...dialects import nn
from .accumulators import Bounds
from .affine_form import (
    Form,
    Integer,
    Numbers,
    Term,
    each,
    every,
    larger,
    numbers,
    smaller,
)
from .arrays import constant
from .multipliers import Rounding

NSW = arith.IntegerOverflowAttr([arith.IntegerOverflowFlag.NSW])
"""Every sum and product here is within bounds that were computed."""


def width_for(*bounds: Bounds) -> int:
    """The bits that hold all the bounds: 32 or 64."""
    return 32 if all(each_.fits(32) for each_ in bounds) else 64


def ends(values: Numbers) -> Bounds:
    """The smallest and the largest entry, which are integers."""
    return Bounds(int(min(values.reshape(-1))), int(max(values.reshape(-1))))


@dataclass(frozen=True, eq=False)
class Unshifted:
    """A sum of products without the constant, half and ties of its rounding."""

    value: SSAValue
    how: Rounding
    width: int


def with_constant(sum_: Unshifted, constant: Numbers) -> Unshifted | None:
    """The rounding that adds integers to its results; None where that overflows."""
    how = sum_.how
    if how.tie_bits is not None and not every(lambda c: c % 2 == 0, constant):
        return None
    offset = numbers(how.constant + each(lambda c: int(c) << how.shift, constant))
    bounds = how.bounds.plus(ends(constant))
    reached = Bounds(bounds.low << how.shift, (bounds.high + 2) << how.shift)
    if not (reached.fits(sum_.width) and ends(offset).fits(sum_.width)):
        return None
    return replace(sum_, how=replace(how, constant=offset, bounds=bounds))


@dataclass(eq=False)
class IntegerBody:
    """The block being written, and the constant tensors it takes as new operands."""

    block: Block
    constants: list[nn.ConstantOp] = field(default_factory=list[nn.ConstantOp])
    known: dict[tuple[str, bytes, tuple[int, ...]], SSAValue] = field(
        default_factory=dict[tuple[str, bytes, tuple[int, ...]], SSAValue]
    )
    sums: dict[SSAValue, Unshifted] = field(default_factory=dict[SSAValue, Unshifted])
    """What was rounded to each result of `rounded`."""

    def emit(self, op: Operation) -> SSAValue:
        """Appends `op`; its one result."""
        self.block.add_op(op)
        return op.results[0]

    def constant(self, values: Numbers, width: int) -> SSAValue:
        """A scalar when all entries are equal, else an element of a new operand."""
        first = values.reshape(-1)[0]
        if every(lambda value: value == first, values):
            attribute = IntegerAttr(int(first), IntegerType(width))
            return self.emit(arith.ConstantOp(attribute))
        narrow = 32 if ends(values).fits(32) else 64
        element = self._operand(values.astype(f"int{narrow}"), narrow)
        return self.widened(element, width)

    def _operand(self, array: np.ndarray, width: int) -> SSAValue:
        key = (array.dtype.name, array.tobytes(), array.shape)
        if key not in self.known:
            type_ = IntegerType(width)
            self.constants.append(constant(array, type_))
            self.known[key] = self.block.insert_arg(type_, len(self.block.args))
        return self.known[key]

    def widened(self, value: SSAValue, width: int) -> SSAValue:
        """The same signed integer in `width` bits or more."""
        type_ = value.type
        assert isinstance(type_, IntegerType), "integers only"
        if type_.bitwidth >= width:
            return value
        return self.emit(arith.ExtSIOp(value, IntegerType(width)))

    def resized(self, value: SSAValue, width: int) -> SSAValue:
        """The same integer in exactly `width` bits, which hold it."""
        type_ = value.type
        assert isinstance(type_, IntegerType), "integers only"
        if type_.bitwidth > width:
            return self.emit(arith.TruncIOp(value, IntegerType(width)))
        return self.widened(value, width)

    def times(self, value: SSAValue, factors: Numbers, width: int) -> SSAValue:
        """`value * factors` in `width` bits."""
        value = self.resized(value, width)
        if every(lambda factor: factor == 1, factors):
            return value
        return self.emit(
            arith.MuliOp(value, self.constant(factors, width), overflow=NSW)
        )

    def plus(self, value: SSAValue, constants: Numbers, width: int) -> SSAValue:
        """`value + constants` in `width` bits."""
        value = self.resized(value, width)
        if every(lambda entry: entry == 0, constants):
            return value
        return self.emit(
            arith.AddiOp(value, self.constant(constants, width), overflow=NSW)
        )

    def combined(
        self, values: Sequence[SSAValue], factors: Sequence[Numbers], width: int
    ) -> SSAValue:
        """The sum of products in `width` bits."""
        products = [
            self.times(value, factor, width)
            for value, factor in zip(values, factors, strict=True)
        ]
        result = products[0]
        for product in products[1:]:
            result = self._sum(result, product)
        return result

    def product(self, one: Integer, other: Integer) -> Integer:
        """The product of two integers."""
        bounds = one.bounds.times(other.bounds)
        width = width_for(one.bounds, other.bounds, bounds)
        a, b = (self.resized(part.value, width) for part in (one, other))
        return Integer(self.emit(arith.MuliOp(a, b, overflow=NSW)), bounds)

    def integer(self, form: Form) -> Integer:
        """A form whose numbers are all integers, computed."""
        if not form.terms:
            limited = form.constant
            for bound, pick in ((form.low, larger), (form.high, smaller)):
                limited = limited if bound is None else pick(limited, bound)
            bounds = ends(limited)
            return Integer(self.constant(limited, width_for(bounds)), bounds)
        form = self._with_constant_inside(form)
        bounds = form.unclamped.integer_bounds
        inner = [term.integer.bounds for term in form.terms]
        parts = [numbers(term.factor * 1) for term in form.terms]
        width = width_for(bounds, *inner, *map(ends, parts), *self._partial(form))
        values = [term.integer.value for term in form.terms]
        value = self.combined(values, parts, width)
        value = self.plus(value, form.constant, width)
        return self.clamped(Integer(value, bounds), form)

    def _partial(self, form: Form) -> list[Bounds]:
        products = [
            term.integer.bounds.times(ends(term.factor)).with_zero()
            for term in form.terms
        ]
        whole = Bounds(0, 0)
        for product in products:
            whole = whole.plus(product)
        return [whole, whole.plus(ends(form.constant).with_zero())]

    def clamped(self, integer: Integer, form: Form) -> Integer:
        """The integer within the bounds of `form`, where they bind."""
        value, bounds = integer.value, integer.bounds
        width = width_for(bounds)
        if form.low is not None and ends(form.low).high > bounds.low:
            bound = self.constant(self._within(form.low, width), width)
            value = self.emit(arith.MaxSIOp(value, bound))
            bounds = Bounds(*map(max, bounds, ends(form.low)))
        if form.high is not None and ends(form.high).low < bounds.high:
            bound = self.constant(self._within(form.high, width), width)
            value = self.emit(arith.MinSIOp(value, bound))
            bounds = Bounds(*map(min, bounds, ends(form.high)))
        return Integer(value, bounds)

    def _within(self, values: Numbers, width: int) -> Numbers:
        limit = 1 << (width - 1)
        return each(lambda value: min(max(int(value), -limit), limit - 1), values)

    def rounded(self, values: Sequence[Integer], how: Rounding) -> Integer:
        """The sum of products, shifted with the rounding that was found."""
        width = max(how.width, *(width_for(value.bounds) for value in values))
        inner = [value.value for value in values]
        if how.scaled_up is None:
            total = self.combined(inner, how.multipliers, width)
        else:
            total = self._high_products(inner, how.multipliers, how.scaled_up)
        return self._shifted(Unshifted(total, how, width))

    def _high_products(
        self, values: Sequence[SSAValue], factors: Sequence[Numbers], ups: Sequence[int]
    ) -> SSAValue:
        """The sum of the upper 32 bits of products of 64."""
        total: SSAValue | None = None
        for value, factor, up in zip(values, factors, ups, strict=True):
            value = self.resized(value, 32)
            if up:
                distance = self.constant(numbers(up), 32)
                value = self.emit(arith.ShLIOp(value, distance, overflow=NSW))
            op = arith.MulSIExtendedOp(value, self.constant(factor, 32))
            self.block.add_op(op)
            total = op.high if total is None else self._sum(total, op.high)
        assert total is not None, "a sum has a term"
        return total

    def _sum(self, one: SSAValue, other: SSAValue) -> SSAValue:
        return self.emit(arith.AddiOp(one, other, overflow=NSW))

    def _shifted(self, sum_: Unshifted) -> Integer:
        """The rounding of a sum without its constant."""
        how, width = sum_.how, sum_.width
        total = self.plus(sum_.value, how.constant, width)
        if how.tie_bits is not None:
            total = self._lift_ties(total, how.shift, how.tie_bits, width)
        if how.shift:
            shift = self.constant(numbers(how.shift), width)
            total = self.emit(arith.ShRSIOp(total, shift))
        if width_for(how.bounds) == 32:
            total = self.resized(total, 32)
        self.sums[total] = sum_
        return Integer(total, how.bounds)

    def _with_constant_inside(self, form: Form) -> Form:
        """The same with its constant in that of its rounding, where it fits there."""
        (term, *others) = form.terms
        sum_ = self.sums.get(term.integer.value)
        is_sum = not others and every(lambda factor: factor == 1, term.factor)
        if sum_ is None or not is_sum or every(lambda c: c == 0, form.constant):
            return form
        moved = with_constant(sum_, form.constant)
        if moved is None:
            return form
        rounded = Term(self._shifted(moved), term.factor)
        return replace(form, terms=(rounded,), constant=numbers(0))

    def _lift_ties(
        self, total: SSAValue, shift: int, tie_bits: int, width: int
    ) -> SSAValue:
        """Adds `1 << tie_bits` where the floor is odd."""
        distance = self.constant(numbers(shift - tie_bits), width)
        moved = self.emit(arith.ShRSIOp(total, distance))
        mask = self.constant(numbers(1 << tie_bits), width)
        odd = self.emit(arith.AndIOp(moved, mask))
        return self.emit(arith.AddiOp(total, odd, overflow=NSW))

    def chosen(self, condition: SSAValue, yes: Integer, no: Integer) -> Integer:
        """`yes` where the condition holds, else `no`."""
        bounds = Bounds(
            min(yes.bounds.low, no.bounds.low), max(yes.bounds.high, no.bounds.high)
        )
        width = width_for(yes.bounds, no.bounds)
        parts = [self.resized(part.value, width) for part in (yes, no)]
        return Integer(self.emit(arith.SelectOp(condition, *parts)), bounds)
