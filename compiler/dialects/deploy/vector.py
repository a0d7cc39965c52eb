"""
Elementwise operations on vectors that `arith` of xDSL has for scalars only.

A mask is a vector of `i1`: what a comparison gives, and what a choice is made by.
"""

from __future__ import annotations

from typing import ClassVar, Self, TypeAlias, cast

from typing_extensions import override
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, IntegerType, StringAttr, VectorType, i1
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

Vector: TypeAlias = VectorType[Attribute]

FROM_INTEGER = frozenset({"extsi", "extui", "trunci", "sitofp", "uitofp"})
TO_INTEGER = frozenset({"extsi", "extui", "trunci", "fptosi", "fptoui"})
WIDENING = frozenset({"extsi", "extui"})
CASTS = FROM_INTEGER | TO_INTEGER
"""The conversions of `arith` that `deploy.vcast` does, by their names."""


def vector_type(value: SSAValue) -> Vector:
    """The type of `value`, which is a vector."""
    return cast(Vector, value.type)


def mask_type(vector: SSAValue) -> Vector:
    """The type of a mask with a lane for each of `vector`."""
    type = vector_type(vector)
    return VectorType(i1, type.shape, type.scalable_dims)


@irdl_op_definition
class VcastOp(IRDLOperation):
    """
    A conversion of `arith`, lane by lane.

    ```mlir
    %y = deploy.vcast extsi %x : vector<8xi8> to vector<8xi32>
    ```
    """

    name = "deploy.vcast"

    kind = prop_def(StringAttr)
    input = operand_def(base(VectorType[Attribute]))
    result = result_def(base(VectorType[Attribute]))

    traits = traits_def(Pure())

    def __init__(self, kind: str, input: SSAValue, type: Vector) -> None:
        super().__init__(
            operands=[input],
            result_types=[type],
            properties={"kind": StringAttr(kind)},
        )

    @classmethod
    @override
    def parse(cls, parser: Parser) -> Self:
        kind = parser.parse_identifier()
        value = parser.parse_unresolved_operand()
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        input = parser.resolve_operand(value, parser.parse_type())
        parser.parse_keyword("to")
        op = cls(kind, input, cast(Vector, parser.parse_type()))
        op.attributes |= attributes
        return op

    @override
    def print(self, printer: Printer) -> None:
        printer.print_string(f" {self.kind.data} ")
        printer.print_operand(self.input)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.input.type)
        printer.print_string(" to ")
        printer.print_attribute(self.result.type)

    @override
    def verify_(self) -> None:
        kind = self.kind.data
        source, target = vector_type(self.input), self.result.type
        if kind not in CASTS:
            raise VerifyException(
                f"conversion must be one of {', '.join(sorted(CASTS))}, got {kind}"
            )
        if source.shape != target.shape:
            raise VerifyException(
                f"vectors must have the same shape, got {source} and {target}"
            )
        _verify_element(kind in FROM_INTEGER, "operand", source)
        _verify_element(kind in TO_INTEGER, "result", target)
        self._verify_widths(source.element_type, target.element_type)

    def _verify_widths(self, source: Attribute, target: Attribute) -> None:
        if not (isa(source, IntegerType) and isa(target, IntegerType)):
            return
        widens = self.kind.data in WIDENING
        low, high = (source, target) if widens else (target, source)
        if low.bitwidth >= high.bitwidth:
            wanted = "wider" if widens else "narrower"
            raise VerifyException(
                f"result elements must be {wanted}, got {source} to {target}"
            )


def _verify_element(is_integer: bool, what: str, type: Vector) -> None:
    wanted, name = (IntegerType, "integers") if is_integer else (AnyFloat, "floats")
    if not isinstance(type.element_type, wanted):
        raise VerifyException(f"{what} must be a vector of {name}, got {type}")


@irdl_op_definition
class VcmpOp(IRDLOperation):
    """
    A comparison, lane by lane, with a predicate of `arith.cmpi` or `arith.cmpf`.

    ```mlir
    %m = deploy.vcmp olt %a, %b : vector<8xf32>
    ```
    """

    name = "deploy.vcmp"

    predicate = prop_def(StringAttr)
    lhs = operand_def(base(VectorType[Attribute]))
    rhs = operand_def(base(VectorType[Attribute]))
    result = result_def(base(VectorType[Attribute]))

    traits = traits_def(Pure())

    def __init__(self, predicate: str, lhs: SSAValue, rhs: SSAValue) -> None:
        super().__init__(
            operands=[lhs, rhs],
            result_types=[mask_type(lhs)],
            properties={"predicate": StringAttr(predicate)},
        )

    @property
    def is_float(self) -> bool:
        """Whether floats are compared."""
        return isinstance(vector_type(self.lhs).element_type, AnyFloat)

    @classmethod
    @override
    def parse(cls, parser: Parser) -> Self:
        predicate = parser.parse_identifier()
        lhs = parser.parse_unresolved_operand()
        parser.parse_punctuation(",")
        rhs = parser.parse_unresolved_operand()
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        place = parser.pos
        type = parser.parse_type()
        if not isa(type, Vector):
            parser.raise_error(f"operands must be vectors, got {type}", place)
        values = parser.resolve_operands([lhs, rhs], [type, type], place)
        op = cls(predicate, *values)
        op.attributes |= attributes
        return op

    @override
    def print(self, printer: Printer) -> None:
        printer.print_string(f" {self.predicate.data} ")
        printer.print_list(self.operands, printer.print_operand)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.lhs.type)

    @override
    def verify_(self) -> None:
        if self.lhs.type != self.rhs.type:
            raise VerifyException(
                f"operands must have the same type, "
                f"got {self.lhs.type} and {self.rhs.type}"
            )
        if self.result.type != mask_type(self.lhs):
            raise VerifyException(
                f"result must be {mask_type(self.lhs)}, got {self.result.type}"
            )
        known = (
            arith.CMPF_COMPARISON_OPERATIONS
            if self.is_float
            else arith.CMPI_COMPARISON_OPERATIONS
        )
        if self.predicate.data not in known:
            raise VerifyException(
                f"predicate must be one of {', '.join(known)}, "
                f"got {self.predicate.data}"
            )


@irdl_op_definition
class VselectOp(IRDLOperation):
    """
    A lane of the second operand where the mask is set, of the third elsewhere.

    ```mlir
    %y = deploy.vselect %m, %a, %b : vector<8xi1>, vector<8xf32>
    ```
    """

    name = "deploy.vselect"

    T: ClassVar = VarConstraint("T", base(VectorType[Attribute]))

    mask = operand_def(VectorType.constr(i1))
    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(T)

    traits = traits_def(Pure())

    assembly_format = (
        "$mask `,` $lhs `,` $rhs attr-dict `:` type($mask) `,` type($result)"
    )

    def __init__(self, mask: SSAValue, lhs: SSAValue, rhs: SSAValue) -> None:
        super().__init__(operands=[mask, lhs, rhs], result_types=[lhs.type])

    @override
    def verify_(self) -> None:
        wanted = mask_type(self.result)
        if self.mask.type != wanted:
            raise VerifyException(f"mask must be {wanted}, got {self.mask.type}")
