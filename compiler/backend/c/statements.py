"""Prints what computes values and moves them: one short function per operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import cast

from xdsl.dialects import arith, memref, vector
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, VectorType
from xdsl.ir import Attribute, Operation, SSAValue

from ...dialects import deploy
from . import scalars, vectors
from .expressions import Expression, call, subscript
from .scalars.dispatch import printed_result
from .types import c_type, refuse, vector_name
from .values import Values, added_to_pointer, static_strides
from .vectors import Form, form_of
from .vectors.dispatch import lane_count, vector_type
from .vectors.lanes import POWER_OF_TWO, is_whole, position

LONGEST_EXPRESSION = 70
"""Characters from which on a value gets a name of its own."""

BARRIERS: dict[type[Operation], str] = {
    deploy.TogetherOp: "DEPLOY_TOGETHER",
    deploy.LoadsAfterOp: "DEPLOY_LOADS_AFTER",
}
"""The macro that keeps variables, and what is behind them, in order."""


@dataclass
class StatementPrinter(Values):
    """Prints operations as statements, and remembers how to refer to their results."""

    lines: list[str] = field(default_factory=list[str])
    _depth: int = 1
    _inlined: set[Operation] = field(default_factory=set[Operation])
    _growing: set[SSAValue] = field(default_factory=set[SSAValue])
    """Vectors in variables of their own, made lane by lane."""

    def line(self, text: str) -> None:
        """Adds one line at the current depth."""
        self.lines.append("    " * self._depth + text)

    def operation(self, op: Operation) -> None:
        """Prints one operation, as a statement or as an expression for later."""
        match form_of(op):
            case Form.SCALAR:
                self.define(op, scalars.evaluate(op, self.arguments(op)))
            case Form.VECTOR:
                self.define(op, vectors.evaluate(op, self.arguments(op)))
            case Form.LANES:
                self.lane_by_lane(op)
            case Form.STATEMENT:
                self.emit(op)

    def define(self, op: Operation, value: Expression) -> None:
        """Makes `value` the result of `op`: inside an expression, or as a constant."""
        result = printed_result(op)
        is_short = len(value.text) <= LONGEST_EXPRESSION
        is_literal = isinstance(op, arith.ConstantOp) and not is_list(value)
        if is_literal or (op in self._inlined and is_short):
            self.values[result] = value
            return
        if not result.uses.get_length():
            return
        name = self.local(result, "v")
        self.line(f"const {vectors.type_of(result, op)} {name.text} = {value.text};")

    @singledispatchmethod
    def emit(self, op: Operation) -> None:
        """Prints an operation that is not a scalar expression."""
        refuse(op, "the C backend cannot emit this operation")

    @emit.register
    def _(self, op: memref.LoadOp) -> None:
        self.define(op, self.element(op, op.memref, op.indices))

    @emit.register
    def _(self, op: memref.StoreOp) -> None:
        element = self.element(op, op.memref, op.indices)
        self.line(f"{element.text} = {self.value(op.value).text};")

    @emit.register(deploy.TogetherOp)
    @emit.register(deploy.LoadsAfterOp)
    def _(self, op: Operation) -> None:
        names: list[Expression] = []
        for value, result in zip(self.arguments(op), op.results, strict=True):
            names.append(self.local(result, "v"))
            self.line(f"{c_type(result.type, op)} {names[-1].text} = {value.text};")
        self.line(f"{call(BARRIERS[type(op)], *names).text};")

    @emit.register
    def _(self, op: vector.LoadOp) -> None:
        place = self.vector_address(op, op.result, op.base, op.indices)
        is_factor = any(
            isinstance(use.operation, arith.MulSIExtendedOp) for use in op.result.uses
        )
        name = "DEPLOY_LOAD_FACTOR" if is_factor else "DEPLOY_LOAD"
        if not is_whole(vector_type(op.result)):
            name = "DEPLOY_LOAD_PART"
        self.define(op, call(name, *place))

    @emit.register
    def _(self, op: vector.StoreOp) -> None:
        place = self.vector_address(op, op.vector, op.base, op.indices)
        is_part = not is_whole(vector_type(op.vector))
        name = "DEPLOY_STORE_PART" if is_part else "DEPLOY_STORE"
        self.line(f"{call(name, *place, self.value(op.vector)).text};")

    def vector_address(
        self,
        op: Operation,
        value: SSAValue,
        buffer: SSAValue,
        indices: Sequence[SSAValue],
    ) -> tuple[Expression, Expression]:
        """The type of a vector in memory, and where it begins."""
        if lane_count(value) > 1 and static_strides(buffer, op)[-1] != 1:
            refuse(op, f"lanes must lie side by side in memory, got {buffer.type}")
        name = vector_name(vector_type(value), op)
        return Expression(name), self.address(op, buffer, indices)

    @emit.register
    def _(self, op: vector.InsertOp) -> None:
        if op.dest in self._growing and op.dest.has_one_use():
            name = self.values[op.result] = self.value(op.dest)
        else:
            name = self.local(op.result, "v")
            type = vectors.type_of(op.result, op)
            self.line(f"{type} {name.text} = {self.value(op.dest).text};")
        self._growing.add(op.result)
        self.line(f"{name.text}[{position(op)}] = {self.value(op.source).text};")

    @emit.register
    def _(self, op: vector.ReductionOp) -> None:
        value, lanes = self.value(op.vector), lane_count(op.vector)
        if not is_whole(vector_type(op.vector)):
            refuse(op, f"{POWER_OF_TWO} to be reduced")
        if not value.text.isidentifier():
            value = self.named(value, op.vector, op)
        while lanes > 2:
            lanes //= 2
            half = VectorType(op.dest.type, [lanes])
            name = Expression(vector_name(half, op))
            parts = [call("DEPLOY_PART", name, value, Expression(n)) for n in "01"]
            half = vectors.evaluate(vectors.combination(op, half), parts)
            value = Expression(self.names.unique("part"))
            self.line(f"const deploy_{name.text} {value.text} = {half.text};")
        result = subscript(value, Expression("0"))
        combined = vectors.combination(op, op.dest.type)
        if lanes == 2:
            last = subscript(value, Expression("1"))
            result = scalars.evaluate(combined, [result, last])
        if op.acc is not None:
            result = scalars.evaluate(combined, [self.value(op.acc), result])
        self.define(op, result)

    def lane_by_lane(self, op: Operation) -> None:
        """Prints a loop over the lanes of the result of `op`."""
        result = op.results[0]
        name = self.local(result, "v")
        args = [
            arg if arg.text.isidentifier() else self.named(arg, value, op)
            for arg, value in zip(self.arguments(op), op.operands, strict=True)
        ]
        rest = "" if is_whole(vector_type(result)) else " = {0}"
        self.line(f"{vectors.type_of(result, op)} {name.text}{rest};")
        k = Expression(self.names.unique("k"))
        count = vectors.lane_count(result)
        self.line(f"for (int {k.text} = 0; {k.text} < {count}; {k.text}++) {{")
        self.line(f"    {name.text}[{k.text}] = {vectors.lane(op, args, k).text};")
        self.line("}")
        self.names.free(k.text)

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

    @emit.register
    def _(self, op: deploy.WordsOp) -> None:
        self.words.add(op.result)
        self.pointer(op, self.cast_words(self.value(op.source), op.source), op.source)

    @emit.register
    def _(self, op: deploy.AnewOp) -> None:
        value = call("deploy_anew", self.value(op.source))
        self.pointer(op, self.cast_elements(op, value, op.source), op.source)

    def pointer(self, op: Operation, value: Expression, source: SSAValue) -> None:
        """Gives the result of `op` a name, unless it is the same pointer."""
        if declared := self.pointed(op, value, source):
            self.line(declared)

    def named(self, value: Expression, source: SSAValue, op: Operation) -> Expression:
        """`value` under a name, so that an assignment cannot change it."""
        name = Expression(self.names.unique("next"))
        self.line(f"const {vectors.type_of(source, op)} {name.text} = {value.text};")
        return name


def is_list(value: Expression) -> bool:
    """Whether `value` lists elements, which is long."""
    return value.text.endswith("}")
