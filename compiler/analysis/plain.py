"""Attributes as the values that JSON has, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    BoolAttr,
    DenseArrayBase,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    StringAttr,
    UnitAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute


def plain(attribute: Attribute) -> Any:
    """
    An attribute as a value of JSON; `attribute_of` is the way back.

    What JSON has no word for becomes its text.
    """
    match attribute:
        case DenseArrayBase():
            return list(cast("DenseArrayBase[Any]", attribute).get_values())
        case ArrayAttr():
            return [plain(part) for part in attribute]
        case DictionaryAttr():
            return {key: plain(value) for key, value in attribute.data.items()}
        case IntegerAttr():
            number = attribute.value.data
            return bool(number) if attribute.type == i1 else number
        case FloatAttr():
            return attribute.value.data
        case StringAttr():
            return attribute.data
        case UnitAttr():
            return True
        case _:
            return str(attribute)


def attribute_of(value: Any) -> Attribute:
    """A value of JSON as an attribute; lists of integers become arrays of `i64`."""
    match value:
        case bool():
            return BoolAttr.from_bool(value)
        case int():
            return IntegerAttr(value, i64)
        case float():
            return FloatAttr(value, f64)
        case str():
            return StringAttr(value)
        case Mapping():
            table = cast("Mapping[str, Any]", value)
            return DictionaryAttr({k: attribute_of(v) for k, v in table.items()})
        case Sequence():
            parts = cast("Sequence[Any]", value)
            if parts and all(type(part) is int for part in parts):
                return DenseArrayBase.from_list(i64, [*parts])
            return ArrayAttr(attribute_of(part) for part in parts)
        case _:
            raise TypeError(f"a value that plans have, got {value!r}")


def text_of(attribute: Attribute | None) -> str:
    """The text of a string attribute; nothing for anything else."""
    return attribute.data if isinstance(attribute, StringAttr) else ""
