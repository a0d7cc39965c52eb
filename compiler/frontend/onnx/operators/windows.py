"""ONNX's many ways to say where a window goes, as explicit pads."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.nn import Window
from ..calls import Call


def call_window(
    call: Call, sizes: Sequence[int], kernel: Sequence[int], ceil: bool = False
) -> Window:
    """
    The window that the attributes of `call` describe over spatial dims of `sizes`.

    With `ceil` the high pads grow until a last, partial window fits.
    """
    dims = len(sizes)
    strides = entries(call, "strides", [1] * dims)
    dilations = entries(call, "dilations", [1] * dims)
    pads = _pads(call, sizes, kernel, strides, dilations)
    if min(strides + dilations + list(kernel), default=1) < 1 or min(pads) < 0:
        call.refuse(
            "kernel, strides and dilations must be positive and pads not negative, "
            f"got {list(kernel)}, {strides}, {dilations} and {pads}"
        )
    low, high = pads[:dims], pads[dims:]
    window = Window(*map(tuple, (kernel, strides, dilations, low, high)))
    window = _with_partial(window, sizes) if ceil else window
    if min(window.outputs(sizes)) < 1:
        call.refuse(f"window must fit into {list(sizes)}, got {list(kernel)}")
    return window


def entries(call: Call, name: str, default: list[int]) -> list[int]:
    """An attribute of as many integers as `default` has, which stands in for it."""
    values = call.integers(name) or default
    if len(values) != len(default):
        call.refuse(f"{name} must have {len(default)} entries, got {values}")
    return values


def _pads(
    call: Call,
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> list[int]:
    mode = call.text("auto_pad", "NOTSET")
    none = [0] * (2 * len(sizes))
    if mode in ("NOTSET", ""):
        return entries(call, "pads", none)
    if mode == "VALID":
        return none
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        call.refuse(f"auto_pad must be one of ONNX's four, got '{mode}'")
    totals = [
        max((-(-size // stride) - 1) * stride + (k - 1) * dilation + 1 - size, 0)
        for size, k, stride, dilation in zip(
            sizes, kernel, strides, dilations, strict=True
        )
    ]
    small = [total // 2 for total in totals]
    large = [total - total // 2 for total in totals]
    return small + large if mode == "SAME_UPPER" else large + small


def _with_partial(window: Window, sizes: Sequence[int]) -> Window:
    """`window` with high pads for the last window, when it starts inside the data."""
    dims = zip(sizes, *window, strict=True)
    high = tuple(_high(*dim) for dim in dims)
    return window._replace(high=high)


def _high(
    size: int, kernel: int, stride: int, dilation: int, low: int, high: int
) -> int:
    extent = (kernel - 1) * dilation + 1
    count = -(-(size + low + high - extent) // stride) + 1
    if (count - 1) * stride >= size + low:
        count -= 1
    return max(high, (count - 1) * stride + extent - size - low)
