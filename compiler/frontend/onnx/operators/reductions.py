"""Reductions over axes, and the norms and exponentials made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
from xdsl.ir import Operation, SSAValue

from ....dialects import nn
from ....dialects.nn import accumulator_type
from ..calls import Call, Handler
from ..tensors import tensor_type
from .operator import NUMBERS, Operator
from .shaping import reshaped

LARGEST_FLOAT = float(np.finfo(np.float32).max)


def reduced(call: Call, value: SSAValue, kind: str, axes: Sequence[int]) -> SSAValue:
    """`sum`, `max`, `maxnum`, `min` or `mean` over `axes`, which stay with size 1."""
    shape, element = nn.shape_of(value), nn.tensor_type(value).element_type
    kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
    base = "sum" if kind == "mean" else kind
    if base == "sum" and accumulator_type(element) != element:
        call.refuse(f"sums must be float32, int32 or int64, got {element}")
    op = nn.ReduceOp(value, tensor_type(element, kept), kind=base, axes=list(axes))
    result = call.add(op)
    if kind != "mean":
        return result
    count = call.literal(prod(shape[axis] for axis in axes), element)
    return call.add(nn.DivOp(result, count))


def reduced_axes(call: Call) -> list[int]:
    """The axes of a reduction: an attribute or an input, all when there are none."""
    axes = call.listed("axes", 1)
    if not axes and call.integer("noop_with_empty_axes", 0):
        return []
    return call.axes(axes, call.rank()) if axes else list(range(call.rank()))


def reduction(
    kind: str,
    before: Callable[[SSAValue], Operation] | None = None,
    after: Callable[[SSAValue], Operation] | None = None,
) -> Handler:
    """The handler of a reduction of `before(x)`, followed by `after`."""

    def handle(call: Call) -> SSAValue:
        value, axes = call.value(0), reduced_axes(call)
        value = call.add(before(value)) if before else value
        value = reduced(call, value, kind, axes) if axes else value
        value = call.add(after(value)) if after else value
        return without_ones(call, value, axes)

    return handle


def without_ones(call: Call, value: SSAValue, axes: Sequence[int]) -> SSAValue:
    """`value` without its reduced dimensions, unless `keepdims` keeps them."""
    if call.integer("keepdims", 1):
        return value
    shape = enumerate(nn.shape_of(value))
    return reshaped(call, value, [size for axis, size in shape if axis not in axes])


def square(value: SSAValue) -> Operation:
    """Every element times itself."""
    return nn.MulOp(value, value)


def exponentials(
    call: Call, value: SSAValue, axes: Sequence[int]
) -> tuple[SSAValue, SSAValue]:
    """
    `value` less its maximum, and the exponentials of that.

    A NaN need not be in the maximum: it is in the sum of the exponentials.
    """
    largest = reduced(call, value, "maxnum", axes)
    shifted = call.add(nn.SubOp(value, largest))
    return shifted, call.add(nn.ExpOp(shifted))


def log_sum_exp(call: Call) -> SSAValue:
    """The maximum, or the nearest finite number, is taken out: nothing overflows."""
    axes = reduced_axes(call)
    if not axes:
        return call.value(0)
    value = call.value(0)
    largest = reduced(call, value, "maxnum", axes)
    largest = call.add(nn.ClipOp(largest, -LARGEST_FLOAT, LARGEST_FLOAT))
    powers = call.add(nn.ExpOp(call.add(nn.SubOp(value, largest))))
    total = reduced(call, powers, "sum", axes)
    value = call.add(nn.AddOp(call.add(nn.LogOp(total)), largest))
    return without_ones(call, value, axes)


def softmax_axes(call: Call) -> list[int]:
    """One axis; before opset 13, all from it to the last."""
    rank = call.rank()
    if call.version >= 13:
        return [call.axis(call.integer("axis", -1), rank)]
    return list(range(call.axis(call.integer("axis", 1), rank), rank))


def softmax(call: Call) -> SSAValue:
    """Exponentials divided by their sum."""
    axes = softmax_axes(call)
    _, powers = exponentials(call, call.value(0), axes)
    return call.add(nn.DivOp(powers, reduced(call, powers, "sum", axes)))


def log_softmax(call: Call) -> SSAValue:
    """The logarithm of the softmax."""
    axes = softmax_axes(call)
    shifted, powers = exponentials(call, call.value(0), axes)
    total = reduced(call, powers, "sum", axes)
    return call.add(nn.SubOp(shifted, call.add(nn.LogOp(total))))


REDUCTIONS: dict[str, Operator] = {
    "LogSoftmax": Operator(log_softmax),
    "ReduceL1": Operator(reduction("sum", before=nn.AbsOp)),
    "ReduceL2": Operator(reduction("sum", before=square, after=nn.SqrtOp)),
    "ReduceLogSum": Operator(reduction("sum", after=nn.LogOp)),
    "ReduceLogSumExp": Operator(log_sum_exp),
    "ReduceMax": Operator(reduction("max"), NUMBERS),
    "ReduceMean": Operator(reduction("mean")),
    "ReduceMin": Operator(reduction("min"), NUMBERS),
    "ReduceSum": Operator(reduction("sum"), "float32, int32, int64", "constant axes"),
    "ReduceSumSquare": Operator(reduction("sum", before=square)),
    "Softmax": Operator(softmax),
}
