"""
How the loops of a kernel's operations are cut when its root is cut.

The root's tile says which elements each member of the group makes: members are read by
the identity map, so that the axes of an intermediate are the loops of its reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from xdsl.dialects import linalg
from xdsl.dialects.builtin import DenseArrayBase, IntegerType
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr
from xdsl.utils.hints import isa

from ..dialects.deploy import KernelOp
from .footprint import Offset, Span, all_of, footprint
from .structured import (
    covers,
    indexing_maps,
    is_parallel,
    loop_ranges,
    output_map,
    reduction_loops,
    shape_of,
)

TILE_ATTRIBUTE = "deploy.tile"
"""Attribute of a structured operation: a tile size per loop, 0 for a whole one."""

Structured: TypeAlias = linalg.ops.GenericOp | linalg.ops.FillOp

Sizes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """The structured operations of one kernel."""

    members: tuple[Structured, ...]
    """In program order; the root is the last one."""

    @property
    def root(self) -> Structured:
        """The operation that makes the kernel's results."""
        return self.members[-1]

    @property
    def accumulating(self) -> linalg.ops.GenericOp | None:
        """The member with reduction loops, if there is one."""
        found = (op for op in self.members if not is_parallel(op))
        return cast("linalg.ops.GenericOp | None", next(found, None))


def group_of(kernel: KernelOp) -> Group | None:
    """The group in a kernel; None when its results are not those of one operation."""
    members = tuple(op for op in kernel.block.ops if isinstance(op, Structured))
    results = tuple(kernel.yield_op.operands)
    if not members or tuple(members[-1].results) != results:
        return None
    return Group(members)


def tile_of(op: Operation) -> Sizes | None:
    """The sizes written on `op`."""
    tile = op.attributes.get(TILE_ATTRIBUTE)
    if not isa(tile, DenseArrayBase[IntegerType]):
        return None
    return tuple(tile.get_values())


def root_sizes(group: Group) -> Sizes | None:
    """The tile of the root's loops, from the root or else from what it finishes."""
    if (own := tile_of(group.root)) is not None:
        return own
    reducer = group.accumulating
    if reducer is None or (sizes := tile_of(reducer)) is None:
        return None
    return tuple(
        sizes[expr.position] if isinstance(expr, AffineDimExpr) else 0
        for expr in output_map(reducer, 0).results
    )


def reduction_sizes(group: Group) -> Sizes:
    """A tile size per loop of the accumulating member; 0 for its parallel loops."""
    reducer = group.accumulating
    sizes = None if reducer is None else tile_of(reducer)
    if reducer is None or sizes is None:
        return ()
    reduced = reduction_loops(reducer)
    ranges = loop_ranges(reducer)
    return tuple(
        size if loop in reduced and size < ranges[loop] else 0
        for loop, size in enumerate(sizes)
    )


def tile_spans(op: Structured, sizes: Sizes) -> tuple[Span, ...]:
    """The first tile of the loops of `op`; it stands for all of them."""
    return tuple(
        Span(Offset(), size, whole=False) if 0 < size < extent else all_of(extent)
        for size, extent in zip(sizes, loop_ranges(op), strict=True)
    )


def is_cuttable(op: Structured, sizes: Sizes) -> bool:
    """Whether each tile of that size works on one slice of every operand."""
    spans = tile_spans(op, sizes)
    if all(span.whole for span in spans):
        return True
    maps = indexing_maps(op)
    pairs = zip(maps, op.operands, strict=True)
    if any(footprint(map_, shape_of(value), spans) is None for map_, value in pairs):
        return False
    written = zip(maps[len(op.inputs) :], op.outputs, strict=True)
    return all(covers(map_, shape_of(value)) for map_, value in written)


def whole_loops(op: Structured) -> tuple[Span, ...]:
    """All loops of `op`, not cut."""
    return tuple(all_of(size) for size in loop_ranges(op))


def loops_for_result(op: Structured, axes: Sequence[Span]) -> tuple[Span, ...]:
    """The loops of `op` that make the part of its result at `axes`."""
    loops = list(whole_loops(op))
    for expr, span in zip(output_map(op, 0).results, axes, strict=True):
        if isinstance(expr, AffineDimExpr):
            loops[expr.position] = span
    return tuple(loops)


def feeding(op: Structured, members: Sequence[Structured]) -> tuple[Structured, ...]:
    """`op` and the members whose results reach it, in program order."""
    needed: set[Operation] = {op}
    for member in reversed(members):
        readers = {use.operation for result in member.results for use in result.uses}
        if readers & needed:
            needed.add(member)
    return tuple(member for member in members if member in needed)


def spans_of(
    last: Structured, loops: Sequence[Span], members: Sequence[Structured]
) -> dict[Operation, tuple[Span, ...]]:
    """The loops of each member that feeds `last` when `last` has these loops."""
    spans: dict[Operation, tuple[Span, ...]] = {last: tuple(loops)}
    for member in reversed(members):
        if member in spans:
            continue
        for use in member.results[0].uses:
            reader = use.operation
            if isinstance(reader, Structured) and reader in spans:
                spans[member] = loops_for_result(
                    member, _axes(reader, use.index, spans)
                )
    return spans


def _axes(
    reader: Structured, operand: int, spans: dict[Operation, tuple[Span, ...]]
) -> tuple[Span, ...]:
    """The part of an operand that a member reads."""
    value: SSAValue = reader.operands[operand]
    found = footprint(indexing_maps(reader)[operand], shape_of(value), spans[reader])
    assert found is not None, "intermediates are read by projections"
    return found[0]
