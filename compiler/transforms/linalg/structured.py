"""
Building blocks for lowering to `linalg`: structured operations from index expressions.

A loop nest is described by how each operand is indexed, as affine expressions over the
loops; everything else (iterator types, body arguments, destinations) follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

from xdsl.builder import Builder
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import (
    AffineMapAttr,
    AnyFloat,
    ArrayAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    TensorType,
    i64,
)
from xdsl.dialects.linalg.attrs import IteratorType, IteratorTypeAttr
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...dialects.nn import shape_of, tensor_type

Index: TypeAlias = Sequence[AffineExpr]
"""How one operand is indexed: an expression over the loops for each dimension."""

Body: TypeAlias = Callable[[Builder, Sequence[SSAValue]], SSAValue]
"""Builds the scalar body from its arguments, inputs first; returns what it yields."""


def dims(count: int, first: int = 0) -> list[AffineExpr]:
    """The loop dimensions `first`, `first + 1`, …"""
    return [AffineExpr.dimension(first + position) for position in range(count)]


def constant(builder: Builder, value: float, type: Attribute) -> SSAValue:
    """A scalar constant of a signless integer or float type."""
    attribute: IntegerAttr | FloatAttr
    if isinstance(type, AnyFloat):
        attribute = FloatAttr(float(value), type)
    else:
        assert isa(type, IntegerType)
        attribute = IntegerAttr(int(value), type)
    return builder.insert(arith.ConstantOp(attribute)).result


def empty(builder: Builder, shape: Sequence[int], type: Attribute) -> SSAValue:
    """An uninitialised tensor."""
    return builder.insert(tensor.EmptyOp((), TensorType(type, shape))).tensor


def filled(
    builder: Builder, shape: Sequence[int], value: float, type: Attribute
) -> SSAValue:
    """A tensor full of `value`."""
    scalar = constant(builder, value, type)
    target = empty(builder, shape, type)
    return builder.insert(linalg.ops.FillOp((scalar,), (target,))).results[0]


def iterators(loops: int, result: Sequence[AffineExpr]) -> ArrayAttr[IteratorTypeAttr]:
    """Loops that index the result are parallel, the others reduce."""
    kept = {expr.position for expr in result if isinstance(expr, AffineDimExpr)}
    kinds = [
        IteratorType.PARALLEL if loop in kept else IteratorType.REDUCTION
        for loop in range(loops)
    ]
    return ArrayAttr([IteratorTypeAttr(kind) for kind in kinds])


def generic(
    builder: Builder,
    loops: int,
    inputs: Sequence[tuple[SSAValue, Index]],
    output: tuple[SSAValue, Index],
    body: Body,
) -> SSAValue:
    """A `linalg.generic` with one destination; returns its result."""
    operands = [*inputs, output]
    maps = [AffineMapAttr(AffineMap(loops, 0, tuple(index))) for _, index in operands]
    block = Block(arg_types=[tensor_type(value).element_type for value, _ in operands])
    inner = Builder(InsertPoint.at_end(block))
    inner.insert(linalg.ops.YieldOp(body(inner, block.args)))
    op = linalg.ops.GenericOp(
        [value for value, _ in inputs],
        [output[0]],
        Region(block),
        maps,
        iterators(loops, output[1]),
        [output[0].type],
    )
    return builder.insert(op).results[0]


def broadcast_index(shape: Sequence[int], result: Sequence[int]) -> list[AffineExpr]:
    """How an operand of `shape` is indexed by loops over `result`, numpy-style."""
    first = len(result) - len(shape)
    return [
        AffineConstantExpr(0)
        if size == 1 and result[first + axis] != 1
        else AffineExpr.dimension(first + axis)
        for axis, size in enumerate(shape)
    ]


def elementwise(
    builder: Builder,
    inputs: Sequence[SSAValue],
    shape: Sequence[int],
    type: Attribute,
    body: Body,
) -> SSAValue:
    """An all-parallel generic over `shape`; inputs broadcast to it numpy-style."""
    indexed = [(value, broadcast_index(shape_of(value), shape)) for value in inputs]
    output = (empty(builder, shape, type), dims(len(shape)))
    return generic(builder, len(shape), indexed, output, body)


def moved(
    builder: Builder, source: SSAValue, shape: Sequence[int], index: Index
) -> SSAValue:
    """
    A copy: the result's element at the loops' position is `source[index]`.

    A loop that is an index by itself runs over all of its dimension, so where there are
    more elements the others are cut off.
    """
    type = tensor_type(source).element_type
    output = (empty(builder, shape, type), dims(len(shape)))
    sizes = [
        shape[place.position] if isinstance(place, AffineDimExpr) else size
        for place, size in zip(index, shape_of(source), strict=True)
    ]
    if tuple(sizes) != shape_of(source):
        rank = len(sizes)
        source = sliced(builder, source, [0] * rank, [1] * rank, sizes)
    inputs = [(source, index)]
    return generic(builder, len(shape), inputs, output, lambda _, args: args[0])


def padded(
    builder: Builder,
    source: SSAValue,
    low: Sequence[int],
    high: Sequence[int],
    value: float,
) -> SSAValue:
    """`tensor.pad` with a constant, or `source` itself when nothing is padded."""
    if not any(low) and not any(high):
        return source
    type = tensor_type(source)
    sizes = zip(low, type.get_shape(), high, strict=True)
    result = TensorType(type.element_type, [sum(parts) for parts in sizes])
    block = Block(arg_types=[IndexType()] * len(low))
    scalar = constant(builder, value, type.element_type)
    block.add_op(tensor.YieldOp(scalar))
    op = tensor.PadOp(source, (), (), Region(block), low, high, result)
    return builder.insert(op).result


def reassociation(fine: Sequence[int], coarse: Sequence[int]) -> list[list[int]] | None:
    """
    Which runs of `fine` dimensions make each `coarse` one, or None when none do.

    Unit dimensions go to the run before them, leading ones to the first run.
    """
    if not coarse:
        return [] if all(size == 1 for size in fine) else None
    groups: list[list[int]] = []
    position = 0
    for size in coarse:
        group: list[int] = []
        while position < len(fine) and (
            not group or prod(fine[axis] for axis in group) < size
        ):
            group.append(position)
            position += 1
        if not group or prod(fine[axis] for axis in group) != size:
            return None
        groups.append(group)
    rest = range(position, len(fine))
    if any(fine[axis] != 1 for axis in rest):
        return None
    groups[-1].extend(rest)
    return groups


def _groups(groups: Sequence[Sequence[int]]) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    return ArrayAttr(
        [ArrayAttr([IntegerAttr(axis, i64) for axis in group]) for group in groups]
    )


def reshaped(builder: Builder, source: SSAValue, shape: Sequence[int]) -> SSAValue:
    """The same elements under another shape, by collapsing and expanding."""
    before = shape_of(source)
    if before == tuple(shape):
        return source
    if not before:  # expand_shape cannot start from rank 0
        return moved(builder, source, shape, [])
    type = TensorType(tensor_type(source).element_type, shape)
    if (
        len(shape) < len(before)
        and (groups := reassociation(before, shape)) is not None
    ):
        op = tensor.CollapseShapeOp(
            operands=[source],
            result_types=[type],
            properties={"reassociation": _groups(groups)},
        )
        return builder.insert(op).result
    if (
        len(shape) > len(before)
        and (groups := reassociation(shape, before)) is not None
    ):
        return builder.insert(
            tensor.ExpandShapeOp(source, (), _groups(groups), shape, type)
        ).result
    flat = reshaped(builder, source, [prod(before)])
    return reshaped(builder, flat, shape)


def sliced(
    builder: Builder,
    source: SSAValue,
    starts: Sequence[int],
    steps: Sequence[int],
    sizes: Sequence[int],
) -> SSAValue:
    """Elements `starts + k * steps`; a view where every step is positive."""
    if all(step > 0 for step in steps):
        op = tensor.ExtractSliceOp.from_static_parameters(source, starts, sizes, steps)
        return builder.insert(op).result
    index = [
        AffineExpr.dimension(axis) * step + start
        if size > 1
        else AffineConstantExpr(start)
        for axis, (start, step, size) in enumerate(
            zip(starts, steps, sizes, strict=True)
        )
    ]
    return moved(builder, source, sizes, index)


def placed(
    builder: Builder, part: SSAValue, target: SSAValue, offsets: Sequence[int]
) -> SSAValue:
    """`target` with `part` at `offsets`."""
    op = tensor.InsertSliceOp.from_static_parameters(
        part, target, offsets, shape_of(part)
    )
    return builder.insert(op).results[0]


def joined(builder: Builder, parts: Sequence[SSAValue], axis: int) -> SSAValue:
    """`parts` one after the other along `axis`."""
    if len(parts) == 1:
        return parts[0]
    shape = list(shape_of(parts[0]))
    shape[axis] = sum(shape_of(part)[axis] for part in parts)
    target = empty(builder, shape, tensor_type(parts[0]).element_type)
    position = 0
    for part in parts:
        offsets = [0] * len(shape)
        offsets[axis] = position
        target = placed(builder, part, target, offsets)
        position += shape_of(part)[axis]
    return target
