"""Views of arrays through affine maps: how a structured operation sees its operands."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)
from xdsl.utils.exceptions import InterpretationError

from .builtin import Array

LINEAR_KINDS = (AffineBinaryOpKind.Add, AffineBinaryOpKind.Mul)


class Linear(NamedTuple):
    """`constant + sum(coefficients[d] * loop[d])`."""

    constant: int
    coefficients: tuple[int, ...]

    def limits(self, ranges: Sequence[int]) -> tuple[int, int]:
        """The smallest and the largest value over loops of the lengths `ranges`."""
        ends = [c * (n - 1) for c, n in zip(self.coefficients, ranges, strict=True)]
        low = self.constant + sum(min(end, 0) for end in ends)
        return low, self.constant + sum(max(end, 0) for end in ends)


def linear(expr: AffineExpr, num_dims: int) -> Linear | None:
    """`expr` as a linear function of the loops; None when it divides."""
    if any(
        isinstance(part, AffineBinaryOpExpr) and part.kind not in LINEAR_KINDS
        for part in expr.dfs()
    ):
        return None
    zeros = [0] * num_dims
    constant = expr.eval(zeros, [])
    units = ([int(i == d) for i in range(num_dims)] for d in range(num_dims))
    return Linear(constant, tuple(expr.eval(unit, []) - constant for unit in units))


def evaluate(expr: AffineExpr, loops: Sequence[Array]) -> Array:
    """`expr` on arrays of loop indices, which broadcast against each other."""
    if isinstance(expr, AffineDimExpr):
        return loops[expr.position]
    if isinstance(expr, AffineConstantExpr):
        return np.array(expr.value)
    assert isinstance(expr, AffineBinaryOpExpr), "indexing maps have no symbols"
    lhs, rhs = evaluate(expr.lhs, loops), evaluate(expr.rhs, loops)
    match expr.kind:
        case AffineBinaryOpKind.Add:
            return lhs + rhs
        case AffineBinaryOpKind.Mul:
            return lhs * rhs
        case AffineBinaryOpKind.Mod:
            return np.remainder(lhs, rhs)
        case AffineBinaryOpKind.FloorDiv:
            return lhs // rhs
        case AffineBinaryOpKind.CeilDiv:
            return -(-lhs // rhs)


@dataclass(frozen=True)
class LoopView:
    """
    An operand with one dimension per loop.

    A loop that the map does not use has extent 1, so that numpy broadcasts it and work
    that does not depend on it is done once.
    """

    array: Array

    def at(self, point: tuple[int | slice, ...]) -> Array:
        """
        A view of the elements at `point`: a number per fixed loop, else `slice(None)`.
        """
        places = zip(point, self.array.shape, strict=True)
        index = (p if isinstance(p, slice) else min(p, n - 1) for p, n in places)
        return self.array[(*index, ...)]


class Reach(NamedTuple):
    """What a linear map is over loops of known lengths."""

    lines: tuple[Linear, ...]
    """One per dimension of the array."""
    limits: tuple[tuple[int, int], ...]
    """The smallest and the largest index of each dimension."""
    shape: tuple[int, ...]
    """The length of each loop, 1 where the map does not use it."""


@functools.lru_cache(maxsize=4096)
def reach(map_: AffineMap, ranges: tuple[int, ...]) -> Reach | None:
    """
    What `map_` is over loops of the lengths `ranges`; None when it divides.

    Kept, because a tile is seen in the same way as often as the loops around it go.
    """
    parts = [linear(expr, len(ranges)) for expr in map_.results]
    lines = tuple(part for part in parts if part is not None)
    if len(lines) != len(parts):
        return None
    limits = tuple(line.limits(ranges) for line in lines)
    shape = tuple(
        n if any(line.coefficients[d] for line in lines) else 1
        for d, n in enumerate(ranges)
    )
    return Reach(lines, limits, shape)


def loop_view(array: Array, map_: AffineMap, ranges: Sequence[int]) -> LoopView:
    """
    `array` seen through `map_` by loops of the lengths `ranges`.

    A view when the map is linear, else a copy. Raises InterpretationError when the
    loops leave the array.
    """
    found = reach(map_, tuple(ranges))
    if found is None:
        return _gathered(array, map_, ranges)
    for axis, (low, high) in enumerate(found.limits):
        _check(axis, low, high, array.shape[axis])
    strides = [
        sum(
            line.coefficients[d] * stride
            for line, stride in zip(found.lines, array.strides, strict=True)
        )
        for d in range(len(ranges))
    ]
    start = array[(*(slice(line.constant, None) for line in found.lines), ...)]
    return LoopView(as_strided(start, found.shape, strides))


def _gathered(array: Array, map_: AffineMap, ranges: Sequence[int]) -> LoopView:
    loops = np.ogrid[tuple(slice(0, n) for n in ranges)]
    indices = [evaluate(expr, loops) for expr in map_.results]
    for axis, index in enumerate(indices):
        _check(axis, int(index.min()), int(index.max()), array.shape[axis])
    full = np.broadcast_to(array[tuple(indices)], ranges)
    full.flags.writeable = False
    return LoopView(full)


def _check(axis: int, low: int, high: int, size: int) -> None:
    if low < 0 or high >= size:
        raise InterpretationError(
            f"loops must stay inside dimension {axis} of size {size}, "
            f"got indices {low} to {high}"
        )
