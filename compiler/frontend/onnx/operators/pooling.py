"""Pools: the maximum or the mean of a window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from xdsl.ir import SSAValue

from ....dialects import nn
from ....dialects.nn import Window
from ..calls import Call
from ..tensors import Array, tensor_type
from .operator import FLOATS, Operator
from .reductions import reduced
from .windows import call_window

MAX_COUNTS = 2**24
"""Positions whose counts may differ; more would be an attack or a mistake."""


def pool(call: Call, kind: str) -> tuple[SSAValue, Window]:
    """The maximum or sum of each window, and the window."""
    shape = call.shape(0)
    kernel = call.integers("kernel_shape")
    if len(shape) < 3 or kernel is None or len(kernel) != len(shape) - 2:
        call.refuse(f"kernel must fit the input's rank, got {kernel}, {list(shape)}")
    ceil = bool(call.integer("ceil_mode", 0))
    window = call_window(call, shape[2:], kernel, ceil)
    element = call.type(0).element_type
    result = tensor_type(element, (*shape[:2], *window.outputs(shape[2:])))
    op = nn.PoolOp(
        call.value(0),
        result,
        kind=kind,
        kernel=window.kernel,
        strides=window.strides,
        pads=window.low + window.high,
        dilations=window.dilations,
    )
    return call.add(op), window


def max_pool(call: Call) -> SSAValue:
    """Without the places of the maxima."""
    if call.wanted(1):
        call.refuse("expected one output, got also indices")
    return pool(call, "max")[0]


def average_pool(call: Call) -> SSAValue:
    """The sum divided by the number of elements, which at edges may be smaller."""
    total, window = pool(call, "sum")
    counts = window_counts(call, window, call.shape(0)[2:])
    element = call.type(0).element_type
    return call.add(nn.DivOp(total, call.literal(counts, element)))


def window_counts(call: Call, window: Window, sizes: Sequence[int]) -> Array:
    """How many elements each window averages; rank 0 when all agree."""
    outputs = window.outputs(sizes)
    padded = bool(call.integer("count_include_pad", 0))
    given = _given_high(call, window) if padded else (0,) * len(sizes)
    lows = window.low if padded else (0,) * len(sizes)
    if max(outputs) > MAX_COUNTS:
        call.refuse(f"result must have at most {MAX_COUNTS} positions, got {outputs}")
    per_axis = [
        _axis_counts(
            outputs[axis], window, axis, -lows[axis], sizes[axis] + given[axis]
        )
        for axis in range(len(sizes))
    ]
    uniform = all((counts == counts[0]).all() for counts in per_axis)
    if uniform:
        return np.array(np.prod([counts[0] for counts in per_axis]))
    if np.prod([float(size) for size in outputs]) > MAX_COUNTS:
        call.refuse(f"result must have at most {MAX_COUNTS} positions, got {outputs}")
    return reduce(np.multiply.outer, per_axis)


def _given_high(call: Call, window: Window) -> tuple[int, ...]:
    """The high pads before a partial last window made them larger."""
    pads = call.integers("pads")
    if call.text("auto_pad", "NOTSET") in ("NOTSET", ""):
        dims = len(window.kernel)
        return tuple(pads[dims:]) if pads else (0,) * dims
    return window.high


def _axis_counts(
    outputs: int, window: Window, axis: int, first: int, last: int
) -> Array:
    """
    Elements in `[first, last)` that each window along `axis` covers.

    One where there are none: the mean of nothing is 0, as in onnxruntime.
    """
    starts = np.arange(outputs) * window.strides[axis] - window.low[axis]
    steps = [-((starts - end) // window.dilations[axis]) for end in (first, last)]
    before, until = np.clip(steps, 0, window.kernel[axis])
    return np.maximum(until - before, 1)


def global_max_pool(call: Call) -> SSAValue:
    """The maximum of each channel."""
    return reduced(call, call.value(0), "max", range(2, call.rank()))


def global_average_pool(call: Call) -> SSAValue:
    """The mean of each channel."""
    return reduced(call, call.value(0), "mean", range(2, call.rank()))


POOLING: dict[str, Operator] = {
    "AveragePool": Operator(average_pool, FLOATS),
    "GlobalAveragePool": Operator(global_average_pool, FLOATS),
    "GlobalMaxPool": Operator(global_max_pool, FLOATS),
    "MaxPool": Operator(max_pool, "float32, int8, uint8", "no indices"),
}
