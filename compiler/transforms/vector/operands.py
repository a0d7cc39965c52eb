"""How a structured operation of a kernel reads and writes its operands."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import memref
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.utils.hints import isa

from ...analysis.structured import indexing_maps, loop_ranges
from .affine import Index, unshifted
from .dataflow import parallel_dims, refuse


def operand_map(op: linalg.GenericOp, number: int) -> AffineMap:
    """The indexing map of operand `number` of `op`."""
    return op.indexing_maps.data[number].data


def set_operand_map(op: linalg.GenericOp, number: int, map_: AffineMap) -> None:
    """Gives operand `number` of `op` another indexing map."""
    maps = list(op.indexing_maps.data)
    maps[number] = AffineMapAttr(map_)
    op.properties["indexing_maps"] = ArrayAttr(maps)


def are_known_without(op: linalg.GenericOp, number: int, axes: int = 0) -> bool:
    """Whether operands say how long loops are, of one only the first `axes`."""
    maps = enumerate(indexing_maps(op))
    results = (map_.results[: axes if n == number else None] for n, map_ in maps)
    found = (index for one in results for index in one)
    known = {e.position for e in found if isinstance(e, AffineDimExpr)}
    return known == set(range(op.get_num_loops()))


def is_row(type_: MemRefType[Attribute]) -> bool:
    """Whether the last two axes of a buffer are one row."""
    strides, shape = type_.get_strides(), type_.get_shape()
    return strides is not None and list(strides[-2:]) == [shape[-1], 1]


def result_indices(op: linalg.GenericOp, number: int) -> AffineMap:
    """
    The map of output `number`, which must visit each element once.

    Every loop that is not a reduction has to be one of its results, shifted or not.
    """
    map = operand_map(op, len(op.inputs) + number)
    loops = [unshifted(expr) for expr in map.results]
    reached = [expr.position for expr in loops if isinstance(expr, AffineDimExpr)]
    ranges = loop_ranges(op)
    wanted = [d for d in parallel_dims(op) if ranges[d] > 1]
    if len(reached) != len(set(reached)) or not set(wanted) <= set(reached):
        refuse(op, f"result must be visited once per parallel loop, got map {map}")
    return map


def check_pointwise(op: linalg.GenericOp, number: int) -> None:
    """Refuses a register operand that would have to be made more than once."""
    map = operand_map(op, number)
    reached = {e.position for e in map.results if isinstance(e, AffineDimExpr)}
    if any(d not in reached and n > 1 for d, n in enumerate(loop_ranges(op))):
        refuse(op, f"register value must be read once per iteration, got map {map}")


def subview(
    memory: SSAValue, starts: Sequence[Index], sizes: Sequence[int]
) -> memref.SubviewOp:
    """A part of `memory`."""
    assert isa(memory.type, MemRefType), "the part is of a buffer"
    steps = [1] * len(sizes)
    type_ = memref.SubviewOp.infer_result_type(memory.type, starts, sizes, steps)
    return memref.SubviewOp.get(memory, starts, sizes, steps, type_)
