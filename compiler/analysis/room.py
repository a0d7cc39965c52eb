"""
Whether the buffers of a driver fit their levels of memory, before they have offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import func, scf
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import BufferOp
from .lifetimes import Lifetime, Stretch, joined
from .memory import Budget, budget_of, bytes_of
from .planning import (
    ORDERS,
    Key,
    Request,
    aligned,
    independent_parts,
    laid,
    live_bytes,
    neighbours,
)


@dataclass(frozen=True)
class Snapshot:
    """The lifetimes of the buffers of a driver as it was."""

    block: Block
    """The body of the driver."""
    known: dict[Operation, Stretch]
    """The steps of each operation outside kernels."""
    whole: Stretch
    """All steps."""

    @staticmethod
    def of(block: Block, known: dict[Operation, Stretch]) -> Snapshot:
        """The driver with that body as it is, of which something may be known."""
        return Snapshot(block, known, joined(block, known))

    def changed(self, where: Block) -> Snapshot:
        """The driver as it is, if only `where` has changed."""
        known = dict(self.known)
        for loop in loops_around(where):
            known.pop(loop, None)
        return Snapshot.of(self.block, known)

    def replaced(self, loop: scf.ForOp, steps: Stretch) -> Snapshot:
        """The driver as it is, but for a loop in whose place there are other steps."""
        known = self.known | {loop: steps}
        assert loop.parent is not None, "a loop is in a driver"
        for around in loops_around(loop.parent):
            known.pop(around, None)
        return Snapshot.of(self.block, known)

    def steps_in(self, op: Operation) -> Lifetime:
        """The numbers of the steps that `op` is or holds."""
        start, part = 0, op
        while part is not None and part.parent is not None:
            start += self.steps_before(part, part.parent)
            part = part.parent_op() if part.parent is not self.block else None
        return Lifetime(start, start + self.known[op].length)

    def steps_before(self, op: Operation, block: Block) -> int:
        """How many steps of a block come before `op`, which stands there."""
        before = 0
        for other in block.ops:
            if other is op:
                break
            before += self.known[other].length
        return before


@dataclass
class Room:
    """The room that the buffers of one driver have, however it changes."""

    driver: func.FuncOp
    now: Snapshot | None = None
    """The driver since the last change that was found good, once it is asked for."""
    sizes: dict[SSAValue, tuple[str, int]] = field(
        default_factory=dict[SSAValue, "tuple[str, int]"]
    )
    """The level and the bytes of each buffer that has been met."""
    budgets: dict[str, Budget] = field(default_factory=dict[str, Budget])
    """What is free in each level, which no change of the driver's steps changes."""

    def suffices(self, levels: Iterable[str], where: Block) -> bool:
        """
        Whether each level surely holds the buffers that it has since `where` changed.

        Never more bytes may be live than the level has, and a simple planner must
        find offsets: who asks after adding to what is live makes no level too small.
        The change that was made before must be undone when it does not.
        """
        changed = self.changed(where)
        if not self.holds(levels, changed):
            return False
        self.now = changed
        return True

    def would_suffice(
        self, levels: Iterable[str], loop: scf.ForOp, steps: Stretch
    ) -> bool:
        """The same with other steps in the place of a loop, which is as it was."""
        return self.holds(levels, self.current.replaced(loop, steps))

    def holds(self, levels: Iterable[str], driver: Snapshot) -> bool:
        """Whether each level surely holds the buffers of the driver as it is there."""
        for budget in map(self.budget, levels):
            requests = self.requests(budget, driver.whole.lifetimes)
            if not fits(requests, budget):
                return False
        return True

    @property
    def current(self) -> Snapshot:
        """The driver since the last change that was found good."""
        if self.now is None:
            self.now = Snapshot.of(self.driver.body.block, {})
        return self.now

    def changed(self, where: Block) -> Snapshot:
        """The driver since `where` changed."""
        if self.now is None:
            return self.current
        return self.now.changed(where)

    def allows(self, op: Operation, buffers: Mapping[SSAValue, int]) -> bool:
        """
        Whether so many more bytes may be live while `op` runs, for some buffers.

        That of a buffer which is not live then counts as well. What this refuses has
        surely no room; what it allows may have none.
        """
        steps = self.current.steps_in(op)
        everyone = self.current.whole.lifetimes.items()
        live = {v: cut for v, life in everyone if (cut := common(life, steps))}
        live |= dict.fromkeys(buffers, steps)
        levels = {level for level, _ in map(self.size, buffers) if level}
        for budget in map(self.budget, levels):
            own = {v: n for v, n in buffers.items() if self.size(v)[0] == budget.level}
            total = live_bytes(self.requests(budget, live)) + sum(own.values())
            if budget.needed(total) > budget.size:
                return False
        return True

    def requests(
        self, budget: Budget, lifetimes: Mapping[SSAValue, Lifetime]
    ) -> list[Request]:
        """The buffers of one level."""
        sized = ((lifetime, *self.size(v)) for v, lifetime in lifetimes.items())
        return [
            Request("", size, budget.align, *lifetime)
            for lifetime, level, size in sized
            if level == budget.level
        ]

    def size(self, value: SSAValue) -> tuple[str, int]:
        """The level and the bytes of a buffer; no level for what is none."""
        found = self.sizes.get(value)
        if found is None:
            level = value.owner.level if isinstance(value.owner, BufferOp) else ""
            found = self.sizes[value] = level, bytes_of(value.type)
        return found

    def budget(self, level: str) -> Budget:
        """What is free in a level."""
        if level not in self.budgets:
            self.budgets[level] = budget_of(self.driver, level)
        return self.budgets[level]


def loops_around(block: Block) -> Iterator[scf.ForOp]:
    """The loops that `block` is in, inner ones first."""
    around = block.parent_op()
    while isinstance(around, scf.ForOp):
        yield around
        around = around.parent_op()


def common(one: Lifetime, other: Lifetime) -> Lifetime | None:
    """The steps in both, if there are any."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Lifetime(start, end) if start < end else None


def fits(requests: Sequence[Request], budget: Budget) -> bool:
    """Whether a planner that does not search fits these buffers into a level."""
    if budget.needed(live_bytes(requests)) > budget.size:
        return False
    parts = ([requests[i] for i in sorted(p)] for p in independent_parts(requests))
    crowded = [
        (part, neighbours(part))
        for part in parts
        if budget.needed(side_by_side(part)) > budget.size
    ]

    def suits(order: Key) -> bool:
        """Whether no buffer ends behind the level; where one does the rest is idle."""
        return all(
            budget.needed(offset + part[index].size) <= budget.size
            for part, meeting in crowded
            for index, offset in laid(part, order, meeting)
        )

    return any(map(suits, ORDERS))


def side_by_side(requests: Sequence[Request]) -> int:
    """The bytes of these buffers if none shared any."""
    return sum(aligned(each.size, each.align) for each in requests)
