"""
Whether tensors that share a buffer leave each other alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from xdsl.dialects import bufferization, func, scf, tensor
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import KernelOp
from .access import may_share
from .levels import View
from .regions import Path, Slice, is_within, layout, overlap, steps_of
from .sharing import Buffer, Holder, Output, Places
from .timeline import Read, is_undefined


@dataclass(frozen=True)
class Write:
    """At `position` the elements at `path` change to be those of `value`."""

    value: Holder
    position: int
    by: Operation
    path: Path


def is_sound(places: Places, buffer: Buffer, parts: tuple[Buffer, Buffer]) -> bool:
    """
    Whether every member of `buffer` is read with the contents made for it.

    It is put together of two in which every member is: what they do to themselves has
    not changed, but for what need not be written any more.
    """
    writes = [list(all_writes(places, part)) for part in parts]
    if any(writes) and not buffer.writable:
        return False
    if not all(is_reachable(places, buffer, member) for member in buffer.members):
        return False
    return not any(
        spoils(places, write, read)
        for part, others in zip(parts, reversed(writes), strict=True)
        for read in all_reads(places, part)
        for write in others
    )


def all_writes(places: Places, buffer: Buffer) -> Iterator[Write]:
    """The writes that make the contents of what is in a buffer."""
    for member in buffer.members:
        yield from writes_of(places, member)


def all_reads(places: Places, buffer: Buffer) -> Iterator[Read]:
    """The reads of what is in a buffer."""
    for member in buffer.members:
        if isinstance(member, SSAValue) and not is_undefined(member):
            yield from places.timeline.reads_of(member)


def writes_of(places: Places, value: Holder) -> Iterator[Write]:
    """The writes that make the contents of `value`, where it is not there already."""
    if isinstance(value, Output):
        yield from _return_writes(places, value)
        return
    op = value.owner
    if isinstance(op, Block):
        yield from _loop_entry_writes(places, value)
        return
    start, end = places.timeline.start[op], places.timeline.end[op]
    path = places.path(value)
    if isinstance(op, KernelOp):
        yield Write(value, start, op, path)
    elif (source := _taken_from(op)) is not None:
        if not places.is_at(value, *source):
            yield Write(value, start, op, path)
    elif isinstance(op, tensor.InsertSliceOp):
        yield from _insert_writes(places, op)
    elif isinstance(op, scf.ForOp):
        last = cast(scf.YieldOp, op.body.block.last_op)
        if not places.is_at(last.arguments[op.results.index(value)], value):
            yield Write(value, end, op, path)


def _taken_from(op: Operation) -> tuple[SSAValue, Path] | None:
    """The tensor that the result of `op` is a part or a copy of, and the way there."""
    if isinstance(op, View):
        return op.operands[0], steps_of(op)
    if isinstance(op, bufferization.AllocTensorOp) and op.copy is not None:
        return op.copy, ()
    return None


def _insert_writes(places: Places, op: tensor.InsertSliceOp) -> Iterator[Write]:
    position, result, steps = places.timeline.start[op], op.result, steps_of(op)
    if not places.is_at(op.dest, result):
        yield Write(result, position, op, places.path(result))
    elif not places.is_at(op.source, result, steps):
        yield Write(result, position, op, places.path_of_part(result, steps))


def _return_writes(places: Places, output: Output) -> Iterator[Write]:
    op = cast(func.ReturnOp, places.function.body.block.last_op)
    if not places.is_at(op.arguments[output.index], output):
        yield Write(output, places.timeline.start[op], op, places.path(output))


def _loop_entry_writes(places: Places, arg: SSAValue) -> Iterator[Write]:
    block = cast(Block, arg.owner)
    loop = block.parent_op()
    if not isinstance(loop, scf.ForOp):
        return
    initial = loop.iter_args[block.args.index(arg) - 1]
    if not places.is_at(initial, arg):
        yield Write(arg, places.timeline.start[loop], loop, places.path(arg))


def spoils(places: Places, write: Write, read: Read) -> bool:
    """Whether `write` changes what is read between its making and its reading."""
    made = places.timeline.made[read.value]
    if write.value is read.value or not made <= write.position <= read.position:
        return False
    if not overlap(places.path(read.value), write.path):
        return False
    if read.but and is_within(write.path, places.path_of_part(read.value, read.but)):
        return False
    return not (write.by is read.by and _in_step(places, write, read))


def _in_step(places: Places, write: Write, read: Read) -> bool:
    """Whether a kernel replaces just the elements it has read, one by one."""
    op = write.by
    if not isinstance(op, KernelOp) or write.path != places.path(read.value):
        return False
    output = op.results.index(write.value)
    if op.outputs[output] is read.value and read.value not in op.inputs:
        return True
    sources = [n for n, value in enumerate(op.inputs) if value is read.value]
    return all(may_share(op, source, output) for source in sources)


def is_reachable(places: Places, buffer: Buffer, value: Holder) -> bool:
    """Whether strides can say where `value` is, as soon as it is made."""
    path = buffer.members[value]
    if layout(buffer.shape, path) is None:
        return False
    if isinstance(value, Output) or is_undefined(value):
        return True
    slices = (step for step in path if isinstance(step, Slice))
    offsets = (n for step in slices for n in step.offsets if isinstance(n, SSAValue))
    return all(_is_known(places, offset, value) for offset in offsets)


def _is_known(places: Places, offset: SSAValue, value: SSAValue) -> bool:
    """Whether `offset` has been computed when `value` is made."""
    owner = offset.owner
    block = owner if isinstance(owner, Block) else owner.parent
    at = value.owner
    inner = at if isinstance(at, Block) else at.parent
    if block is None or inner is None or not block.is_ancestor(inner):
        return False
    made = places.timeline.made[value]
    return isinstance(owner, Block) or places.timeline.start[owner] <= made
