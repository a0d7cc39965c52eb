"""Element types and constants: ONNX and numpy on one side, the IR on the other."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, TypeProto, numpy_helper
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    Signedness,
    TensorType,
    f32,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from ...dialects.nn import ConstantOp, DequantizeOp, Tensor
from ...dialects.nn.constant import Elements
from ...errors import DeployError

Array: TypeAlias = npt.NDArray[Any]

ELEMENTS: dict[str, Attribute] = {
    "float32": f32,
    "bool": IntegerType(1),
    **{f"int{width}": IntegerType(width) for width in (8, 16, 32, 64)},
    **{
        f"uint{width}": IntegerType(width, Signedness.UNSIGNED) for width in (8, 16, 32)
    },
}
"""numpy's name of an element type -> the type in `nn`; the ones we compute with."""

NAMES = {element: name for name, element in ELEMENTS.items()}

MAX_ELEMENTS = 2**31 - 1
"""What the 32-bit indices of the emitted code can address."""


def element_type(name: str) -> Attribute:
    """The element type numpy calls `name`; raises `DeployError` for others."""
    if name not in ELEMENTS:
        expected = ", ".join(ELEMENTS)
        raise DeployError(f"element type must be one of {expected}, got {name}")
    return ELEMENTS[name]


def element_name(type_: Attribute) -> str:
    """What numpy calls an element type of `nn`."""
    return NAMES[type_]


def onnx_element_name(data_type: int) -> str:
    """What numpy calls ONNX's element type `data_type`."""
    if data_type not in TensorProto.DataType.values() or not data_type:
        raise DeployError(f"element type must be one of ONNX's, got {data_type}")
    if data_type == TensorProto.STRING:
        return "string"
    return onnx.helper.tensor_dtype_to_np_dtype(data_type).name


def onnx_data_type(type_: Attribute) -> int:
    """ONNX's element type for one of `nn`."""
    return onnx.helper.np_dtype_to_tensor_dtype(np.dtype(element_name(type_)))


def tensor_type(element: Attribute, shape: Sequence[int]) -> Tensor:
    """A tensor type; raises `DeployError` when it is empty or beyond all memories."""
    if 0 in shape:
        raise DeployError(f"tensors must not be empty, got shape {list(shape)}")
    if prod(shape) > MAX_ELEMENTS:
        raise DeployError(f"tensors must have fewer elements, got shape {list(shape)}")
    return TensorType(element, shape)


def dense(array: Array) -> Elements:
    """The constant attribute with the elements of `array`; raises `DeployError`."""
    type_ = tensor_type(element_type(array.dtype.name), array.shape)
    if array.dtype == np.bool_:
        array = array.astype(np.int8)
    data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return DenseIntOrFPElementsAttr(cast(Any, type_), _bytes(data))


def array_in(constant: ConstantOp) -> Array:
    """The elements of a constant of the module."""
    return elements_in(constant.value)


def elements_in(value: Elements) -> Array:
    """The elements of a dense attribute."""
    type_ = cast(Tensor, value.type)
    name = element_name(type_.element_type)
    stored = np.dtype("int8" if name == "bool" else name).newbyteorder("<")
    flat = np.frombuffer(value.data.data, stored)
    return flat.reshape(type_.get_shape()).astype(name)


def dequantized(value: SSAValue) -> Array | None:
    """What a dequantised constant of the module stands for; None for other values."""
    op = value.owner
    if not isinstance(op, DequantizeOp) or not isinstance(op.input.owner, ConstantOp):
        return None
    integers = array_in(op.input.owner).astype(np.int64)
    shape = [1] * integers.ndim
    if op.axis is not None:
        shape[op.axis.value.data] = -1
    if op.zero_point is not None:
        zero_points = elements_in(op.zero_point).astype(np.int64)
        integers = integers - zero_points.reshape(shape if zero_points.ndim else ())
    scale = elements_in(op.scale).reshape(shape if op.axis is not None else ())
    return integers.astype(scale.dtype) * scale


def _bytes(data: Array) -> BytesAttr:
    return BytesAttr(data.tobytes())


def scalar(value: Any, type_: Attribute) -> FloatAttr | IntegerAttr:
    """`value` as an attribute of the signless element type `type_`."""
    if not isa(type_, IntegerType):
        return FloatAttr(float(value), cast(Any, type_))
    width = IntegerType(type_.width.data)
    return IntegerAttr(int(value), width, truncate_bits=True)


def array_of(tensor: TensorProto) -> Array:
    """The elements of an ONNX tensor; raises `DeployError` when it is damaged."""
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        reason = f"elements do not fit shape and type: {error}"
        raise DeployError(reason, node=tensor.name or "tensor") from error


def onnx_type(type_: Tensor) -> TypeProto:
    """ONNX's notation for a tensor type."""
    data_type = onnx_data_type(type_.element_type)
    return onnx.helper.make_tensor_type_proto(data_type, type_.get_shape())
