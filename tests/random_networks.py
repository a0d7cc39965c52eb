"""Networks with random shapes, strides, pads and groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper
from small_models import model, weights


def random_network(seed: int) -> ModelProto:
    """Convolution, normalization, activation and pooling with random attributes."""
    random = np.random.default_rng(seed)
    group = int(random.choice([1, 1, 2, 4]))
    channels, outputs = group * int(random.integers(1, 3)), group * 2
    kernel = random.integers(1, 4, 2).tolist()
    dilations = random.integers(1, 3, 2).tolist()
    constants: dict[str, NDArray[Any]] = {
        "w": weights((outputs, channels // group, *kernel), seed),
        "b": weights((outputs,), seed + 1),
        "scale": 1 + weights((outputs,), seed + 2) / 4,
        "shift": weights((outputs,), seed + 3),
        "mean": weights((outputs,), seed + 4) / 4,
        "variance": 1 + random.random(outputs).astype(np.float32),
    }
    pads = random.integers(0, 3, 4).tolist()
    strides = random.integers(1, 3, 2).tolist()
    size = random.integers(7, 12, 2).tolist()
    pool = str(random.choice(["MaxPool", "AveragePool"]))
    pool_options: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 1]}
    if random.random() < 0.5:
        pool_options |= {"pads": [1, 0, 0, 1]}
        if pool == "AveragePool":
            pool_options["count_include_pad"] = int(random.integers(0, 2))
    activation = str(random.choice(["Relu", "LeakyRelu", "Sigmoid", "HardSwish"]))
    normalized = ["conv", "scale", "shift", "mean", "variance"]
    nodes = [
        helper.make_node(
            "Conv",
            ["x", "w", "b"][: int(random.integers(2, 4))],
            ["conv"],
            "convolution",
            group=group,
            dilations=dilations,
            pads=pads,
            strides=strides,
        ),
        helper.make_node("BatchNormalization", normalized, ["norm"], "normalization"),
        helper.make_node(activation, ["norm"], ["active"], "activation"),
        helper.make_node(pool, ["active"], ["pooled"], "pool", **pool_options),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
    ]
    shape = [1, channels, *size]
    opset = 14  # the first with HardSwish
    network = model(
        nodes, {"x": ("float32", shape)}, {"flat": ("float32", ["n", "m"])}, constants
    )
    network.opset_import[0].version = opset
    return network
