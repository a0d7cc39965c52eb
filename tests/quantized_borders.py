"""Small models with quantised borders: reals between (de)quantisations, or integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper
from small_models import model, weights

SCALES = {"x": (0.05, 10), "y": (0.1, -3)}
"""Scale and zero point of each border."""


def converted(kind: str, source: str, target: str, by: str) -> NodeProto:
    """A node that quantises, or dequantises, by the map of a border."""
    operands = [source, f"{by}_scale", f"{by}_zero"]
    return helper.make_node(f"{kind}Linear", operands, [target], f"{kind}_{target}")


def quantized(*, integers: bool = False) -> ModelProto:
    """A convolution of 2 x 6 x 6 to 4 x 4 x 4; the caller's are reals or `integers`."""
    values = np.clip(np.rint(weights((4, 2, 3, 3), 5) / 0.02), -127, 127)
    constants: dict[str, NDArray[Any]] = {
        "w": values.astype(np.int8),
        "w_scale": np.array(0.02, np.float32),
    }
    for name, (scale, zero_point) in SCALES.items():
        constants[f"{name}_scale"] = np.array(scale, np.float32)
        constants[f"{name}_zero"] = np.array(zero_point, np.int8)

    nodes = [
        *([] if integers else [converted("Quantize", "x", "xq", "x")]),
        converted("Dequantize", "x" if integers else "xq", "xr", "x"),
        helper.make_node("DequantizeLinear", ["w", "w_scale"], ["wr"], "weight"),
        helper.make_node("Conv", ["xr", "wr"], ["c"], "conv"),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        converted("Quantize", "r", "y" if integers else "yq", "y"),
        *([] if integers else [converted("Dequantize", "yq", "y", "y")]),
    ]
    dtype = "int8" if integers else "float32"
    given, made = {"x": (dtype, [1, 2, 6, 6])}, {"y": (dtype, [1, 4, 4, 4])}
    return model(nodes, given, made, constants)
