"""
Which buffers that only transfers touch can be one, though both are needed at once.

A tile of the later one may overwrite what nobody reads any more of the earlier one:
then everything that happens to an element of the earlier buffer happens before anything
to the same element of the later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import func, scf
from xdsl.ir import Operation, SSAValue

from ..dialects.deploy import BufferOp, DmaStartOp, DmaWaitOp
from .access import VIEWS
from .areas import Area, anywhere, area_of, may_meet, replaced, rounds_of
from .footprint import Offset


@dataclass(frozen=True)
class Visit:
    """A transfer that reads or writes a part of a buffer, and is awaited at once."""

    start: DmaStartOp
    number: int
    """Its place among the operations of the driver."""
    area: Area
    writes: bool


def visits_of(
    driver: func.FuncOp, buffers: Sequence[BufferOp]
) -> dict[BufferOp, list[Visit]]:
    """
    The transfers that touch each buffer, in program order.

    Without the buffers that something else touches.
    """
    numbers = {op: number for number, op in enumerate(driver.walk())}
    found = {buffer: _visits(buffer, numbers) for buffer in buffers}
    return {buffer: visits for buffer, visits in found.items() if visits}


def _visits(buffer: BufferOp, numbers: dict[Operation, int]) -> list[Visit] | None:
    """The transfers that touch one buffer; None when something else does as well."""
    visits: list[Visit] = []
    values: list[SSAValue] = [buffer.result]
    while values:
        value = values.pop()
        for use in value.uses:
            op = use.operation
            if isinstance(op, VIEWS):
                values.append(op.results[0])
            elif isinstance(op, DmaStartOp) and is_awaited_at_once(op):
                visits.append(Visit(op, numbers[op], area_of(value), use.index == 1))
            else:
                return None
    return sorted(visits, key=lambda visit: visit.number)


def is_awaited_at_once(start: DmaStartOp) -> bool:
    """Whether nothing happens while a transfer is under way."""
    following = start.next_op
    return isinstance(following, DmaWaitOp) and following.token is start.token


def can_be_one(earlier: Sequence[Visit], later_ones: Sequence[Visit]) -> bool:
    """Whether two buffers of one type stay right when they are one."""
    return not any(
        may_come_after(one, other)
        for one in earlier
        for other in later_ones
        if one.writes or other.writes
    )


def may_come_after(one: Visit, other: Visit) -> bool:
    """Whether `one` may touch an element that `other` has touched before."""
    if one.start is other.start:
        return True
    area = Area(one.area.buffer, other.area.axes)
    if one.number > other.number and may_meet(one.area, area):
        return True
    loops = common_loops(one.start, other.start)
    return any(
        _in_later_round(one.area, area, loop, loops[depth + 1 :])
        for depth, loop in enumerate(loops)
    )


def _in_later_round(
    one: Area, other: Area, loop: scf.ForOp, inner: Sequence[scf.ForOp]
) -> bool:
    """Whether `one`, in some later round of `loop`, may be where `other` is now."""
    for each in inner:
        one, other = anywhere(one, each), anywhere(other, each)
    rounds = rounds_of(loop)
    if len(rounds) < 2:
        return not rounds
    index = loop.body.block.args[0]
    following = Offset(rounds.step, ((index, 1),))
    span = rounds[-1] - rounds[1]
    return may_meet(replaced(one, index, following, span), other)


def common_loops(one: Operation, other: Operation) -> list[scf.ForOp]:
    """The loops around both operations, outer ones first."""
    return [loop for loop in loops_around(one) if loop.is_ancestor(other)]


def loops_around(op: Operation) -> list[scf.ForOp]:
    """The loops around an operation, outer ones first."""
    found: list[scf.ForOp] = []
    around = op.parent_op()
    while isinstance(around, scf.ForOp):
        found.insert(0, around)
        around = around.parent_op()
    return found
