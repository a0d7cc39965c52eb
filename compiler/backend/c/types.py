"""C types and constants of the types that occur in the last module."""

from __future__ import annotations

import math
from typing import NoReturn, cast

from xdsl.dialects.builtin import (
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    VectorType,
)
from xdsl.ir import Attribute, Operation
from xdsl.utils.exceptions import DiagnosticException
from xdsl.utils.hints import isa

from ...analysis.storable import INTEGER_WIDTHS
from ...dialects.deploy import TokenType

DTYPES = {
    "bool": "bool",
    "float32": "float",
    "float64": "double",
    **{f"int{n}": f"int{n}_t" for n in INTEGER_WIDTHS},
    **{f"uint{n}": f"uint{n}_t" for n in INTEGER_WIDTHS},
}
"""numpy's name of an element type -> the C type in the public interface."""

ELEMENTS = {
    "float": "f32",
    "double": "f64",
    **{f"int{n}_t": f"i{n}" for n in INTEGER_WIDTHS},
}
"""C type of the elements of a vector -> what the vector's name begins with."""


def refuse(op: Operation, message: str) -> NoReturn:
    """Reports that the C backend cannot print `op`."""
    op.emit_error(message, DiagnosticException(message))
    raise AssertionError("emit_error raises")


def width(type: Attribute) -> int:
    """Bits of the C type for an integer or index `type`; 1 for a boolean."""
    return type.bitwidth if isinstance(type, IntegerType) else 32


def c_type(type: Attribute, op: Operation) -> str:
    """The C type of a scalar; refuses on behalf of `op` what C11 does not have."""
    if isinstance(type, IndexType):
        return "int32_t"
    if isinstance(type, IntegerType) and type.bitwidth == 1:
        return "bool"
    if isinstance(type, IntegerType) and type.bitwidth in INTEGER_WIDTHS:
        return f"int{type.bitwidth}_t"
    if isinstance(type, Float32Type):
        return "float"
    if isinstance(type, Float64Type):
        return "double"
    if isinstance(type, TokenType):
        return "deploy_dma_t"
    if isinstance(type, VectorType):
        return f"deploy_{vector_name(cast('VectorType[Attribute]', type), op)}"
    refuse(op, f"the C backend has no type for {type}")


def vector_name(type: VectorType[Attribute], op: Operation) -> str:
    """`f32x8`; refuses on behalf of `op` what no C vector can hold."""
    shape, element = type.get_shape(), type.element_type
    name = ELEMENTS.get(c_type(element, op))
    if width(element) == 1:
        refuse(op, f"masks must not be in memory or be carried, got {type}")
    is_fixed = len(shape) == 1 and not type.get_num_scalable_dims()
    if not (name and is_fixed):
        refuse(op, f"a vector must have lanes of integers or floats, got {type}")
    return f"{name}x{shape[0]}"


def pointee_type(type: Attribute, op: Operation) -> str:
    """The C type of the elements of the memref `type`."""
    assert isinstance(type, MemRefType), "pointers are memrefs"
    return c_type(cast(MemRefType[Attribute], type).element_type, op)


def unsigned_type(type: Attribute) -> str:
    """The unsigned C type as wide as the integer `type`."""
    return "bool" if width(type) == 1 else f"uint{width(type)}_t"


def integer_literal(value: int, bits: int) -> str:
    """`value`, exactly, as a C constant of a signed integer with that many bits."""
    value = (value + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))
    if bits == 64:
        if value == -(1 << 63):
            return f"(-INT64_C({-(value + 1)}) - 1)"
        return f"-INT64_C({-value})" if value < 0 else f"INT64_C({value})"
    if bits == 32 and value == -(1 << 31):
        return f"(-{-(value + 1)} - 1)"
    return str(value)


def boolean_literal(value: int) -> str:
    """A `bool`."""
    return "1" if value else "0"


def float_literal(value: float, single: bool) -> str:
    """
    `value`, exactly, as a C constant of type `float` or `double`.

    The fewest decimal digits that a correct compiler turns back into the same number.
    """
    suffix, kind = ("F", "F32") if single else ("", "F64")
    if math.isinf(value):
        return f"-DEPLOY_INFINITY_{kind}" if value < 0 else f"DEPLOY_INFINITY_{kind}"
    if math.isnan(value):
        return f"DEPLOY_NAN_{kind}"
    text = shortest_single(value) if single else repr(value)
    return text + ("" if "." in text or "e" in text else ".0") + suffix


def shortest_single(value: float) -> str:
    """The shortest decimal that rounds to the float32 nearest to `value`."""
    import numpy as np

    return str(np.float32(value))


def single_literals(data: bytes) -> list[str]:
    """Every little-endian float32 in `data` as a C constant, like `float_literal`."""
    import numpy as np

    numbers = np.frombuffer(data, "<f4")
    texts = cast("list[str]", numbers.astype("U").tolist())
    if not np.isfinite(numbers).all():
        return [float_literal(number, single=True) for number in numbers.tolist()]
    return [f"{text}F" for text in texts]


def literal(attribute: Attribute, op: Operation) -> str:
    """The C constant of the attribute of an `arith.constant`."""
    if isa(attribute, FloatAttr):
        single = c_type(attribute.type, op) == "float"
        return float_literal(attribute.value.data, single)
    if isa(attribute, IntegerAttr):
        value, bits = attribute.value.data, width(attribute.type)
        c_type(attribute.type, op)
        return boolean_literal(value) if bits == 1 else integer_literal(value, bits)
    refuse(op, f"the C backend has no constant for {attribute}")
