"""
Lanes that have a record each: neighbours in memory, of which a vector has one field.

Points of two channels are records of two elements, and where a window moves by two
points each lane moves by a record of four. RISC-V loads and stores several fields of
all lanes by one instruction, each in a register of its own; compilers make it of a wide
vector and what picks from it, if the last field is one of those that are picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeAlias

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from ...analysis.footprint import Linear, linear
from ...analysis.vectors import PAIR
from .operands import is_row, operand_map
from .reads import Reads

FIELDS = 4
"""Fields, at most, that are loaded together: they fill an eighth of all registers."""

Moved: TypeAlias = tuple[tuple[int, int], ...]
"""For each loop but the lanes': elements that a round moves by, and the rounds."""


class Offsets(NamedTuple):
    """The fields that a block reads of each lane."""

    reached: int
    """Elements from the first to the last one."""
    fields: int
    loads: int
    """Vectors, a record for each lane, that have all of them."""
    is_shared: bool
    """Whether each of these has more than one of them."""


class Records(NamedTuple):
    """How lanes go along a buffer."""

    size: int
    """Elements from one lane to the next."""
    first: int
    end: int
    """Where fields begin and end, divided by the size: what is left."""


@lru_cache(maxsize=1 << 12)
def offsets_of(moved: Moved, size: int) -> Offsets:
    """The fields of records of one size that loops move over."""
    steps = [[step * n for n in range(rounds)] for step, rounds in moved]
    found = {sum(places) for places in product(*steps)}
    low, high = min(found), max(found)
    together = [(high - place) // size for place in found]
    alone = min(map(together.count, together))
    loads = len(set(together))
    return Offsets(high - low + 1, len(found), loads, alone > 1)


def are_fields(found: Offsets, size: int) -> bool:
    """Whether whole records that begin and end with fields have all of them."""
    return found.reached >= size and found.is_shared


def are_records(found: Offsets, size: int) -> bool:
    """Whether the fields are all there are."""
    return found.fields == found.reached and found.fields % size == 0


def is_picked(step: int) -> bool:
    """
    Whether lanes so far apart along the last axis are picked from all between.

    Of each fourth element compilers make loads with a stride, or gather one by one.
    """
    return step == PAIR


def is_record(size: int, fields: int) -> bool:
    """Whether instructions of so many fields, at most, move records of that size."""
    return 1 < size <= fields and size.bit_count() == 1


def row_weights(type_: MemRefType[Attribute]) -> tuple[int, ...]:
    """
    Elements along the last axis, or along the two last ones where they are one row.

    For each axis, what a step along it counts; nothing where there is no such row.
    """
    strides, shape = type_.get_strides(), type_.get_shape()
    if not strides or strides[-1] != 1:
        return ()
    weights = [0] * (len(shape) - 1) + [1]
    if shape[-1] > 1 and is_row(type_):
        weights[-2] = shape[-1]
    return tuple(weights)


def moved_by(row: Sequence[int], counts: Sequence[int], lane: int) -> Moved:
    """The loops that move along a row, besides that of the lanes."""
    pairs = enumerate(zip(row, counts, strict=True))
    return tuple((step, n) for loop, (step, n) in pairs if step and loop != lane)


def records_of(
    reads: Reads, sizes: Sequence[int], lane: int, fields: int
) -> dict[SSAValue, Records]:
    """The buffers whose lanes have a record each, in a nest cut into such blocks."""
    found: dict[SSAValue, Records | None] = {}
    counts = [min(pair) for pair in zip(sizes, reads.extents, strict=True)]
    written = written_at(reads)
    for buffer, indices in [(r.buffer, r.indices) for r in reads.found] + written:
        known = [index for index in indices if index is not None]
        is_known = len(known) == len(indices)
        one = along(buffer, known, counts, lane, fields) if is_known else None
        # Those that do not agree are none.
        found[buffer] = one if found.get(buffer, one) == one else None
    return {buffer: one for buffer, one in found.items() if one is not None}


def written_at(reads: Reads) -> list[tuple[SSAValue, tuple[Linear | None, ...]]]:
    """What is written by a nest, and where."""
    root = reads.root
    if not isinstance(root, linalg.GenericOp):
        return []
    (place, *_) = reads.points[root]
    found: list[tuple[SSAValue, tuple[Linear | None, ...]]] = []
    for number, output in enumerate(root.outputs, start=len(root.inputs)):
        exprs = operand_map(root, number).results
        moved = (e.replace_dims_and_symbols(place, []) for e in exprs)
        found.append((output, tuple(linear(e, len(reads.loops)) for e in moved)))
    return found


def along(
    buffer: SSAValue,
    indices: Sequence[Linear],
    counts: Sequence[int],
    lane: int,
    fields: int,
) -> Records | None:
    """The records of a buffer that is read or written at `indices`; None if none."""
    type_ = buffer.type
    assert isa(type_, MemRefType), "what is moved is in memory"
    weights = row_weights(type_)
    if not weights:
        return None
    row, constant = [0] * len(counts), 0
    for weight, index in zip(weights, indices, strict=True):
        constant += weight * index.constant
        for loop, factor in enumerate(index.factors):
            row[loop] += weight * factor
    size, moved = row[lane], moved_by(row, counts, lane)
    is_near = any(indices[-1].factors[lane : lane + 1])
    if (is_near and is_picked(size)) or not is_record(size, fields):
        return None
    found = offsets_of(moved, size)
    if not are_fields(found, size):
        return None
    return Records(size, constant % size, (constant + found.reached) % size)
