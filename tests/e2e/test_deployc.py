"""The everyday tool: what it does, what it says, and with which status it ends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from deployopt.artifact import reference
from deployopt.machine import machine_names
from numpy.typing import NDArray
from small_models import convolution, model
from tool import Call


def test_build_then_run(call: Call, small: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert call("build", small, "-o", out, "--dim", "N=1", "-q") == (0, "", "")
    x = np.random.default_rng(5).standard_normal((1, 2, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "in.npz", input_0=x)
    arguments = ("--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "y.npz")
    status, text, _ = call("run", out, *arguments)
    assert status == 0
    assert text.startswith("y: float32[1, 5] ")
    with np.load(tmp_path / "y.npz") as results:
        assert sorted(results.files) == ["output_0", "y"]
        expected = reference.reference(convolution("N"), [{"x": x}])[0][0]
        np.testing.assert_allclose(results["y"], expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(results["y"], results["output_0"])


def test_build_from_a_plan(call: Call, small: Path, tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    common = ("--dim", "N=1", "--machine", "rv64gc", "-q")
    assert call("build", small, "-o", one, *common)[0] == 0
    plan = ("--plan", one / "plan.json")
    assert call("build", small, "-o", two, *common, *plan) == (0, "", "")
    names = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_profile(call: Call, small: Path, tmp_path: Path):
    path = tmp_path / "p.json"
    assert call("run", small, "--dim", "N=1", "--profile", path, "-q")[0] == 0
    profile = json.loads(path.read_text())
    assert profile.keys() == {"machine", "runner", "unit", "total", "nodes"}
    assert (profile["machine"], profile["runner"]) == ("host", "native")
    assert all(
        node.keys() == {"name", "op", "instructions", "macs", "bytes"}
        for node in profile["nodes"]
    )
    macs = {node["name"]: node["macs"] for node in profile["nodes"]}
    assert (macs["conv"], macs["matmul"]) == (4 * 4 * 4 * 2 * 9, 64 * 5)
    assert {n["name"]: n["op"] for n in profile["nodes"]}["conv"] == "Conv"


def test_seeds_give_other_inputs(call: Call, small: Path):
    outputs = [call("run", small, "--dim", "N=1", "--seed", s)[1] for s in "011"]
    assert outputs[0] != outputs[1] == outputs[2]


def test_check_is_right(call: Call, small: Path):
    status, text, _ = call("check", small, "--dim", "N=2")
    assert status == 0
    assert text.rstrip().endswith("right")


def test_check_is_wrong(call: Call, small: Path, monkeypatch: pytest.MonkeyPatch):
    def off(*_: object) -> list[list[NDArray[np.float32]]]:
        return [[np.full((1, 5), 7, np.float32)]]

    monkeypatch.setattr(reference, "reference", off)
    status, text, error = call("check", small, "--dim", "N=1")
    assert status == 1
    assert text.rstrip().endswith("wrong")
    assert error == "error: y: the output differs from the reference\n"


def test_a_folder_keeps_its_machine(call: Call, small: Path, tmp_path: Path):
    out = tmp_path / "out"
    call("build", small, "-o", out, "--dim", "N=1", "-q")
    assert call("run", out, "--machine", "host", "-q") == (0, "", "")
    status, _, error = call("run", out, "--machine", "rv64gc")
    assert status == 1
    assert "the folder is for machine host, got rv64gc" in error


def npz(path: Path, **arrays: NDArray[np.float32]) -> Path:
    np.savez(path, allow_pickle=False, **arrays)
    return path


GOOD = np.zeros((1, 2, 8, 8), np.float32)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": GOOD}, "x: expected an array 'x' or 'input_0', got z"),
        ({"x": GOOD[0]}, "x: expected float32 of shape [1, 2, 8, 8], got float32"),
        ({"x": GOOD, "z": GOOD}, "z: expected one of the inputs x"),
    ],
)
def test_wrong_inputs(
    call: Call,
    small: Path,
    tmp_path: Path,
    arrays: dict[str, NDArray[np.float32]],
    message: str,
):
    path = npz(tmp_path / "in.npz", **arrays)
    outputs = tmp_path / "out.npz"
    status, text, error = call(
        "run", small, "--dim", "N=1", "--inputs", path, "--outputs", outputs
    )
    assert (status, text) == (1, "")
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert not outputs.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("build {small} -o {out}", 1, "x: dimension 0 of this input must have a size"),
        ("build {small} -o {out} --dim N=1 --machine z80", 2, "unknown machine 'z80'"),
        ("build {small} -o {out} --dim N", 2, "--dim: expected NAME=N, got 'N'"),
        ("build {small} -o {out} --dim N=1 --set ram", 2, "--set: expected KEY=VALUE"),
        ("build {small} -o {out} --dim N=1 --name 1x", 2, "must be a C identifier"),
        ("build {small} -o {out} --dim N=1 --set ram.size=65700", 1, "ram"),
        ("build {small} -o {out} --dim N=1 --plan no.json", 2, "no.json: no such file"),
        ("build {small} -o {out} --dim N=1 --plan {text}", 1, "a plan in JSON"),
        ("run {small} --dim N=1 --plan {text}", 1, "a plan in JSON"),
        ("check {small} --dim N=1 --plan {text}", 1, "a plan in JSON"),
        ("build {text} -o {out}", 1, "must be an ONNX model"),
        ("build nothing.onnx -o {out}", 2, "nothing.onnx: no such file"),
        ("build {small}", 2, "one of the arguments -o --frontier is required"),
        ("build {small} -o {out} --frontier L1", 2, "not allowed with argument"),
        ("build {small} --frontier L9 --dim N=1", 2, "one of the levels ram, flash"),
        ("build {small} --frontier ram --plan {text}", 2, "got --plan"),
        ("build {small} --frontier ram --explain", 2, "got --explain"),
        ("build {small} --frontier ram --name n", 2, "writes no program, got --name"),
        ("run {small} --inputs {text} --seed 1", 2, "not allowed with argument"),
        ("build {small} -o {out} --frob", 2, "unrecognized arguments: --frob"),
        ("bild {small} -o {out}", 2, "invalid choice: 'bild'"),
        ("run {small} --dim N=1 --runner spike", 2, "runs on native"),
        ("run {small} --dim N=1 --inputs nothing.npz", 2, "nothing.npz: no such file"),
        ("run {small} --dim N=1 --inputs {text}", 1, "expected an npz file"),
        ("run {folder}", 1, "expected a folder that deployopt made"),
    ],
)
def test_refusals(
    call: Call, small: Path, tmp_path: Path, arguments: str, status: int, message: str
):
    text = tmp_path / "text.onnx"
    text.write_text("no model at all")
    (tmp_path / "folder").mkdir()
    places = {"small": small, "out": tmp_path / "out", "text": text}
    words = arguments.format(**places, folder=tmp_path / "folder").split()
    before = sorted(tmp_path.iterdir())
    found, output, error = call(*words)
    assert (found, output) == (status, "")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("build {small} -o {tmp}/no/out", 2, "{tmp}/no: no such folder"),
        ("build {small} -o {small}", 1, "{small}: expected a folder, got a file"),
        ("build {small} -o {tmp}", 1, "{tmp}: expected an empty folder or one that"),
        ("run {small} --outputs {tmp}/no/y.npz", 2, "{tmp}/no/y.npz: no such file or"),
        ("run {small} --profile {tmp}/no/p.json", 2, "p.json: no such file or dir"),
        ("run {small} --outputs {tmp}", 2, "{tmp}: is a directory"),
        ("run {small} --profile {small}/p.json", 2, "p.json: not a directory"),
        ("report {small} -o {tmp}/no/r.html", 2, "{tmp}/no/r.html: no such file or"),
        ("report {small} -o {tmp}", 2, "{tmp}: is a directory"),
    ],
)
def test_no_place_for_results_is_refused_before_compiling(
    call: Call,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    status: int,
    message: str,
):
    def never(*_: object) -> None:
        raise AssertionError("nothing is compiled")

    monkeypatch.setattr("deployopt.api.compile", never)
    places = {"small": small, "tmp": tmp_path}
    before = sorted(tmp_path.iterdir())
    found, text, error = call(*arguments.format(**places).split(), "--dim", "N=1")
    assert (found, text) == (status, "")
    assert message.format(**places) in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_place_that_is_lost_meanwhile_is_refused_alike(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    places = tmp_path / "no"
    arguments = ("report", small, "-o", places / "r.html", "--dim", "N=1")

    def unasked(*_: object) -> None:
        """Nobody looks before there is something to write."""

    early = call(*arguments)
    monkeypatch.setattr("deployopt.tools.deployc.check_results", unasked)
    assert call(*arguments) == early


def test_results_can_go_where_nothing_is_kept(call: Call, small: Path):
    arguments = ("run", small, "--dim", "N=1", "--profile", "/dev/null", "-q")
    assert call(*arguments) == (0, "", "")


def test_unknown_operators_are_all_named(call: Call, tmp_path: Path):
    nodes = [
        onnx.helper.make_node("NonZero", ["x"], ["a"], "first"),
        onnx.helper.make_node("Cast", ["a"], ["b"], "second", to=1),
        onnx.helper.make_node("Det", ["x"], ["c"], "third"),
    ]
    square: tuple[str, list[int | str]] = ("float32", [3, 3])
    shapes: dict[str, list[int | str]] = {"b": ["n", "m"], "c": []}
    outputs = {name: ("float32", shape) for name, shape in shapes.items()}
    path = tmp_path / "odd.onnx"
    path.write_bytes(model(nodes, {"x": square}, outputs, {}).SerializeToString())
    status, _, error = call("build", path, "-o", tmp_path / "out")
    assert status == 1
    assert "first (NonZero)" in error
    assert "third (Det)" in error
    assert not (tmp_path / "out").exists()


def test_lists(call: Call, small: Path):
    status, text, _ = call("machines")
    assert status == 0
    assert tuple(line.split()[0] for line in text.splitlines()) == machine_names()
    assert "Conv" in call("ops")[1]
    status, text, _ = call("ops", small, "--dim", "N=1")
    assert status == 0
    assert "conv (Conv): supported" in text
