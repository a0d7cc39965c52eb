"""Searching a number by trials that take long."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import TypeAlias

Trial: TypeAlias = Callable[[int], "int | None"]
"""None for a size that suffices, otherwise another one that may."""


def smallest_size(
    lack: Trial, low: int, hint: int, step: int, limit: int
) -> int | None:
    """
    The smallest multiple of `step` above `low` that suffices, `hint` or near it.

    The result has been tried, and one step less (unless that is `low`) has been, too.
    None when nothing up to `limit` suffices, which holds multiples of `step` as `low`.
    """
    gap = step
    while low < limit:
        size = min(max(multiple(hint, step), low + gap), limit)
        answer = lack(size)
        if answer is None:
            return narrowed(lack, low, size, step)
        low, hint, gap = size, answer, 2 * gap
    return None


def multiple(size: int, step: int) -> int:
    """The first multiple of `step` that is not below `size`."""
    return -(-size // step) * step


def narrowed(lack: Trial, low: int, high: int, step: int) -> int:
    """The smallest multiple of `step` that suffices, when `high` does and `low` not."""
    gap = step
    while high - low > step:
        size = max(high - gap, middle(low, high, step))
        if lack(size) is None:
            high, gap = size, 8 * gap
        else:
            low = size
    return high


def middle(low: int, high: int, step: int) -> int:
    """A multiple of `step` between two that are further apart than one step."""
    far = high > 4 * max(low, step)
    mean = isqrt(max(low, step) * high) if far else (low + high) // 2
    return min(max(mean // step * step, low + step), high - step)
