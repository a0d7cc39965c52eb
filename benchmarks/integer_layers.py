"""
Writes three quantised layers that instructions are counted on.

    python benchmarks/integer_layers.py DIR

A convolution of 3x3, a pointwise and a depthwise one, of 64 channels on 32x32, bytes in
and out, between nodes that dequantise and quantise. Channels are last outside, so that
a layer is counted as it is inside of a network. Weights are random, from a seed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

CHANNELS = 64
SIDE = 32
SCALE_IN, SCALE_OUT = 0.023, 0.041
ZERO_IN, ZERO_OUT = -3, -5
LAYERS = {"conv_int8": (3, 1), "pointwise_int8": (1, 1), "depthwise_int8": (3, 64)}
"""Name -> side of the window and groups."""


def constants(window: int, groups: int) -> dict[str, Any]:
    """Weights of one scale a channel, biases, and the scales and zero points around."""
    random = np.random.default_rng(window + groups)
    shape = (CHANNELS, CHANNELS // groups, window, window)
    inputs = shape[1] * window * window
    scales = random.uniform(0.5, 1.5, CHANNELS).astype(np.float32) / (60 * inputs**0.5)
    return {
        "w": random.integers(-127, 128, shape).astype(np.int8),
        "w_scale": scales,
        "w_zero": np.zeros(CHANNELS, np.int8),
        "b": random.integers(-2000, 2000, CHANNELS).astype(np.int32),
        "b_scale": (scales * np.float32(SCALE_IN)).astype(np.float32),
        "b_zero": np.zeros(CHANNELS, np.int32),
        "x_scale": np.float32(SCALE_IN),
        "x_zero": np.int8(ZERO_IN),
        "y_scale": np.float32(SCALE_OUT),
        "y_zero": np.int8(ZERO_OUT),
    }


def layer(name: str, window: int, groups: int) -> ModelProto:
    """The model of one layer."""

    def quantised(op: str, value: str, scale: str, result: str, **more: Any) -> Any:
        inputs = [value, f"{scale}_scale", f"{scale}_zero"]
        return helper.make_node(op, inputs, [result], result, **more)

    pad = window // 2
    nodes = [
        helper.make_node("Transpose", ["input"], ["first"], "first", perm=[0, 3, 1, 2]),
        quantised("DequantizeLinear", "first", "x", "x"),
        quantised("DequantizeLinear", "w", "w", "weight", axis=0),
        quantised("DequantizeLinear", "b", "b", "bias", axis=0),
        helper.make_node(
            "Conv",
            ["x", "weight", "bias"],
            ["conv"],
            "conv",
            pads=[pad] * 4,
            group=groups,
            kernel_shape=[window, window],
        ),
        quantised("QuantizeLinear", "conv", "y", "last"),
        helper.make_node(
            "Transpose", ["last"], ["output"], "output", perm=[0, 2, 3, 1]
        ),
    ]
    shape = [1, SIDE, SIDE, CHANNELS]
    ends = [
        helper.make_tensor_value_info(end, TensorProto.INT8, shape)
        for end in ("input", "output")
    ]
    arrays = constants(window, groups)
    held = [numpy_helper.from_array(np.asarray(v), k) for k, v in arrays.items()]
    graph = helper.make_graph(nodes, name, ends[:1], ends[1:], held)
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def main() -> None:
    """Writes every layer."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (window, groups) in LAYERS.items():
        model = layer(name, window, groups).SerializeToString()
        (folder / f"{name}.onnx").write_bytes(model)


if __name__ == "__main__":
    main()
