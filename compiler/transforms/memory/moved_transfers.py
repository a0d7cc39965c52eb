"""
Starts of transfers that move up in their block, and waits that move down.

What stands in the way moves along where that costs nothing: the wait of the transfer
that has brought the data nearer, the start of the one that takes it further, a fill of
the padding around it. Anything else that touches the same memory ends the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from xdsl.ir import Block, Operation, SSAValue

from ...analysis.access import whole_buffer
from ...analysis.areas import is_same
from ...analysis.hops import Hops
from ...analysis.memory import level_of
from ...analysis.overlap import Effects, is_harmless
from ...analysis.room import Room
from ...analysis.schedules import transfers_of
from ...analysis.transfers import starts_of
from ...dialects.deploy import DmaStartOp, DmaWaitOp


class Way(NamedTuple):
    """One way to move."""

    ops: tuple[Operation, ...]
    """What moves, in program order."""
    past: Operation
    """The work beyond which it goes."""


@dataclass(frozen=True)
class Direction:
    """Up in a block for what comes in, down for what goes out."""

    is_up: bool
    joins: type[Operation]
    """The half of an earlier or later hop that the moving ones come upon first."""

    def ops_from(self, op: Operation) -> Iterator[Operation]:
        """What stands beyond `op`, one after the other."""
        beyond = op.prev_op if self.is_up else op.next_op
        while beyond is not None:
            yield beyond
            beyond = beyond.prev_op if self.is_up else beyond.next_op

    def suits(self, hops: Hops, start: DmaStartOp) -> bool:
        """Whether a transfer goes this way."""
        return hops.comes_in(start) if self.is_up else hops.goes_out(start)

    def origin(self, moving: Sequence[Operation]) -> Operation:
        """The operation that has begun to move."""
        return moving[-1] if self.is_up else moving[0]


UP = Direction(is_up=True, joins=DmaWaitOp)
DOWN = Direction(is_up=False, joins=DmaStartOp)


@dataclass(frozen=True)
class Mover:
    """Moves the transfers of one block."""

    block: Block
    effects: Effects
    hops: Hops
    ahead: int
    """How many pieces of work a transfer may be started before it is needed."""
    room: Room

    def run(self) -> None:
        """Moves what can move: starts from the top on, then waits from the bottom."""
        starts = [op for op in self.block.ops if isinstance(op, DmaStartOp)]
        waits = [op for op in self.block.ops if isinstance(op, DmaWaitOp)]
        coming = [start for start in starts if self.hops.comes_in(start)]
        going = [start for start in starts if self.hops.goes_out(start)]
        everything = len(tuple(self.block.ops))
        for number, start in enumerate(coming):
            most = self.ahead * (1 + self.hops_after(start, coming[number + 1 :]))
            if self.hops.is_asynchronous(start):
                self.move(self.ways(start, most, UP))
        for wait in reversed(waits):
            start = starts_of(wait.token)[0]
            most = everything
            if start in going:
                before = going[: going.index(start)]
                most = self.ahead * (1 + self.hops_before(start, before))
            if self.hops.is_asynchronous(start):
                self.move(self.ways(wait, most, DOWN))

    def hops_after(self, start: DmaStartOp, others: Sequence[DmaStartOp]) -> int:
        """How many of the transfers behind bring the same data nearer."""
        place = self.buffers(start)[1]
        for number, other in enumerate(others):
            if is_same(self.buffers(other)[0], place):
                return 1 + self.hops_after(other, others[number + 1 :])
        return 0

    def hops_before(self, start: DmaStartOp, others: Sequence[DmaStartOp]) -> int:
        """How many of the transfers before have taken the same data out so far."""
        place = self.buffers(start)[0]
        for number, other in reversed(list(enumerate(others))):
            if is_same(self.buffers(other)[1], place):
                return 1 + self.hops_before(other, others[:number])
        return 0

    def buffers(self, start: DmaStartOp) -> tuple[SSAValue, SSAValue]:
        """The buffers that a transfer is from and to."""
        return whole_buffer(start.source), whole_buffer(start.destination)

    @cached_property
    def partner(self) -> dict[Operation, Operation]:
        """The wait of each start and the start of each wait, where both are here."""
        found: dict[Operation, Operation] = {}
        for start, wait in transfers_of(self.block):
            found |= {start: wait, wait: start}
        return found

    def ways(self, first: Operation, most: int, direction: Direction) -> list[Way]:
        """The ways that help, past one piece of work after another, `most` of them."""
        moving, found = [first], list[Way]()
        passed = 0
        for op in direction.ops_from(first):
            if self.goes_along(op, moving, direction):
                moving.insert(0 if direction is UP else len(moving), op)
            elif op is self.block.last_op or self.is_held_by(op, moving):
                break
            elif self.effects.is_work(op):
                passed += 1
                if all(self.gains(each, moving, op, direction) for each in moving[:]):
                    found.append(Way(tuple(moving), op))
            if passed == most:
                break
        return found

    def goes_along(
        self, op: Operation, moving: Sequence[Operation], direction: Direction
    ) -> bool:
        """Whether `op`, which the others come upon, can go with them."""
        if is_harmless(op):
            return direction is UP and is_used_by(op, moving)
        if not self.meets(op, moving):
            return False
        if direction is UP and self.effects.is_fill(op):
            return True
        partner = self.partner.get(op)
        start = op if isinstance(op, DmaStartOp) else partner
        if not isinstance(start, DmaStartOp) or not direction.suits(self.hops, start):
            return False
        if isinstance(op, direction.joins):
            return True
        return partner in moving and not self.hops.is_asynchronous(start)

    def is_held_by(self, op: Operation, moving: Sequence[Operation]) -> bool:
        """Whether `op` must stay on its side of one of the others."""
        return is_used_by(op, moving) or self.meets(op, moving)

    def meets(self, op: Operation, moving: Sequence[Operation]) -> bool:
        """Whether `op` touches what one of the others touches."""
        return any(self.effects.meet(op, other) for other in moving)

    def gains(
        self,
        op: Operation,
        moving: Sequence[Operation],
        past: Operation,
        direction: Direction,
    ) -> bool:
        """Whether the transfer of `op` still runs while there is work."""
        partner = self.partner.get(op)
        if not isinstance(op, direction.joins) or op is direction.origin(moving):
            return True
        if partner in moving:
            return True
        for between in direction.ops_from(past):
            if between is partner:
                return False
            if self.effects.is_work(between):
                return True
        return False

    def move(self, ways: Sequence[Way]) -> None:
        """Takes the longest way for which there is room."""
        for way in reversed(ways):
            moved = dict.fromkeys(self.touched(way.ops), 0)
            if not self.room.allows(way.past, moved):
                continue
            before = [(op, op.next_op) for op in way.ops]
            is_up = way.past.is_before_in_block(way.ops[-1])
            follower = way.past if is_up else way.past.next_op
            assert follower is not None, "nothing moves behind the end of a block"
            place(way.ops, self.block, follower)
            levels = {level_of(buffer.type) for buffer in moved}
            if self.room.suffices(levels, self.block):
                return
            for op, behind in reversed(before):
                assert behind is not None, "what moves is not the end of a block"
                place([op], self.block, behind)

    def touched(self, ops: Sequence[Operation]) -> list[SSAValue]:
        """The buffers that these operations touch, each once."""
        touches = (each for op in ops for each in self.effects.of(op) or ())
        return list(dict.fromkeys(each.buffer for each in touches))


def place(ops: Sequence[Operation], block: Block, follower: Operation) -> None:
    """Moves operations of a block to where `follower` is next."""
    for op in ops:
        op.detach()
        block.insert_op_before(op, follower)


def is_used_by(op: Operation, others: Sequence[Operation]) -> bool:
    """Whether one of the others uses a result of `op`."""
    return any(use.operation in others for result in op.results for use in result.uses)
