"""
When the buffers of a lowered driver are live.

A driver has one step per kernel, per start and per wait of a transfer, in program
order; the body of a loop is listed once. A buffer is live from the step that first
touches it to the last one, `[start, end)`; one that a loop carries is live while the
loop runs. A wait touches what its transfer touches: it ends what the start has begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import NamedTuple

from xdsl.dialects import func, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue
from xdsl.traits import SymbolTable

from ..dialects.deploy import DmaStartOp, DmaWaitOp, KernelOp
from .access import VIEWS, reads_argument, writes_argument
from .structured import shape_of
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


@dataclass(frozen=True)
class Step:
    """One kernel of a driver, or the start or the wait of a transfer."""

    op: Operation
    number: int
    accesses: tuple[Access, ...]

    @property
    def reads(self) -> tuple[SSAValue, ...]:
        """The buffers whose contents matter, each once."""
        return tuple(dict.fromkeys(a.value for a in self.accesses if a.reads))

    @property
    def writes(self) -> tuple[SSAValue, ...]:
        """The buffers whose contents change, each once."""
        return tuple(dict.fromkeys(a.value for a in self.accesses if a.writes))

    @property
    def touches(self) -> tuple[SSAValue, ...]:
        """The buffers that are read or written, each once."""
        return tuple(dict.fromkeys((*self.reads, *self.writes)))


def whole_buffer(value: SSAValue) -> SSAValue:
    """The buffer, global, argument or view of an arena that `value` is a part of."""
    while isinstance(value.owner, VIEWS):
        value = value.owner.operands[0]
    return value


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

    A wait needs what the start has written, even where it comes first in a loop.
    """
    waits = isinstance(op, DmaWaitOp)
    for start in starts_of(op.token) if waits else (op,):
        yield access_to(start.source, reads=True, writes=False)
        yield access_to(start.destination, reads=waits, writes=True)


def steps_of(
    driver: func.FuncOp, known: dict[Operation, tuple[Access, ...]] | None = None
) -> tuple[Step, ...]:
    """
    The steps of `driver` in program order.

    What is `known` of an operation is not looked for; what is found is added to it.
    """
    touched: dict[Operation, tuple[Access, ...]] = {} if known is None else known

    @cache
    def access(arg: BlockArgument) -> tuple[bool, bool]:
        return reads_argument(arg), writes_argument(arg)

    def accesses(op: Operation) -> tuple[Access, ...] | None:
        if isinstance(op, DmaStartOp | DmaWaitOp):
            return tuple(transfer_accesses(op))
        if (block := kernel_block(op)) is None:
            return None
        pairs = zip(op.operands, block.args, strict=True)
        memory = ((v, arg) for v, arg in pairs if isinstance(v.type, MemRefType))
        return tuple(access_to(value, *access(arg)) for value, arg in memory)

    steps: list[Step] = []
    for op in operations_of(driver):
        found = touched.get(op)
        if found is None and (found := accesses(op)) is not None:
            touched[op] = found
        if found is not None:
            steps.append(Step(op, len(steps), found))
    return tuple(steps)


def operations_of(op: Operation) -> Iterator[Operation]:
    """The operations in `op` in program order, without those inside kernels."""
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                yield inner
                if inner.regions and not isinstance(inner, KernelOp):
                    yield from operations_of(inner)


def size_of(value: SSAValue) -> int:
    """The number of elements of a memref."""
    return prod(shape_of(value))


def lifetimes_of(driver: func.FuncOp) -> dict[SSAValue, Lifetime]:
    """The lifetime of each buffer that a step touches, in the order of first touch."""
    return lifetimes_in(steps_of(driver))


def lifetimes_in(steps: Sequence[Step]) -> dict[SSAValue, Lifetime]:
    """The lifetime of each buffer that one of these steps touches."""
    touching: dict[SSAValue, list[Step]] = {}
    for step in steps:
        for value in step.touches:
            touching.setdefault(value, []).append(step)
    loops = _steps_of_loops(steps)
    return {value: _lifetime(value, own, loops) for value, own in touching.items()}


def _steps_of_loops(steps: Sequence[Step]) -> dict[Operation, Lifetime]:
    """The first step of each loop and the one behind its last."""
    found: dict[Operation, Lifetime] = {}
    for step in steps:
        around = step.op.parent_op()
        while isinstance(around, scf.ForOp):
            first = found.get(around, Lifetime(step.number, step.number)).start
            found[around] = Lifetime(first, step.number + 1)
            around = around.parent_op()
    return found


def _lifetime(
    value: SSAValue, touching: list[Step], loops: Mapping[Operation, Lifetime]
) -> Lifetime:
    start, end = touching[0].number, touching[-1].number + 1
    for loop in _loops_around(touching, value):
        inside = [step for step in touching if loop.is_ancestor(step.op)]
        if _is_carried(value, inside[0]):
            start, end = min(start, loops[loop].start), max(end, loops[loop].end)
    return Lifetime(start, end)


def _loops_around(touching: list[Step], value: SSAValue) -> list[Operation]:
    """The loops that hold one of the steps but not the buffer itself."""
    owner = value.owner
    found: dict[Operation, None] = {}
    for step in touching:
        around = step.op.parent_op()
        while around is not None and not around.is_ancestor(owner):
            if isinstance(around, scf.ForOp):
                found[around] = None
            around = around.parent_op()
    return list(found)


def _is_carried(value: SSAValue, first: Step) -> bool:
    """
    Whether one iteration may need what another one, or the outside, has written.

    It does not where the `first` step of each iteration makes all of the buffer anew.
    """
    own = [access for access in first.accesses if access.value is value]
    return not all(a.whole and a.writes and not a.reads for a in own)
