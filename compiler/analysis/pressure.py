"""
How many bytes the buffers of a driver need, before they have offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple, cast

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, SSAValue

from .memory import element_bytes
from .sharing import Buffer, Places
from .soundness import writes_of


class Interval(NamedTuple):
    """From the first write to the last read, in positions of the timeline."""

    start: int
    end: int
    bytes: int


class Peak(NamedTuple):
    """The most bytes that are live at once, and the first position where they are."""

    bytes: int
    position: int


def positions(places: Places, buffer: Buffer) -> Iterator[int]:
    """When the contents of a buffer are written or read."""
    for member in buffer.members:
        yield from (write.position for write in writes_of(places, member))
        if isinstance(member, SSAValue):
            yield from (read.position for read in places.timeline.reads_of(member))


def interval_of(places: Places, buffer: Buffer) -> Interval | None:
    """
    When a buffer is live.

    None when nobody touches it, or when it is not the driver's or not near the core.
    """
    if buffer.fixed is not None or buffer.level != places.levels.near:
        return None
    touched = list(positions(places, buffer))
    if not touched:
        return None
    value = next(member for member in buffer.members if isinstance(member, SSAValue))
    element = cast(TensorType[Attribute], value.type).element_type
    size = prod(buffer.shape) * element_bytes(element)
    return Interval(min(touched), max(touched), size)


def intervals(places: Places) -> dict[Buffer, Interval]:
    """When each buffer of the driver is live."""
    buffers = dict.fromkeys(places.buffer.values())
    found = {buffer: interval_of(places, buffer) for buffer in buffers}
    return {buffer: interval for buffer, interval in found.items() if interval}


def peak_of(live: dict[Buffer, Interval]) -> Peak:
    """Where most bytes are live."""
    best = Peak(0, 0)
    for interval in live.values():
        at = interval.start
        total = sum(i.bytes for i in live.values() if i.start <= at <= i.end)
        best = max(best, Peak(total, at), key=lambda peak: (peak.bytes, -peak.position))
    return best
