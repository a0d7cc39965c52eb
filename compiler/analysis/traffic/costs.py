"""
What tilings are compared by.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

PARTS = 64
"""Of a byte, in what is charged."""


class Place(Enum):
    """Where a tensor is while a chain runs."""

    FAR = "far"
    """In a closed level: it has to be brought, or taken away."""
    NEAR = "near"
    """Whole in the near level, without room around it."""
    PADDED = "padded"
    """Whole in the near level, with room for its paddings."""
    OPEN = "open"
    """In another level that kernels may touch."""


class Cost(NamedTuple):
    """What is minimised, in this order."""

    charged: int
    """The bytes, in parts, and as many for each instruction as it is weighed."""
    steps: int
    """Transfers and runs of kernels."""
    work: int
    """Iterations that are done again for a halo."""
    bytes: int
    """Over the boundary of the near level, both directions."""
    instructions: int = 0
    """About how many more than the kernels take that are not cut."""

    @staticmethod
    def of(bytes_: int, steps: int = 0) -> Cost:
        """What it costs to move something and no more."""
        return Cost(bytes_ * PARTS, steps, 0, bytes_)

    def plus(self, other: Cost) -> Cost:
        """The sum of both."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))


NOTHING = Cost.of(0)


class Tiling(NamedTuple):
    """One way to cut a chain."""

    near: int
    """Bytes of the near level besides what is there anyway."""
    cost: Cost
    sizes: tuple[tuple[int, int], ...]
    """Cut loop -> size, in loop order."""
    order: tuple[int, ...]
    """The parallel loops that are cut, outermost first."""
