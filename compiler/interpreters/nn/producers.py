"""
Operations of `nn` that accumulate.

Windows slide in numpy slices, one per window element, over activations with channels
last; integers are summed exactly and wrap around to i32 at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from xdsl.dialects.builtin import IntegerAttr
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)

from ...dialects import nn
from ..builtin import Array, DType, dtype_of
from .base import run_region

EXACT_IN_FLOAT64 = 2
"""Bytes per element up to which float64 adds any tensor's products exactly."""

EXTREMES: dict[str, np.ufunc] = {
    "max": np.maximum,
    "maxnum": np.fmax,
    "min": np.minimum,
}


def number(attribute: Any) -> int:
    """An optional integer attribute; zero when it is absent."""
    return attribute.value.data if isinstance(attribute, IntegerAttr) else 0


def product_type(x: Array) -> DType:
    """The type in which products of elements of `x` are added without error."""
    if x.dtype.kind == "f":
        return x.dtype
    small = x.dtype.itemsize <= EXACT_IN_FLOAT64
    return np.dtype(np.float64 if small else np.int64)


def centred(x: Array, zero_point: int) -> Array:
    """`x - zero_point` in the type for products."""
    result = x.astype(product_type(x))
    return result - result.dtype.type(zero_point) if zero_point else result


def sum_type(x: Array) -> DType:
    """The type of a sum of elements of `x`."""
    if x.dtype.kind == "f":
        return x.dtype
    return np.dtype(np.int64 if x.dtype.itemsize > 4 else np.int32)


def as_sum(total: Array, like: Array) -> Array:
    """An exact sum in the type in which sums of `like` are kept."""
    exact = total if like.dtype.kind == "f" else total.astype(np.int64)
    return exact.astype(sum_type(like))


def padded(x: Array, window: nn.Window, value: Any) -> Array:
    """`x` (channels last) with `value` around its spatial dimensions."""
    around = list(zip(window.low, window.high, strict=True))
    return np.pad(x, [(0, 0), *around, (0, 0)], constant_values=value)


def window_elements(
    x: Array, window: nn.Window
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """For each place in the window, the elements that lie there as it slides."""
    dims = list(zip(x.shape[1:-1], *window[:3], strict=True))
    counts = [(size - d * (k - 1) - 1) // s + 1 for size, k, s, d in dims]
    for place in product(*map(range, window.kernel)):
        spatial = tuple(
            slice(p * d, p * d + (count - 1) * s + 1, s)
            for p, count, (_, _, s, d) in zip(place, counts, dims, strict=True)
        )
        yield place, x[(slice(None), *spatial)]


def channels_last(x: Array, already: bool) -> Array:
    """An activation as `[N, spatial…, C]`."""
    return x if already else np.moveaxis(x, 1, -1)


def convolve(x: Array, weight: Array, window: nn.Window, groups: int) -> Array:
    """
    The convolution of padded `[N, spatial…, C]` with `[k…, C/groups, M]`.

    One matrix product per window element and group: `[rows, C/g] x [C/g, M/g]`.
    """
    inner, outer = weight.shape[-2], weight.shape[-1] // groups
    total: Any = 0
    spatial: Sequence[int] = ()
    for place, elements in window_elements(x, window):
        spatial = elements.shape[:-1]
        rows = elements.reshape(-1, groups, inner).transpose(1, 0, 2)
        kernel = weight[place].reshape(inner, groups, outer).transpose(1, 0, 2)
        total = total + rows @ kernel
    return total.transpose(1, 0, 2).reshape(*spatial, groups * outer)


def finish(interpreter: Interpreter, op: nn.ProducerOp, args: Sequence[Array]) -> Array:
    """The epilogue on the accumulated elements and its operands, if there is one."""
    region = op.epilogue
    if region is None:
        return args[0].astype(dtype_of(op.result.type))
    return run_region(interpreter, region, args, op.result)


@register_impls
class NNProducerFunctions(InterpreterFunctions):
    """Convolution, matrix product, pooling and reduction with their epilogues."""

    @impl(nn.ConvOp)
    def run_conv(
        self, interpreter: Interpreter, op: nn.ConvOp, args: PythonValues
    ) -> PythonValues:
        """Padding counts as `pad_value`, by default the input's zero point."""
        last = op.is_channels_last
        x, weight = channels_last(args[0], last), args[1]
        if not last:
            weight = np.moveaxis(weight, (0, 1), (-1, -2))
        zero = number(op.input_zero_point)
        pad = zero if op.pad_value is None else number(op.pad_value)
        inputs = padded(centred(x, zero), op.window, pad - zero)
        weights = centred(weight, number(op.weight_zero_point))
        total = convolve(inputs, weights, op.window, op.groups.value.data)
        total = as_sum(total if last else np.moveaxis(total, -1, 1), x)
        return (finish(interpreter, op, [total, *args[2:]]),)

    @impl(nn.MatMulOp)
    def run_matmul(
        self, interpreter: Interpreter, op: nn.MatMulOp, args: PythonValues
    ) -> PythonValues:
        """Numpy's product of stacks of matrices."""
        lhs = centred(args[0], number(op.lhs_zero_point))
        rhs = centred(args[1], number(op.rhs_zero_point))
        total = as_sum(lhs @ rhs, args[0])
        return (finish(interpreter, op, [total, *args[2:]]),)

    @impl(nn.PoolOp)
    def run_pool(
        self, interpreter: Interpreter, op: nn.PoolOp, args: PythonValues
    ) -> PythonValues:
        """A padded element never wins and adds nothing."""
        last = op.is_channels_last
        x = channels_last(args[0], last)
        if op.kind.data == "max":
            inputs = padded(x, op.window, lowest(x.dtype))
            combine: np.ufunc = np.maximum
        else:
            inputs = padded(centred(x, number(op.input_zero_point)), op.window, 0)
            combine = np.add
        parts = (elements for _, elements in window_elements(inputs, op.window))
        total = np.array(next(parts))
        for part in parts:
            total = combine(total, part)
        total = total if last else np.moveaxis(total, -1, 1)
        if combine is np.add:
            total = as_sum(total, x)
        return (finish(interpreter, op, [total, *args[1:]]),)

    @impl(nn.ReduceOp)
    def run_reduce(
        self, interpreter: Interpreter, op: nn.ReduceOp, args: PythonValues
    ) -> PythonValues:
        """Reduced dimensions stay, with size 1."""
        axes, x = tuple(op.axes.get_values()), args[0]
        if op.kind.data == "sum":
            exact = centred(x, number(op.input_zero_point))
            total = as_sum(exact.sum(axes, keepdims=True), x)
        else:
            extreme = EXTREMES[op.kind.data]
            total = extreme.reduce(x, axis=axes, keepdims=True)
        return (finish(interpreter, op, [total, *args[1:]]),)


def lowest(dtype: DType) -> Any:
    """What no element is below."""
    if dtype == np.bool_:
        return False
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min
