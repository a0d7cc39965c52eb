"""How values, elements of memory and addresses are written in C."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from xdsl.dialects import arith
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute, Operation, SSAValue

from .expressions import ATOM, Expression, binary, cast_to, subscript
from .names import Names
from .types import integer_literal, pointee_type, refuse

ZERO = Expression("0")

NUMBERED = re.compile(r"(_\d+)+$")
"""What tells values of one name apart."""

WORD = "deploy_word"
"""The C type of four bytes of memory."""


def static_strides(value: SSAValue, op: Operation) -> list[int]:
    """The distance in elements between neighbours, for each dimension of a memref."""
    type = cast(MemRefType[Attribute], value.type)
    strides = type.get_strides()
    if strides is None or any(stride is None for stride in strides):
        refuse(op, f"strides must be known, got {type}")
    return [cast(int, stride) for stride in strides]


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


def added_to_pointer(pointer: Expression, distance: Expression) -> Expression:
    """The address `distance` elements behind `pointer`."""
    return pointer if distance == ZERO else binary(pointer, "+", distance)


@dataclass
class Values:
    """Remembers how to refer to values, and finds elements of memory."""

    names: Names
    read_only: set[SSAValue] = field(default_factory=set[SSAValue])
    """Memrefs that are pointers to const."""
    words: set[SSAValue] = field(default_factory=set[SSAValue])
    """Memrefs whose elements are words of a buffer of bytes."""
    values: dict[SSAValue, Expression] = field(
        default_factory=dict[SSAValue, Expression]
    )
    """How each value is written where it is used."""

    def value(self, value: SSAValue) -> Expression:
        """How `value` is written."""
        return self.values[value]

    def arguments(self, op: Operation) -> list[Expression]:
        """How the operands of `op` are written."""
        return [self.value(operand) for operand in op.operands]

    def local(self, value: SSAValue, otherwise: str) -> Expression:
        """A new name for `value`."""
        hint = NUMBERED.sub("", value.name_hint or "")
        name = Expression(self.names.unique(hint or otherwise))
        self.values[value] = name
        return name

    def cast_words(self, value: Expression, source: SSAValue) -> Expression:
        """The pointer `value` to the bytes of `source` as one to words."""
        const = "const " if source in self.read_only else ""
        return cast_to(f"{const}{WORD} *", value)

    def cast_elements(
        self, op: Operation, value: Expression, source: SSAValue
    ) -> Expression:
        """The pointer `value` to anything as one to the elements of `source`."""
        const = "const " if source in self.read_only else ""
        return cast_to(f"{const}{pointee_type(source.type, op)} *", value)

    def pointed(self, op: Operation, value: Expression, source: SSAValue) -> str:
        """The declaration that names the result of `op`, `value`, if it needs one."""
        result = op.results[0]
        for known in (self.read_only, self.words):
            if source in known:
                known.add(result)
        if value.level == ATOM:
            self.values[result] = value
        if value.level == ATOM or not result.uses.get_length():
            return ""
        const = "const " if source in self.read_only else ""
        type = WORD if result in self.words else pointee_type(result.type, op)
        return f"{const}{type} *const {self.local(result, 'part').text} = {value.text};"

    def element(
        self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]
    ) -> Expression:
        """The element of `buffer` at `indices`."""
        return subscript(self.value(buffer), self.place(op, buffer, indices))

    def address(
        self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]
    ) -> Expression:
        """The address of that element."""
        distance = self.place(op, buffer, indices)
        return added_to_pointer(self.value(buffer), distance)

    def place(
        self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]
    ) -> Expression:
        """How many elements it is away from the first one."""
        return self.distance(op, buffer, [self.number(value) for value in indices])

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
