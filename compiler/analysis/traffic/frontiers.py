"""
The best of many tilings for each size of the near level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ranges import Integers


@dataclass(frozen=True)
class Frontier:
    """Candidates of which none is better with as little near memory."""

    near: Integers
    """Rising."""
    key: Integers
    """What is charged and steps in one number, falling."""
    candidate: Integers
    order: Integers

    def cheapest(self, free: int) -> int | None:
        """The best one that needs at most `free` bytes."""
        count = int(np.searchsorted(self.near, free, side="right"))
        return count - 1 if count else None


def frontier_of(near: Integers, keys: Integers, candidate: Integers) -> Frontier:
    """
    Those of some candidates that are best for their near memory.

    `keys` has a row per order of the loops; of equal ones the first is taken.
    """
    order, key = keys.argmin(axis=0), keys.min(axis=0)
    by_near = np.lexsort((order, key, near))
    sorted_key = key[by_near]
    least = np.minimum.accumulate(sorted_key)
    better = np.ones(len(least), dtype=np.bool_)
    better[1:] = sorted_key[1:] < least[:-1]
    kept = by_near[better]
    return Frontier(near[kept], key[kept], candidate[kept], order[kept])
