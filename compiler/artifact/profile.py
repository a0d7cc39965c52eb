"""What a run cost, by ONNX node: as a table, and as a trace for a timeline viewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..execution.steps import program_steps
from ..execution.tensors import RunResult
from ..writing import whole_file
from .manifest import json_text

if TYPE_CHECKING:
    from .artifact import Artifact

TRACE = "trace"
FORMATS = ("json", TRACE)

MICROSECONDS = {"ns": 1e-3, "instructions": 1.0}
"""What a unit is on a timeline, which knows time alone: an instruction is 1 µs."""


def profile_table(artifact: Artifact, runner: str, result: RunResult) -> dict[str, Any]:
    """What the last run of a result cost, in which steps were counted."""
    return {
        "machine": artifact.machine.name,
        "runner": runner,
        "unit": result.unit,
        "total": result.totals[-1],
        "nodes": artifact.node_costs(result.steps[-1]),
    }


def check_format(format: str, file: str | Path | None) -> None:
    """Raises `UsageError` for a format that there is not, or without a file to be."""
    if format not in FORMATS:
        expected = ", ".join(FORMATS)
        raise UsageError(f"expected a format of {expected}, got {format!r}")
    if file is None and format == TRACE:
        raise UsageError(f"expected a file with format {format!r}, got none")


def write_profile(
    file: str | Path,
    format: str,
    manifest: Mapping[str, Any],
    profile: dict[str, Any],
    steps: Sequence[int],
) -> None:
    """Writes a profile, whole or not at all; raises `UsageError` where it cannot be."""
    is_trace = format == TRACE
    table = chrome_trace(manifest, profile, steps) if is_trace else profile
    try:
        with whole_file(str(file)) as stream:
            stream.write(json_text(table))
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise UsageError(reason, node=str(file)) from error


def chrome_trace(
    manifest: Mapping[str, Any], profile: Mapping[str, Any], steps: Sequence[int]
) -> dict[str, Any]:
    """
    A profile in Chrome's trace format: the steps one behind the other.

    A step of a loop stands once, with what all its rounds took.
    """
    scale = MICROSECONDS[profile["unit"]]
    return {
        "displayTimeUnit": "ns",
        "otherData": {key: profile[key] for key in ("machine", "runner", "unit")},
        "traceEvents": [
            *names(manifest["name"], profile["machine"]),
            event(manifest["name"], "", 0, max(profile["total"], sum(steps)), scale, 1),
            *step_events(manifest, steps, scale),
        ],
    }


def names(program: str, machine: str) -> Iterator[dict[str, Any]]:
    """What the viewer calls the two rows."""
    for kind, thread, name in (
        ("process_name", 1, f"{program} on {machine}"),
        ("thread_name", 1, "run"),
        ("thread_name", 2, "nodes"),
    ):
        yield {"name": kind, "ph": "M", "pid": 1, "tid": thread, "args": {"name": name}}


def step_events(
    manifest: Mapping[str, Any], steps: Sequence[int], scale: float
) -> Iterator[dict[str, Any]]:
    """The steps, in the order of the program."""
    start = 0
    for op, count in zip(program_steps(manifest), steps, strict=True):
        operator = manifest["nodes"].get(op["name"], "")
        yield event(op["name"], operator, start, count, scale, 2, macs=op["macs"])
        start += count


def event(
    name: str, op: str, start: int, count: int, scale: float, row: int, **more: Any
) -> dict[str, Any]:
    """A box of a timeline."""
    return {
        "name": name,
        "cat": op or "run",
        "ph": "X",
        "ts": start * scale,
        "dur": count * scale,
        "pid": 1,
        "tid": row,
        "args": {"op": op, "count": count, **more},
    }
