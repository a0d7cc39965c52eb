"""Rows that become one mean the same, to the bit, whatever windows and borders are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deployopt.analysis.layouts import AS_WRITTEN, LAYOUT_ATTRIBUTE
from deployopt.dialects import nn
from deployopt.dialects.deploy import KernelOp
from deployopt.frontend.onnx import import_model
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.resolution import run
from deployopt.transforms.vector import join_rows
from deployopt.transforms.vector.join_rows import VectorJoinRowsPass
from deployopt.universe import all_passes, new_context
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, helper
from small_models import model
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.memref import ReinterpretCastOp

BEFORE = (
    "memory-bufferize",
    "memory-sink-fills",
    "memory-fill-borders",
    "memory-share-buffers",
)

SEVERAL = ("alone", "beside another", "behind another")


@st.composite
def convolutions(draw: st.DrawFn) -> ModelProto:
    """One or two convolutions whose rows are padded, each border by another width."""
    groups, several = draw(st.sampled_from((1, 2))), draw(st.sampled_from(SEVERAL))
    channels, rows = draw(st.integers(1, 2)) * groups, draw(st.integers(6, 8))
    columns = draw(st.integers(8, 11))
    kernel = [draw(st.integers(1, 3)), draw(st.integers(2, 4))]
    far = [draw(st.integers(1, 2)) for _ in kernel]
    pads = [draw(st.integers(0, 3)) for _ in range(4)]
    options: dict[str, Any] = {"group": groups, "pads": pads, "dilations": far}
    random = np.random.default_rng(draw(st.integers(0, 99)))
    shape = (groups * draw(st.integers(1, 3)), channels // groups, *kernel)
    constants: dict[str, Any] = {
        "w": random.integers(-3, 4, shape).astype(np.float32),
        "v": random.integers(-3, 4, (2, channels, 1, 3)).astype(np.float32),
        "u": random.integers(-3, 4, (2, shape[0], 2, 2)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv", **options),
        helper.make_node("Relu", ["c"], ["y"], "relu"),
    ]
    outputs: dict[str, Any] = {"y": ("float32", [None] * 4)}
    if several == "beside another":
        more = helper.make_node("Conv", ["x", "v"], ["z"], "other", pads=pads)
        nodes.append(more)
    if several == "behind another":
        more = helper.make_node("Conv", ["y", "u"], ["z"], "next", pads=[1, 1, 0, 0])
        nodes.append(more)
    if several != "alone":
        outputs["z"] = ("float32", [None] * 4)
    batch = draw(st.integers(1, 2))
    inputs: dict[str, Any] = {"x": ("float32", [batch, channels, rows, columns])}
    return model(nodes, inputs, outputs, constants)


def shape_of(proto: ModelProto) -> list[int]:
    """The shape of the model's input."""
    return [dim.dim_value for dim in proto.graph.input[0].type.tensor_type.shape.dim]


def buffers_of(proto: ModelProto) -> ModuleOp:
    """The model as it is before rows are joined, channels as written."""
    ctx = new_context()
    module = import_model(proto)
    attach(module, load_machine("rv64gcv"))
    for op in module.walk():
        if isinstance(op, nn.ConvOp):
            op.attributes[LAYOUT_ATTRIBUTE] = StringAttr(AS_WRITTEN)
    run(ctx, module, "tile", all_passes())
    for name in BEFORE:
        all_passes()[name]()().apply(ctx, module)
    return module


def whatever_it_takes(kernel: KernelOp) -> float:
    """The part of its instructions that a kernel may take."""
    return float("inf") if kernel.outputs else 0.0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(proto=convolutions(), seed=st.integers(0, 99))
def test_same_bits_with_one_row(proto: ModelProto, seed: int):
    module = buffers_of(proto)
    shape = shape_of(proto)
    x = np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float32)
    expected = run_module(module, [x])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(join_rows, "worth", whatever_it_takes)
        VectorJoinRowsPass().apply(new_context(), module)
    module.verify()
    # a kernel that pads in registers has no rows in memory
    assume(any(isinstance(op, ReinterpretCastOp) for op in module.walk()))
    for want, have in zip(expected, run_module(module, [x]), strict=True):
        np.testing.assert_array_equal(have, want)
