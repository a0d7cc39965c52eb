"""Programs that move data between levels: right numbers, and a ledger that closes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deployopt.artifact.artifact import Artifact
from deployopt.execution.build import build_program
from deployopt.machine import load_machine
from elf import sections
from lowered import artifact_of
from shared_folder import memory_checker
from tiny_model import need

DOUBLED = Path(__file__).parent / "levels" / "doubled.mlir"

X = np.arange(-20, 44, dtype=np.int8).reshape(4, 16)
Y = np.concatenate([np.full((4, 8), 3, np.int8), -X[:, :8]], axis=1)


@pytest.fixture(scope="module")
def doubled() -> Artifact:
    return artifact_of(DOUBLED.read_text(), "scratchpad")


def steps(artifact: Artifact, symbol: str) -> list[dict[str, Any]]:
    """The steps that a function does."""
    ops = artifact.manifest["memory"]["ops"]
    return [op for op in ops if op["symbol"].startswith(symbol)]


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_right_numbers(doubled: Artifact, runner: str):
    need(doubled.machine, runner)
    with doubled.session(runner) as session:
        np.testing.assert_array_equal(session(x=X)["y"], Y)


def test_the_manifest_says_where_the_sections_of_the_program_are(
    doubled: Artifact, tmp_path: Path
):
    need(doubled.machine, "spike")
    doubled.save(tmp_path / "out")
    found = sections(build_program(tmp_path / "out", doubled.machine))
    memory = doubled.manifest["memory"]
    base = {name: level["base"] for name, level in memory["levels"].items()}
    listed = {
        b["name"]: (base[b["level"]] + b["offset"], b["size"])
        for b in memory["buffers"]
    }
    assert found[".runtime"] == listed["(runtime)"]
    assert found[".stack"] == listed["(stack)"]
    assert found[".bss.doubled_input_0"] == listed["x"]
    assert found[".bss.doubled_output_0"] == listed["y"]
    assert found[".rodata.doubled_weights"] == listed["w"]
    start, room = listed["(start)"]
    assert found[".init"][0] == start
    assert found[".init"][1] <= room
    for level, names in {"L1": ("near", "done"), "L2": ("far", "back", "w2")}.items():
        arena, size = found[f".bss.doubled_arena_{level}"]
        ends = [listed[name][0] + listed[name][1] for name in names]
        assert (min(listed[name][0] for name in names), max(ends)) == (
            arena,
            arena + size,
        )


def test_nothing_else_stands_where_the_manifest_lists_something(
    doubled: Artifact, tmp_path: Path
):
    need(doubled.machine, "spike")
    doubled.save(tmp_path / "out")
    found = sections(build_program(tmp_path / "out", doubled.machine))
    memory = doubled.manifest["memory"]
    ends = {
        level: memory["levels"][level]["base"] + claim["peak"]
        for level, claim in memory["claimed"].items()
    }
    for name in (".text", ".rodata", ".bss", ".data"):
        assert found[name][0] >= ends["L3"]


def test_steps_and_bytes(doubled: Artifact):
    manifest = doubled.manifest
    # x to L2, four rows to L1 and back, half of that to y by way of L2, weights twice.
    traffic = {"L3->L2": 64 + 32, "L2->L1": 64, "L1->L2": 64, "L2->L3": 64}
    assert manifest["traffic"] == traffic
    ops = manifest["memory"]["ops"]
    *own, loop = ops
    assert [op["step"] for op in own] == list(range(18))
    # Rows of `back` are there from the first round on, before a later one adds its own.
    assert (loop["step"], loop["reads"], loop["writes"]) == (3, [], ["back"])
    assert loop["loop"]
    assert len(steps(doubled, "deploy_dma_start_")) == 8
    assert len(steps(doubled, "deploy_dma_wait")) == 8
    rows = [op["writes"] for op in steps(doubled, "deploy_dma_start_2d")]
    assert rows == [["y"], ["y"]], "half rows of y"
    kernels = [op["repeat"] for op in steps(doubled, "doubled_kernel_")]
    assert kernels == [3, 1], "the last row stands behind the loop"
    _, carried, *_ = steps(doubled, "deploy_dma_wait")
    assert (carried["starts"], carried["repeat"]) == ([2, 4], 3)
    assert (carried["from"], carried["to"]) == ("L2", "L1")
    assert (carried["reads"], carried["writes"]) == (["far"], ["near"])


def test_bytes_of_each_node(doubled: Artifact):
    costs = doubled.node_costs([1] * 18)
    assert {cost["name"]: cost["bytes"] for cost in costs} == {
        "x": {"L3->L2": 64},
        "neg": {"L2->L1": 64, "L1->L2": 64},
        "y": {"L2->L3": 64},
        "w": {"L3->L2": 32},
    }


def test_an_independent_checker_finds_nothing_wrong(doubled: Artifact):
    report = memory_checker().check(doubled.manifest["memory"])
    assert report["ok"], report["violations"]
    assert {level: v["gap"] for level, v in report["levels"].items()} == {
        "L1": 0.0,
        "L2": 0.0,
        "L3": 0.0,
    }


def test_the_default_transfers_are_in_programs_that_have_some(doubled: Artifact):
    assert "deploy_dma.c" in doubled.files
    assert "deploy_dma.c" in doubled.files["doubledConfig.cmake"]
    still = artifact_of(
        'builtin.module @still { func.func @run(%x: memref<1xi8, "L3"> '
        '{deploy.role = "input"}) { func.return } }',
        "scratchpad",
    )
    assert "deploy_dma.c" not in still.files
    assert "deploy_dma.c" not in still.files[f"{still.name}Config.cmake"]


OWN_TRANSFERS = """
#include "deploy.h"
deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        ((uint8_t *)dst)[i] = (uint8_t)(((const uint8_t *)src)[i] ^ 1U);
    }
    return 0;
}
"""


def test_a_platform_replaces_the_default_transfers(doubled: Artifact):
    need(doubled.machine, "spike")
    files = {**doubled.files, "platform/own_dma.c": OWN_TRANSFERS}
    with Artifact(files).session("spike") as session:
        y = session(x=X)["y"]
    # Every transfer in one piece inverts a bit, twice on the way to a kernel.
    np.testing.assert_array_equal(y[:, 8:], (-X[:, :8]) ^ 1)
    assert (y[:, :8] == (3 ^ 1)).all()


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_code_that_its_level_does_not_hold_stands_behind_the_levels(runner: str):
    listed = artifact_of(DOUBLED.read_text(), "scratchpad").manifest["memory"]
    peak = listed["claimed"]["L3"]["peak"]
    small = load_machine("scratchpad", {"L3.size": str(peak)})
    need(small, runner)
    artifact = artifact_of(DOUBLED.read_text(), small)
    with artifact.session(runner) as session:
        np.testing.assert_array_equal(session(x=X)["y"], Y)
    with artifact.session(runner, profile=True) as session:
        np.testing.assert_array_equal(session(x=X)["y"], Y)
