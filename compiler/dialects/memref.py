"""
xDSL's `memref`, with upstream's syntax for `memref.global`.

xDSL has only the generic one, which spells out the type of the initial value: a tensor
in a module that has none left. Both can be read, the short one is printed:

```mlir
memref.global "private" constant @w : memref<2xf32> = dense<1.0> {alignment = 16 : i64}
```
"""

from __future__ import annotations

from typing import cast

from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    IntegerType,
    MemRefType,
    StringAttr,
    TensorType,
    UnitAttr,
)
from xdsl.dialects.memref import GlobalOp, MemRef
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer

__all__ = ["GlobalOp", "MemRef", "constant_global"]


def constant_global(
    name: str, data: DenseIntOrFPElementsAttr, space: Attribute
) -> GlobalOp:
    """Private read-only data in a memory space."""
    type_ = MemRefType(data.get_element_type(), data.get_shape(), memory_space=space)
    return GlobalOp.get(StringAttr(name), type_, data, constant=UnitAttr())


def print_global(self: GlobalOp, printer: Printer) -> None:
    """Prints everything after the name of the operation."""
    printer.print_string(" ")
    printer.print_string_literal(self.sym_visibility.data)
    printer.print_string(" constant " if self.constant is not None else " ")
    printer.print_symbol_name(self.sym_name.data)
    printer.print_string(" : ")
    printer.print_attribute(self.type)
    printer.print_string(" = ")
    if isinstance(self.initial_value, DenseIntOrFPElementsAttr):
        self.initial_value.print_without_type(printer)
    else:
        printer.print_string("uninitialized")
    alignment = {} if self.alignment is None else {"alignment": self.alignment}
    printer.print_op_attributes(alignment | self.attributes)


def parse_global(cls: type[GlobalOp], parser: Parser) -> GlobalOp:
    """Reads what `print_global` prints."""
    visibility = parser.parse_optional_str_literal() or "public"
    constant = parser.parse_optional_keyword("constant") is not None
    name = parser.parse_symbol_name()
    parser.parse_punctuation(":")
    type_ = cast("MemRefType[IntegerType | AnyFloat]", parser.parse_type())
    parser.parse_punctuation("=")
    attributes = parse_value_and_attributes(parser, type_)
    op = GlobalOp.get(
        name,
        type_,
        attributes.pop("initial_value"),
        StringAttr(visibility),
        UnitAttr() if constant else None,
    )
    if (alignment := attributes.pop("alignment", None)) is not None:
        op.properties["alignment"] = alignment
    op.attributes = attributes
    return op


def parse_value_and_attributes(
    parser: Parser, type_: MemRefType[IntegerType | AnyFloat]
) -> dict[str, Attribute]:
    """The initial value, as `initial_value`, and the attributes behind it."""
    value: Attribute = UnitAttr()
    if parser.parse_optional_keyword("uninitialized") is None:
        parser.parse_characters("dense")
        contents = TensorType(type_.element_type, type_.get_shape())
        value = parser.parse_dense_int_or_fp_elements_attr(contents)
    return {"initial_value": value, **parser.parse_optional_attr_dict()}


GlobalOp.print = print_global
GlobalOp.parse = classmethod(parse_global)  # pyright: ignore[reportAttributeAccessIssue]
