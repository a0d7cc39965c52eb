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
from ..machine import Machine
from .figures import FLOAT_BITS, Counted, Figures, Node, Work
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
    claimed = manifest["memory"]["claimed"]
    sizes = {level.name: level.size for level in machine.levels}
    return Figures(
        artifact.name,
        machine.name,
        runner,
        manifest["macs"],
        code,
        {name: (claim["peak"], sizes[name]) for name, claim in claimed.items()},
        manifest["traffic"],
        found,
    )


def runner_of(machine: Machine) -> str:
    """What measures on a machine; raises `UsageError` where that does not run."""
    return find_runner(machine, NATIVE if machine.is_native else RUNNER).name


def lanes(machine: Machine) -> int:
    """How many float32 numbers the machine works on at once."""
    return max(1, machine.vlen // FLOAT_BITS) if machine.has_vectors else 1


def counted(artifact: Artifact, folder: Path, inputs: Inputs) -> Counted:
    """What one inference executes, as shipped, and what of it in each node."""
    machine, manifest = artifact.machine, artifact.manifest
    image = build_program(folder, machine)
    inference = count_inference(folder, machine, image, inputs)
    functions = counts_by_function(image, machine, inference.histogram)
    whole = sum(functions.values(), Counts())
    profile = execute(folder, machine, RUNNER, [inputs], profile=True)
    width = lanes(machine)
    steps = program_steps(manifest)
    nodes = node_works(
        steps, profile.steps[-1], functions, manifest["nodes"], lanes=width
    )
    total = Work(
        manifest["macs"],
        width,
        inference.instructions,
        inference.instructions + whole.extra,
        whole.strided,
    )
    rest = what_is_left(total, nodes)
    nodes.sort(key=lambda node: -node.work.above)
    return Counted(total, nodes, rest, whole.uncertain)


def node_works(
    steps: Sequence[Mapping[str, Any]],
    instructions: Sequence[int],
    functions: Mapping[str, Counts],
    operators: Mapping[str, str],
    *,
    lanes: int,
) -> list[Node]:
    """
    What each ONNX node does, in the order of the program.

    A step's vector instructions are those of its function; steps that share one have
    parts of them, as they have of its instructions.
    """
    shared: dict[str, int] = {}
    for step, count in zip(steps, instructions, strict=True):
        symbol = step.get("symbol", "")
        shared[symbol] = shared.get(symbol, 0) + count
    found: dict[str, Work] = {}
    for step, count in zip(steps, instructions, strict=True):
        symbol = step.get("symbol", "")
        counts = functions.get(symbol, Counts())
        extra, strided = (
            part * count // max(1, shared[symbol])
            for part in (counts.extra, counts.strided)
        )
        work = Work(step["macs"], lanes, count, count + extra, strided)
        before = found.get(step["name"])
        found[step["name"]] = work if before is None else added(before, work)
    return [Node(name, operators.get(name, ""), work) for name, work in found.items()]


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
