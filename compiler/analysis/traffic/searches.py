"""
Searches of drivers, kept for when the same driver is asked about once more.

What a way to cut kernels costs does not depend on the sizes of levels, and what is
decided depends on that of the near one alone: with other sizes of the levels further
out only the places of what is not kept near can be others. So a driver that is tried
for many sizes is looked at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdsl.dialects import func

    from ..levels import MemoryLevels
    from .driver_model import DriverModel
    from .residency import Budget, Decision
    from .segments import Segments


@dataclass
class Search:
    """What is known of one driver."""

    segments: Segments
    """Of a copy of the driver, which stays as it was."""
    decisions: dict[Budget, list[Decision]] = field(
        default_factory=dict["Budget", "list[Decision]"]
    )

    def is_of(self, model: DriverModel, budget: Budget) -> bool:
        """Whether `model` is of the same driver, and as closely looked at."""
        own, points = self.segments.model, budget.points(len(model.steps))
        kept = self.segments
        alike = (own.levels, kept.align, kept.points, kept.vector_bytes)
        if alike != (model.levels, budget.align, points, budget.vector_bytes):
            return False
        return own.function.is_structurally_equivalent(model.function)

    def within(self, budget: Budget) -> list[Decision]:
        """The cheapest choices for all kernels; empty when nothing fits."""
        from .residency import decide

        if budget not in self.decisions:
            self.decisions[budget] = decide(self.segments, budget)
        return self.decisions[budget]


@dataclass
class Searches:
    """All that have been begun."""

    known: list[Search] = field(default_factory=list[Search])

    def model(self, function: func.FuncOp, levels: MemoryLevels) -> DriverModel:
        """The kernels of a driver, as known from a search of the same one."""
        from .driver_model import driver_model

        for search in self.known:
            own = search.segments.model
            if own.function.is_structurally_equivalent(function):
                return driver_model(function, levels, own)
        return driver_model(function, levels)

    def of(self, model: DriverModel, budget: Budget) -> Search:
        """The search of a driver, as begun before if it was."""
        from .driver_model import driver_model

        for search in self.known:
            if search.is_of(model, budget):
                return search
        copied = driver_model(model.function.clone(), model.levels)
        self.known.append(Search(segments_of(copied, budget)))
        return self.known[-1]


def segments_of(model: DriverModel, budget: Budget) -> Segments:
    """The chains of a driver, as closely looked at as a budget allows."""
    from .segments import Segments

    points = budget.points(len(model.steps))
    return Segments(model, budget.align, points, budget.vector_bytes)
