"""
Networks of the `onnx` package's suite with random weights instead of constant ones.

    python benchmarks/light_networks.py FOLDER [NAME...]

Weights of convolutions and dense layers are He-normal, normalisations near identity,
all with a fixed seed.
"""

from __future__ import annotations

import sys
from math import prod, sqrt
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, checker, numpy_helper

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NORMALIZATION = {1: 1.0, 2: 0.0, 3: 0.0, 4: 1.0}
"""What scale, shift, mean and variance are near to, by their place as an operand."""

DEVIATION = 0.1


def weights_of(
    node: NodeProto, position: int, shape: list[int], random: np.random.Generator
) -> NDArray[np.float32]:
    """Values for one parameter of `node`."""
    if node.op_type == "BatchNormalization":
        values = random.normal(NORMALIZATION[position], DEVIATION, shape)
    elif len(shape) > 1:
        values = random.normal(0, sqrt(2 / prod(shape[1:])), shape)
    else:
        values = random.normal(0, DEVIATION, shape)
    return values.astype(np.float32)


def network(name: str, seed: int = 0) -> ModelProto:
    """`light_NAME.onnx`, with random weights as initializers."""
    model = ModelProto.FromString((FOLDER / f"light_{name}.onnx").read_bytes())
    graph, random = model.graph, np.random.default_rng(seed)
    made = {n.output[0]: n for n in graph.node if n.op_type == "ConstantOfShape"}
    known = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    shapes = {name: known[node.input[0]].tolist() for name, node in made.items()}
    nodes = [node for node in graph.node if node.output[0] not in made]
    for node in nodes:
        for position, name in enumerate(node.input):
            if name in shapes:
                known[name] = weights_of(node, position, shapes[name], random)
    used = {name for node in nodes for name in node.input}
    inputs = [one for one in graph.input if one.name in used - set(known)]
    del graph.node[:], graph.initializer[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(inputs)
    graph.initializer.extend(
        numpy_helper.from_array(known[name], name) for name in sorted(used & set(known))
    )
    model.ir_version = max(model.ir_version, 4)  # initializers need not be inputs
    checker.check_model(model)  # pyright: ignore[reportUnknownMemberType]
    return model


def main(folder: str, *names: str) -> None:
    """Writes the networks into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names or ("resnet50",):
        model = network(name).SerializeToString()
        Path(folder, f"{name}.onnx").write_bytes(model)


if __name__ == "__main__":
    main(*sys.argv[1:])
