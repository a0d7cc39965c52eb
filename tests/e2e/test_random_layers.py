"""Layers with random shapes, strides, pads and groups agree with onnxruntime."""

from __future__ import annotations

import shutil

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.reference import compare, reference
from random_networks import random_network

SANITIZED = (
    "gcc -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all"
)


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("seed", range(12))
def test_random_network(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DEPLOYOPT_CC", SANITIZED)
    network = random_network(seed)
    artifact = deployopt.compile(network)
    with artifact.session() as session:
        (x,) = random_arrays(session.inputs, seed)
        ((result,),) = session.run_many([{"x": x}])
    ((expected,),) = reference(network, [{"x": x}])
    comparison = compare("flat", result, expected, quantized=False)
    assert comparison.is_right, comparison
    assert np.ptp(expected) > 0
