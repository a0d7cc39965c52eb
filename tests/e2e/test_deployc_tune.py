"""`deployc tune`: what is measured is kept, and taken by builds."""

from __future__ import annotations

import json
from pathlib import Path

import deployopt
import pytest
from deployopt.execution.runners import runner_available
from deployopt.machine import load_machine
from small_models import convolution
from tool import Call

MACHINE = "rv64gc"

needs_spike = pytest.mark.skipif(
    not runner_available(load_machine(MACHINE), "spike"), reason="no spike"
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(convolution().SerializeToString())
    return path


@needs_spike
@pytest.mark.spike
@pytest.mark.parametrize("machine", [MACHINE, "rv32imc"])
def test_the_best_is_kept(call: Call, tmp_path: Path, model: Path, machine: str):
    database = tmp_path / "tuned.json"
    words = ("tune", model, "--machine", machine, "-o", database)
    assert call(*words, "--top", "3")[0] == 0
    entries = json.loads(database.read_text())["kernels"]
    assert entries
    assert all(0 < one["measured"] <= one["searched"] for one in entries)
    artifact = deployopt.compile(model, machine, options={"tuned": database})
    taken = {one["kernel"]: one["operations"] for one in artifact.plan["blocks"]}
    assert {one["kernel"]: one["operations"] for one in entries} == taken


@needs_spike
@pytest.mark.spike
def test_other_machines_are_left_alone(call: Call, tmp_path: Path, model: Path):
    database = tmp_path / "tuned.json"
    words = ("tune", model, "--machine", MACHINE, "-o", database)
    assert call(*words, "--top", "1")[0] == 0
    own = deployopt.compile(model, "rv64gcv").plan
    assert deployopt.compile(model, "rv64gcv", options={"tuned": database}).plan == own


@needs_spike
@pytest.mark.spike
def test_what_a_build_computes_is_measured(call: Call, tmp_path: Path, model: Path):
    """Other kernels are made where the caller has channels last."""
    database = tmp_path / "tuned.json"
    layout = ("--io-layout", "nhwc")
    words = ("tune", model, "--machine", MACHINE, "-o", database, "--top", "1")
    assert call(*words, *layout)[0] == 0
    measured = {e["kernel"] for e in json.loads(database.read_text())["kernels"]}
    options = {"io_layout": "nhwc", "tuned": database}
    plans = [deployopt.compile(model, MACHINE, options=o).plan for o in (options, {})]
    made, others = ({one["kernel"] for one in plan["blocks"]} for plan in plans)
    assert measured == made != others


@pytest.mark.skipif(
    not runner_available(load_machine("host"), "native"), reason="no compiler"
)
def test_this_computer(call: Call, tmp_path: Path, model: Path):
    database = tmp_path / "tuned.json"
    words = ("tune", model, "-o", database, "--top", "2")
    assert call(*words)[1].rstrip().endswith("nanoseconds")
    entries = json.loads(database.read_text())["kernels"]
    assert all(one["measured"] <= one["searched"] for one in entries)
    artifact = deployopt.compile(model, options={"tuned": database})
    taken = {one["kernel"]: one["operations"] for one in artifact.plan["blocks"]}
    assert {one["kernel"]: one["operations"] for one in entries} == taken


INVALID = {
    ("--fuse", "nn.pool"): "error: --fuse: expected names of operations with + between",
    ("--io-type", "int4"): "error: expected one of float32, int8",
    ("--top", "0"): "error: --top: expected 1 to 32, got 0",
    ("--dim", "x"): "error: --dim: expected NAME=N",
}


@pytest.mark.parametrize("words", INVALID)
def test_invalid(call: Call, tmp_path: Path, model: Path, words: tuple[str, str]):
    database = tmp_path / "tuned.json"
    status, _, error = call("tune", model, "-o", database, *words)
    assert status in (1, 2)
    assert error.startswith(INVALID[words])
    assert not database.exists()


def test_invalid_model(call: Call, tmp_path: Path):
    status, _, error = call("tune", "none.onnx", "-o", tmp_path / "tuned.json")
    assert (status, error) == (2, "error: none.onnx: no such file\n")
