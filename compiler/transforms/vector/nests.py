"""
The loops that an operation which writes memory becomes, block by block.

Loops over results are cut into segments: whole blocks, what is left of them, and, where
a padded value is read, the blocks at the borders, in which it is known what is outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from xdsl.builder import Builder
from xdsl.dialects import func
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import InsertPoint

from ...analysis.structured import loop_ranges
from .accumulators import Accumulators, whole
from .blocks import Blocks
from .borders import Borders
from .dataflow import Dataflow, Structured, parallel_dims
from .indices import LinearIndex, Point
from .moves import Values
from .operands import result_indices
from .reads import Reads
from .record_moves import Stored, store_all
from .records import Records, records_of
from .registers import Registers
from .scopes import Scope

Piece: TypeAlias = tuple[LinearIndex, int]
"""An index, and how many lanes follow each other from there."""


@dataclass
class Nests:
    """Builds the loops of the operations of one kernel that write memory."""

    kernel: func.FuncOp
    flow: Dataflow
    registers: Registers | None
    """What the machine has; none where there is no machine."""
    accumulators: Accumulators = field(init=False)
    _repeatable: bool = field(init=False)
    """Whether a block may do again what blocks before it have done."""

    def __post_init__(self) -> None:
        self.accumulators = Accumulators(self.kernel, self.flow)
        if self.registers is not None:
            self.accumulators.elements.widest = self.registers.widest

    def write_memory(self, op: Structured) -> None:
        """Puts the loops that do what `op` does to memory in front of it."""
        reads = Reads.of(op, self.flow)
        self.accumulators.borders = Borders.of(reads, cut_sizes(reads), lane_of(reads))
        self._repeatable = is_repeatable(reads)
        self.accumulators.elements.records = self._records(reads)
        blocks = Blocks.of(op)
        inside = set(range(len(loop_ranges(op))))
        if isinstance(op, linalg.GenericOp):
            inside = set(parallel_dims(op))
        order = [dim for dim in blocks.order if dim in inside]
        scope = Scope(Builder(InsertPoint.before(op)), op)
        self._results(scope, op, blocks, order, {})

    def _records(self, reads: Reads) -> dict[SSAValue, Records]:
        """The buffers whose lanes have a record each."""
        lane = lane_of(reads)
        if lane is None or not self._repeatable or self.registers is None:
            return {}
        return records_of(reads, cut_sizes(reads), lane, self.registers.fields)

    def _results(
        self,
        scope: Scope,
        op: Structured,
        blocks: Blocks,
        order: Sequence[int],
        fixed: Mapping[int, list[Piece]],
    ) -> None:
        """The loops over results, from the first of `order` on."""
        if not order:
            return self._block(scope, op, block_points(fixed))
        dim, *rest = order
        borders = self.accumulators.borders
        loop = borders.reads.loops.index((op, dim))
        for segment in borders.segments(loop):
            before = borders.before(loop, segment) if self._repeatable else 0
            cut = blocks.pieces(dim, segment.size, before)

            def fill(
                inner: Scope,
                index: LinearIndex,
                _: Values,
                cut: Sequence[tuple[int, int]] = cut,
            ) -> Values:
                pieces = [(index.shifted(offset), lanes) for offset, lanes in cut]
                self._results(inner, op, blocks, rest, {**fixed, dim: pieces})
                return []

            self.accumulators.loops.rounds(scope.fork(), f"i{dim}", segment, [], fill)

    def _block(self, scope: Scope, op: Structured, points: Sequence[Point]) -> None:
        """All elements of one block: first they are made, then they are stored."""
        if isinstance(op, linalg.FillOp):
            results = [[op.inputs[0]]] * len(points)
            maps = [AffineMap.identity(len(loop_ranges(op)))]
        else:
            results = self.accumulators.results(scope, op, points)
            maps = [result_indices(op, k) for k in range(len(op.outputs))]
        elements = self.accumulators.elements
        stored: list[Stored] = []
        for point, values in zip(points, results, strict=True):
            for value, output, map_ in zip(values, op.outputs, maps, strict=True):
                dims = whole(op, point)
                place = Point(elements.at(scope, map_, dims), point.lanes)
                stored.append((value, output, place))
        store_all(elements, scope, stored)


def cut_sizes(reads: Reads) -> list[int]:
    """Rounds that are done at once, for each loop of a nest, as its operations say."""
    sizes: list[int] = []
    for op, dim in reads.loops:
        assert isinstance(op, Structured), "loops are of structured operations"
        sizes.append(Blocks.of(op).sizes[dim])
    return sizes


def is_repeatable(reads: Reads) -> bool:
    """Whether an element of the root can be made again once it has been stored."""
    written = {whole_buffer(output) for output in reads.root.outputs}
    return not any(whole_buffer(read.buffer) in written for read in reads.found)


def whole_buffer(value: SSAValue) -> SSAValue:
    """The memory that `value` is, or is a part of."""
    while isinstance(value.owner, Operation) and value.owner.operands:
        value = value.owner.operands[0]
    return value


def block_points(fixed: Mapping[int, list[Piece]]) -> list[Point]:
    """
    The points of a block, in the order in which they are made.

    The loop of the lanes, or else the last one, is slowest: what it alone reads, as
    weights are, is needed for one vector at a time.
    """
    last = max((dim for dim in fixed if len(fixed[dim]) > 1), default=0)
    wide = (dim for dim in fixed if any(lanes > 1 for _, lanes in fixed[dim]))
    slowest = next(wide, last)
    dims = sorted(fixed, key=lambda dim: (dim != slowest, dim))
    points: list[Point] = []
    for pieces in product(*(fixed[dim] for dim in dims)):
        lanes = max((count for _, count in pieces), default=1)
        at = {
            dim: LinearIndex(index.constant, index.terms, int(count > 1))
            for dim, (index, count) in zip(dims, pieces, strict=True)
        }
        points.append(Point(tuple(at[dim] for dim in sorted(at)), lanes))
    return points


def lane_of(reads: Reads) -> int | None:
    """The loop over results of a nest whose rounds are lanes, as its operations say."""
    for number, (op, dim) in enumerate(reads.loops):
        assert isinstance(op, Structured), "loops are of structured operations"
        if reads.is_outer(number) and Blocks.of(op).lane_loop == dim:
            return number
    return None
