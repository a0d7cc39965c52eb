"""
One element of a structured operation, as scalar operations at given indices.

`Elements` is what `vector-lower-kernels` builds with: `write_memory` makes the loops
of an operation that writes memory; a register element that it reads is made on the
spot, by inlining the operation that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xdsl.builder import Builder
from xdsl.dialects import func, memref, scf
from xdsl.dialects.builtin import IndexType, MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.rewriter import InsertPoint

from ...rewriting import locate
from .affine import Index, IndexConstants, expand, unshifted
from .dataflow import (
    Dataflow,
    Structured,
    is_register,
    parallel_dims,
    reads_destination,
    refuse,
)

Indices = tuple[Index, ...]


@dataclass
class Scope:
    """A place where operations are appended, and the elements already made there."""

    builder: Builder
    source: Operation
    """The operation whose location new ones take."""
    made: dict[tuple[Operation, Indices], tuple[SSAValue, ...]]

    def append(self, op: Operation) -> SSAValue:
        """Appends `op`, which has a result."""
        self.place(op)
        return op.results[0]

    def place(self, op: Operation) -> None:
        """Appends `op`."""
        self.builder.insert(locate(op, self.source.location))

    def inside(self, block: Block) -> Scope:
        """The end of `block`, where everything made so far can be seen."""
        builder = Builder(InsertPoint.at_end(block))
        return Scope(builder, self.source, dict(self.made))

    def on_behalf_of(self, source: Operation) -> Scope:
        """The same place, for operations that `source` stands for."""
        return Scope(self.builder, source, self.made)


Body = Callable[[Scope, Indices, tuple[SSAValue, ...]], Sequence[SSAValue]]
"""Fills a loop nest: scope, indices, carried values -> the next carried values."""


def operand_map(op: linalg.GenericOp, number: int) -> AffineMap:
    """The indexing map of operand `number` of `op`."""
    return op.indexing_maps.data[number].data


def loop_ranges(op: linalg.GenericOp) -> tuple[int, ...]:
    """The extent of each loop of `op`."""
    return op.get_static_loop_ranges() if op.get_num_loops() else ()


def result_indices(op: linalg.GenericOp, number: int) -> AffineMap:
    """
    The map of output `number`, which must visit each element once.

    Every loop that is not a reduction has to be one of its results, shifted or not.
    """
    map = operand_map(op, len(op.inputs) + number)
    loops = [unshifted(expr) for expr in map.results]
    reached = [expr.position for expr in loops if isinstance(expr, AffineDimExpr)]
    wanted = [d for d in parallel_dims(op) if loop_ranges(op)[d] > 1]
    if len(reached) != len(set(reached)) or not set(wanted) <= set(reached):
        refuse(op, f"result must be visited once per parallel loop, got map {map}")
    return map


def check_pointwise(op: linalg.GenericOp, number: int) -> None:
    """Refuses a register operand that would have to be made more than once."""
    map = operand_map(op, number)
    reached = {e.position for e in map.results if isinstance(e, AffineDimExpr)}
    if any(d not in reached and n > 1 for d, n in enumerate(loop_ranges(op))):
        refuse(op, f"register value must be read once per iteration, got map {map}")


@dataclass
class Elements:
    """Makes elements and loops inside one kernel function."""

    kernel: func.FuncOp
    flow: Dataflow
    constants: IndexConstants = field(init=False)

    def __post_init__(self) -> None:
        self.constants = IndexConstants(self.kernel)

    def write_memory(self, op: Structured) -> None:
        """Puts the loops that do what `op` does to memory in front of it."""
        scope = Scope(Builder(InsertPoint.before(op)), op, {})
        if isinstance(op, linalg.FillOp):
            self._write_fill(scope, op)
        else:
            self._write_generic(scope, op)

    def _write_fill(self, scope: Scope, op: linalg.FillOp) -> None:
        type = op.outputs[0].type
        assert isinstance(type, MemRefType)

        def body(inner: Scope, at: Indices, _: Sequence[SSAValue]) -> list[SSAValue]:
            self._store(inner, op.inputs[0], op.outputs[0], at)
            return []

        self._loops(scope, [("i", n) for n in type.get_shape()], (), body)

    def _write_generic(self, scope: Scope, op: linalg.GenericOp) -> None:
        ranges, dims = loop_ranges(op), parallel_dims(op)
        maps = [result_indices(op, k) for k in range(len(op.outputs))]

        def body(inner: Scope, at: Indices, _: Sequence[SSAValue]) -> list[SSAValue]:
            point = dict(zip(dims, at, strict=True))
            values = self._results(inner, op, point)
            for value, output, map in zip(values, op.outputs, maps, strict=True):
                whole = [point.get(d, 0) for d in range(len(ranges))]
                self._store(inner, value, output, self._at(inner, map, whole))
            return []

        self._loops(scope, [("i", ranges[d]) for d in dims], (), body)

    def _results(
        self, scope: Scope, op: linalg.GenericOp, point: dict[int, Index]
    ) -> tuple[SSAValue, ...]:
        """What `op` computes at `point`, the indices of its parallel loops."""
        ranges = loop_ranges(op)
        whole = [point.get(d, 0) for d in range(len(ranges))]
        starts = tuple(self._start(scope, op, k, whole) for k in range(len(op.outputs)))
        dims = [d for d in range(len(ranges)) if d not in point]

        def body(
            inner: Scope, at: Indices, carried: tuple[SSAValue, ...]
        ) -> Sequence[SSAValue]:
            dims_at = point | dict(zip(dims, at, strict=True))
            return self._body(inner, op, [dims_at[d] for d in sorted(dims_at)], carried)

        loops = [("r", ranges[d]) for d in dims]
        needed = tuple(value for value in starts if value is not None)
        if len(needed) != len(starts) and any(n > 1 for _, n in loops):
            refuse(op, "reduction must use the value it accumulates onto")
        if len(needed) == len(starts):
            return self._loops(scope, loops, needed, body)
        return tuple(self._body(scope, op, whole, starts))

    def _start(
        self, scope: Scope, op: linalg.GenericOp, number: int, whole: Sequence[Index]
    ) -> SSAValue | None:
        """The value that output `number` has before `op`; none when it is not used."""
        if not reads_destination(op, number):
            return None
        map = result_indices(op, number)
        return self._element(scope, op, op.outputs[number], map, whole)

    def _body(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        dims: Sequence[Index],
        carried: Sequence[SSAValue | None],
    ) -> list[SSAValue]:
        """The body of `op` at `dims`, with `carried` as the values it updates."""
        block = op.body.block
        mapper: dict[SSAValue, SSAValue] = {}
        for number in range(len(op.inputs)):
            if block.args[number].uses.get_length():
                map = operand_map(op, number)
                mapper[block.args[number]] = self._input(scope, op, number, map, dims)
        for arg, value in zip(block.args[len(op.inputs) :], carried, strict=True):
            if value is not None:
                mapper[arg] = value
        for inner in block.ops:
            if isinstance(inner, linalg.IndexOp):
                index = dims[inner.dim.value.data]
                mapper[inner.result] = self.constants.value(index)
            elif not isinstance(inner, linalg.YieldOp):
                scope.place(inner.clone(mapper))
        last = block.last_op
        assert isinstance(last, linalg.YieldOp), "a generic ends with linalg.yield"
        return [mapper.get(value, value) for value in last.operands]

    def _input(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        number: int,
        map: AffineMap,
        dims: Sequence[Index],
    ) -> SSAValue:
        value = op.inputs[number]
        if not isinstance(value.type, MemRefType):
            return value
        if is_register(value):
            check_pointwise(op, number)
        return self._element(scope, op, value, map, dims)

    def _element(
        self,
        scope: Scope,
        reader: linalg.GenericOp,
        buffer: SSAValue,
        map: AffineMap,
        dims: Sequence[Index],
    ) -> SSAValue:
        """The element of `buffer` that `map` reaches, as `reader` sees it."""
        indices = self._at(scope, map, dims)
        source = self.flow.sources[reader].get(buffer)
        if source is None and is_register(buffer):
            refuse(reader, "register value must be written before it is read")
        if source is None:
            values = [self.constants.value(index) for index in indices]
            return scope.append(memref.LoadOp.get(buffer, values))
        if isinstance(source, linalg.FillOp):
            return source.inputs[0]
        number = list(source.outputs).index(buffer)
        return self._made(scope.on_behalf_of(source), source, number, indices)

    def _made(
        self, scope: Scope, op: linalg.GenericOp, number: int, indices: Indices
    ) -> SSAValue:
        """Element `indices` of output `number` of `op`, made once per scope."""
        map = result_indices(op, number)
        point: dict[int, Index] = dict.fromkeys(parallel_dims(op), 0)
        for expression, index in zip(map.results, indices, strict=True):
            if isinstance(expression, AffineDimExpr):
                point[expression.position] = index
        key = (op, tuple(point.values()))
        if key not in scope.made:
            scope.made[key] = self._results(scope, op, point)
        return scope.made[key][number]

    def _at(self, scope: Scope, map: AffineMap, dims: Sequence[Index]) -> Indices:
        return tuple(expand(e, dims, scope.append, self.constants) for e in map.results)

    def _store(
        self, scope: Scope, value: SSAValue, buffer: SSAValue, at: Indices
    ) -> None:
        values = [self.constants.value(index) for index in at]
        scope.place(memref.StoreOp.get(value, buffer, values))

    def _loops(
        self,
        scope: Scope,
        extents: Sequence[tuple[str, int]],
        carried: tuple[SSAValue, ...],
        body: Body,
        at: Indices = (),
    ) -> tuple[SSAValue, ...]:
        """Loops over `extents` (name, length) around `body`; none of length one."""
        if len(at) == len(extents):
            return tuple(body(scope, at, carried))
        name, extent = extents[len(at)]
        if extent == 1:
            return self._loops(scope, extents, carried, body, (*at, 0))
        types: list[Attribute] = [IndexType(), *(value.type for value in carried)]
        block = Block(arg_types=types)
        block.args[0].name_hint = f"{name}{len(at)}"
        for value in block.args[1:]:
            value.name_hint = "acc"
        inner = scope.inside(block)
        inside = tuple(block.args[1:])
        results = self._loops(inner, extents, inside, body, (*at, block.args[0]))
        inner.place(scf.YieldOp(*results))
        first, last, step = (self.constants.value(n) for n in (0, extent, 1))
        loop = scf.ForOp(first, last, step, carried, block)
        scope.place(loop)
        for value in loop.results:
            value.name_hint = "acc"
        return loop.results
