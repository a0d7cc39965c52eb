"""`deployc fit`: what it answers is what builds do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import deployopt
import pytest
from deployopt.api import fit
from deployopt.artifact.tuned import described
from deployopt.machine import load_machine, machine_names
from onnx import helper
from small_models import convolution, model, weights
from tool import Call

BOUND = ("--dim", "N=1")


def answer(call: Call, model: Path, *options: str, status: int = 0) -> Any:
    """The only answer in the JSON of a quiet call."""
    path = model.parent / "fit.json"
    found, text, error = call("fit", model, *BOUND, *options, "--json", path, "-q")
    assert (found, text) == (status, "")
    assert error.startswith("error: ") == bool(status)
    saved = json.loads(path.read_text())
    assert (saved["format"], saved["model"]) == (1, "small")
    return saved["machines"][0]


def build(call: Call, model: Path, *options: str) -> tuple[int, str]:
    folder = model.parent / "out"
    status, _, error = call("build", model, *BOUND, *options, "-q", "-o", folder)
    return status, error


CASES: list[tuple[str, dict[str, int]]] = [
    ("rv64gc", {}),
    ("rv32imc", {"ram": 17000}),
    ("rv64gcv-vlen256", {"flash": 32, "ram": 66000}),
    ("scratchpad", {}),
    ("scratchpad", {"L2": 64}),
]


@pytest.mark.parametrize(("machine", "sizes"), CASES)
def test_the_smallest_sizes_do_and_a_step_less_does_not(
    call: Call, small: Path, machine: str, sizes: dict[str, int]
):
    settings = [w for k, v in sizes.items() for w in ("--set", f"{k}.size={v}")]
    words = ("--machine", machine, *settings)
    found = answer(call, small, *words, status=1 if sizes else 0)
    assert found["fits"] == (not sizes)
    assert bool(found["reason"]) == bool(sizes)
    levels = found["levels"]
    for level, size in sizes.items():
        assert levels[level]["size"] == size < levels[level]["smallest"]
        words = (*words, "--set", f"{level}.size={levels[level]['smallest']}")
    assert build(call, small, *words) == (0, "")
    for name, level in levels.items():
        step = load_machine(machine).level(name).align
        for size, refused in ((level["smallest"], 0), (level["smallest"] - step, 1)):
            status, error = build(call, small, *words, "--set", f"{name}.size={size}")
            assert status == refused, (name, size, error)


BUILDS: list[tuple[str, list[str]]] = [
    ("rv64gcv", []),
    ("scratchpad", ["--io-layout", "nhwc"]),
]


@pytest.mark.parametrize(("machine", "options"), BUILDS)
def test_the_figures_are_those_of_a_build(
    call: Call, small: Path, machine: str, options: list[str]
):
    found = answer(call, small, "--machine", machine, *options)
    assert build(call, small, "--machine", machine, *options) == (0, "")
    manifest = json.loads((small.parent / "out/manifest.json").read_text())
    assert found["macs"] == manifest["macs"] == 4 * 4 * 4 * 2 * 9 + 64 * 5
    assert_same(found, manifest)


def assert_same(found: Any, manifest: Any) -> None:
    """A verdict has what a manifest says."""
    assert found["traffic"] == manifest["traffic"]
    assert found["instructions"] == manifest["instructions"] > 0
    claimed = manifest["memory"]["claimed"]
    assert {k: v["used"] for k, v in found["levels"].items()} == {
        k: v["peak"] for k, v in claimed.items()
    }


def test_chains_that_are_asked_for_count():
    """What is between two convolutions exists tile by tile."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv1", pads=[1] * 4),
        helper.make_node("Conv", ["c", "v"], ["y"], "conv2", pads=[1] * 4),
    ]
    shape = ("float32", [1, 4, 16, 16])
    constants = {"w": weights((4, 4, 3, 3), 1), "v": weights((4, 4, 3, 3), 2)}
    network = model(nodes, {"x": shape}, {"y": shape}, constants)
    fused = {"fuse": ["nn.conv+nn.conv"]}
    answers = [fit(network, "rv64gc", options=o).json() for o in ({}, fused)]
    used = [one["levels"]["ram"]["used"] for one in answers]
    assert used[0] != used[1]
    built = deployopt.compile(network, "rv64gc", options=fused)
    assert_same(answers[1], built.manifest)


def test_measured_choices_count(tmp_path: Path):
    """Blocks of one element, which no search would choose."""
    network = convolution()
    plan = deployopt.compile(network, "rv64gc").plan
    machine = described(load_machine("rv64gc"))
    head = {"machine": machine, "measured": 1, "searched": 1}
    blocks: list[dict[str, Any]] = [{**head, **one} for one in plan["blocks"]]
    for operation in (op for one in blocks for op in one["operations"] if op):
        operation["sizes"] = [1] * len(operation["sizes"])
    tuned = tmp_path / "tuned.json"
    tuned.write_text(json.dumps({"format": 1, "kernels": blocks}))
    options = {"tuned": tuned}
    found = fit(network, "rv64gc", options=options).json()
    built = deployopt.compile(network, "rv64gc", options=options).manifest
    assert_same(found, built)
    assert found["instructions"] > fit(network, "rv64gc").json()["instructions"]


def test_the_node_that_is_refused_decides(call: Call, small: Path):
    small_ram = ("--machine", "rv64gc", "--set", "ram.size=66000")
    found = answer(call, small, *small_ram, status=1)
    (place,) = {tuple(one["decides"].values()) for one in [found["levels"]["ram"]]}
    assert found["deciding"] == "ram"
    assert found["reason"].startswith(f"{place[0]} ({place[1]}): memory level 'ram'")


def test_no_toolchain_is_asked_for(
    call: Call, small: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("DEPLOYOPT_CC", "no-such-compiler")
    status, text, error = call("fit", small, *BOUND, "--machine", "rv64gc")
    assert (status, error) == (0, "")
    assert text.startswith("small for rv64gc: fits\n")


def test_all_but_the_host_are_asked(call: Call, small: Path):
    status, text, _ = call("fit", small, *BOUND, "--set", "stack.size=1024")
    assert status == 0
    *_, table = text.split("\n\n")
    rows = [line.split()[:2] for line in table.splitlines()[1:]]
    assert rows == [[name, "yes"] for name in machine_names() if name != "host"]


def test_one_core_gives_the_same(
    call: Call, small: Path, monkeypatch: pytest.MonkeyPatch
):
    words = ("fit", small, *BOUND, "--machine", "rv64gc", "--machine", "rv32imc")
    several = call(*words)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert call(*words) == several


def test_one_of_those_asked_for_is_short(call: Call, small: Path):
    """The tables are whole all the same."""
    words = ("--machine", "rv64gc", "--machine", "rv32imc")
    status, text, error = call("fit", small, *BOUND, *words, "--set", "ram.size=32768")
    assert status == 1
    assert error == f"error: {small}: does not fit rv64gc\n"
    assert [line.split()[:2] for line in text.splitlines()[-2:]] == [
        ["rv64gc", "no"],
        ["rv32imc", "yes"],
    ]


def test_levels_that_only_some_machines_have(call: Call, small: Path):
    """Without `--machine`, the machines that have no such level are not asked."""
    status, text, _ = call("fit", small, *BOUND, "--set", "L1.size=4096")
    assert status == 0
    assert [line.split()[0] for line in text.splitlines()[-2:]] == [
        "scratchpad",
        "scratchpad-64k",
    ]


def test_no_size_works(call: Call, small: Path):
    """The stack alone fills the level up to where the next one begins."""
    words = ("--machine", "rv64gc", "--set", "stack.size=33554432")
    found = answer(call, small, *words, "--set", "flash.base=0x84000000", status=1)
    assert found.keys() == {"machine", "fits", "reason"}
    assert found["reason"].endswith("; no size of ram works")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nothing.onnx"], 2, "nothing.onnx: no such file"),
        (["small.onnx"], 1, "x: dimension 0 of this input must have a size"),
        (["small.onnx", "--machine", "z80"], 2, "unknown machine 'z80', expected one"),
        (["small.onnx", "--set", "vlen"], 2, "--set: expected KEY=VALUE, got 'vlen'"),
        (["small.onnx", "--set", "L9.size=4"], 2, "--set L9.size=4: unknown key 'L9'"),
        (["small.onnx", "--dim", "M=1"], 1, "--dim M=1: must be a symbolic dimension"),
        (["small.onnx", "--json", "no/f.json"], 2, "no/f.json: no such file or dir"),
        (["empty.onnx"], 1, "empty.onnx: "),
    ],
)
def test_wrong_calls_invalid(
    call: Call,
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    message: str,
):
    monkeypatch.chdir(small.parent)
    Path("empty.onnx").write_bytes(b"nonsense")
    found, text, error = call("fit", *arguments)
    assert (found, text) == (status, "")
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
