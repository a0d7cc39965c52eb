"""
What the MLPerf Tiny networks need for activations where kernels may touch all memory.

That is the most that one layer takes and makes: a padding costs nothing, and a residual
sum stands where one of its operands was.
"""

from __future__ import annotations

from typing import Any

import pytest
from deployopt.api import fitted, recipe_of
from deployopt.artifact.memory import MemoryMap
from deployopt.artifact.memory_section import memory_section
from deployopt.backend.c.source import Source
from deployopt.machine import load_machine
from deployopt.transforms.vector.lower_kernels import VectorLowerKernelsPass
from models.tiny_networks import network

LARGEST_LAYERS = {
    # two of 32 x 32 x 16
    "resnet8": 32 * 32 * 16 + 32 * 32 * 16,
    # 48 x 48 from 8 to 16 channels
    "mobilenet_vww": 48 * 48 * 8 + 48 * 48 * 16,
    # two of 25 x 5 x 64
    "dscnn_kws": 25 * 5 * 64 + 25 * 5 * 64,
}
"""Elements of the input and of the output of the largest layer of each network."""


def live_peak(memory: dict[str, Any]) -> int:
    """The most bytes that are live in one step, caller's buffers and stack aside."""
    planned = [
        buffer
        for buffer in memory["buffers"]
        if not buffer.get("pinned") and not buffer.get("reserved")
    ]
    steps = range(max(buffer["end"] for buffer in planned))
    return max(
        sum(b["size"] for b in planned if b["start"] <= step < b["end"])
        for step in steps
    )


@pytest.mark.parametrize("machine", ["host", "rv32imc"])
@pytest.mark.parametrize("is_quantized", [False, True], ids=["float32", "int8"])
@pytest.mark.parametrize("name", LARGEST_LAYERS)
def test_activations_are_one_layer(name: str, is_quantized: bool, machine: str):
    target = load_machine(machine)
    fitting = fitted(recipe_of(network(name, is_quantized), target))
    module = fitting.lowered(target)
    VectorLowerKernelsPass().apply(fitting.ctx, module)
    source = Source.of(module)
    memory = memory_section(MemoryMap.of(source, target))
    size = 1 if is_quantized else 4
    assert live_peak(memory) <= LARGEST_LAYERS[name] * size
