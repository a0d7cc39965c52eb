"""Time per inference on this computer, alternating with onnxruntime."""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from ..errors import DeployError, one_line
from ..execution.execute import Inputs, execute, read_tensors
from ..machine import Machine
from .figures import Times

ROUNDS = 5
WARM_UP = 2
"""Runs of each round that do not count."""
ROUND_SECONDS = 0.1
MOST_RUNS = 100
NANOSECONDS = 1e-9


def times(
    model: str | Path, folder: Path, machine: Machine, inputs: Sequence[Any]
) -> Times:
    """
    Median seconds of an inference, by the program and by onnxruntime if that is there.

    Both have one thread, on one core, and take turns.
    """
    session = onnxruntime_session(model)
    own: list[float] = []
    theirs: list[float] = []
    with one_core():
        (first,) = own_times(folder, machine, inputs, 1)
        runs = fitting_runs(first)
        call = None if session is None else caller(session, folder, inputs)
        for _ in range(ROUNDS):
            own += own_times(folder, machine, inputs, WARM_UP + runs)[WARM_UP:]
            if call is not None:
                theirs += call_times(call, WARM_UP + runs)[WARM_UP:]
    return Times(median(own), median(theirs) if theirs else None)


def fitting_runs(first: float) -> int:
    """Runs of a round, when one takes as long as the first."""
    return max(1, min(MOST_RUNS, int(ROUND_SECONDS / max(first, NANOSECONDS))))


def own_times(folder: Path, machine: Machine, inputs: Inputs, runs: int) -> list[float]:
    """Seconds of each run, in one start of the program."""
    result = execute(folder, machine, "native", [inputs] * runs)
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


def caller(session: Any, folder: Path, inputs: Sequence[Any]) -> Callable[[], object]:
    """A call of onnxruntime on the inputs."""
    names = [tensor.name for tensor in read_tensors(folder, "inputs")]
    given = dict(zip(names, inputs, strict=True))
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
