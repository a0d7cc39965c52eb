"""
Where everything stands that a program occupies, and when.

Levels stand as the machine gives them. In the caller's level come the stack, the
runtime's own state, the arena and the caller's inputs and outputs, one after the other
as the linker script places them; weights start their level.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects import memref
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import SSAValue

from ..analysis.memory import buffer_align, bytes_of, place_reserved
from ..analysis.occupancy import Occupancy, Span
from ..analysis.plain import text_of
from ..analysis.program import Argument, Program, known_index
from ..analysis.weights_form import SUBJECT
from ..backend.c.source import Source
from ..backend.c.weights import Member
from ..dialects.deploy.marks import NAME_ATTRIBUTE
from ..errors import DeployError
from ..execution.linker_script import Placement
from ..machine import Machine
from ..rewriting import node_names


@dataclass
class Buffer:
    """One buffer of the manifest."""

    name: str
    size: int
    level: str
    offset: int
    span: Span
    align: int
    pinned: bool = False
    reserved: bool = False

    def entry(self) -> dict[str, Any]:
        """How it is written."""
        flags = {"pinned": self.pinned, "reserved": self.reserved}
        return {
            "name": self.name,
            "size": self.size,
            "start": self.span.start,
            "end": self.span.end,
            "level": self.level,
            "offset": self.offset,
            "align": self.align,
            **{key: True for key, value in flags.items() if value},
        }


@dataclass
class MemoryMap:
    """Places everything that one program occupies on one machine."""

    source: Source
    machine: Machine
    names: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    """What each buffer of the program is called."""
    placements: list[Placement] = field(default_factory=list[Placement])
    """The sections of the program, with the places that the manifest says."""
    buffers: list[Buffer] = field(default_factory=list[Buffer])
    _taken: set[str] = field(default_factory=set[str])
    _free: dict[str, int] = field(default_factory=dict[str, int])
    _fixed: dict[str, tuple[int, int]] = field(
        default_factory=dict[str, tuple[int, int]]
    )
    """What stands at an address that was asked for: first offset, and end."""

    @staticmethod
    def of(source: Source, machine: Machine) -> MemoryMap:
        """The map of a program."""
        memory = MemoryMap(source, machine)
        memory._reserve()
        memory._place_weights()
        for role in ("arena", "input", "output"):
            for number, argument in enumerate(memory.program.having(role)):
                memory._place_argument(argument, number)
        return memory

    @property
    def program(self) -> Program:
        """The program."""
        return self.source.program

    @property
    def occupancy(self) -> Occupancy:
        """Who touches what and when."""
        return self.source.occupancy

    @property
    def horizon(self) -> int:
        """The number of steps."""
        return max(1, len(self.occupancy.steps))

    def _unique(self, name: str) -> str:
        candidate, number = name or "buffer", 0
        while candidate in self._taken:
            number += 1
            candidate = f"{name}.{number}"
        self._taken.add(candidate)
        return candidate

    def _claim(self, level: str, size: int, alignment: int) -> int:
        """The offset of `size` bytes behind everything else in `level`."""
        facts = self.machine.level(level)
        offset = facts.aligned(self._free.get(level, 0), alignment)
        start, end = self._fixed.get(level, (0, 0))
        if offset < end and start < offset + size:
            offset = facts.aligned(end, alignment)
        self._free[level] = offset + size
        return offset

    def _put(
        self,
        section: str,
        level: str,
        offset: int,
        size: int,
        *,
        is_constant: bool = False,
    ) -> None:
        """Notes where a section of the program stands."""
        if section and size:
            place = Placement(section, level, offset, size, is_constant)
            self.placements.append(place)

    def _reserve(self) -> None:
        """What the program needs without touching it in a step."""
        for part, offset in place_reserved(self.machine):
            name, align = self._unique(part.name), self._align(part.level)
            self._free[part.level] = offset + part.size
            whole = Span(0, self.horizon)
            buffer = Buffer(name, part.size, part.level, offset, whole, align)
            buffer.reserved = True
            self.buffers.append(buffer)

    def _align(self, level: str) -> int:
        """What every buffer in a level is aligned to."""
        return buffer_align(self.machine.level(level))

    def _place_weights(self) -> None:
        level = self.machine.weights_level
        members = self.source.members
        if not members:
            return
        alignment = max(member.alignment for member in members)
        size = max(member.offset + member.bytes for member in members)
        start = self._weights_start(level, size, alignment)
        section = self.source.weights_section
        self._put(section, level, start, size, is_constant=True)
        values = dict(self._weight_values(members))
        for member in members:
            name = self._unique(member.label)
            unused = member.offset not in values
            whole = Span(0, self.horizon)
            self.buffers.append(
                Buffer(
                    name,
                    member.bytes,
                    level,
                    start + member.offset,
                    whole,
                    member.alignment,
                    pinned=True,
                    reserved=unused,
                )
            )
            self.names.update((v, name) for v in values.get(member.offset, ()))

    def _weights_start(self, level: str, size: int, alignment: int) -> int:
        """The offset of the weights; raises `DeployError` for a bad address."""
        form = self.source.form
        form.check_machine(self.machine)
        if form.address is None:
            return self._claim(level, size, alignment)
        base, free = self.machine.level(level).base or 0, self._free.get(level, 0)
        start = form.address - base
        if form.address % alignment:
            reason = f"expected a multiple of {alignment}, got {form.address:#x}"
            raise DeployError(reason, node=SUBJECT)
        if start < free:
            reason = (
                f"expected one behind what is reserved, at {base + free:#x} or later"
            )
            raise DeployError(f"{reason}, got {form.address:#x}", node=SUBJECT)
        self._fixed[level] = (start, start + size)
        return start

    def _weight_values(
        self, members: Sequence[Member]
    ) -> Iterator[tuple[int, list[SSAValue]]]:
        """For each offset of a used member, the values that stand for it."""
        found: dict[int, list[SSAValue]] = {}
        arguments = {argument.value for argument in self.program.having("weights")}
        offsets = {member.op.sym_name.data: member.offset for member in members}
        for value in self.occupancy.by_buffer:
            owner = value.owner
            if isinstance(owner, memref.ViewOp) and owner.source in arguments:
                found.setdefault(known_index(owner.byte_shift) or 0, []).append(value)
            elif isinstance(owner, memref.GetGlobalOp):
                name = owner.name_.root_reference.data
                found.setdefault(offsets[name], []).append(value)
        yield from found.items()

    def _place_argument(self, argument: Argument, number: int) -> None:
        """An arena, or memory of the caller, which nobody else may use."""
        level = argument.level or self.machine.io_level
        if argument.role == "arena":
            alignment = self.source.arena_alignment(level)
            start = self._claim(level, argument.bytes, alignment)
            section = self.source.section(f"arena_{level}")
            self._put(section, level, start, argument.bytes)
            return self._place_buffers(argument, start)
        align = self._align(level)
        start = self._claim(level, argument.bytes, align)
        section = self.source.section(f"{argument.role}_{number}")
        self._put(section, level, start, argument.bytes)
        name = self._unique(argument.name or f"{argument.role}_{argument.value.index}")
        self.names[argument.value] = name
        whole = Span(0, self.horizon)
        buffer = Buffer(name, argument.bytes, level, start, whole, align)
        buffer.reserved = True
        self.buffers.append(buffer)

    def _place_buffers(self, arena: Argument, start: int) -> None:
        """Every buffer of one arena."""
        align = self._align(arena.level)
        for use in arena.value.uses:
            view = use.operation
            if not isinstance(view, memref.ViewOp):
                continue
            span = self.occupancy.span(view.result)
            if span is None:
                continue
            name = self._unique(label_of(view))
            offset = start + (known_index(view.byte_shift) or 0)
            self.names[view.result] = name
            self.buffers.append(
                Buffer(
                    name, bytes_of(view.result.type), arena.level, offset, span, align
                )
            )


def label_of(view: memref.ViewOp) -> str:
    """What the buffer is called."""
    name = view.attributes.get(NAME_ATTRIBUTE)
    nodes = node_names(view.location)
    named = text_of(name) if isinstance(name, StringAttr) else ""
    return named or (nodes[0] if nodes else "buffer")
