"""
Result shapes of `nn` operations, on plain tuples of ints.

Formulas: ONNX operator specification, `Conv` and `MaxPool`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """A sliding window over the spatial dimensions; each field has one entry a dim."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    low: tuple[int, ...]
    """Padding before the first element."""
    high: tuple[int, ...]
    """Padding after the last element."""

    def outputs(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """How many positions the window takes along each spatial dim of `sizes`."""
        dims = zip(sizes, *self, strict=True)
        return tuple(
            (size + low + high - dilation * (kernel - 1) - 1) // stride + 1
            for size, kernel, stride, dilation, low, high in dims
        )


class Layout(NamedTuple):
    """Where batch, channels and spatial dims are in an activation of some rank."""

    batch: int
    channel: int
    spatial: tuple[int, ...]

    def arrange(self, batch: int, channels: int, spatial: Sequence[int]) -> list[int]:
        """The shape that has these sizes at this layout's places."""
        shape = [0] * (2 + len(spatial))
        shape[self.batch], shape[self.channel] = batch, channels
        for place, size in zip(self.spatial, spatial, strict=True):
            shape[place] = size
        return shape


def activation_layout(rank: int, channels_last: bool) -> Layout:
    """NCHW-like or NHWC-like places for an activation of `rank` dims."""
    if channels_last:
        return Layout(0, rank - 1, tuple(range(1, rank - 1)))
    return Layout(0, 1, tuple(range(2, rank)))


class WeightLayout(NamedTuple):
    """Where output channels, input channels per group and spatial dims are."""

    output: int
    input: int
    spatial: tuple[int, ...]


def weight_layout(rank: int, channels_last: bool) -> WeightLayout:
    """`[M, C/g, k…]`, or `[k…, C/g, M]` when channels are last."""
    if channels_last:
        return WeightLayout(rank - 1, rank - 2, tuple(range(rank - 2)))
    return WeightLayout(0, 1, tuple(range(2, rank)))
