"""
Which copies go by squares that are transposed in registers, and what that takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import TypeAlias

from xdsl.dialects.builtin import MemRefType, NoneAttr
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.utils.hints import isa

from ...analysis.structured import loop_ranges
from ...machine import Machine
from .dataflow import is_register, parallel_dims
from .operands import operand_map
from .products import bits

Positions: TypeAlias = tuple[int, ...]
"""The loop that each axis of a buffer is walked by."""

SIZES = (16, 8, 4)
"""Rows of a square: as many as there are registers for."""


ELEMENT = 2
"""Instructions that move one element: a load and a store."""


@dataclass(frozen=True)
class Square:
    """How a copy goes by squares."""

    source: Positions
    target: Positions
    extents: tuple[int, ...]
    """Rounds of each loop."""
    size: int
    is_exchanged: bool
    """Whether lanes are exchanged, not interleaved."""

    @property
    def rows(self) -> int:
        """The loop whose rounds are the rows that are loaded."""
        return self.target[-1]

    @property
    def columns(self) -> int:
        """The loop whose rounds are the rows that are stored."""
        return self.source[-1]

    def other(self, side: int) -> int:
        """The other one of the two."""
        return self.columns if side == self.rows else self.rows

    @property
    def halvings(self) -> int:
        """How often the lanes can be halved."""
        return self.size.bit_length() - 1

    @property
    def one(self) -> float:
        """
        What one square takes.

        Vectors of RISC-V need an address each, and a stage of exchanges a slide and
        half a copy for each row, and its two masks.
        """
        moved = 2 * self.size
        if not self.is_exchanged:
            return moved + self.halvings * self.size
        return 2 * moved + self.halvings * (1.5 * self.size + 2)

    @property
    def is_worth_it(self) -> bool:
        """Whether that is less than to load and store each element."""
        return self.one < ELEMENT * self.size**2

    def alone(self, side: int) -> int:
        """
        Rounds at the end of a side whose elements are moved one by one.

        So they are where that takes less than one more row of squares.
        """
        rest = self.extents[side] % self.size
        return rest if ELEMENT * rest * self.size < self.one else 0

    @property
    def instructions(self) -> float:
        """What all squares take, and what is moved beside them."""
        rows, columns = (self.extents[side] for side in (self.rows, self.columns))
        left, below = self.alone(self.columns), self.alone(self.rows)
        whole = ceil((columns - left) / self.size) * ceil((rows - below) / self.size)
        beside = below * columns + left * (rows - below)
        around = prod(self.extents) // (rows * columns)
        return around * (whole * self.one + ELEMENT * beside)


def square_of(op: linalg.GenericOp, machine: Machine) -> Square | None:
    """The squares of a copy from memory to memory; none where it goes without."""
    operands = (*op.inputs, *op.outputs)
    if len(operands) != 2 or not all(is_plain(value) for value in operands):
        return None
    ranges = loop_ranges(op)
    source, target = (positions(operand_map(op, n)) for n in range(2))
    if not source or not target or sorted(source) != list(range(len(ranges))):
        return None
    yielded = op.body.block.last_op
    is_copy = yielded is not None and yielded.operands[0] is op.body.block.args[0]
    if not is_copy or len(parallel_dims(op)) != len(ranges) or source[-1] == target[-1]:
        return None
    element = op.outputs[0].type
    assert isa(element, MemRefType), "it is plain"
    most = machine.vlen // bits(element.element_type)
    walk = joined(source, target, ranges)
    squares = [Square(*walk, size, not machine.is_native) for size in SIZES]
    able = [
        square
        for square in squares
        if square.is_worth_it
        and square.size <= most
        and square.size <= min(walk[2][square.rows], walk[2][square.columns])
    ]
    return min(able, key=lambda square: square.instructions, default=None)


def joined(
    source: Positions, target: Positions, ranges: Sequence[int]
) -> tuple[Positions, Positions, tuple[int, ...]]:
    """The same with loops that follow each other on both sides as one."""
    runs: list[list[int]] = []
    for loop in target:
        at = source.index(loop)
        if runs and at and source[at - 1] == runs[-1][-1]:
            runs[-1].append(loop)
        else:
            runs.append([loop])
    first = {run[0]: number for number, run in enumerate(runs)}
    walked = tuple(first[loop] for loop in source if loop in first)
    extents = tuple(prod(ranges[loop] for loop in run) for run in runs)
    return walked, tuple(range(len(runs))), extents


def is_plain(value: SSAValue) -> bool:
    """Whether a value is a buffer in memory without gaps, of whole bytes."""
    type = value.type
    return (
        isa(type, MemRefType)
        and isinstance(type.layout, NoneAttr)
        and not is_register(value)
        and bits(type.element_type) >= 8
    )


def positions(map: AffineMap) -> Positions:
    """The loop of each axis; none where an axis is walked in another way."""
    found = [e.position for e in map.results if isinstance(e, AffineDimExpr)]
    is_permutation = len(found) == len(map.results) == len(set(found))
    return tuple(found) if is_permutation else ()
