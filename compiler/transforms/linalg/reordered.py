"""What makes a tensor, made to write it with its axes in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xdsl.dialects import linalg, tensor
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.structured import (
    indexing_maps,
    is_identity,
    is_parallel,
    output_map,
    reads_output,
)
from ...rewriting import locate


def rewritten(
    reader: Operation, value: SSAValue, map_: AffineMap
) -> linalg.ops.GenericOp | None:
    """
    What makes `value` as its one reader wants it: element `i` is that at `map_(i)`.

    None where somebody else needs it as it is. An operation without reductions gets its
    loops in the order of its result, and so do those that make what only it reads: what
    is kept in registers between them has one layout.
    """
    maker, inverse = value.owner, map_.inverse_permutation()
    if not isinstance(maker, linalg.ops.GenericOp) or len(maker.results) != 1:
        return None
    if value.get_user_of_unique_use() is not reader or inverse is None:
        return None
    filled = isinstance(maker.outputs[0].owner, linalg.ops.FillOp)
    if reads_output(maker, 0) and not filled:
        return None
    old = cast(TensorType[Attribute], value.type)
    shape = [old.get_shape()[axis] for axis in axes_of(inverse)]
    type_ = TensorType(old.element_type, shape)
    destination = fresh_destination(maker.outputs[0], type_, maker)
    if destination is None:
        return None
    if not can_reorder(maker):
        maps = [*indexing_maps(maker)[:-1], inverse.compose(output_map(maker, 0))]
        return with_destination(maker, maker.inputs, destination, maps)
    same = output_map(maker, 0)
    inputs, maps = list(maker.inputs), [*indexing_maps(maker)[:-1]]
    for index, (read, own) in enumerate(zip(maker.inputs, maps, strict=True)):
        made = rewritten(maker, read, map_) if own == same else None
        maps[index] = own.compose(map_) if made is None else same
        inputs[index] = read if made is None else made.results[0]
    maps.append(same)
    return with_destination(maker, inputs, destination, maps)


def fresh_destination(
    value: SSAValue, type_: TensorType[Attribute], before: Operation
) -> SSAValue | None:
    """A destination of another type that begins as `value` does; None if it cannot."""
    owner = value.owner
    new: Operation
    if isinstance(owner, tensor.EmptyOp):
        new = tensor.EmptyOp([], type_)
    elif isinstance(owner, linalg.ops.FillOp):
        start = fresh_destination(owner.outputs[0], type_, before)
        if start is None:
            return None
        new = linalg.ops.FillOp(owner.inputs, [start])
    else:
        return None
    Rewriter().insert_op(locate(new, before.location), InsertPoint.before(before))
    return new.results[0]


def with_destination(
    op: linalg.ops.GenericOp,
    inputs: Sequence[SSAValue],
    destination: SSAValue,
    maps: Sequence[AffineMap],
) -> linalg.ops.GenericOp:
    """A copy of `op`, in front of it, that reads and writes by other maps."""
    new = linalg.ops.GenericOp(
        inputs,
        [destination],
        op.body.clone(),
        with_maps(op, maps),
        op.iterator_types,
        [destination.type],
    )
    new.attributes = dict(op.attributes)
    new.location = op.location
    Rewriter().insert_op(new, InsertPoint.before(op))
    return new


def with_maps(
    op: linalg.ops.GenericOp, maps: Sequence[AffineMap]
) -> ArrayAttr[AffineMapAttr]:
    """The attribute for the maps of `op`."""
    assert len(maps) == len(op.operands), "one map per operand"
    return ArrayAttr([AffineMapAttr(map_) for map_ in maps])


def can_reorder(op: linalg.ops.GenericOp) -> bool:
    """Whether the loops of `op`, one per axis of its result, can change their order."""
    indexed = any(isinstance(inner, linalg.ops.IndexOp) for inner in op.body.walk())
    return is_parallel(op) and is_identity(output_map(op, 0)) and not indexed


def axes_of(map_: AffineMap) -> list[int]:
    """For each axis of the source, the axis of the result."""
    return [cast(AffineDimExpr, expr).position for expr in map_.results]


def erase_unused(value: SSAValue) -> None:
    """Erases what made `value`, and what only that has used, once nobody uses it."""
    owner = value.owner
    if value.uses or not isinstance(
        owner, linalg.ops.GenericOp | linalg.ops.FillOp | tensor.EmptyOp
    ):
        return
    operands = tuple(owner.operands)
    Rewriter.erase_op(owner)
    for operand in operands:
        erase_unused(operand)
