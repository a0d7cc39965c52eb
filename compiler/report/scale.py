"""
Addresses as heights: what changes gets the room, long still stretches are cut short.

A stack or a block of weights that never moves may be far larger than all that is worth
looking at. Such a stretch is drawn shorter than it is, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .levels import LevelFigures, covered
from .wording import bytes_text

SHORT_SHARE = 0.16
"""Of the height: the most that one still stretch gets."""
NEARBY = 1.3
"""A level's end is drawn when it is at most so many times the peak."""
TICKS = 6
"""About how many addresses are written beside a map."""


@dataclass(frozen=True)
class Stretch:
    """Addresses `[low, high)` at heights `[bottom, top)`, in parts of the whole."""

    low: int
    high: int
    bottom: float
    top: float
    is_short: bool
    """Whether it is drawn shorter than it is."""

    def at(self, address: float) -> float:
        """The height of an address in it."""
        share = (address - self.low) / (self.high - self.low)
        return self.bottom + share * (self.top - self.bottom)


@dataclass(frozen=True)
class Scale:
    """Heights from 0 at address 0 to 1 at the end of what is drawn."""

    stretches: tuple[Stretch, ...]

    @property
    def end(self) -> int:
        """The first address that is not drawn."""
        return self.stretches[-1].high

    def at(self, address: int) -> float:
        """The height of an address; what lies outside is at the edge."""
        for stretch in self.stretches:
            if address <= stretch.high:
                return stretch.at(max(address, stretch.low))
        return 1.0


def scale_of(level: LevelFigures) -> Scale:
    """The scale for a level's map."""
    end = max(level.peak, level.lower_bound, 1)
    if level.size <= NEARBY * end:
        end = max(end, level.size)
    moving = covered(buffer for buffer in level.buffers if not buffer.is_static)
    parts = list(_parts(moving, end))
    limit = SHORT_SHARE * end if moving else end
    cut = [high - low > limit and not moves for low, high, moves in parts]
    lengths = [
        h - lo for (lo, h, _), short in zip(parts, cut, strict=True) if not short
    ]
    unit = (1 - SHORT_SHARE * sum(cut)) / max(1, sum(lengths))
    stretches: list[Stretch] = []
    height = 0.0
    for (low, high, _), short in zip(parts, cut, strict=True):
        top = height + (SHORT_SHARE if short else unit * (high - low))
        stretches.append(Stretch(low, high, height, top, short))
        height = top
    return Scale(tuple(stretches))


def _parts(
    moving: Sequence[tuple[int, int]], end: int
) -> Iterable[tuple[int, int, bool]]:
    """All addresses up to `end`, and whether anything changes there."""
    done = 0
    for low, high in moving:
        if low > done:
            yield done, low, False
        yield low, high, True
        done = high
    if done < end:
        yield done, end, False


def ticks(scale: Scale, least: float) -> list[tuple[float, str]]:
    """
    Addresses to write beside a map, as heights and texts.

    They are at least `least` (a part of the height) apart.
    """
    edges = {0, *(s.low for s in scale.stretches), *(s.high for s in scale.stretches)}
    step = _step(scale)
    inner = [
        address
        for s in scale.stretches
        if not s.is_short
        for address in range(-(-s.low // step) * step, s.high, step)
    ]
    breaks = [e for s in scale.stretches if s.is_short for e in (s.low, s.high)]
    found: dict[int, float] = {}
    for address in (0, *breaks, *inner, *sorted(edges)):
        height = scale.at(address)
        if all(abs(height - other) >= least for other in found.values()):
            found[address] = height
    return [(height, bytes_text(address)) for address, height in found.items()]


def _step(scale: Scale) -> int:
    """A power of two, so that about `TICKS` of them cover what is to scale."""
    true = sum(s.high - s.low for s in scale.stretches if not s.is_short)
    step = 1
    while step * TICKS < true:
        step *= 2
    return step
