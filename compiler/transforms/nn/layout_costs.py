"""
What an operation costs by itself with the channels last, or as written.

In bytes, of which a transpose moves one element after the other. A window over channels
that are not last reads rows: whole vectors, anew for each of its places, and scalars
where it reaches out of them, or a copy that has the padding. A stride picks lanes from
more of them, or one by one. Lanes are idle where rows do not fill vectors; with
channels last, where channels do not: those of results, or of what is summed up where
weights are constant and can be turned.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, prod
from typing import NamedTuple, TypeAlias

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, SSAValue

from ...analysis.vectors import PAIR
from ...dialects import nn
from ...interpreters.builtin import dtype_of
from .arrays import constant_array
from .permutations import channels_first, inverse, keeps_order
from .transposes import nbytes, turns_forth

WindowOp: TypeAlias = nn.ConvOp | nn.PoolOp

PUT_TOGETHER = 5
"""Vectors of products that putting the lanes of a sum together takes as long as."""

SUM = 4
"""Bytes of what products of smaller integers are added to."""

ONE_BY_ONE = 4
"""Twice what reading anew costs a machine without vectors, in what it costs others."""

QUANTIZED = 40
"""Products that it takes as long as to quantise and store an integer."""

STORED = 4
"""Products that it takes as long as to store a float, behind what follows its sum."""

SHARING = 2
"""How many fewer vectors are loaded that several filters read."""

NARROWED = 2
"""Vectors more that pick lanes of which a register has no whole number."""

PADDED = 12
"""Bytes that are loaded in the time in which one is filled or copied with a padding."""

FEWEST_LANES = 4
"""Elements that are read at once, at least: scalars of a row take one address."""

LARGEST = 16
"""Lanes of the largest squares that transposes go by."""

WORD = 4
"""Bytes of the elements that a machine's lanes are counted by."""


class Cost(NamedTuple):
    """Bytes, counted each time that they are touched."""

    transposed: int = 0
    """Read and written by transposes."""
    strided: int = 0
    """Read that are not beside what is read before."""
    shifted: int = 0
    """Read side by side, anew for each place of a window, as if by four lanes."""
    idle: int = 0
    """That lanes with nothing to do would read, as if of four lanes."""
    saved: int = 0
    """Of what is transposed, as much as squares of more than four lanes take less."""

    @property
    def weight(self) -> int:
        """
        What is compared, in 1/32 bytes of a transpose by squares of four lanes.

        What is read alone is also put in its place alone. The others are whole vectors;
        measured.
        """
        apart = 32 * (self.transposed - self.saved) + 64 * self.strided
        return apart + 3 * self.shifted + 8 * self.idle

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))


def total(costs: Iterable[Cost]) -> Cost:
    """All of them together."""
    result = Cost()
    for cost in costs:
        result = result.plus(cost)
    return result


def moving(value: SSAValue, lanes: int) -> Cost:
    """
    What a transpose of `value` between the two orders costs.

    A square of n of the `lanes` loads and stores n vectors, and puts them together anew
    log2 n times: the more lanes, the less for each of its elements. Those of bytes are
    as large on all machines.
    """
    if not isinstance(value.type, TensorType):
        return Cost()
    shape = nn.shape_of(value)
    if len(shape) < 3 or constant_array(value) is not None:
        return Cost()
    if keeps_order(shape, inverse(channels_first(len(shape)))):
        return Cost()
    moved, side = 2 * nbytes(value), min(max(lanes, FEWEST_LANES), LARGEST)
    is_wide = nbytes(value) == WORD * prod(shape)
    squared = moved * (1 + side.bit_length()) // side if is_wide else moved
    return Cost(transposed=moved, saved=moved - squared)


def written_cost(op: Operation, lanes: int) -> Cost:
    """
    What a node costs by itself when its channels stay where they are.

    The machine has so many `lanes` of float32; one where it has no vectors. What a
    stride picks for more than half of a register is two halves.
    """
    if turns_forth(op):
        return moving(op.results[0], lanes)
    if not isinstance(op, nn.ConvOp | nn.PoolOp) or reads_all_once(op):
        return Cost()
    read, wide = bytes_read(op), lanes_of(op, lanes)
    if wide == 1:
        return Cost(shifted=ONE_BY_ONE * read * steps_of(op) // 2)
    step = op.window.strides[-1]
    if step not in (1, PAIR):
        return Cost(strided=read)
    columns = nn.shape_of(op.result)[-1]
    narrowed = NARROWED if step > 1 and columns % wide else 0
    loaded = read * (steps_of(op) * step + narrowed) // shared_by(op)
    are_halves = step > 1 and FEWEST_LANES <= wide // 2 < columns < wide
    empty = left_empty(op, columns, 2 * wide if are_halves else wide)
    ends = Cost(strided=int(read * part_at_ends(op)) // 2)
    padded = in_vectors(wide, shifted=PADDED * bytes_padded(op))
    rows = in_vectors(wide, shifted=loaded, idle=empty)
    apart = rows.plus(min(ends, padded, key=lambda cost: cost.weight))
    joined = joined_cost(op, wide)
    both = (apart,) if joined is None else (apart, joined.plus(padded))
    return min(both, key=lambda cost: cost.weight)


def joined_cost(op: WindowOp, wide: int) -> Cost | None:
    """
    The same where rows are one, with what is between them (`vector-join-rows`).

    Rows of a padding share it, and rows of results are copied out of theirs. None where
    no results share what is read, or nothing is between rows.
    """
    window, (*_, rows, columns) = op.window, nn.shape_of(op.result)
    is_image = len(window.strides) > 1 and rows > 1 and set(window.strides[-2:]) == {1}
    between = (window.kernel[-1] - 1) * window.dilations[-1]
    gap = between - min(window.low[-1], window.high[-1])
    if not is_image or filters_of(op) == 1 or gap <= 0:
        return None
    copied = PADDED * nbytes(op.result)
    idle = bytes_worked(op) * gap // max(columns, 1)
    loaded = bytes_read(op) // SHARING
    return in_vectors(wide, shifted=loaded + copied, idle=idle)


def in_vectors(wide: int, *, shifted: int = 0, idle: int = 0) -> Cost:
    """Bytes that are read so many elements at once, as if by four lanes."""
    most = max(wide, FEWEST_LANES)
    return Cost(
        shifted=shifted * FEWEST_LANES // most, idle=idle * FEWEST_LANES // wide
    )


def part_at_ends(op: WindowOp) -> Fraction:
    """The part of the places along rows at which a window reaches out of a row."""
    columns, step = nn.shape_of(op.result)[-1], op.window.strides[-1]
    places = ceil(op.window.low[-1] / step) + ceil(op.window.high[-1] / step)
    return Fraction(min(places, columns), columns) if columns else Fraction()


def steps_of(op: WindowOp) -> int:
    """Instructions for each element of a window: a maximum compares and chooses."""
    return 2 if isinstance(op, nn.PoolOp) and op.kind.data == "max" else 1


def filters_of(op: WindowOp) -> int:
    """How many results at a place are made of the same elements."""
    if isinstance(op, nn.PoolOp):
        return 1
    return nn.shape_of(op.weight)[0] // op.groups.value.data


def shared_by(op: WindowOp) -> int:
    """How many results are made of what is loaded once, about."""
    return SHARING if filters_of(op) > 1 else 1


def last_cost(op: Operation, lanes: int) -> Cost:
    """The same when its channels are last."""
    if not isinstance(op, nn.ConvOp | nn.PoolOp):
        return Cost()
    wide, filters = lanes_of(op, lanes), filters_of(op)
    is_alone = isinstance(op, nn.PoolOp) or nn.shape_of(op.weight)[1] == 1
    beside = nn.shape_of(op.result)[1] if is_alone and filters == 1 else filters
    alone = in_vectors(wide, idle=left_empty(op, beside, wide))
    if not isinstance(op, nn.ConvOp):
        return alone
    if constant_array(op.weight) is None:
        return alone.plus(Cost(transposed=2 * nbytes(op.weight)))
    return min(alone, summed_cost(op, lanes), key=lambda cost: cost.weight)


def summed_cost(op: nn.ConvOp, lanes: int) -> Cost:
    """
    The same where lanes are what is summed up: results share what is read then.

    Each load of smaller integers is widened to what they are added to.
    """
    wide, size = lanes_of(op, lanes), dtype_of(op.input.type).itemsize
    together = PUT_TOGETHER * wide * nbytes(op.result)
    empty = left_empty(op, nn.shape_of(op.weight)[1], wide) + together
    loaded = bytes_read(op) * max(SUM // size, 1) // shared_by(op)
    return in_vectors(wide, shifted=loaded, idle=empty)


def left_empty(op: WindowOp, count: int, lanes: int) -> int:
    """What lanes without one of so many elements would read."""
    padded = ceil(count / lanes) * lanes
    return bytes_worked(op) * (padded - count) // max(count, 1)


def lanes_of(op: WindowOp, lanes: int) -> int:
    """Elements that a window works on at once with so many `lanes` of float32."""
    if lanes == 1:
        return 1
    element = dtype_of(op.input.type)
    is_summed = isinstance(op, nn.ConvOp) or op.kind.data != "max"
    least = SUM if is_summed and element.kind in "iu" else 1
    return max(lanes * WORD // max(element.itemsize, least), 1)


def bytes_read(op: WindowOp) -> int:
    """All that a window reads of its operand, each time that it does."""
    elements = prod(nn.shape_of(op.input))
    channels = nn.shape_of(op.weight)[1] if isinstance(op, nn.ConvOp) else 1
    read = prod(nn.shape_of(op.result)) * prod(op.window.kernel) * channels
    return read * nbytes(op.input) // elements if elements else 0


def bytes_worked(op: WindowOp) -> int:
    """The same with what the results of a sum take in the end, as if it was read."""
    if not isinstance(op, nn.ConvOp):
        return bytes_read(op)
    element = dtype_of(op.input.type)
    each = QUANTIZED if element.kind in "iu" else STORED
    ends = each * prod(nn.shape_of(op.result)) * element.itemsize
    return bytes_read(op) + ends


def bytes_padded(op: WindowOp) -> int:
    """The bytes of an operand with its padding, where rows have one."""
    window, shape = op.window, nn.shape_of(op.input)
    if not (window.low[-1] or window.high[-1]):
        return 0
    padded = map(sum, zip(shape[2:], window.low, window.high, strict=True))
    return prod(shape[:2]) * prod(padded) * dtype_of(op.input.type).itemsize


def reads_all_once(op: WindowOp) -> bool:
    """Whether rows are read one element after the other, as written, and only once."""
    window = op.window
    alone = isinstance(op, nn.PoolOp) or nn.shape_of(op.weight)[1] == 1
    sizes = window.kernel[-1:] if alone else window.kernel
    ends = (window.strides, window.low, window.high)
    return set(sizes) == {1} and tuple(end[-1] for end in ends) == (1, 0, 0)


def packed_bytes(op: Operation) -> int:
    """The bytes of constant weights that are put into another order."""
    weighs = isinstance(op, nn.ConvOp) and constant_array(op.weight) is not None
    return nbytes(op.operands[1]) if weighs else 0
