"""
Copies between strided memrefs: which dimensions can be one, and what is left then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute

ROWS = 2
"""Dimensions of what one transfer can move at most."""

Group: TypeAlias = tuple[int, ...]
"""Neighbouring dimensions that are one."""


@dataclass(frozen=True)
class Dimension:
    """One dimension of a copy."""

    size: int
    strides: tuple[int, ...]
    """In elements, of each of the memrefs."""

    def encloses(self, inner: Dimension) -> bool:
        """Whether one step here is one round of `inner`, in every memref."""
        steps = zip(self.strides, inner.strides, strict=True)
        return all(outer == inner.size * step for outer, step in steps)


def dimensions_of(*types: MemRefType[Attribute]) -> tuple[Dimension, ...]:
    """The dimensions of a copy between memrefs of one shape, with known strides."""
    strides = [type.get_strides() for type in types]
    return tuple(
        Dimension(size, tuple(_known(own, axis) for own in strides))
        for axis, size in enumerate(types[0].get_shape())
    )


def _known(strides: Sequence[int | None] | None, axis: int) -> int:
    stride = None if strides is None else strides[axis]
    assert stride is not None, "the strides of a driver's memrefs are known"
    return stride


def groups_of(dimensions: Sequence[Dimension]) -> tuple[Group, ...]:
    """The neighbouring dimensions that can be one in every memref, outer ones first."""
    groups: list[Group] = []
    outer: Dimension | None = None
    for axis, dimension in enumerate(dimensions):
        unit = dimension.size == 1
        joins = unit or outer is None or outer.encloses(dimension)
        if groups and joins:
            groups[-1] = (*groups[-1], axis)
        else:
            groups.append((axis,))
        outer = outer if unit else dimension
    return tuple(groups)


def merged(dimensions: Sequence[Dimension], group: Group) -> Dimension:
    """The dimension that the ones in `group` make."""
    size, strides = 1, tuple(1 for _ in dimensions[group[0]].strides)
    for axis in reversed(group):
        if size == 1 and dimensions[axis].size != 1:
            strides = dimensions[axis].strides
        size *= dimensions[axis].size
    return Dimension(size, strides)


def ends_contiguous(dimensions: Sequence[Dimension]) -> bool:
    """Whether there is a last dimension whose elements lie next to each other."""
    last = dimensions[-1:]
    return any(d.size == 1 or set(d.strides) == {1} for d in last)


def is_one_transfer(dimensions: Sequence[Dimension]) -> bool:
    """Whether this is one piece in every memref, or rows that are one piece each."""
    fewest = tuple(merged(dimensions, group) for group in groups_of(dimensions))
    rank = len(fewest) if ends_contiguous(fewest) else len(fewest) + 1
    return ends_contiguous(dimensions) and len(dimensions) == rank <= ROWS


def kept_dimensions(dimensions: Sequence[Dimension]) -> tuple[int, ...]:
    """The dimensions of one transfer: the longest ones as rows, and their elements."""
    axes = range(len(dimensions))
    if len(axes) <= ROWS:
        return tuple(axes)
    rows = max(axes[:-1], key=lambda axis: (dimensions[axis].size, axis))
    return rows, axes[-1]
