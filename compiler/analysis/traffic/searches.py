"""
Searches of drivers, kept for when the same driver is asked about once more.

What is decided depends on the near level: with other sizes of the levels further out
only the places of what is not kept near can be others. So of a driver that is tried for
many sizes of those, the ways to cut its kernels are searched once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xdsl.dialects import func

from ..levels import MemoryLevels

if TYPE_CHECKING:
    from .driver_model import DriverModel
    from .residency import Budget, Decision


@dataclass(frozen=True)
class Search:
    """What has been decided about one driver."""

    function: func.FuncOp
    """A copy of the driver as it was."""
    levels: MemoryLevels
    budget: Budget
    decisions: list[Decision]

    def answers(self, model: DriverModel, budget: Budget) -> bool:
        """Whether `model` is of the same driver, which may use as much."""
        same = self.budget == budget and self.levels == model.levels
        return same and self.function.is_structurally_equivalent(model.function)


@dataclass
class Searches:
    """All that have been made."""

    known: list[Search] = field(default_factory=list[Search])

    def decisions(self, model: DriverModel, budget: Budget) -> list[Decision]:
        """The cheapest choices for all kernels of a driver; empty when nothing fits."""
        from .residency import decide

        for search in self.known:
            if search.answers(model, budget):
                return search.decisions
        decisions = decide(model, budget)
        copied = model.function.clone()
        self.known.append(Search(copied, model.levels, budget, decisions))
        return decisions
