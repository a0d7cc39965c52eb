"""Random elementwise arithmetic between integers keeps its meaning."""

from __future__ import annotations

import numpy as np
import pytest
from deployopt.frontend.onnx import import_model
from deployopt.interpreters import run_module
from deployopt.pipeline import PHASES
from deployopt.requests import build_pass, parse_requests
from deployopt.universe import all_passes, new_context
from onnx import ModelProto
from transforms.nn.qdq import Quantized, random_inputs

BINARY = ("Add", "Sub", "Mul", "Max", "Min")
UNARY = ("Neg", "Abs", "Relu", "LeakyRelu", "HardSwish")
DEPTH = 3
SHAPE = (2, 4, 8)

RATE = 1e-2
"""The part of all elements that may be off by one: products keep 30 bits a factor."""


def leaf(net: Quantized, operands: list[str]) -> str:
    """A constant, a constant per channel, or one of the operands."""
    kind = net.random.integers(4)
    if kind == 0:
        return net.constant(np.float32(net.random.normal()))
    if kind == 1:
        return net.constant(net.random.normal(size=(4, 1)).astype(np.float32))
    return operands[net.random.integers(len(operands))]


def expression(net: Quantized, operands: list[str], depth: int) -> str:
    """A random tree of operators."""
    if depth == 0 or net.random.random() < 0.15:
        return leaf(net, operands)
    operator = str(net.random.choice([*BINARY, *UNARY, "requantise"]))
    x = expression(net, operands, depth - 1)
    if operator in BINARY:
        return net.node(operator, x, expression(net, operands, depth - 1))
    if operator in UNARY:
        return net.node(operator, x)
    scale, zero_point = random_map(net)
    return net.reals(net.integers(x, scale, zero_point), scale, zero_point)


def random_map(net: Quantized) -> tuple[float, np.int8]:
    """A scale and a zero point."""
    return net.random.uniform(0.01, 0.1), np.int8(net.random.integers(-30, 30))


def random_model(seed: int) -> ModelProto:
    """One to three operands, all of which are added up with the expression."""
    net = Quantized(seed)
    count = int(net.random.integers(1, 4))
    operands = [net.reals(net.input(*SHAPE), *random_map(net)) for _ in range(count)]
    y = expression(net, operands, DEPTH)
    for operand in operands:
        y = net.node("Add", y, operand)
    return net.model(net.integers(y, *random_map(net)), SHAPE)


@pytest.mark.parametrize("seed", range(25))
def test_random_bodies(seed: int):
    """Before and after fuse; the reals before are onnxruntime's by other tests."""
    model = random_model(seed)
    module = import_model(model, dims={})
    inputs = [list(random_inputs(model, other).values()) for other in range(4)]
    expected = np.array([run_module(module, values)[0] for values in inputs])
    ctx, table = new_context(), all_passes()
    for name in next(phase for phase in PHASES if phase.name == "fuse").passes:
        (spec,) = parse_requests(name, table)
        build_pass(spec, table).apply(ctx, module)
    module.verify()
    got = np.array([run_module(module, values)[0] for values in inputs])
    off = np.abs(got.astype(int) - expected.astype(int))
    assert off.max() <= 1
    assert (off > 0).mean() <= RATE
