"""Rows of a table at places that the caller gives: ids of words."""

from __future__ import annotations

import shutil

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.execution.tensors import tensors_of
from deployopt.machine import load_machine
from lowered import outputs_of, sanitized
from onnx import ModelProto, helper
from small_models import model, weights
from tiny_model import need

ROWS, IDS = 3, [[0, 2, -1, -3, 1], [3, 1 << 40, -(1 << 62), -4, 2]]
"""Those of the second line are outside, but for the last."""
PLACES = [[0, 2, 2, 0, 1], [2, 2, 0, 0, 2]]


def embedding() -> tuple[ModelProto, np.ndarray]:
    """A table of three rows, and a model that reads it."""
    table = weights((ROWS, 4), 1)
    node = helper.make_node("Gather", ["table", "i"], ["y"], "embedding")
    inputs, outputs = {"i": ("int64", [2, 5])}, {"y": ("float32", [2, 5, 4])}
    return model([node], inputs, outputs, {"table": table}), table


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_what_is_outside_is_the_nearest_row(monkeypatch: pytest.MonkeyPatch):
    sanitized(monkeypatch, "gcc")
    network, table = embedding()
    (rows,) = outputs_of(deployopt.compile(network), [np.array(IDS, np.int64)])
    np.testing.assert_array_equal(rows, table[PLACES])


@pytest.mark.spike
def test_a_table_that_is_larger_than_the_level_of_kernels():
    table = weights((300, 40), 1)
    node = helper.make_node("Gather", ["table", "i"], ["y"], "embedding")
    inputs, outputs = {"i": ("int64", [6])}, {"y": ("float32", [6, 40])}
    network = model([node], inputs, outputs, {"table": table})
    need(load_machine("scratchpad-64k"), "spike")
    level = {"set": {"L1.size": 16384}}
    artifact = deployopt.compile(network, "scratchpad-64k", options=level)
    ids = np.array([299, 0, -1, 17, -300, 5000])
    (rows,) = outputs_of(artifact, [ids])
    np.testing.assert_array_equal(rows, table[[299, 0, 299, 17, 0, 299]])


def test_random_ids_are_rows_that_there_are():
    network, _ = embedding()
    (ids,) = tensors_of(deployopt.compile(network).manifest, "inputs")
    (array,) = random_arrays([ids], 1)
    assert ids.entries == ROWS
    assert set(array.ravel()) == {0, 1, 2}
