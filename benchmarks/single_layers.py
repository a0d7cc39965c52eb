"""Models of one layer each, with random constants from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

SCALES = {"x": (0.023, -3), "w": (0.004, 0), "b": (0.000092, 0), "y": (0.041, -5)}
"""Scale and zero point of each value of a layer of integers."""

MOST_PRODUCTS = 4_000_000
"""Multiply-adds of a layer that is small."""


@dataclass(frozen=True)
class Layer:
    """One node between nodes that say how its values are kept."""

    op: str
    shape: tuple[int, ...]
    """Of the input; channels last where there are such."""
    weight: tuple[int, ...] = ()
    """Of the second operand, in ONNX's order."""
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    window: tuple[int, ...] = ()
    """Of a pool."""
    is_integer: bool = False
    is_padded: bool = True
    """Whether the middle of a window comes to each element."""
    has_channels_first: bool = False
    """Whether the model takes and gives them so."""

    def __str__(self) -> str:
        weight = self.weight[2:] if self.op == "Conv" else self.weight
        what = "x".join(map(str, weight or self.window))
        words = ["x".join(map(str, self.shape)), what]
        is_grouped = 1 < self.groups < self.shape[-1]
        words += [f"to {self.weight[0]}"] if self.is_mixing else []
        words += [f"groups {self.groups}"] if is_grouped else []
        words += [f"stride {self.stride}"] if self.stride > 1 else []
        words += [f"dilation {self.dilation}"] if self.dilation > 1 else []
        words += [] if self.is_padded else ["not padded"]
        return " ".join(word for word in words if word)

    @property
    def is_mixing(self) -> bool:
        """Whether a result depends on several channels."""
        return self.op == "Conv" and not 1 < self.groups == self.shape[-1]

    @property
    def is_small(self) -> bool:
        """Whether it is no larger than can be simulated soon."""
        return prod((*self.shape[:-1], *self.weight)) <= MOST_PRODUCTS

    @property
    def is_spatial(self) -> bool:
        """Whether it has channels and a window that moves."""
        return self.op in ("Conv", "MaxPool", "AveragePool")


def attributes(layer: Layer) -> dict[str, Any]:
    """Those of the node."""
    if not layer.is_spatial:
        return {"axis": -1} if layer.op in ("Softmax", "LayerNormalization") else {}
    window = layer.window or layer.weight[2:]
    pads = [(size - 1) * layer.dilation // 2 * layer.is_padded for size in window]
    found: dict[str, Any] = {"kernel_shape": window, "pads": [*pads, *pads]}
    found["strides"] = [layer.stride] * len(window)
    if layer.op == "Conv":
        found["dilations"] = [layer.dilation] * len(window)
        found["group"] = layer.groups
    return found


def model(layer: Layer) -> ModelProto:
    """The layer as a model."""
    constants = constants_of(layer)
    read, made = ["first", *constants], "last"
    nodes: list[Any] = []
    if layer.is_integer:
        for name, value in zip("xwb", read, strict=False):
            given = [value, f"{name}_scale", f"{name}_zero"]
            nodes.append(helper.make_node("DequantizeLinear", given, [f"{name}_real"]))
        given = ["y_real", "y_scale", "y_zero"]
        nodes.append(helper.make_node("QuantizeLinear", given, ["last"]))
        read, made = [f"{name}_real" for name in "xwb"[: len(read)]], "y_real"
        constants |= quantities()
    node = helper.make_node(layer.op, read, [made], "layer", **attributes(layer))
    nodes.insert(len(nodes) - layer.is_integer, node)
    element = TensorProto.INT8 if layer.is_integer else TensorProto.FLOAT
    rank = len(layer.shape)
    shape, first, last = list(layer.shape), list(range(rank)), list(range(rank))
    if layer.has_channels_first:
        shape.insert(1, shape.pop())
    elif layer.is_spatial:
        first, last = [0, rank - 1, *first[1:-1]], [0, *last[2:], 1]
    nodes.insert(0, helper.make_node("Transpose", ["input"], ["first"], perm=first))
    nodes.append(helper.make_node("Transpose", ["last"], ["output"], perm=last))
    graph = helper.make_graph(
        nodes,
        "layer",
        [helper.make_tensor_value_info("input", element, shape)],
        [helper.make_tensor_value_info("output", element, [None] * rank)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)


def constants_of(layer: Layer) -> dict[str, Any]:
    """What the node reads besides its input."""
    random = np.random.default_rng(prod(layer.shape))
    if layer.op == "LayerNormalization":
        return {"w": np.ones(layer.shape[-1], np.float32)}
    if not layer.weight:
        return {}
    count = layer.weight[0] if layer.op == "Conv" else 0
    if layer.is_integer:
        weight = random.integers(-127, 128, layer.weight).astype(np.int8)
        bias = random.integers(-999, 999, count).astype(np.int32)
    else:
        weight = random.standard_normal(layer.weight).astype(np.float32)
        bias = random.standard_normal(count).astype(np.float32)
    return {"w": weight, "b": bias} if count else {"w": weight}


def quantities() -> dict[str, Any]:
    """Scales and zero points of a layer of integers."""
    found: dict[str, Any] = {}
    for name, (scale, zero) in SCALES.items():
        kind = np.int32 if name == "b" else np.int8
        found[f"{name}_scale"], found[f"{name}_zero"] = np.float32(scale), kind(zero)
    return found


def conv(
    shape: Sequence[int], filters: int, *window: int, groups: int = 1, **more: Any
) -> Layer:
    """A convolution."""
    weight = (filters, shape[-1] // groups, *window)
    return Layer("Conv", tuple(shape), weight, groups=groups, **more)


def depthwise(shape: Sequence[int], *window: int, **more: Any) -> Layer:
    """A convolution of each channel."""
    return conv(shape, shape[-1], *window, groups=shape[-1], **more)


def product(shape: Sequence[int], *weight: int, **more: Any) -> Layer:
    """A product of matrices."""
    return Layer("MatMul", tuple(shape), weight, **more)


maximum = partial(Layer, "MaxPool", window=(3, 3), stride=2)
mean = partial(Layer, "AveragePool", window=(3, 3))
