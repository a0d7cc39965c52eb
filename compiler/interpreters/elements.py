"""
Arithmetic on arrays as `arith` has it, where numpy has another.

Integers wrap around at their width; a bit is a bool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from .builtin import Array, DType

Binary: TypeAlias = Callable[[Any, Any], Any]


def unsigned(x: Array) -> Array:
    """The same bits as an unsigned array."""
    return x.view(f"uint{8 * x.itemsize}")


def as_unsigned(function: Binary) -> Binary:
    """`function` applied to the operands' bits as unsigned numbers."""

    def run(lhs: Array, rhs: Array) -> Array:
        result = np.asarray(function(unsigned(lhs), unsigned(rhs)))
        return result if result.dtype == np.bool_ else result.view(lhs.dtype)

    return run


def on_bits(function: Binary) -> Binary:
    """`function` extended to `i1`, a signed number of one bit: 0 or -1."""

    def run(lhs: Array, rhs: Array) -> Array:
        if lhs.dtype != np.bool_:
            return function(lhs, rhs)
        result = np.asarray(function(sign_extend(lhs), sign_extend(rhs)))
        return result if result.dtype == np.bool_ else (result & 1) != 0

    return run


def sign_extend(x: Array, dtype: DType | None = None) -> Array:
    """`x` as a wider (or equal) signed integer; a set `i1` is -1."""
    if x.dtype == np.bool_:
        return -x.astype(np.int8 if dtype is None else dtype)
    return x if dtype is None else x.astype(dtype)


def zero_extend(x: Array, dtype: DType) -> Array:
    """`x` as a wider signed integer, its bits read as unsigned."""
    return x.astype(dtype) if x.dtype == np.bool_ else unsigned(x).astype(dtype)


def truncate(x: Array, dtype: DType) -> Array:
    """The low bits of `x`."""
    return (x & 1) != 0 if dtype == np.bool_ else x.astype(dtype)


def index_cast(x: Array, dtype: DType) -> Array:
    """Between `index` and integers: sign extension or truncation."""
    return truncate(x, dtype) if x.dtype != np.bool_ else sign_extend(x, dtype)


def divide_truncating(lhs: Array, rhs: Array) -> Array:
    """The signed quotient rounded towards zero."""
    quotient = lhs // rhs
    inexact = lhs - quotient * rhs != 0
    return quotient + (inexact & ((lhs < 0) != (rhs < 0))).astype(lhs.dtype)


def divide_up(lhs: Array, rhs: Array) -> Array:
    """The quotient rounded towards plus infinity."""
    quotient = lhs // rhs
    return quotient + (lhs - quotient * rhs != 0).astype(lhs.dtype)


def maximum(lhs: Array, rhs: Array) -> Array:
    """The larger; NaN when either is NaN; +0 is larger than -0."""
    result = np.maximum(lhs, rhs)
    both_zero = (lhs == 0) & (rhs == 0)
    return np.where(both_zero, lhs + rhs, result) if both_zero.any() else result


def minimum(lhs: Array, rhs: Array) -> Array:
    """The smaller; NaN when either is NaN; -0 is smaller than +0."""
    return -maximum(-lhs, -rhs)


def float_to_integer(x: Array, dtype: DType) -> Array:
    """Rounded towards zero; NaN becomes 0 and what does not fit the nearest limit."""
    if dtype == np.bool_:
        return x != 0
    limits = np.iinfo(dtype)
    wide = np.trunc(np.nan_to_num(x.astype(np.float64), posinf=np.inf, neginf=-np.inf))
    low, high = wide < limits.min, wide >= float(limits.max) + 1
    inside = np.where(low | high, 0, wide).astype(dtype)
    return np.where(low, limits.min, np.where(high, limits.max, inside)).astype(dtype)


def select(condition: Array, lhs: Array, rhs: Array) -> Array:
    """`lhs` where the condition holds, else `rhs`."""
    return np.where(condition, lhs, rhs)


def multiply_extended(x: Array, y: Array) -> tuple[Array, Array]:
    """The low and the high half of the product of signed integers."""
    whole = np.asarray(x).astype(object) * np.asarray(y).astype(object)
    dtype = np.asarray(x).dtype
    bits = 8 * dtype.itemsize
    sign = 1 << (bits - 1)
    low = ((whole + sign) & (2 * sign - 1)) - sign
    high = whole >> bits
    return np.asarray(low).astype(dtype), np.asarray(high).astype(dtype)


def bitcast(x: Array, dtype: DType) -> Array:
    """The same bits as another type of the same width."""
    return np.asarray(x).view(dtype)
