"""
Where a program differs from its model: every node by itself, on the device's inputs.

All tensors of the ONNX model are made outputs of another build and run where the
program runs. Each node is then evaluated by the reference on what the device has given
it, so the first node that is off is the one that is wrong, and not one behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..execution.check_table import is_transfer
from ..execution.tensors import Array
from .artifact import Artifact
from .inspection import Inspection
from .reference import compare, is_quantized, reference


@dataclass(frozen=True)
class Difference:
    """The worst element of one tensor that is off."""

    node: str
    op_type: str
    tensor: str
    index: tuple[int, ...]
    got: float
    expected: float
    place: str | None
    """Where the program has the tensor, if it has it in memory."""

    def __str__(self) -> str:
        where = "" if self.place is None else f"; {self.place}"
        return (
            f"{self.tensor}{list(self.index)}: expected {self.expected:.9g}, "
            f"got {self.got:.9g}{where}"
        )


def differences(
    artifact: Artifact, runner: str, inputs: Mapping[str, Array]
) -> Iterator[Difference | None]:
    """
    For each tensor that nodes make, in order, how it differs; None for a right one.

    Raises `DeployError` when the artifact does not know its model, or as a build does.
    """
    from ..frontend.onnx.parts import part, whole_model

    recipe = artifact.known_recipe()
    inspection = Inspection(artifact, runner)
    graph = inspection.graph
    model, nodes = whole_model(recipe.model, recipe.dims)
    values = inspection.values(graph.read_and_made, inputs)
    initializers = {tensor.name for tensor in model.graph.initializer}
    makers = {name: node for node in nodes for name in node.output}
    for node in nodes:
        given = {name: values[name] for name in node.input if name}
        given = {n: v for n, v in given.items() if n not in initializers}
        (expected,) = reference(part(model, [node], values), [given])
        made = [name for name in node.output if name]
        for name, want in zip(made, expected, strict=True):
            quantized = is_quantized(name, makers)
            right = compare(name, values[name], want, quantized=quantized).is_right
            place = None if right else place_of(artifact.manifest, node.name)
            yield None if right else difference(node, name, values[name], want, place)


def difference(
    node: Any, tensor: str, got: Array, expected: Array, place: str | None
) -> Difference:
    """The element of `tensor`, which `node` makes, that is off by most."""
    assert got.shape == expected.shape, "shapes are inferred from the model"
    with np.errstate(invalid="ignore"):
        off = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    off = np.where(np.isnan(off), np.inf, off)
    index = tuple(int(n) for n in np.unravel_index(off.argmax(), off.shape))
    pair = (float(got[index]), float(expected[index]))
    return Difference(node.name, node.op_type, tensor, index, *pair, place)


def place_of(manifest: Mapping[str, Any], node: str) -> str | None:
    """Where the program puts what the node makes: level, address, the buffer's name."""
    memory = manifest["memory"]
    ops = [op for op in memory["ops"] if node in op["nodes"] and op["writes"]]
    kernels = [op for op in ops if not is_transfer(op)]
    if not kernels:
        return None
    last = kernels[-1]
    buffers = {buffer["name"]: buffer for buffer in memory["buffers"]}
    buffer = buffers[last["writes"][-1]]
    level = memory["levels"][buffer["level"]]
    address = f"at {level.get('base', 0) + buffer['offset']:#x}"
    others = [name for name in last["nodes"] if name != node]
    together = f", computed together with {', '.join(others)}" if others else ""
    return f"in {buffer['level']} {address} (buffer {buffer['name']}){together}"
