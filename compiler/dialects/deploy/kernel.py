"""
The `deploy` dialect: what no upstream dialect has.

Kernels (groups of structured operations that keep their intermediates in registers),
buffers with a memory level, and values that live in registers element by element.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, cast

from typing_extensions import override
from xdsl.dialects.builtin import (
    ShapedType,
    TensorType,
)
from xdsl.dialects.utils import AbstractYieldOperation
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    base,
    irdl_op_definition,
    region_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.rewriter import Rewriter
from xdsl.traits import IsolatedFromAbove, IsTerminator
from xdsl.utils.exceptions import VerifyException


@irdl_op_definition
class YieldOp(AbstractYieldOperation[Attribute]):
    """Ends the body of a `deploy.kernel` with the destinations it has written."""

    name = "deploy.yield"

    traits = traits_def(IsTerminator())


@irdl_op_definition
class KernelOp(IRDLOperation):
    """
    A group of structured operations that becomes one kernel function.

    Destination-passing: each result is the updated value of the `outs` operand of the
    same position. The body sees operands only through its arguments (inputs first). A
    `tensor.empty` inside it is not memory: it lives in registers, element by element.
    On memrefs, once everything has a place, there are no results; an operand that is
    read and written then stands under `outs` only.

    ```mlir
    %r = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
    ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
      %s = linalg.generic … ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) { … }
      deploy.yield %s : tensor<4xf32>
    }
    ```
    """

    name = "deploy.kernel"

    inputs = var_operand_def()
    outputs = var_operand_def(ShapedType)
    body = region_def("single_block")
    res = var_result_def(base(TensorType[Attribute]))

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(IsolatedFromAbove())

    def __init__(
        self,
        inputs: Sequence[SSAValue],
        outputs: Sequence[SSAValue],
        body: Region,
    ) -> None:
        super().__init__(
            operands=[inputs, outputs],
            result_types=[_tensor_types(outputs)],
            regions=[body],
        )

    @property
    def block(self) -> Block:
        """The body's only block."""
        return self.body.block

    @property
    def yield_op(self) -> YieldOp:
        """The body's terminator."""
        return cast(YieldOp, self.body.block.last_op)

    def retype(self) -> None:
        """Gives the arguments of the body the types that the operands have."""
        for value, arg in zip(self.operands, self.block.args, strict=True):
            if arg.type != value.type:
                Rewriter.replace_value_with_new_type(arg, value.type)

    @classmethod
    @override
    def parse(cls, parser: Parser) -> Self:
        inputs = _parse_values(parser)
        parser.parse_keyword("outs")
        outputs = _parse_values(parser)
        attributes = parser.parse_optional_attr_dict_with_keyword()
        op = cls(inputs, outputs, parser.parse_region())
        op.attributes |= attributes.data if attributes is not None else {}
        return op

    @override
    def print(self, printer: Printer) -> None:
        _print_values(printer, self.inputs)
        printer.print_string(" outs")
        _print_values(printer, self.outputs)
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" ")
        printer.print_region(self.body)

    @override
    def verify_(self) -> None:
        _verify_equal("body argument types", self.operand_types, self.block.arg_types)
        _verify_equal("result types", _tensor_types(self.outputs), self.result_types)
        last = self.block.last_op
        if not isinstance(last, YieldOp):
            raise VerifyException("body must end with deploy.yield")
        _verify_equal("yielded types", self.result_types, last.operand_types)


def _tensor_types(values: Sequence[SSAValue]) -> list[Attribute]:
    types: list[Attribute] = [value.type for value in values]
    return [type for type in types if isinstance(type, TensorType)]


def _parse_values(parser: Parser) -> list[SSAValue]:
    def one() -> SSAValue:
        value = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        return parser.resolve_operand(value, parser.parse_type())

    return parser.parse_comma_separated_list(parser.Delimiter.PAREN, one)


def _print_values(printer: Printer, values: Sequence[SSAValue]) -> None:
    def one(value: SSAValue) -> None:
        printer.print_ssa_value(value)
        printer.print_string(" : ")
        printer.print_attribute(value.type)

    with printer.in_parens():
        printer.print_list(values, one)


def _verify_equal(
    what: str, expected: Sequence[Attribute], got: Sequence[Attribute]
) -> None:
    if tuple(expected) != tuple(got):
        wanted = ", ".join(map(str, expected))
        found = ", ".join(map(str, got))
        raise VerifyException(f"{what} must be ({wanted}), got ({found})")
