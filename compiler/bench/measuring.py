"""Measures a compiled model: instructions on Spike, time on this computer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..artifact.arrays import random_arrays
from ..artifact.artifact import Artifact
from ..execution.build import build_program, code_size
from ..execution.counting.counts import Counts, counts_by_function
from ..execution.counting.histogram import RUNNER, count_inference
from ..execution.execute import execute
from ..execution.executors import NATIVE
from ..execution.runners import find_runner
from ..execution.steps import program_steps
from ..execution.tensors import Inputs, read_tensors
from ..fit.needs import needs
from ..machine import Machine
from .figures import Counted, Figures, Node, Work
from .timing import times


def measured(model: str | Path, artifact: Artifact) -> Figures:
    """
    What the artifact, which was made of the model, costs on its machine.

    Inputs are random and always the same. Raises `DeployError`.
    """
    machine, manifest = artifact.machine, artifact.manifest
    runner = runner_of(machine)
    with artifact.unpacked() as folder:
        inputs = random_arrays(read_tensors(folder, "inputs"), 0)
        code = code_size(folder, machine)
        if machine.is_native:
            found = times(model, artifact, folder, inputs)
        else:
            found = counted(artifact, folder, inputs)
    return Figures(
        artifact.name,
        machine.name,
        runner,
        manifest["macs"],
        code,
        needs(manifest),
        manifest["instructions"],
        manifest["traffic"],
        dma_cycles(machine, program_steps(manifest)),
        found,
    )


def runner_of(machine: Machine) -> str:
    """What measures on a machine; raises `UsageError` where that does not run."""
    return find_runner(machine, NATIVE if machine.is_native else RUNNER).name


def counted(artifact: Artifact, folder: Path, inputs: Inputs) -> Counted:
    """What one inference executes, as shipped, and what of it in each node."""
    machine, manifest = artifact.machine, artifact.manifest
    image = build_program(folder, machine)
    inference = count_inference(folder, machine, image, inputs)
    functions = counts_by_function(image, machine, inference.histogram)
    whole = sum(functions.values(), Counts())
    profile = execute(folder, machine, RUNNER, [inputs], profile=True)
    width = machine.float_lanes
    steps = program_steps(manifest)
    done = list(zip(steps, profile.steps[-1], strict=True))
    nodes = node_works(done, functions, manifest["nodes"], lanes=width)
    calls = [(step, count) for step, count in done if "from" not in step]
    kernels = node_works(calls, functions, manifest["nodes"], lanes=width)
    in_kernels = sum(node.work.weighted for node in kernels)
    total = Work(
        manifest["macs"],
        width,
        inference.instructions,
        inference.instructions + whole.extra,
        whole.strided,
    )
    rest = what_is_left(total, nodes)
    nodes.sort(key=lambda node: -node.work.above)
    moving = sum(node.work.weighted for node in nodes) - in_kernels
    outside = total.weighted - moving
    return Counted(total, nodes, rest, in_kernels, outside, whole.uncertain)


def dma_cycles(machine: Machine, steps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Per hop the cycles that transfers take, one behind the other."""
    found: dict[str, int] = {}
    for step in steps:
        if "bytes" in step:
            hop = step["from"], step["to"]
            cycles = machine.link(*hop).cycles(step["bytes"]) * step["repeat"]
            found["->".join(hop)] = found.get("->".join(hop), 0) + cycles
    return found


def node_works(
    done: Sequence[tuple[Mapping[str, Any], int]],
    functions: Mapping[str, Counts],
    operators: Mapping[str, str],
    *,
    lanes: int,
) -> list[Node]:
    """
    What each ONNX node does, in the order of the program, from steps and their counts.

    A step's vector instructions are those of its function; steps that share one have
    parts of them, as they have of its instructions.
    """
    shared: dict[str, int] = {}
    for step, count in done:
        symbol = step.get("symbol", "")
        shared[symbol] = shared.get(symbol, 0) + count
    found: dict[str, Work] = {}
    predicted: dict[str, int] = {}
    for step, count in done:
        symbol = step.get("symbol", "")
        counts = functions.get(symbol, Counts())
        extra, strided = (
            part * count // max(1, shared[symbol])
            for part in (counts.extra, counts.strided)
        )
        work = Work(step["macs"], lanes, count, count + extra, strided)
        name = step["name"]
        found[name] = added(found[name], work) if name in found else work
        predicted[name] = predicted.get(name, 0) + step["instructions"]
    return [
        Node(name, operators.get(name, ""), work, predicted[name])
        for name, work in found.items()
    ]


def added(one: Work, other: Work) -> Work:
    """Both together."""
    return Work(
        one.macs + other.macs,
        one.lanes,
        one.instructions + other.instructions,
        one.weighted + other.weighted,
        one.strided + other.strided,
    )


def what_is_left(total: Work, nodes: Sequence[Node]) -> Work:
    """What the program does besides its nodes."""
    works = [node.work for node in nodes]
    return Work(
        total.macs - sum(work.macs for work in works),
        total.lanes,
        total.instructions - sum(work.instructions for work in works),
        total.weighted - sum(work.weighted for work in works),
        total.strided - sum(work.strided for work in works),
    )
