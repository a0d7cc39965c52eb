"""Constants as C, as bytes, in a section, at an address: the same results."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.analysis import weights_form
from deployopt.machine import load_machine
from session_models import differences, expected, x
from small_models import convolution
from tiny_model import need
from tool import Call

ADDRESS = 0x80100000
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def made(machine: str = "rv64gc", **options: Any) -> deployopt.Artifact:
    return deployopt.compile(convolution(), machine, options={"name": "m", **options})


def is_right(artifact: deployopt.Artifact) -> bool:
    with artifact.session() as session:
        return not differences(session(x=x()), {"y": expected(x())["y"]})


def compiled(artifact: deployopt.Artifact, folder: Path, *words: str) -> str:
    """What gcc says of the folder's sources."""
    artifact.save(folder)
    sources = sorted(folder.glob("*.c"))
    command = ["gcc", *STRICT, *words, "-c", "-I", folder, *sources]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stderr


def test_bytes_are_included(tmp_path: Path):
    artifact = made("host", weights="binary")
    image = artifact.binaries["m_weights.bin"]
    assert artifact.manifest["weights"] == {"form": "binary", "bytes": len(image)}
    values = np.frombuffer(image, np.float32)
    for tensor in convolution().graph.initializer:  # conv's are in another order
        first = np.frombuffer(tensor.raw_data, np.float32)
        assert set(first) <= set(values)
    assert compiled(artifact, tmp_path / "out") == ""
    assert is_right(artifact)
    artifact.save(tmp_path / "saved")
    assert deployopt.load(tmp_path / "saved") == artifact


def test_bytes_that_change_are_included_anew():
    artifact = made("host", weights="binary")
    other = artifact.with_params({"b": np.zeros(4, np.float32)})
    with artifact.session() as one, other.session() as two:
        assert not np.allclose(one(x=x())["y"], two(x=x())["y"])
    assert other.manifest["weights"]["form"] == "binary"


def test_large_ones_are_bytes(monkeypatch: pytest.MonkeyPatch):
    assert not made("host").binaries
    monkeypatch.setattr(weights_form, "LARGE", 1000)
    assert made("host").binaries
    assert not made("host", weights="c").binaries


@pytest.mark.spike
@pytest.mark.parametrize("form", weights_form.FORMS)
def test_a_section(form: str):
    need(load_machine("rv64gc"), "spike")
    artifact = made(weights=form, weights_section=".my_flash")
    script = artifact.files["platform/link.ld"]
    (line,) = [line for line in script.splitlines() if ".my_flash" in line]
    manifest = artifact.manifest
    first = next(b for b in manifest["memory"]["buffers"] if b.get("pinned"))
    base = manifest["memory"]["levels"]["flash"]["base"]
    assert f".my_flash {base + first['offset']:#x} " in line
    assert is_right(artifact)


@pytest.mark.spike
def test_an_address(tmp_path: Path):
    need(load_machine("rv64gc"), "spike")
    artifact = made(weights_address=ADDRESS)
    assert f"#define m_WEIGHTS_ADDRESS {ADDRESS:#x}" in artifact.files["m.h"]
    assert "incbin" not in artifact.files["m_weights.c"]
    pinned = [b for b in artifact.manifest["memory"]["buffers"] if b.get("pinned")]
    assert min(b["offset"] for b in pinned) == ADDRESS - 0x80000000
    assert is_right(artifact)
    assert compiled(artifact, tmp_path / "out", "-Wno-int-to-pointer-cast") == ""
    moved = compiled(artifact, tmp_path / "out", "-Dm_WEIGHTS_ADDRESS=0x80100004")
    assert "m_WEIGHTS_ADDRESS" in moved
    assert "assertion failed" in moved
    chosen = {"plan": tmp_path / "out" / "plan.json", "name": "m"}
    assert deployopt.compile(convolution(), "rv64gc", options=chosen) == artifact


@pytest.mark.spike
def test_an_address_in_the_level_of_everything_else():
    """Where code, stack and arena stand in the same level, they make room."""
    need(load_machine("rv64gc"), "spike")
    artifact = made("scratchpad", weights_address=ADDRESS)
    assert is_right(artifact)
    low = made("scratchpad", weights_address=0x80000900)
    spans = sorted(
        (b["offset"], b["offset"] + b["size"])
        for b in low.manifest["memory"]["buffers"]
        if b["level"] == "L3" and (b.get("pinned") or b.get("reserved"))
    )
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("machine", "words", "status", "line"),
    [
        ("rv64gc", ["--weights-at", "0x80100004"], 1, "expected a multiple of 16, got"),
        ("rv64gc", ["--weights-at", "0x20000000"], 1, "expected one in memory level"),
        ("rv64gc", ["--weights-at", "0x80000000"], 1, "expected one behind what is"),
        (
            "rv64gc",
            ["--weights-at", "0x80002000", "--set", "flash.size=9728"],
            1,
            "9776 free, got 9728; the weights have to stand at 0x80002000",
        ),
        ("host", ["--weights-at", "0x80000000"], 1, "the linker places memory level"),
        ("rv64gc", ["--weights", "elf"], 2, "expected one of c, binary, got 'elf'"),
        ("rv64gc", ["--weights-section", ".text"], 2, "expected a section of its own"),
        ("rv64gc", ["--weights-section", 'a"b'], 2, "expected letters, digits"),
        (
            "rv64gc",
            ["--weights-at", "0x80100000", "--weights", "c"],
            2,
            "weights at an address are in no section and no C, got form 'c'",
        ),
    ],
)
def test_what_is_refused(
    call: Call, small: Path, machine: str, words: list[str], status: int, line: str
):
    folder = small.parent / "out"
    chosen = ("--dim", "N=1", "--machine", machine, *words)
    found = call("build", small, "-o", folder, *chosen)
    assert (found[0], found[1]) == (status, "")
    assert line in found[2]
    assert found[2].count("\n") == 1
    assert not folder.exists()
