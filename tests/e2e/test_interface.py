"""The caller's types and layouts: what comes out is what onnxruntime computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.artifact.reference import reference
from deployopt.machine import load_machine
from numpy.typing import NDArray
from onnx import ModelProto
from quantized_borders import SCALES, quantized
from small_models import convolution
from tiny_model import need
from tool import Call

Array = NDArray[Any]
LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
CHOSEN = {"io_type": "int8", "io_layout": ["x=nhwc", "y=nhwc"], "name": "narrow"}
"""What the caller's are: integers, with channels last."""


def real(name: str, integers: Array) -> Array:
    scale, zero_point = SCALES[name]
    return ((integers.astype(np.int32) - zero_point) * np.float32(scale)).astype("f4")


def integer(name: str, reals: Array) -> Array:
    scale, zero_point = SCALES[name]
    steps = np.rint(reals / np.float32(scale)) + zero_point
    return np.clip(steps, -128, 127).astype(np.int8)


def wanted(model: ModelProto, x: Array) -> Array:
    ((y,),) = reference(model, [{"x": x}])
    return y


def outputs(artifact: deployopt.Artifact, x: Array) -> Array:
    with artifact.session() as session:
        assert session.inputs[0].shape == x.shape
        return session(x=x)["y"]


@pytest.fixture(scope="module")
def integers() -> Array:
    values = np.random.default_rng(3).integers(-128, 128, (1, 2, 6, 6))
    return values.astype(np.int8)


@pytest.fixture(scope="module")
def narrow() -> deployopt.Artifact:
    """The model of reals, with integers and channels last for the caller."""
    return deployopt.compile(quantized(), options=CHOSEN)


def test_a_caller_has_the_integers_and_channels_last(
    narrow: deployopt.Artifact, integers: Array
):
    y = outputs(narrow, np.ascontiguousarray(integers.transpose(LAST)))
    assert (y.dtype, y.shape) == (np.int8, (1, 4, 4, 4))
    expected = integer("y", wanted(quantized(), real("x", integers)))
    assert np.abs(y.transpose(FIRST).astype(int) - expected).max() <= 1
    assert len(np.unique(expected)) > 10


def test_nothing_converts_or_turns_them():
    """Four filters fill the lanes of this machine; of others they may not."""
    artifact = deployopt.compile(quantized(), "rv64gcv", options=CHOSEN)
    (step,) = artifact.manifest["memory"]["ops"]
    assert "conv" in step["nodes"]
    assert "transposes" not in artifact.plan["layouts"]


def test_what_the_header_and_the_manifest_say(narrow: deployopt.Artifact):
    header = narrow.files["narrow.h"]
    for line in (
        "/* x is nhwc: 1 x 6 x 6 x 2. */",
        "#define narrow_X_SCALE 0.05F",
        "#define narrow_X_ZERO_POINT 10",
        "#define narrow_Y_ZERO_POINT (-3)",
        "int narrow_run(const int8_t *x, int8_t *y);",
    ):
        assert line in header
    (given,) = narrow.manifest["inputs"]
    scale = float(np.float32(0.05))
    assert given["quantization"] == {"dtype": "int8", "scale": scale, "zero_point": 10}
    model = {"dtype": "float32", "shape": [1, 2, 6, 6], "layout": "nchw"}
    assert (given["shape"], given["model"]) == ([1, 6, 6, 2], model)


def test_arrays_of_the_model_are_refused(narrow: deployopt.Artifact):
    with narrow.session() as session:
        with pytest.raises(deployopt.DeployError, match="expected int8 of shape"):
            session(x=np.zeros((1, 2, 6, 6), np.float32))
        with pytest.raises(deployopt.DeployError, match="expected int8 of shape"):
            session(x=np.zeros((1, 2, 6, 6), np.int8))


def test_tensors_inside_are_as_the_model_has_them(
    narrow: deployopt.Artifact, integers: Array
):
    with narrow.session() as session:
        session.set_input("x", np.ascontiguousarray(integers.transpose(LAST)))
        assert np.array_equal(session.debug_get_output("x"), real("x", integers))
        assert np.array_equal(session.debug_get_output("xq"), integers)
        assert session.debug_get_output("y").dtype == np.float32


def test_a_plan_and_a_folder_keep_it(narrow: deployopt.Artifact, tmp_path: Path):
    narrow.save(tmp_path / "out")
    chosen = {"plan": tmp_path / "out" / "plan.json", "name": "narrow"}
    again = deployopt.compile(quantized(), options=chosen)
    assert again.files == narrow.files
    loaded = deployopt.load(tmp_path / "out", model=quantized())
    assert loaded.with_params({}).files["narrow.h"] == narrow.files["narrow.h"]


def test_a_caller_has_reals_of_a_model_of_integers(integers: Array):
    model = quantized(integers=True)
    chosen = {"io_type": {"x": "float32", "y": "float32"}}
    x = real("x", integers) + np.float32(0.01)  # is rounded
    y = outputs(deployopt.compile(model, options=chosen), x)
    expected = real("y", wanted(model, integers))
    assert y.dtype == np.float32
    assert np.abs(y - expected).max() <= np.float32(0.1) * 1.001


@pytest.mark.spike
def test_check_compares_in_the_callers_types(call: Call, tmp_path: Path):
    need(load_machine("rv32imc"), "spike")
    (tmp_path / "m.onnx").write_bytes(quantized(integers=True).SerializeToString())
    words = ("--machine", "rv32imc", "--io-type", "x=float32", "--io-layout", "nhwc")
    found = call("check", tmp_path / "m.onnx", *words, "--per-node", "--per-pass")
    assert found[0] == 0, found
    assert "y: error" in found[1]


def test_channels_last_takes_fewer_instructions():
    """The transpose of the input is gone, and its step."""
    plain, last = (
        deployopt.compile(convolution(), "rv64gcv", options={"io_layout": layout})
        for layout in ("nchw", "nhwc")
    )
    assert len(plain.plan["layouts"]["transposes"]) == 1
    assert "transposes" not in last.plan["layouts"]
    assert last.manifest["instructions"] < plain.manifest["instructions"]


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["--io-type", "int8"], 1, "x: expected float32, since no one scale"),
        (
            ["--io-type", "z=int8"],
            1,
            "expected one of the inputs and outputs x, y, got",
        ),
        (["--io-type", "int7"], 2, "expected one of float32, int8, uint8"),
        (["--io-layout", "y=nhwc"], 1, "y: expected 4 dimensions for layout nhwc"),
        (["--io-layout", "nwc"], 1, "layout nwc: expected an input or output of 3"),
        (["--io-layout", "x=nchw", "--io-layout", "x=nhwc"], 2, "x: expected one, got"),
    ],
)
def test_what_is_refused(
    call: Call, tmp_path: Path, words: list[str], status: int, line: str
):
    (tmp_path / "m.onnx").write_bytes(convolution().SerializeToString())
    found = call("build", tmp_path / "m.onnx", "-o", tmp_path / "out", *words)
    assert (found[0], found[1]) == (status, "")
    assert found[2].startswith(f"error: {line}")
    assert found[2].count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_has_its_own(call: Call, tmp_path: Path):
    found = call("run", tmp_path, "--io-type", "int8")
    assert found[0] == 2
    assert "--io-type belongs to a model, got a folder" in found[2]
