"""Prints the entry function: buffers at their offsets, and the steps in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod

from typing_extensions import override
from xdsl.dialects import func, memref
from xdsl.ir import Operation, SSAValue

from ...analysis.plain import text_of
from ...analysis.program import Argument, Program, callee, node_types
from ...analysis.rows import bytes_moved, rows_of
from ...dialects.deploy import DmaStartOp, DmaWaitOp
from ...dialects.deploy.marks import NAME_ATTRIBUTE
from ...rewriting import node_names
from .expressions import UNARY, Expression, cast_to
from .functions import FunctionPrinter
from .names import Names, comment_text
from .types import DTYPES, pointee_type, refuse
from .values import constant_value
from .weights import Member

LINE_LENGTH = 88


def call_lines(head: str, arguments: list[str], tail: str, indent: str) -> list[str]:
    """`head(arguments)tail`, broken after commas where it gets too long."""
    one = f"{indent}{head}({', '.join(arguments)}){tail}"
    if len(one) <= LINE_LENGTH or not arguments:
        return [one]
    lines, line = [f"{indent}{head}("], f"{indent}    "
    for number, argument in enumerate(arguments):
        word = argument + ("," if number + 1 < len(arguments) else f"){tail}")
        if line.strip() and len(line) + len(word) > LINE_LENGTH:
            lines.append(line.rstrip())
            line = f"{indent}    "
        line += f"{word} "
    return [*lines, line.rstrip()]


def comment_lines(nodes: Sequence[str], indent: str) -> list[str]:
    """A comment that names ONNX nodes, on one line or on one line each."""
    texts = [comment_text(node) for node in nodes]
    one = f"{indent}/* {', '.join(texts)} */"
    if len(one) <= LINE_LENGTH or len(texts) == 1:
        return [one] if texts else []
    return [f"{indent}/*", *(f"{indent} * {text}" for text in texts), f"{indent} */"]


def parameter(argument: Argument, name: str, entry: func.FuncOp) -> str:
    """The declaration of an input or output in the public interface."""
    const = "const " if argument.role == "input" else ""
    return f"{const}{public_type(argument, entry)} *{name}"


def public_type(argument: Argument, entry: func.FuncOp) -> str:
    """The C type of the elements that the caller sees."""
    inner = pointee_type(argument.value.type, entry)
    return DTYPES.get(argument.dtype, inner)


@dataclass
class DriverPrinter(FunctionPrinter):
    """Prints the entry function of `program`."""

    program: Program = field(kw_only=True)
    symbols: Mapping[str, str] = field(kw_only=True)
    """The C name of each kernel."""
    weights: Mapping[int, Member] = field(kw_only=True)
    """The member of the weights at each offset."""
    weights_prefix: str = field(kw_only=True)
    """What stands before the name of a member of the weights."""
    _step: int = 0

    def bind(self, argument: Argument, name: str) -> None:
        """Says how `argument` of the entry function is written in C."""
        value = argument.value
        if argument.role == "input":
            self.read_only.add(value)
        if argument.role in ("arena", "weights"):
            self.values[value] = Expression(name)
            return
        entry = self.program.entry
        assert entry is not None, "arguments belong to an entry function"
        inner = pointee_type(value.type, entry)
        self.values[value] = Expression(name)
        if inner != public_type(argument, entry):
            const = "const " if argument.role == "input" else ""
            self.values[value] = cast_to(f"{const}{inner} *", Expression(name))

    @singledispatchmethod
    @override
    def emit(self, op: Operation) -> None:
        super().emit(op)

    @emit.register
    def _(self, op: memref.ViewOp) -> None:
        offset = constant_value(op.byte_shift)
        if offset is None:
            return refuse(op, "the offset of a buffer must be known")
        if self.is_weights(op.source):
            return self.weight(op, offset)
        base = self.value(op.source).text
        place = f"({base} + {offset})" if offset else base
        type = pointee_type(op.result.type, op)
        if op.result.uses.get_length():
            hint = text_of(op.attributes.get(NAME_ATTRIBUTE)) or op.result.name_hint
            name = self.names.unique(hint or "buffer")
            self.values[op.result] = Expression(name)
            self.line(f"{type} *const {name} = ({type} *){place};")

    def is_weights(self, value: SSAValue) -> bool:
        """Whether `value` is the argument that stands for the weights."""
        weights = self.program.having("weights")
        return any(argument.value is value for argument in weights)

    def weight(self, op: memref.ViewOp, offset: int) -> None:
        """A tensor of the weights, named after the member that begins there."""
        member = self.weights.get(offset)
        if member is None:
            return refuse(op, f"no weights begin at byte {offset}")
        type = pointee_type(op.result.type, op)
        value = Expression(self.weights_prefix + member.name)
        if type != member.type:
            value = cast_to(f"const {type} *", cast_to("const void *", value))
        self.values[op.result] = value
        self.read_only.add(op.result)

    @emit.register
    def _(self, op: memref.GetGlobalOp) -> None:
        wanted = op.name_.root_reference.data
        for member in self.weights.values():
            if member.op.sym_name.data == wanted:
                name = self.weights_prefix + member.name
                self.values[op.memref] = Expression(name)
                self.read_only.add(op.memref)
                return
        refuse(op, f"there are no weights called @{wanted}")

    @emit.register
    def _(self, op: func.CallOp) -> None:
        symbol = self.symbols.get(callee(op))
        if symbol is None:
            return refuse(op, f"there is no kernel called @{callee(op)}")
        self.comment(op)
        self.line(f"DEPLOY_STEP_BEGIN({self._step});")
        arguments = [self.value(v).inside(UNARY) for v in op.arguments]
        self.lines += call_lines(symbol, arguments, ";", "    " * self._depth)
        self.line(f"DEPLOY_STEP_END({self._step});")
        self._step += 1

    def comment(self, op: Operation, what: str = "") -> None:
        """Says which ONNX nodes a step is for, and `what` it does for them."""
        types = node_types(self.program.module)
        nodes = [f"{n} ({types[n]})" if n in types else n for n in names_of(op)]
        if what:
            nodes = [*nodes[:-1], f"{nodes[-1]}: {what}" if nodes else what]
        self.lines += comment_lines(nodes, "    " * self._depth)

    @emit.register
    def _(self, op: DmaStartOp) -> None:
        rows = rows_of(op)
        if rows is None:
            message = "a transfer must be rows of contiguous bytes, got {} to {}"
            return refuse(op, message.format(op.source.type, op.destination.type))
        self.comment(op, f"{bytes_moved(op)} bytes, {op.levels[0]} to {op.levels[1]}")
        self.line(f"DEPLOY_TRANSFER_BEGIN({self._step});")
        sides = [self.value(v).inside(UNARY) for v in (op.destination, op.source)]
        shape = [rows.rows, rows.row_bytes, rows.destination_stride, rows.source_stride]
        kind, figures = ("1d", shape[1:2]) if rows.is_contiguous else ("2d", shape)
        token = self.local(op.token, "transfer").text
        head = f"const deploy_dma_t {token} = deploy_dma_start_{kind}"
        arguments = [*sides, *map(str, figures)]
        self.lines += call_lines(head, arguments, ";", "    " * self._depth)
        self.line(f"DEPLOY_TRANSFER_END({self._step});")
        self._step += 1

    @emit.register
    def _(self, op: DmaWaitOp) -> None:
        self.line(f"DEPLOY_TRANSFER_BEGIN({self._step});")
        self.line(f"deploy_dma_wait({self.value(op.token).text});")
        self.line(f"DEPLOY_TRANSFER_END({self._step});")
        self._step += 1


def names_of(op: Operation) -> tuple[str, ...]:
    """The ONNX nodes that `op` does."""
    return node_names(op.location)


def parameter_names(program: Program) -> dict[str, list[str]]:
    """How the arguments of each role are called in C."""
    names = Names()
    roles = ("input", "output")
    named = {
        role: [names.unique(a.name) for a in program.having(role)] for role in roles
    }
    levels = Names()
    named["arena"] = [
        levels.unique(a.level or "arena") for a in program.having("arena")
    ]
    return named
