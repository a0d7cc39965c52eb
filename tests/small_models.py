"""Small ONNX models that the tests make themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper


def weights(shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    """Seeded He-normal weights."""
    scale = np.sqrt(2 / max(1, np.prod(shape[1:])))
    values = np.random.default_rng(seed).normal(0, scale, shape)
    return values.astype(np.float32)


def convolution(batch: int | str = 1) -> ModelProto:
    """Conv with padding and stride, Relu, and a dense layer: 2 x 8 x 8 to 5."""
    constants = {
        "w": weights((4, 2, 3, 3), 1),
        "b": weights((4,), 2),
        "dense": weights((64, 5), 3),
    }
    nodes = [
        helper.make_node(
            "Conv",
            ["x", "w", "b"],
            ["conv_out"],
            "conv",
            pads=[1, 1, 1, 1],
            strides=[2, 2],
        ),
        helper.make_node("Relu", ["conv_out"], ["relu_out"], "relu"),
        helper.make_node("Flatten", ["relu_out"], ["flat"], "flatten"),
        helper.make_node("MatMul", ["flat", "dense"], ["y"], "matmul"),
    ]
    return model(
        nodes,
        {"x": ("float32", [batch, 2, 8, 8])},
        {"y": ("float32", [batch, 5])},
        constants,
    )


def model(
    nodes: list[Any],
    inputs: Mapping[str, tuple[str, Sequence[int | str]]],
    outputs: Mapping[str, tuple[str, Sequence[int | str]]],
    constants: Mapping[str, NDArray[Any]],
) -> ModelProto:
    """A model of opset 13; inputs and outputs are name -> (dtype, shape)."""
    graph = helper.make_graph(
        nodes,
        "small",
        [value(name, *about) for name, about in inputs.items()],
        [value(name, *about) for name, about in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def value(name: str, dtype: str, shape: Sequence[int | str]) -> Any:
    """An input or output."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    assert kind != TensorProto.UNDEFINED
    return helper.make_tensor_value_info(name, kind, shape)
