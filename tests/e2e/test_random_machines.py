"""
On any machine a model gives right results, or is refused with a size that works.

The machines have two to four levels of odd sizes and alignments; kernels may touch the
smallest one only.
"""

from __future__ import annotations

import re
from pathlib import Path

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.reference import compare, reference
from deployopt.errors import MemoryShortage
from deployopt.machine import load_machine
from models import BUILDERS, build
from onnx import ModelProto
from random_machines import random_machine
from random_networks import random_network
from tiny_model import need

SETTING = re.compile(r"--set (\w+)\.size=(\d+)")


def network_of(seed: int) -> ModelProto:
    """Every other time a random one, else one of the small models."""
    if seed % 2:
        return random_network(seed)
    names = sorted(BUILDERS)
    return build(names[seed * 7 % len(names)])


def check_right(network: ModelProto, artifact: deployopt.Artifact, seed: int) -> None:
    with artifact.session() as session:
        inputs = random_arrays(session.inputs, seed)
        named = {t.name: array for t, array in zip(session.inputs, inputs, strict=True)}
        (results,) = session.run_many([named])
    (expected,) = reference(network, [named])
    for result, wanted in zip(results, expected, strict=True):
        quantized = np.asarray(wanted).dtype.kind in "iu"
        comparison = compare("y", result, wanted, quantized=quantized)
        assert comparison.is_right, comparison


def check_machine(seed: int, folder: Path) -> bool:
    """Whether the machine was large enough as it was drawn."""
    random = np.random.default_rng(seed)
    network = network_of(seed)
    near = int(2 ** random.uniform(6, 14))
    path, levels = random_machine(random, folder, near)
    need(load_machine(path), "spike")
    aligns = {level.name: level.align for level in levels}
    overrides: dict[str, int] = {}
    try:
        artifact = deployopt.compile(network, machine=path)
        fits = True
    except MemoryShortage as error:
        found = SETTING.findall(str(error))
        if not found:
            raise
        overrides = {f"{name}.size": int(size) for name, size in found}
        artifact = deployopt.compile(network, machine=path, options={"set": overrides})
        fits = False
        name, size = found[-1]
        less = {**overrides, f"{name}.size": int(size) - aligns[name]}
        with pytest.raises(MemoryShortage):
            deployopt.compile(network, machine=path, options={"set": less})
    check_right(network, artifact, seed)
    return fits


@pytest.mark.parametrize("seed", range(4))
def test_random_machine(seed: int, tmp_path: Path):
    check_machine(seed, tmp_path)


@pytest.mark.slow
def test_many_random_machines(tmp_path: Path):
    fits = [check_machine(seed, tmp_path) for seed in range(4, 12)]
    assert True in fits
    assert False in fits
