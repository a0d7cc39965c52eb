"""
When the buffers of a lowered driver are live.

A driver has one step per kernel, per start and per wait of a transfer, in program
order; the body of a loop is listed once. A buffer is live from the step that first
touches it to the last one, `[start, end)`; one that a loop carries is live while the
loop runs. A wait touches what its transfer touches: it ends what the start has begun.

What an operation's steps need is a `Stretch`; that of a block is put together of those
of its operations, so that a change of the driver leaves all but the blocks around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from xdsl.dialects import func, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import SymbolTable

from ..dialects.deploy import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp, KernelOp
from .access import reads_argument, whole_buffer, writes_argument
from .structured import size_of
from .transfers import starts_of


class Lifetime(NamedTuple):
    """Live in steps `[start, end)`."""

    start: int
    end: int


@dataclass(frozen=True)
class Access:
    """One operand of a step."""

    value: SSAValue
    """The whole buffer."""
    whole: bool
    """Whether the operand is all of it."""
    reads: bool
    """Whether the contents from before the step matter."""
    writes: bool

    @property
    def renews(self) -> bool:
        """Whether the buffer is made anew."""
        return self.whole and self.writes and not self.reads


@dataclass(frozen=True)
class Stretch:
    """The steps of an operation or of a block, numbered from 0."""

    length: int = 0
    """How many there are."""
    lifetimes: Mapping[SSAValue, Lifetime] = field(
        default_factory=dict[SSAValue, Lifetime]
    )
    """When each buffer that they touch is live, in the order of first touch."""
    kept: frozenset[SSAValue] = frozenset()
    """The buffers that the first step to touch them does not make anew."""


NO_STEPS = Stretch()


# What one step touches.


def kernel_block(op: Operation) -> Block | None:
    """The body of the kernel that `op` runs; None when `op` runs none."""
    if isinstance(op, KernelOp):
        return op.block
    if not isinstance(op, func.CallOp):
        return None
    callee = SymbolTable.lookup_symbol(op, op.callee)
    if not isinstance(callee, func.FuncOp) or callee.is_declaration:
        return None
    return callee.body.block


def access_to(value: SSAValue, reads: bool, writes: bool) -> Access:
    """The access of a step whose operand is `value`."""
    whole = whole_buffer(value)
    return Access(whole, size_of(whole) == size_of(value), reads, writes)


def transfer_accesses(op: DmaStartOp | DmaWaitOp) -> Iterator[Access]:
    """
    What the start or the wait of a transfer touches.

    A wait needs what the start has written, even where it comes first in a loop. The
    first of the transfers that move a whole buffer together makes it anew.
    """
    waits = isinstance(op, DmaWaitOp)
    for start in starts_of(op.token) if waits else (op,):
        yield access_to(start.source, reads=True, writes=False)
        made = access_to(start.destination, reads=waits, writes=True)
        yield replace(made, whole=made.whole or RENEWS_ATTRIBUTE in start.attributes)


def accesses_of(op: Operation) -> tuple[Access, ...] | None:
    """What a step touches; None when `op` is none."""
    if isinstance(op, DmaStartOp | DmaWaitOp):
        return tuple(transfer_accesses(op))
    if (block := kernel_block(op)) is None:
        return None
    return tuple(
        access_to(value, reads_argument(arg), writes_argument(arg))
        for value, arg in zip(op.operands, block.args, strict=True)
        if isinstance(value.type, MemRefType)
    )


# Steps of a driver.


def operations_of(op: Operation) -> Iterator[Operation]:
    """The operations in `op` in program order, without those inside kernels."""
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                yield inner
                if inner.regions and not isinstance(inner, KernelOp):
                    yield from operations_of(inner)


def steps_of(driver: func.FuncOp) -> tuple[Operation, ...]:
    """The steps of `driver` in program order."""

    def is_step(op: Operation) -> bool:
        return isinstance(op, DmaStartOp | DmaWaitOp) or kernel_block(op) is not None

    return tuple(filter(is_step, operations_of(driver)))


# Lifetimes, from the inside out.


def lifetimes_of(driver: func.FuncOp) -> Mapping[SSAValue, Lifetime]:
    """The lifetime of each buffer that a step touches, in the order of first touch."""
    return joined(driver.body.block, {}).lifetimes


def joined(block: Block, known: dict[Operation, Stretch]) -> Stretch:
    """
    All steps of a block.

    What is `known` of an operation is not looked for; what is found is added to it.
    """
    return chained(stretches(block, known))


def stretches(block: Block, known: dict[Operation, Stretch]) -> Iterator[Stretch]:
    """The steps of each operation that has any; as `joined`."""
    for op in block.ops:
        part = known.get(op)
        if part is None:
            part = known[op] = stretch_of(op, known)
        if part.length:
            yield part


def chained(parts: Iterable[Stretch]) -> Stretch:
    """The steps of one part after the other."""
    spans: dict[SSAValue, list[int]] = {}
    kept: set[SSAValue] = set()
    length = 0
    for part in parts:
        for value, (start, end) in part.lifetimes.items():
            span = spans.get(value)
            if span is not None:
                span[1] = length + end
                continue
            spans[value] = [length + start, length + end]
            if value in part.kept:
                kept.add(value)
        length += part.length
    lifetimes = {value: Lifetime(*span) for value, span in spans.items()}
    return Stretch(length, lifetimes, frozenset(kept))


def renamed(steps: Stretch, names: Mapping[SSAValue, SSAValue]) -> Stretch:
    """The same steps on other buffers."""
    if names.keys().isdisjoint(steps.lifetimes):
        return steps
    lifetimes = {names.get(v, v): life for v, life in steps.lifetimes.items()}
    kept = frozenset(names.get(value, value) for value in steps.kept)
    return Stretch(steps.length, lifetimes, kept)


def stretch_of(op: Operation, known: dict[Operation, Stretch]) -> Stretch:
    """The steps that `op` is or holds."""
    if isinstance(op, scf.ForOp):
        return repeated(op, joined(op.body.block, known))
    accesses = accesses_of(op)
    return NO_STEPS if accesses is None else step_of(accesses)


def step_of(accesses: tuple[Access, ...]) -> Stretch:
    """One step that touches this."""
    reads = [access.value for access in accesses if access.reads]
    writes = [access.value for access in accesses if access.writes]
    kept = frozenset(access.value for access in accesses if not access.renews)
    return Stretch(1, dict.fromkeys((*reads, *writes), Lifetime(0, 1)), kept)


def repeated(loop: scf.ForOp, body: Stretch) -> Stretch:
    """
    All steps of a loop.

    One iteration may need what another one, or the outside, has left in a buffer that
    stands outside and that no iteration makes anew before it is used.
    """
    always = Lifetime(0, body.length)
    lifetimes = {
        value: always
        if value in body.kept and not loop.is_ancestor(value.owner)
        else lifetime
        for value, lifetime in body.lifetimes.items()
    }
    return Stretch(body.length, lifetimes, body.kept)
