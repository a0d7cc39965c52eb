"""
Which tensors of a driver share a buffer, and where in it each of them is.

Every tensor starts in a buffer of its own, in its memory level. Then ties are tried in
a fixed order: a loop and what it carries, a slice and its tensor, a kernel's
destination and its result, a copy and what it is of, a result and the caller's buffer,
a part and the whole it is inserted into, a kernel's result and an input that it
replaces element by element. A tie is kept when both are in one level and afterwards
everybody still reads the contents that were made for him; otherwise there is a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from xdsl.dialects import arith, bufferization, func, scf, tensor
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import KernelOp
from .access import may_share
from .levels import MemoryLevels, View, levels_around
from .pressure import Peak, intervals, peak_of
from .regions import Path, Reshape, covers_all, normalized, steps_of
from .sharing import Buffer, Holder, Output, Places
from .soundness import is_sound
from .structured import shape_of
from .timeline import Timeline, is_tensor, is_undefined, timeline_of


def is_constant(value: SSAValue) -> bool:
    """Whether `value` is data known at compile time."""
    return isinstance(value.owner, arith.ConstantOp)


@dataclass(frozen=True)
class Tie:
    """The wish that `part` be where `steps` lead from `whole`."""

    part: Holder
    whole: Holder
    steps: Path = ()


def places_of(function: func.FuncOp) -> Places:
    """
    Places for the tensors of a function of kernels, slices, reshapes and loops.

    A part is rather written into its whole than in place of an input, which saves a
    copy; but where most bytes are live it is the other way round as long as that helps.
    """
    timeline = timeline_of(function)
    urgent: frozenset[Operation] = frozenset()
    best, peak = attempt(function, timeline, urgent)
    while wider := wanting(best, peak) - urgent:
        urgent |= wider
        places, lower = attempt(function, timeline, urgent)
        if lower.bytes >= peak.bytes:
            break
        best, peak = places, lower
    return best


def attempt(
    function: func.FuncOp, timeline: Timeline, urgent: frozenset[Operation]
) -> tuple[Places, Peak]:
    """Places when the kernels in `urgent` go before inserts, and the peak they need."""
    delayed = late_fills(timeline, urgent)
    timeline = timeline.delayed(delayed)
    places = Places(function, timeline, levels_around(function), delayed=delayed)
    for value in timeline.made:
        places.hold(own_buffer(places, value))
    for index, value in enumerate(returned_values(function)):
        output = Output(index, shape_of(value))
        caller = places.levels.caller
        places.hold(Buffer(output.shape, {output: ()}, caller, output))
    in_place = in_place_ties(timeline)
    first = [tie for op, ties in in_place.items() if op in urgent for tie in ties]
    rest = [tie for ties in in_place.values() for tie in ties]
    for tie in (*basic_ties(places), *first, *insert_ties(timeline), *rest):
        try_tie(places, tie)
    return places, peak_of(intervals(places))


def own_buffer(places: Places, value: SSAValue) -> Buffer:
    """A buffer with nothing but `value`."""
    levels = places.levels
    fixed = value.owner is places.function.body.block or is_constant(value)
    near = levels.is_flat and not fixed
    level = levels.near if near else levels.of(value)
    return Buffer(shape_of(value), {value: ()}, level, value if fixed else None)


def late_fills(
    timeline: Timeline, urgent: frozenset[Operation]
) -> dict[Operation, Operation]:
    """The paddings that can wait until results of kernels in `urgent` are inserted."""
    found: dict[Operation, Operation] = {}
    for op in inserts_of(timeline):
        source, fill = op.source, op.dest.owner
        while is_view(source.owner):
            source = source.owner.operands[0]
        alone = len(tuple(op.dest.uses)) == 1
        if source.owner in urgent and alone and isinstance(fill, KernelOp):
            reads = any(map(is_tensor, fill.inputs))
            fresh = all(map(is_undefined, fill.outputs))
            if fill.parent is op.parent and fresh and not reads:
                found[fill] = op
    return found


def wanting(places: Places, peak: Peak) -> frozenset[Operation]:
    """The kernels that could save a buffer where most bytes are live."""
    live = intervals(places)

    def counts(holder: Holder) -> bool:
        interval = live.get(places.buffer[holder])
        return interval is not None and interval.start <= peak.position <= interval.end

    return frozenset(
        op
        for op, ties in in_place_ties(places.timeline).items()
        for tie in ties
        if not places.is_at(tie.part, tie.whole)
        and counts(tie.part)
        and counts(tie.whole)
    )


def returned_values(function: func.FuncOp) -> tuple[SSAValue, ...]:
    """The results of a function."""
    last = function.body.block.last_op
    assert isinstance(last, func.ReturnOp), "a function ends with its results"
    return tuple(last.arguments)


def basic_ties(places: Places) -> list[Tie]:
    """What costs a copy in any case when it is not granted."""
    ops = tuple(places.timeline.start)
    returned = enumerate(returned_values(places.function))
    return [
        *(tie for op in ops if isinstance(op, scf.ForOp) for tie in loop_ties(op)),
        *(Tie(op.result, op.operands[0], steps_of(op)) for op in ops if is_view(op)),
        *(
            Tie(before, after)
            for op in ops
            if isinstance(op, KernelOp)
            for before, after in zip(op.outputs, op.results, strict=True)
        ),
        *(
            Tie(op.tensor, op.copy)
            for op in ops
            if isinstance(op, bufferization.AllocTensorOp) and op.copy is not None
        ),
        *(Tie(op.dest, op.result) for op in inserts_of(places.timeline)),
        *(Tie(value, Output(index, shape_of(value))) for index, value in returned),
    ]


def inserts_of(timeline: Timeline) -> list[tensor.InsertSliceOp]:
    """The inserts of a driver in program order."""
    return [op for op in timeline.start if isinstance(op, tensor.InsertSliceOp)]


def insert_ties(timeline: Timeline) -> list[Tie]:
    """Parts are made in their wholes."""
    return [Tie(op.source, op.result, steps_of(op)) for op in inserts_of(timeline)]


def in_place_ties(timeline: Timeline) -> dict[Operation, list[Tie]]:
    """For each kernel, its results in place of the inputs that they may overwrite."""
    return {
        op: [
            Tie(source, result)
            for output, result in enumerate(op.results)
            for index, source in enumerate(op.inputs)
            if is_tensor(source) and may_share(op, index, output)
        ]
        for op in timeline.start
        if isinstance(op, KernelOp)
    }


def is_view(op: Operation | Block) -> TypeGuard[View]:
    """Whether the result of `op` is a part of its operand."""
    return isinstance(op, View)


def loop_ties(loop: scf.ForOp) -> Iterator[Tie]:
    """What a loop carries has one place: before, inside and after."""
    last = loop.body.block.last_op
    assert isinstance(last, scf.YieldOp), "a loop ends with what it carries"
    args = loop.body.block.args[1:]
    carried = zip(loop.iter_args, args, last.arguments, loop.results, strict=True)
    for initial, arg, final, result in carried:
        yield Tie(result, arg)
        yield Tie(initial, arg)
        yield Tie(final, arg)


def merged(places: Places, tie: Tie) -> Buffer | None:
    """The buffer that fulfils `tie`, if the two can share one at all."""
    part, whole = places.buffer[tie.part], places.buffer[tie.whole]
    path = places.path_of_part(tie.whole, tie.steps)
    if part is whole or not may_be_one(places.levels, part, whole):
        return None
    if covers_all(places.path(tie.part)) and part.fixed is None:
        return _attached(part, whole, path)
    if covers_all(path) and whole.fixed is None:
        return _attached(whole, part, places.path(tie.part))
    return None


def may_be_one(levels: MemoryLevels, one: Buffer, other: Buffer) -> bool:
    """Whether memory levels allow that two buffers become one."""
    return levels.is_flat or one.level == other.level


def _attached(inner: Buffer, outer: Buffer, path: Path) -> Buffer:
    """`outer` with all of `inner` at `path`."""
    start = (*path, Reshape(inner.shape))
    moved = {
        member: normalized(outer.shape, (*start, *steps))
        for member, steps in inner.members.items()
    }
    members = {**outer.members, **moved}
    return Buffer(outer.shape, members, outer.level, outer.fixed)


def try_tie(places: Places, tie: Tie) -> bool:
    """Fulfils `tie` unless somebody would read wrong contents; whether it holds now."""
    if places.is_at(tie.part, tie.whole, tie.steps):
        return True
    if (buffer := merged(places, tie)) is None:
        return False
    before = places.buffer[tie.part], places.buffer[tie.whole]
    places.hold(buffer)
    if is_sound(places, buffer, before):
        return True
    for old in before:
        places.hold(old)
    return False
