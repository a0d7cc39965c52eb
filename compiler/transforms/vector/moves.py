"""Elements of memory: where they are, how they are loaded and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from math import prod
from typing import TypeAlias

from xdsl.dialects import func, memref, vector
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineBinaryOpExpr, AffineMap
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.vectors import PAIR
from ...rewriting import locate
from .affine import IndexConstants, divided
from .indices import Indices, LinearIndex, Point, Variable, at, materialized
from .items import element
from .joining import under_shape, with_row
from .record_moves import loaded_field
from .records import Records, is_picked, row_weights
from .scopes import Scope
from .widening import chosen, is_vector, vector_of

Values: TypeAlias = list[SSAValue]


@dataclass
class Moves:
    """Moves elements between memory and scalars or vectors, inside one kernel."""

    kernel: func.FuncOp
    constants: IndexConstants = field(init=False)
    records: dict[SSAValue, Records] = field(
        init=False, default_factory=dict[SSAValue, Records]
    )
    """The buffers whose lanes have a record each."""
    widest: int = field(init=False, default=0)
    """Bits, at most, that are loaded at once; 0: as many as there are."""
    _numbers: count[int] = field(init=False)
    _rows: dict[SSAValue, SSAValue] = field(
        init=False, default_factory=dict[SSAValue, SSAValue]
    )

    def __post_init__(self) -> None:
        self.constants = IndexConstants(self.kernel)
        self._numbers = count()

    def variable(self, value: SSAValue, low: int, high: int, unit: int = 1) -> Variable:
        """A new variable of multiples of `unit`, with its bounds."""
        return Variable(next(self._numbers), value, low, high, unit)

    def value(self, scope: Scope, index: LinearIndex) -> SSAValue:
        """The index of lane 0 as a value, made once."""
        index = index.of_lane(0)
        if index not in scope.indices:
            made = materialized(index, scope.append, self.constants)
            scope.indices[index] = made
        return scope.indices[index]

    def at(self, scope: Scope, map_: AffineMap, dims: Indices) -> Indices:
        """Where `map_` takes `dims`."""

        def opaque(e: AffineBinaryOpExpr, index: LinearIndex, by: int) -> LinearIndex:
            key = (e.kind, index, by)
            if key not in scope.quotients:
                whole = self.value(scope, index)
                made = divided(e.kind, whole, by, scope.append, self.constants)
                low, high = index.bounds(1)
                scope.quotients[key] = self.variable(made, min(low, 0), max(high, by))
            return LinearIndex(0, ((scope.quotients[key], 1),))

        return at(map_, dims, opaque)

    def loaded(self, scope: Scope, buffer: SSAValue, point: Point) -> SSAValue:
        """An element of memory, or as many as there are lanes, loaded once."""
        key = (buffer, point)
        if key not in scope.made:
            scope.made[key] = (self._load(scope, buffer, point),)
        return scope.made[key][0]

    def _load(self, scope: Scope, buffer: SSAValue, point: Point) -> SSAValue:
        found = loaded_field(self, scope, buffer, point)
        if found is not None:
            return found
        indices = [self.value(scope, index) for index in point.indices]
        type_ = buffer.type
        assert isa(type_, MemRefType), "what is loaded is in memory"
        if point.lanes == 1:
            return scope.append(load_of(buffer, indices, type_.element_type))
        if is_contiguous(point.indices, type_):
            vector_type = vector_of(type_.element_type, point.lanes)
            return scope.append(vector.LoadOp(buffer, indices, vector_type))
        found = self._picked(scope, buffer, point)
        if found is not None:
            return found
        lanes = map(point.of_lane, range(point.lanes))
        return self.gathered(scope, [self.loaded(scope, buffer, at) for at in lanes])

    def _picked(self, scope: Scope, buffer: SSAValue, point: Point) -> SSAValue | None:
        """
        Lanes two elements apart, picked from all that are between; None if not.

        What begins up to a step before shares the load, if all of it is in the row.
        """
        type_, lanes = buffer.type, point.lanes
        assert isa(type_, MemRefType), "what is loaded is in memory"
        *before, along = point.indices
        step = step_of(point.indices, type_)
        if not is_picked(step):
            return None
        first, extent = along._replace(lane=1), type_.get_shape()[-1]
        for phase in sorted(range(step), key=lambda n: (along.constant - n) % step):
            low, high = first.shifted(-phase).bounds(step * lanes)
            if low >= 0 and high < extent:
                start = Point((*before, first.shifted(-phase)), step * lanes)
                one, two, places = self._whole(scope, buffer, start)
                return scope.append(chosen(one, two, places[phase::step]))
        if lanes.bit_count() > 1:
            # One vector that ends with the last lane.
            start = Point((*before, first), step * (lanes - 1) + 1)
            whole = self.loaded(scope, buffer, start)
            places = range(0, step * lanes, step)
            return scope.append(chosen(whole, whole, places))
        # The second half ends with the last lane.
        one, two = self._pair(scope, buffer, Point((*before, first), lanes), lanes - 1)
        places = range(0, PAIR * lanes, PAIR)
        return scope.append(chosen(one, two, [n + (n >= lanes) for n in places]))

    def _whole(
        self, scope: Scope, buffer: SSAValue, point: Point
    ) -> tuple[SSAValue, SSAValue, range]:
        """Neighbours, in one vector or its halves, and where among both they are."""
        type_ = buffer.type
        assert isa(type_, MemRefType), "what is loaded is in memory"
        bits = point.lanes * element(type_.element_type)[0]
        is_even = point.lanes.bit_count() == 1
        if not self.widest or bits <= self.widest or not is_even:
            whole = self.loaded(scope, buffer, point)
            return whole, whole, range(point.lanes)
        half = point.lanes // 2
        one, two = self._pair(scope, buffer, Point(point.indices, half), half)
        return one, two, range(point.lanes)

    def _pair(
        self, scope: Scope, buffer: SSAValue, point: Point, behind: int
    ) -> tuple[SSAValue, SSAValue]:
        """Two vectors, of which the second one begins so many elements behind."""
        *before, along = point.indices
        second = Point((*before, along.shifted(behind)), point.lanes)
        return self.loaded(scope, buffer, point), self.loaded(scope, buffer, second)

    def as_row(self, buffer: SSAValue, at: Indices) -> tuple[SSAValue, Indices]:
        """A buffer, its last two axes as one if they are one row, and a place in it."""
        type_ = buffer.type
        assert isa(type_, MemRefType), "it is in memory"
        *_, weight, _ = (0, 0, *row_weights(type_))
        if not weight:
            return buffer, at
        *outer, row, along = at
        if buffer not in self._rows:
            shape = (*type_.get_shape()[: len(outer)], prod(type_.get_shape()[-2:]))
            view = under_shape(buffer, with_row(type_, shape))
            point = InsertPoint.at_start(self.kernel.body.block)
            if isinstance(buffer.owner, Operation):
                point = InsertPoint.after(buffer.owner)
            Rewriter.insert_op(locate(view, self.kernel.location), point)
            self._rows[buffer] = view.results[0]
        return self._rows[buffer], (*outer, row.times(weight).plus(along))

    def gathered(self, scope: Scope, lanes: Sequence[SSAValue]) -> SSAValue:
        """One vector of the elements of its lanes."""
        whole = scope.in_lanes(lanes[0], len(lanes))
        for number, lane in enumerate(lanes[1:], start=1):
            whole = scope.append(vector.InsertOp(lane, whole, [number]))
        return whole

    def store(
        self, scope: Scope, value: SSAValue, buffer: SSAValue, point: Point
    ) -> None:
        """Stores an element, or as many as there are lanes."""
        assert isa(buffer.type, MemRefType), "what is stored to is in memory"
        indices = [self.value(scope, index) for index in point.indices]
        if point.lanes == 1:
            scope.place(memref.StoreOp.create(operands=[value, buffer, *indices]))
            return
        if is_contiguous(point.indices, buffer.type):
            value = scope.in_lanes(value, point.lanes)
            scope.place(vector.StoreOp(value, buffer, indices))
            return
        for lane in range(point.lanes):
            one = value
            if is_vector(value):
                part = vector.ExtractOp(value, [lane], buffer.type.element_type)
                one = scope.append(part)
            self.store(scope, one, buffer, point.of_lane(lane))


def load_of(
    buffer: SSAValue, indices: Sequence[SSAValue], element: Attribute
) -> memref.LoadOp:
    """A load; there are many, and what sorts its arguments would take long."""
    operands = [buffer, *indices]
    return memref.LoadOp.create(operands=operands, result_types=[element])


def step_of(indices: Indices, type_: MemRefType[Attribute]) -> int:
    """How far apart lanes are along the last axis, in elements; 0 if elsewhere."""
    strides = type_.get_strides()
    assert strides is not None, "layouts are strided"
    lanes = [index.lane for index in indices]
    return 0 if any(lanes[:-1]) or strides[-1] != 1 else lanes[-1]


def is_contiguous(indices: Indices, type_: MemRefType[Attribute]) -> bool:
    """Whether the lanes are neighbours along the last axis."""
    return step_of(indices, type_) == 1
