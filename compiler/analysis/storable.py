"""What can stand in memory: arrays of known size whose elements C has a type for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast

from xdsl.dialects import func
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    Float32Type,
    Float64Type,
    IndexType,
    IntegerType,
    MemRefType,
    TensorType,
)
from xdsl.ir import Attribute, Operation
from xdsl.utils.exceptions import PassFailedException

Array: TypeAlias = TensorType[Attribute] | MemRefType[Attribute]
"""What has a shape and elements."""

INTEGER_WIDTHS = (8, 16, 32, 64)
"""Bits of C's integers; `i1` is a boolean."""

ELEMENTS = f"i1, {', '.join(f'i{width}' for width in INTEGER_WIDTHS)}, f32, f64, index"


def check_storable(function: func.FuncOp) -> None:
    """
    Refuses the first array of `function` that cannot stand in memory.

    Raises `PassFailedException`, about the function where it is an argument.
    """
    for op, type in types_of(function):
        if isinstance(type, TensorType | MemRefType):
            check_array_type(op, cast(Array, type))


def types_of(function: func.FuncOp) -> Iterator[tuple[Operation, Attribute]]:
    """The types of arguments and of results, each with the operation to name."""
    yield from ((function, arg.type) for arg in function.body.block.args)
    for op in function.body.walk():
        yield from ((op, type) for type in op.result_types)


def check_array_type(op: Operation, type: Array) -> None:
    """Refuses one type on behalf of `op`."""
    if any(size in (DYNAMIC_INDEX, 0) for size in type.get_shape()):
        message = f"shapes must be static and not empty, got {type}"
        op.emit_error(message, PassFailedException(message))
    if not is_element(type.element_type):
        message = f"elements must be one of {ELEMENTS}, got {type}"
        op.emit_error(message, PassFailedException(message))


def is_element(type: Attribute) -> bool:
    """Whether C has a type for it."""
    if isinstance(type, IntegerType):
        return type.bitwidth in (1, *INTEGER_WIDTHS)
    return isinstance(type, Float32Type | Float64Type | IndexType)
