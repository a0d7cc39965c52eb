"""
How a kernel goes along images of rows with gaps, what is in the gaps included.

The loops over rows and over columns of results become one over what is read, in which
rows are as far apart as they are in memory. What is written gets rows as far apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    IntegerAttr,
    MemRefType,
    StridedLayoutAttr,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, BlockArgument, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from ...analysis.footprint import linear
from ...analysis.structured import loop_ranges
from .blocks import BLOCKS_ATTRIBUTE
from .dataflow import is_register, parallel_dims
from .joints import PLAIN
from .multiply_adds import WANTED_ATTRIBUTE
from .ways import Joint, has_rows, joint_of, map_of


@dataclass
class FlatRows:
    """How operands of a kernel are read once rows and columns are one loop."""

    pitch: int
    """Elements from one row to the next."""
    joints: dict[linalg.GenericOp, Joint] = field(
        default_factory=dict[linalg.GenericOp, Joint]
    )
    maps: dict[linalg.GenericOp, list[AffineMap]] = field(
        default_factory=dict[linalg.GenericOp, list[AffineMap]]
    )
    are_flat: dict[SSAValue, bool] = field(default_factory=dict[SSAValue, bool])
    """Buffers, and whether their last two axes become one."""

    def note(self, op: linalg.GenericOp) -> bool:
        """Notes how one operation goes along; whether it can."""
        joint = joint_of(op)
        if joint is None or BLOCKS_ATTRIBUTE in op.attributes:
            return False
        maps = [self._map(op, number, joint) for number in range(len(op.operands))]
        known = [map_ for map_ in maps if map_ is not None]
        results = (expr for map_ in known for expr in map_.results)
        plain = {expr.position for expr in results if isinstance(expr, AffineDimExpr)}
        self.joints[op], self.maps[op] = joint, known
        return maps == known and plain == set(range(len(op.iterator_types) - 1))

    def _map(self, op: linalg.GenericOp, number: int, joint: Joint) -> AffineMap | None:
        """How an operand is read then; None where its rows are no others'."""
        value, map_ = op.operands[number], map_of(op, number)
        is_flat, dims = has_rows(map_, joint), joint.dims(map_.num_dims)
        is_buffer = isa(value.type, MemRefType)
        if is_buffer and self.are_flat.setdefault(value, is_flat) != is_flat:
            return None
        plain = [e.replace_dims_and_symbols(dims, []) for e in map_.results]
        if is_flat:
            place = self._place(map_, joint)
            if place is None or (is_register(value) and place != dims[joint.outer]):
                return None
            plain[-2:] = [place]
        elif any(joint.touches(expr) for expr in map_.results):
            return None
        return AffineMap(map_.num_dims - 1, 0, tuple(plain))

    def _place(self, map_: AffineMap, joint: Joint) -> AffineExpr | None:
        """Which element of an image is read; None where it is not row by row."""
        rows, columns = (linear(expr, map_.num_dims) for expr in map_.results[-2:])
        if rows is None or columns is None:
            return None
        if rows.factors[joint.outer] != 1 or columns.factors[joint.inner] != 1:
            return None
        factors = [
            row * self.pitch + column
            for row, column in zip(rows.factors, columns.factors, strict=True)
        ]
        factors[joint.outer], factors[joint.inner] = 1, 0
        constant = rows.constant * self.pitch + columns.constant
        place: AffineExpr = AffineConstantExpr(constant)
        for dim, factor in zip(joint.dims(map_.num_dims), factors, strict=True):
            place = place + dim * factor if factor else place
        return place


class Reader(NamedTuple):
    """An operation that reads an argument row by row."""

    argument: BlockArgument
    map: AffineMap
    op: linalg.GenericOp

    @property
    def columns(self) -> int:
        """How many elements of a row are read, from the first one on."""
        sums = linear(self.map.results[-1], self.map.num_dims)
        assert sums is not None, "rows go along neighbours"
        steps = zip(sums.factors, loop_ranges(self.op), strict=True)
        ends = (max(factor, 0) * (rounds - 1) for factor, rounds in steps)
        return sums.constant + sum(ends) + 1

    @property
    def is_shared(self) -> bool:
        """Whether several results are made of what is read."""
        known = {dim for expr in self.map.results for dim in expr.used_dims()}
        beside = set(parallel_dims(self.op)).difference(known)
        return any(loop_ranges(self.op)[dim] > 1 for dim in beside)


def readers(block: Block) -> Iterator[Reader]:
    """Who reads which arguments of a kernel row by row."""
    for op in block.ops:
        joint = joint_of(op) if isinstance(op, linalg.GenericOp) else None
        if joint is None or not isinstance(op, linalg.GenericOp):
            continue
        for number, value in enumerate(op.inputs):
            map_ = map_of(op, number)
            if isinstance(value, BlockArgument) and has_rows(map_, joint):
                yield Reader(value, map_, op)


def flat_rows(block: Block) -> FlatRows | None:
    """How rows and columns of a kernel become one loop; None where that is nothing."""
    pitches = {pitch_of(reader.argument.type) for reader in readers(block)}
    pitch = pitches.pop() if len(pitches) == 1 else None
    if pitch is None:
        return None
    plan = FlatRows(pitch)
    for op in block.ops:
        is_noted = isinstance(op, linalg.GenericOp) and plan.note(op)
        if not is_noted and not isinstance(op, PLAIN):
            return None
    written = [value for op in plan.joints for value in op.outputs]
    rounds = {joint.rounds for joint in plan.joints.values()}
    is_one = len(rounds) == 1 and rounds.pop() < pitch
    return plan if is_one and all(plan.are_flat[value] for value in written) else None


def pitch_of(type_: Attribute) -> int | None:
    """Elements from one row of a buffer to the next, where columns are neighbours."""
    assert isa(type_, MemRefType), "only buffers have rows"
    strides = type_.get_strides()
    return strides[-2] if strides is not None and strides[-1] == 1 else None


def flatten(block: Block, plan: FlatRows) -> None:
    """Gives the operations of a kernel the loops that are planned."""
    written = {value for op in plan.joints for value in op.outputs}
    for op, joint in plan.joints.items():
        wanted = IntegerAttr(prod(loop_ranges(op)), i64)
        op.attributes.setdefault(WANTED_ATTRIBUTE, wanted)
        op.properties["indexing_maps"] = ArrayAttr(map(AffineMapAttr, plan.maps[op]))
        kinds = enumerate(op.iterator_types)
        kept = [kind for dim, kind in kinds if dim != joint.inner]
        op.properties["iterator_types"] = ArrayAttr(kept)
    for value, is_flat in plan.are_flat.items():
        if is_flat:
            type_ = flat_type(value.type, plan.pitch, is_own=value in written)
            Rewriter.replace_value_with_new_type(value, type_)


def flat_type(type_: Attribute, pitch: int, *, is_own: bool) -> MemRefType[Attribute]:
    """
    The type of a buffer whose last two axes are one, with what is between rows.

    What is the kernel's own has nothing between its images.
    """
    assert isa(type_, MemRefType), "only buffers have rows"
    *before, rows, columns = type_.get_shape()
    shape, space = [*before, (rows - 1) * pitch + columns], type_.memory_space
    if is_own:
        return MemRefType(type_.element_type, shape, memory_space=space)
    strides = type_.get_strides()
    assert strides is not None, "layouts are strided"
    layout = StridedLayoutAttr([*strides[:-2], 1], type_.get_offset())
    return MemRefType(type_.element_type, shape, layout, space)


def rows_type(
    flat: MemRefType[Attribute], shape: Sequence[int], pitch: int
) -> MemRefType[Attribute]:
    """The type of the rows, of such a shape, in a buffer that has what is between."""
    strides = flat.get_strides()
    assert strides is not None, "layouts are strided"
    layout = StridedLayoutAttr([*strides[:-1], pitch, 1], 0)
    return MemRefType(flat.element_type, shape, layout, flat.memory_space)
