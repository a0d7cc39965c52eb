"""Layers of few channels, whose points and channels are lanes together."""

from __future__ import annotations

import shutil
from typing import Any

import deployopt
import pytest
from deployopt.machine import load_machine
from lowered import assert_right, sanitized
from onnx import ModelProto, helper
from small_models import model, weights
from tiny_model import need

ROWS, COLUMNS = 6, 19


def layers(channels: int) -> ModelProto:
    """What works on each channel, on its own between transposes."""
    wide: dict[str, Any] = {"pads": [2, 2, 2, 2]}
    far: dict[str, Any] = {"pads": [2, 2, 2, 2], "dilations": [2, 2]}
    near: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    made = [
        helper.make_node("Conv", ["c", "w5", "b"], ["o0"], group=channels, **wide),
        helper.make_node("Conv", ["c", "w3", "b"], ["o1"], group=channels, **far),
        helper.make_node("MaxPool", ["c"], ["o2"], **near),
        helper.make_node("AveragePool", ["c"], ["o3"], count_include_pad=1, **near),
        helper.make_node("AveragePool", ["c"], ["o4"], **near),
        helper.make_node("Mul", ["c", "s"], ["o5"]),
        helper.make_node("MaxPool", ["c"], ["o6"], strides=[2, 2], **near),
        helper.make_node("Conv", ["c", "sum"], ["o7"]),
        helper.make_node(
            "Conv", ["c", "w3", "b"], ["o8"], group=channels, strides=[2, 2], **near
        ),
        helper.make_node("AveragePool", ["c"], ["o9"], strides=[2, 2], **near),
        helper.make_node(
            "MaxPool", ["c"], ["o10"], strides=[2, 2], kernel_shape=[3, 3]
        ),
    ]
    first = helper.make_node("Transpose", ["x"], ["c"], perm=[0, 3, 1, 2])
    last = [
        helper.make_node("Transpose", [f"o{n}"], [f"y{n}"], perm=[0, 2, 3, 1])
        for n in range(len(made))
    ]
    shape = [1, ROWS, COLUMNS, channels]
    half = [1, 3, 10, channels]
    shapes = [shape] * 6 + [half, [1, ROWS, COLUMNS, 1], half, half]
    shapes.append([1, 2, 9, channels])
    outputs: dict[str, Any] = {
        f"y{n}": ("float32", each) for n, each in enumerate(shapes)
    }
    constants = {
        "w5": weights((channels, 1, 5, 5), 1),
        "w3": weights((channels, 1, 3, 3), 2),
        "b": weights((channels,), 3),
        "s": weights((channels, 1, 1), 4),
        "sum": weights((1, channels, 1, 1), 5),
    }
    nodes = [first, *made, *last]
    return model(nodes, {"x": ("float32", shape)}, outputs, constants)


def filters(count: int) -> ModelProto:
    """What sums over channels, to results that do not fill registers."""
    near: dict[str, Any] = {"pads": [1, 1, 1, 1]}
    shape = [1, ROWS, COLUMNS, 16]
    nodes = [
        helper.make_node("Transpose", ["x"], ["c"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["c", "w", "b"], ["o0"], **near),
        helper.make_node("Relu", ["o0"], ["o1"]),
        helper.make_node("Transpose", ["o1"], ["y0"], perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["y0", "m"], ["y1"]),
    ]
    constants = {
        "w": weights((count, 16, 3, 3), 1),
        "b": weights((count,), 2),
        "m": weights((count, 10), 3),
    }
    outputs: dict[str, Any] = {
        "y0": ("float32", [1, ROWS, COLUMNS, count]),
        "y1": ("float32", [1, ROWS, COLUMNS, 10]),
    }
    return model(nodes, {"x": ("float32", shape)}, outputs, constants)


def check(proto: ModelProto, machine: str) -> None:
    assert_right(deployopt.compile(proto, machine=machine), proto)


@pytest.mark.spike
@pytest.mark.parametrize(
    ("channels", "machine"),
    [
        (1, "rv64gcv-vlen256"),
        *((channels, "rv64gcv") for channels in (2, 3, 4, 9)),
        *((channels, "rv64gcv-vlen256") for channels in (2, 3, 9)),
    ],
)
def test_on_vectors(channels: int, machine: str):
    need(load_machine(machine), "spike")
    check(layers(channels), machine)


@pytest.mark.spike
@pytest.mark.parametrize(
    ("count", "machine"),
    [
        *((count, "rv64gcv") for count in (5, 6, 7)),
        *((count, "rv64gcv-vlen256") for count in (5, 6, 7, 13)),
    ],
)
def test_weights_that_go_on(count: int, machine: str):
    need(load_machine(machine), "spike")
    proto = filters(count)
    artifact = deployopt.compile(proto, machine=machine)
    with artifact.unpacked() as folder:
        source = (folder / f"{artifact.name}.c").read_text(encoding="utf-8")
    assert "DEPLOY_FIRST" in source
    check(proto, machine)


@pytest.mark.spike
def test_one_filter_beside_vectors():
    need(load_machine("rv64gcv"), "spike")
    check(filters(13), "rv64gcv")


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_nothing_beside_is_read(channels: int, monkeypatch: pytest.MonkeyPatch):
    sanitized(monkeypatch, "gcc")
    check(layers(channels), "host")
