"""What tests of sessions share: one small model, and what each of its tensors is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.artifact.reference import Comparison, compare, reference
from numpy.typing import NDArray
from onnx import ModelProto, ValueInfoProto
from small_models import convolution

Array: TypeAlias = NDArray[Any]

INNER = ("conv_out", "relu_out", "flat")
"""The tensors between input and output."""


def x(seed: int = 0, batch: int = 1) -> Array:
    """An input."""
    values = np.random.default_rng(seed).standard_normal((batch, 2, 8, 8))
    return values.astype(np.float32)


def expected(given: Array, model: ModelProto | None = None) -> dict[str, Array]:
    """Every tensor that a node makes, as the reference computes it."""
    chosen = ModelProto()
    chosen.CopyFrom(convolution(len(given)) if model is None else model)
    made = [name for node in chosen.graph.node for name in node.output]
    outputs = [value.name for value in chosen.graph.output]
    inner = [name for name in made if name not in outputs]
    chosen.graph.output.extend(ValueInfoProto(name=name) for name in inner)
    (values,) = reference(chosen, [{"x": given}])
    return dict(zip([*outputs, *inner], values, strict=True))


def differences(found: Mapping[str, Array], wanted: Mapping[str, Array]) -> list[str]:
    """The tensors of `found` that are not as they should be."""
    compared = [compared_to(wanted, name, value) for name, value in found.items()]
    return [str(one) for one in compared if not one.is_right]


def compared_to(wanted: Mapping[str, Array], name: str, value: Array) -> Comparison:
    """How far a tensor is from what it should be."""
    return compare(name, value, wanted[name], quantized=False)


RUNNERS = [
    pytest.param("host", id="native"),
    pytest.param("rv64gc", id="spike", marks=pytest.mark.spike),
]
"""A machine for each way to run."""
