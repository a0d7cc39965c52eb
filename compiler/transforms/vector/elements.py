"""
The elements of structured operations, as operations at given points.

`Elements` is what `vector-lower-kernels` builds with: it makes the elements of many
points at once, each of them once; a register element is made on the spot, by inlining
the operation that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

from xdsl.dialects import arith
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr
from xdsl.utils.hints import isa

from ...analysis.structured import body_reads
from .dataflow import (
    Dataflow,
    Definition,
    Inserted,
    is_register,
    parallel_dims,
    refuse,
)
from .indices import LinearIndex, Point
from .moves import Moves, Values
from .operands import check_pointwise, operand_map, result_indices
from .repeated import most_lanes, unrolled_map
from .scopes import Scope, choice
from .vanishing import remaining, vanishing
from .widening import can_widen, is_vector, lanes_of, widened

Reduce: TypeAlias = Callable[[Scope, linalg.GenericOp, Sequence[Point]], list[Values]]
"""Makes all results of an operation, for each point of its parallel loops."""


@dataclass
class Elements(Moves):
    """Makes elements inside one kernel function."""

    flow: Dataflow
    reduce: Reduce
    _padded: dict[linalg.GenericOp, list[tuple[int, Inserted]]] = field(
        init=False, default_factory=dict[linalg.GenericOp, "list[tuple[int, Inserted]]"]
    )
    """The operands beside whose parts operations accumulate nothing."""

    # What an operation reads.

    def operands(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        number: int,
        points: Sequence[Point],
    ) -> Values:
        """Operand `number` of `op` at each of the points of its loops."""
        value = op.operands[number]
        if not isinstance(value.type, MemRefType):
            return [value] * len(points)
        reached = [self._reached(scope, op, number, point) for point in points]
        source = self.flow.sources[op].get(value)
        if source is None and is_register(value):
            refuse(op, "register value must be written before it is read")
        is_loaded = isinstance(source, Inserted) and source.copied is not None
        if is_register(value) and number < len(op.inputs) and not is_loaded:
            check_pointwise(op, number)
        if source is None:
            return [self.loaded(scope, value, point) for point in reached]
        return self.defined(scope, source, value, reached)

    def _reached(
        self, scope: Scope, op: linalg.GenericOp, number: int, point: Point
    ) -> Point:
        """Where operand `number` of `op` is read at a point of its loops."""
        map_, room = operand_map(op, number), most_lanes(op, number)
        if room is None:
            return Point.at(self.at(scope, map_, point.indices), point.lanes)
        if point.lanes > room:
            refuse(op, f"lanes must be at most {room}, as far as it repeats itself")
        *before, along = self.at(scope, unrolled_map(op, number), point.indices)
        first = self.at(scope, map_, point.of_lane(0).indices)[-1]
        return Point.at((*before, first._replace(lane=along.lane)), point.lanes)

    def defined(
        self,
        scope: Scope,
        source: Definition,
        buffer: SSAValue,
        points: Sequence[Point],
    ) -> Values:
        """Elements of registers, or of memory that was only filled, by their maker."""
        if isinstance(source, linalg.FillOp):
            return [source.inputs[0]] * len(points)
        if isinstance(source, Inserted):
            return self._parts(scope, source, buffer, points)
        number = list(source.outputs).index(buffer)
        made = self.made(scope.on_behalf_of(source), source, number, points)
        return [results[number] for results in made]

    def made(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        number: int,
        points: Sequence[Point],
    ) -> list[tuple[SSAValue, ...]]:
        """All results of `op` where its output `number` is at `points`, made once."""
        map_ = result_indices(op, number)
        wanted: list[Point] = []
        for point in points:
            place = dict.fromkeys(parallel_dims(op), LinearIndex())
            for expression, index in zip(map_.results, point.indices, strict=True):
                if isinstance(expression, AffineDimExpr):
                    place[expression.position] = index
            wanted.append(Point(tuple(place.values()), point.lanes))
        missing = [p for p in dict.fromkeys(wanted) if (op, p) not in scope.made]
        if missing:
            results = self.reduce(scope, op, missing)
            for point, values in zip(missing, results, strict=True):
                scope.made[op, point] = tuple(values)
        return [scope.made[op, point] for point in wanted]

    # Values that are partly another one.

    def _parts(
        self,
        scope: Scope,
        source: Inserted,
        buffer: SSAValue,
        points: Sequence[Point],
    ) -> Values:
        shifted = [moved(source, point) for point in points]
        outcomes = [self.is_inside(scope, source, point) for point in shifted]
        inside = [p for p, known in zip(shifted, outcomes, strict=True) if known]
        part = iter(self.defined(scope, source.part, source.view, inside))
        found: Values = []
        for point, place, known in zip(points, shifted, outcomes, strict=True):
            if known:
                found.append(next(part))
            elif known is False:
                found += self.defined(scope, source.whole, buffer, [point])
            else:
                found.append(self._either(scope, source, buffer, (point, place)))
        return found

    def is_inside(self, scope: Scope, source: Inserted, point: Point) -> bool | None:
        """Whether a point is one of the part; None when it is not known now."""
        outcomes = [
            scope.is_below(index, size, point.lanes)
            for index, size in zip(point.indices, source.sizes, strict=True)
        ]
        if False in outcomes:
            return False
        return None if None in outcomes else True

    def _either(
        self,
        scope: Scope,
        source: Inserted,
        buffer: SSAValue,
        places: tuple[Point, Point],
    ) -> SSAValue:
        """An element of the part or of the rest, by tests made here."""
        point, shifted = places
        if point.lanes > 1:
            lanes = [point.of_lane(lane) for lane in range(point.lanes)]
            return self.gathered(scope, self._parts(scope, source, buffer, lanes))
        unknown = [
            (index, size)
            for index, size in zip(shifted.indices, source.sizes, strict=True)
            if scope.is_below(index, size, 1) is None
        ]
        tests = [self._test(scope, index, size) for index, size in unknown]
        condition = reduce(lambda a, b: scope.append(arith.AndIOp(a, b)), tests)
        assert isa(buffer.type, MemRefType), "registers are a memref"

        def part(inner: Scope) -> Values:
            inner.inside.update(unknown)
            return self.defined(inner, source.part, source.view, [shifted])

        def rest(inner: Scope) -> Values:
            return self.defined(inner, source.whole, buffer, [point])

        return choice(scope, condition, [buffer.type.element_type], part, rest)[0]

    def _test(self, scope: Scope, index: LinearIndex, bound: int) -> SSAValue:
        """Whether `0 <= index < bound`, as one comparison."""
        sides = self.value(scope, index), self.constants.value(bound)
        test = scope.append(arith.CmpiOp(*sides, "ult"))
        test.name_hint = "inside"
        return test

    # What an operation does.

    def bodies(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        points: Sequence[Point],
        carried: Sequence[Sequence[SSAValue | None]],
    ) -> list[Values]:
        """The results of the body of `op` at each point of its loops."""
        beside = self._beside(scope, op, points)
        pairs = zip(points, beside, strict=True)
        counted = [point for point, is_beside in pairs if not is_beside]
        inputs = {
            number: iter(self.operands(scope, op, number, counted))
            for number in range(len(op.inputs))
            if body_reads(op, number)
        }
        results: list[Values] = []
        rows = zip(points, carried, beside, strict=True)
        for point, values, is_beside in rows:
            if is_beside:
                results.append([v for v in values if v is not None])
                continue
            args = op.body.block.args
            mapper: dict[SSAValue, SSAValue] = {
                args[number]: next(elements) for number, elements in inputs.items()
            }
            outputs = zip(args[len(op.inputs) :], values, strict=True)
            mapper |= {arg: value for arg, value in outputs if value is not None}
            results.append(self._inlined(scope, op, point, mapper))
        return results

    def _inlined(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        point: Point,
        mapper: dict[SSAValue, SSAValue],
    ) -> Values:
        """What the body of `op` yields, its arguments being those of `mapper`."""
        for inner in op.body.block.ops:
            if isinstance(inner, linalg.IndexOp):
                index = point.indices[inner.dim.value.data]
                if index.lane:
                    refuse(inner, "index of a loop whose rounds are lanes is not one")
                mapper[inner.result] = self.value(scope, index)
            elif not isinstance(inner, linalg.YieldOp):
                self._clone(scope, inner, mapper)
        last = op.body.block.last_op
        assert isinstance(last, linalg.YieldOp), "a generic ends with linalg.yield"
        return [mapper.get(value, value) for value in last.operands]

    @staticmethod
    def _clone(
        scope: Scope, inner: Operation, mapper: dict[SSAValue, SSAValue]
    ) -> None:
        """Appends `inner` on other operands, as vectors where one of them is."""
        operands = [mapper.get(value, value) for value in inner.operands]
        lanes = [lanes_of(value) for value in operands if is_vector(value)]
        if (same := remaining(inner, operands)) is not None:
            mapper[inner.results[0]] = scope.in_lanes(same, lanes[0]) if lanes else same
            return
        if not lanes:
            scope.copy(inner, mapper)
            return
        if not can_widen(inner):
            refuse(inner, "this cannot be done on vectors: its loop cannot be lanes")
        made = widened(inner, operands, lanes[0], scope.in_lanes)
        scope.place(made)
        mapper |= dict(zip(inner.results, made.results, strict=True))

    def _beside(
        self, scope: Scope, op: linalg.GenericOp, points: Sequence[Point]
    ) -> list[bool]:
        """Where `op` reads a padding of which it accumulates nothing."""
        if op not in self._padded:
            self._padded[op] = vanishing(op, self.flow.sources[op])
        padded = self._padded[op]

        def reads(number: int, source: Inserted, point: Point) -> bool:
            place = self.place_in_part(scope, op, number, point)
            return self.is_inside(scope, source, place) is False

        return [any(reads(*one, point) for one in padded) for point in points]

    def place_in_part(
        self, scope: Scope, op: linalg.GenericOp, number: int, point: Point
    ) -> Point:
        """Where a padded operand is read at `point`, seen from what is padded."""
        source = self.flow.sources[op][op.operands[number]]
        assert isinstance(source, Inserted), "the operand is padded"
        indices = self.at(scope, operand_map(op, number), point.indices)
        return moved(source, Point.at(indices, point.lanes))


def moved(source: Inserted, point: Point) -> Point:
    """A point of the whole as one of the part."""
    pairs = zip(point.indices, source.offsets, strict=True)
    return Point(tuple(i.shifted(-offset) for i, offset in pairs), point.lanes)
