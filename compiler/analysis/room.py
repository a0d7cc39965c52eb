"""
Whether the buffers of a driver fit their levels of memory, before they have offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from xdsl.dialects import func
from xdsl.ir import Operation, SSAValue

from ..dialects.deploy import BufferOp
from .lifetimes import Access, Lifetime, Step, lifetimes_in, operations_of, steps_of
from .memory import Budget, budget_of, bytes_of
from .planning import ORDERS, Request, aligned, live_bytes, peak, skyline


@dataclass(frozen=True)
class Snapshot:
    """The lifetimes of the buffers of a driver as it was."""

    steps: tuple[Step, ...]
    lifetimes: Mapping[SSAValue, Lifetime]
    level_of: Mapping[SSAValue, str]
    """The level of each buffer."""

    @cached_property
    def numbers(self) -> dict[Operation, int]:
        """The number of each step."""
        return {step.op: step.number for step in self.steps}

    def steps_in(self, op: Operation) -> list[int]:
        """The numbers of the steps that `op` is or holds."""
        return [self.numbers[o] for o in (op, *operations_of(op)) if o in self.numbers]

    @cached_property
    def levels(self) -> dict[str, dict[SSAValue, Request]]:
        """The buffers of each level."""
        found: dict[str, dict[SSAValue, Request]] = {}
        for value, lifetime in self.lifetimes.items():
            if (level := self.level_of.get(value)) is not None:
                request = Request("", bytes_of(value.type), 1, *lifetime)
                found.setdefault(level, {})[value] = request
        return found

    def live_at(self, number: int, level: str) -> dict[SSAValue, int]:
        """The bytes of each buffer of a level that is live in a step."""
        requests = self.levels.get(level, {}).items()
        return {v: r.size for v, r in requests if r.start <= number < r.end}


@dataclass
class Room:
    """The room that the buffers of one driver have, however it changes."""

    driver: func.FuncOp
    known: dict[Operation, tuple[Access, ...]] = field(
        default_factory=dict[Operation, tuple[Access, ...]]
    )
    """What operations touch."""
    level_of: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    """The level of each buffer that has been met."""
    now: Snapshot | None = None
    """The driver since the last change that was found good, once it is asked for."""

    def snapshot(self) -> Snapshot:
        """The driver as it is."""
        steps = steps_of(self.driver, self.known)
        lifetimes = lifetimes_in(steps)
        for value in lifetimes:
            if value not in self.level_of and isinstance(value.owner, BufferOp):
                self.level_of[value] = value.owner.level
        return Snapshot(steps, lifetimes, self.level_of)

    def suffices(self, levels: Iterable[str]) -> bool:
        """
        Whether each of these levels surely holds the buffers that it has now.

        Never more bytes may be live than the level has, and a simple planner must
        find offsets: who asks after adding to what is live makes no level too small.
        The change that was made before must be undone when it does not.
        """
        changed = self.snapshot()
        for budget in (budget_of(self.driver, level) for level in levels):
            requests = changed.levels.get(budget.level, {}).values()
            if not fits([replace(r, align=budget.align) for r in requests], budget):
                return False
        self.now = changed
        return True

    def allows(self, op: Operation, buffers: Mapping[SSAValue, int]) -> bool:
        """
        Whether so many more bytes may be live while `op` runs, for some buffers.

        That of a buffer which is not live then counts as well. What this refuses has
        surely no room; what it allows may have none.
        """
        if self.now is None:
            self.now = self.snapshot()
        numbers = self.now.steps_in(op)
        levels = {v.owner.level for v in buffers if isinstance(v.owner, BufferOp)}
        for budget in (budget_of(self.driver, level) for level in levels):
            own = {v: n for v, n in buffers.items() if is_in(v, budget.level)}
            for number in numbers:
                live = self.now.live_at(number, budget.level)
                asleep = sum(bytes_of(value.type) for value in own if value not in live)
                total = sum(live.values()) + asleep + sum(own.values())
                if budget.needed(total) > budget.size:
                    return False
        return True


def is_in(value: SSAValue, level: str) -> bool:
    """Whether `value` is a buffer of that level."""
    return isinstance(value.owner, BufferOp) and value.owner.level == level


def fits(requests: Sequence[Request], budget: Budget) -> bool:
    """Whether a planner that does not search fits these buffers into a level."""
    side_by_side = sum(aligned(each.size, each.align) for each in requests)
    if budget.needed(side_by_side) <= budget.size:
        return True
    if budget.needed(live_bytes(requests)) > budget.size:
        return False
    ends = (peak(requests, skyline(requests, order)) for order in ORDERS)
    return any(budget.needed(end) <= budget.size for end in ends)
