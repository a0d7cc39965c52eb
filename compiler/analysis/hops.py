"""
Which way transfers go between the levels of a machine, and which run by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..dialects.deploy import DmaStartOp
from ..machine import Machine


@dataclass(frozen=True)
class Hops:
    """The ways between the levels of a machine."""

    machine: Machine

    def comes_in(self, start: DmaStartOp) -> bool:
        """Whether a transfer leads towards the core."""
        source, destination = map(self._distance, start.levels)
        return destination < source

    def goes_out(self, start: DmaStartOp) -> bool:
        """Whether a transfer leads away from the core."""
        source, destination = map(self._distance, start.levels)
        return source < destination

    def is_asynchronous(self, start: DmaStartOp) -> bool:
        """Whether the core can go on while a transfer runs."""
        near, far = sorted(start.levels, key=self._distance)
        dma = self.machine.level(near).dma
        return dma is not None and dma.neighbour == far and dma.asynchronous

    def _distance(self, name: str) -> int:
        """How far a level is from the core."""
        return self.machine.levels.index(self.machine.level(name))
