"""Every function of a program but its entry points: kernels, and those by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import MemRefType, StringAttr
from xdsl.ir import Attribute, BlockArgument, SSAValue

from ...analysis.aliasing import unaliased
from ...analysis.groups import KERNEL_ATTRIBUTE
from ...analysis.program import Program, callee, known_index
from ...rewriting import node_names
from . import weights
from .driver import call_lines, comment_lines
from .functions import FunctionPrinter
from .source import Source
from .types import c_type, pointee_type
from .vectors.dots import declarations
from .vectors.lanes import lane_counts, vector_types


@dataclass(frozen=True)
class InnerFunctions:
    """The inner functions of one program as C."""

    source: Source

    @property
    def program(self) -> Program:
        """What the functions are of."""
        return self.source.program

    def lines(self) -> Iterator[str]:
        """What is declared for vectors, then every function but the entry function."""
        lanes = lane_counts(self.program.module)
        yield from map(vector_types, lanes)
        yield from declarations(self.program.module, self.source.machine)
        if lanes:
            yield ""
        for function in self.program.functions:
            yield from self.function(function)
            yield ""

    def function(self, function: func.FuncOp) -> Iterator[str]:
        """One function: a kernel, or one of a hand-written module."""
        printer = FunctionPrinter(self.source.file_names())
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
        head = f"{storage}void {self.source.symbols[function.sym_name.data]}"
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
        owner, members = self.program.buffer(value).owner, self.source.members
        if isinstance(owner, memref.ViewOp):
            if owner.source not in [a.value for a in self.program.having("weights")]:
                return None
            offset = known_index(owner.byte_shift)
            return next((m for m in members if m.offset == offset), None)
        if isinstance(owner, memref.GetGlobalOp):
            name = owner.name_.root_reference.data
            return next((m for m in members if m.op.sym_name.data == name), None)
        return None


def declaration(arg: SSAValue, name: str, function: func.FuncOp, star: str) -> str:
    """The declaration of a parameter of an inner function, without const."""
    type: Attribute = arg.type
    if isinstance(type, MemRefType):
        return f"{pointee_type(arg.type, function)} {star}{name}"
    return f"{c_type(type, function)} {name}"
