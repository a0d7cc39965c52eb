"""What the operations of the `nn` dialect share: types, epilogues and their syntax."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self, TypeAlias, cast

from typing_extensions import override
from xdsl.dialects.builtin import (
    AnyFloat,
    ArrayAttr,
    DenseArrayBase,
    FunctionType,
    IntegerAttr,
    IntegerType,
    Signedness,
    TensorType,
    i64,
)
from xdsl.dialects.utils import AbstractYieldOperation
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    base,
    irdl_op_definition,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

Tensor: TypeAlias = TensorType[Attribute]
"""A ranked tensor type with a static shape."""

AnyTensor = base(TensorType[Attribute])


@irdl_op_definition
class YieldOp(AbstractYieldOperation[Attribute]):
    """Ends a scalar region with the element of the result."""

    name = "nn.yield"

    traits = traits_def(IsTerminator())


def tensor_type(value: SSAValue) -> Tensor:
    """The tensor type of an operand or result."""
    return cast(Tensor, value.type)


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The static shape of a tensor value."""
    return tensor_type(value).get_shape()


def is_float(type: Attribute) -> bool:
    """Whether `type` is a floating-point element type."""
    return isinstance(type, AnyFloat)


def is_unsigned(type: Attribute) -> bool:
    """Whether `type` is an unsigned integer element type (bool counts as unsigned)."""
    return isa(type, IntegerType) and (
        type.signedness.data is Signedness.UNSIGNED or type.width.data == 1
    )


def signless(type: Attribute) -> Attribute:
    """The element type below `nn` and inside scalar regions: `ui8` becomes `i8`."""
    return IntegerType(type.width.data) if isa(type, IntegerType) else type


def accumulator_type(type: Attribute) -> Attribute:
    """The type that sums elements of `type`: integers have 32 bits or more."""
    if not isa(type, IntegerType):
        return type
    return IntegerType(max(type.width.data, 32))


def int_array(values: Sequence[int]) -> DenseArrayBase[IntegerType]:
    """`array<i64: …>`."""
    return DenseArrayBase.from_list(i64, list(values))


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...] | None:
    """The numpy broadcast of `shapes`, or None when they do not broadcast."""
    rank = max(map(len, shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result: list[int] = []
    for sizes in zip(*padded, strict=True):
        others = {size for size in sizes if size != 1}
        if len(others) > 1:
            return None
        result.append(others.pop() if others else 1)
    return tuple(result)


def verify_shape(op: Operation, expected: Sequence[int]) -> None:
    """Raises VerifyException unless the only result has shape `expected`."""
    got = shape_of(op.results[0])
    if tuple(expected) != got:
        raise VerifyException(f"result shape must be {list(expected)}, got {list(got)}")


def verify_region(
    region: Region, arguments: Sequence[Attribute], result: Attribute
) -> None:
    """Raises VerifyException unless `region` maps `arguments` to `result`, signless."""
    wanted = tuple(map(signless, arguments))
    if region.block.arg_types != wanted:
        raise VerifyException(
            f"region arguments must be ({', '.join(map(str, wanted))}), "
            f"got ({', '.join(map(str, region.block.arg_types))})"
        )
    last = region.block.last_op
    if not isinstance(last, YieldOp):
        raise VerifyException("region must end with nn.yield")
    if last.operand_types != (signless(result),):
        raise VerifyException(
            f"region must yield {signless(result)}, "
            f"got {', '.join(map(str, last.operand_types))}"
        )


class NNOp(IRDLOperation, ABC):
    """
    An operation on static tensors with the dialect's common syntax.

    `nn.op(%main, …) with (%epilogue, …) {properties} epilogue { … } : (…) -> type`
    (`do` instead of `epilogue` for the body of `nn.elementwise`), where the parts that
    are not there are left out.
    """

    FIXED_OPERANDS: ClassVar[int | None] = None
    """How many operands are main operands; None when all are."""

    traits = traits_def(Pure())

    @override
    def print(self, printer: Printer) -> None:
        main = self.operands[: self.FIXED_OPERANDS]
        with printer.in_parens():
            printer.print_list(main, printer.print_ssa_value)
        if extra := self.operands[len(main) :]:
            printer.print_string(" with ")
            with printer.in_parens():
                printer.print_list(extra, printer.print_ssa_value)
        self._print_attributes(printer)
        if self.regions and self.regions[0].blocks:
            printer.print_string(f" {self._region_keyword()} ")
            printer.print_region(self.regions[0])
        printer.print_string(" : ")
        printer.print_function_type(self.operand_types, self.result_types)

    def _print_attributes(self, printer: Printer) -> None:
        hidden = ("operandSegmentSizes",)
        merged = {**self.properties, **self.attributes}
        shown = {name: value for name, value in merged.items() if name not in hidden}
        if shown:
            printer.print_op_attributes(shown)

    @classmethod
    @override
    def parse(cls, parser: Parser) -> Self:
        position = parser.pos
        parse, paren = parser.parse_unresolved_operand, parser.Delimiter.PAREN
        operands = parser.parse_comma_separated_list(paren, parse)
        if parser.parse_optional_keyword("with"):
            operands += parser.parse_comma_separated_list(paren, parse)
        attributes = parser.parse_optional_attr_dict()
        regions = cls._parse_regions(parser)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, FunctionType):
            parser.raise_error("expected a function type", position, parser.pos)
        values = parser.resolve_operands(operands, type.inputs.data, position)
        return cls._from_parts(values, attributes, regions, type.outputs)

    @classmethod
    def _region_keyword(cls) -> str:
        return "epilogue" if cls.FIXED_OPERANDS else "do"

    @classmethod
    def _parse_regions(cls, parser: Parser) -> Sequence[Region]:
        if not cls.get_irdl_definition().regions:
            return ()
        if not parser.parse_optional_keyword(cls._region_keyword()):
            return (Region(),)
        return (parser.parse_region(),)

    @classmethod
    def _from_parts(
        cls,
        operands: Sequence[SSAValue],
        attributes: Mapping[str, Attribute],
        regions: Sequence[Region],
        results: ArrayAttr[Attribute],
    ) -> Self:
        names = cls.get_irdl_definition().properties
        return cls.create(
            operands=operands,
            result_types=results.data,
            properties={k: v for k, v in attributes.items() if k in names},
            attributes={k: v for k, v in attributes.items() if k not in names},
            regions=regions,
        )


def given_region(epilogue: Region | None) -> Region:
    """
    An epilogue, or the empty region that stands for none.

    Operations with and without one have as many regions, so whatever compares
    operations, such as xDSL's `cse`, can.
    """
    return Region() if epilogue is None else epilogue


class ProducerOp(NNOp, ABC):
    """
    An operation that accumulates, and may finish each element with an epilogue.

    The `epilogue` region, if any, is `^bb0(%acc, %e0, …)`: the accumulated element,
    then one element of each of `epilogue_operands`, which broadcast to the result's
    shape numpy-style in the result's layout. It yields the result's element. Regions
    hold upstream `arith` and `math` operations on signless types.
    """

    epilogue_operands = var_operand_def(AnyTensor)
    epilogue_region = region_def()
    result = result_def(AnyTensor)

    @property
    @abstractmethod
    def element_type(self) -> Attribute:
        """The type of the accumulated element, before any epilogue."""

    @property
    def epilogue(self) -> Region | None:
        """The region of the epilogue, None when there is none."""
        region = self.epilogue_region
        return region if region.blocks else None

    @property
    def epilogue_block(self) -> Block | None:
        """The block of the epilogue, None when there is none."""
        region = self.epilogue
        return None if region is None else region.block

    def verify_epilogue(self) -> None:
        """Raises VerifyException when epilogue, its operands and result disagree."""
        result = tensor_type(self.result)
        shapes = [shape_of(value) for value in self.epilogue_operands]
        if broadcast_shapes(result.get_shape(), *shapes) != result.get_shape():
            raise VerifyException(
                f"epilogue operands must broadcast to {list(result.get_shape())}, "
                f"got {', '.join(str(list(shape)) for shape in shapes)}"
            )
        if self.epilogue_block is None:
            self._verify_bare(result)
            return
        extra = [tensor_type(value).element_type for value in self.epilogue_operands]
        region = self.regions[0]
        verify_region(region, [self.element_type, *extra], result.element_type)

    def _verify_bare(self, result: Tensor) -> None:
        if self.epilogue_operands:
            raise VerifyException("epilogue operands need an epilogue")
        if result.element_type != self.element_type:
            raise VerifyException(
                f"result element type must be {self.element_type}, "
                f"got {result.element_type}"
            )


def opt_int(value: int | None, type: Attribute = i64) -> IntegerAttr | None:
    """An integer attribute, or None for None."""
    assert isa(type, IntegerType)
    return None if value is None else IntegerAttr(value, type)
