"""
How the loops of an operation are cut into blocks: the attribute `deploy.blocks`.

```mlir
linalg.generic {…, deploy.blocks = {order = array<i64: 1, 0>,
                                    sizes = array<i64: 4, 16>,
                                    lanes = array<i64: 1, 8>}}
```
Loop 1 is outermost; 4 x 16 rounds of the two loops are done at once, as straight code
that keeps what it accumulates in registers, those of loop 1 as vectors of 8 lanes. What
is left out is as it was: the order of the dimensions, one round at a time, no vectors.
Of an operation whose results are registers only the reductions count.

A vector of 7 lanes has a register of 8 for itself, and moves 7 elements; machines that
count the elements of vectors do that in one instruction.

What is left of a vector are narrower ones. `lanes = array<i64: 1, 8, 4>` says that a
register has 4 lanes; then a vector may begin earlier and do rounds once more that have
been done before, where that takes no more instructions than narrower ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import cast

from xdsl.dialects.builtin import (
    AnyFloat,
    DenseArrayBase,
    DictionaryAttr,
    MemRefType,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation

from ...analysis.structured import loop_ranges
from .dataflow import Structured, parallel_dims, refuse

BLOCKS_ATTRIBUTE = "deploy.blocks"

PIECE = 3
"""Instructions of one more vector: its address, its number of lanes and back."""


@dataclass(frozen=True)
class Blocks:
    """How the loops of one operation are cut."""

    order: tuple[int, ...]
    """Its loops, outermost first."""
    sizes: tuple[int, ...]
    """Rounds that are done at once, for each loop."""
    lane_loop: int | None = None
    """The loop whose rounds are the lanes of vectors."""
    lanes: int = 1
    register: int = 1
    """Lanes of one register; with 1 no round is done twice."""
    floats: bool = True
    """Whether it writes floats."""
    rows: int = 1
    """Vectors that a block has of the same lanes."""

    @staticmethod
    def of(op: Structured) -> Blocks:
        """What `deploy.blocks` of `op` says; refuses what makes no sense."""
        count = len(loop_ranges(op))
        written = op.attributes.get(BLOCKS_ATTRIBUTE)
        if not isinstance(written, DictionaryAttr):
            return Blocks(tuple(range(count)), (1,) * count)
        order = numbers(op, written, "order") or tuple(range(count))
        sizes = numbers(op, written, "sizes") or (1,) * count
        lanes = numbers(op, written, "lanes")
        if sorted(order) != list(range(count)):
            refuse(op, f"order must name each of {count} loops once, got {order}")
        if len(sizes) != count or min(sizes, default=1) < 1:
            refuse(op, f"sizes must be {count} positive numbers, got {sizes}")
        if not lanes:
            return Blocks(order, sizes)
        are_right = len(lanes) in (2, 3) and lanes[0] in order and min(lanes[1:]) > 0
        if not are_right or any(number.bit_count() > 1 for number in lanes[2:]):
            text = "a loop, lanes and the lanes of a register, a power of two"
            refuse(op, f"lanes must be {text}, got {lanes}")
        lane_loop, widest, register = (*lanes, 1)[:3]
        outer = parallel_dims(op) if isinstance(op, linalg.GenericOp) else order
        rows = prod(sizes[n] for n in outer if n != lane_loop)
        floats = makes_floats(op)
        return Blocks(order, sizes, lane_loop, widest, register, floats, rows)

    def pieces(self, loop: int, size: int, before: int) -> list[tuple[int, int]]:
        """
        Where in a block of `size` rounds each vector begins, and its lanes.

        So many rounds `before` the block may be done once more.
        """
        widest = self.lanes if loop == self.lane_loop else 1
        return list(cut(size, widest, self.register, before, self.floats, self.rows))

    def as_attribute(self) -> DictionaryAttr:
        """What `of` reads."""
        entries = {"order": self.order, "sizes": self.sizes}
        if self.lane_loop is not None:
            register = () if self.register == 1 else (self.register,)
            entries["lanes"] = (self.lane_loop, self.lanes, *register)
        array = DenseArrayBase.from_list
        return DictionaryAttr({key: array(i64, v) for key, v in entries.items()})


def numbers(op: Operation, entries: DictionaryAttr, key: str) -> tuple[int, ...]:
    """A list of integers; empty when it is left out."""
    value = entries.data.get(key)
    if value is None:
        return ()
    if not isinstance(value, DenseArrayBase):
        refuse(op, f"{BLOCKS_ATTRIBUTE} must have a list of integers as {key}")
    found = cast("Sequence[int | float]", value.get_values())
    whole = tuple(number for number in found if isinstance(number, int))
    if len(whole) != len(found):
        refuse(op, f"{BLOCKS_ATTRIBUTE} must have a list of integers as {key}")
    return whole


def cut(
    size: int,
    widest: int,
    register: int = 1,
    before: int = 0,
    floats: bool = True,
    rows: int = 1,
) -> Iterator[tuple[int, int]]:
    """
    `size` as vectors, the widest first, then powers of two that get narrower.

    In place of what is left, if it is more than a single round, is one vector that
    begins up to `before` rounds before the first, where it takes no more instructions
    for so many `rows` and registers of so many lanes: one as wide as the others, since
    the number of lanes then stays the same, or else one in place of several, or a whole
    register in place of one. Of integers of several rows, that takes the fewest, also
    for a single round: scalars take more than vectors, a product and a sum are two.
    Less than a register with nothing before it is one vector of as many lanes.
    """
    single = floats or rows == 1
    whole = size - size % widest
    yield from ((start, widest) for start in range(0, whole, widest))
    if rest := size - whole:
        narrow = 1 << rest.bit_length() - 1
        several = list(cut(rest, narrow, register, before + whole, floats, rows))
        most = instructions(several, register, rows)
        choices = (widest, 2 * narrow) if rest > 1 else (widest, register)
        if register == 1 or (single and rest == 1):
            choices = ()
        found = {
            lanes: taken
            for lanes in choices
            if lanes <= rest + whole + before
            if (taken := instructions([(0, lanes)], register, rows)) <= most
        }
        if found:
            # Integers are widened, so that the number of lanes is told anew anyway.
            lanes = next(iter(found)) if single else min(found, key=found.__getitem__)
            several = [(rest - lanes, lanes)]
        elif len(several) > 1 and rest < register:
            several = [(0, rest)]
        yield from ((whole + start, lanes) for start, lanes in several)


def makes_floats(op: Structured) -> bool:
    """Whether `op` writes floats."""
    types = (cast("MemRefType", output.type).element_type for output in op.outputs)
    return all(isinstance(type_, AnyFloat) for type_ in types)


def instructions(pieces: Sequence[tuple[int, int]], register: int, rows: int) -> int:
    """Those that load vectors and do something with them in each row, weighted."""
    vectors = sum(lanes > 1 for _, lanes in pieces)
    return registers(pieces, register) * (1 + rows) + PIECE * max(vectors - 1, 0)


def registers(pieces: Iterable[tuple[int, int]], register: int) -> int:
    """The registers, of so many lanes, that vectors take."""
    return sum(-(-lanes // register) for _, lanes in pieces)


@dataclass(frozen=True)
class Segment:
    """Rounds of a loop that are done in blocks of one size."""

    start: int
    stop: int
    size: int
    """Rounds of a block; it divides `stop - start`."""

    @property
    def rounds(self) -> int:
        """How often a block is done."""
        return (self.stop - self.start) // self.size


def lane_segments(extent: int, lanes: int) -> list[Segment]:
    """Rounds of so many lanes at once, and what is left in fewer, half and half."""
    start = extent - extent % lanes
    found = [Segment(0, start, lanes)] if start else []
    while start < extent:
        size = 1 << (extent - start).bit_length() - 1
        found.append(Segment(start, start + size, size))
        start += size
    return found


def plain_segments(start: int, stop: int, size: int) -> Iterator[Segment]:
    """Whole blocks, then one smaller one."""
    whole = stop - (stop - start) % size
    if start < whole:
        yield Segment(start, whole, size)
    if whole < stop:
        yield Segment(whole, stop, stop - whole)


def peeled_segments(
    extent: int, size: int, interior: tuple[int, int]
) -> Iterator[Segment]:
    """Blocks on one grid: those not inside of `interior` each on its own."""
    blocks = [(at, min(at + size, extent)) for at in range(0, extent, size)]
    low, high = interior
    inner = [at for at, end in blocks if low <= at and end <= high]
    for at, end in blocks:
        if at not in inner:
            yield Segment(at, end, end - at)
        elif at == inner[0]:
            yield from plain_segments(at, min(inner[-1] + size, extent), size)
