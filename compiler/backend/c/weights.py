"""
The weights as C: one constant object with a member for each tensor.

Members stand at the offsets that the module says, so that the manifest, the driver and
the C compiler agree on where everything is; a static assertion checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from xdsl.dialects import memref
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, MemRefType, StringAttr
from xdsl.ir import Attribute
from xdsl.utils.exceptions import DiagnosticException

from ...analysis.memory import bytes_of, element_bytes
from ...analysis.plain import text_of
from ...analysis.program import Program, integer_of
from ...dialects.deploy.marks import NAME_ATTRIBUTE, OFFSET_ATTRIBUTE
from .names import Names, comment_text
from .types import (
    boolean_literal,
    c_type,
    float_literal,
    integer_literal,
    single_literals,
    width,
)

WORDS_PER_LINE = 12
"""Numbers in one line of a table."""


@dataclass(frozen=True)
class Member:
    """One tensor of the object."""

    op: memref.GlobalOp
    label: str
    """What the model calls it."""
    name: str
    """What C calls it."""
    offset: int
    """Bytes from the start of the object."""
    alignment: int
    type: str
    count: int
    """The type of an element in C, and how many there are."""

    @property
    def bytes(self) -> int:
        """Its size."""
        return bytes_of(memref_type(self.op))


def memref_type(op: memref.GlobalOp) -> MemRefType[Attribute]:
    """The type of the constant."""
    return op.type


def members(program: Program) -> list[Member]:
    """The tensors of the object by offset; refuses those that overlap."""
    names = Names()
    found: list[Member] = []
    end = 0
    for op in program.weights:
        type = memref_type(op)
        label = text_of(op.attributes.get(NAME_ATTRIBUTE)) or op.sym_name.data
        alignment = integer_of(op.alignment) or 1
        offset = integer_of(op.attributes.get(OFFSET_ATTRIBUTE))
        offset = -(-end // alignment) * alignment if offset is None else offset
        count = bytes_of(type) // element_bytes(type.element_type)
        element = c_type(type.element_type, op)
        name = names.unique(label)
        found.append(Member(op, label, name, offset, alignment, element, count))
        end = max(end, offset + bytes_of(type))
    found.sort(key=lambda member: member.offset)
    for before, after in pairwise(found):
        if before.offset + before.bytes > after.offset:
            message = f"weights overlap at byte {after.offset}"
            after.op.emit_error(message, DiagnosticException(message))
    return [member for member in found if member.count]


def object_alignment(parts: Sequence[Member]) -> int:
    """The alignment of the whole object."""
    return max(member.alignment for member in parts)


def definition(parts: Sequence[Member], name: str) -> Iterator[str]:
    """The struct, `name_weights`."""
    yield f"/* The weights of the model, {sum(m.bytes for m in parts)} bytes. */"
    yield f"struct {name}_weights {{"
    for member in parts:
        align = f"DEPLOY_ALIGN({member.alignment}) " if member.alignment > 1 else ""
        yield f"    {align}{member.type} {member.name}[{member.count}];"
        if member.name != member.label:
            yield f"    /* ^ {comment_text(member.label)} */"
    yield "};"
    yield ""
    for member in parts:
        place = f"offsetof(struct {name}_weights, {member.name}) == {member.offset}"
        yield f'_Static_assert({place}, "layout");'


def contents(parts: Sequence[Member], name: str, storage: str) -> Iterator[str]:
    """The object itself; `storage` is what stands before its type."""
    yield f"{storage}const struct {name}_weights {name}_weights = {{"
    for member in parts:
        yield f"    .{member.name} = {{"
        yield from table(values(member))
        yield "    },"
    yield "};"


def values(member: Member) -> list[str]:
    """Every element of a tensor as a C constant, in order."""
    data = member.op.initial_value
    if not isinstance(data, DenseIntOrFPElementsAttr):
        message = f"weights must be dense<…>, got {data}"
        member.op.emit_error(message, DiagnosticException(message))
        raise AssertionError("emit_error raises")
    if member.type == "float":
        return single_literals(data.data.data)
    numbers = cast(Sequence[float], data.get_values())
    if member.type == "double":
        return [float_literal(number, single=False) for number in numbers]
    if member.type == "bool":
        return [boolean_literal(int(number)) for number in numbers]
    bits = width(memref_type(member.op).element_type)
    return [integer_literal(int(number), bits) for number in numbers]


def table(words: Sequence[str]) -> Iterator[str]:
    """Lines of comma-separated constants."""
    for start in range(0, len(words), WORDS_PER_LINE):
        yield "        " + ", ".join(words[start : start + WORDS_PER_LINE]) + ","


def weights_level(program: Program) -> str:
    """The level of the weights; nothing when there are none."""
    for op in program.weights:
        space = memref_type(op).memory_space
        return space.data if isinstance(space, StringAttr) else ""
    return ""
