"""Quantised tensors: an affine map of constant scale and zero point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from ....dialects import nn
from ....dialects.nn.constant import Elements
from ..calls import Call
from ..tensors import Array, dense, element_name, element_type, onnx_element_name
from .operator import Operator
from .products import biased, convolution, product

QUANTISED = ("int8", "uint8", "int16", "uint16", "int32")


class Scheme(NamedTuple):
    """What quantises one tensor; the arrays have rank 0, or 1 along `axis`."""

    scale: Array
    zero_point: Array
    axis: int | None

    @property
    def attributes(self) -> tuple[Elements, Elements | None, int | None]:
        """Scale, zero point unless it is zero, and axis, as `nn` has them."""
        shift = dense(self.zero_point) if self.zero_point.any() else None
        return dense(self.scale), shift, self.axis


def scheme(call: Call, value: int, scale: int, zero_point: int, axis: int) -> Scheme:
    """
    The scheme of input `value`, from the inputs `scale` and `zero_point`.

    Without zero point it is a zero of uint8, or of the type `output_dtype`.
    """
    scales = call.constant(scale, "scale")
    if scales.dtype != np.float32 or not (scales > 0).all() or scales.ndim > 1:
        call.refuse("scale must be positive float32 of rank 0 or 1")
    if call.integer("block_size", 0):
        call.refuse("expected one scale per tensor or axis, got blocks")
    shift = _zero_point(call, zero_point, scales)
    if shift.dtype.name not in QUANTISED:
        call.refuse(f"type must be one of {', '.join(QUANTISED)}, got {shift.dtype}")
    if shift.size != scales.size:
        call.refuse(f"expected {scales.size} zero points, got {shift.size}")
    if scales.size == 1:
        return Scheme(scales.reshape(()), shift.reshape(()), None)
    return Scheme(scales, shift, call.axis(axis, call.rank(value)))


def _zero_point(call: Call, index: int, scales: Array) -> Array:
    if call.has(index):
        return call.constant(index, "zero point")
    if call.op_type == "DequantizeLinear":
        return np.zeros(scales.shape, element_name(call.type(0).element_type))
    kind = call.integer("output_dtype", 0)
    name = onnx_element_name(kind) if kind else "uint8"
    element_type(name)
    return np.zeros(scales.shape, name)


def quantized(call: Call, value: SSAValue, scheme: Scheme) -> SSAValue:
    """`value` as integers of the zero point's type."""
    element = element_type(scheme.zero_point.dtype.name)
    return call.add(nn.QuantizeOp(value, element, *scheme.attributes))


def dequantized(call: Call, value: SSAValue, scheme: Scheme) -> SSAValue:
    """The reals that `value` stands for."""
    real = element_type(scheme.scale.dtype.name)
    return call.add(nn.DequantizeOp(value, real, *scheme.attributes))


def quantize_linear(call: Call) -> SSAValue:
    """Rounds half to even and saturates."""
    found = scheme(call, 0, 1, 2, call.integer("axis", 1))
    return quantized(call, call.value(0), found)


def dequantize_linear(call: Call) -> SSAValue:
    """Of constants too: fuse decides what becomes of them."""
    found = scheme(call, 0, 1, 2, call.integer("axis", 1))
    return dequantized(call, call.value(0), found)


def q_linear_conv(call: Call) -> SSAValue:
    """A convolution of reals between two maps, as ONNX defines it."""
    first, second = scheme(call, 0, 1, 2, 1), scheme(call, 3, 4, 5, 0)
    value = dequantized(call, call.value(0), first)
    value = convolution(call, value, dequantized(call, call.value(3), second))
    if call.has(8):
        scale = np.asarray(first.scale * second.scale, np.float32)
        axis = None if second.axis is None else 0
        bias = Scheme(scale, np.zeros(scale.shape, np.int32), axis)
        value = biased(call, value, dequantized(call, call.value(8), bias))
    return quantized(call, value, scheme(call, 0, 6, 7, 1))


def q_linear_matmul(call: Call) -> SSAValue:
    """A matrix product of reals between two maps, as ONNX defines it."""
    first = scheme(call, 0, 1, 2, call.rank(0) - 2)
    second = scheme(call, 3, 4, 5, call.rank(3) - 1)
    lhs = dequantized(call, call.value(0), first)
    rhs = dequantized(call, call.value(3), second)
    return quantized(call, product(call, lhs, rhs), scheme(call, 0, 6, 7, -2))


def conv_integer(call: Call) -> SSAValue:
    """Sums of products of integers less their zero points."""
    return convolution(
        call,
        call.value(0),
        call.value(1),
        input_zero_point=_shift(call, 2),
        weight_zero_point=_shift(call, 3),
    )


def matmul_integer(call: Call) -> SSAValue:
    """Sums of products of integers less their zero points."""
    return product(
        call,
        call.value(0),
        call.value(1),
        lhs_zero_point=_shift(call, 2),
        rhs_zero_point=_shift(call, 3),
    )


def _shift(call: Call, index: int) -> int | None:
    if not call.has(index):
        return None
    shift = call.constant(index, "zero point")
    if shift.size != 1:
        call.refuse(f"expected one zero point per tensor, got {shift.size}")
    return int(shift.item()) or None


REALS = "float32 and " + ", ".join(QUANTISED)
BYTES = "int8, uint8"
CONSTANT = "constant scale and zero point"

QUANTIZATION: dict[str, Operator] = {
    "ConvInteger": Operator(conv_integer, BYTES, "one zero point per tensor"),
    "DequantizeLinear": Operator(dequantize_linear, REALS, CONSTANT + ", no blocks"),
    "MatMulInteger": Operator(matmul_integer, BYTES, "one zero point per tensor"),
    "QLinearConv": Operator(q_linear_conv, BYTES, CONSTANT),
    "QLinearMatMul": Operator(q_linear_matmul, BYTES, CONSTANT),
    "QuantizeLinear": Operator(quantize_linear, REALS, CONSTANT + ", no blocks"),
}
