"""
One element of a structured operation, as scalar operations at given indices.

`Elements` is what `vector-lower-kernels` builds with: `write_memory` makes the loops
of an operation that writes memory; a register element that it reads is made on the
spot, by inlining the operation that wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.builder import Builder
from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...analysis.memory import machine_around
from .affine import Index, IndexConstants, added, expand
from .dataflow import (
    Dataflow,
    Definition,
    Inserted,
    Structured,
    is_register,
    parallel_dims,
    reads_destination,
    refuse,
)
from .guards import Guard, Nest
from .loops import Loops
from .operands import (
    check_pointwise,
    loop_ranges,
    operand_map,
    result_indices,
    subview,
)
from .scopes import Indices, Scope


@dataclass
class Elements:
    """Makes elements and loops inside one kernel function."""

    kernel: func.FuncOp
    flow: Dataflow
    constants: IndexConstants = field(init=False)
    loops: Loops = field(init=False)

    def __post_init__(self) -> None:
        self.constants = IndexConstants(self.kernel)

    def write_memory(self, op: Structured) -> None:
        """Puts the loops that do what `op` does to memory in front of it."""
        scope = Scope(Builder(InsertPoint.before(op)), op)
        machine = machine_around(op)
        has_vectors = machine is not None and machine.has_vectors
        self.loops = Loops(Nest.of(op, self.flow, has_vectors), self.constants)
        if isinstance(op, linalg.FillOp):
            self._write_fill(scope, op, ())
        else:
            self._write_generic(scope, op)

    def _write_fill(self, scope: Scope, op: linalg.FillOp, at: Indices) -> None:
        type = op.outputs[0].type
        assert isinstance(type, MemRefType)
        if len(at) == len(type.get_shape()):
            self._store(scope, op.inputs[0], op.outputs[0], at)
            return
        extent = type.get_shape()[len(at)]
        if extent == 1:
            return self._write_fill(scope, op, (*at, 0))

        def body(inner: Scope, index: SSAValue, _: object) -> list[SSAValue]:
            self._write_fill(inner, op, (*at, index))
            return []

        self.loops.loop(scope, f"i{len(at)}", extent, (), body)

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

        self.loops.over(scope, op, dims, (), body)

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

        needed = tuple(value for value in starts if value is not None)
        if len(needed) != len(starts) and any(ranges[d] > 1 for d in dims):
            refuse(op, "reduction must use the value it accumulates onto")
        if len(needed) == len(starts):
            return self.loops.over(scope, op, dims, needed, body)
        return tuple(self._body(scope, op, whole, starts))

    def _start(
        self, scope: Scope, op: linalg.GenericOp, number: int, whole: Sequence[Index]
    ) -> SSAValue | None:
        """The value that output `number` has before `op`; none when it is not used."""
        if not reads_destination(op, number):
            return None
        result_indices(op, number)
        return self._element(scope, op, len(op.inputs) + number, whole)

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
                mapper[block.args[number]] = self._input(scope, op, number, dims)
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
        self, scope: Scope, op: linalg.GenericOp, number: int, dims: Sequence[Index]
    ) -> SSAValue:
        value = op.inputs[number]
        if not isinstance(value.type, MemRefType):
            return value
        source = self.flow.sources[op].get(value)
        is_loaded = isinstance(source, Inserted) and source.copied is not None
        if is_register(value) and not is_loaded:
            check_pointwise(op, number)
        return self._element(scope, op, number, dims)

    def _element(
        self,
        scope: Scope,
        reader: linalg.GenericOp,
        number: int,
        dims: Sequence[Index],
    ) -> SSAValue:
        """The element of operand `number` at `dims`, as `reader` sees it."""
        buffer = reader.operands[number]
        source = self.flow.sources[reader].get(buffer)
        guard = self.loops.nest.guards.get((reader, number))
        is_planned = self.loops.nest.is_planned
        if is_planned and guard is not None and not scope.settled.get(guard, True):
            assert isinstance(source, Inserted), "only these have guards"
            source = source.whole
        if isinstance(source, linalg.FillOp):
            return source.inputs[0]
        indices = self._at(scope, operand_map(reader, number), dims)
        if source is None and is_register(buffer):
            refuse(reader, "register value must be written before it is read")
        if source is None:
            return scope.append(memref.LoadOp.get(buffer, self._values(indices)))
        if not isinstance(source, Inserted) or not is_planned:
            return self._defined(scope, source, buffer, indices)
        if guard is not None and guard not in scope.settled:
            return self._selected(scope, source, guard, indices)
        return self._of_part(scope, source, indices)

    def _selected(
        self, scope: Scope, source: Inserted, guard: Guard, indices: Indices
    ) -> SSAValue:
        """An element of the part, in whose place the padding is chosen where needed."""
        memory, fill = source.copied, source.whole
        assert memory is not None, "only copies of memory are selected"
        assert isinstance(fill, linalg.FillOp), "and only with a constant around"
        at = list(self._shifted(scope, source, indices))
        starts: list[Index] = [0] * len(at)
        sizes = list(source.sizes)
        for count, axis in enumerate(guard.axes, start=1):
            starts[axis] = scope.safe[guard.exact[:count]]
            sizes[axis], at[axis] = 1, 0
        part = scope.append(subview(memory, starts, sizes))
        loaded = scope.append(memref.LoadOp.get(part, self._values(at)))
        outcome = scope.made_tests[guard.exact].outcome
        return scope.append(arith.SelectOp(outcome, loaded, fill.inputs[0]))

    def _defined(
        self, scope: Scope, source: Definition, buffer: SSAValue, indices: Indices
    ) -> SSAValue:
        """An element of registers, or of memory that was only filled, by its maker."""
        if isinstance(source, linalg.FillOp):
            return source.inputs[0]
        if isinstance(source, Inserted):
            return self._either(scope, source, buffer, indices)
        output = list(source.outputs).index(buffer)
        return self._made(scope.on_behalf_of(source), source, output, indices)

    def _of_part(self, scope: Scope, source: Inserted, indices: Indices) -> SSAValue:
        """An element of the part, at `indices` of the whole."""
        shifted = self._shifted(scope, source, indices)
        return self._defined(scope, source.part, source.view, shifted)

    def _shifted(self, scope: Scope, source: Inserted, indices: Indices) -> Indices:
        pairs = zip(indices, source.offsets, strict=True)
        return tuple(
            added(index, -offset, scope.append, self.constants)
            for index, offset in pairs
        )

    def _either(
        self, scope: Scope, source: Inserted, buffer: SSAValue, indices: Indices
    ) -> SSAValue:
        """An element of the part or of the rest, by tests made here."""
        shifted = self._shifted(scope, source, indices)
        pairs = zip(shifted, source.sizes, strict=True)
        tests = [self.loops.is_below(scope, index, size) for index, size in pairs]
        assert isa(buffer.type, MemRefType), "registers are a memref"
        (value,) = self.loops.choice(
            scope,
            self.loops.all_of(scope, tests),
            [buffer.type.element_type],
            lambda inner: [self._defined(inner, source.part, source.view, shifted)],
            lambda inner: [self._defined(inner, source.whole, buffer, indices)],
        )
        return value

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
        scope.place(memref.StoreOp.get(value, buffer, self._values(at)))

    def _values(self, indices: Sequence[Index]) -> list[SSAValue]:
        return [self.constants.value(index) for index in indices]
