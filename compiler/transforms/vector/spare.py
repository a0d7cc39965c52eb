"""
Elements that operands have behind the last one that is read.

What a loop carries has whole registers. Where each vector that a round reads could have
as many lanes, since memory goes on behind the last element, none of them has to be told
of its own number of lanes.
"""

from __future__ import annotations

from collections.abc import Collection

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from ...analysis.footprint import linear
from ...analysis.structured import body_reads, loop_ranges
from ...analysis.vectors import whole_lanes
from .blocks import Blocks
from .dataflow import Dataflow, is_register, parallel_dims
from .indices import Point
from .operands import operand_map
from .scopes import Scope
from .widening import chosen, is_vector, lanes_of


def spare_of(op: linalg.GenericOp, number: int, flow: Dataflow) -> int:
    """Elements of memory along the last axis behind the last one that is read."""
    value, map_ = op.operands[number], operand_map(op, number)
    if is_register(value) or value in flow.sources[op]:
        return 0
    type_ = value.type
    last = linear(map_.results[-1], map_.num_dims) if map_.results else None
    if last is None or not isa(type_, MemRefType):
        return 0
    steps = zip(last.factors, loop_ranges(op), strict=False)
    reached = last.constant + sum(max(by * (n - 1), 0) for by, n in steps)
    return max(type_.get_shape()[-1] - 1 - reached, 0)


def is_spared(op: linalg.GenericOp, flow: Dataflow, point: Point) -> bool:
    """
    Whether a loop that accumulates at `point` can do whole registers.

    What it starts with must be the same in all lanes, and what it reads along the lanes
    be memory that goes on.
    """
    pairs = zip(parallel_dims(op), point.indices, strict=True)
    lanes = {dim for dim, index in pairs if index.lane}
    if not is_carried(op) or not all(starts_alike(op, flow, v) for v in op.outputs):
        return False
    more = whole_lanes(point.lanes) - point.lanes
    along = [n for n in range(len(op.inputs)) if is_read_along(op, n, lanes)]
    return all(
        (step := step_along(op, n, lanes)) and spare_of(op, n, flow) >= step * more
        for n in along
    )


def step_along(op: linalg.GenericOp, number: int, loops: Collection[int]) -> int:
    """How far some loops go along the last axis in a round; 0 if along others too."""
    map_ = operand_map(op, number)
    sums = [linear(expr, map_.num_dims) for expr in map_.results]
    steps = [one and sum(abs(one.factors[dim]) for dim in loops) for one in sums]
    return 0 if any(step != 0 for step in steps[:-1]) else steps[-1] or 0


def is_carried(op: linalg.GenericOp) -> bool:
    """Whether a loop is left over a reduction that `op` does."""
    ranges, sizes, outer = loop_ranges(op), Blocks.of(op).sizes, parallel_dims(op)
    return any(n > sizes[dim] for dim, n in enumerate(ranges) if dim not in outer)


def starts_alike(op: linalg.GenericOp, flow: Dataflow, value: SSAValue) -> bool:
    """Whether all elements of an output are one number before `op`."""
    return isinstance(flow.sources[op].get(value), linalg.FillOp)


def is_read_along(op: linalg.GenericOp, number: int, loops: Collection[int]) -> bool:
    """Whether the body reads an operand of which some loops say what it is."""
    used = {dim for e in operand_map(op, number).results for dim in e.used_dims()}
    return body_reads(op, number) and bool(used.intersection(loops))


def filled(op: linalg.GenericOp, flow: Dataflow, point: Point) -> Point:
    """`point`, with as many lanes as registers have where that can be done."""
    lanes = whole_lanes(point.lanes)
    is_part = lanes > point.lanes and is_spared(op, flow, point)
    return Point(point.indices, lanes) if is_part else point


def narrowed(scope: Scope, value: SSAValue, lanes: int) -> SSAValue:
    """The first of the lanes of a vector, if it has more."""
    if not is_vector(value) or lanes_of(value) == lanes:
        return value
    return scope.append(chosen(value, value, range(lanes)))
