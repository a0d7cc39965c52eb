"""
Which indices each tile touches, for many tile sizes of a loop at once.

A range is the same for all tiles, or it depends on one cut loop; then it is two arrays
with an entry for each tile of each candidate size, one candidate behind the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .kernel_model import Axis

Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class LoopTiles:
    """Candidate tile sizes of one loop, and the tiles that each of them makes."""

    sizes: Integers
    starts: Integers
    """First index of each tile, candidate after candidate."""
    ends: Integers
    """The index behind each tile."""
    firsts: Integers
    """Where the tiles of each candidate begin in the other arrays."""
    trips: Integers
    """Number of tiles of each candidate."""


def tiles_of(extent: int, sizes: Sequence[int]) -> LoopTiles:
    """The tiles of a loop, for each of these sizes."""
    starts = [np.arange(0, extent, size, dtype=np.int64) for size in sizes]
    ends = [
        np.minimum(start + size, extent)
        for start, size in zip(starts, sizes, strict=True)
    ]
    trips = np.array([len(start) for start in starts], dtype=np.int64)
    firsts = np.concatenate(([0], np.cumsum(trips)[:-1])).astype(np.int64)
    return LoopTiles(
        np.array(sizes, dtype=np.int64),
        np.concatenate(starts),
        np.concatenate(ends),
        firsts,
        trips,
    )


def candidate_sizes(extent: int, most: int, unit: int = 1) -> tuple[int, ...]:
    """
    The sizes that divide a loop into equal tiles but for the last, at most `most`.

    The next multiples of `unit` are among them, the whole loop and single iterations.
    """
    equal = {ceil(extent / count) for count in range(1, extent + 1)}
    units = {-(-size // unit) * unit for size in equal}
    sizes = sorted({size for size in equal | units if size <= extent}, reverse=True)
    if len(sizes) <= most:
        return tuple(sizes)
    most = max(most, 2)
    places = [step * (len(sizes) - 1) // (most - 1) for step in range(most)]
    return tuple(sizes[place] for place in dict.fromkeys(places))


@dataclass(frozen=True)
class Range:
    """The indices from `low` to before `high`; arrays when `loop` is cut."""

    loop: int | None
    low: Integers | int
    high: Integers | int
    uncut: Booleans | None = None
    """Which tiles are all of `loop` because the candidate does not cut it."""

    @property
    def extent(self) -> Integers | int:
        """How many indices there are."""
        return self.high - self.low


def whole(size: int) -> Range:
    """All of an axis or loop."""
    return Range(None, 0, size)


def tiled(loop: int, tiles: LoopTiles) -> Range:
    """A loop that is cut."""
    return Range(
        loop, tiles.starts, tiles.ends, np.repeat(tiles.trips == 1, tiles.trips)
    )


def axis_range(axis: Axis, loops: Sequence[Range]) -> Range | None:
    """
    The indices of an axis that a tile touches; None when two loops cut it.

    When nothing cuts it, that is all of it, as in `axis_span`.
    """
    cut = [loops[n] for n, _ in axis.factors if loops[n].loop is not None]
    if axis.whole or not cut:
        return whole(axis.size)
    if any(span.loop != cut[0].loop for span in cut):
        return None
    low: Integers | int = axis.constant
    high: Integers | int = axis.constant + 1
    for number, factor in axis.factors:
        span = loops[number]
        first, last = span.low * factor, (span.high - 1) * factor
        low = low + (first if factor > 0 else last)
        high = high + (last if factor > 0 else first)
    uncut = cut[0].uncut
    assert uncut is not None, "the range of a cut loop says where it is whole"
    first, end = np.asarray(low, np.int64), np.asarray(high, np.int64)
    first = np.where(uncut, np.int64(0), first)
    end = np.where(uncut, np.int64(axis.size), end)
    return Range(cut[0].loop, first, end, uncut)


def hull(ranges: Iterable[Range], size: int) -> Range | None:
    """What holds all of these ranges of an axis; None when two loops cut it."""
    found = list(ranges)
    cut = {span.loop for span in found}
    if None in cut:
        return whole(size)
    if len(cut) > 1:
        return None
    low, high = found[0].low, found[0].high
    for span in found[1:]:
        low, high = np.minimum(low, span.low), np.maximum(high, span.high)
    return Range(found[0].loop, low, high, found[0].uncut)


def shifted(span: Range, by: int, size: int) -> Range:
    """A range in front of which `by` indices are taken away, clipped to an axis."""
    if span.loop is None:
        return whole(size)
    low = np.clip(span.low - by, 0, size)
    high = np.maximum(np.clip(span.high - by, 0, size), low)
    return Range(span.loop, low, high, span.uncut)


def same(one: Range, other: Range) -> bool:
    """Whether two ranges are equal for every tile."""
    if one.loop != other.loop:
        return False
    return np.array_equal(one.low, other.low) and np.array_equal(one.high, other.high)


@dataclass(frozen=True)
class Box:
    """The number of elements in a part of a tensor, as a product."""

    static: int
    """Of the axes that no cut loop reaches."""
    cut: tuple[tuple[int, Integers], ...]
    """Loop -> elements per tile, of the axes that it cuts."""

    @property
    def loops(self) -> frozenset[int]:
        """The cut loops that it depends on."""
        return frozenset(loop for loop, _ in self.cut)

    def sums(self, tiles: Mapping[int, LoopTiles]) -> dict[int, Integers]:
        """Loop -> elements of all tiles together, per candidate size."""
        return {n: np.add.reduceat(v, tiles[n].firsts) for n, v in self.cut}

    def largest(self, tiles: Mapping[int, LoopTiles]) -> dict[int, Integers]:
        """Loop -> elements of the largest tile, per candidate size."""
        return {n: np.maximum.reduceat(v, tiles[n].firsts) for n, v in self.cut}


def box(spans: Sequence[Range]) -> Box:
    """The elements in these ranges of all axes."""
    static = 1
    cut: dict[int, Integers] = {}
    for span in spans:
        if span.loop is None:
            static *= int(span.extent)
            continue
        extent = np.asarray(span.extent, dtype=np.int64)
        cut[span.loop] = cut[span.loop] * extent if span.loop in cut else extent
    return Box(static, tuple(sorted(cut.items())))
