"""The example: its accuracy as stated, and the demo as a user sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import deployopt
import numpy as np
import pytest
from deployopt.execution.runners import runner_available
from deployopt.machine import load_machine

DIGITS = Path(__file__).parents[2] / "examples" / "digits"
STATED = 357
"""Test images that are classified rightly, as the example's README says."""


@pytest.mark.parametrize("name", ["digits", "digits_int8"])
def test_accuracy_is_as_stated(name: str):
    data = np.load(DIGITS / "test.npz")
    images = (data["images"] / np.float32(16)).astype(np.float32)[:, None]
    with deployopt.compile(DIGITS / f"{name}.onnx").session() as session:
        results = session.run_many([{"image": image} for image in images])
    guesses = [int(outputs[0].argmax()) for outputs in results]
    assert int((np.array(guesses) == data["labels"]).sum()) == STATED


@pytest.mark.spike
def test_demo_shows_what_it_promises():
    if not runner_available(load_machine("rv64gcv"), "spike"):
        pytest.skip("spike is not installed")
    demo = [sys.executable, str(DIGITS / "demo.py")]
    done = subprocess.run(demo, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    for words in (
        "float32 says 5 (right)",
        "int8 says 5 (right)",
        "Instructions on Spike",
        "RAM: activations",
        "flash: weights",
        "RAM of the int8 program while it runs",
    ):
        assert words in done.stdout


@pytest.mark.parametrize("index", ["-1", "360", "x"])
def test_demo_refuses_an_image_it_does_not_have(index: str):
    demo = [sys.executable, str(DIGITS / "demo.py"), index]
    done = subprocess.run(demo, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"error: INDEX: expected 0 to 359, got '{index}'\n"
