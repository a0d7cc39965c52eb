"""
Static offsets: where each buffer of one memory level stands.

From sizes and lifetimes alone: plain values in, plain values out, nothing here knows
the IR. A `Planner` is any function from requests to offsets; `plan` adds what is known
about the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Request:
    """A buffer that needs `size` bytes while it is live, in steps `[start, end)`."""

    name: str
    size: int
    align: int
    start: int
    end: int

    @property
    def lifetime(self) -> int:
        """How many steps it is live."""
        return self.end - self.start

    def meets(self, other: Request) -> bool:
        """Whether both are live at some step."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Plan:
    """The offsets of the requests, in their order, in bytes."""

    offsets: tuple[int, ...]
    peak: int
    """The bytes that the level must have."""
    lower_bound: int
    """The most bytes live at one step: no plan has a smaller peak."""


Planner: TypeAlias = Callable[[Sequence[Request]], tuple[int, ...]]

Key: TypeAlias = Callable[[Request], tuple[Any, ...]]

ORDERS: tuple[Key, ...] = (
    lambda r: (-r.size, -r.lifetime, r.start),
    lambda r: (-r.size * r.lifetime, -r.size, r.start),
    lambda r: (-r.lifetime, -r.size, r.start),
    lambda r: (r.start, -r.size),
    lambda r: (-r.end, -r.size),
    lambda r: (-r.size, r.start, -r.end),
    lambda r: (-r.size, -r.start, -r.end),
)
"""The orders that greedy planners try; ties keep the order of the requests."""


def aligned(offset: int, align: int) -> int:
    """The first multiple of `align` that is not below `offset`."""
    return -(-offset // align) * align


def lowest_offset(request: Request, placed: Sequence[tuple[Request, int]]) -> int:
    """The lowest offset at which `request` meets none of `placed`."""
    offset = 0
    for other, start in sorted(
        (pair for pair in placed if request.meets(pair[0])), key=lambda pair: pair[1]
    ):
        if offset + request.size <= start:
            break
        offset = max(offset, aligned(start + other.size, request.align))
    return offset


def first_fit(requests: Sequence[Request], order: Key) -> tuple[int, ...]:
    """Each request in that order at the lowest offset that is free."""
    offsets = [0] * len(requests)
    placed: list[tuple[Request, int]] = []
    for index in sorted(range(len(requests)), key=lambda i: order(requests[i])):
        offsets[index] = lowest_offset(requests[index], placed)
        placed.append((requests[index], offsets[index]))
    return tuple(offsets)


def skyline(requests: Sequence[Request], order: Key) -> tuple[int, ...]:
    """
    Always the request that can lie lowest, on top of all that it meets.

    `order` decides between those that can lie equally low.
    """
    offsets = [0] * len(requests)
    floors = [0] * len(requests)
    left = sorted(range(len(requests)), key=lambda i: order(requests[i]))
    while left:
        index = min(left, key=lambda i: floors[i])
        left.remove(index)
        request = requests[index]
        offsets[index] = floors[index]
        for other in left:
            if request.meets(requests[other]):
                top = aligned(offsets[index] + request.size, requests[other].align)
                floors[other] = max(floors[other], top)
    return tuple(offsets)


def stacked(requests: Sequence[Request]) -> tuple[int, ...]:
    """One after the other, as if all were live all the time."""
    return first_fit([Request(r.name, r.size, r.align, 0, 1) for r in requests], start)


def start(request: Request) -> tuple[Any, ...]:
    """The order in which buffers become live."""
    return (request.start,)


def greedy(requests: Sequence[Request]) -> tuple[int, ...]:
    """The best of first fit and skyline in all orders."""
    bound = lower_bound(requests)
    best: tuple[int, ...] | None = None
    for method in (first_fit, skyline):
        for order in ORDERS:
            offsets = method(requests, order)
            if best is None or peak(requests, offsets) < peak(requests, best):
                best = offsets
            if peak(requests, best) == bound:
                return best
    assert best is not None, "there is always an order to try"
    return best


PLANNERS: dict[str, Planner] = {"greedy": greedy, "stacked": stacked}
"""What can be asked for by name."""


def peak(requests: Sequence[Request], offsets: Sequence[int]) -> int:
    """The end of the topmost request."""
    ends = (o + r.size for r, o in zip(requests, offsets, strict=True))
    return max(ends, default=0)


def live_bytes(requests: Sequence[Request], align: int = 1) -> int:
    """The most bytes live at one step, sizes rounded up to `align`."""
    changes: dict[int, int] = {}
    for request in requests:
        size = aligned(request.size, align)
        changes[request.start] = changes.get(request.start, 0) + size
        changes[request.end] = changes.get(request.end, 0) - size
    live = best = 0
    for step in sorted(changes):
        live += changes[step]
        best = max(best, live)
    return best


def lower_bound(requests: Sequence[Request]) -> int:
    """
    Bytes that every plan needs.

    Where all requests have one alignment each but the topmost also takes its padding.
    """
    bound = live_bytes(requests)
    aligns = {request.align for request in requests}
    if len(aligns) != 1:
        return bound
    (align,) = aligns
    padding = max(aligned(r.size, align) - r.size for r in requests)
    return max(bound, live_bytes(requests, align) - padding)


def plan(requests: Sequence[Request], planner: Planner = greedy) -> Plan:
    """Offsets for all requests of one level."""
    if not requests:
        return Plan((), 0, 0)
    offsets = planner(requests)
    return Plan(offsets, peak(requests, offsets), lower_bound(requests))
