"""Makes two loops of all operations of a kernel one, as it is planned."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    DenseArrayBase,
    IntegerAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from ...rewriting import locate
from .constants import reshaped
from .joints import Form, Plan
from .operands import subview
from .repeated import REPEATED_ATTRIBUTE, repeated_operands
from .ways import Joint, Role, shape_of

Places: TypeAlias = dict[int, NDArray[np.intp]]
"""
Argument -> for each element that it is to have, which one of the constant it is.

Those that have the elements of the constant as they are, whatever their axes, are none.
"""


def join(block: Block, plan: Plan, more: int, places: Places) -> Places:
    """
    Makes two loops of each operation of a kernel one; what constants are then.

    A repeated axis gets so many `more` elements, unless it has been repeated before.
    """
    known = {op.operands[n] for op in plan.joints for n in repeated_operands(op)}
    places = dict(places)
    for op, joint in plan.joints.items():
        join_loops(op, joint, plan)
    for value, form in plan.forms.items():
        assert isa(value.type, MemRefType), "only buffers have a form"
        before = value.type.get_shape()
        shape = shape_of(value.type, *form, 0 if value in known else more)
        if isinstance(value, BlockArgument) and is_remade(value, form.role, places):
            was = places.get(value.index, np.arange(prod(before)).reshape(before))
            places[value.index] = placed(was, form, shape)
        changed = Rewriter.replace_value_with_new_type(
            value, with_row(value.type, shape)
        )
        if form.role is Role.JOINED:
            for view in [use.operation for use in changed.uses]:
                join_part(view)
    return places


def is_remade(value: BlockArgument, role: Role, places: Places) -> bool:
    """Whether an argument needs a constant with other elements than there are."""
    return role in (Role.REPEATED, Role.SPREAD) or value.index in places


def placed(was: NDArray[np.intp], form: Form, shape: Sequence[int]) -> NDArray[np.intp]:
    """Where the elements of a constant come from that has another form."""
    if form.role is Role.SPREAD:
        was = np.repeat(was.reshape(-1), form.rounds)
    if form.role is Role.REPEATED:
        was = was[..., np.arange(shape[-1]) % was.shape[-1]]
    return was.reshape(shape)


def join_loops(op: linalg.GenericOp, joint: Joint, plan: Plan) -> None:
    """Gives one operation the loops and maps that are planned."""
    ways = [plan.ways[op, number] for number in range(len(op.operands))]
    maps = [AffineMapAttr(way.map) for way in ways]
    op.properties["indexing_maps"] = ArrayAttr(maps)
    kinds = enumerate(op.iterator_types)
    kept = [kind for dim, kind in kinds if dim != joint.inner]
    op.properties["iterator_types"] = ArrayAttr(kept)
    repeated = [n for n, way in enumerate(ways) if way.role is Role.REPEATED]
    if repeated:
        numbers = DenseArrayBase.from_list(i64, repeated)
        op.attributes[REPEATED_ATTRIBUTE] = numbers
    for inner in op.body.walk():
        if isinstance(inner, linalg.IndexOp):
            dim = inner.dim.value.data
            place = dim - (dim > joint.inner)
            inner.properties["dim"] = IntegerAttr(place, i64)


def join_part(view: Operation) -> None:
    """Makes the last two axes of a part of registers one."""
    if not isinstance(view, memref.SubviewOp):
        return
    *before, row, start = view.static_offsets.get_values()
    *sizes, rows, count = view.static_sizes.get_values()
    part = subview(view.source, [*before, row * count + start], [*sizes, rows * count])
    Rewriter.replace_op(view, locate(part, view.location))


def with_row(
    type_: MemRefType[Attribute], shape: Sequence[int]
) -> MemRefType[Attribute]:
    """The type of a buffer whose last axes have become one, or longer."""
    if isinstance(type_.layout, NoneAttr):
        return reshaped(type_, shape)
    strides, offset = type_.get_strides(), type_.get_offset()
    assert strides is not None, "layouts are strided"
    steps = [*strides[: len(shape) - 1], 1]
    layout = StridedLayoutAttr(steps, offset)
    return MemRefType(type_.element_type, shape, layout, type_.memory_space)


def under_shape(
    value: SSAValue, type_: MemRefType[Attribute]
) -> memref.ReinterpretCastOp:
    """The operation that makes a buffer one of other axes."""
    offset, shape = type_.get_offset(), type_.get_shape()
    strides = [step for step in type_.get_strides() or () if step is not None]
    assert offset is not None, "it is known where a buffer begins"
    assert len(strides) == len(shape), "it is known how far apart its rows are"
    return memref.ReinterpretCastOp.from_dynamic(value, [offset], shape, strides, type_)
