"""
The fewest bytes that rectangular tiles of one convolution move, in any order.

Written for comparison and from the definition alone: loops over output channels, rows,
columns and input channels are cut into equal parts; near memory holds one tile of the
input with its padding, of the weights, the bias, and of the result, whose sums stay
until they are finished. An operand is brought again in each round of a loop around it
that it does not depend on. Sizes are in bytes, layouts play no part.
"""

from __future__ import annotations

from itertools import permutations
from math import ceil
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]

OUT, ROWS, COLUMNS, SUMS = range(4)

NO_TILING = 1 << 62
"""More bytes than any tiling moves."""


class Convolution(NamedTuple):
    """One layer, with a bias; square windows, the same on all sides."""

    name: str
    channels: int
    height: int
    width: int
    filters: int
    kernel: int
    stride: int
    pad: int
    groups: int
    """One, or as many as there are channels and filters."""

    @property
    def output(self) -> tuple[int, int]:
        """Rows and columns of the result."""
        reach = 2 * self.pad - self.kernel
        rows = (self.height + reach) // self.stride + 1
        return rows, (self.width + reach) // self.stride + 1

    @property
    def is_depthwise(self) -> bool:
        """Whether each filter reads a channel of its own."""
        return self.groups > 1


class Cuts(NamedTuple):
    """Ways to cut one loop: an entry per tile size."""

    size: Integers
    trips: Integers
    read: Integers
    """Indices of the input that all tiles read together."""
    held: Integers
    """Indices of the input, with padding, that the largest tile reads."""


def sizes_of(extent: int) -> list[int]:
    """The sizes that cut a loop into equal parts but for the last."""
    return sorted({ceil(extent / parts) for parts in range(1, extent + 1)})


def plain(extent: int) -> Cuts:
    """A loop over channels."""
    sizes = np.array(sizes_of(extent), dtype=np.int64)
    return Cuts(sizes, -(-extent // sizes), np.full_like(sizes, extent), sizes)


def sliding(layer: Convolution, extent: int, size: int) -> Cuts:
    """A loop over places of the window along an axis of the input of that size."""
    rows: list[tuple[int, int, int, int]] = []
    for tile in sizes_of(extent):
        read = held = 0
        for start in range(0, extent, tile):
            low = start * layer.stride - layer.pad
            high = (min(start + tile, extent) - 1) * layer.stride - layer.pad
            high += layer.kernel
            read += max(min(high, size) - max(low, 0), 0)
            held = max(held, high - low)
        rows.append((tile, -(-extent // tile), read, held))
    return Cuts(*np.array(rows, dtype=np.int64).T)


def fewest_bytes(
    layer: Convolution, element: int, sums: int, near: int, *, turned: bool = False
) -> int:
    """
    The bytes over the boundary of a near memory of `near` bytes, both directions.

    `element` is the bytes of what is stored, `sums` those of sums and biases. Where the
    result is `turned`, there is room for a second tile of it, in another order.
    """
    rows, columns = layer.output
    inner = 1 if layer.is_depthwise else layer.channels
    loops = (
        plain(layer.filters),
        sliding(layer, rows, layer.height),
        sliding(layer, columns, layer.width),
        plain(inner),
    )
    grid = [
        Cuts(
            *(
                values.reshape([-1 if n == axis else 1 for n in range(4)])
                for values in cuts
            )
        )
        for axis, cuts in enumerate(loops)
    ]
    out, down, across, deep = grid
    window = layer.kernel**2
    depth = out.size if layer.is_depthwise else deep.size
    stored = np.where(deep.trips > 1, sums, element) + turned * element
    held = down.held * across.held * depth * element
    held = held + out.size * deep.size * window * element + out.size * sums
    held = held + out.size * down.size * across.size * stored
    image = down.read * across.read * layer.channels * element
    weights = layer.filters * inner * window * element
    fixed = layer.filters * (rows * columns * element + sums)
    parts = {OUT, ROWS, COLUMNS} if layer.is_depthwise else {ROWS, COLUMNS, SUMS}
    moved = np.full(held.shape, NO_TILING, dtype=np.int64)
    for order in permutations((OUT, ROWS, COLUMNS)):
        total = image * repeats(grid, (*order, SUMS), parts)
        total = total + weights * repeats(grid, (*order, SUMS), {OUT, SUMS})
        moved = np.minimum(moved, total + fixed)
    return int(np.where(held <= near, moved, NO_TILING).min())


def repeats(grid: list[Cuts], order: tuple[int, ...], parts: set[int]) -> Integers:
    """How often an operand that depends on the loops `parts` is brought."""
    times = np.array(1, dtype=np.int64)
    below = np.array(False)
    for loop in reversed(order):
        trips = grid[loop].trips
        if loop in parts:
            below = below | (trips > 1)
        else:
            times = times * np.where(below, trips, 1)
    return times
