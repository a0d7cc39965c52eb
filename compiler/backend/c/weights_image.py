"""
The weights as bytes, and the C that includes them or knows where they are.

The bytes are those of the struct on a little-endian machine; static assertions refuse
any other machine and any other size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.utils.exceptions import DiagnosticException

from ...analysis.planning import aligned
from .weights import Member, object_alignment


def image_bytes(parts: Sequence[Member]) -> int:
    """The size of the object, as C has it."""
    end = max(member.offset + member.bytes for member in parts)
    return aligned(end, object_alignment(parts))


def image(parts: Sequence[Member]) -> bytes:
    """The whole object, little-endian; zeros between its members."""
    found = bytearray(image_bytes(parts))
    for member in parts:
        found[member.offset : member.offset + member.bytes] = member_bytes(member)
    return bytes(found)


def member_bytes(member: Member) -> bytes:
    """One tensor, little-endian."""
    data = member.op.initial_value
    if not isinstance(data, DenseIntOrFPElementsAttr):
        message = f"weights must be dense<…>, got {data}"
        member.op.emit_error(message, DiagnosticException(message))
        raise AssertionError("emit_error raises")
    raw = data.data.data
    assert len(raw) == member.bytes, "constants are written out"
    return raw


def assertions(parts: Sequence[Member], name: str) -> Iterator[str]:
    """What must hold for the bytes to be the object."""
    order = "__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__"
    size = f"sizeof(struct {name}_weights) == {image_bytes(parts)}"
    for condition in (order, size):
        yield f'_Static_assert({condition}, "{name}_weights.bin");'


def included(parts: Sequence[Member], name: str, section: str) -> Iterator[str]:
    """The object in C that lets an ELF assembler include the bytes."""
    lines = (
        f'.section {section},\\"a\\"',
        f".balign {object_alignment(parts)}",
        f".globl {name}_weights",
        f".type {name}_weights, %object",
        f".size {name}_weights, {image_bytes(parts)}",
        f"{name}_weights:",
        f'.incbin \\"{name}_weights.bin\\"',
        ".previous",
    )
    yield "__asm__("
    yield from (f'    "{line}\\n"' for line in lines)
    yield ");"


def placed_macros(parts: Sequence[Member], name: str, address: int) -> Iterator[str]:
    """The public macros of weights that stand at an address."""
    file, alignment = f"{name}_weights.bin", object_alignment(parts)
    yield f"/* {file} must stand here, at a multiple of {alignment} bytes. */"
    yield f"#ifndef {name}_WEIGHTS_ADDRESS"
    yield f"#define {name}_WEIGHTS_ADDRESS {address:#x}"
    yield "#endif"
    yield f"#define {name}_WEIGHTS_BYTES {image_bytes(parts)}"


def pointer(parts: Sequence[Member], name: str) -> Iterator[str]:
    """The macro by which the program finds weights at an address."""
    place = f"{name}_WEIGHTS_ADDRESS"
    aligned_place = f"{place} % {object_alignment(parts)} == 0"
    yield f'_Static_assert({aligned_place}, "{place}");'
    yield f"#define {name}_WEIGHTS ((const struct {name}_weights *)(uintptr_t){place})"
