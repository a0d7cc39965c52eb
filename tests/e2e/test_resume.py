"""A compilation may stop at any phase, and says the same each time it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from deployopt.pipeline import PHASE_NAMES
from deployopt.tools.deployopt import deployopt
from project import ROOT

MODELS = [ROOT / "examples" / "digits" / f"{n}.onnx" for n in ("digits", "digits_int8")]


def run(tool: str, *arguments: object, seed: int) -> None:
    """Runs a tool of ours in a process of its own, with its own order of hashes."""
    subprocess.run(
        [sys.executable, "-m", f"deployopt.tools.{tool}", *map(str, arguments)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
    )


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_stopping_at_every_phase_changes_nothing(model: Path, tmp_path: Path):
    whole, resumed = tmp_path / "whole.c", tmp_path / "resumed.c"
    run("deployopt", model, "-p", PHASE_NAMES[-1], "-t", "c", "-o", whole, seed=0)
    stage = tmp_path / "import.mlir"
    assert deployopt([str(model), "-o", str(stage)]) is None
    for phase in PHASE_NAMES[1:]:
        after = tmp_path / f"{phase}.mlir"
        assert deployopt([str(stage), "-p", phase, "-o", str(after)]) is None
        stage = after
    assert deployopt([str(stage), "-t", "c", "-o", str(resumed)]) is None
    assert resumed.read_bytes() == whole.read_bytes()
    lowered = (tmp_path / "lower.mlir").read_text()
    assert "memref.view" in lowered
    assert "tensor" not in lowered
    assert "memref.alloc" not in lowered


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_three_hash_seeds_build_the_same_folder(model: Path, tmp_path: Path):
    folders = [tmp_path / str(seed) for seed in range(3)]
    for seed, folder in enumerate(folders):
        run("deployc", "build", model, "-o", folder, "-q", seed=seed)
    first, *others = map(contents, folders)
    assert f"{model.stem}.c" in first
    assert all(other == first for other in others)
