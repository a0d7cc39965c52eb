"""Planners that take each request once: milliseconds, and enough for most programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heapreplace
from typing import Any, TypeAlias

from .requests import Request, aligned, lower_bound, neighbours, peak

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
    found = dict(laid(requests, order, neighbours(requests)))
    return tuple(found[index] for index in range(len(requests)))


def laid(
    requests: Sequence[Request], order: Key, meeting: Sequence[Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """The index and the offset of each request of a skyline, one after the other."""
    ranked = sorted(range(len(requests)), key=lambda i: order(requests[i]))
    floors = [0] * len(requests)
    lying = [False] * len(requests)
    lowest = [(0, rank, index) for rank, index in enumerate(ranked)]
    while lowest:
        floor, rank, index = lowest[0]
        if floor < floors[index]:
            heapreplace(lowest, (floors[index], rank, index))
            continue
        heappop(lowest)
        lying[index] = True
        yield index, floor
        top = floor + requests[index].size
        for other in meeting[index]:
            if not lying[other] and floors[other] < top:
                floors[other] = aligned(top, requests[other].align)


def stacked(requests: Sequence[Request]) -> tuple[int, ...]:
    """One after the other, as if all were live all the time."""
    return first_fit([Request(r.name, r.size, r.align, 0, 1) for r in requests], start)


def start(request: Request) -> tuple[Any, ...]:
    """The order in which buffers become live."""
    return (request.start,)


def greedy(requests: Sequence[Request], enough: int = 0) -> tuple[int, ...]:
    """The best of first fit and skyline in all orders; a peak of `enough` will do."""
    enough = max(enough, lower_bound(requests))
    best: tuple[int, ...] | None = None
    for method in (first_fit, skyline):
        for order in ORDERS:
            offsets = method(requests, order)
            if best is None or peak(requests, offsets) < peak(requests, best):
                best = offsets
            if peak(requests, best) <= enough:
                return best
    assert best is not None, "there is always an order to try"
    return best
