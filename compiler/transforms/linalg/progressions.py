"""Constant indices as arithmetic progressions: what slices and loops can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


def runs(indices: Sequence[int]) -> list[tuple[int, int, int]]:
    """`indices` as arithmetic progressions (start, step, count), in order."""
    found: list[tuple[int, int, int]] = []
    for index in indices:
        start, step, count = found[-1] if found else (index, 1, 0)
        if count == 1:
            step = index - start
        if count and index == start + count * step:
            found[-1] = (start, step, count + 1)
        else:
            found.append((index, 1, 1))
    return found


class Grid(NamedTuple):
    """Indices `start + outer * i + inner * j`, for each of `rows` i all `columns` j."""

    start: int
    outer: int
    inner: int
    rows: int
    columns: int

    def indices(self) -> list[int]:
        """All of them, in order."""
        firsts = [self.start + self.outer * i for i in range(self.rows)]
        return [first + self.inner * j for first in firsts for j in range(self.columns)]


def as_grid(indices: Sequence[int]) -> Grid | None:
    """`indices` as a grid of several rows, None when they are no such thing."""
    start, inner, columns = runs(indices)[0]
    if columns == len(indices) or len(indices) % columns:
        return None
    outer = indices[columns] - start
    found = Grid(start, outer, inner, len(indices) // columns, columns)
    return found if found.indices() == list(indices) else None
