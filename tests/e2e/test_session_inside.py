"""Sessions that look inside: any tensor, all as files, what nodes cost, time."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import deployopt
import numpy as np
import pytest
from onnx import ModelProto, helper
from session_models import INNER, Array, differences, expected, x
from small_models import convolution, model
from tiny_model import need

# Any tensor.


def test_any_tensor(artifact: deployopt.Artifact):
    with artifact.session() as session:
        session.set_input("x", x(1))
        found = {name: session.debug_get_output(name) for name in (*INNER, "y")}
        assert differences(found, expected(x(1))) == []
        session.set_input("x", x(2))  # built before
        out = np.empty_like(found["flat"])
        assert session.debug_get_output("flat", out=out) is out
        assert differences({"flat": out}, expected(x(2))) == []


def test_tensors_that_are_known_without_a_run(host: deployopt.Artifact):
    (w,) = (t for t in convolution().graph.initializer if t.name == "b")
    with host.session() as session:
        session.set_input("x", x())
        given = session.debug_get_output("x")
        np.testing.assert_array_equal(given, x())
        given[:] = 0  # a copy
        np.testing.assert_array_equal(session.debug_get_output("x"), x())
        bias = np.frombuffer(w.raw_data, np.float32)
        np.testing.assert_array_equal(session.debug_get_output("b"), bias)


def test_tensors_that_there_are_not(host: deployopt.Artifact):
    with host.session() as session:
        with pytest.raises(deployopt.DeployError, match="x: this input has not been"):
            session.debug_get_output("flat")
        session.set_input("x", x())
        with pytest.raises(deployopt.DeployError) as caught:
            session.debug_get_output("relu_output")
        assert str(caught.value) == (
            "relu_output: expected one of the tensors of the model, "
            "got none of that name; the closest is 'relu_out'"
        )
        message = "conv_out: expected float32 of shape .1, 4, 4, 4., got float64"
        with pytest.raises(deployopt.DeployError, match=message):
            session.debug_get_output("conv_out", out=np.zeros((1, 4, 4, 4)))


def branching() -> ModelProto:
    """Tensors that nobody reads, that only move, and that are constant."""
    nodes = [
        helper.make_node("Identity", ["x"], ["same"], "same"),
        helper.make_node("Add", ["one", "one"], ["two"], "two"),
        helper.make_node("Mul", ["same", "two"], ["twice"], "twice"),
        helper.make_node("Transpose", ["twice"], ["turned"], "turned", perm=[1, 0]),
        helper.make_node("Greater", ["turned", "one"], ["large"], "large"),
        helper.make_node("Exp", ["x"], ["unread"], "unread"),
        helper.make_node("Cast", ["large"], ["y"], "cast", to=6),
    ]
    ones = {"one": np.ones((1,), np.float32)}
    inputs, outputs = {"x": ("float32", [3, 4])}, {"y": ("int32", [4, 3])}
    return model(nodes, inputs, outputs, ones)


def test_tensors_of_all_kinds():
    given = np.random.default_rng(3).standard_normal((3, 4)).astype(np.float32)
    wanted = expected(given, branching())
    with deployopt.compile(branching()).session() as session:
        session.set_input("x", given)
        found = {name: session.debug_get_output(name) for name in wanted}
    assert differences(found, wanted) == []
    assert found["large"].dtype == np.bool_


# All of them.


def read_tensor(folder: Path, entry: dict[str, Any]) -> Array:
    """A tensor of a dump, by what its index says."""
    file, dtype, shape = folder / entry["file"], entry["dtype"], entry["shape"]
    if file.suffix == ".npz":
        return np.load(file)[entry["key"]]
    if file.suffix == ".bin":
        return np.fromfile(file, dtype).reshape(shape)
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# {dtype} {shape}"
    return np.loadtxt(file, dtype).reshape(shape)


@pytest.mark.parametrize("format", ["npz", "txt", "bin"])
def test_a_dump(host: deployopt.Artifact, format: str, tmp_path: Path):
    folder = tmp_path / "dump"
    with host.session() as session:
        session.set_input("x", x())
        session.dump(folder, format)
    index = json.loads((folder / "dump.json").read_text(encoding="utf-8"))
    assert [(n["name"], n["op"]) for n in index["nodes"]] == [
        ("conv", "Conv"),
        ("relu", "Relu"),
        ("flatten", "Flatten"),
        ("matmul", "MatMul"),
    ]
    assert [t["name"] for t in index["nodes"][0]["inputs"]] == ["x", "w", "b"]
    wanted = {**expected(x()), "x": x()}
    named = {"dump.json"}
    for node in index["nodes"]:
        for entry in (*node["inputs"], *node["outputs"]):
            value = read_tensor(folder, entry)
            named.add(entry["file"])
            assert (value.dtype.name, list(value.shape)) == (
                entry["dtype"],
                entry["shape"],
            )
            if entry["name"] in wanted:
                assert differences({entry["name"]: value}, wanted) == []
    assert {path.name for path in folder.iterdir()} == named
    assert [path.name for path in tmp_path.iterdir()] == ["dump"]


def test_a_dump_replaces_dumps_alone(host: deployopt.Artifact, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with host.session() as session:
        session.set_input("x", x())
        with pytest.raises(deployopt.DeployError, match="expected an empty folder"):
            session.dump(tmp_path / "mine")
        with pytest.raises(deployopt.DeployError, match="no such folder"):
            session.dump(tmp_path / "none" / "dump")
        with pytest.raises(deployopt.DeployError, match="a format of npz, txt, bin"):
            session.dump(tmp_path / "dump", "csv")
        session.dump(tmp_path / "dump", "bin")
        session.dump(tmp_path / "dump", "npz")
    assert not list((tmp_path / "dump").glob("*.bin"))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_names_of_nodes_are_no_paths(tmp_path: Path):
    odd = convolution()
    odd.graph.node[0].name = "../../etc/pass wd"
    with deployopt.compile(odd).session() as session:
        session.set_input("x", x())
        session.dump(tmp_path / "dump", "bin")
    files = [p.relative_to(tmp_path / "dump") for p in tmp_path.rglob("*.bin")]
    assert all(len(file.parts) == 1 for file in files)
    assert Path("0000_.._.._etc_pass_wd.output_0.bin") in files


def test_a_dump_where_not_all_fits_at_once(tmp_path: Path):
    tight = {"set": {"ram.size": peak(convolution()) + 300}}
    artifact = deployopt.compile(convolution(), "rv64gc", options=tight)
    need(artifact.machine, "spike")
    with artifact.session() as session:
        session.set_input("x", x())
        with pytest.raises(deployopt.DeployError, match="memory level 'ram'"):
            artifact.with_outputs(INNER)
        session.dump(tmp_path / "dump")
    index = json.loads((tmp_path / "dump" / "dump.json").read_text(encoding="utf-8"))
    entries = [entry for node in index["nodes"] for entry in node["outputs"]]
    found = {e["name"]: read_tensor(tmp_path / "dump", e) for e in entries}
    assert differences(found, expected(x())) == []
    assert set(found) == {*INNER, "y"}


def peak(model: ModelProto) -> int:
    """Bytes of RAM that the model takes with its largest single tensor kept."""
    artifact = deployopt.compile(model, "rv64gc").with_outputs(["flat"])
    return artifact.manifest["memory"]["claimed"]["ram"]["peak"]


# What nodes cost.


def test_a_profile(artifact: deployopt.Artifact, tmp_path: Path):
    with artifact.session() as session:
        session.set_input("x", x())
        session(x=x())
        assert session.node_costs() == []
        table = session.profile(tmp_path / "p.json")  # makes a run that is counted
        assert session.node_costs() == table["nodes"]
        assert differences({"y": session.get_output("y")}, expected(x())) == []
        assert session.profile() == table  # of the last run
        session.profile(tmp_path / "t.json", "trace")
        with pytest.raises(deployopt.DeployError, match="a format of json, trace"):
            session.profile(tmp_path / "p.csv", "csv")
        with pytest.raises(deployopt.DeployError, match="a file with format 'trace'"):
            session.profile(format="trace")
        with pytest.raises(deployopt.DeployError, match="no such file or directory"):
            session.profile(tmp_path / "none" / "p.json")
    assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8")) == table
    assert {"machine", "runner", "unit", "total", "nodes"} == table.keys()
    assert [n["name"] for n in table["nodes"]] == ["conv", "matmul"]
    assert table["nodes"][0]["macs"] == 4 * 4 * 4 * 2 * 9
    counts = [n["instructions"] for n in table["nodes"]]
    assert 0 < sum(counts) <= table["total"]
    check_trace(json.loads((tmp_path / "t.json").read_text(encoding="utf-8")), counts)
    assert {p.name for p in tmp_path.iterdir()} == {"p.json", "t.json"}


def check_trace(trace: dict[str, Any], counts: list[int]) -> None:
    """Every box lies behind the one before, and together they are the nodes."""
    boxes = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    run, *steps = boxes
    assert run["dur"] >= sum(step["dur"] for step in steps)
    assert sum(step["args"]["count"] for step in steps) == sum(counts)
    for one, other in pairwise(steps):
        assert other["ts"] == pytest.approx(one["ts"] + one["dur"])
    assert {step["name"] for step in steps} == {"conv", "matmul"}
    needed = {"name", "ph", "ts", "dur", "pid", "tid"}
    assert all(needed <= box.keys() for box in boxes)


# Time.


def test_a_benchmark(artifact: deployopt.Artifact):
    with artifact.session() as session:
        session.set_input("x", x())
        found = session.benchmark(repeat=4, number=3, warmup=2, cooldown_ms=1)
        assert (len(found.samples), found.number) == (4, 3)
        assert found.min <= found.median <= found.max
        assert found.min <= found.mean <= found.max
        assert found.mean == pytest.approx(np.mean(found.samples))
        assert found.std == pytest.approx(np.std(found.samples))
        if artifact.machine.is_native:
            assert found.unit == "s"
            assert 0 < found.mean < 1e-2
            assert session.benchmark(repeat=1, min_repeat_ms=5).number > 10
        else:
            assert found.unit == "instructions"
            session.run()
            assert session.result is not None
            total = session.result.totals[-1]
            assert found.samples == (total,) * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"repeat": 0}, "repeat: expected an integer from 1 on, got 0"),
        ({"number": 2.5}, "number: expected an integer from 1 on, got 2.5"),
        ({"warmup": True}, "warmup: expected an integer from 0 on, got True"),
        ({"min_repeat_ms": -1}, "min_repeat_ms: expected a number from 0 on, got -1"),
        ({"cooldown_ms": float("inf")}, "cooldown_ms: expected a number from 0 on"),
    ],
)
def test_benchmarks_that_cannot_be(
    host: deployopt.Artifact, arguments: dict[str, Any], message: str
):
    with host.session() as session:
        session.set_input("x", x())
        with pytest.raises(deployopt.DeployError, match=message):
            session.benchmark(**arguments)
