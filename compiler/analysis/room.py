"""
Whether the buffers of a driver fit their levels of memory, before they have offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.dialects import func

from ..dialects.deploy import BufferOp
from .lifetimes import lifetimes_of
from .memory import Budget, budget_of, bytes_of
from .planning import ORDERS, Request, first_fit, live_bytes, peak, stacked


def has_room(driver: func.FuncOp, levels: Iterable[str]) -> bool:
    """
    Whether each of these levels surely holds the buffers that `driver` has in it.

    Never more bytes may be live than the level has, and a simple planner must find
    offsets: whoever asks before adding to what is live never makes a level too small.
    """
    tight = [
        budget
        for level in levels
        if not fits_stacked(driver, budget := budget_of(driver, level))
    ]
    if not tight:
        return True
    lifetimes = lifetimes_of(driver)
    requests = [
        (owner.level, bytes_of(value.type), lifetime)
        for value, lifetime in lifetimes.items()
        if isinstance(owner := value.owner, BufferOp)
    ]
    return all(
        fits(
            [
                Request("", size, budget.align, *lifetime)
                for level, size, lifetime in requests
                if level == budget.level
            ],
            budget,
        )
        for budget in tight
    )


def fits_stacked(driver: func.FuncOp, budget: Budget) -> bool:
    """Whether a level holds all its buffers side by side."""
    requests = [
        Request("", bytes_of(op.result.type), budget.align, 0, 1)
        for op in driver.walk()
        if isinstance(op, BufferOp) and op.level == budget.level
    ]
    return budget.needed(peak(requests, stacked(requests))) <= budget.size


def fits(requests: Sequence[Request], budget: Budget) -> bool:
    """Whether a simple planner fits these buffers into a level."""
    if budget.needed(live_bytes(requests)) > budget.size:
        return False
    ends = (peak(requests, first_fit(requests, order)) for order in ORDERS)
    return any(budget.needed(end) <= budget.size for end in ends)
