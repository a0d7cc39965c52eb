"""
Boxes of the buffers of a driver: which part of its buffer a memref is.

Per axis a start, which may depend on indices of loops, and a reach. Boxes of one buffer
are apart when they are so on some axis for every index; different buffers, arguments
and constants are apart. What cannot be told apart meets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from xdsl.dialects import arith, func, memref, scf
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import BufferOp
from .access import VIEWS
from .footprint import Offset
from .memory import level_of
from .program import known_index
from .regions import mixed
from .structured import shape_of


@dataclass(frozen=True)
class Extent:
    """The indices of an axis from `start` on, `reach` of them."""

    start: Offset
    reach: int


Axes: TypeAlias = tuple[Extent | None, ...]
"""What is touched of each axis of a buffer; None where it is not known."""


@dataclass(frozen=True)
class Area:
    """A box of a buffer's elements."""

    buffer: SSAValue
    axes: Axes

    @property
    def unknown(self) -> Area:
        """Anything in the same buffer."""
        return Area(self.buffer, (None,) * len(self.axes))


def may_meet(one: Area, other: Area) -> bool:
    """Whether two boxes may share an element."""
    if not is_same(one.buffer, other.buffer):
        return not is_apart(one.buffer, other.buffer)
    pairs = zip(one.axes, other.axes, strict=True)
    return not any(a is not None and b is not None and apart(a, b) for a, b in pairs)


def is_same(one: SSAValue, other: SSAValue) -> bool:
    """Whether two buffers are one."""
    mine, yours = one.owner, other.owner
    if isinstance(mine, memref.GetGlobalOp) and isinstance(yours, memref.GetGlobalOp):
        return mine.name_ == yours.name_
    return one is other


def is_apart(one: SSAValue, other: SSAValue) -> bool:
    """Whether two different buffers share no byte."""
    if level_of(one.type) != level_of(other.type):
        return True
    return stands_alone(one) and stands_alone(other)


def meeting(buffers: Collection[SSAValue]) -> Mapping[SSAValue, set[SSAValue]]:
    """For each buffer those that may share a byte with it, itself among them."""
    found = {buffer: {buffer} for buffer in buffers}
    for one, other in combinations(buffers, 2):
        if is_same(one, other) or not is_apart(one, other):
            found[one].add(other)
            found[other].add(one)
    return found


def stands_alone(buffer: SSAValue) -> bool:
    """Whether the bytes of `buffer` are nobody else's, as far as is decided."""
    owner = buffer.owner
    if isinstance(owner, Block):
        return isinstance(owner.parent_op(), func.FuncOp)
    if isinstance(owner, BufferOp):
        return owner.offset is None
    return isinstance(owner, memref.GetGlobalOp)


def apart(one: Extent, other: Extent) -> bool:
    """Whether two ranges share nothing, whatever the indices that both depend on."""
    limits = limits_of(other.start + one.start * -1)
    if limits is None:
        return False
    least, most = limits
    return least >= one.reach or -most >= other.reach


def limits_of(offset: Offset) -> tuple[int, int] | None:
    """The least and the most that `offset` can be; None when that is not known."""
    least = most = offset.constant
    for index, factor in offset.terms:
        values = index_range(index)
        if values is None:
            return None
        ends = values[0] * factor, values[-1] * factor
        least, most = least + min(ends), most + max(ends)
    return least, most


def index_range(index: SSAValue) -> range | None:
    """The values of a loop's index; None unless they are known and there are some."""
    owner = index.owner
    loop = owner.parent_op() if isinstance(owner, Block) else None
    if not isinstance(loop, scf.ForOp) or loop.body.block.args[0] is not index:
        return None
    return rounds_of(loop) or None


def rounds_of(loop: scf.ForOp) -> range:
    """The values of a loop's index; none when they are not known."""
    low, high, step = (known_index(v) for v in (loop.lb, loop.ub, loop.step))
    if low is None or high is None or not step:
        return range(0)
    return range(low, high, step)


def operations_of(loop: scf.ForOp) -> int:
    """The operations of all rounds of a loop; 0 where these are not known."""
    return len(rounds_of(loop)) * len(list(loop.body.block.ops))


def area_of(value: SSAValue) -> Area:
    """The part of its buffer that a memref is, or a box around it."""
    owner = value.owner
    if not isinstance(owner, VIEWS):
        return Area(value, tuple(Extent(Offset(), size) for size in shape_of(value)))
    source = owner.operands[0]
    outer = area_of(source)
    if not isinstance(owner, memref.SubviewOp) or not is_plain(source):
        return outer
    return Area(outer.buffer, part_axes(owner, outer.axes))


def is_plain(value: SSAValue) -> bool:
    """Whether the axes of `value` are those of its buffer, without gaps."""
    owner = value.owner
    if not isinstance(owner, VIEWS):
        return True
    if not isinstance(owner, memref.SubviewOp):
        return False
    dense = all(stride == 1 for stride in owner.static_strides.get_values())
    same = len(shape_of(value)) == len(shape_of(owner.source))
    return dense and same and is_plain(owner.source)


def part_axes(part: memref.SubviewOp, whole: Axes) -> Axes:
    """What `part` is of the axes of the buffer that its source is plainly in."""
    starts = mixed(part.static_offsets, part.offsets)
    sizes = part.static_sizes.get_values()
    strides = part.static_strides.get_values()
    axes: list[Extent | None] = []
    for axis, start, size, stride in zip(whole, starts, sizes, strides, strict=True):
        offset = Offset(start) if isinstance(start, int) else offset_of(start)
        if axis is None or offset is None:
            axes.append(None)
        else:
            axes.append(Extent(axis.start + offset, (size - 1) * stride + 1))
    return tuple(axes)


def offset_of(
    value: SSAValue, others: tuple[type[Operation], ...] = ()
) -> Offset | None:
    """
    An index as a sum of indices of loops; None when it is something else.

    What `others` make may be a term of it as well.
    """
    number = known_index(value)
    if number is not None:
        return Offset(number)
    owner = value.owner
    if isinstance(owner, Block):
        is_index = isinstance(owner.parent_op(), scf.ForOp) and value is owner.args[0]
        return Offset(0, ((value, 1),)) if is_index else None
    if isinstance(owner, others):
        return Offset(0, ((value, 1),))
    if not isinstance(owner, arith.AddiOp | arith.SubiOp | arith.MuliOp):
        return None
    left, right = offset_of(owner.lhs, others), offset_of(owner.rhs, others)
    if left is None or right is None:
        return None
    if not isinstance(owner, arith.MuliOp):
        return left + right * (1 if isinstance(owner, arith.AddiOp) else -1)
    left, right = (left, right) if left.terms else (right, left)
    return None if right.terms else left * right.constant


def replaced(area: Area, index: SSAValue, by: Offset, span: int = 0) -> Area:
    """`area` for all values of `index` from `by` to `by + span`."""

    def one(axis: Extent | None) -> Extent | None:
        factor = 0 if axis is None else dict(axis.start.terms).get(index, 0)
        if axis is None or not factor:
            return axis
        rest = tuple(term for term in axis.start.terms if term[0] is not index)
        lowest = axis.start.constant + min(factor * span, 0)
        start = Offset(lowest, rest) + by * factor
        return Extent(start, axis.reach + abs(factor * span))

    return Area(area.buffer, tuple(map(one, area.axes)))


def anywhere(area: Area, loop: scf.ForOp) -> Area:
    """What `area`, inside a loop, is of its buffer in all rounds together."""
    index = loop.body.block.args[0]
    if not depends(area, index):
        return area
    rounds = rounds_of(loop)
    if not rounds:
        return area.unknown
    return replaced(area, index, Offset(rounds[0]), rounds[-1] - rounds[0])


def later(area: Area, loop: scf.ForOp, rounds: int) -> Area:
    """What `area`, inside a loop, is that many rounds later."""
    step = known_index(loop.step)
    index = loop.body.block.args[0]
    if step is None:
        return area.unknown
    return replaced(area, index, Offset(rounds * step, ((index, 1),)))


def depends(area: Area, index: SSAValue) -> bool:
    """Whether the place of `area` is known to be another one for another index."""
    known = (axis for axis in area.axes if axis is not None)
    return any(index in dict(axis.start.terms) for axis in known)
