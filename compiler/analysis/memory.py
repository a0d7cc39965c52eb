"""
Sizes of memrefs and of memory levels, and how much of a level is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import cast

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import (
    DictionaryAttr,
    FixedBitwidthType,
    IndexType,
    MemRefType,
    ModuleOp,
    StringAttr,
)
from xdsl.ir import Attribute, Operation
from xdsl.utils.exceptions import DiagnosticException

from ..dialects.deploy.marks import ROLE_ATTRIBUTE
from ..machine import Level, Machine, has_machine, machine_of
from .planning import aligned

DEFAULT_ALIGN = 16
"""Alignment of buffers where no machine is attached."""

ARENA_ALIGN = 64
"""Alignment of a whole arena, for any machine."""

LEAST_ALIGN = 8
"""What every buffer is aligned to: the largest element."""

START_BYTES = 64
"""Room for the first instructions of a bare-metal program, in the code's level."""

RUNTIME_STATE_BYTES = 2048
"""Mutable bytes of the bare-metal runtime itself, in the caller's level."""

DEFAULT_SIZE = 1 << 31
"""Size of every level where no machine is attached."""


@dataclass(frozen=True)
class Budget:
    """What the arena (or the constants) of one level may take."""

    level: str
    size: int
    """Bytes of the level."""
    align: int
    """Alignment of each buffer."""
    before: int
    """Bytes in front: what is reserved and, for arenas, constants."""
    behind: tuple[int, ...] = ()
    """Sizes of what stands behind: the caller's inputs and outputs."""
    base: int = 0
    """Address of the level, which says where a multiple of an alignment is."""

    @property
    def start(self) -> int:
        """Where an arena may begin."""
        return self._aligned(self.before, max(ARENA_ALIGN, self.align))

    def _aligned(self, offset: int, alignment: int) -> int:
        return aligned(self.base + offset, alignment) - self.base

    def needed(self, asked: int) -> int:
        """The bytes that the level must have for `asked` ones."""
        end = self.start + asked if asked else self.before
        for size in self.behind:
            end = self._aligned(end, self.align) + size
        return end

    def available(self, asked: int) -> int:
        """The bytes that are there for `asked` ones."""
        return max(self.size - (self.needed(asked) - asked), 0)


def element_bytes(type_: Attribute) -> int:
    """
    The bytes of one element in memory; `i1` takes one, `index` four.

    Raises `DiagnosticException` for what has no fixed size.
    """
    if isinstance(type_, IndexType):
        return 4
    if not isinstance(type_, FixedBitwidthType):
        raise DiagnosticException(f"elements must have a fixed size, got {type_}")
    return type_.size


def bytes_of(type_: Attribute) -> int:
    """The bytes of a whole buffer."""
    memref_type = cast(MemRefType[Attribute], type_)
    return prod(memref_type.get_shape()) * element_bytes(memref_type.element_type)


def level_of(type_: Attribute) -> str:
    """The memory level of a memref, or nothing."""
    space = cast(MemRefType[Attribute], type_).memory_space
    return space.data if isinstance(space, StringAttr) else ""


@dataclass(frozen=True)
class Reserved:
    """A part of a level that every program of a machine has."""

    name: str
    level: str
    size: int
    align: int


def reserved(machine: Machine) -> tuple[Reserved, ...]:
    """What stands in front of everything else, in this order in each level."""
    stack = Reserved("(stack)", machine.stack.level, machine.stack.size, 16)
    if machine.is_native:
        return (stack,)
    start = Reserved("(start)", machine.code_level, START_BYTES, ARENA_ALIGN)
    state = Reserved("(runtime)", machine.io_level, RUNTIME_STATE_BYTES, ARENA_ALIGN)
    return start, stack, state


def place_reserved(machine: Machine) -> tuple[tuple[Reserved, int], ...]:
    """Each reserved part with its offset in its level."""
    ends: dict[str, int] = {}
    found: list[tuple[Reserved, int]] = []
    for part in reserved(machine):
        level = machine.level(part.level)
        align = max(part.align, buffer_align(level))
        offset = level.aligned(ends.get(part.level, 0), align)
        ends[part.level] = offset + part.size
        found.append((part, offset))
    return tuple(found)


def buffer_align(level: Level) -> int:
    """The bytes that every buffer in a level is aligned to."""
    return max(level.align, LEAST_ALIGN)


def machine_around(op: Operation) -> Machine | None:
    """The machine of the module around `op`, if one is attached."""
    module = op.get_toplevel_object()
    if isinstance(module, ModuleOp) and has_machine(module):
        return machine_of(module)
    return None


def budget_of(place: func.FuncOp | ModuleOp, level: str) -> Budget:
    """
    What is free in a level: for the arena of a driver, or for a module's constants.

    Raises `DeployError` when the machine has no such level.
    """
    machine = machine_around(place)
    if machine is None:
        return Budget(level, DEFAULT_SIZE, DEFAULT_ALIGN, 0)
    facts = machine.level(level)
    align = buffer_align(facts)
    parts = place_reserved(machine)
    before = max((at + p.size for p, at in parts if p.level == level), default=0)
    if isinstance(place, ModuleOp):
        before = facts.aligned(before, align)
        return Budget(level, facts.size, align, before, base=facts.base or 0)
    before = facts.aligned(before, align) + constant_bytes(place, level, align)
    behind = caller_sizes(place, level)
    return Budget(level, facts.size, align, before, behind, facts.base or 0)


def caller_sizes(driver: func.FuncOp, level: str) -> tuple[int, ...]:
    """The sizes of the caller's inputs and outputs in a level."""
    attributes = driver.arg_attrs.data if driver.arg_attrs is not None else ()
    return tuple(
        bytes_of(arg.type)
        for arg, own in zip(driver.body.block.args, attributes, strict=False)
        if is_callers(own) and level_of(arg.type) == level
    )


def is_callers(attributes: DictionaryAttr) -> bool:
    """Whether an argument with these attributes is the caller's buffer."""
    role = attributes.data.get(ROLE_ATTRIBUTE)
    return isinstance(role, StringAttr) and role.data in ("input", "output")


def constant_bytes(driver: func.FuncOp, level: str, align: int) -> int:
    """The bytes of the constants in a level."""
    module = driver.get_toplevel_object()
    if not isinstance(module, ModuleOp):
        return 0
    return sum(
        aligned(bytes_of(op.type), align)
        for op in module.body.block.ops
        if isinstance(op, memref.GlobalOp) and level_of(op.type) == level
    )
