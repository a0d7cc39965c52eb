"""
Questions about one structured operation (`linalg.generic`, `linalg.fill`).

Everything is read off indexing maps, iterator types and the body; no operator is known
by name.
"""

from __future__ import annotations

from math import prod
from typing import TypeAlias

from xdsl.dialects import linalg
from xdsl.dialects.builtin import ShapedType
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap

Structured: TypeAlias = linalg.ops.GenericOp | linalg.ops.FillOp
"""The operations that this module answers questions about."""


def indexing_maps(op: Structured) -> tuple[AffineMap, ...]:
    """The map of each operand, inputs first."""
    return tuple(attribute.data for attribute in op.get_indexing_maps())


def input_map(op: Structured, index: int) -> AffineMap:
    """The map by which input number `index` is read."""
    return indexing_maps(op)[index]


def output_map(op: Structured, index: int) -> AffineMap:
    """The map by which output number `index` is written."""
    return indexing_maps(op)[len(op.inputs) + index]


def iterator_types(op: Structured) -> tuple[IteratorType, ...]:
    """The kind of each loop."""
    return tuple(kind.data for kind in op.get_iterator_types())


def reduction_loops(op: Structured) -> tuple[int, ...]:
    """The loops that accumulate, in order."""
    kinds = enumerate(iterator_types(op))
    return tuple(loop for loop, kind in kinds if kind is not IteratorType.PARALLEL)


def is_parallel(op: Structured) -> bool:
    """Whether every loop is parallel."""
    return not reduction_loops(op)


def shape_of(value: SSAValue | Attribute) -> tuple[int, ...]:
    """The static shape of a shaped value or type; a scalar has rank 0."""
    type_ = value.type if isinstance(value, SSAValue) else value
    return type_.get_shape() if isinstance(type_, ShapedType) else ()


def size_of(value: SSAValue) -> int:
    """The number of elements of a value."""
    return prod(shape_of(value))


def loop_ranges(op: Structured) -> tuple[int, ...]:
    """The trip count of each loop."""
    return op.get_static_loop_ranges() if op.get_num_loops() else ()


def is_identity(map_: AffineMap) -> bool:
    """Whether `map_` is `(d0, …, dn) -> (d0, …, dn)`."""
    return map_ == AffineMap.identity(map_.num_dims)


def is_projection(map_: AffineMap) -> bool:
    """Whether each result is a loop of its own."""
    loops = [expr.position for expr in map_.results if isinstance(expr, AffineDimExpr)]
    return len(loops) == len(map_.results) == len(set(loops))


def is_bijection(map_: AffineMap, shape: tuple[int, ...]) -> bool:
    """
    Whether each element of an operand of this shape is reached by just one iteration.

    An axis of length one may also be reached by the constant 0.
    """
    kept = [
        expr
        for expr, size in zip(map_.results, shape, strict=True)
        if not (size == 1 and expr == AffineConstantExpr(0))
    ]
    loops = [expr.position for expr in kept if isinstance(expr, AffineDimExpr)]
    return len(loops) == len(kept) and sorted(loops) == list(range(map_.num_dims))


def covers(map_: AffineMap, shape: tuple[int, ...]) -> bool:
    """Whether writing by this map surely reaches every element of the operand."""
    kept = [
        expr
        for expr, size in zip(map_.results, shape, strict=True)
        if not (size == 1 and expr == AffineConstantExpr(0))
    ]
    loops = {expr.position for expr in kept if isinstance(expr, AffineDimExpr)}
    return len(loops) == len(kept)


def body_reads(op: Structured, operand: int) -> bool:
    """Whether the body uses the element of operand number `operand`."""
    return bool(op.body.block.args[operand].uses)


def reads_output(op: Structured, index: int) -> bool:
    """Whether the old contents of output number `index` matter."""
    operand = len(op.inputs) + index
    shape = shape_of(op.outputs[index])
    return body_reads(op, operand) or not covers(output_map(op, index), shape)


def captured(op: Operation) -> tuple[SSAValue, ...]:
    """The values from outside that the regions of `op` use, in order."""
    found = dict.fromkeys(
        operand
        for region in op.regions
        for inner in region.walk()
        for operand in inner.operands
        if not op.is_ancestor(operand.owner)
    )
    return tuple(found)
