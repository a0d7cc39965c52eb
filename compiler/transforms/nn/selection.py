"""
Operations whose every result element is one of their operands' elements.

An affine map of all elements may then stand before or after them. Extremes select too,
as long as the map is increasing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import prod

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, Region, SSAValue

from ...dialects import nn
from ...dialects.nn.scalars import number
from ...dialects.nn.shapes import activation_layout
from .parameters import Parameters


def sources(op: Operation) -> Sequence[SSAValue]:
    """The operands whose elements the result's are: all but places to read at."""
    return (op.source,) if isinstance(op, nn.TakeOp) else op.operands


@singledispatch
def moved(op: Operation, parameters: Parameters) -> Parameters | None:
    """The map of `op`'s result when this is its operands'; None when there is none."""
    return None


@moved.register
def _(op: nn.ReshapeOp, parameters: Parameters) -> Parameters | None:
    if parameters.axis is None:
        return parameters
    axis = reshaped_axis(nn.shape_of(op.input), nn.shape_of(op.result), parameters.axis)
    return None if axis is None else parameters.along(axis)


def reshaped_axis(before: Sequence[int], after: Sequence[int], axis: int) -> int | None:
    """Where dimension `axis` is after a reshape; None when it does not stay whole."""
    outer, size = prod(before[:axis]), before[axis]
    for place, length in enumerate(after):
        if length == size and prod(after[:place]) == outer:
            return place
    return None


@moved.register
def _(op: nn.TransposeOp, parameters: Parameters) -> Parameters | None:
    if parameters.axis is None:
        return parameters
    return parameters.along(op.permutation.get_values().index(parameters.axis))


@moved.register
def _(op: nn.SliceOp, parameters: Parameters) -> Parameters | None:
    if (axis := parameters.axis) is None:
        return parameters
    start, step = op.starts.get_values()[axis], op.steps.get_values()[axis]
    count = nn.shape_of(op.result)[axis]
    return parameters.taking([start + index * step for index in range(count)])


@moved.register
def _(op: nn.GatherOp, parameters: Parameters) -> Parameters | None:
    if parameters.axis != op.axis.value.data:
        return parameters
    return parameters.taking(op.indices.get_values())


@moved.register
def _(op: nn.TakeOp, parameters: Parameters) -> Parameters | None:
    if parameters.axis is None:
        return parameters
    if parameters.axis not in op.kept_axes:
        return None
    return parameters.along(op.along.get_values()[op.kept_axes.index(parameters.axis)])


@moved.register
def _(op: nn.PadOp, parameters: Parameters) -> Parameters | None:
    return parameters if parameters.represents(op.value.value.data) else None


@moved.register
def _(op: nn.ConcatOp, parameters: Parameters) -> Parameters | None:
    return None if parameters.axis == op.axis.value.data else parameters


@moved.register
def _(op: nn.PoolOp, parameters: Parameters) -> Parameters | None:
    rank = len(nn.shape_of(op.input))
    channel = activation_layout(rank, op.is_channels_last).channel
    selects = op.kind.data == "max" and op.epilogue is None
    fits = parameters.increasing and parameters.axis in (None, channel)
    return parameters if selects and fits else None


@moved.register
def _(op: nn.ReduceOp, parameters: Parameters) -> Parameters | None:
    selects = op.kind.data != "sum" and op.epilogue is None
    kept = parameters.axis not in op.axes.get_values()
    return parameters if selects and kept and parameters.increasing else None


def lifts(op: Operation, parameters: Parameters) -> bool:
    """Whether quantising the operands of `op` gives its quantised result."""
    return isinstance(op, nn.PadOp) or moved(op, parameters) is not None


def selecting(
    op: Operation, integers: Sequence[SSAValue], parameters: Parameters
) -> Operation:
    """`op` on the integers that mean its sources; a pad by the nearest integer."""
    element_type = parameters.integers
    properties = dict(op.properties)
    if isinstance(op, nn.PadOp):
        integer = parameters.nearest(op.value.value.data)
        properties["value"] = number(integer, element_type)
    found = dict(zip(sources(op), integers, strict=True))
    return type(op).create(
        operands=[found.get(value, value) for value in op.operands],
        result_types=[TensorType(element_type, nn.shape_of(op.results[0]))],
        properties=properties,
        attributes=dict(op.attributes),
        regions=[Region() for _ in op.regions],
    )
