"""
Between which integers an accumulator stays, at every step of its sum.

Products are bounded one by one, with the weights' values where they are constant, and
the sum of the bounds holds for every order of summation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import prod
from typing import NamedTuple

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, IntegerType
from xdsl.ir import SSAValue

from ...dialects import nn
from ...dialects.nn.quantization_meanings import integer_limits
from ...dialects.nn.shapes import weight_layout
from .arrays import Array, constant_array


class Bounds(NamedTuple):
    """All integers from `low` to `high`."""

    low: int
    high: int

    def times(self, other: Bounds) -> Bounds:
        """The products."""
        products = [mine * its for mine in self for its in other]
        return Bounds(min(products), max(products))

    def plus(self, other: Bounds) -> Bounds:
        """The sums."""
        return Bounds(self.low + other.low, self.high + other.high)

    def with_zero(self) -> Bounds:
        """The same and 0: a sum that may lack the term."""
        return Bounds(min(self.low, 0), max(self.high, 0))

    def repeated(self, count: int) -> Bounds:
        """Sums of up to `count` terms."""
        low, high = self.with_zero()
        return Bounds(low * count, high * count)

    def fits(self, bits: int) -> bool:
        """Whether a signed integer of this width holds them all."""
        return -(1 << (bits - 1)) <= self.low and self.high < 1 << (bits - 1)


def element_bounds(
    value: SSAValue, zero_point: IntegerAttr[IntegerType] | None
) -> Bounds:
    """What an element less its zero point can be."""
    low, high = integer_limits(nn.tensor_type(value).element_type)
    shift = 0 if zero_point is None else zero_point.value.data
    return Bounds(low - shift, high - shift)


def weighted(factor: Bounds, weights: Array, axes: Sequence[int]) -> Bounds:
    """Partial sums over `axes` of constant weights times anything within `factor`."""
    wide = weights.astype(np.int64)
    low, high = wide * factor.low, wide * factor.high
    lows = np.minimum(np.minimum(low, high), 0).sum(axis=tuple(axes))
    highs = np.maximum(np.maximum(low, high), 0).sum(axis=tuple(axes))
    return Bounds(int(lows.min()), int(highs.max()))


@singledispatch
def accumulator_bounds(op: nn.ProducerOp) -> Bounds:
    """What the accumulator of integers can be at any time."""
    raise AssertionError(f"'{op.name}' has no accumulator yet")


@accumulator_bounds.register
def _(op: nn.ConvOp) -> Bounds:
    shape = nn.shape_of(op.weight)
    output = weight_layout(len(shape), op.is_channels_last).output
    factor = element_bounds(op.input, op.input_zero_point)
    if op.pad_value is not None:
        zero_point = op.input_zero_point.value.data if op.input_zero_point else 0
        padded = op.pad_value.value.data - zero_point
        factor = Bounds(min(factor.low, padded), max(factor.high, padded))
    terms = prod(shape) // shape[output]
    axes = [axis for axis in range(len(shape)) if axis != output]
    return _products(factor, op.weight, op.weight_zero_point, terms, axes)


@accumulator_bounds.register
def _(op: nn.MatMulOp) -> Bounds:
    lhs, rhs = nn.shape_of(op.lhs), nn.shape_of(op.rhs)
    if constant_array(op.lhs) is not None:
        factor = element_bounds(op.rhs, op.rhs_zero_point)
        axes = [len(lhs) - 1]
        return _products(factor, op.lhs, op.lhs_zero_point, lhs[-1], axes)
    factor = element_bounds(op.lhs, op.lhs_zero_point)
    return _products(factor, op.rhs, op.rhs_zero_point, lhs[-1], [len(rhs) - 2])


def _products(
    factor: Bounds,
    weight: SSAValue,
    zero_point: IntegerAttr[IntegerType] | None,
    terms: int,
    axes: Sequence[int],
) -> Bounds:
    array = constant_array(weight)
    if array is None:
        return factor.times(element_bounds(weight, zero_point)).repeated(terms)
    shift = 0 if zero_point is None else zero_point.value.data
    return weighted(factor, array.astype(np.int64) - shift, axes)


@accumulator_bounds.register
def _(op: nn.PoolOp) -> Bounds:
    element = element_bounds(op.input, op.input_zero_point)
    summed = op.kind.data == "sum"
    return element.repeated(prod(op.kernel.get_values())) if summed else element


@accumulator_bounds.register
def _(op: nn.ReduceOp) -> Bounds:
    element = element_bounds(op.input, op.input_zero_point)
    sizes = [nn.shape_of(op.input)[axis] for axis in op.axes.get_values()]
    return element.repeated(prod(sizes)) if op.kind.data == "sum" else element
