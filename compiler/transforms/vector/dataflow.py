"""
Who writes what a structured operation of a kernel reads.

`vector-lower-kernels` asks before it builds anything: registers are not memory, so an
element is computed where it is read, and the operation that makes it must be known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import Block, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.utils.exceptions import PassFailedException

from ...analysis.access import VIEWS
from ...dialects import deploy

Structured: TypeAlias = linalg.FillOp | linalg.GenericOp
"""The structured operations that a kernel may hold."""


@dataclass(frozen=True, eq=False)
class Inserted:
    """A register value of which a part has been written once more."""

    part: Structured
    """Who wrote it."""
    view: SSAValue
    """As which of its results."""
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    whole: Definition
    """Who wrote the rest."""

    @property
    def copied(self) -> SSAValue | None:
        """The memory that the part is a copy of, if the rest is one constant."""
        part = self.part
        if not isinstance(part, linalg.GenericOp) or len(part.operands) != 2:
            return None
        maps = {map_.data for map_ in part.indexing_maps}
        source, plain = part.operands[0], len(part.body.block.ops) == 1
        yielded = part.body.block.args[0].uses.get_length()
        same = maps == {AffineMap.identity(len(self.sizes))}
        known = isinstance(self.whole, linalg.FillOp) and not is_register(source)
        return source if plain and yielded and same and known else None


Definition: TypeAlias = "Structured | Inserted"
"""Where the elements of a register value come from."""


def refuse(op: Operation, message: str) -> NoReturn:
    """Reports that this pass cannot lower `op`."""
    op.emit_error(message, PassFailedException(message))
    raise AssertionError("emit_error raises")


def is_register(value: SSAValue) -> bool:
    """Whether `value` is a buffer that lives in registers."""
    type = value.type
    return isinstance(type, MemRefType) and type.memory_space == deploy.REGISTER_SPACE


def parallel_dims(op: linalg.GenericOp) -> list[int]:
    """The positions of the parallel dimensions of `op`, in order."""
    kinds = [attr.data for attr in op.iterator_types]
    return [i for i, kind in enumerate(kinds) if kind is IteratorType.PARALLEL]


def reads_destination(op: Structured, number: int) -> bool:
    """Whether `op` uses what its output `number` held before."""
    if isinstance(op, linalg.FillOp):
        return False
    args = op.body.block.args[len(op.inputs) :]
    return bool(args[number].uses.get_length())


def covers(op: Structured, number: int) -> bool:
    """Whether `op` writes every element of its output `number`, whatever its value."""
    if isinstance(op, linalg.FillOp):
        return True
    type = op.outputs[number].type
    assert isinstance(type, MemRefType)
    results = op.indexing_maps.data[len(op.inputs) + number].data.results
    large = [e for e, n in zip(results, type.get_shape(), strict=True) if n > 1]
    dims = {e.position for e in large if isinstance(e, AffineDimExpr)}
    return len(dims) == len(large)


def root_buffer(value: SSAValue) -> SSAValue:
    """The buffer that `value` is a part or another shape of."""
    while isinstance(value.owner, VIEWS):
        value = value.owner.operands[0]
    return value


def touched_buffers(op: Operation) -> list[SSAValue]:
    """The buffers that `op`, or an operation inside it, takes as an operand."""
    operands = (value for inner in op.walk() for value in inner.operands)
    memrefs = (value for value in operands if isinstance(value.type, MemRefType))
    return list(dict.fromkeys(root_buffer(value) for value in memrefs))


@dataclass
class Dataflow:
    """Which operation made the values that another one reads, in one kernel."""

    sources: dict[Operation, dict[SSAValue, Definition]] = field(
        default_factory=dict[Operation, dict[SSAValue, Definition]]
    )
    """For each structured operation: buffer -> who wrote it before. Memory is here only
    where a fill is forwarded."""
    forwarded: set[Operation] = field(default_factory=set[Operation])
    """Fills of memory that need not be done, since only an accumulator reads them."""
    _definitions: dict[SSAValue, Definition] = field(
        default_factory=dict[SSAValue, Definition]
    )
    _last_touch: dict[SSAValue, Operation] = field(
        default_factory=dict[SSAValue, Operation]
    )
    _read_by: dict[Definition, set[SSAValue]] = field(
        default_factory=dict[Definition, set[SSAValue]]
    )
    _written_since: dict[Definition, set[SSAValue]] = field(
        default_factory=dict[Definition, set[SSAValue]]
    )

    @staticmethod
    def of(block: Block) -> Dataflow:
        """Reads the kernel body `block` from top to bottom."""
        flow = Dataflow()
        for op in block.ops:
            if isinstance(op, linalg.FillOp | linalg.GenericOp):
                flow._visit(op)
            elif not isinstance(op, VIEWS):
                flow._touch(op)
        return flow

    @property
    def roots(self) -> list[Structured]:
        """The operations whose nests are written: those that write memory."""
        return [
            op
            for op in self.sources
            if isinstance(op, Structured)
            and not is_register(op.outputs[0])
            and op not in self.forwarded
        ]

    def _visit(self, op: Structured) -> None:
        self.sources[op] = {
            value: self._definition(op, value)
            for value in op.operands
            if value in self._definitions
        }
        in_registers = {is_register(value) for value in op.outputs}
        if len(in_registers) != 1:
            refuse(op, "all results must be in registers, or all in memory")
        if in_registers == {True}:
            if not all(covers(op, number) for number in range(len(op.outputs))):
                refuse(op, "every element of a register value must be written")
            self._define(op)
            return
        self._forward_fills(op)
        self._touch(op)

    def _define(self, op: Structured) -> None:
        """Notes which memory the elements that `op` makes come from."""
        memory = {b for b in touched_buffers(op) if not is_register(b)}
        before = (self._read_by[source] for source in self.sources[op].values())
        self._read_by[op] = memory.union(*before)
        self._written_since[op] = set()
        for value in op.outputs:
            if isinstance(value.owner, deploy.RegistersOp):
                self._definitions[value] = op
            else:
                self._insert(op, value)

    def _insert(self, op: Structured, value: SSAValue) -> None:
        """Notes that `op` writes a part of registers that have been written before."""
        view = value.owner
        registers = view.source if isinstance(view, memref.SubviewOp) else None
        whole = None if registers is None else self._definitions.get(registers)
        if registers is None or whole is None or not isinstance(view, memref.SubviewOp):
            refuse(op, "only a part of a register value can be written once more")
        offsets = view.static_offsets.get_values()
        sizes, strides = view.static_sizes.get_values(), view.static_strides
        if view.offsets or view.sizes or set(strides.get_values()) - {1}:
            refuse(op, "part of a register value must be one block of known place")
        new = Inserted(op, value, offsets, sizes, whole)
        self._read_by[new] = self._read_by[op] | self._read_by[whole]
        self._written_since[new] = set(self._written_since[whole])
        self._definitions[registers] = new

    def _definition(self, op: Operation, value: SSAValue) -> Definition:
        source = self._definitions[value]
        if self._read_by[source] & self._written_since[source]:
            message = "memory is written between the making and the use of a register"
            refuse(op, f"{message} value")
        return source

    def _forward_fills(self, op: Structured) -> None:
        for number, value in enumerate(op.outputs):
            fill = self._last_touch.get(root_buffer(value))
            if not isinstance(fill, linalg.FillOp) or fill.outputs[0] is not value:
                continue
            if value in op.inputs or not covers(op, number):
                continue
            self.forwarded.add(fill)
            if reads_destination(op, number):
                self.sources[op][value] = fill

    def _touch(self, op: Operation) -> None:
        buffers = [b for b in touched_buffers(op) if not is_register(b)]
        self._last_touch |= dict.fromkeys(buffers, op)
        written = op.outputs if isinstance(op, Structured) else op.operands
        for known in self._written_since.values():
            known.update(root_buffer(value) for value in written)
