"""
Whether the buffers of a driver fit their levels of memory, before they have offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import func
from xdsl.ir import Operation, SSAValue

from ..dialects.deploy import BufferOp
from .lifetimes import Access, Lifetime, lifetimes_of, operations_of
from .memory import Budget, budget_of, bytes_of
from .planning import ORDERS, Request, aligned, first_fit, live_bytes, peak


@dataclass(frozen=True)
class Room:
    """The room that the buffers of one driver have, however it changes."""

    driver: func.FuncOp
    known: dict[Operation, tuple[Access, ...]] = field(
        default_factory=dict[Operation, tuple[Access, ...]]
    )
    """What operations touch."""

    def suffices(self, levels: Iterable[str]) -> bool:
        """
        Whether each of these levels surely holds the buffers that it has now.

        Never more bytes may be live than the level has, and a simple planner must find
        offsets: who asks after adding to what is live never makes a level too small.
        """
        budgets = [budget_of(self.driver, level) for level in levels]
        tight = [budget for budget in budgets if not self.fits_stacked(budget)]
        if not tight:
            return True
        lifetimes = lifetimes_of(self.driver, self.known)
        return all(fits(requests_of(lifetimes, budget), budget) for budget in tight)

    def fits_stacked(self, budget: Budget) -> bool:
        """Whether a level holds all its buffers side by side."""
        sizes = (
            aligned(bytes_of(op.result.type), budget.align)
            for op in operations_of(self.driver)
            if isinstance(op, BufferOp) and op.level == budget.level
        )
        return budget.needed(sum(sizes)) <= budget.size


def requests_of(
    lifetimes: Mapping[SSAValue, Lifetime], budget: Budget
) -> list[Request]:
    """The buffers of one level."""
    return [
        Request("", bytes_of(value.type), budget.align, *lifetime)
        for value, lifetime in lifetimes.items()
        if isinstance(value.owner, BufferOp) and value.owner.level == budget.level
    ]


def fits(requests: Sequence[Request], budget: Budget) -> bool:
    """Whether a simple planner fits these buffers into a level."""
    if budget.needed(live_bytes(requests)) > budget.size:
        return False
    ends = (peak(requests, first_fit(requests, order)) for order in ORDERS)
    return any(budget.needed(end) <= budget.size for end in ends)
