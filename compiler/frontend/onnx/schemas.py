"""What ONNX says about an operator: its signature, and whether it is a composite."""

from __future__ import annotations

from typing import Any, cast

import onnx

from ...dialects.nn import Tensor
from .calls import Call, Operand
from .tensors import element_name


def schema_of(call: Call) -> Any:
    """The OpSchema, of which the type stubs know too little; None if there is none."""
    try:
        return onnx.defs.get_schema(call.op_type, call.version, "")
    except onnx.defs.SchemaError:
        return None


def is_composite(call: Call) -> bool:
    """Whether ONNX defines the operator of `call` by others."""
    schema = schema_of(call)
    if schema is None:
        return False
    return schema.has_function or schema.has_context_dependent_function


def check_types(call: Call) -> None:
    """Refuses operands of types that the operator does not take, or not together."""
    schema = schema_of(call)
    if schema is None or not schema.inputs:
        return
    together: dict[str, str] = {}
    for index, operand in enumerate(call.operands):
        name = _type_name(operand)
        formal = schema.inputs[min(index, len(schema.inputs) - 1)]
        if name is None or not formal.is_homogeneous:
            continue
        if f"tensor({name})" not in formal.types:
            call.refuse(f"input {index} must be of a type ONNX takes, got {name}")
        if (other := together.setdefault(formal.type_str, name)) != name:
            call.refuse(f"inputs must be of one type, got {other} and {name}")


def _type_name(operand: Operand | None) -> str | None:
    """ONNX's name of an element type; None when it is not known."""
    name = None
    if operand is not None and operand.array is not None:
        name = operand.array.dtype.name
    elif operand is not None and operand.value is not None:
        name = element_name(cast(Tensor, operand.value.type).element_type)
    return {"float32": "float", "float64": "double", "object": None}.get(
        name or "", name
    )
