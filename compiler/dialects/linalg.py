"""
xDSL's `linalg`, with a `linalg.generic` of several results that can be read again.

xDSL prints their types in parentheses, as upstream does, and reads only a list without:

```mlir
%y, %n = linalg.generic {…} ins(%x : tensor<4xf32>)
    outs(%a, %b : tensor<4xf32>, tensor<4xi32>) { … } -> (tensor<4xf32>, tensor<4xi32>)
```
"""

from __future__ import annotations

from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    StringAttr,
)
from xdsl.dialects.linalg import Linalg
from xdsl.dialects.linalg.attrs import IteratorType, IteratorTypeAttr
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Attribute, SSAValue
from xdsl.parser import Parser
from xdsl.utils.hints import isa

__all__ = ["GenericOp", "Linalg"]


def parse_generic(cls: type[GenericOp], parser: Parser) -> GenericOp:
    """Reads what xDSL prints, and what it reads."""
    position = parser.pos
    said = parser.parse_optional_attr_dict()
    maps, kinds = said.get("indexing_maps"), kinds_of(said.get("iterator_types"))
    doc, call = (text_of(said.get(key)) for key in ("doc", "library_call"))
    if not isa(maps, ArrayAttr[AffineMapAttr]) or kinds is None:
        message = "expected indexing_maps and iterator_types of linalg.generic"
        parser.raise_error(message, position, parser.pos)
    inputs, outputs = parse_values(parser, "ins"), parse_values(parser, "outs")
    extra: dict[str, Attribute] = {}
    if parser.parse_optional_keyword("attrs"):
        parser.parse_punctuation("=")
        extra = parser.parse_optional_attr_dict()
    body, types = parser.parse_region(), parse_result_types(parser)
    op = cls(inputs, outputs, body, maps, kinds, types, doc, call)
    op.attributes |= extra
    return op


def kinds_of(said: Attribute | None) -> list[IteratorTypeAttr] | None:
    """The kinds of loops, written as words or as attributes; None for other things."""
    words = {str(kind.value): IteratorTypeAttr(kind) for kind in IteratorType}
    if not isa(said, ArrayAttr[Attribute]):
        return None
    found = [words.get(a.data) if isinstance(a, StringAttr) else a for a in said]
    return found if isa(found, list[IteratorTypeAttr]) else None


def text_of(said: Attribute | None) -> StringAttr | None:
    """`said`, if it is text."""
    return said if isinstance(said, StringAttr) else None


def parse_values(parser: Parser, word: str) -> list[SSAValue]:
    """`ins(%a, %b : T, U)`, or nothing."""
    position = parser.pos
    if not parser.parse_optional_characters(word):
        return []
    with parser.in_parens():
        names = parser.parse_comma_separated_list(
            parser.Delimiter.NONE, parser.parse_unresolved_operand
        )
        parser.parse_punctuation(":")
        types = parser.parse_comma_separated_list(
            parser.Delimiter.NONE, parser.parse_type
        )
    return list(parser.resolve_operands(names, types, position))


def parse_result_types(parser: Parser) -> list[Attribute]:
    """`-> T`, `-> (T, U)`, `-> T, U`, or nothing."""
    if not parser.parse_optional_punctuation("->"):
        return []
    types = parser.parse_optional_comma_separated_list(
        parser.Delimiter.PAREN, parser.parse_type
    )
    if types is not None:
        return list(types)
    return parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)


GenericOp.parse = classmethod(parse_generic)  # pyright: ignore[reportAttributeAccessIssue]
