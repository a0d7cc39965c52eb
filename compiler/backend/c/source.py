"""
A whole program as C has it: the names, the sections and the sizes of its parts.

What the parts say is in `entry_points.py`, `inner_functions.py` and `weights.py`; the
folder writer puts them into files, `-t c` into one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xdsl.dialects.builtin import ModuleOp, StringAttr

from ...analysis.groups import KERNEL_ATTRIBUTE
from ...analysis.memory import ARENA_ALIGN
from ...analysis.occupancy import Occupancy
from ...analysis.placement import check_placement
from ...analysis.program import (
    Program,
    callee,
)
from ...analysis.weights_form import WeightsForm
from ...machine import Machine, has_machine, machine_of
from ...rewriting import node_names
from . import weights
from .driver import (
    parameter_names,
)
from .names import Names, identifier, macro_part, program_name


@dataclass(frozen=True)
class Arena:
    """The working memory of a program in one level."""

    name: str
    """What C calls it."""
    macro: str
    """The macro of its size."""
    bytes: int
    alignment: int
    section: str


@dataclass(frozen=True)
class Source:
    """What the parts of one program share in C."""

    program: Program
    name: str
    """The C identifier that every external symbol begins with."""

    @staticmethod
    def of(module: ModuleOp, name: str | None = None) -> Source:
        """The program `module`, called `name` or what the module is called."""
        own = module.sym_name.data if isinstance(module.sym_name, StringAttr) else ""
        source = Source(Program.of(module), program_name(name or own))
        check_placement(source.occupancy)
        return source

    @cached_property
    def occupancy(self) -> Occupancy:
        """Who touches what and when."""
        return Occupancy(self.program)

    @cached_property
    def members(self) -> list[weights.Member]:
        """The tensors of the weights."""
        return weights.members(self.program)

    @cached_property
    def form(self) -> WeightsForm:
        """How the weights are held."""
        return WeightsForm.of(self.program.module)

    @property
    def has_image(self) -> bool:
        """Whether the weights are a file of bytes."""
        size = sum(member.bytes for member in self.members)
        return bool(self.members) and self.form.is_binary(size)

    @property
    def weights_prefix(self) -> str:
        """What stands before the name of a member of the weights."""
        at_address = self.form.address is not None
        return f"{self.name}_WEIGHTS->" if at_address else f"{self.name}_weights."

    @property
    def weights_section(self) -> str:
        """The section of the weights; nothing where the linker decides."""
        return self.form.section or self.section("weights", "rodata")

    @cached_property
    def symbols(self) -> dict[str, str]:
        """The C name of each function, by its name in the module."""
        first_node: dict[str, str] = {}
        for call in self.program.calls:
            nodes = node_names(call.location) or (callee(call),)
            first_node.setdefault(callee(call), nodes[0])
        names = Names()
        symbols: dict[str, str] = {}
        for number, function in enumerate(self.program.functions):
            own = function.sym_name.data
            if KERNEL_ATTRIBUTE in function.attributes:
                node = identifier(first_node.get(own, own))
                symbols[own] = f"{self.name}_kernel_{number}_{node}"
            else:
                symbols[own] = f"{self.name}_{names.unique(own)}"
        return symbols

    def file_names(self) -> Names:
        """The names that are taken everywhere in the program."""
        own = {f"{self.name}_{part}" for part in ("run", "run_in", "weights", "arenas")}
        return Names(own | set(self.symbols.values()))

    @cached_property
    def parameter_names(self) -> dict[str, list[str]]:
        """How the arguments of the entry function are called in C, by role."""
        return parameter_names(self.program)

    @cached_property
    def arenas(self) -> list[Arena]:
        """The working memory."""
        found = zip(
            self.program.having("arena"), self.parameter_names["arena"], strict=True
        )
        return [
            Arena(
                name,
                f"{self.name}_ARENA_{macro_part(arena.level)}_BYTES",
                arena.bytes,
                self.arena_alignment(arena.level),
                self.section(f"arena_{arena.level}"),
            )
            for arena, name in found
        ]

    @cached_property
    def machine(self) -> Machine | None:
        """The machine of the program, if it has one."""
        module = self.program.module
        return machine_of(module) if has_machine(module) else None

    def arena_alignment(self, level: str) -> int:
        """Bytes that the arena in a level is aligned to."""
        if self.machine is None:
            return ARENA_ALIGN
        return max(ARENA_ALIGN, self.machine.level(level).align)

    def section(self, what: str, kind: str = "bss") -> str:
        """
        The section of something of this program that has its place.

        Nothing where the linker decides about places.
        """
        is_placed = self.machine is not None and not self.machine.is_native
        return f".{kind}.{self.name}_{what}" if is_placed else ""


def placed(section: str) -> str:
    """What stands before the type of an object in `section`; nothing without one."""
    return f'DEPLOY_SECTION("{section}") ' if section else ""
