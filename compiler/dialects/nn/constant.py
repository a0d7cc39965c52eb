"""Tensors known at compile time."""

from __future__ import annotations

from typing import Any, Self, TypeAlias, cast

from typing_extensions import override
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
)
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import ConstantLike, Pure
from xdsl.utils.exceptions import VerifyException

from .base import (
    AnyTensor,
    Tensor,
)

Elements: TypeAlias = DenseIntOrFPElementsAttr[Any]
"""The value of a constant: row-major elements with their tensor type."""


@irdl_op_definition
class ConstantOp(IRDLOperation):
    """
    A tensor known at compile time. `%w = nn.constant dense<1.0> : tensor<4xf32>`

    Unlike `arith.constant` it may be unsigned.
    """

    name = "nn.constant"

    value = prop_def(DenseIntOrFPElementsAttr)
    result = result_def(AnyTensor)

    traits = traits_def(Pure(), ConstantLike())

    def __init__(self, value: Elements) -> None:
        type = cast(Tensor, value.type)
        super().__init__(result_types=[type], properties={"value": value})

    @override
    def print(self, printer: Printer) -> None:
        if self.attributes:
            printer.print_op_attributes(self.attributes)
        printer.print_string(" ")
        printer.print_attribute(self.value)

    @classmethod
    @override
    def parse(cls, parser: Parser) -> Self:
        attributes = parser.parse_optional_attr_dict()
        position = parser.pos
        value = parser.parse_attribute()
        if not isinstance(value, DenseIntOrFPElementsAttr):
            parser.raise_error("expected a dense attribute", position, parser.pos)
        op = cls(cast(Elements, value))
        op.attributes |= attributes
        return op

    @override
    def verify_(self) -> None:
        if self.value.type != self.result.type:
            raise VerifyException(
                f"result type must be {self.value.type}, got {self.result.type}"
            )
