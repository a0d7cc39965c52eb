"""
Parts of a buffer: the way from a whole buffer to what one tensor occupies of it.

A path is a sequence of slices and reshapes. Two paths from the same buffer are compared
step by step; what cannot be told apart overlaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase, IntegerType
from xdsl.ir import SSAValue

from .structured import shape_of

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Slice:
    """Some elements of a tensor of shape `whole`."""

    whole: Shape
    offsets: tuple[int | SSAValue, ...]
    sizes: Shape
    strides: Shape

    @property
    def shape(self) -> Shape:
        """The shape after this step."""
        return self.sizes


@dataclass(frozen=True)
class Reshape:
    """All elements in row-major order, under another shape."""

    shape: Shape


Step: TypeAlias = Slice | Reshape
Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True)
class Strided:
    """Where the elements of a part stand: strides in elements from its first one."""

    shape: Shape
    strides: Shape

    @property
    def contiguous(self) -> bool:
        """Whether the elements stand next to each other in row-major order."""
        want = row_major(self.shape).strides
        axes = zip(self.shape, self.strides, want, strict=True)
        return all(size == 1 or got == wanted for size, got, wanted in axes)


def row_major(shape: Shape) -> Strided:
    """A whole buffer of this shape."""
    strides = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    return Strided(shape, strides)


def steps_of(
    op: tensor.ExtractSliceOp
    | tensor.InsertSliceOp
    | tensor.CollapseShapeOp
    | tensor.ExpandShapeOp,
) -> Path:
    """The way from the larger tensor to its part, or from a tensor to its reshape."""
    if isinstance(op, tensor.CollapseShapeOp | tensor.ExpandShapeOp):
        return (Reshape(shape_of(op.result)),)
    inserts = isinstance(op, tensor.InsertSliceOp)
    whole, part = (op.dest, op.source) if inserts else (op.source, op.result)
    step = Slice(
        shape_of(whole),
        mixed(op.static_offsets, op.offsets),
        tuple(op.static_sizes.get_values()),
        tuple(op.static_strides.get_values()),
    )
    shape = shape_of(part)
    return (step,) if shape == step.sizes else (step, Reshape(shape))


def mixed(
    static: DenseArrayBase[IntegerType], dynamic: Iterable[SSAValue]
) -> tuple[int | SSAValue, ...]:
    """Static numbers with the dynamic values in their places."""
    values = iter(dynamic)
    return tuple(
        next(values) if number == DYNAMIC_INDEX else int(number)
        for number in static.get_values()
    )


def normalized(whole: Shape, path: Sequence[Step]) -> Path:
    """`path` without reshapes that do nothing."""
    shape = whole
    steps: list[Step] = []
    for step in path:
        if isinstance(step, Reshape) and steps and isinstance(steps[-1], Reshape):
            steps.pop()
            shape = steps[-1].shape if steps else whole
        if isinstance(step, Slice) or step.shape != shape:
            steps.append(step)
            shape = step.shape
    return tuple(steps)


def layout(whole: Shape, path: Path) -> Strided | None:
    """Where the elements at `path` stand; None when no strides can say it."""
    part = row_major(whole)
    for step in path:
        if isinstance(step, Slice):
            steps = zip(part.strides, step.strides, strict=True)
            part = Strided(step.sizes, tuple(a * b for a, b in steps))
        elif not part.contiguous:
            return None
        else:
            part = row_major(step.shape)
    return part


def covers_all(path: Path) -> bool:
    """Whether the whole buffer is at `path`."""
    return all(isinstance(step, Reshape) for step in path)


def overlap(first: Path, second: Path) -> bool:
    """Whether parts of the same buffer may share an element."""
    for one, other in zip(first, second, strict=False):
        if one == other:
            continue
        if isinstance(one, Slice) and isinstance(other, Slice):
            return not _disjoint(one, other)
        return True
    return True


def is_within(inner: Path, outer: Path) -> bool:
    """Whether the part at `inner` surely lies in the part at `outer`."""
    return inner[: len(outer)] == outer


def _extent(part: Slice, axis: int) -> tuple[int, int] | None:
    """First and last index that a slice touches on an axis, when they are static."""
    first = part.offsets[axis]
    if isinstance(first, SSAValue):
        return None
    return first, first + (part.sizes[axis] - 1) * part.strides[axis]


def _disjoint(one: Slice, other: Slice) -> bool:
    """Whether two slices of tensors of the same shape share nothing, as boxes."""
    if one.whole != other.whole:
        return False
    for axis in range(len(one.whole)):
        mine, yours = _extent(one, axis), _extent(other, axis)
        if mine and yours and (mine[1] < yours[0] or yours[1] < mine[0]):
            return True
    return False
