"""
Which tensors of a driver share a buffer, and where in it each of them is.

Every tensor starts in a buffer of its own. Then ties are tried in a fixed order: a loop
and what it carries, a slice and its tensor, a kernel's destination and its result, a
result and the caller's buffer, a part and the whole it is inserted into, a kernel's
result and an input that it replaces element by element. A tie is kept when afterwards
everybody still reads the contents that were made for him; otherwise there is a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from xdsl.dialects import arith, func, scf, tensor
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import KernelOp
from .access import may_share
from .regions import Path, Reshape, covers_all, normalized, steps_of
from .sharing import Buffer, Holder, Output, Places
from .soundness import is_sound
from .structured import shape_of
from .timeline import View, is_tensor, timeline_of


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
    """Places for the tensors of a function of kernels, slices, reshapes and loops."""
    places = Places(function, timeline_of(function))
    returned = returned_values(function)
    for value in places.timeline.made:
        fixed = isinstance(value.owner, Block) and value.owner is function.body.block
        fixed = fixed or is_constant(value)
        places.hold(Buffer(shape_of(value), {value: ()}, value if fixed else None))
    for index, value in enumerate(returned):
        output = Output(index, shape_of(value))
        places.hold(Buffer(output.shape, {output: ()}, output))
    for tie in ties_of(places):
        try_tie(places, tie)
    return places


def returned_values(function: func.FuncOp) -> tuple[SSAValue, ...]:
    """The results of a function."""
    last = function.body.block.last_op
    assert isinstance(last, func.ReturnOp), "a function ends with its results"
    return tuple(last.arguments)


def ties_of(places: Places) -> list[Tie]:
    """All wishes, the most important ones first."""
    ops = tuple(places.timeline.start)
    kernels = [op for op in ops if isinstance(op, KernelOp)]
    inserts = [op for op in ops if isinstance(op, tensor.InsertSliceOp)]
    returned = enumerate(returned_values(places.function))
    return [
        *(tie for op in ops if isinstance(op, scf.ForOp) for tie in loop_ties(op)),
        *(Tie(op.result, op.operands[0], steps_of(op)) for op in ops if is_view(op)),
        *(
            Tie(before, after)
            for op in kernels
            for before, after in zip(op.outputs, op.results, strict=True)
        ),
        *(Tie(op.dest, op.result) for op in inserts),
        *(Tie(value, Output(index, shape_of(value))) for index, value in returned),
        *(Tie(op.source, op.result, steps_of(op)) for op in inserts),
        *(
            Tie(source, result)
            for op in kernels
            for output, result in enumerate(op.results)
            for index, source in enumerate(op.inputs)
            if is_tensor(source) and may_share(op, index, output)
        ),
    ]


def is_view(op: Operation) -> TypeGuard[View]:
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
    if part is whole:
        return None
    if covers_all(places.path(tie.part)) and part.fixed is None:
        return _attached(part, whole, path)
    if covers_all(path) and whole.fixed is None:
        return _attached(whole, part, places.path(tie.part))
    return None


def _attached(inner: Buffer, outer: Buffer, path: Path) -> Buffer:
    """`outer` with all of `inner` at `path`."""
    start = (*path, Reshape(inner.shape))
    moved = {
        member: normalized(outer.shape, (*start, *steps))
        for member, steps in inner.members.items()
    }
    return Buffer(outer.shape, {**outer.members, **moved}, outer.fixed)


def try_tie(places: Places, tie: Tie) -> bool:
    """Fulfils `tie` unless somebody would read wrong contents; whether it holds now."""
    if places.is_at(tie.part, tie.whole, tie.steps):
        return True
    if (buffer := merged(places, tie)) is None:
        return False
    before = places.buffer[tie.part], places.buffer[tie.whole]
    places.hold(buffer)
    if is_sound(places, buffer):
        return True
    for old in before:
        places.hold(old)
    return False
