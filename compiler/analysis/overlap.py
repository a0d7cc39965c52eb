"""
Which operations of a driver on memrefs touch the same memory, so that their order
matters: one of them writes what the other reads or writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Operation, SSAValue
from xdsl.traits import IsTerminator

from ..dialects.deploy import BufferOp, DmaStartOp, DmaWaitOp, KernelOp
from .access import VIEWS, reads_argument, writes_argument
from .areas import Area, anywhere, area_of, is_same, may_meet
from .structured import size_of
from .transfers import starts_of

HARMLESS = (
    *VIEWS,
    memref.GetGlobalOp,
    memref.ViewOp,
    BufferOp,
    scf.YieldOp,
    func.ReturnOp,
)
"""Operations of a driver that touch no memory, besides arithmetic on indices."""


@dataclass(frozen=True)
class Touch:
    """What an operation does to a part of a buffer."""

    area: Area
    reads: bool
    """Whether the contents from before matter."""
    writes: bool
    whole: bool
    """Whether it is all of the buffer."""

    @property
    def buffer(self) -> SSAValue:
        """The whole buffer."""
        return self.area.buffer

    @property
    def covers(self) -> bool:
        """Whether the buffer is made anew."""
        return self.writes and not self.reads and self.whole


def touch(value: SSAValue, reads: bool, writes: bool) -> Touch:
    """An access to all of a memref, which may be a part of its buffer."""
    area = area_of(value)
    return Touch(area, reads, writes, size_of(value) == size_of(area.buffer))


def transfer_touches(start: DmaStartOp) -> Iterator[Touch]:
    """What a transfer touches as long as it is under way."""
    yield touch(start.source, reads=True, writes=False)
    yield touch(start.destination, reads=False, writes=True)


def wait_touches(wait: DmaWaitOp) -> Iterator[Touch]:
    """What the transfers that a wait may end touch."""
    for start in starts_of(wait.token):
        for each in transfer_touches(start):
            if start.token is wait.token:
                yield each
            else:  # it may be that of another round of a loop
                yield Touch(each.area.unknown, each.reads, each.writes, each.whole)


def is_harmless(op: Operation) -> bool:
    """Whether `op` touches no memory, and may be done anywhere and more than once."""
    return isinstance(op, HARMLESS) or op.dialect_name() == arith.Arith.name


def clash(one: Touch, other: Touch) -> bool:
    """Whether the order of two accesses may matter."""
    return (one.writes or other.writes) and may_meet(one.area, other.area)


@dataclass
class Effects:
    """What the operations of a driver touch, found once."""

    kernels: dict[KernelOp, tuple[tuple[bool, bool], ...]] = field(
        default_factory=dict[KernelOp, tuple[tuple[bool, bool], ...]]
    )
    """For each operand of a kernel whether it is read and whether it is written."""
    known: dict[Operation, tuple[Touch, ...] | None] = field(
        default_factory=dict[Operation, "tuple[Touch, ...] | None"]
    )
    met: dict[tuple[Operation, Operation], bool] = field(
        default_factory=dict[tuple[Operation, Operation], bool]
    )
    """For two operations whether they may touch the same."""

    def of(self, op: Operation) -> tuple[Touch, ...] | None:
        """What `op` touches, a loop in all its rounds; None when that is not known."""
        if op not in self.known:
            found = list(self._touches(op))
            known = tuple(each for each in found if each is not None)
            self.known[op] = known if len(known) == len(found) else None
        return self.known[op]

    def is_fill(self, op: Operation) -> bool:
        """Whether `op` is a kernel that does nothing but write one buffer."""
        touches = self.of(op) or ()
        only_writes = [each.writes and not each.reads for each in touches]
        return isinstance(op, KernelOp) and only_writes == [True]

    def is_work(self, op: Operation) -> bool:
        """Whether kernels run in `op` that do more than fill."""
        return any(
            isinstance(inner, KernelOp) and not self.is_fill(inner)
            for inner in op.walk()
        )

    def next_user(self, fill: Operation) -> Operation:
        """The next operation of the block that may touch what a fill writes."""
        written = self.of(fill)
        assert written, "a fill writes one buffer"
        following = fill.next_op
        assert following is not None, "a block ends with a terminator"
        while not following.has_trait(IsTerminator):
            touches = self.of(following)
            if touches is None or any(
                is_same(touch.buffer, written[0].buffer) for touch in touches
            ):
                break
            following = following.next_op
            assert following is not None, "a block ends with a terminator"
        return following

    def meet(self, one: Operation, other: Operation) -> bool:
        """Whether the order of two operations of a block may matter."""
        if (one, other) not in self.met:
            self.met[one, other] = self.met[other, one] = self._meet(one, other)
        return self.met[one, other]

    def _meet(self, one: Operation, other: Operation) -> bool:
        mine, yours = self.of(one), self.of(other)
        if mine is None or yours is None:
            return True
        return any(clash(a, b) for a in mine for b in yours)

    def _touches(self, op: Operation) -> Iterator[Touch | None]:
        if isinstance(op, KernelOp):
            yield from self._kernel(op)
        elif isinstance(op, DmaStartOp):
            yield from transfer_touches(op)
        elif isinstance(op, DmaWaitOp):
            yield from wait_touches(op)
        elif isinstance(op, scf.ForOp):
            yield from self._loop(op)
        elif not is_harmless(op):
            yield None

    def _kernel(self, op: KernelOp) -> Iterator[Touch]:
        if op not in self.kernels:
            self.kernels[op] = tuple(
                (reads_argument(arg), writes_argument(arg)) for arg in op.block.args
            )
        for value, (reads, writes) in zip(op.operands, self.kernels[op], strict=True):
            if isinstance(value.type, MemRefType) and (reads or writes):
                yield touch(value, reads, writes)

    def _loop(self, loop: scf.ForOp) -> Iterator[Touch | None]:
        for op in loop.body.block.ops:
            for each in self._touches(op):
                yield None if each is None else in_all_rounds(each, loop)


def in_all_rounds(inside: Touch, loop: scf.ForOp) -> Touch:
    """What an access inside a loop amounts to outside of it."""
    area = anywhere(inside.area, loop)
    return Touch(area, inside.reads, inside.writes, inside.whole)
