"""What reads a padded tensor means the same, to the bit, when the padding is gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from deployopt.dialects.deploy import BufferOp
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.universe import all_passes, new_context
from hypothesis import given, settings
from hypothesis import strategies as st
from transforms.vector.padded_operations import Padded, operations
from xdsl.parser import Parser

PASSES = (
    "linalg-choose-groups",
    "linalg-form-kernels",
    "linalg-expand-pads",
    "memory-bufferize",
    "memory-assign-offsets",
    "memory-materialize-arenas",
    "memory-outline-kernels",
    "vector-lower-kernels",
)

CHECKED = ("linalg-form-kernels", "memory-bufferize", "vector-lower-kernels")


def inputs(operation: Padded, seed: int) -> list[npt.NDArray[Any]]:
    """Small whole numbers, so that no sum rounds; floats with all that is special."""
    random = np.random.default_rng(seed)
    shapes = [operation.source]
    if not operation.is_constant:
        shapes.insert(0, operation.weights)
    arrays = [random.integers(-4, 5, shape) for shape in shapes]
    if operation.element == "i32":
        return [array.astype(np.int32) for array in arrays]
    special = np.array([np.inf, -np.inf, np.nan, -0.0], np.float32)
    return [
        np.where(
            random.random(array.shape) < 0.2,
            random.choice(special, array.shape),
            array.astype(np.float32),
        )
        for array in arrays
    ]


def bits(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The bits of all elements, with one NaN for all."""
    return np.where(np.isnan(array), np.nan, array).astype(array.dtype).view(np.int32)


def check(operation: Padded, seed: int, machine: str) -> None:
    ctx = new_context()
    module = Parser(ctx, operation.text()).parse_module()
    attach(module, load_machine(machine))
    values = inputs(operation, seed)
    with np.errstate(all="ignore"):
        expected = run_module(module, values)
        for name in PASSES:
            all_passes()[name]()().apply(ctx, module)
            module.verify()
            if name == "memory-bufferize":
                assert not [op for op in module.walk() if isinstance(op, BufferOp)]
            if name not in CHECKED:
                continue
            got = run_module(module, values)
            for want, have in zip(expected, got, strict=True):
                np.testing.assert_array_equal(bits(have), bits(want), err_msg=name)


@pytest.mark.parametrize("machine", ["rv64gc", "rv64gcv"])
@settings(max_examples=50, deadline=None, derandomize=True)
@given(operation=operations(), seed=st.integers(0, 99))
def test_same_bits_without_memory(machine: str, operation: Padded, seed: int):
    check(operation, seed, machine)


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["rv64gc", "rv64gcv"])
@settings(max_examples=50, deadline=None, derandomize=True)
@given(operation=operations(), seed=st.integers(0, 99))
def test_many_same_bits_without_memory(machine: str, operation: Padded, seed: int):
    check(operation, seed, machine)
