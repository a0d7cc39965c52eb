"""Trained models, where a folder of them stands beside the project."""

from __future__ import annotations

import functools
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.api import fitted, recipe_of
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.reference import compare, quantized_outputs, reference
from deployopt.machine import load_machine, machine_names
from deployopt.printing import module_text
from numpy.typing import NDArray
from shared_folder import SHARED
from tiny_model import need

MODELS = SHARED / "models"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MODELS.is_dir(), reason="no folder of models"),
]

PUBLISHED = [
    *(2.797004, -12.441699, 0.206829, -3.550967, 0.014401),
    *(5.138205, 17.518187, -16.953455, 2.517180, -5.376605),
]

BATCH = {
    "mlperf_tiny_resnet8_fp32": "unk__126",
    "mlperf_tiny_autoencoder_fp32": "unk__63",
    "mlperf_tiny_resnet8_int8": "unk__259",
    "mlperf_tiny_autoencoder_int8": "unk__133",
}
"""Model -> the name of its batch dimension."""

PLACES = [
    (name, runner) for name in machine_names() for runner in load_machine(name).runners
]


@functools.cache
def compiled(name: str, machine: str = "host") -> deployopt.Artifact:
    dims = {BATCH[name]: 1} if name in BATCH else None
    return deployopt.compile(MODELS / f"{name}.onnx", machine, dims)


def digit() -> NDArray[Any]:
    """The published handwritten 6."""
    data = np.fromfile(MODELS / "mnist-8_input_6.bin", "<f4")
    return data.reshape(1, 1, 28, 28)


@functools.cache
def classes(machine: str, runner: str) -> NDArray[Any]:
    """What the machine says of the published digit; skips where there is no runner."""
    need(load_machine(machine), runner)
    with compiled("mnist-8", machine).session(runner) as session:
        return session(Input3=digit())["Plus214_Output_0"]


@pytest.mark.parametrize(("machine", "runner"), PLACES)
def test_published_digit(machine: str, runner: str):
    result = classes(machine, runner)
    np.testing.assert_allclose(result[0], PUBLISHED, rtol=1e-4, atol=1e-4)
    assert int(result.argmax()) == 6


BOTH = [name for name in machine_names() if len(load_machine(name).runners) > 1]


@pytest.mark.parametrize("machine", BOTH)
def test_the_same_bits_on_both_simulators(machine: str):
    one, other = (classes(machine, name) for name in load_machine(machine).runners)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("machine", ["rv64gcv", "rv32imc"])
def test_the_same_integers_everywhere(machine: str):
    """Sums of integers are exact in any order, so blocks and lanes change no bit."""
    need(load_machine(machine), "spike")
    outputs: list[NDArray[Any]] = []
    for place in ("host", machine):
        with compiled("mlperf_tiny_autoencoder_int8", place).session() as session:
            inputs = random_arrays(session.inputs, 1)[0]
            outputs.append(session.run_many([{session.inputs[0].name: inputs}])[0][0])
    np.testing.assert_array_equal(outputs[0], outputs[1])


def results_of(name: str, count: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """What comes out for `count` random inputs, and what should."""
    path = MODELS / f"{name}.onnx"
    with compiled(name).session() as session:
        runs = [
            {session.inputs[0].name: random_arrays(session.inputs, seed)[0]}
            for seed in range(count)
        ]
        results = session.run_many(runs)
    expected = reference(path, runs)
    return [
        (value, wanted) for (value,), (wanted,) in zip(results, expected, strict=True)
    ]


@pytest.mark.parametrize("name", [name for name in BATCH if "fp32" in name])
def test_random_inputs(name: str):
    for value, wanted in results_of(name, 20):
        comparison = compare(name, value, wanted, quantized=False)
        assert comparison.is_right, comparison


@pytest.mark.parametrize("name", [name for name in BATCH if "int8" in name])
def test_random_integer_inputs(name: str):
    """
    Same class always; at most one step off, but for the reference's own rounding.

    onnxruntime sums these convolutions in float32: about one sum in a hundred thousand
    lies so near to the middle of two steps that its error decides, and a softmax at the
    end can make a few steps out of one. Here sums are exact.
    """
    assert quantized_outputs(MODELS / f"{name}.onnx") == [True]
    results = results_of(name, 100)
    found = [compare(name, *pair, quantized=True).is_right for pair in results]
    assert sum(found) >= 95
    assert all(value.argmax() == wanted.argmax() for value, wanted in results)


@pytest.mark.parametrize("name", [name for name in BATCH if "int8" in name])
def test_integer_models_stay_integers(name: str):
    """A buffer of floats would be four times as large as its integers."""
    host = load_machine("host")
    dims = {BATCH[name]: 1}
    fitting = fitted(recipe_of(MODELS / f"{name}.onnx", host, dims))
    text = module_text(fitting.ctx, fitting.lowered(host))
    signature = text.partition("func.func @run")[2].partition("func.return")[0]
    views = [line for line in signature.splitlines() if "memref.view" in line]
    assert views
    floats = [line for line in views if "xf32" in line.rpartition(" to ")[2]]
    assert all("Softmax" in line or "Identity" in line for line in floats), floats
