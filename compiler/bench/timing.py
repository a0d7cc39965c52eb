"""Time per inference on this computer, alternating with onnxruntime."""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..artifact.artifact import Artifact
from ..errors import DeployError, one_line
from ..execution.execute import execute
from ..execution.executors import NATIVE
from ..execution.steps import program_steps
from ..execution.tensors import Inputs
from ..machine import Machine
from .figures import NodeTime, Times

ROUNDS = 5
WARM_UP = 2
"""Runs of each round that do not count."""
ROUND_SECONDS = 0.1
MOST_RUNS = 500
NANOSECONDS = 1e-9


def times(
    model: str | Path, artifact: Artifact, folder: Path, inputs: Sequence[Any]
) -> Times:
    """
    The fewest seconds of an inference, by the program and by onnxruntime if present.

    Both have one thread, on one core, and take turns. What disturbs them only adds, so
    the shortest run is what they can do.
    """
    session = onnxruntime_session(model)
    machine = artifact.machine
    own: list[float] = []
    theirs: list[float] = []
    with one_core():
        (first,) = own_times(folder, machine, inputs, 1)
        runs = fitting_runs(first)
        call = None if session is None else caller(session, artifact, inputs)
        for _ in range(ROUNDS):
            own += own_times(folder, machine, inputs, WARM_UP + runs)[WARM_UP:]
            if call is not None:
                theirs += call_times(call, WARM_UP + runs)[WARM_UP:]
        nodes = node_times(artifact, folder, inputs, WARM_UP + runs)
    return Times(min(own), min(theirs) if theirs else None, nodes)


def node_times(
    artifact: Artifact, folder: Path, inputs: Inputs, runs: int
) -> list[NodeTime]:
    """The fewest seconds of each ONNX node, the slowest first."""
    found: dict[str, tuple[int, float]] = {}
    for step, least in step_times(artifact, folder, inputs, runs):
        macs, before = found.get(step["name"], (0, 0.0))
        found[step["name"]] = macs + step["macs"], before + least * NANOSECONDS
    operators: dict[str, str] = artifact.manifest["nodes"]
    nodes = [NodeTime(name, operators.get(name, ""), *v) for name, v in found.items()]
    return sorted(nodes, key=lambda node: -node.seconds)


def step_times(
    artifact: Artifact, folder: Path, inputs: Inputs, runs: int
) -> list[tuple[Mapping[str, Any], int]]:
    """The fewest nanoseconds of each step, in the order of the program."""
    profile = execute(folder, artifact.machine, NATIVE, [inputs] * runs, profile=True)
    least = [min(counts) for counts in zip(*profile.steps, strict=True)]
    return list(zip(program_steps(artifact.manifest), least, strict=True))


def kernel_times(artifact: Artifact, folder: Path, inputs: Inputs) -> dict[str, int]:
    """The fewest nanoseconds that the calls of each kernel take together."""
    found: dict[str, int] = {}
    with one_core():
        (first,) = own_times(folder, artifact.machine, inputs, 1)
        runs = WARM_UP + fitting_runs(first)
        for step, least in step_times(artifact, folder, inputs, runs):
            if symbol := step.get("symbol"):
                found[symbol] = found.get(symbol, 0) + least
    return found


def fitting_runs(first: float) -> int:
    """Runs of a round, when one takes as long as the first."""
    return max(1, min(MOST_RUNS, int(ROUND_SECONDS / max(first, NANOSECONDS))))


def own_times(folder: Path, machine: Machine, inputs: Inputs, runs: int) -> list[float]:
    """Seconds of each run, in one start of the program."""
    result = execute(folder, machine, NATIVE, [inputs] * runs)
    return [total * NANOSECONDS for total in result.totals]


def call_times(call: Callable[[], object], runs: int) -> list[float]:
    """Seconds of each call."""
    found: list[float] = []
    for _ in range(runs):
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return found


def onnxruntime_session(model: str | Path) -> Any:
    """The model in onnxruntime, all optimisations, one thread; None without it."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    except Exception as error:
        reason = f"onnxruntime cannot run the model: {one_line(str(error))}"
        raise DeployError(reason, node=str(model)) from error


def caller(
    session: Any, artifact: Artifact, inputs: Sequence[Any]
) -> Callable[[], object]:
    """A call of onnxruntime on the inputs, as the model has them."""
    borders, _ = artifact.borders
    found = zip(borders, inputs, strict=True)
    given = {border.name: border.to_model(array) for border, array in found}
    return lambda: session.run(None, given)


@contextmanager
def one_core() -> Generator[None]:
    """Keeps this process, and those it starts, on one core where that can be asked."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
