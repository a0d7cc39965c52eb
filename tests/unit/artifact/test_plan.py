"""Every decision is in `plan.json`, and a build from it gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deployopt
import pytest
from deployopt.artifact.plan import load_plan, plan_from_text, plan_text
from deployopt.errors import DeployError, UsageError
from small_models import convolution

MODEL = convolution()
MACHINES = ("host", "rv64gc", "scratchpad", "scratchpad-64k")


def planned(machine: str) -> dict[str, Any]:
    return json.loads(deployopt.compile(MODEL, machine).files["plan.json"])


def rebuilt(plan: Any, machine: str, folder: Path) -> deployopt.Artifact:
    path = folder / "edited.json"
    path.write_text(plan if isinstance(plan, str) else plan_text(plan))
    return deployopt.compile(MODEL, machine, options={"plan": path})


@pytest.mark.parametrize("machine", MACHINES)
def test_a_build_from_its_own_plan_gives_the_same_bytes(machine: str, tmp_path: Path):
    first = deployopt.compile(MODEL, machine)
    plan = first.files["plan.json"]
    assert rebuilt(plan, machine, tmp_path).files == first.files


@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_plan_says(machine: str):
    artifact = deployopt.compile(MODEL, machine)
    plan = json.loads(artifact.files["plan.json"])
    assert plan["format"] == 2
    assert plan["model"] == artifact.manifest["sha256"]
    sizes = {level.name: level.size for level in artifact.machine.levels}
    assert plan["machine"] == {"name": machine, "levels": sizes}
    nodes = {node for kernel in plan["kernels"] for node in kernel["nodes"]}
    assert {"conv", "matmul"} <= nodes
    memory = artifact.manifest["memory"]["buffers"]
    placed = {(b["name"], b["level"], b["size"]) for b in memory}
    for buffer in plan["buffers"]:
        assert (buffer["label"], buffer["level"], buffer["size"]) in placed


def test_an_edited_plan_decides(tmp_path: Path):
    plan = planned("rv64gc")
    index = next(i for i, k in enumerate(plan["kernels"]) if k["nodes"][0] == "conv")
    kernel = next(k for k in plan["kernels"][index:] if k["loops"][1] == 4)
    kernel["tile"] = [0, 2, 0, 0]
    with pytest.raises(DeployError, match=r"plan (places|must place) buffer"):
        rebuilt(plan, "rv64gc", tmp_path)
    del plan["buffers"]
    artifact = rebuilt(plan, "rv64gc", tmp_path)
    again = json.loads(artifact.files["plan.json"])
    assert kernel in again["kernels"]
    assert rebuilt(again, "rv64gc", tmp_path).files == artifact.files


def test_an_edited_offset_is_taken(tmp_path: Path):
    plan = planned("rv64gc")
    plan["buffers"][0]["offset"] += 4096
    artifact = rebuilt(plan, "rv64gc", tmp_path)
    assert json.loads(artifact.files["plan.json"])["buffers"] == plan["buffers"]


# Plans that are refused.

Edit = Callable[[dict[str, Any]], Any]


def without(key: str) -> Edit:
    return lambda plan: plan.pop(key)


def with_value(key: str, value: Any) -> Edit:
    return lambda plan: plan.update({key: value})


def in_kernel(key: str, value: Any) -> Edit:
    return lambda plan: plan["kernels"][0].update({key: value})


def in_buffer(key: str, value: Any) -> Edit:
    return lambda plan: plan["buffers"][0].update({key: value})


REFUSED: list[tuple[Edit, str]] = [
    (without("format"), "format: expected an integer, but the key is missing"),
    (with_value("format", 1), "format: expected 2, got 1"),
    (with_value("format", True), "format: expected an integer, got True"),
    (without("model"), "model: expected a string, but the key is missing"),
    (with_value("model", "0"), "expected a plan for the model"),
    (without("machine"), "machine: expected a table, but the key is missing"),
    (
        with_value("machine", {"name": "host", "levels": {}}),
        "expected a plan for machine rv64gc, got one for host",
    ),
    (
        with_value("machine", {"name": "rv64gc", "levels": {"ram": "big"}}),
        "machine.levels.ram: expected an integer, got 'big'",
    ),
    (with_value("colour", 1), "colour: unknown key, expected one of"),
    (without("kernels"), "kernels: expected a list of tables, but the key is missing"),
    (with_value("kernels", {}), "kernels: expected a list of tables, got {}"),
    (with_value("fused", 3), "fused: expected a list of tables, got 3"),
    (with_value("fused", [{"nodes": []}]), "fused[0].chain: expected a string, but"),
    (with_value("kernels", [1]), "kernels[0]: expected a table, got 1"),
    (with_value("kernels", []), "plan must have 2 kernels"),
    (with_value("buffers", 3), "buffers: expected a list of tables, got 3"),
    (with_value("buffers", []), "plan must place buffer"),
    (with_value("residents", "x"), "residents: expected a list of strings, got 'x'"),
    (with_value("residents", ["z"]), "residents in the plan must be inputs, got 'z'"),
    (in_kernel("nodes", ["z"]), "kernel must do the nodes ['z'] of the plan, got"),
    (in_kernel("nodes", "z"), "kernels[0].nodes: expected a list of strings, got 'z'"),
    (in_kernel("loops", [3]), "kernel must have the loops [3] of the plan, got"),
    (in_kernel("chain", -1), "kernels[0].chain: expected an integer of at least 0"),
    (in_kernel("level", "L9"), "level in the plan must be one of ram, got 'L9'"),
    (in_kernel("level", "flash"), "level in the plan must be one of ram, got 'flash'"),
    (in_kernel("level", 3), "kernels[0].level: expected a string, got 3"),
    (in_kernel("tile", 8), "kernels[0].tile: expected a list of integers"),
    (in_kernel("tile", [1.5]), "kernels[0].tile: expected a list of integers"),
    (in_kernel("tile", [-1]), "kernels[0].tile: expected a list of integers"),
    (in_kernel("tile", [1]), "tile in the plan must have"),
    (in_kernel("tile", [0, 0, 0, 99]), "tile in the plan must have"),
    (in_kernel("order", [7]), "order in the plan must name some of 4 loops, got [7]"),
    (in_kernel("order", [1, 1]), "order in the plan must name some of 4 loops"),
    (in_kernel("cost", 3), "kernels[0].cost: expected a table, got 3"),
    (in_kernel("cost", {"a": [None]}), "kernels[0].cost.a[0]: expected numbers and"),
    (in_kernel("cost", {"a": "\u03c0"}), "kernels[0].cost.a: expected numbers and"),
    (in_kernel("colour", 1), "kernels[0].colour: unknown key"),
    (in_buffer("label", "z"), "plan must place buffer"),
    (in_buffer("level", "L9"), "plan must place buffer"),
    (in_buffer("size", 1), "in the plan must have"),
    (in_buffer("offset", 8), "in the plan must stand at a multiple of 16, got 8"),
    (in_buffer("offset", 1 << 30), "in the plan must lie in the"),
    (in_buffer("offset", 1 << 70), "expected a plan in JSON, got the number 1180591"),
    (in_buffer("offset", -16), "buffers[0].offset: expected an integer of at least 0"),
]


@pytest.mark.parametrize(("edit", "message"), REFUSED)
def test_a_plan_that_does_not_fit_is_refused(edit: Edit, message: str, tmp_path: Path):
    plan = planned("rv64gc")
    edit(plan)
    with pytest.raises(DeployError) as caught:
        rebuilt(plan, "rv64gc", tmp_path)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got expecting value in line 1, column 1"),
        ("{", "got expecting property name"),
        ("[]", "got list"),
        ("3", "got int"),
        ('{"format": NaN}', "got NaN"),
        ("[" * 100000, "got one that is nested too deeply"),
        ('{"format": ' + "9" * 5000 + "}", "got the number 999"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, message: str):
    with pytest.raises(DeployError) as caught:
        plan_from_text(text, "some.json")
    assert str(caught.value).startswith("some.json: expected a plan in JSON, got")
    assert message in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        load_plan(tmp_path / "nothing.json")
    with pytest.raises(UsageError, match="is a directory"):
        load_plan(tmp_path)
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(DeployError, match="expected a plan in JSON, got other bytes"):
        load_plan(binary)
    with pytest.raises(UsageError, match="option 'plan' must be the path of a file"):
        deployopt.compile(MODEL, options={"plan": 3})
