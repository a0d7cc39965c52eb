"""
A loop in the order of a schedule: slots before it, the slots that are full as a loop,
and those behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import IndexType, MemRefType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.access import VIEWS, whole_buffer
from ...analysis.areas import rounds_of
from ...analysis.program import known_index
from ...analysis.schedules import HALVES, Schedule
from ...dialects.deploy import TokenType
from ...rewriting import locate
from .halves import NewBuffers, adapt, captured, half_of, reshapes_in


@dataclass
class Round:
    """One round of the loop, as far as it has been written."""

    index: Callable[[], SSAValue]
    half: Callable[[], SSAValue]
    """Which half of what is doubled is this round's."""
    values: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """What stands for the values of the loop's body."""


@dataclass
class PipelinedLoop:
    """Writes what replaces `loop` before it; the loop itself stays as it is."""

    loop: scf.ForOp
    schedule: Schedule
    own: tuple[SSAValue, ...]
    """The buffers that a round which is not in a loop may have for itself."""
    buffers: NewBuffers
    inside: Block | None = None
    """The body of the new loop while it is written."""
    numbers: dict[int, SSAValue] = field(default_factory=dict[int, SSAValue])
    rounds: dict[int, Round] = field(default_factory=dict[int, Round])
    """The rounds outside the new loop."""

    def __post_init__(self) -> None:
        for value in (self.loop.lb, self.loop.ub, self.loop.step):
            number = known_index(value)
            assert number is not None, "the rounds of the loop are known"
            self.numbers[number] = value

    def write(self) -> None:
        """Writes all slots."""
        for buffer in self.schedule.doubled:
            self.buffers.double(buffer)
        count = len(rounds_of(self.loop))
        for slot, is_full in self.schedule.slots(count):
            if is_full:
                self.full_slots(slot, count)
            else:
                self.single_slot(slot, count)

    def single_slot(self, slot: int, count: int) -> None:
        """One slot, of the rounds that there are."""
        for op, stage in self.schedule.order:
            if 0 <= slot - stage < count:
                self.copy(op, self.round(slot - stage))

    def full_slots(self, first: int, count: int) -> None:
        """The slots in which every stage has a round, as a loop over the kernels'."""
        kernels, parted = self.schedule.kernels, self.schedule.parted
        stage = dict(self.schedule.order)
        low, high = self.bound(first - kernels), self.bound(count - kernels)
        step = self.number(rounds_of(self.loop).step)
        initial = [
            self.round(first - stage[wait]).values[start.token]
            for start, wait in parted
        ]
        block = Block(arg_types=[IndexType(), *(TokenType() for _ in parted)])
        self.inside = block
        rounds = self.moving_rounds(block.args[0])
        for (start, wait), token in zip(parted, block.args[1:], strict=True):
            rounds[stage[wait]].values[start.token] = token
        for op, own_stage in self.schedule.order:
            self.copy(op, rounds[own_stage])
        last = [rounds[stage[start]].values[start.token] for start, _ in parted]
        self.insert(scf.YieldOp(*last), self.loop)
        self.inside = None
        new = scf.ForOp(low, high, step, initial, Region(block))
        new.attributes = dict(self.loop.attributes)
        self.insert(new, self.loop)
        for (start, _), token in zip(parted, new.results, strict=True):
            self.round(count - 1 - stage[start]).values[start.token] = token

    def bound(self, number: int) -> SSAValue:
        """The index of a round, which may be the one behind the last."""
        values = rounds_of(self.loop)
        return self.number(values[0] + number * values.step)

    def round(self, number: int) -> Round:
        """A round outside the new loop."""
        if number not in self.rounds:
            self.rounds[number] = Round(
                lambda: self.bound(number), lambda: self.number(number % HALVES)
            )
        return self.rounds[number]

    def moving_rounds(self, index: SSAValue) -> list[Round]:
        """The rounds of one slot by stage; `index` is that of the kernels' round."""
        index.name_hint = self.loop.body.block.args[0].name_hint
        halves: list[SSAValue] = []

        def half(ahead: int) -> SSAValue:
            if not halves:
                halves.extend(self.moving_halves(index))
            return halves[ahead % HALVES]

        def round_(stage: int) -> Round:
            ahead = self.schedule.kernels - stage
            return Round(lambda: self.moved(index, ahead), lambda: half(ahead))

        return [round_(stage) for stage in range(self.schedule.stages)]

    def moved(self, index: SSAValue, rounds: int) -> SSAValue:
        """The index that many rounds later."""
        if not rounds:
            return index
        away = self.number(abs(rounds) * rounds_of(self.loop).step)
        op = arith.AddiOp(index, away) if rounds > 0 else arith.SubiOp(index, away)
        return self.insert(op, self.loop)[0]

    def moving_halves(self, index: SSAValue) -> list[SSAValue]:
        """The half of the round with that index, and the other one."""
        values = rounds_of(self.loop)
        number = index
        if values[0]:
            first = self.number(values[0])
            (number,) = self.insert(arith.SubiOp(number, first), self.loop)
        if values.step != 1:
            step = self.number(values.step)
            (number,) = self.insert(arith.DivUIOp(number, step), self.loop)
        rest = arith.RemUIOp(number, self.number(HALVES))
        (half,) = self.insert(rest, self.loop)
        (other,) = self.insert(arith.SubiOp(self.number(1), half), self.loop)
        return [half, other]

    def number(self, value: int) -> SSAValue:
        """A constant, which stands outside the new loop."""
        if value not in self.numbers:
            constant = arith.ConstantOp.from_int_and_width(value, IndexType())
            self.put_before(constant, self.loop)
            self.numbers[value] = constant.result
        return self.numbers[value]

    def insert(self, op: Operation, origin: Operation) -> tuple[SSAValue, ...]:
        """Puts a new operation where we write; its results."""
        if self.inside is None:
            return self.put_before(op, origin)
        self.inside.add_op(locate(op, origin.location))
        return tuple(op.results)

    def put_before(self, op: Operation, origin: Operation) -> tuple[SSAValue, ...]:
        """Puts a new operation outside the new loop; its results."""
        locate(op, origin.location)
        Rewriter().insert_op(op, InsertPoint.before(self.loop))
        return tuple(op.results)

    def value(self, value: SSAValue, round_: Round) -> SSAValue:
        """What stands for `value` in a round; what it is made from is written first."""
        if value not in round_.values:
            round_.values[value] = self.new_value(value, round_)
        return round_.values[value]

    def new_value(self, value: SSAValue, round_: Round) -> SSAValue:
        """What stands for a value that the round has not used yet."""
        owner = value.owner
        if isinstance(owner, Block):
            return round_.index() if owner is self.loop.body.block else value
        buffer = whole_buffer(value)
        if buffer in self.schedule.doubled:
            return self.part_of_half(value, buffer, round_)
        is_own = buffer in self.own and self.inside is None
        if value is buffer and is_own:
            return self.buffers.another(buffer)
        if self.loop.is_ancestor(owner) or (is_own and isinstance(owner, VIEWS)):
            return self.copy(owner, round_)[0]
        return value

    def part_of_half(
        self, value: SSAValue, buffer: SSAValue, round_: Round
    ) -> SSAValue:
        """What stands for a part, or all, of a buffer that is doubled."""
        owner = cast(Operation, value.owner)
        if not (value is buffer or isinstance(owner, memref.ReinterpretCastOp)):
            return self.copy(owner, round_)[0]
        type_ = cast("MemRefType[Attribute]", value.type)
        both = self.buffers.both(buffer, type_.get_shape())
        return self.insert(half_of(both, round_.half(), type_), owner)[0]

    def copy(self, op: Operation, round_: Round) -> tuple[SSAValue, ...]:
        """Writes `op` for a round; its results."""
        values = {value: self.value(value, round_) for value in captured(op)}
        reshapes = [cast_.result for cast_ in reshapes_in(op, self.schedule.doubled)]
        halves = {value: self.value(value, round_) for value in reshapes}
        new = op.clone(values)
        for value, half in halves.items():
            inner = values[value]
            inner.replace_all_uses_with(half)
            Rewriter.erase_op(cast(Operation, inner.owner))
        self.insert(new, op)
        adapt(new)
        round_.values.update(zip(op.results, new.results, strict=True))
        return tuple(new.results)
