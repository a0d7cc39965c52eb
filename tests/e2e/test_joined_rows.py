"""Layers with channels first whose rows are one, on machines with vectors."""

from __future__ import annotations

import shutil
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.dialects.deploy import KernelOp
from deployopt.machine import load_machine
from deployopt.transforms.vector import join_rows
from lowered import assert_right, sanitized
from onnx import ModelProto, helper
from small_models import model, weights
from tiny_model import need

CHANNELS, ROWS, FILTERS = 12, 13, 5


def floats(columns: int) -> ModelProto:
    """Windows that share a border or reach out on one side only, and one behind."""
    constants: dict[str, Any] = {
        "w": weights((FILTERS, CHANNELS, 3, 3), 1),
        "v": weights((FILTERS, CHANNELS, 1, 5), 2),
        "u": weights((FILTERS, FILTERS, 3, 3), 4),
        "b": weights((FILTERS,), 3),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["y0"]),
        helper.make_node("Conv", ["x", "v"], ["y1"], pads=[0, 4, 0, 0]),
        helper.make_node(
            "Conv", ["y0", "u"], ["y2"], pads=[2, 2, 2, 2], dilations=[2, 2]
        ),
    ]
    shape = [1, FILTERS, ROWS, columns]
    outputs: dict[str, Any] = {f"y{n}": ("float32", shape) for n in range(3)}
    inputs: dict[str, Any] = {"x": ("float32", [1, CHANNELS, ROWS, columns])}
    return model(nodes, inputs, outputs, constants)


def integers(columns: int) -> ModelProto:
    """Bytes, whose padding is their zero point, of all channels and of one alone."""
    random = np.random.default_rng(5)
    constants: dict[str, Any] = {
        "w": random.integers(-127, 128, (8, CHANNELS, 3, 3)).astype(np.int8),
        "v": random.integers(-127, 128, (CHANNELS, 1, 3, 3)).astype(np.int8),
        "near": np.array(0.01, np.float32),
        "far": np.array(0.2, np.float32),
        "zero": np.array(-7, np.int8),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "near", "zero"], ["real"]),
        helper.make_node("DequantizeLinear", ["w", "near"], ["weight"]),
        helper.make_node("DequantizeLinear", ["v", "near"], ["alone"]),
        helper.make_node(
            "Conv", ["real", "weight"], ["c"], pads=[2] * 4, dilations=[2, 2]
        ),
        helper.make_node(
            "Conv", ["real", "alone"], ["d"], pads=[1] * 4, group=CHANNELS
        ),
        helper.make_node("QuantizeLinear", ["c", "far", "zero"], ["y0"]),
        helper.make_node("QuantizeLinear", ["d", "far", "zero"], ["y1"]),
    ]
    outputs: dict[str, Any] = {
        f"y{n}": ("int8", [1, count, ROWS, columns])
        for n, count in enumerate((8, CHANNELS))
    }
    inputs: dict[str, Any] = {"x": ("int8", [1, CHANNELS, ROWS, columns])}
    return model(nodes, inputs, outputs, constants)


def check(proto: ModelProto, machine: str, patch: pytest.MonkeyPatch) -> None:
    joined, put = list[KernelOp](), join_rows.put

    def noted(kernel: KernelOp, found: join_rows.Flat) -> None:
        joined.append(kernel)
        put(kernel, found)

    patch.setattr(join_rows, "put", noted)
    artifact = deployopt.compile(proto, machine=machine)
    assert joined
    assert_right(artifact, proto)


@pytest.mark.spike
@pytest.mark.parametrize("columns", [9, 17])
@pytest.mark.parametrize(
    ("made", "machine"),
    [
        (floats, "rv64gcv"),
        (floats, "rv64gcv-vlen256"),
        (integers, "rv64gcv-vlen256"),
    ],
)
def test_on_vectors(
    made: Any, columns: int, machine: str, monkeypatch: pytest.MonkeyPatch
):
    need(load_machine(machine), "spike")
    check(made(columns), machine, monkeypatch)


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("made", [floats, integers])
def test_in_bounds(made: Any, monkeypatch: pytest.MonkeyPatch):
    """Nothing is read or written outside of a buffer on the host."""
    sanitized(monkeypatch, "gcc")
    check(made(9), "host", monkeypatch)
