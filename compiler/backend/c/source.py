"""
A whole program as C: public header, kernels, driver, weights.

Every part is text made once; the folder writer puts the parts into files, `-t c` into
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import MemRefType, ModuleOp, StringAttr
from xdsl.ir import Attribute, BlockArgument, SSAValue

from ...analysis.aliasing import unaliased
from ...analysis.groups import KERNEL_ATTRIBUTE
from ...analysis.memory import ARENA_ALIGN
from ...analysis.occupancy import Occupancy
from ...analysis.placement import check_placement
from ...analysis.program import (
    Program,
    callee,
    known_index,
)
from ...analysis.weights_form import WeightsForm
from ...dialects.deploy import WordsOp
from ...machine import Machine, has_machine, machine_of
from ...rewriting import node_names
from . import weights
from .border_macros import border_macros
from .driver import (
    DriverPrinter,
    call_lines,
    comment_lines,
    parameter,
    parameter_names,
)
from .functions import FunctionPrinter
from .names import Names, identifier, macro_part, program_name
from .types import c_type, pointee_type
from .vectors.dots import declarations
from .vectors.lanes import lane_counts, vector_types
from .weights_image import placed_macros


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
    """The C text of one program."""

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

    # The public interface.

    @property
    def parameters(self) -> list[str]:
        """The declarations of the inputs, then of the outputs."""
        entry = self.program.entry
        if entry is None:
            return []
        return [
            parameter(argument, name, entry)
            for role in ("input", "output")
            for argument, name in zip(
                self.program.having(role), self.parameter_names[role], strict=True
            )
        ]

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

    def interface(self) -> Iterator[str]:
        """The macros, the struct of arenas and the two prototypes."""
        yield from border_macros(self.program, self.parameter_names, self.name)
        if self.members and self.form.address is not None:
            yield from placed_macros(self.members, self.name, self.form.address)
        for arena in self.arenas:
            yield f"#define {arena.macro} {arena.bytes}"
        yield ""
        alignment = max((a.alignment for a in self.arenas), default=ARENA_ALIGN)
        yield f"/* The working memory, each part aligned to {alignment} bytes. */"
        yield f"struct {self.name}_arenas {{"
        for arena in self.arenas:
            yield f"    uint8_t *{arena.name}; /* {arena.macro} */"
        if not self.arenas:
            yield "    uint8_t *unused;"
        yield "};"
        yield ""
        if any(isinstance(op, WordsOp) for op in self.program.module.walk()):
            yield "/* Bytes are read four at a time: inputs begin at multiples of 4. */"
        yield "/* Runs the model once in memory of its own. Returns 0 on success. */"
        yield from self.signature("run", [], ";")
        yield ""
        yield "/* The same in the caller's memory: two calls may run at once. */"
        yield from self.signature("run_in", [self.arenas_parameter], ";")

    @property
    def arenas_parameter(self) -> str:
        """The first parameter of the re-entrant form."""
        return f"const struct {self.name}_arenas *arenas"

    def signature(self, what: str, first: Sequence[str], tail: str) -> list[str]:
        """The head of one of the two entry points."""
        arguments = [*first, *self.parameters] or ["void"]
        return call_lines(f"int {self.name}_{what}", arguments, tail, "")

    # The functions.

    def functions(self) -> Iterator[str]:
        """What is declared for vectors, then every function but the entry function."""
        lanes = lane_counts(self.program.module)
        yield from map(vector_types, lanes)
        yield from declarations(self.program.module, self.machine)
        if lanes:
            yield ""
        for function in self.program.functions:
            yield from self.function(function)
            yield ""

    def function(self, function: func.FuncOp) -> Iterator[str]:
        """One function: a kernel, or one of a hand-written module."""
        printer = FunctionPrinter(self.file_names())
        _, writes = self.program.accesses[function.sym_name.data]
        parameters: list[str] = []
        for arg in function.body.block.args:
            name = printer.local(arg, self.argument_name(function, arg, writes)).text
            const = "" if arg.index in writes else "const "
            if const:
                printer.read_only.add(arg)
            star = "*restrict " if function.sym_name.data in self.unaliased else "*"
            parameters.append(const + declaration(arg, name, function, star))
            if not arg.uses.get_length():
                printer.line(f"(void){name};")
        printer.block(function.body.block)
        is_private = function.sym_visibility == StringAttr("private")
        is_kernel = KERNEL_ATTRIBUTE in function.attributes
        storage = "static " if is_private or is_kernel else ""
        storage += "DEPLOY_NOINLINE " if is_kernel else ""
        head = f"{storage}void {self.symbols[function.sym_name.data]}"
        yield from comment_lines(node_names(function.location), "")
        yield from call_lines(head, parameters or ["void"], " {", "")
        yield from printer.lines
        yield "}"

    def argument_name(
        self, function: func.FuncOp, arg: BlockArgument, writes: set[int]
    ) -> str:
        """What a parameter without a name of its own is called."""
        value = self.first_arguments.get((function.sym_name.data, arg.index))
        member = None if value is None else self.member_of(value)
        if member is not None:
            return member.name
        return "out" if arg.index in writes else "in"

    @cached_property
    def unaliased(self) -> frozenset[str]:
        """The functions whose arguments never overlap."""
        return unaliased(self.program)

    @cached_property
    def first_arguments(self) -> dict[tuple[str, int], SSAValue]:
        """What is passed to each parameter (function, number) by its first call."""
        found: dict[tuple[str, int], SSAValue] = {}
        for call in self.program.calls:
            for number, value in enumerate(call.arguments):
                found.setdefault((callee(call), number), value)
        return found

    def member_of(self, value: SSAValue) -> weights.Member | None:
        """The weights that `value` is."""
        value = self.program.buffer(value)
        owner = value.owner
        if isinstance(owner, memref.ViewOp):
            is_weights = owner.source in [
                a.value for a in self.program.having("weights")
            ]
            offset = known_index(owner.byte_shift)
            here = (m for m in self.members if is_weights and m.offset == offset)
            return next(here, None)
        if isinstance(owner, memref.GetGlobalOp):
            name = owner.name_.root_reference.data
            return next((m for m in self.members if m.op.sym_name.data == name), None)
        return None

    def driver(self) -> Iterator[str]:
        """The two entry points."""
        entry = self.program.entry
        if entry is None:
            return
        yield from self.signature("run_in", [self.arenas_parameter], " {")
        yield from self.driver_body(entry)
        yield "    return 0;"
        yield "}"
        yield ""
        yield from self.signature("run", [], " {")
        yield from self.own_arenas()
        names = self.parameter_names["input"] + self.parameter_names["output"]
        head = f"return {self.name}_run_in"
        yield from call_lines(head, ["&arenas", *names], ";", "    ")
        yield "}"

    def own_arenas(self) -> Iterator[str]:
        """Static working memory; a part of no bytes needs none."""
        fields: list[str] = []
        for arena in self.arenas:
            if arena.bytes:
                place = f"DEPLOY_ALIGN({arena.alignment}) {placed(arena.section)}"
                yield f"    static {place}uint8_t {arena.name}[{arena.macro}];"
            fields.append(f".{arena.name} = {arena.name if arena.bytes else 'NULL'}")
        inside = ", ".join(fields) or ".unused = NULL"
        yield f"    const struct {self.name}_arenas arenas = {{{inside}}};"

    def driver_body(self, entry: func.FuncOp) -> Iterator[str]:
        """Buffers and steps."""
        names = self.file_names()
        names.taken.add("arenas")
        for role in ("input", "output"):
            names.taken |= set(self.parameter_names[role])
        printer = DriverPrinter(
            names,
            program=self.program,
            symbols=self.symbols,
            weights={member.offset: member for member in self.members},
            weights_prefix=self.weights_prefix,
        )
        for role in ("input", "output", "arena"):
            named = self.parameter_names[role]
            for argument, name in zip(self.program.having(role), named, strict=True):
                written = f"arenas->{name}" if role == "arena" else name
                printer.bind(argument, written)
        printer.block(entry.body.block)
        if not any(argument.value.uses for argument in self.program.having("arena")):
            yield "    (void)arenas;"
        for role in ("input", "output"):
            named = self.parameter_names[role]
            for argument, name in zip(self.program.having(role), named, strict=True):
                if not argument.value.uses.get_length():
                    yield f"    (void){name};"
        yield from printer.lines


def placed(section: str) -> str:
    """What stands before the type of an object in `section`; nothing without one."""
    return f'DEPLOY_SECTION("{section}") ' if section else ""


def declaration(arg: SSAValue, name: str, function: func.FuncOp, star: str) -> str:
    """The declaration of a parameter of an inner function, without const."""
    type: Attribute = arg.type
    if isinstance(type, MemRefType):
        return f"{pointee_type(arg.type, function)} {star}{name}"
    return f"{c_type(type, function)} {name}"
