"""Writes integer arithmetic into a scalar region, with constants for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerAttr, IntegerType
from xdsl.ir import Block, Operation, SSAValue

from ...dialects import nn
from .accumulators import Bounds
from .affine_form import Form, Integer, Numbers, each, every, larger, numbers, smaller
from .arrays import constant
from .fixed_point import Rounding

NSW = arith.IntegerOverflowAttr([arith.IntegerOverflowFlag.NSW])
"""Every sum and product here is within bounds that were computed."""


def width_for(*bounds: Bounds) -> int:
    """The bits that hold all the bounds: 32 or 64."""
    return 32 if all(each_.fits(32) for each_ in bounds) else 64


def ends(values: Numbers) -> Bounds:
    """The smallest and the largest entry, which are integers."""
    return Bounds(int(min(values.reshape(-1))), int(max(values.reshape(-1))))


@dataclass(eq=False)
class IntegerBody:
    """The block being written, and the constant tensors it takes as new operands."""

    block: Block
    constants: list[nn.ConstantOp] = field(default_factory=list[nn.ConstantOp])
    known: dict[tuple[str, bytes, tuple[int, ...]], SSAValue] = field(
        default_factory=dict[tuple[str, bytes, tuple[int, ...]], SSAValue]
    )

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
            result = self.emit(arith.AddiOp(result, product, overflow=NSW))
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
        total = self.combined(inner, how.multipliers, width)
        total = self.plus(total, how.constant, width)
        if how.tie_bits is not None:
            total = self._lift_ties(total, how.shift, how.tie_bits, width)
        if how.shift:
            shift = self.constant(numbers(how.shift), width)
            total = self.emit(arith.ShRSIOp(total, shift))
        if width_for(how.bounds) == 32:
            total = self.resized(total, 32)
        return Integer(total, how.bounds)

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
