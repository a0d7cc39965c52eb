"""
When the tensors of a driver are made, read and written, as if each had a buffer.

Positions count the operations of a function in program order; a loop has one position
before its body and one after it. A value from outside a loop that is read inside it is
read until the loop ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xdsl.dialects import bufferization, func, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import KernelOp
from .access import reads_argument
from .regions import Path, steps_of

STEP = 2
"""Between two positions there is room for one operation that is moved there."""

Fresh = tensor.EmptyOp | bufferization.AllocTensorOp


def is_tensor(value: SSAValue) -> bool:
    """Whether `value` is a tensor."""
    return isinstance(value.type, TensorType)


@dataclass(frozen=True)
class Read:
    """The contents of `value` matter at `position`, except those at `but`."""

    value: SSAValue
    position: int
    by: Operation
    but: Path | None = None


@dataclass
class Timeline:
    """Everything about one function that its places in memory depend on."""

    start: dict[Operation, int] = field(default_factory=dict[Operation, int])
    """Position of each operation; of a loop, before its body."""
    end: dict[Operation, int] = field(default_factory=dict[Operation, int])
    """The same; of a loop, after its body."""
    made: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    """Position at which each tensor has its contents; arguments have -1."""
    reads: dict[SSAValue, list[Read]] = field(
        default_factory=dict[SSAValue, list["Read"]]
    )

    def reads_of(self, value: SSAValue) -> list[Read]:
        """Every time the contents of `value` matter."""
        return self.reads.get(value, [])

    def delayed(self, moved: Mapping[Operation, Operation]) -> Timeline:
        """The timeline when operations that read no tensor run just before others."""
        times = {op: self.start[before] - 1 for op, before in moved.items()}
        made = {res: time for op, time in times.items() for res in op.results}
        start, end = {**self.start, **times}, {**self.end, **times}
        return Timeline(start, end, {**self.made, **made}, self.reads)


def timeline_of(function: func.FuncOp) -> Timeline:
    """The timeline of a function on tensors."""
    timeline = Timeline()
    block = function.body.block
    timeline.made.update((arg, -1) for arg in block.args if is_tensor(arg))
    _number(block, timeline, 0)
    for op in timeline.start:
        for read in _reads(op, timeline):
            known = timeline.reads.setdefault(read.value, [])
            known.append(_prolonged(read, timeline))
    return timeline


def _number(block: Block, timeline: Timeline, position: int) -> int:
    """Gives positions from `position` on; returns the next free one."""
    for op in block.ops:
        timeline.start[op] = timeline.end[op] = position
        if isinstance(op, scf.ForOp):
            args = op.body.block.args[1:]
            timeline.made.update((arg, position) for arg in args)
            position = _number(op.body.block, timeline, position + STEP)
            timeline.end[op] = position
        timeline.made.update((res, position) for res in op.results if is_tensor(res))
        position += STEP
    return position


def is_undefined(value: SSAValue) -> bool:
    """Whether `value` has no contents yet."""
    owner = value.owner
    if isinstance(owner, tensor.ExtractSliceOp):
        return is_undefined(owner.source)
    if isinstance(owner, tensor.CollapseShapeOp | tensor.ExpandShapeOp):
        return is_undefined(owner.src)
    if isinstance(owner, bufferization.AllocTensorOp) and owner.copy is not None:
        return is_undefined(owner.copy)
    return isinstance(owner, Fresh)


def _reads(op: Operation, timeline: Timeline) -> Iterator[Read]:
    """What `op` reads; where a value is only passed on, it is read there once."""
    position = timeline.start[op]
    if isinstance(op, tensor.InsertSliceOp):
        yield Read(op.source, position, op)
        yield Read(op.dest, position, op, but=steps_of(op))
    elif isinstance(op, KernelOp):
        for value, arg in zip(op.operands, op.block.args, strict=True):
            if is_tensor(value) and reads_argument(arg):
                yield Read(value, position, op)
    else:
        for value in op.operands:
            if is_tensor(value):
                yield Read(value, position, op)


def _prolonged(read: Read, timeline: Timeline) -> Read:
    """`read`, at the end of the outermost loop around it that its value is not in."""
    position = read.position
    made_in = read.value.owner
    block = made_in if isinstance(made_in, Block) else made_in.parent
    around = read.by.parent_op()
    inner = read.by.parent
    while inner is not block and around is not None:
        position = timeline.end.get(around, position)
        inner, around = around.parent, around.parent_op()
    return Read(read.value, position, read.by, read.but)
