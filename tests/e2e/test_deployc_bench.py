"""`deployc bench`: what it measures agrees with what the other commands say."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from deployopt.bench import timing
from deployopt.execution.execute import inputs_file
from deployopt.execution.tensors import read_tensors
from deployopt.machine import load_machine
from deployopt.tools.deployc_bench import sizes_of
from small_models import convolution
from tiny_model import complete, need
from tool import Call


def measured(call: Call, model: Path, folder: Path, *machines: str) -> list[Any]:
    """The programs in the JSON of a quiet call."""
    path = folder / "bench.json"
    words = [word for name in machines for word in ("--machine", name)]
    arguments = (model, *words, "--dim", "N=1", "--json", path, "-q")
    assert call("bench", *arguments) == (0, "", "")
    saved = json.loads(path.read_text())
    assert saved["format"] == 1
    return saved["programs"]


@pytest.mark.spike
@pytest.mark.parametrize("machine", ["rv64gcv", "rv32imc", "scratchpad"])
def test_instructions(call: Call, small: Path, tmp_path: Path, machine: str):
    need(load_machine(machine), "spike")
    (found,) = measured(call, small, tmp_path, machine)
    options = ("--machine", machine, "--dim", "N=1")
    told = call("run", small, *options)[2]
    executed, code = re.search(r"code (\d+) bytes.*; (\d+) ins", told).group(2, 1)  # pyright: ignore[reportOptionalMemberAccess]
    assert (found["instructions"], found["code"]) == (int(executed), int(code))
    assert (found["machine"], found["runner"]) == (machine, "spike")
    lanes = 1 if machine == "rv32imc" else 4
    assert found["macs"] == 4 * 4 * 4 * 2 * 9 + 64 * 5
    assert found["limit"] == found["macs"] / lanes
    assert found["ratio"] == found["weighted"] / found["limit"]
    for key in ("instructions", "weighted", "strided", "macs"):
        parts = [node[key] for node in (*found["nodes"], found["rest"])]
        assert sum(parts) == found[key], key
    above = [node["weighted"] - node["limit"] for node in found["nodes"]]
    assert above == sorted(above, reverse=True)
    assert {node["name"]: node["op"] for node in found["nodes"]}["conv"] == "Conv"
    assert bool(found["traffic"]) == (machine == "scratchpad")
    assert all(0 < one["used"] <= one["size"] for one in found["levels"].values())
    assert found["levels"][found["deciding"]]["decides"]["op"] in ("Conv", "MatMul")


@pytest.mark.spike
@pytest.mark.parametrize("machine", ["rv64gc", "rv64gcv", "rv32imc", "scratchpad"])
def test_what_is_predicted_is_near_what_is_counted(
    call: Call, small: Path, tmp_path: Path, machine: str
):
    need(load_machine(machine), "spike")
    (found,) = measured(call, small, tmp_path, machine)
    assert 0.6 < found["predicted"] / found["kernels"] < 1.6
    assert sum(node["predicted"] for node in found["nodes"]) == found["predicted"]
    assert found["kernels"] <= found["weighted"]


@pytest.mark.spike
def test_the_table_is_printed(call: Call, small: Path):
    need(load_machine("rv64gc"), "spike")
    status, text, _ = call("bench", small, "--machine", "rv64gc", "--dim", "N=1")
    assert status == 0
    assert text.startswith("small for rv64gc: ")
    blocks = text.split("\n\n")
    assert [line.split()[0] for line in blocks[1].splitlines()] == ["model", "small"]
    assert max(map(len, text.splitlines())) <= 100


def test_time_without_onnxruntime(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    need(load_machine("host"), "native")
    monkeypatch.setattr(timing, "onnxruntime_session", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(timing, "ROUNDS", 1)
    (found,) = measured(call, small, tmp_path)
    assert (found["machine"], found["runner"]) == ("host", "native")
    assert found["seconds"] > 0
    assert found["onnxruntime_seconds"] is None
    assert found["ratio"] is None
    nodes = {node["name"]: node for node in found["nodes"]}
    assert (nodes["conv"]["op"], nodes["conv"]["macs"]) == ("Conv", 4 * 4 * 4 * 2 * 9)
    spent = [node["seconds"] for node in found["nodes"]]
    assert spent == sorted(spent, reverse=True)
    assert min(spent) >= 0


@pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None,
    reason="onnxruntime is not installed",
)
def test_time_beside_onnxruntime(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    need(load_machine("host"), "native")
    monkeypatch.setattr(timing, "ROUNDS", 1)
    model = tmp_path / "bound.onnx"
    model.write_bytes(convolution(1).SerializeToString())
    path = tmp_path / "bench.json"
    status, text, _ = call("bench", model, "--json", path)
    assert status == 0
    (found,) = json.loads(path.read_text())["programs"]
    assert found["ratio"] == found["seconds"] / found["onnxruntime_seconds"]
    assert re.match(r"bound for host: .* ms, .* times onnxruntime's .* ms\n", text)


@pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None,
    reason="onnxruntime is not installed",
)
def test_what_onnxruntime_cannot_run_is_told(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    need(load_machine("host"), "native")
    model = tmp_path / "new.onnx"
    model.write_bytes(convolution(1).SerializeToString())

    class Refused:
        def __init__(self, *_: object) -> None:
            raise RuntimeError("no kernel for this node\nand more")

    monkeypatch.setattr("onnxruntime.InferenceSession", Refused)
    status, text, error = call("bench", model, "-q")
    assert (status, text) == (1, "")
    assert error.startswith(f"error: {model}: onnxruntime cannot run the model: no ker")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: MODEL"),
        (["nothing.onnx"], "nothing.onnx: no such file"),
        (["small.onnx", "nothing.onnx"], "nothing.onnx: no such file"),
        (["small.onnx", "--machine", "z80"], "unknown machine 'z80', expected one of"),
        (["small.onnx", "--json", "no/f.json"], "no/f.json: no such file or directory"),
        (["small.onnx", "--set", "vlen"], "--set: expected KEY=VALUE, got 'vlen'"),
    ],
)
def test_wrong_calls(
    call: Call,
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
):
    monkeypatch.chdir(small.parent)
    status, text, error = call("bench", *arguments)
    assert (status, text) == (2, "")
    assert error.startswith(f"error: {message}")


def test_a_machine_without_the_simulator_is_refused(
    call: Call, small: Path, tmp_path: Path
):
    builtin = Path(load_machine.__code__.co_filename).parent / "machines/rv64gc.toml"
    own = tmp_path / "own.toml"
    text = re.sub(r"(?m)^runners = .*$", 'runners = ["qemu"]', builtin.read_text())
    own.write_text(
        re.sub(r"(?m)^default_runner = .*$", 'default_runner = "qemu"', text)
    )
    status, _, error = call("bench", small, "--machine", own, "--dim", "N=1")
    assert status == 2
    assert "runs on qemu, got runner 'spike'" in error


def test_each_model_has_its_own_dimensions(small: Path, tmp_path: Path):
    other = tmp_path / "other.onnx"
    other.write_bytes(convolution("M").SerializeToString())
    names = [str(small), str(other)]
    sizes = sizes_of(names, {"N": 1, "M": 2, "K": 3})
    assert sizes == {names[0]: {"N": 1, "K": 3}, names[1]: {"M": 2, "K": 3}}
    assert sizes_of(names[:1], {"M": 2}) == {names[0]: {"M": 2}}


def test_what_fails_leaves_no_file(call: Call, small: Path, tmp_path: Path):
    path = tmp_path / "bench.json"
    status, _, error = call("bench", small, "--json", path)
    assert status == 1
    assert error.startswith("error: x: dimension 0 of this input must have a size")
    assert not path.exists()


def test_idle_runs_are_marked(tmp_path: Path):
    folder = complete(tmp_path / "tiny", load_machine("rv64gc"))
    assert read_tensors(folder, "inputs")
    headers = [inputs_file(folder, [], idle=idle)[8:16] for idle in (False, True)]
    assert headers == [bytes(8), bytes([0, 0, 0, 0, 1, 0, 0, 0])]
