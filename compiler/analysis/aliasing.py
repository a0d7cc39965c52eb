"""Which kernels are always called with arguments that do not overlap."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import combinations
from typing import NamedTuple

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import BlockArgument, SSAValue
from xdsl.utils.hints import isa

from .memory import bytes_of
from .program import Program, callee, view_place


def unaliased(program: Program) -> frozenset[str]:
    """
    The functions whose calls never pass memory that one argument writes as another one.

    A function that nobody calls is none of them: it is not known what it is passed.
    """
    called: dict[str, bool] = {}
    for call in program.calls:
        name = callee(call)
        called[name] = called.get(name, True) and is_unaliased(program, call)
    return frozenset(name for name, holds in called.items() if holds)


def is_unaliased(program: Program, call: func.CallOp) -> bool:
    """Whether what `call` passes to be written is nothing else that it passes."""
    if callee(call) not in program.accesses:
        return False
    _, writes = program.accesses[callee(call)]
    buffers = [
        (number, program.buffer(value))
        for number, value in enumerate(call.arguments)
        if isinstance(value.type, MemRefType)
    ]
    return not any(
        (a in writes or b in writes) and may_overlap(one, other)
        for (a, one), (b, other) in combinations(buffers, 2)
    )


def may_overlap(one: SSAValue, other: SSAValue) -> bool:
    """Whether two buffers may share bytes."""
    first, second = place(one), place(other)
    if first is None or second is None:
        return True
    meet = first.start < second.end and second.start < first.end
    return first.base == second.base and meet


class Place(NamedTuple):
    """Bytes of an argument of the program, or of a constant."""

    base: Hashable
    start: int
    end: int
    """The one behind the last."""


def place(buffer: SSAValue) -> Place | None:
    """The memory that a buffer is; None where it is not known."""
    type_ = buffer.type
    if not isa(type_, MemRefType):
        return None
    owner = buffer.owner
    if isinstance(owner, memref.ViewOp):
        offset, _ = view_place(owner)
        if offset is None:
            return None
        return Place(owner.source, offset, offset + bytes_of(type_))
    if isinstance(owner, memref.GetGlobalOp):
        return Place(owner.name_.root_reference.data, 0, bytes_of(type_))
    is_entry = isinstance(buffer, BlockArgument) and isinstance(
        buffer.block.parent_op(), func.FuncOp
    )
    return Place(buffer, 0, bytes_of(type_)) if is_entry else None
