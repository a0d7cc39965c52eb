"""
How an operand of a kernel is read once two of its loops are one.

It goes along with both of them, as one row in memory, or with neither. A constant that
has elements for the inner loop alone is repeated, and of one that has elements for the
outer loop alone each is there for all rounds of the inner one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute
from xdsl.ir.affine import (
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)
from xdsl.utils.hints import isa

from ...analysis.footprint import linear
from ...analysis.structured import loop_ranges
from .dataflow import is_register, parallel_dims
from .operands import is_row, operand_map
from .repeated import modulus, repeated_operands


class Joint(NamedTuple):
    """Two loops that become one."""

    outer: int
    inner: int
    rounds: int
    """Of the inner one."""

    @property
    def loop(self) -> int:
        """The one that they become."""
        return self.outer - (self.outer > self.inner)

    def touches(self, expr: AffineExpr) -> set[int]:
        """Which of both an index knows."""
        return {self.outer, self.inner} & set(expr.used_dims())

    def dims(self, count: int) -> list[AffineExpr]:
        """The loops there are then, in the places of those that there were."""
        left = [dim for dim in range(count) if dim != self.inner]
        place = {dim: AffineDimExpr(n) for n, dim in enumerate(left)}
        return [place.get(dim, place[self.outer]) for dim in range(count)]


class Role(Enum):
    """What becomes of an operand."""

    APART = "apart"
    """It stays as it is."""
    JOINED = "joined"
    """Its last two axes become one."""
    REPEATED = "repeated"
    """Its last axis is repeated."""
    SPREAD = "spread"
    """Each element of its last axis is there for all rounds of the inner loop."""


class Way(NamedTuple):
    """How an operand is read once two loops are one."""

    role: Role
    map: AffineMap


def joint_of(op: linalg.GenericOp) -> Joint | None:
    """The loops of the last two axes that `op` writes, if they are loops."""
    results = operand_map(op, len(op.inputs)).results[-2:]
    dims = [expr.position for expr in results if isinstance(expr, AffineDimExpr)]
    ranges = loop_ranges(op)
    if len(dims) < 2 or not set(dims) <= set(parallel_dims(op)):
        return None
    outer, inner = dims
    is_used = any(
        isinstance(inside, linalg.IndexOp) and inside.dim.value.data in dims
        for inside in op.body.walk()
    )
    is_one = ranges[outer] == 1 < ranges[inner]
    return None if is_used or is_one else Joint(outer, inner, ranges[inner])


def way_of(op: linalg.GenericOp, number: int, joint: Joint) -> Way | None:
    """How an operand of `op` is read once two of its loops are one."""
    map_ = map_of(op, number)
    dims = joint.dims(map_.num_dims)
    plain = tuple(e.replace_dims_and_symbols(dims, []) for e in map_.results)
    used = [joint.touches(expr) for expr in map_.results]
    if is_thin(op, number, joint) and joint.outer not in used[-1]:
        return joined(op, number, joint, plain)
    if not any(used):
        return Way(Role.APART, AffineMap(len(dims) - 1, 0, plain))
    if has_rows(map_, joint):
        return joined(op, number, joint, plain)
    if used[-1] == {joint.inner} and not any(used[:-1]):
        return repeated(op, number, joint, plain)
    return spread(op, number, joint, plain) or thinned(map_, joint, plain)


def has_rows(map_: AffineMap, joint: Joint) -> bool:
    """Whether an operand's last two axes go with rows and columns, and no other."""
    used = [joint.touches(expr) for expr in map_.results]
    return used[-2:] == [{joint.outer}, {joint.inner}] and not any(used[:-2])


def map_of(op: linalg.GenericOp, number: int) -> AffineMap:
    """How an operand of `op` is read, sums without the loops of one round."""
    map_, ranges = operand_map(op, number), loop_ranges(op)
    dims = [
        AffineConstantExpr(0) if rounds == 1 else AffineDimExpr(dim)
        for dim, rounds in enumerate(ranges)
    ]
    results = (
        expr
        if isinstance(expr, AffineDimExpr)
        else expr.replace_dims_and_symbols(dims, [])
        for expr in map_.results
    )
    return AffineMap(map_.num_dims, 0, tuple(results))


def is_thin(op: linalg.GenericOp, number: int, joint: Joint) -> bool:
    """Whether the inner loop, and the last axis of an operand, are of one round."""
    type_ = op.operands[number].type
    if joint.rounds > 1 or not isa(type_, MemRefType):
        return False
    return type_.get_num_dims() > 1 and type_.get_shape()[-1] == 1


def thinned(map_: AffineMap, joint: Joint, plain: tuple[AffineExpr, ...]) -> Way | None:
    """An operand that knows nothing of an inner loop of one round."""
    used = any(joint.inner in expr.used_dims() for expr in map_.results)
    if joint.rounds > 1 or used:
        return None
    return Way(Role.APART, AffineMap(map_.num_dims - 1, 0, plain))


def joined(
    op: linalg.GenericOp, number: int, joint: Joint, plain: tuple[AffineExpr, ...]
) -> Way | None:
    """An operand whose last two axes are one row in memory."""
    type_, map_ = op.operands[number].type, map_of(op, number)
    sums = linear(map_.results[-2], map_.num_dims)
    if sums is None or not isa(type_, MemRefType):
        return None
    is_step = sums.factors[joint.outer] == 1 or joint.rounds == 1
    is_whole = map_.results[-1] == AffineDimExpr(joint.inner) or joint.rounds == 1
    is_whole &= type_.get_shape()[-1] == joint.rounds
    if not (is_step and is_whole):
        return None
    if not is_register(op.operands[number]) and not is_row(type_):
        return None
    dims = joint.dims(map_.num_dims)
    place: AffineExpr = AffineConstantExpr(sums.constant * joint.rounds)
    for dim, factor in enumerate(sums.factors):
        if factor:
            by = factor if dim == joint.outer else factor * joint.rounds
            place = place + dims[dim] * by
    return Way(Role.JOINED, AffineMap(len(dims) - 1, 0, (*plain[:-2], place)))


def repeated(
    op: linalg.GenericOp, number: int, joint: Joint, plain: tuple[AffineExpr, ...]
) -> Way | None:
    """An operand that only the inner loop says which element is read of."""
    map_ = map_of(op, number)
    last, period = map_.results[-1], joint.rounds
    known = modulus(last) if number in repeated_operands(op) else None
    if known is not None and joint.rounds % known[1] == 0:
        last, period = known
    if last != AffineDimExpr(joint.inner):
        return None
    index: AffineExpr = AffineConstantExpr(0)
    if period > 1:
        index = joint.dims(map_.num_dims)[joint.outer] % period
    role = Role.REPEATED if period > 1 else Role.APART
    return Way(role, AffineMap(map_.num_dims - 1, 0, (*plain[:-1], index)))


def spread(
    op: linalg.GenericOp, number: int, joint: Joint, plain: tuple[AffineExpr, ...]
) -> Way | None:
    """An operand that only the outer loop says which element is read of."""
    type_, map_ = op.operands[number].type, map_of(op, number)
    if joint.rounds == 1 or not isa(type_, MemRefType):
        return None
    count = len(filled_axes(type_))
    used = {dim for n in range(count - 1) for dim in map_.results[n].used_dims()}
    is_last = count > 0 and map_.results[count - 1] == AffineDimExpr(joint.outer)
    if not is_last or used & {joint.outer, joint.inner}:
        return None
    return Way(Role.SPREAD, AffineMap(map_.num_dims - 1, 0, plain[:count]))


def filled_axes(type_: MemRefType[Attribute]) -> Sequence[int]:
    """The axes of a buffer but for the last ones that have one element each."""
    shape = type_.get_shape()
    ends = (n for n, size in enumerate(shape, start=1) if size > 1)
    return shape[: max(ends, default=0)]


def shape_of(
    type_: MemRefType[Attribute], role: Role, rounds: int, more: int
) -> Sequence[int]:
    """
    The shape of a buffer then, for so many rounds of the inner loop.

    `more` is what a repeated axis gets at its end.
    """
    if role is Role.SPREAD:
        *before, last = filled_axes(type_)
        return (*before, last * rounds)
    *before, last = type_.get_shape()
    if role is Role.REPEATED:
        return (*before, last + more)
    return (*before[:-1], before[-1] * last) if role is Role.JOINED else (*before, last)
