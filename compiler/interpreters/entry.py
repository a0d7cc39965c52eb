"""How `@run` is called: arguments by their role, results by their type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute
from xdsl.utils.hints import isa

from ..dialects.deploy.marks import (
    DTYPE_ATTRIBUTE,
    NAME_ATTRIBUTE,
    OFFSET_ATTRIBUTE,
    ROLE_ATTRIBUTE,
)
from .builtin import Array, DType, dtype_of, poison, shape_of
from .memref import global_value


def text(attributes: DictionaryAttr, key: str) -> str | None:
    """A string among the attributes of an argument or result."""
    value = attributes.data.get(key)
    return value.data if isinstance(value, StringAttr) else None


def outside_dtype(type_: Attribute, attributes: DictionaryAttr) -> DType:
    """The element type the caller sees, which has the signedness that IR may lack."""
    name = text(attributes, DTYPE_ATTRIBUTE)
    return dtype_of(type_) if name is None else np.dtype(name)


def arguments(module: ModuleOp, entry: FuncOp, inputs: Sequence[Array]) -> list[Array]:
    """
    A value per argument of `entry`: the inputs in order, and the memory it is lent.

    Raises ValueError when an input has another shape or element type, or is missing.
    """
    rest = iter(inputs)
    values = [
        _argument(module, type_, attributes, rest)
        for type_, attributes in zip(
            entry.function_type.inputs, argument_attributes(entry), strict=True
        )
    ]
    if surplus := len(list(rest)):
        raise ValueError(
            f"@run takes {len(inputs) - surplus} inputs, got {len(inputs)}"
        )
    return values


def _argument(
    module: ModuleOp,
    type_: Attribute,
    attributes: DictionaryAttr,
    rest: Iterator[Array],
) -> Array:
    match text(attributes, ROLE_ATTRIBUTE):
        case "arena" | "output":
            return poison(shape_of(type_), dtype_of(type_))
        case "weights":
            return weights(module, type_)
        case _:
            return _input(type_, attributes, next(rest, None))


def _input(type_: Attribute, attributes: DictionaryAttr, given: Array | None) -> Array:
    shape, dtype = shape_of(type_), outside_dtype(type_, attributes)
    name = text(attributes, NAME_ATTRIBUTE) or "input"
    if given is None:
        raise ValueError(f"{name} must be {dtype}{list(shape)}, got nothing")
    if given.shape != shape or given.dtype != dtype:
        got = f"{given.dtype}{list(given.shape)}"
        raise ValueError(f"{name} must be {dtype}{list(shape)}, got {got}")
    return np.array(given, order="C").view(dtype_of(type_))


def weights(module: ModuleOp, type_: Attribute) -> Array:
    """The bytes of all globals of a memory level, each at its `deploy.offset`."""
    assert isa(type_, MemRefType[Attribute]), "weights are a memref of bytes"
    image = poison(shape_of(type_), dtype_of(type_))
    for op in module.ops:
        if (
            isinstance(op, memref.GlobalOp)
            and op.type.memory_space == type_.memory_space
        ):
            offset = op.attributes[OFFSET_ATTRIBUTE]
            assert isinstance(offset, IntegerAttr), "offsets are assigned before"
            data = np.ascontiguousarray(global_value(op)).reshape(-1).view(np.int8)
            image[offset.value.data : offset.value.data + data.size] = data
    return image


def argument_attributes(entry: FuncOp) -> list[DictionaryAttr]:
    """The attributes of each argument, empty where there are none."""
    return _attributes(entry.arg_attrs, len(entry.function_type.inputs))


def _attributes(attributes: Any, count: int) -> list[DictionaryAttr]:
    if isinstance(attributes, ArrayAttr):
        return [a for a in attributes if isinstance(a, DictionaryAttr)]  # pyright: ignore[reportUnknownVariableType]
    return [DictionaryAttr({})] * count


def results(
    entry: FuncOp, values: Sequence[Array], returned: Sequence[Array]
) -> tuple[Array, ...]:
    """What `@run` gives back: its results, or the arguments with the role `output`."""
    types = entry.function_type.outputs
    if types:
        attributes = _attributes(entry.res_attrs, len(types))
        values = returned
    else:
        attributes = argument_attributes(entry)
        types = entry.function_type.inputs
    return tuple(
        np.asarray(value).view(outside_dtype(type_, attribute))
        for value, type_, attribute in zip(values, types, attributes, strict=True)
        if entry.function_type.outputs or text(attribute, ROLE_ATTRIBUTE) == "output"
    )
