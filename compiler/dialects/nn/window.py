"""What operations with a sliding window share."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, IntegerType, UnitAttr
from xdsl.utils.exceptions import VerifyException

from .shapes import Window

I64Array = DenseArrayBase[IntegerType]


def opt_unit(flag: bool) -> UnitAttr | None:
    """A unit attribute, or None for False."""
    return UnitAttr() if flag else None


def window_of(
    kernel: Sequence[int], strides: I64Array, dilations: I64Array, pads: I64Array
) -> Window:
    """The window that an operation's properties describe."""
    around = pads.get_values()
    half = len(around) // 2
    return Window(
        tuple(kernel),
        strides.get_values(),
        dilations.get_values(),
        around[:half],
        around[half:],
    )


def verify_window(window: Window, spatial: int) -> None:
    """Raises VerifyException unless `window` slides over `spatial` dimensions."""
    for name, values in zip(window._fields, window, strict=True):
        if len(values) != spatial:
            raise VerifyException(
                f"{name} must have {spatial} entries, got {list(values)}"
            )
    if min(window.kernel + window.strides + window.dilations, default=1) < 1:
        raise VerifyException("kernel, strides and dilations must be positive")
    if min(window.low + window.high, default=0) < 0:
        raise VerifyException("pads must not be negative")
