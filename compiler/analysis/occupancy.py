"""
Who touches which buffer of a lowered program in which step, and how long it is needed.

A step is one call of a kernel, the start of a transfer or a wait for one; a loop's body
counts once. A buffer that a loop reads before it writes it, or fills part by part, is
needed for the whole loop. Start and wait both touch what a transfer reads and writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import cast

from xdsl.dialects import func, memref, scf
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import Operation, SSAValue

from ..dialects.deploy import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp
from .access import VIEWS
from .memory import bytes_of
from .program import (
    INSTRUCTIONS_ATTRIBUTE,
    MULTIPLY_ADDS_ATTRIBUTE,
    Program,
    StepOp,
    callee,
    integer_of,
    known_index,
)
from .rows import bytes_moved
from .transfers import starts_of


@dataclass(frozen=True)
class Access:
    """What one step does to one buffer."""

    step: int
    buffer: SSAValue
    reads: bool
    writes: bool
    partial: bool
    """Whether it is a part that depends on a loop."""
    renews: bool
    """Whether nothing of what the buffer held before is there, or needed, behind it."""


@dataclass(frozen=True)
class Span:
    """Steps from `start` to before `end`."""

    start: int
    end: int

    def holds(self, step: int) -> bool:
        """Whether `step` is one of them."""
        return self.start <= step < self.end


def is_moving(value: SSAValue) -> bool:
    """Whether `value` is a part of a buffer at an offset known only at run time."""
    while isinstance(value.owner, VIEWS):
        part = value.owner
        moves = isinstance(part, memref.SubviewOp | memref.ReinterpretCastOp)
        if moves and DYNAMIC_INDEX in part.static_offsets.get_values():
            return True
        value = part.operands[0]
    return False


def loops_around(step: Operation) -> list[tuple[int, int, int]]:
    """Bounds (first, end, step) of the loops around a step, outer loops first."""
    found: list[tuple[int, int, int]] = []
    around = step.parent_op()
    while isinstance(around, scf.ForOp):
        bounds = [known_index(v) for v in (around.lb, around.ub, around.step)]
        assert None not in bounds, "the loops of a driver have constant bounds"
        first, last, advance = cast("list[int]", bounds)
        found.insert(0, (first, last, advance))
        around = around.parent_op()
    return found


@dataclass(frozen=True)
class Occupancy:
    """The accesses of a program, and what follows from them."""

    program: Program

    @cached_property
    def steps(self) -> list[StepOp]:
        """The steps in order."""
        return self.program.steps

    @cached_property
    def numbers(self) -> Mapping[Operation, int]:
        """The number of each step."""
        return {step: number for number, step in enumerate(self.steps)}

    @cached_property
    def accesses(self) -> list[Access]:
        """What every step does, in order; each buffer once per step."""
        effects = self.program.accesses
        found: list[Access] = []
        for number, step in enumerate(self.steps):
            if isinstance(step, func.CallOp):
                found += merged(self._call_accesses(number, step, effects))
            else:
                found += merged(self._transfer_accesses(number, step))
        return found

    def _call_accesses(
        self,
        number: int,
        call: func.CallOp,
        effects: Mapping[str, tuple[set[int], set[int]]],
    ) -> Iterator[Access]:
        """What a kernel does, one access per argument."""
        reads, writes = effects[callee(call)]
        for place, value in enumerate(call.arguments):
            if place in reads or place in writes:
                buffer = self.program.buffer(value)
                yield access_to(number, buffer, value, place in reads, place in writes)

    def _transfer_accesses(
        self, number: int, step: DmaStartOp | DmaWaitOp
    ) -> Iterator[Access]:
        """What a transfer does, for as long as it may be under way."""
        starts = [step] if isinstance(step, DmaStartOp) else starts_of(step.token)
        for start in starts:
            for value, writes in ((start.source, False), (start.destination, True)):
                buffer = self.program.buffer(value)
                found = access_to(number, buffer, value, not writes, writes)
                first = writes and RENEWS_ATTRIBUTE in start.attributes
                is_start = isinstance(step, DmaStartOp)
                yield replace(found, renews=(found.renews or first) and is_start)

    @cached_property
    def by_buffer(self) -> Mapping[SSAValue, list[Access]]:
        """The accesses of each buffer, in order."""
        found: dict[SSAValue, list[Access]] = {}
        for access in self.accesses:
            found.setdefault(access.buffer, []).append(access)
        return found

    @cached_property
    def loops(self) -> list[Span]:
        """The steps of each loop, inner loops first."""
        place = self.numbers
        found: list[Span] = []
        entry = self.program.entry
        ops = [] if entry is None else list(entry.walk())
        for op in reversed(ops):
            if isinstance(op, scf.ForOp):
                inside = [place[o] for o in op.walk() if o in place]
                if inside:
                    found.append(Span(min(inside), max(inside) + 1))
        return found

    @cached_property
    def spans(self) -> Mapping[SSAValue, Span]:
        """The steps in which each buffer that is touched holds something."""
        found: dict[SSAValue, Span] = {}
        for buffer, accesses in self.by_buffer.items():
            span = Span(accesses[0].step, accesses[-1].step + 1)
            for loop in self.loops:
                if carried(accesses, loop):
                    span = Span(min(span.start, loop.start), max(span.end, loop.end))
            found[buffer] = span
        return found

    def span(self, buffer: SSAValue) -> Span | None:
        """The steps in which `buffer` holds something; none if nobody touches it."""
        return self.spans.get(buffer)

    @cached_property
    def held(self) -> Mapping[int, tuple[list[SSAValue], list[SSAValue]]]:
        """
        By the last step of a loop, what the next round reads; by its first one, what
        the rounds before have filled in part: where no step of its own says so.
        """
        found: dict[int, tuple[list[SSAValue], list[SSAValue]]] = {}
        for buffer, accesses in self.by_buffer.items():
            span = self.spans[buffer]
            if span.end - 1 > accesses[-1].step:
                found.setdefault(span.end - 1, ([], []))[0].append(buffer)
            if span.start < accesses[0].step:
                found.setdefault(span.start, ([], []))[1].append(buffer)
        return dict(sorted(found.items()))

    def repetitions(self, step: int) -> int:
        """How often a step is done."""
        return prod(len(range(*loop)) for loop in loops_around(self.steps[step]))

    def multiply_adds(self, step: int) -> int:
        """What a step computes in all its repetitions."""
        return self._noted(step, MULTIPLY_ADDS_ATTRIBUTE)

    def instructions(self, step: int) -> int:
        """The weighted instructions of a kernel in all its repetitions, predicted."""
        return self._noted(step, INSTRUCTIONS_ATTRIBUTE)

    def _noted(self, step: int, key: str) -> int:
        """A number that stands on a kernel, for all repetitions; 0 for transfers."""
        op = self.steps[step]
        kernel = (
            self.program.function(callee(op)) if isinstance(op, func.CallOp) else None
        )
        number = kernel.attributes.get(key) if kernel is not None else None
        return (integer_of(number) or 0) * self.repetitions(step)

    @cached_property
    def traffic(self) -> Mapping[tuple[str, str], int]:
        """The bytes that all transfers move, by the levels they lead from and to."""
        found: dict[tuple[str, str], int] = {}
        for number, step in enumerate(self.steps):
            if isinstance(step, DmaStartOp):
                moved = bytes_moved(step) * self.repetitions(number)
                found[step.levels] = found.get(step.levels, 0) + moved
        return found


def access_to(
    step: int, buffer: SSAValue, value: SSAValue, reads: bool, writes: bool
) -> Access:
    """What a step does to `value`, which is `buffer` or a part of it."""
    partial = is_moving(value)
    whole = not partial and bytes_of(value.type) == bytes_of(buffer.type)
    return Access(step, buffer, reads, writes, partial, whole and writes and not reads)


def merged(accesses: Iterator[Access]) -> Iterator[Access]:
    """One access per buffer."""
    found: dict[SSAValue, Access] = {}
    for access in accesses:
        other = found.get(access.buffer, access)
        found[access.buffer] = Access(
            access.step,
            access.buffer,
            access.reads or other.reads,
            access.writes or other.writes,
            access.partial or other.partial,
            access.renews and other.renews,
        )
    yield from found.values()


def carried(accesses: list[Access], loop: Span) -> bool:
    """Whether a buffer holds something from one round of `loop` to the next."""
    inside = [access for access in accesses if loop.holds(access.step)]
    if not inside or inside[0].renews:
        return False
    is_local = len(inside) == len(accesses)
    starts_fresh = not inside[0].reads and not any(a.partial for a in inside)
    return not (is_local and starts_fresh)
