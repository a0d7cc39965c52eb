"""
Runs a deployable folder on data: build, inputs in, outputs and counts out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from ..errors import DeployError
from ..machine import Machine
from .build import build_program
from .check_report import check_traffic, explained, read_report
from .checks import NOTHING, Checks, Watched, read_manifest, watched
from .runners import ProgramFailure, Runner, find_runner, run_image
from .tensors import Array, Inputs, RunResult, Tensor, arrays_of, read_tensors

INPUTS_MAGIC = b"DPLYIN01"
COUNT_BYTES = 8
DEFAULT_TIMEOUT = 600.0
"""Seconds."""


def execute(
    folder: Path,
    machine: Machine,
    runner: str | None,
    inputs: Sequence[Inputs],
    profile: bool = False,
    timeout: float = DEFAULT_TIMEOUT,
    checks: Checks = NOTHING,
) -> RunResult:
    """
    Builds the folder if need be and runs it once for each entry of `inputs`.

    `runner` None is the machine's default. Arrays must have the manifest's dtypes and
    shapes; nothing is cast. Raises `DeployError`, also for what `checks` find.
    """
    chosen = find_runner(machine, runner)
    checks.refuse_unfit(machine)
    data = inputs_file(folder, inputs)
    with (
        tempfile.TemporaryDirectory(prefix="deployopt-") as scratch,
        watched(folder, machine, checks) as build,
    ):
        defines = (*build.defines, *chosen.defines)
        image = build_program(build.folder, build.machine, profile, defines)
        place = Path(scratch)
        (place / "inputs.bin").write_bytes(data)
        console = _run(build, chosen, image, place, timeout)
        found = _written(chosen, place / "outputs.bin")
        counted = _written(chosen, place / "checks.bin") if checks.is_on else None
    report = None if counted is None else read_report(counted, machine)
    if report is not None:
        check_traffic(report, read_manifest(folder), len(inputs))
    parts = _split_runs(found, len(inputs))
    tensors = read_tensors(folder, "outputs")
    runs = [_parse_run(part, tensors, profile) for part in parts]
    return RunResult(
        outputs=tuple(outputs for outputs, _, _ in runs),
        steps=tuple(steps for _, steps, _ in runs),
        totals=tuple(total for _, _, total in runs),
        unit=chosen.unit,
        console=console,
        report=report,
    )


def inputs_file(folder: Path, inputs: Sequence[Inputs], *, idle: bool = False) -> bytes:
    """What the harness reads; with `idle` it does all but call the program."""
    expected = read_tensors(folder, "inputs")
    runs = [arrays_of(expected, arrays) for arrays in inputs]
    data = b"".join(array.tobytes() for arrays in runs for array in arrays)
    header = np.array([len(inputs), int(idle)], dtype="<u4").tobytes()
    return INPUTS_MAGIC + header + data


def _run(
    build: Watched, runner: Runner, image: Path, scratch: Path, timeout: float
) -> str:
    """What the program printed; what its checks found is told in our words."""
    try:
        return run_image(build.machine, runner, image, scratch, timeout)
    except ProgramFailure as failure:
        if not build.defines:
            raise
        manifest = read_manifest(build.folder)
        raise explained(failure.console, build.machine, manifest) or failure from None


def _written(runner: Runner, path: Path) -> bytes:
    """A file that the program must have written."""
    if not path.is_file():
        raise DeployError(f"{runner.name}: the program wrote no {path.stem}")
    return path.read_bytes()


def _split_runs(data: bytes, runs: int) -> list[bytes]:
    """The file cut into equal parts, one per run."""
    size = len(data) // max(runs, 1)
    if size * runs != len(data):
        raise DeployError(
            f"expected outputs of {runs} equal runs, got {len(data)} bytes"
        )
    return [data[i * size : (i + 1) * size] for i in range(runs)]


def _parse_run(
    data: bytes, tensors: Sequence[Tensor], profile: bool
) -> tuple[tuple[Array, ...], tuple[int, ...], int]:
    """Outputs, counts per step, and the total of one run."""
    size = sum(tensor.bytes for tensor in tensors)
    rest = len(data) - size
    if rest < COUNT_BYTES or rest % COUNT_BYTES or (rest > COUNT_BYTES and not profile):
        raise DeployError(f"expected {size} bytes of outputs per run, got {len(data)}")
    outputs: list[Array] = []
    offset = 0
    for tensor in tensors:
        part = data[offset : offset + tensor.bytes]
        outputs.append(np.frombuffer(part, tensor.dtype).reshape(tensor.shape).copy())
        offset += tensor.bytes
    counts = np.frombuffer(data[size:], "<u8")
    *steps, total = cast(list[int], counts.tolist())
    return tuple(outputs), tuple(steps), total
