"""
The cheapest way to part nodes in two: a minimum cut.

By augmenting paths, shortest first (Edmonds and Karp, "Theoretical improvements in
algorithmic efficiency for network flow problems", 1972).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SOURCE, SINK = -1, -2


@dataclass
class Network:
    """Capacities between nodes, which are numbers from 0 on, `SOURCE` and `SINK`."""

    free: dict[int, dict[int, int]] = field(
        default_factory=lambda: {SOURCE: {}, SINK: {}}
    )
    """From -> to -> what can still flow."""

    def join(self, one: int, other: int, capacity: int, back: int = 0) -> None:
        """Adds what is paid when `one` is with the source and `other` is not."""
        for start, end, more in ((one, other, capacity), (other, one, back)):
            ways = self.free.setdefault(start, {})
            ways[end] = ways.get(end, 0) + more

    def reached(self) -> dict[int, int]:
        """Each node that more could flow to, and the one before it."""
        before = {SOURCE: SOURCE}
        waiting = deque([SOURCE])
        while waiting:
            node = waiting.popleft()
            for other, capacity in self.free[node].items():
                if capacity and other not in before:
                    before[other] = node
                    waiting.append(other)
        return before

    def with_source(self) -> set[int]:
        """
        The fewest nodes on the side of the source in a cut that costs least.

        What flows is added on the way, so this can be asked for once.
        """
        while SINK in (before := self.reached()):
            path = [SINK]
            while path[-1] != SOURCE:
                path.append(before[path[-1]])
            steps = list(zip(path[1:], path, strict=False))
            flow = min(self.free[start][end] for start, end in steps)
            for start, end in steps:
                self.free[start][end] -= flow
                self.free[end][start] = self.free[end].get(start, 0) + flow
        return set(before) - {SOURCE}
