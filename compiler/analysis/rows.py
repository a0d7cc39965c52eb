"""
What a transfer between memory levels moves, as rows of contiguous bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute, SSAValue

from ..dialects.deploy import DmaStartOp
from .memory import bytes_of, element_bytes


@dataclass(frozen=True)
class Axis:
    """One dimension of a transfer: how many steps, and how far apart on each side."""

    count: int
    source: int
    """Bytes."""
    destination: int

    def continues(self, inner: Axis) -> bool:
        """Whether this axis goes on where `inner` ends, on both sides."""
        ends = inner.count * inner.source, inner.count * inner.destination
        return (self.source, self.destination) == ends


@dataclass(frozen=True)
class Rows:
    """A transfer of rows of contiguous bytes."""

    rows: int
    row_bytes: int
    source_stride: int
    """Bytes from the start of a row to that of the next one."""
    destination_stride: int

    @property
    def is_contiguous(self) -> bool:
        """Whether it is one row: a transfer with one dimension."""
        return self.rows == 1


def axes_of(start: DmaStartOp) -> list[Axis] | None:
    """
    The dimensions of a transfer, outermost first, as few as there can be.

    The last one is contiguous on both sides. None where a stride is not known.
    """
    source, destination = (_strides(v) for v in (start.source, start.destination))
    if source is None or destination is None:
        return None
    type = cast("MemRefType[Attribute]", start.source.type)
    size = element_bytes(type.element_type)
    axes = [Axis(size, 1, 1)]
    dimensions = zip(type.get_shape(), source, destination, strict=True)
    for count, there, here in reversed(list(dimensions)):
        if count == 1:
            continue
        axis = Axis(count, there * size, here * size)
        if axis.continues(axes[-1]):
            inner = axes.pop()
            axis = Axis(count * inner.count, inner.source, inner.destination)
        axes.append(axis)
    return axes[::-1]


def rows_of(start: DmaStartOp) -> Rows | None:
    """The transfer as rows; None where it has more dimensions or unknown strides."""
    axes = axes_of(start)
    if axes is None or len(axes) > 2:
        return None
    *outer, row = axes
    if not outer:
        return Rows(1, row.count, row.count, row.count)
    return Rows(outer[0].count, row.count, outer[0].source, outer[0].destination)


def bytes_moved(start: DmaStartOp) -> int:
    """The bytes that one execution of a transfer moves."""
    return bytes_of(start.source.type)


def _strides(value: SSAValue) -> Sequence[int] | None:
    """The distance in elements between neighbours, for each dimension."""
    strides = cast("MemRefType[Attribute]", value.type).get_strides()
    if strides is None or any(stride is None for stride in strides):
        return None
    return cast("Sequence[int]", strides)
