"""
Makes every buffer a view of its level's arena, which the caller supplies.

Before:
```mlir
func.func @run(%x: memref<8xf32, "ram"> {deploy.role = "input"}, …) {
  %w = memref.get_global @weights_0 : memref<8xf32, "flash">
  %a = deploy.buffer "conv1" at 64 : memref<8xf32, "ram">
```
After:
```mlir
func.func @run(%ram: memref<96xi8, "ram"> {deploy.role = "arena"},
               %flash: memref<32xi8, "flash"> {deploy.role = "weights"},
               %x: memref<8xf32, "ram"> {deploy.role = "input"}, …) {
  %c0 = arith.constant 0 : index
  %w = memref.view %flash[%c0][] : memref<32xi8, "flash"> to memref<8xf32, "flash">
  %c64 = arith.constant 64 : index
  %a = memref.view %ram[%c64][] {deploy.name = "conv1"} : … to memref<8xf32, "ram">
```

An arena has the size that its buffers need.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import (
    IndexType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    i8,
)
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import SymbolTable
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...analysis.groups import functions_of
from ...analysis.memory import bytes_of, level_of
from ...dialects.deploy import BufferOp
from ...dialects.deploy.marks import NAME_ATTRIBUTE, OFFSET_ATTRIBUTE
from ...properties import Property
from ...rewriting import locate
from .signature import attributes_of, role, set_signature


@dataclass(frozen=True)
class Part:
    """An operation that stands for bytes of a level."""

    op: BufferOp | memref.GetGlobalOp
    value: SSAValue
    offset: int
    name: str
    role: str

    @property
    def level(self) -> str:
        """The memory level."""
        return level_of(self.value.type)

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + bytes_of(self.value.type)


def buffer_part(op: BufferOp) -> Part:
    """The part that a buffer is; refuses one without an offset."""
    if op.offset is None:
        message = "buffer must have an offset, got none"
        op.emit_error(message, PassFailedException(message))
    assert op.offset is not None, "emit_error raises"
    return Part(op, op.result, op.offset.value.data, op.label.data, "arena")


def constant_part(op: memref.GetGlobalOp) -> Part:
    """The part that a constant is; refuses one without an offset."""
    target = SymbolTable.lookup_symbol(op, op.name_)
    offset = None if target is None else target.attributes.get(OFFSET_ATTRIBUTE)
    if not isa(offset, IntegerAttr):
        message = f"constant {op.name_} must have deploy.offset, got none"
        op.emit_error(message, PassFailedException(message))
    assert isa(offset, IntegerAttr), "emit_error raises"
    assert target is not None, "a constant with an offset exists"
    name = target.attributes.get(NAME_ATTRIBUTE)
    text = name.data if isinstance(name, StringAttr) else op.name_.string_value()
    return Part(op, op.memref, offset.value.data, text, "weights")


def parts_of(driver: func.FuncOp) -> list[Part]:
    """The buffers and constants that a driver uses."""
    parts: list[Part] = []
    for op in driver.walk():
        if isinstance(op, BufferOp):
            parts.append(buffer_part(op))
        elif isinstance(op, memref.GetGlobalOp):
            parts.append(constant_part(op))
    return parts


def constants_end(module: ModuleOp, level: str) -> int:
    """The bytes of all constants of a level: they are one object."""
    ends = [0]
    for op in module.body.block.ops:
        offset = op.attributes.get(OFFSET_ATTRIBUTE)
        if not isinstance(op, memref.GlobalOp) or not isa(offset, IntegerAttr):
            continue
        if level_of(op.type) == level:
            ends.append(offset.value.data + bytes_of(op.type))
    return max(ends)


@dataclass
class Arenas:
    """The new arguments of one driver."""

    driver: func.FuncOp
    arguments: dict[tuple[str, str], BlockArgument] = field(
        default_factory=dict[tuple[str, str], BlockArgument]
    )
    """Role and level -> argument."""
    offsets: dict[int, SSAValue] = field(default_factory=dict[int, SSAValue])

    def add(self, role: str, level: str, size: int) -> None:
        """Adds an argument behind those added so far."""
        block = self.driver.body.block
        type_ = MemRefType(i8, [size], memory_space=StringAttr(level))
        arg = block.insert_arg(type_, len(self.arguments))
        arg.name_hint = level
        self.arguments[role, level] = arg

    def offset(self, bytes: int, before: Operation) -> SSAValue:
        """A constant of that many bytes, at the start of the driver."""
        if bytes not in self.offsets:
            constant = arith.ConstantOp(IntegerAttr(bytes, IndexType()))
            start = InsertPoint.at_start(self.driver.body.block)
            Rewriter().insert_op(locate(constant, before.location), start)
            self.offsets[bytes] = constant.result
        return self.offsets[bytes]

    def view(self, part: Part) -> None:
        """Makes `part` a view of its arena."""
        op, type_ = part.op, cast(MemRefType[Attribute], part.value.type)
        arena = self.arguments[part.role, part.level]
        view = memref.ViewOp(arena, self.offset(part.offset, op), [], type_)
        view.attributes[NAME_ATTRIBUTE] = StringAttr(part.name)
        view.result.name_hint = part.value.name_hint
        Rewriter().replace_op(op, locate(view, op.location))


def materialize(driver: func.FuncOp, module: ModuleOp) -> None:
    """Replaces the buffers and constants of one driver."""
    parts = parts_of(driver)
    if not parts:
        return
    arenas = Arenas(driver)
    count = len(driver.body.block.args)
    for kind in ("arena", "weights"):
        for level in dict.fromkeys(p.level for p in parts if p.role == kind):
            own = (p.end for p in parts if (p.role, p.level) == (kind, level))
            size = max(own) if kind == "arena" else constants_end(module, level)
            arenas.add(kind, level, size)
    old = attributes_of(driver.arg_attrs, count)
    roles = [role(kind) for kind, _ in arenas.arguments]
    set_signature(driver, [*roles, *old])
    for part in parts:
        arenas.view(part)


class MemoryMaterializeArenasPass(ModulePass):
    """Replaces `deploy.buffer` and `memref.get_global` by views of arguments."""

    name = "memory-materialize-arenas"
    needs = (Property.BUFFERS, Property.OFFSETS)
    establishes = (Property.ARENAS,)
    ends = (Property.BUFFERS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for driver in functions_of(op):
            materialize(driver, op)
