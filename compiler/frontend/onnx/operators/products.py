"""Convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import SSAValue

from ....dialects import nn
from ....dialects.nn import accumulator_type, broadcast_shapes
from ..calls import Call
from ..tensors import tensor_type
from .operator import FLOATS, Operator
from .shaping import reshaped, transposed
from .windows import call_window


def convolution(
    call: Call,
    value: SSAValue,
    weight: SSAValue,
    *,
    input_zero_point: int | None = None,
    weight_zero_point: int | None = None,
) -> SSAValue:
    """The convolution that the attributes of `call` describe, without bias."""
    shape, kernel = nn.shape_of(value), nn.shape_of(weight)
    if len(shape) < 3 or len(kernel) != len(shape):
        call.refuse(
            f"input and weight must have one rank, 3 or more, got {list(shape)} "
            f"and {list(kernel)}"
        )
    given = call.integers("kernel_shape") or list(kernel[2:])
    if given != list(kernel[2:]):
        call.refuse(f"kernel_shape must be {list(kernel[2:])}, got {given}")
    window = call_window(call, shape[2:], kernel[2:])
    element = accumulator_type(nn.tensor_type(value).element_type)
    sizes = (shape[0], kernel[0], *window.outputs(shape[2:]))
    return call.add(
        nn.ConvOp(
            value,
            weight,
            tensor_type(element, sizes),
            strides=window.strides,
            pads=window.low + window.high,
            dilations=window.dilations,
            groups=call.integer("group", 1),
            input_zero_point=input_zero_point,
            weight_zero_point=weight_zero_point,
        )
    )


def biased(call: Call, value: SSAValue, bias: SSAValue) -> SSAValue:
    """`value` plus a bias per channel, which is dimension 1."""
    rank = len(nn.shape_of(value))
    shape = (*nn.shape_of(bias), *(1,) * (rank - 2))
    return call.add(nn.AddOp(value, reshaped(call, bias, shape)))


def conv(call: Call) -> SSAValue:
    """`nn.conv`, and an addition when there is a bias."""
    value = convolution(call, call.value(0), call.value(1))
    return biased(call, value, channel_bias(call, 2)) if call.has(2) else value


def channel_bias(call: Call, index: int) -> SSAValue:
    """Input `index`, one entry per output channel of the weight."""
    outputs = call.shape(1)[0]
    if call.shape(index) != (outputs,):
        got = list(call.shape(index))
        call.refuse(f"bias must have shape [{outputs}], got {got}")
    return call.value(index)


def product(
    call: Call,
    lhs: SSAValue,
    rhs: SSAValue,
    *,
    lhs_zero_point: int | None = None,
    rhs_zero_point: int | None = None,
) -> SSAValue:
    """numpy's `matmul`: a vector is a row on the left and a column on the right."""
    left, right = nn.shape_of(lhs), nn.shape_of(rhs)
    if not left or not right or left[-1] != right[max(len(right) - 2, 0)]:
        call.refuse(f"inner sizes must agree, got {list(left)} and {list(right)}")
    rows = left if len(left) > 1 else (1, *left)
    columns = right if len(right) > 1 else (*right, 1)
    batch = broadcast_shapes(rows[:-2], columns[:-2])
    if batch is None:
        call.refuse(f"batches must broadcast, got {list(left)} and {list(right)}")
    element = accumulator_type(nn.tensor_type(lhs).element_type)
    value = call.add(
        nn.MatMulOp(
            reshaped(call, lhs, rows),
            reshaped(call, rhs, columns),
            tensor_type(element, (*batch, rows[-2], columns[-1])),
            lhs_zero_point=lhs_zero_point,
            rhs_zero_point=rhs_zero_point,
        )
    )
    kept = (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
    return reshaped(call, value, kept)


def matmul(call: Call) -> SSAValue:
    """All of numpy's cases."""
    return product(call, call.value(0), call.value(1))


def gemm(call: Call) -> SSAValue:
    """`alpha * A' * B' + beta * C`; a beta of 0 takes nothing of C, not even NaN."""
    lhs = _flipped(call, 0, "transA")
    rhs = _flipped(call, 1, "transB")
    value = _scaled(call, product(call, lhs, rhs), "alpha")
    if not call.has(2):
        return value
    shape = nn.shape_of(value)
    if broadcast_shapes(shape, call.shape(2)) != shape:
        got = list(call.shape(2))
        call.refuse(f"C must broadcast to {list(shape)}, got {got}")
    if not call.real("beta", 1.0):
        return value
    return call.add(nn.AddOp(value, _scaled(call, call.value(2), "beta")))


def _flipped(call: Call, index: int, flag: str) -> SSAValue:
    if call.rank(index) != 2:
        call.refuse(f"input {index} must have rank 2, got {list(call.shape(index))}")
    order: Sequence[int] = (1, 0) if call.integer(flag, 0) else (0, 1)
    return transposed(call, call.value(index), order)


def _scaled(call: Call, value: SSAValue, name: str) -> SSAValue:
    factor = call.real(name, 1.0)
    if factor == 1.0:
        return value
    element = nn.tensor_type(value).element_type
    if not nn.is_float(element):
        call.refuse(f"{name} must be 1 for integers, got {factor:g}")
    return call.add(nn.MulOp(value, call.literal(factor, element)))


PRODUCTS: dict[str, Operator] = {
    "Conv": Operator(conv, FLOATS, "1-D to 3-D"),
    "Gemm": Operator(gemm, FLOATS),
    "MatMul": Operator(matmul, FLOATS),
}
