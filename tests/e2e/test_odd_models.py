"""Graphs that are small but unusual at their edges."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.reference import compare, quantized_outputs, reference
from lowered import outputs_of, sanitized
from numpy.typing import NDArray
from onnx import ModelProto, helper
from small_models import model

About = tuple[str, list[int | str]]


def floats(*shape: int) -> About:
    """A float32 tensor."""
    return "float32", list(shape)


def graph(
    nodes: list[str],
    inputs: Mapping[str, About],
    outputs: Mapping[str, About],
    constants: Mapping[str, NDArray[Any]] | None = None,
) -> ModelProto:
    """A model; a node is written `Operator a b -> c`."""
    made: list[Any] = []
    for number, text in enumerate(nodes):
        left, _, right = text.partition(" -> ")
        operator, *names = left.split()
        made.append(helper.make_node(operator, names, right.split(), f"node{number}"))
    return model(made, inputs, outputs, constants or {})


SCALE = np.float32(0.01)
STRANGE = 'a b"*/\n'
STRANGE_OUTPUT = "int main(void){}"


def strange_names() -> ModelProto:
    """Names that mean something to a preprocessor, a compiler or a terminal."""
    nodes = [
        helper.make_node("Relu", [STRANGE], ["int"], 'no*/de"\\'),
        helper.make_node("Mul", ["int", "π"], [STRANGE_OUTPUT], "for"),
    ]
    inputs = {STRANGE: floats(1, 4), "π": floats(1, 4)}
    return model(nodes, inputs, {STRANGE_OUTPUT: floats(1, 4)}, {})


def equal_names() -> ModelProto:
    """Two nodes of one name, which onnxruntime would refuse."""
    proto = graph(["Relu x -> a", "Neg a -> y"], {"x": floats(4)}, {"y": floats(4)})
    for node in proto.graph.node:
        node.name = "same"
    return proto


PAIR = {"x": floats(2, 3), "z": floats(2, 3)}
CASES = {
    "no_arena": graph(["Relu x -> y"], {"x": floats(4)}, {"y": floats(4)}),
    "equal_names": equal_names(),
    "nothing_to_do": graph(["Identity x -> y"], {"x": floats(4)}, {"y": floats(4)}),
    "two_outputs": graph(
        ["Relu x -> y", "Neg x -> z"],
        {"x": floats(2, 3)},
        {"y": floats(2, 3), "z": floats(2, 3)},
    ),
    "output_that_is_read": graph(
        ["Relu x -> y", "Neg y -> z"],
        {"x": floats(2, 3)},
        {"z": floats(2, 3), "y": floats(2, 3)},
    ),
    "scalars": graph(["Neg x -> y"], {"x": floats()}, {"y": floats()}),
    "constant_output": graph(
        ["Relu x -> y", "Neg c -> z"],
        {"x": floats(2)},
        {"y": floats(2), "z": floats(3)},
        {"c": np.array([1, 2, 3], np.float32)},
    ),
    "unused_input": graph(
        ["Relu x -> y"], {"x": floats(2), "u": floats(5)}, {"y": floats(2)}
    ),
    "same_input_twice": graph(["Add x x -> y"], {"x": floats(3)}, {"y": floats(3)}),
    "booleans": graph(["Less x z -> y"], PAIR, {"y": ("bool", [2, 3])}),
    "unsigned_output": graph(
        ["QuantizeLinear x s z -> y"],
        {"x": floats(2, 3)},
        {"y": ("uint8", [2, 3])},
        {"s": np.array(SCALE), "z": np.array(128, np.uint8)},
    ),
    "unsigned_input": graph(
        ["DequantizeLinear x s z -> y"],
        {"x": ("uint8", [2, 300])},
        {"y": floats(2, 300)},
        {"s": np.array(SCALE), "z": np.array(128, np.uint8)},
    ),
    "strange_names": strange_names(),
}


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("name", CASES)
def test_odd_model(name: str, monkeypatch: pytest.MonkeyPatch):
    sanitized(monkeypatch, "gcc")
    odd = CASES[name]
    artifact = deployopt.compile(odd)
    with artifact.session() as session:
        assert [t.name for t in session.inputs] == [i.name for i in odd.graph.input]
        assert [t.name for t in session.outputs] == [o.name for o in odd.graph.output]
        arrays = random_arrays(session.inputs, 0)
        run = {t.name: a for t, a in zip(session.inputs, arrays, strict=True)}
    values = outputs_of(artifact, arrays)
    (expected,) = reference(odd, [run])
    flags = quantized_outputs(odd)
    for value, wanted, quantized in zip(values, expected, flags, strict=True):
        comparison = compare(name, value, wanted, quantized=quantized)
        assert comparison.is_right, comparison
