"""Values that are looked through for NaN together: each is still what ONNX says."""

from __future__ import annotations

import deployopt
import numpy as np
import pytest
from deployopt.machine import load_machine
from onnx import helper
from small_models import model
from tiny_model import need

WEIGHTS = np.array([[0, 1, -1, 2, 0, -2, 3, 1], [1, -1, 1, 2, -3, 4, 0, 1]], np.float32)
ROUNDS = 32
"""Further inputs, zero: long sums are made for many outputs at once."""


def test_relu_hands_on_nan_and_infinities():
    machine = load_machine("rv64gc")
    need(machine, "spike")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["sums"], "matmul"),
        helper.make_node("Relu", ["sums"], ["y"], "relu"),
    ]
    weights = np.concatenate([WEIGHTS, np.ones((ROUNDS, 8), np.float32)])
    ends = {"x": ("float32", [1, ROUNDS + 2])}, {"y": ("float32", [1, 8])}
    artifact = deployopt.compile(model(nodes, *ends, {"w": weights}), machine)
    assert "deploy_maxnumf" in artifact.files[f"{artifact.name}.c"]
    with artifact.session() as session:
        for row in ([3, 1], [np.inf, 1], [-np.inf, -1], [np.nan, 0]):
            x = np.array([[*row, *[0] * ROUNDS]], np.float32)
            session.set_input("x", x)
            session.run()
            with np.errstate(invalid="ignore"):
                expected = np.maximum(x @ weights, 0)
            np.testing.assert_array_equal(session.get_output("y"), expected)


KNOWN = (0.0, -0.0, 1.0, 2.0, -1.0, np.inf, -np.inf, np.nan)


@pytest.mark.parametrize("name", ["rv64gc", "rv32imfc", "rv64gcv"])
def test_greater_and_lesser_of_each_two(name: str):
    machine = load_machine(name)
    need(machine, "spike")
    x, y = (one.reshape(1, -1) for one in np.meshgrid(*[np.array(KNOWN, "f4")] * 2))
    nodes = [
        helper.make_node("Max", ["x", "y"], ["greater"], "greater"),
        helper.make_node("Min", ["x", "y"], ["lesser"], "lesser"),
    ]
    kind = ("float32", list(x.shape))
    ends = {"x": kind, "y": kind}, {"greater": kind, "lesser": kind}
    artifact = deployopt.compile(model(nodes, *ends, {}), machine)
    with artifact.session() as session:
        session.set_input("x", x)
        session.set_input("y", y)
        session.run()
        for output, expected in (("greater", np.maximum), ("lesser", np.minimum)):
            np.testing.assert_array_equal(session.get_output(output), expected(x, y))
