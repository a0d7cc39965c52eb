"""Prints the body of one function: one short function per operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import cast

from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.utils.exceptions import DiagnosticException

from ...dialects.deploy import TokenType
from .carried import assignment, continued, used_once_in
from .expressions import ATOM, SUM, Expression, binary, subscript
from .inlining import inlined
from .names import Names
from .scalars import evaluate, is_scalar
from .types import c_type, integer_literal, pointee_type

LONGEST_EXPRESSION = 70
"""Characters from which on a value gets a name of its own."""

ZERO = Expression("0")


def refuse(op: Operation, message: str) -> None:
    """Reports that the C backend cannot print `op`."""
    op.emit_error(message, DiagnosticException(message))


def static_strides(value: SSAValue, op: Operation) -> list[int]:
    """The distance in elements between neighbours, for each dimension of a memref."""
    type = cast(MemRefType[Attribute], value.type)
    strides = type.get_strides()
    if strides is None or any(stride is None for stride in strides):
        refuse(op, f"strides must be known, got {type}")
    return [cast(int, stride) for stride in cast(Sequence[int | None], strides)]


def constant_value(value: SSAValue) -> int | None:
    """The number behind an `index` constant; none for anything else."""
    if not isinstance(value.owner, arith.ConstantOp):
        return None
    data = getattr(getattr(value.owner.value, "value", None), "data", None)
    return data if isinstance(data, int) else None


def added(a: Expression, b: Expression) -> Expression:
    """`a + b` as a person writes it."""
    if a == ZERO:
        return b
    return a if b == ZERO else binary(a, "+", b)


@dataclass
class FunctionPrinter:
    """Prints operations as statements, and remembers how to refer to their results."""

    names: Names
    read_only: set[SSAValue] = field(default_factory=set[SSAValue])
    """Memrefs that are pointers to const."""
    values: dict[SSAValue, Expression] = field(
        default_factory=dict[SSAValue, Expression]
    )
    """How each value is written where it is used."""
    lines: list[str] = field(default_factory=list[str])
    _depth: int = 1
    _inlined: set[Operation] = field(default_factory=set[Operation])

    def line(self, text: str) -> None:
        """Adds one line at the current depth."""
        self.lines.append("    " * self._depth + text)

    def block(self, block: Block) -> None:
        """Prints every operation of `block`."""
        self._inlined |= inlined(block)
        for op in block.ops:
            self.operation(op)

    def operation(self, op: Operation) -> None:
        """Prints one operation, as a statement or as an expression for later."""
        if is_scalar(op):
            value = evaluate(op, [self.value(operand) for operand in op.operands])
            self.define(op, value)
        else:
            self.emit(op)

    def value(self, value: SSAValue) -> Expression:
        """How `value` is written."""
        return self.values[value]

    def define(self, op: Operation, value: Expression) -> None:
        """Makes `value` the result of `op`: inside an expression, or as a constant."""
        result = op.results[0]
        is_short = len(value.text) <= LONGEST_EXPRESSION
        if isinstance(op, arith.ConstantOp) or (op in self._inlined and is_short):
            self.values[result] = value
            return
        if not result.uses.get_length():
            return
        name = self.local(result, "v")
        self.line(f"const {c_type(result.type, op)} {name.text} = {value.text};")

    def local(self, value: SSAValue, otherwise: str) -> Expression:
        """A new name for `value`."""
        hint = re.sub(r"(_\d+)+$", "", value.name_hint or "")
        name = Expression(self.names.unique(hint or otherwise))
        self.values[value] = name
        return name

    @singledispatchmethod
    def emit(self, op: Operation) -> None:
        """Prints an operation that is not a scalar expression."""
        refuse(op, "the C backend cannot emit this operation")

    @emit.register
    def _(self, op: func.ReturnOp) -> None:
        if op.arguments:
            refuse(op, "a function must not return values")

    @emit.register
    def _(self, op: memref.LoadOp) -> None:
        self.define(op, self.element(op, op.memref, op.indices))

    @emit.register
    def _(self, op: memref.StoreOp) -> None:
        element = self.element(op, op.memref, op.indices)
        self.line(f"{element.text} = {self.value(op.value).text};")

    def element(
        self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]
    ) -> Expression:
        """The element of `buffer` at `indices`."""
        at = self.distance(op, buffer, [self.number(value) for value in indices])
        return subscript(self.value(buffer), at)

    def number(self, value: SSAValue) -> Expression | int:
        """An index, as a number when it is known."""
        known = constant_value(value)
        return self.value(value) if known is None else known

    def distance(
        self, op: Operation, buffer: SSAValue, indices: Sequence[Expression | int]
    ) -> Expression:
        """How many elements `indices` are away from the first one of `buffer`."""
        strides = static_strides(buffer, op)
        total, constant = ZERO, 0
        for index, stride in zip(indices, strides, strict=True):
            if isinstance(index, int):
                constant += index * stride
            elif stride == 1:
                total = added(total, index)
            elif stride:
                factor = Expression(integer_literal(stride, 32))
                total = added(total, binary(index, "*", factor))
        return added(total, Expression(str(constant))) if constant else total

    @emit.register
    def _(self, op: memref.SubviewOp) -> None:
        if op.sizes or op.strides:
            refuse(op, "sizes and strides of a subview must be known")
        dynamic = iter(op.offsets)
        offsets = [
            self.number(next(dynamic)) if n == DYNAMIC_INDEX else n
            for n in op.static_offsets.get_values()
        ]
        distance = self.distance(op, op.source, offsets)
        self.pointer(op, added_to_pointer(self.value(op.source), distance), op.source)

    @emit.register(memref.CollapseShapeOp)
    @emit.register(memref.ExpandShapeOp)
    @emit.register(memref.CastOp)
    def _(self, op: Operation) -> None:
        self.pointer(op, self.value(op.operands[0]), op.operands[0])

    @emit.register
    def _(self, op: memref.ReinterpretCastOp) -> None:
        first = cast(MemRefType[Attribute], op.source.type).get_offset()
        if list(op.static_offsets.get_values()) != [first]:
            refuse(op, "a buffer under another shape must begin at the same element")
        self.pointer(op, self.value(op.source), op.source)

    def pointer(self, op: Operation, value: Expression, source: SSAValue) -> None:
        """Gives the result of `op` a name, unless it is the same pointer."""
        result = op.results[0]
        if source in self.read_only:
            self.read_only.add(result)
        if value.level == ATOM:
            self.values[result] = value
        elif result.uses.get_length():
            const = "const " if source in self.read_only else ""
            type = pointee_type(result.type, op)
            self.line(f"{const}{type} *const {self.local(result, 'part').text} = ")
            self.lines[-1] += f"{value.text};"

    @emit.register
    def _(self, op: scf.ForOp) -> None:
        variables = [self.carried(op, number) for number in range(len(op.iter_args))]
        index, *inside = op.body.block.args
        for arg, result, name in zip(inside, op.results, variables, strict=True):
            self.values[arg] = self.values[result] = name
        first, last, step = (self.value(v) for v in (op.lb, op.ub, op.step))
        outside = set(self.names.taken)
        i = self.local(index, "i").text
        advance = f"{i}++" if step.text == "1" else f"{i} += {step.inside(SUM)}"
        self.line(f"for ({c_type(index.type, op)} {i} = {first.text};")
        self.lines[-1] += f" {i} < {last.inside(SUM)}; {advance}) {{"
        self.inner(op.body.block)
        self.names.taken = outside
        self.line("}")

    def inner(self, block: Block) -> None:
        """Prints a block between braces."""
        outside = set(self.names.taken)
        self._depth += 1
        self.block(block)
        self._depth -= 1
        self.names.taken = outside

    @emit.register
    def _(self, op: scf.IfOp) -> None:
        for number, result in enumerate(op.results):
            start = continued(op, number)
            if start is not None:
                self.values[result] = self.value(start)
                continue
            name = self.local(result, "v")
            self.line(f"{c_type(result.type, op)} {name.text};")
        self.line(f"if ({self.value(op.cond).text}) {{")
        self.inner(op.true_region.block)
        if op.false_region.blocks:
            self.line("} else {")
            before = len(self.lines)
            self.inner(op.false_region.block)
            if len(self.lines) == before:
                self.lines.pop()
        self.line("}")

    def carried(self, op: scf.ForOp, number: int) -> Expression:
        """The variable that loop `op` carries: the one around it where that will do."""
        start = op.iter_args[number]
        if continued(op, number) is start and used_once_in(op, start):
            return self.value(start)
        value = self.value(start)
        is_token = isinstance(start.type, TokenType)
        carried = op.body.block.args[number + 1]
        name = self.local(carried, "transfer" if is_token else "acc")
        self.line(f"{c_type(start.type, op)} {name.text} = {value.text};")
        return name

    @emit.register
    def _(self, op: scf.YieldOp) -> None:
        around = op.parent_op()
        if isinstance(around, scf.ForOp):
            targets = [self.value(arg) for arg in around.body.block.args[1:]]
        elif isinstance(around, scf.IfOp):
            targets = [self.value(result) for result in around.results]
        else:
            return refuse(op, "scf.yield must end an scf.for or scf.if")
        values = [self.value(value) for value in op.operands]
        changed = [
            (target, value, source)
            for target, value, source in zip(targets, values, op.operands, strict=True)
            if target != value
        ]
        if len(changed) > 1:
            changed = [(t, self.named(v, s, op), s) for t, v, s in changed]
        for target, value, _ in changed:
            self.line(assignment(target.text, value))

    def named(self, value: Expression, source: SSAValue, op: Operation) -> Expression:
        """`value` under a name, so that an assignment cannot change it."""
        name = Expression(self.names.unique("next"))
        self.line(f"const {c_type(source.type, op)} {name.text} = {value.text};")
        return name


def added_to_pointer(pointer: Expression, distance: Expression) -> Expression:
    """The address `distance` elements behind `pointer`."""
    return pointer if distance == ZERO else binary(pointer, "+", distance)
