"""What a planner is asked for, and what can be said before there is a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


def aligned(offset: int, align: int) -> int:
    """The first multiple of `align` that is not below `offset`."""
    return -(-offset // align) * align


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


def neighbours(requests: Sequence[Request]) -> list[list[int]]:
    """For each request the indices of those that are live with it at some step."""
    found: list[list[int]] = [[] for _ in requests]
    live: list[int] = []
    for index in sorted(range(len(requests)), key=lambda i: requests[i].start):
        live = [i for i in live if requests[i].end > requests[index].start]
        for other in live:
            if requests[index].meets(requests[other]):
                found[index].append(other)
                found[other].append(index)
        live.append(index)
    return found


def independent_parts(requests: Sequence[Request]) -> list[list[int]]:
    """The indices of requests in groups that have no step in common, in time order."""
    parts: list[list[int]] = []
    end = 0
    for index in sorted(range(len(requests)), key=lambda i: requests[i].start):
        if not parts or requests[index].start >= end:
            parts.append([])
            end = requests[index].end
        parts[-1].append(index)
        end = max(end, requests[index].end)
    return parts
