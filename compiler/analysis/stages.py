"""
Software pipelining of a loop's transfers: which part of a round runs how much earlier.

A round is cut into stages. In slot `t` of the new order stage `s` of round `t - s`
runs, so that the transfer of one round is under way while the kernels of another one
run. A transfer that is taken apart has its wait one stage behind its start; what leads
to a start goes with it. The order is proved: every two operations of any rounds that
touch the same memory keep their order, or what they touch is doubled, so that rounds
next to each other use different halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from xdsl.dialects import memref, scf
from xdsl.ir import Operation, SSAValue

from ..dialects.deploy import BufferOp
from .access import VIEWS
from .areas import depends, is_same, later, may_meet, meeting
from .hops import Hops
from .overlap import Effects, Touch, is_harmless
from .schedules import HALVES, Schedule, Staged, Transfer, transfers_of
from .structured import size_of


@dataclass(frozen=True)
class Body:
    """One round of a loop that carries nothing."""

    loop: scf.ForOp
    effects: Effects
    hops: Hops
    met_later: dict[tuple[Operation, Operation, int], list[bool]] = field(
        default_factory=dict[tuple[Operation, Operation, int], list[bool]]
    )
    """For two operations and rounds between them, which of their disputes are real."""

    @cached_property
    def steps(self) -> tuple[Operation, ...]:
        """The operations that touch memory, in order."""
        ops = self.loop.body.block.ops
        return tuple(op for op in ops if not is_harmless(op))

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """The transfers that are started and awaited in the round itself."""
        return tuple(transfers_of(self.loop.body.block))

    @cached_property
    def incoming(self) -> frozenset[Operation]:
        """The starts of transfers towards the core."""
        starts = (transfer.start for transfer in self.transfers)
        return frozenset(start for start in starts if self.hops.comes_in(start))

    @cached_property
    def outgoing(self) -> frozenset[Operation]:
        """The starts of transfers away from the core."""
        starts = (transfer.start for transfer in self.transfers)
        return frozenset(start for start in starts if self.hops.goes_out(start))

    @cached_property
    def is_known(self) -> bool:
        """Whether all that is done in a round is understood, and some of it work."""
        known = all(self.effects.of(op) is not None for op in self.steps)
        ops = self.loop.body.block.ops
        no_buffers = not any(isinstance(op, BufferOp) for op in ops)
        return known and no_buffers and any(map(self.effects.is_work, self.steps))

    @cached_property
    def places(self) -> Mapping[Operation, int]:
        """The number of each step."""
        return {op: number for number, op in enumerate(self.steps)}

    def touches(self, op: Operation) -> tuple[Touch, ...]:
        """What an operation touches."""
        return self.effects.of(op) or ()

    def candidates(self) -> list[Transfer]:
        """The transfers that run by themselves and move something else every time."""
        return [
            transfer
            for transfer in self.transfers
            if self.hops.is_asynchronous(transfer.start) and self.changes(transfer)
        ]

    def changes(self, transfer: Transfer) -> bool:
        """Whether the far side of a transfer is another one in each round."""
        source, destination = self.touches(transfer.start)
        index = self.loop.body.block.args[0]
        if transfer.start in self.incoming:
            others = (t for op in self.steps for t in self.touches(op) if t.writes)
            handed_on = any(is_same(t.buffer, source.buffer) for t in others)
            return depends(source.area, index) or handed_on
        if transfer.start in self.outgoing:
            others = (t for op in self.steps for t in self.touches(op) if t.reads)
            handed_on = any(is_same(t.buffer, destination.buffer) for t in others)
            return depends(destination.area, index) or handed_on
        return False

    def lags(self, parted: Sequence[Transfer]) -> dict[Operation, int]:
        """How many slots behind the kernels of its round each operation runs."""
        lag = dict.fromkeys(self.steps, 0)
        wait_of: dict[Operation, Operation] = {t.start: t.wait for t in self.transfers}
        start_of: dict[Operation, Operation] = {t.wait: t.start for t in self.transfers}
        apart = {op for transfer in parted for op in transfer}
        for op in reversed(self.steps):
            if op in self.incoming and op in wait_of:
                lag[op] = lag[wait_of[op]] - (op in apart)
            elif start_of.get(op) in self.incoming or self.effects.is_fill(op):
                lag[op] = min(0, *(lag[other] for other in self.met(op, behind=True)))
        for op in self.steps:
            if op in self.outgoing and op in wait_of:
                lag[op] = max(0, *(lag[other] for other in self.met(op, behind=False)))
            elif (start := start_of.get(op)) is not None and start in self.outgoing:
                lag[op] = lag[start] + (op in apart)
        return lag

    def met(self, op: Operation, behind: bool) -> Iterator[Operation]:
        """What stands behind `op`, or before it, and must stay there; and itself."""
        place = self.places[op]
        yield op
        for other in self.disputing.get(op, ()):
            is_behind = self.places[other] > place
            if is_behind == behind and other is not op and self.effects.meet(op, other):
                yield other

    def order(self, parted: Sequence[Transfer]) -> tuple[tuple[Staged, ...], int]:
        """
        What one slot does, and the stage of the kernels.

        Transfers come in first, those that are nearest to the core before the others
        so that they make room for them; what goes out goes last, likewise.
        """
        lag = self.lags(parted)
        kernels = -min(lag.values())
        started = {t.start for t in parted if t.start in self.outgoing}
        awaited = {t.wait for t in parted if t.start in self.incoming}
        first = [op for op in self.steps if lag[op] < 0 or op in awaited]
        last = [op for op in self.steps if lag[op] > 0 or op in started]
        rest = [op for op in self.steps if op not in {*first, *last}]
        ordered = (
            *sorted(first, key=lambda op: -lag[op]),
            *rest,
            *sorted(last, key=lambda op: -lag[op]),
        )
        return tuple(Staged(op, lag[op] + kernels) for op in ordered), kernels

    def schedule(self, parted: Sequence[Transfer]) -> Schedule | None:
        """The order in which these transfers are apart; None when it is not proved."""
        order, kernels = self.order(parted)
        doubled = tuple(dict.fromkeys(self.clashes(order, ())))
        if not all(self.can_be_doubled(buffer) for buffer in doubled):
            return None
        if any(self.clashes(order, doubled)):
            return None
        return Schedule(order, kernels, tuple(parted), doubled)

    @cached_property
    def disputes(self) -> dict[tuple[Operation, Operation], list[tuple[Touch, Touch]]]:
        """What two operations may both touch so that their order matters, if any."""
        touched = [(op, each) for op in self.steps for each in self.touches(op)]
        near = meeting(dict.fromkeys(each.buffer for _, each in touched))
        users: dict[SSAValue, dict[Operation, None]] = {}
        for op, each in touched:
            users.setdefault(each.buffer, {})[op] = None
        found: dict[tuple[Operation, Operation], list[tuple[Touch, Touch]]] = {}
        for op, one in touched:
            others = [users[buffer] for buffer in near[one.buffer]]
            for behind in dict.fromkeys(chain.from_iterable(others)):
                for other in self.touches(behind):
                    if other.buffer in near[one.buffer] and (
                        one.writes or other.writes
                    ):
                        found.setdefault((op, behind), []).append((one, other))
        return found

    @cached_property
    def disputing(self) -> Mapping[Operation, list[Operation]]:
        """For each operation those that may touch the same so that order matters."""
        found: dict[Operation, list[Operation]] = {}
        for op, behind in self.disputes:
            found.setdefault(op, []).append(behind)
        return found

    def clashes(
        self, order: Sequence[Staged], doubled: Sequence[SSAValue]
    ) -> Iterator[SSAValue]:
        """The buffers that two operations touch whose order is no longer the same."""
        place = self.places
        slot = {staged.op: number for number, staged in enumerate(order)}
        furthest = max(stage for _, stage in order) + 1
        for mine, yours in sorted((slot[a], slot[b]) for a, b in self.disputes):
            one, other = order[mine], order[yours]
            for rounds in range(furthest + 1):
                if not rounds and place[one.op] >= place[other.op]:
                    continue
                if (other.stage + rounds, yours) < (one.stage, mine):
                    yield from self.shared(one.op, other.op, rounds, doubled)

    def shared(
        self,
        op: Operation,
        behind: Operation,
        rounds: int,
        doubled: Sequence[SSAValue],
    ) -> Iterator[SSAValue]:
        """What `op` and, that many rounds later, `behind` touch in no free order."""
        for number, (mine, other) in enumerate(self.disputes[op, behind]):
            if mine.buffer in doubled and mine.buffer is other.buffer:
                meets = rounds % HALVES == 0
            else:
                meets = self.meets(op, behind, rounds)[number]
            if meets:
                yield mine.buffer

    def meets(self, op: Operation, behind: Operation, rounds: int) -> list[bool]:
        """For each dispute whether `behind` touches the same that many rounds later."""
        key = op, behind, rounds
        if key not in self.met_later:
            self.met_later[key] = [
                may_meet(mine.area, later(other.area, self.loop, rounds))
                for mine, other in self.disputes[op, behind]
            ]
        return self.met_later[key]

    def is_local(self, buffer: SSAValue) -> bool:
        """Whether every round makes `buffer` anew, and nobody else touches it."""
        owner = buffer.owner
        if not isinstance(owner, BufferOp) or owner.offset is not None:
            return False
        users = users_of(buffer)
        if self.loop.is_ancestor(owner) or not all(map(self.loop.is_ancestor, users)):
            return False
        for op in self.steps:
            mine = [each for each in self.touches(op) if each.buffer is buffer]
            if mine:
                anew = any(each.covers for each in mine)
                is_loop = isinstance(op, scf.ForOp)
                return anew and not is_loop and not any(each.reads for each in mine)
        return False

    def own(self, schedule: Schedule) -> tuple[SSAValue, ...]:
        """The buffers that hold something in one stage of a round only."""
        stages: dict[SSAValue, set[int]] = {}
        for op, stage in schedule.order:
            for each in self.touches(op):
                stages.setdefault(each.buffer, set()).add(stage)
        return tuple(
            buffer
            for buffer, found in stages.items()
            if len(found) == 1 and self.is_local(buffer)
        )

    def can_be_doubled(self, buffer: SSAValue) -> bool:
        """Whether every round may have a half of its own."""
        return self.is_local(buffer) and all(
            isinstance(view, memref.SubviewOp) or is_reshape_of(view, buffer)
            for view in views_of(buffer)
        )


def views_of(buffer: SSAValue) -> Iterator[Operation]:
    """The parts and other shapes of a buffer, and theirs."""
    for use in buffer.uses:
        if isinstance(use.operation, VIEWS):
            yield use.operation
            yield from views_of(use.operation.results[0])


def users_of(buffer: SSAValue) -> Iterator[Operation]:
    """Who uses a buffer or a part of it, views aside."""
    values = [buffer, *(view.results[0] for view in views_of(buffer))]
    for value in values:
        for use in value.uses:
            if not isinstance(use.operation, VIEWS):
                yield use.operation


def is_reshape_of(view: Operation, buffer: SSAValue) -> bool:
    """Whether `view` is all of `buffer` under another shape."""
    whole = isinstance(view, memref.ReinterpretCastOp) and view.source is buffer
    return whole and size_of(view.results[0]) == size_of(buffer)
