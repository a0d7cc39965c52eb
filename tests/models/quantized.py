"""Quantised models as tools write them: QuantizeLinear and DequantizeLinear around."""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import Graph, example


def parameters(
    g: Graph, scale: Any, zero_point: Any = 0, dtype: str = "int8"
) -> tuple[str, str]:
    """The names of a scale and of a zero point of the same shape."""
    points = np.broadcast_to(np.asarray(zero_point), np.shape(scale))
    return g.constant(scale), g.constant(points, dtype)


def activation(
    g: Graph, x: str, scale: float, zero_point: int = 0, dtype: str = "int8"
) -> str:
    """`x` rounded to a quantised type and back."""
    names = parameters(g, scale, zero_point, dtype)
    return g.node("DequantizeLinear", g.node("QuantizeLinear", x, *names), *names)


def weight(g: Graph, *shape: int, per_channel: bool = False) -> str:
    """Quantised weights, with one scale or one per output channel."""
    scale: Any = 0.02
    if per_channel:
        scale = g.random.uniform(0.005, 0.03, shape[0])
    values = g.random.integers(-127, 128, shape)
    names = parameters(g, scale)
    attributes = {"axis": 0} if per_channel else {}
    stored = g.constant(values, "int8")
    return g.node("DequantizeLinear", stored, *names, **attributes)


def bias(g: Graph, count: int, scale: float) -> str:
    """A quantised bias of i32 numbers."""
    values = g.random.integers(-500, 500, count)
    names = parameters(g, scale, dtype="int32")
    return g.node("DequantizeLinear", g.constant(values, "int32"), *names)


def quantized_output(
    g: Graph, x: str, scale: float, zero_point: int = 0, dtype: str = "int8"
) -> None:
    """Makes `x`, quantised, a graph output."""
    names = parameters(g, scale, zero_point, dtype)
    g.output(g.node("QuantizeLinear", x, *names), dtype=dtype)


def quantized_input(
    g: Graph, *shape: int, scale: float, zero_point: int = 0, dtype: str = "int8"
) -> str:
    """A graph input of a quantised type, as reals."""
    names = parameters(g, scale, zero_point, dtype)
    return g.node("DequantizeLinear", g.input(*shape, dtype=dtype), *names)


@example
def quantize_and_back(g: Graph) -> None:
    x = g.input(4, 8)
    g.output(activation(g, x, 0.03, -7))
    quantized_output(g, x, 0.02, 128, "uint8")


@example
def qdq_dense(g: Graph) -> None:
    x = quantized_input(g, 2, 12, scale=0.02, zero_point=3)
    y = g.node("Gemm", x, weight(g, 5, 12), bias(g, 5, 0.0004), transB=1)
    quantized_output(g, y, 0.05, -10)


@example
def qdq_conv_per_channel(g: Graph) -> None:
    x = quantized_input(g, 1, 3, 6, 6, scale=0.02, zero_point=-128)
    kernel = weight(g, 4, 3, 3, 3, per_channel=True)
    y = g.node("Conv", x, kernel, pads=[1, 1, 1, 1])
    quantized_output(g, g.node("Relu", y), 0.04, -128)


@example
def qdq_conv_strided_depthwise(g: Graph) -> None:
    x = quantized_input(g, 1, 4, 7, 7, scale=0.03, zero_point=5)
    options: dict[str, Any] = {"group": 4, "strides": [2, 2], "pads": [0, 0, 1, 1]}
    y = g.node("Conv", x, weight(g, 4, 1, 3, 3), bias(g, 4, 0.0006), **options)
    y = activation(g, g.node("Relu", y), 0.05, -128)
    y = g.node("Conv", y, weight(g, 5, 4, 1, 1), bias(g, 5, 0.001))
    quantized_output(g, y, 0.1)


@example
def qdq_unsigned_activations(g: Graph) -> None:
    x = quantized_input(g, 1, 2, 6, 6, scale=0.02, zero_point=120, dtype="uint8")
    y = g.node("Conv", x, weight(g, 3, 2, 3, 3), bias(g, 3, 0.0004))
    quantized_output(g, y, 0.03, 100, "uint8")


@example
def qdq_residual(g: Graph) -> None:
    x = activation(g, g.input(1, 4, 5, 5), 0.03, 2)
    y = g.node("Conv", x, weight(g, 4, 4, 3, 3), bias(g, 4, 0.0006), pads=[1] * 4)
    y = activation(g, g.node("Relu", y), 0.05, -128)
    y = g.node("Conv", y, weight(g, 4, 4, 3, 3), bias(g, 4, 0.001), pads=[1] * 4)
    y = activation(g, y, 0.1, 10)
    y = activation(g, g.node("Relu", g.node("Add", y, x)), 0.08, -128)
    y = activation(g, g.node("GlobalAveragePool", y), 0.03, -128)
    y = activation(g, g.node("Flatten", y), 0.03, -128)
    y = g.node("Gemm", y, weight(g, 3, 4), bias(g, 3, 0.0006), transB=1)
    g.output(g.node("Softmax", activation(g, y, 0.05)))


@example
def qdq_pools(g: Graph) -> None:
    x = quantized_input(g, 1, 3, 6, 6, scale=0.02, zero_point=4)
    y = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    quantized_output(g, y, 0.02, 4)
    y = g.node("AveragePool", x, kernel_shape=[3, 3], strides=[3, 3])
    quantized_output(g, y, 0.015, -3)


@example
def qdq_functions(g: Graph) -> None:
    x = quantized_input(g, 2, 16, scale=0.05, zero_point=-5)
    quantized_output(g, g.node("Sigmoid", x), 1 / 256, -128)
    quantized_output(g, g.node("HardSwish", x), 0.03, -100)
    quantized_output(g, g.node("Clip", x, g.constant(0.0), g.constant(3.0)), 0.02, -128)


@example
def qdq_join(g: Graph) -> None:
    x = quantized_input(g, 1, 2, 4, 4, scale=0.02)
    y = quantized_input(g, 1, 3, 4, 4, scale=0.05, zero_point=9)
    quantized_output(g, g.node("Concat", x, y, axis=1), 0.05, 9)


@example
def qdq_matmul_of_inputs(g: Graph) -> None:
    x = quantized_input(g, 2, 4, 6, scale=0.02, zero_point=7)
    y = quantized_input(g, 2, 6, 3, scale=0.03, zero_point=-4)
    quantized_output(g, g.node("MatMul", x, y), 0.02, 1)


@example
def qdq_product(g: Graph) -> None:
    x = quantized_input(g, 2, 6, scale=0.02, zero_point=7)
    y = quantized_input(g, 2, 6, scale=0.03, zero_point=-4)
    quantized_output(g, g.node("Mul", x, y), 0.05, 1)
    quantized_output(g, g.node("Sub", x, y), 0.05, 1)
