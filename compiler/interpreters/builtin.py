"""
Types and constant attributes as numpy sees them.

A tensor is an array, a memref a view of one, a scalar an array of rank 0. `i1` is
`bool`; signless integers and `index` are signed arrays, whatever the operations on them
mean by the bits; unsigned types, which only `nn` has, are unsigned arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    ShapedType,
    Signedness,
)
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.ir import Attribute, Operation
from xdsl.utils.exceptions import InterpretationError
from xdsl.utils.hints import isa

Array: TypeAlias = npt.NDArray[Any]
DType: TypeAlias = np.dtype[Any]

FLOATS: dict[type[Attribute], str] = {
    Float16Type: "float16",
    Float32Type: "float32",
    Float64Type: "float64",
}
INTEGER_WIDTHS = (8, 16, 32, 64)


def dtype_of(type_: Attribute) -> DType:
    """The numpy element type of a scalar or shaped type."""
    element = type_
    if isinstance(type_, ShapedType):
        element = cast(Attribute, cast(Any, type_).get_element_type())
    if isinstance(element, IndexType):
        return np.dtype(np.int64)
    if isa(element, IntegerType):
        return _integer_dtype(element)
    if type(element) in FLOATS:
        return np.dtype(FLOATS[type(element)])
    raise InterpretationError(f"numpy has no element type for {element}")


def _integer_dtype(element: IntegerType) -> DType:
    width = element.width.data
    if width == 1:
        return np.dtype(np.bool_)
    if width not in INTEGER_WIDTHS:
        raise InterpretationError(f"numpy has no element type for {element}")
    unsigned = element.signedness.data is Signedness.UNSIGNED
    return np.dtype(f"{'u' if unsigned else ''}int{width}")


def shape_of(type_: Attribute) -> tuple[int, ...]:
    """The static shape of a shaped type."""
    assert isinstance(type_, ShapedType), f"a shaped type is expected, got {type_}"
    return type_.get_shape()


def array_of(attribute: Attribute) -> Array:
    """The value of a constant attribute: rank 0 for a scalar, read-only when dense."""
    if isinstance(attribute, DenseIntOrFPElementsAttr):
        return _dense_array(cast(DenseIntOrFPElementsAttr[Any], attribute))
    if isa(attribute, FloatAttr):
        return np.array(attribute.value.data, dtype_of(attribute.type))
    if isa(attribute, IntegerAttr):
        return _integer_array(attribute.value.data, dtype_of(attribute.type))
    raise InterpretationError(f"not a constant: {attribute}")


def _integer_array(value: int, dtype: DType) -> Array:
    """`value` modulo the width: IR may write the bits signed or unsigned."""
    if dtype == np.bool_:
        return np.array(bool(value & 1))
    bits = value % (1 << (8 * dtype.itemsize))
    return np.array(bits, f"uint{8 * dtype.itemsize}").view(dtype)


def _dense_array(attribute: DenseIntOrFPElementsAttr[Any]) -> Array:
    dtype = dtype_of(attribute.type)
    stored = np.dtype(np.int8) if dtype == np.bool_ else dtype
    flat = np.frombuffer(attribute.data.data, stored.newbyteorder("<"))
    values = flat.astype(stored, copy=False)
    if dtype == np.bool_:
        values = values != 0
    return values.reshape(attribute.get_shape())


def poison(shape: Sequence[int], dtype: DType) -> Array:
    """
    What nobody has written yet: NaN, or a pattern no model contains by chance.

    A result that depends on it then differs from the reference.
    """
    if dtype.kind == "f":
        return np.full(shape, np.nan, dtype)
    if dtype == np.bool_:
        return np.ones(shape, dtype)
    pattern = np.frombuffer(b"\x5a" * dtype.itemsize, dtype)
    return np.array(np.broadcast_to(pattern.reshape(()), shape))


def scalar_functions(
    name: str, table: Mapping[type[Operation], Callable[..., Any]]
) -> type[InterpreterFunctions]:
    """
    Interpreter functions for operations that need nothing but their operands.

    `table` gives for each operation a function of its operands' arrays to the array of
    its one result.
    """

    def method(function: Callable[..., Any]) -> Any:
        def run(
            self: InterpreterFunctions,
            interpreter: Interpreter,
            op: Operation,
            args: PythonValues,
        ) -> PythonValues:
            return (function(*args),)

        return run

    members = {
        op.__name__: impl(op)(method(function)) for op, function in table.items()
    }
    return register_impls(type(name, (InterpreterFunctions,), members))
