"""
Chains that a user asks for: whether they can be tiled together, and how they are cut
where nothing has to be brought.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...dialects.deploy import KernelOp
from .driver_model import DriverModel
from .plans import root_sizes
from .segments import Segments
from .tiling import Costing

SHARE = 4
"""What is between kernels should take at most this part of what it would whole."""


def segments_of(model: DriverModel) -> Segments:
    """The chains of a driver."""
    return Segments(model, align=1, points=1 << 12)


def range_of(model: DriverModel, kernels: Sequence[KernelOp]) -> tuple[int, int]:
    """The numbers of the first and the last of kernels that follow each other."""
    numbers = [step.number for step in model.steps if step.kernel.op in kernels]
    return min(numbers), max(numbers)


def can_join(segments: Segments, kernels: Sequence[KernelOp]) -> bool:
    """Whether a tile of the last kernel takes one part of each tensor between them."""
    return segments.kind(*range_of(segments.model, kernels)) is not None


def joint_tile(segments: Segments, kernels: Sequence[KernelOp]) -> tuple[int, ...]:
    """
    A size per loop of the last kernel's root, such that what is between is small.

    Of the tilings with a `SHARE`th of it, those that repeat the fewest iterations, and
    of these the one with the fewest tiles; where there is none, the smallest.
    """
    first, last = range_of(segments.model, kernels)
    kind = segments.kind(first, last)
    assert kind is not None, "it is asked first whether they can be joined"
    whole = between(segments, first, last)
    found = [best(costing, whole) for costing in segments.grids[kind]]
    _, sizes = min(found)
    return root_sizes(segments.model.steps[last].kernel, dict(sizes))


def between(segments: Segments, first: int, last: int) -> int:
    """The bytes of what kernels make for each other, when it is whole."""
    steps = segments.model.steps[first:last]
    return sum(tensor.bytes for step in steps for tensor in step.makes)


Rank = tuple[int, int, int, int]
"""Whether it is too large, iterations or bytes, tiles, bytes: the least is best."""


def best(costing: Costing, whole: int) -> tuple[Rank, tuple[tuple[int, int], ...]]:
    """The best tiling of some loops, as loop -> size, with its rank."""
    shape = costing.grid.shape
    held = np.broadcast_to(costing.steps.max(axis=0), shape)
    allowed = np.broadcast_to(costing.grid.is_cut(costing.loops), shape)
    large = np.where(held * SHARE <= whole, 0, 1)
    work = np.where(large == 1, held, np.broadcast_to(costing.work, shape))
    keys = (held, np.broadcast_to(costing.runs, shape), work, large, ~allowed)
    number = int(np.lexsort([key.ravel() for key in keys])[0])
    at = np.unravel_index(number, shape)
    tiles = zip(costing.grid.tiles.items(), at, strict=True)
    sizes = tuple((loop, int(own.sizes[n])) for (loop, own), n in tiles)
    runs = int(np.broadcast_to(costing.runs, shape)[at])
    return (int(large[at]), int(work[at]), runs, int(held[at])), sizes
