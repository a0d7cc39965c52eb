"""
Whether the buffers of a lowered program may stand where they do.

Offsets can be edited by hand between two phases; this is what must hold of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from xdsl.dialects import memref
from xdsl.ir import Operation
from xdsl.utils.exceptions import DiagnosticException

from .memory import bytes_of, element_bytes
from .occupancy import Occupancy, Span
from .program import Argument, known_index


def check_placement(occupancy: Occupancy) -> None:
    """Raises DiagnosticException at the first buffer of an arena that is misplaced."""
    program = occupancy.program
    if program.entry is None:
        return
    found = [op for op in program.entry.walk() if isinstance(op, memref.ViewOp)]
    for arena in program.having("arena"):
        views = [view for view in found if view.source is arena.value]
        for op, message in faults(arena, views, occupancy):
            op.emit_error(message, DiagnosticException(message))


def faults(
    arena: Argument, views: Sequence[memref.ViewOp], occupancy: Occupancy
) -> Iterator[tuple[Operation, str]]:
    """The misplaced buffers of one arena and what is wrong with them."""
    for view in views:
        if message := out_of_place(view, arena.bytes):
            yield view, message
    living = [(view, occupancy.span(view.result)) for view in views]
    held = [(view, extent(view), span) for view, span in living if span is not None]
    for (one, mine, while_one), (_, yours, while_other) in combinations(held, 2):
        if overlap(while_one, while_other) and overlap(mine, yours):
            yield (
                one,
                (
                    "buffers in use at the same time must not share bytes, got offsets "
                    f"{mine.start} and {yours.start}"
                ),
            )


def out_of_place(view: memref.ViewOp, size: int) -> str | None:
    """What is wrong with a view of an arena of `size` bytes on its own."""
    offset = known_index(view.byte_shift)
    if offset is None:
        return "offset must be a constant"
    alignment = element_bytes(view.result.type.element_type)
    if offset % alignment:
        return f"offset must be a multiple of {alignment} bytes, got {offset}"
    length = bytes_of(view.result.type)
    if offset < 0 or offset + length > size:
        last = offset + length
        return f"buffer must lie within {size} bytes, got {offset} to {last}"
    return None


def extent(view: memref.ViewOp) -> Span:
    """The bytes of a view, from its first to behind its last."""
    offset = known_index(view.byte_shift) or 0
    return Span(offset, offset + bytes_of(view.result.type))


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans have something in common."""
    return one.start < other.end and other.start < one.end
