"""Constants of `nn` as numpy arrays, and back."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    TensorType,
)
from xdsl.ir import Attribute, SSAValue

from ...dialects import nn
from ...dialects.nn.constant import Elements
from ...interpreters.builtin import array_of, dtype_of

Array: TypeAlias = npt.NDArray[Any]


def constant_array(value: SSAValue) -> Array | None:
    """The value of a constant, tensor or scalar; None when it is not one."""
    if isinstance(value.owner, nn.ConstantOp):
        return array_of(value.owner.value)
    if not isinstance(value.owner, arith.ConstantOp):
        return None
    attribute = value.owner.value
    if isinstance(attribute, DenseIntOrFPElementsAttr | FloatAttr | IntegerAttr):
        return array_of(attribute)
    return None


def elements(array: Array, element_type: Attribute) -> Elements:
    """`array`, whose entries `element_type` holds exactly, as an attribute."""
    type_: TensorType[Any] = TensorType(element_type, array.shape)
    data = np.ascontiguousarray(array, dtype_of(element_type).newbyteorder("<"))
    return DenseIntOrFPElementsAttr(type_, BytesAttr(data.tobytes()))


def constant(array: Array, element_type: Attribute) -> nn.ConstantOp:
    """`array`, whose entries `element_type` holds exactly, as a constant."""
    return nn.ConstantOp(elements(array, element_type))
