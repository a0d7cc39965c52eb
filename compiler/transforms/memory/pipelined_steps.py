"""
The steps of a loop in the order of a schedule, as `pipelined_loop.py` writes it.

They are put together of the steps that the loop has now, so that it can be asked
whether there is room for them before anything but buffers is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xdsl.dialects import scf
from xdsl.ir import Operation, SSAValue

from ...analysis.areas import rounds_of
from ...analysis.lifetimes import (
    NO_STEPS,
    Stretch,
    chained,
    operations_of,
    renamed,
    repeated,
)
from ...analysis.schedules import Schedule
from ...analysis.structured import shape_of
from ...dialects.deploy import RENEWS_ATTRIBUTE, BufferOp, DmaStartOp
from .halves import NewBuffers


@dataclass(frozen=True)
class PipelinedSteps:
    """The steps of what replaces `loop`."""

    loop: scf.ForOp
    schedule: Schedule
    own: tuple[SSAValue, ...]
    """The buffers that a round which is not in a loop may have for itself."""
    buffers: NewBuffers
    known: Mapping[Operation, Stretch]
    """The steps of each operation in the loop."""
    rounds: dict[int, Mapping[SSAValue, SSAValue]] = field(
        default_factory=dict[int, Mapping[SSAValue, SSAValue]]
    )
    """What a round outside the new loop has in place of its own buffers."""
    halved: dict[Operation, Stretch] = field(default_factory=dict[Operation, Stretch])
    """The steps of each operation in a round of the new loop."""

    def all(self) -> Stretch:
        """The steps of all slots; new buffers stand in the driver."""
        return chained(self.parts())

    def parts(self) -> Iterator[Stretch]:
        """The steps of the operations of single slots, and of the new loop."""
        for slot, is_full in self.schedule.slots(len(rounds_of(self.loop))):
            if is_full:
                order = self.schedule.order
                yield repeated(self.loop, chained(self.halves(op) for op, _ in order))
            else:
                yield from self.single_slot(slot)

    def single_slot(self, slot: int) -> Iterator[Stretch]:
        """The steps of one slot, of the rounds that there are."""
        count = len(rounds_of(self.loop))
        for op, stage in self.schedule.order:
            if 0 <= slot - stage < count:
                yield renamed(self.halves(op), self.round(slot - stage))

    def round(self, number: int) -> Mapping[SSAValue, SSAValue]:
        """What a round outside the new loop has in place of its own buffers."""
        if number not in self.rounds:
            own = (*self.own, *self.inner)
            self.rounds[number] = {b: self.buffers.another(b) for b in own}
        return self.rounds[number]

    @cached_property
    def inner(self) -> tuple[SSAValue, ...]:
        """The buffers that are made inside the loop."""
        ops = operations_of(self.loop)
        return tuple(op.result for op in ops if isinstance(op, BufferOp))

    @cached_property
    def both(self) -> Mapping[SSAValue, SSAValue]:
        """Both halves of what is doubled."""
        for buffer in self.schedule.doubled:
            self.buffers.double(buffer)
        doubled = self.schedule.doubled
        return {b: self.buffers.both(b, shape_of(b)) for b in doubled}

    def halves(self, op: Operation) -> Stretch:
        """The steps of `op` where it touches halves of what is doubled."""
        if op not in self.halved:
            self.halved[op] = self._halves(op)
        return self.halved[op]

    def _halves(self, op: Operation) -> Stretch:
        steps = self.known.get(op, NO_STEPS)  # none of what is new has any
        doubled = self.both.keys() & steps.lifetimes.keys()
        if not doubled:
            return steps
        if isinstance(op, scf.ForOp):
            return repeated(op, chained(map(self.halves, op.body.block.ops)))
        # Who writes a half leaves the other one as it is.
        renews = isinstance(op, DmaStartOp) and RENEWS_ATTRIBUTE in op.attributes
        kept = steps.kept if renews else steps.kept | doubled
        return renamed(Stretch(steps.length, steps.lifetimes, kept), self.both)
