"""
Runs a deployable folder on data: build, inputs in, outputs and counts out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import DeployError
from ..machine import Machine
from .build import build_program
from .check_report import CheckReport, check_traffic, explained, read_report
from .checks import NOTHING, Checks, Watched, read_manifest, watched
from .runners import ProgramFailure, Runner, find_runner, run_image

Array: TypeAlias = NDArray[Any]
Inputs: TypeAlias = Mapping[str, Array] | Sequence[Array]
"""The arrays of one run, by name or in the graph's order."""

INPUTS_MAGIC = b"DPLYIN01"
DTYPES = (
    *("float16", "float32", "float64"),
    *("int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    "bool",
)
COUNT_BYTES = 8
DEFAULT_TIMEOUT = 600.0
"""Seconds."""


@dataclass(frozen=True)
class Tensor:
    """An input or output as the folder's manifest describes it."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Size of the data."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class RunResult:
    """What came out, one entry per run."""

    outputs: tuple[tuple[Array, ...], ...]
    """Arrays in the graph's order."""
    steps: tuple[tuple[int, ...], ...]
    """Units spent in each step; empty without profile."""
    totals: tuple[int, ...]
    """Units spent in the whole run."""
    unit: str
    """`instructions` or `ns`."""
    console: str
    """What the program printed."""
    report: CheckReport | None = None
    """What the checks counted; none when nothing was watched."""


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
        Path(scratch, "inputs.bin").write_bytes(data)
        console = _run(build, chosen, image, Path(scratch), timeout)
        found = _written(chosen, Path(scratch, "outputs.bin"))
        report = None
        if checks.is_on:
            counted = _written(chosen, Path(scratch, "checks.bin"))
            report = read_report(counted, machine)
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
    data = b"".join(_input_bytes(expected, arrays) for arrays in inputs)
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


def read_tensors(folder: Path, key: str) -> tuple[Tensor, ...]:
    """The `inputs` or `outputs` of the folder's manifest."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_tensor(entry) for entry in manifest[key])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeployError(
            f"not a manifest with {key}: {type(error).__name__}: {error}",
            node=str(path),
        ) from error


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    """One entry of the manifest."""
    if entry["dtype"] not in DTYPES:
        raise ValueError(f"dtype {entry['dtype']!r} is none of {', '.join(DTYPES)}")
    dtype = np.dtype(entry["dtype"]).newbyteorder("<")
    return Tensor(entry["name"], dtype, tuple(map(int, entry["shape"])))


def _input_bytes(expected: Sequence[Tensor], arrays: Inputs) -> bytes:
    """The arrays of one run as the harness reads them."""
    if len(arrays) != len(expected):
        raise DeployError(f"expected {len(expected)} inputs, got {len(arrays)}")
    return b"".join(
        _tensor_bytes(tensor, _pick(tensor, index, arrays))
        for index, tensor in enumerate(expected)
    )


def _pick(tensor: Tensor, index: int, arrays: Inputs) -> Array:
    """The array for `tensor`, by name or by position."""
    if not isinstance(arrays, Mapping):
        return arrays[index]
    if tensor.name not in arrays:
        raise DeployError("expected an array for this input", node=tensor.name)
    return arrays[tensor.name]


def _tensor_bytes(tensor: Tensor, array: Array) -> bytes:
    """The array's bytes; nothing is cast or broadcast."""
    if array.dtype != tensor.dtype or array.shape != tensor.shape:
        expected = f"{tensor.dtype.name} of shape {list(tensor.shape)}"
        got = f"{array.dtype.name} of shape {list(array.shape)}"
        raise DeployError(f"expected {expected}, got {got}", node=tensor.name)
    return np.ascontiguousarray(array, dtype=tensor.dtype).tobytes()


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
