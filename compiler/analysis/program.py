"""
A lowered module seen as a program: its arguments, weights, kernels and steps.

The backend, the manifest and the tests ask the same questions about the last module;
the answers are here, so that a step has one number and an argument one role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias, cast

from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
)
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.utils.exceptions import DiagnosticException
from xdsl.utils.hints import isa

from ..dialects.deploy import DmaStartOp, DmaWaitOp
from ..dialects.deploy.marks import DTYPE_ATTRIBUTE, NAME_ATTRIBUTE, ROLE_ATTRIBUTE
from .access import accessed, whole_buffer
from .interface import Border, border
from .memory import budget_of, bytes_of, element_bytes
from .plain import text_of

ENTRY = "run"
"""The name of the entry function where a module has several functions."""

INSTRUCTIONS_ATTRIBUTE = "deploy.instructions"
"""Attribute of a kernel: the weighted instructions of a call, as they are predicted."""

MULTIPLY_ADDS_ATTRIBUTE = "deploy.macs"
"""Attribute of a kernel: how often a call multiplies and accumulates."""

StepOp: TypeAlias = func.CallOp | DmaStartOp | DmaWaitOp
"""What a step of a program is: a kernel, the start of a transfer, or a wait for one."""


@dataclass(frozen=True)
class Argument:
    """One argument of the entry function."""

    value: BlockArgument
    role: str
    """`arena`, `weights`, `input` or `output`."""
    name: str
    """The ONNX name of an input or output, the level of an arena or of weights."""
    dtype: str
    """The ONNX element type of an input or output."""
    attributes: DictionaryAttr = field(default_factory=lambda: DictionaryAttr({}))
    """Everything that is said of it."""

    @property
    def type(self) -> MemRefType[Attribute]:
        """The type of the buffer."""
        return cast(MemRefType[Attribute], self.value.type)

    @property
    def level(self) -> str:
        """The memory level, or nothing on a hand-written module without levels."""
        space = self.type.memory_space
        return space.data if isinstance(space, StringAttr) else ""

    @property
    def border(self) -> Border:
        """What a caller sees of an input or output."""
        dtype = self.dtype or default_dtype(self.type)
        return border(self.name, dtype, self.type.get_shape(), self.attributes)

    @property
    def bytes(self) -> int:
        """The size of the buffer."""
        return bytes_of(self.type)


@dataclass(frozen=True)
class Program:
    """What the last module says, found once."""

    module: ModuleOp
    entry: func.FuncOp | None
    """The entry function; none in a module that holds only kernels."""
    functions: tuple[func.FuncOp, ...]
    """Every other function with a body that is called, in order; all without entry."""
    arguments: tuple[Argument, ...]
    """The arguments of the entry function."""
    weights: tuple[memref.GlobalOp, ...]
    """The constants, in order."""

    @staticmethod
    def of(module: ModuleOp) -> Program:
        """Reads `module`."""
        ops = list(module.body.block.ops)
        functions = [op for op in ops if isinstance(op, func.FuncOp)]
        entry = entry_of(functions)
        others = functions if entry is None else called_from(entry, functions)
        others = [f for f in others if f is not entry and not f.is_declaration]
        weights = [op for op in ops if isinstance(op, memref.GlobalOp)]
        arguments = entry_arguments(entry) if entry is not None else ()
        return Program(module, entry, tuple(others), tuple(arguments), tuple(weights))

    def having(self, role: str) -> list[Argument]:
        """The arguments with that role, in order."""
        return [argument for argument in self.arguments if argument.role == role]

    @cached_property
    def steps(self) -> list[StepOp]:
        """
        The steps in program order; the place in it is a step's number.

        A loop's body counts once.
        """
        if self.entry is None:
            return []
        return [op for op in self.entry.walk() if isinstance(op, StepOp)]

    @cached_property
    def first_views(self) -> Mapping[SSAValue, SSAValue]:
        """
        Each view of an arena or of the weights -> the first one that is the same.

        Views that look at the same bytes under the same name are one buffer.
        """
        first: dict[tuple[SSAValue, int | None, str], SSAValue] = {}
        found: dict[SSAValue, SSAValue] = {}
        for op in self.entry.walk() if self.entry is not None else ():
            if isinstance(op, memref.ViewOp):
                key = (op.source, *view_place(op))
                found[op.result] = first.setdefault(key, op.result)
        return found

    def buffer(self, value: SSAValue) -> SSAValue:
        """The buffer of the entry function that `value` is a part of."""
        whole = whole_buffer(value)
        return self.first_views.get(whole, whole)

    @property
    def calls(self) -> list[func.CallOp]:
        """The steps that are calls of kernels."""
        return [op for op in self.steps if isinstance(op, func.CallOp)]

    @property
    def has_transfers(self) -> bool:
        """Whether data moves between levels of memory."""
        return any(isinstance(op, DmaStartOp) for op in self.steps)

    @cached_property
    def accesses(self) -> Mapping[str, tuple[set[int], set[int]]]:
        """Of each function but the entry, the arguments that are read, and written."""
        return {f.sym_name.data: accessed(f) for f in self.functions}

    def function(self, name: str) -> func.FuncOp | None:
        """The function called `name`."""
        return next((f for f in self.functions if f.sym_name.data == name), None)


def called_from(
    entry: func.FuncOp, functions: Sequence[func.FuncOp]
) -> list[func.FuncOp]:
    """The functions that a run of `entry` may reach, itself too, in order."""
    by_name = {function.sym_name.data: function for function in functions}
    reached, waiting = set[func.FuncOp](), [entry]
    while waiting:
        function = waiting.pop()
        reached.add(function)
        calls = (op for op in function.walk() if isinstance(op, func.CallOp))
        callees = (by_name.get(call.callee.string_value()) for call in calls)
        waiting += (f for f in callees if f is not None and f not in reached)
    return [function for function in functions if function in reached]


def entry_of(functions: Sequence[func.FuncOp]) -> func.FuncOp | None:
    """The one called `run`, or else the only one whose arguments have roles."""
    drivers = [function for function in functions if has_roles(function)]
    entry = next((f for f in functions if f.sym_name.data == ENTRY), None)
    if entry is None and len(drivers) > 1:
        names = ", ".join(f"@{driver.sym_name.data}" for driver in drivers)
        message = f"expected one program, or one called @{ENTRY}, got {names}"
        drivers[1].emit_error(message, DiagnosticException(message))
    return drivers[0] if entry is None and drivers else entry


def has_roles(function: func.FuncOp) -> bool:
    """Whether the arguments of `function` say what they are for."""
    attributes = cast(tuple[DictionaryAttr, ...], array_of(function.arg_attrs))
    return any(ROLE_ATTRIBUTE in own.data for own in attributes)


def used_bytes(program: Program, level: str) -> int:
    """The bytes that a lowered program needs of a level, all together."""
    assert program.entry is not None, "a compiled model has an entry function"
    arenas = [a.bytes for a in program.having("arena") if a.level == level]
    return budget_of(program.entry, level).needed(sum(arenas))


def entry_arguments(entry: func.FuncOp) -> list[Argument]:
    """The arguments of the entry function with their roles."""
    found: list[Argument] = []
    attributes = array_of(entry.arg_attrs)
    for number, value in enumerate(entry.body.block.args):
        own = attributes[number] if number < len(attributes) else DictionaryAttr({})
        found.append(entry_argument(entry, value, cast(DictionaryAttr, own).data))
    return found


def entry_argument(
    entry: func.FuncOp, value: BlockArgument, attributes: Mapping[str, Attribute]
) -> Argument:
    """One argument of `entry`, from its attributes; refuses a missing role."""
    role, name = (text_of(attributes.get(f"deploy.{key}")) for key in ("role", "name"))
    if not isinstance(value.type, MemRefType):
        message = f"argument {value.index} must be a memref, got {value.type}"
        entry.emit_error(message, DiagnosticException(message))
    if role not in ("arena", "weights", "input", "output"):
        message = f"argument {value.index} must have deploy.role, got '{role}'"
        entry.emit_error(message, DiagnosticException(message))
    dtype = text_of(attributes.get(DTYPE_ATTRIBUTE))
    own = DictionaryAttr(attributes)
    argument = Argument(value, role, name, dtype, own)
    return argument if name else replace(argument, name=unnamed(argument))


def default_dtype(type: MemRefType[Attribute]) -> str:
    """numpy's name for the elements of a hand-written module's buffer."""
    element = str(type.element_type)
    kind = "float" if element.startswith("f") else "int"
    bits = 8 * element_bytes(type.element_type)
    return "bool" if element == "i1" else f"{kind}{bits}"


def unnamed(argument: Argument) -> str:
    """What an argument is called that has no ONNX name."""
    if argument.role in ("input", "output"):
        return argument.value.name_hint or argument.role
    return argument.level


def integer_of(attribute: Attribute | None) -> int | None:
    """The number of an integer attribute."""
    return attribute.value.data if isa(attribute, IntegerAttr) else None


def callee(call: func.CallOp) -> str:
    """The name of the function that `call` calls."""
    return call.callee.root_reference.data


def node_types(module: ModuleOp) -> dict[str, str]:
    """ONNX node name -> ONNX operator, from `deploy.nodes`."""
    nodes = module.attributes.get("deploy.nodes")
    if not isinstance(nodes, DictionaryAttr):
        return {}
    return {name: text_of(value) for name, value in nodes.data.items()}


def view_place(view: memref.ViewOp) -> tuple[int | None, str]:
    """The offset of a view in bytes, and the name of the buffer there."""
    return known_index(view.byte_shift), text_of(view.attributes.get(NAME_ATTRIBUTE))


def known_index(value: SSAValue) -> int | None:
    """The number behind a constant."""
    owner = value.owner
    return integer_of(owner.value) if isinstance(owner, arith.ConstantOp) else None


def array_of(attribute: Attribute | None) -> tuple[Attribute, ...]:
    """The elements of an array attribute; none for anything else."""
    return tuple(attribute.data) if isa(attribute, ArrayAttr) else ()
