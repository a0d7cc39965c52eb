"""
What elements accumulate: the loops over reductions of one operation.

They carry what all elements of a block accumulate. Where a padded value is read, such a
loop may be cut to the rounds that count, or into those before, inside and behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from xdsl.dialects import arith, func
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue

from ...analysis.structured import loop_ranges
from .blocks import Blocks, Segment, lane_segments, plain_segments
from .borders import Borders, Clip
from .dataflow import Dataflow, Structured, parallel_dims, reads_destination, refuse
from .elements import Elements
from .indices import LinearIndex, Point
from .loops import Fill, Loops
from .moves import Values
from .operands import result_indices
from .reductions import halved, horizontal
from .scopes import Scope
from .spare import filled, narrowed
from .widening import lanes_of

Fixed: TypeAlias = dict[int, LinearIndex]
"""Loops and the rounds that they are in."""


class Reduction(NamedTuple):
    """What is being accumulated: by which operation, for which elements."""

    op: linalg.GenericOp
    points: Sequence[Point]
    """Of its parallel loops."""
    order: tuple[int, ...]
    """Its loops over reductions, outermost first."""
    blocks: Blocks
    ranges: tuple[int, ...]
    """The rounds of its loops."""


@dataclass
class Accumulators:
    """Makes the results of operations, and the loops over their reductions."""

    kernel: func.FuncOp
    flow: Dataflow
    elements: Elements = field(init=False)
    loops: Loops = field(init=False)
    borders: Borders = field(init=False)
    """Of the operation whose results are wanted in the end."""

    def __post_init__(self) -> None:
        self.elements = Elements(self.kernel, self.flow, self.results)
        self.loops = Loops(self.elements)

    def results(
        self, scope: Scope, op: linalg.GenericOp, points: Sequence[Point]
    ) -> list[Values]:
        """What `op` computes at each of the points of its parallel loops."""
        wide = [filled(op, self.flow, point) for point in points]
        made = zip(self._made(scope, op, wide), points, strict=True)
        return [[narrowed(scope, v, p.lanes) for v in values] for values, p in made]

    def _made(
        self, scope: Scope, op: linalg.GenericOp, points: Sequence[Point]
    ) -> list[Values]:
        """The same, in as many lanes as the points have."""
        outputs = range(len(op.outputs))
        starts = [self._starts(scope, op, number, points) for number in outputs]
        carried = [list(values) for values in zip(*starts, strict=True)]
        ranges = loop_ranges(op)
        dims = set(range(len(ranges))) - set(parallel_dims(op))
        blocks = Blocks.of(op)
        order = tuple(dim for dim in blocks.order if dim in dims)
        wholes = [Point(whole(op, p), p.lanes) for p in points]
        if not any(ranges[dim] > 1 for dim in order):
            return self.elements.bodies(scope, op, wholes, carried)
        flat = [value for values in carried for value in values if value is not None]
        if len(flat) != len(points) * len(outputs):
            refuse(op, "reduction must use the value it accumulates onto")
        reduction = Reduction(op, points, order, blocks, ranges)
        if blocks.lane_loop in dims:
            flat = self._horizontal(scope, reduction, flat)
        else:
            flat = self._reduced(scope, reduction, {}, flat)
        return rows(flat, len(outputs))

    def _starts(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        number: int,
        points: Sequence[Point],
    ) -> Sequence[SSAValue | None]:
        """What output `number` holds before `op`; nothing when it is not used."""
        if not reads_destination(op, number):
            return [None] * len(points)
        result_indices(op, number)
        wholes = [Point(whole(op, p), p.lanes) for p in points]
        count = len(op.inputs)
        starts = self.elements.operands(scope, op, count + number, wholes)
        pairs = zip(starts, points, strict=True)
        return [scope.in_lanes(start, p.lanes) for start, p in pairs]

    def _reduced(
        self, scope: Scope, reduction: Reduction, fixed: Fixed, carried: Values
    ) -> Values:
        """The loops over reductions that are not `fixed` yet."""
        op = reduction.op
        waiting = [dim for dim in reduction.order if dim not in fixed]
        if not waiting:
            return self._accumulated(scope, reduction, fixed, carried)
        dim, size = waiting[0], reduction.blocks.sizes[waiting[0]]

        def fill(inner: Scope, index: LinearIndex, values: Values) -> Values:
            for offset in range(segment.size):
                at = {**fixed, dim: index.shifted(offset)}
                values = self._reduced(inner, reduction, at, values)
            return values

        clip = self.borders.clips.get((op, dim))
        if clip is not None and size == 1:
            rest = self._rest(scope, reduction, clip, fixed, dim)
            if rest is not None:
                segment = Segment(0, reduction.ranges[dim], 1)
                return self._clipped(scope, clip, (dim, rest), segment, carried, fill)
        for segment in plain_segments(0, reduction.ranges[dim], size):
            carried = self.loops.rounds(scope, f"r{dim}", segment, carried, fill)
        return carried

    def _accumulated(
        self, scope: Scope, reduction: Reduction, fixed: Fixed, carried: Values
    ) -> Values:
        """One round of all loops over reductions."""
        op = reduction.op
        points = [Point(whole(op, p, fixed), p.lanes) for p in reduction.points]
        values = rows(carried, len(op.outputs))
        results = self.elements.bodies(scope, op, points, values)
        return [value for values in results for value in values]

    def _horizontal(self, scope: Scope, reduction: Reduction, flat: Values) -> Values:
        """A reduction whose rounds are lanes, which are put together at its end."""
        op, blocks = reduction.op, reduction.blocks
        dim = blocks.lane_loop
        assert dim is not None, "there are lanes"
        if blocks.lanes.bit_count() != 1:
            refuse(op, f"lanes along a reduction must be 2**n, got {blocks.lanes}")
        if any(point.lanes > 1 for point in reduction.points):
            refuse(op, "lanes along a reduction cannot be inside of other lanes")
        segments = lane_segments(reduction.ranges[dim], blocks.lanes)
        wide = [segment for segment in segments if segment.size > 1]

        def build(vectors: Values) -> Values:
            for segment in wide:
                while lanes_of(vectors[0]) > segment.size:
                    vectors = [halved(scope, op, vector) for vector in vectors]
                vectors = self._turns(scope, reduction, segment, vectors)
            return vectors

        flat = horizontal(scope, op, flat, blocks.lanes, build)
        for single in segments[len(wide) :]:
            flat = self._turns(scope, reduction, single, flat)
        return flat

    def _turns(
        self, scope: Scope, reduction: Reduction, segment: Segment, carried: Values
    ) -> Values:
        """Rounds of a reduction in whose blocks each round has a lane."""
        dim, lanes = reduction.blocks.lane_loop, segment.size
        assert dim is not None, "there are lanes"
        inside = reduction._replace(
            points=[Point(p.indices, lanes) for p in reduction.points]
        )

        def fill(inner: Scope, index: LinearIndex, values: Values) -> Values:
            at = LinearIndex(index.constant, index.terms, int(lanes > 1))
            return self._reduced(inner, inside, {dim: at}, values)

        return self.loops.rounds(scope, f"r{dim}", segment, carried, fill)

    # Loops that are cut to the rounds that count.

    def _rest(
        self,
        scope: Scope,
        reduction: Reduction,
        clip: Clip,
        fixed: Fixed,
        dim: int,
    ) -> LinearIndex | None:
        """The index in round 0 of `dim`, if it is the same for all elements."""
        op = reduction.op
        found: set[LinearIndex] = set()
        for point in reduction.points:
            dims = whole(op, point, {**fixed, dim: LinearIndex()})
            at = Point(dims, point.lanes)
            place = self.elements.place_in_part(scope, op, clip.operand, at)
            found.add(place.indices[clip.axis])
        return found.pop() if len(found) == 1 else None

    def _clipped(
        self,
        scope: Scope,
        clip: Clip,
        where: tuple[int, LinearIndex],
        segment: Segment,
        carried: Values,
        fill: Fill,
    ) -> Values:
        """A loop over the rounds in which an index is inside, and over the others."""
        dim, rest = where
        low, high = rest.bounds(1)
        last = high + clip.factor * (segment.stop - 1)
        if low >= 0 and last < clip.bound:
            return self.loops.rounds(scope, f"r{dim}", segment, carried, fill)
        constants = self.elements.constants.value
        start, stop = constants(0), constants(segment.stop)
        first = self._reached(scope, clip, rest, 0)
        end = self._reached(scope, clip, rest, clip.bound)
        first = scope.append(arith.MaxSIOp(first, start))
        end = scope.append(arith.MinSIOp(end, stop))
        first.name_hint, end.name_hint = "first", "end"
        parts = [(first, end, True)]
        if not clip.vanishes and low < 0:
            parts.insert(0, (start, scope.append(arith.MinSIOp(first, stop)), False))
        if not clip.vanishes and last >= clip.bound:
            parts.append((scope.append(arith.MaxSIOp(end, first)), stop, False))
        for part in parts:
            carried = self._part(scope, clip, where, part, segment, carried, fill)
        return carried

    def _part(
        self,
        scope: Scope,
        clip: Clip,
        start: tuple[int, LinearIndex],
        part: tuple[SSAValue, SSAValue, bool],
        segment: Segment,
        carried: Values,
        fill: Fill,
    ) -> Values:
        """A loop over the rounds in which it is known whether an index is inside."""
        dim, rest = start
        first, end, is_inside = part

        def known(inner: Scope, index: LinearIndex, values: Values) -> Values:
            outcomes = inner.inside if is_inside else inner.outside
            outcomes.add((rest.plus(index.times(clip.factor)), clip.bound))
            return fill(inner, index, values)

        rounds = first, end, self.elements.constants.value(1)
        bounds = 0, segment.stop - 1, 1
        return self.loops.loop(scope, f"r{dim}", rounds, bounds, carried, known)

    def _reached(
        self, scope: Scope, clip: Clip, rest: LinearIndex, limit: int
    ) -> SSAValue:
        """The first round in which the index is at least `limit`."""
        distance = self.elements.value(scope, rest.times(-1).shifted(limit))
        if clip.factor == 1:
            return distance
        by = self.elements.constants.value(clip.factor)
        return scope.append(arith.CeilDivSIOp(distance, by))


def whole(
    op: Structured, point: Point, fixed: Fixed | None = None
) -> tuple[LinearIndex, ...]:
    """The rounds of all loops, of which `point` has those that are parallel."""
    if isinstance(op, linalg.FillOp):
        return point.indices
    count = len(op.iterator_types)
    known = dict(zip(parallel_dims(op), point.indices, strict=True)) | (fixed or {})
    return tuple(known.get(dim, LinearIndex()) for dim in range(count))


def rows(flat: Sequence[SSAValue], outputs: int) -> list[Values]:
    """What is carried, for each element."""
    return [
        list(flat[start : start + outputs]) for start in range(0, len(flat), outputs)
    ]
