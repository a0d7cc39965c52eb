"""Layers with random shapes, strides, pads and groups agree with onnxruntime."""

from __future__ import annotations

import shutil

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.reference import compare, reference
from lowered import outputs_of, sanitized
from random_networks import random_network


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("seed", range(12))
def test_random_network(seed: int, monkeypatch: pytest.MonkeyPatch):
    sanitized(monkeypatch, "gcc")
    network = random_network(seed)
    artifact = deployopt.compile(network)
    with artifact.session() as session:
        (x,) = random_arrays(session.inputs, seed)
    (result,) = outputs_of(artifact, [x])
    ((expected,),) = reference(network, [{"x": x}])
    comparison = compare("flat", result, expected, quantized=False)
    assert comparison.is_right, comparison
    assert np.ptp(expected) > 0
