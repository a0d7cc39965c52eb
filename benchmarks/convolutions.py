"""
Compares the tiles chosen for single convolutions with the best rectangular ones.

    python benchmarks/convolutions.py > benchmarks/convolutions.md

The layers are all distinct convolutions of ResNet-50 and MobileNetV2 at 224 x 224, with
random weights, in float32 and int8, each alone on `scratchpad` with an L1 of 64 and of
128 KiB and an L3 that is large enough. `rectangles.py` has the comparison. Times are
CPU seconds of `linalg-choose-tiles`, the pass that decides.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from deployopt.analysis.plans import KernelPlan, plan_of
from deployopt.frontend.onnx import import_model
from deployopt.machine import Machine, attach, load_machine
from deployopt.pipeline import PHASES
from deployopt.resolution import run
from deployopt.universe import all_passes, new_context
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from rectangles import Convolution, fewest_bytes

CHOICE = "linalg-choose-tiles"
BYTES_ALONE = f"{CHOICE}{{added=1000000}}"
"""Whatever instructions that costs."""
NEAR = (1 << 16, 1 << 17)
SUMS = 4
"""Bytes of a sum or a bias."""
FAR = 1 << 28
"""Bytes of an L3 that holds every layer."""


def resnet50() -> Iterator[Convolution]:
    """The convolutions of ResNet-50."""
    yield Convolution("resnet50 first", 3, 224, 224, 64, 7, 2, 3, 1)
    channels, size = 64, 56
    for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            stride = 2 if block == 0 and width > 64 else 1
            name, after = f"resnet50 {width}.{block}", size // stride
            yield Convolution(f"{name} a", channels, size, size, width, 1, 1, 0, 1)
            yield Convolution(f"{name} b", width, size, size, width, 3, stride, 1, 1)
            yield Convolution(f"{name} c", width, after, after, 4 * width, 1, 1, 0, 1)
            if block == 0:
                filters = 4 * width
                shape = (channels, size, size, filters, 1, stride, 0, 1)
                yield Convolution(f"{name} shortcut", *shape)
            channels, size = 4 * width, after


def mobilenetv2() -> Iterator[Convolution]:
    """The convolutions of MobileNetV2."""
    yield Convolution("mobilenetv2 first", 3, 224, 224, 32, 3, 2, 1, 1)
    channels, size = 32, 112
    stages = (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)
    for factor, filters, blocks, first in (
        *stages,
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for block in range(blocks):
            stride, wide = first if block == 0 else 1, channels * factor
            name, after = f"mobilenetv2 {filters}.{block}", size // stride
            if factor > 1:
                yield Convolution(
                    f"{name} wide", channels, size, size, wide, 1, 1, 0, 1
                )
            yield Convolution(
                f"{name} deep", wide, size, size, wide, 3, stride, 1, wide
            )
            yield Convolution(f"{name} thin", wide, after, after, filters, 1, 1, 0, 1)
            channels, size = filters, after
    yield Convolution("mobilenetv2 last", 320, 7, 7, 1280, 1, 1, 0, 1)


def distinct() -> list[Convolution]:
    """One layer of each shape."""
    found: dict[tuple[int, ...], Convolution] = {}
    for layer in (*resnet50(), *mobilenetv2()):
        found.setdefault(layer[1:], layer)
    return list(found.values())


def constants_of(layer: Convolution, is_integer: bool) -> dict[str, Any]:
    """Weights and bias."""
    random = np.random.default_rng(7)
    shape = (layer.filters, layer.channels // layer.groups, layer.kernel, layer.kernel)
    if is_integer:
        weights = random.integers(-127, 128, shape).astype(np.int8)
        bias = random.integers(-999, 999, layer.filters).astype(np.int32)
    else:
        weights = random.standard_normal(shape).astype(np.float32)
        bias = random.standard_normal(layer.filters).astype(np.float32)
    return {"w": weights, "b": bias}


SCALES = {
    "x": (np.float32(0.02), np.int8(3)),
    "w": (np.float32(0.01), np.int8(0)),
    "b": (np.float32(0.0002), np.int32(0)),
    "y": (np.float32(0.5), np.int8(-5)),
}
"""Scale and zero point of each value of an integer layer."""


def dequantised(name: str) -> NodeProto:
    """The node that makes reals of a value."""
    inputs = [name, f"{name}_scale", f"{name}_zero"]
    return helper.make_node("DequantizeLinear", inputs, [f"{name}_real"])


def network(layer: Convolution, is_integer: bool) -> ModelProto:
    """One layer as a model; an integer one stands between dequantised values."""
    constants = constants_of(layer, is_integer)
    window: dict[str, Any] = {"strides": [layer.stride] * 2, "pads": [layer.pad] * 4}
    end = "_real" if is_integer else ""
    read, made = [f"{name}{end}" for name in "xwb"], [f"y{end}"]
    nodes = [helper.make_node("Conv", read, made, "conv", group=layer.groups, **window)]
    if is_integer:
        for name, (scale, zero) in SCALES.items():
            constants |= {f"{name}_scale": scale, f"{name}_zero": zero}
        inputs = [*made, "y_scale", "y_zero"]
        last = helper.make_node("QuantizeLinear", inputs, ["y"])
        nodes = [*map(dequantised, "xwb"), *nodes, last]
    element = TensorProto.INT8 if is_integer else TensorProto.FLOAT
    values = [
        helper.make_tensor_value_info("x", element, [1, *layer[1:4]]),
        helper.make_tensor_value_info("y", element, [1, layer.filters, *layer.output]),
    ]
    arrays = [numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items()]
    graph = helper.make_graph(nodes, "layer", values[:1], values[1:], arrays)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def machine_with(near: int) -> Machine:
    """The scratchpad with so many bytes of L1, and room for every layer."""
    machine = load_machine("scratchpad")
    levels = {level.name: level for level in machine.levels}
    levels["L1"] = replace(levels["L1"], size=near)
    above = levels["L2"].base
    assert above is not None, "the levels of this machine have addresses"
    levels["L3"] = replace(levels["L3"], base=above - FAR, size=FAR)
    return replace(machine, levels=tuple(levels.values()))


class Chosen(NamedTuple):
    """What is chosen for a layer."""

    bytes: int
    """Over the boundary of L1, predicted."""
    kernels: int
    """One, or one more that turns the result to the order of the network."""
    seconds: float
    """That it took."""


def chosen(model: ModelProto, machine: Machine, choice: str = CHOICE) -> Chosen:
    """The tiles of a layer."""
    ctx, module = new_context(), import_model(model)
    attach(module, machine)
    run(ctx, module, "to-linalg", all_passes())
    (tile,) = (phase for phase in PHASES if phase.name == "tile")
    before = tile.passes[: tile.passes.index(CHOICE)]
    run(ctx, module, ",".join(before), all_passes())
    start = time.process_time()
    run(ctx, module, choice, all_passes())
    seconds = time.process_time() - start
    run(ctx, module, "linalg-record-plan", all_passes())
    plan = plan_of(module)
    assert plan is not None
    return Chosen(moved(plan.kernels), len(plan.kernels), seconds)


def moved(kernels: Sequence[KernelPlan]) -> int:
    """The predicted bytes of planned kernels."""
    hops = (kernel.cost["bytes"] for kernel in kernels if kernel.cost)
    return sum(n for one in hops for hop, n in one.items() if "L1" in hop.split("->"))


def row(layer: Convolution, element: int, machine: Machine) -> tuple[float, str]:
    """The ratio of one layer, and its row of the table."""
    near = machine.level("L1").size
    got, _, seconds = chosen(network(layer, element == 1), machine)
    best = fewest_bytes(layer, element, SUMS, near)
    kind = "float32" if element == 4 else "int8"
    figures = f"{got} | {best} | {got / best:.3f} | {seconds:.2f}"
    return got / best, f"| {layer.name} | {kind} | {near >> 10} KiB | {figures} |"


def main() -> None:
    """Prints the table; the worst first."""
    rows = [
        row(layer, element, machine_with(near))
        for near in NEAR
        for element in (4, 1)
        for layer in distinct()
    ]
    print("# Tiles of single convolutions against the best rectangular ones\n")
    print("Made by `python benchmarks/convolutions.py`.\n")
    print("| layer | type | L1 | bytes | best rectangle | ratio | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for _, text in sorted(rows, key=lambda entry: -entry[0]):
        print(text)


if __name__ == "__main__":
    main()
