"""Quantisation of `nn`: between reals and integers with constant scales; tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)

from ...dialects import nn
from ..builtin import Array, array_of, dtype_of, shape_of


def parameter(op: nn.QuantizationOp, value: Any) -> Array:
    """A scale or zero point, shaped to broadcast along the operation's axis."""
    if value is None:
        return np.array(0)
    array = array_of(value)
    if op.axis is None:
        return array
    shape = [1] * len(shape_of(op.input.type))
    shape[op.axis.value.data] = -1
    return array.reshape(shape)


@register_impls
class NNQuantizationFunctions(InterpreterFunctions):
    """ONNX's QuantizeLinear and DequantizeLinear, and look-up."""

    @impl(nn.QuantizeOp)
    def run_quantize(
        self, interpreter: Interpreter, op: nn.QuantizeOp, args: PythonValues
    ) -> PythonValues:
        """Half to even, then the zero point, then saturation."""
        dtype = dtype_of(op.result.type)
        quotient = np.rint(args[0] / parameter(op, op.scale)).astype(np.float64)
        shifted = quotient + parameter(op, op.zero_point)
        limits = np.iinfo(dtype)
        return (np.clip(shifted, limits.min, limits.max).astype(dtype),)

    @impl(nn.DequantizeOp)
    def run_dequantize(
        self, interpreter: Interpreter, op: nn.DequantizeOp, args: PythonValues
    ) -> PythonValues:
        """The difference is exact, its conversion and the product are rounded."""
        zero_point = parameter(op, op.zero_point).astype(np.int64)
        difference = args[0].astype(np.int64) - zero_point
        dtype = dtype_of(op.result.type)
        return (difference.astype(dtype) * parameter(op, op.scale).astype(dtype),)

    @impl(nn.LookupOp)
    def run_lookup(
        self, interpreter: Interpreter, op: nn.LookupOp, args: PythonValues
    ) -> PythonValues:
        """The byte, read as unsigned, is the index."""
        bytes_, table = args
        return (table[bytes_.view(np.uint8)],)
