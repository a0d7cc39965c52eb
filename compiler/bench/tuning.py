"""Measures the best candidates of the search for blocks, kernel by kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from ..analysis.groups import kernels_of
from ..analysis.plans import BlocksPlan, Plan, attach_plan, plan_of
from ..api import Progress, fitted, recipe_of
from ..artifact.arrays import random_arrays
from ..artifact.artifact import Artifact
from ..artifact.folder import folder_contents
from ..artifact.tuned import Tuned, described
from ..backend.c.source import Source
from ..execution.build import build_program
from ..execution.counting.counts import counts_by_function
from ..execution.counting.histogram import count_inference
from ..execution.tensors import Inputs, read_tensors
from ..fitting import Fitting
from ..machine import Machine
from ..options import COMPUTED, checked_options
from ..transforms.vector.candidates import ranked
from ..transforms.vector.choose_blocks import choose
from ..transforms.vector.costs import Costs, Trial
from ..transforms.vector.planned_blocks import written
from ..transforms.vector.transpose_squares import VectorTransposeSquaresPass
from .measuring import runner_of
from .timing import kernel_times

SHORTER = 0.95
"""The part of the time of the search's choice that another may take at most."""

Choices = Mapping[str, Sequence[BlocksPlan]]
"""Name of a kernel -> the ways to cut it, what the search takes first."""


def tune(
    model: str | Path,
    machine: Machine,
    dims: Mapping[str, int],
    count: int,
    options: Mapping[str, Any],
    progress: Progress,
) -> list[Tuned]:
    """
    The best of `count` ways to cut each kernel of a model.

    By weighted instructions, on this computer by time. Kernels do not depend on each
    other, so one run measures a way for each of them. `options` are those of `compile`
    that change what is computed. Raises `UsageError` where nothing measures the
    machine's programs, `DeployError`.
    """
    options = checked_options(options, COMPUTED, "tune")
    recipe = recipe_of(model, machine, dims, options)
    runner_of(machine)
    fitting = fitted(recipe, progress)
    module = fitting.lowered(machine)
    choices = choices_of(fitting, module, machine, count)
    costs = costs_of(fitting, module, machine, choices)
    return [chosen(machine, choices[name], costs[name]) for name in choices]


def costs_of(
    fitting: Fitting, module: ModuleOp, machine: Machine, choices: Choices
) -> dict[str, list[int]]:
    """What each kernel takes, by the way it is cut, in their order."""
    costs: dict[str, list[int]] = {name: [] for name in choices}
    for number in range(max(map(len, choices.values()), default=0)):
        fitting.progress(f"candidate {number + 1}")
        picked = {
            n: plans[number] for n, plans in choices.items() if number < len(plans)
        }
        found = measured(fitting, module.clone(), machine, picked)
        for name in picked:
            costs[name].append(found.get(name, 0))
    return costs


def chosen(
    machine: Machine, plans: Sequence[BlocksPlan], costs: Sequence[int]
) -> Tuned:
    """
    The way that takes the least; of equal ones that of the search.

    Times differ from run to run, so one has to be shorter by more than that.
    """
    best = min(range(len(plans)), key=costs.__getitem__)
    if machine.is_native and costs[best] > SHORTER * costs[0]:
        best = 0
    return Tuned(described(machine), plans[best], costs[best], costs[0])


def choices_of(
    fitting: Fitting, module: ModuleOp, machine: Machine, count: int
) -> Choices:
    """The best ways to cut each kernel, as predicted; each once."""
    found: dict[str, dict[str, BlocksPlan]] = {}
    for number in range(count):
        copy = module.clone()
        VectorTransposeSquaresPass().apply(fitting.ctx, copy)
        for kernel in kernels_of(copy):
            choose(kernel, machine, nth(number))
            blocks = written(kernel)
            plans = found.setdefault(kernel.sym_name.data, {})
            plans.setdefault(str(blocks.operations), blocks)
    return {name: list(plans.values()) for name, plans in found.items()}


def nth(number: int) -> Callable[[Costs], Trial | None]:
    """Takes the candidate of this number, or the last one."""

    def pick(costs: Costs) -> Trial | None:
        trials = ranked(costs, number + 1)
        return trials[-1] if trials else None

    return pick


def measured(
    fitting: Fitting,
    module: ModuleOp,
    machine: Machine,
    picked: Mapping[str, BlocksPlan],
) -> dict[str, int]:
    """What each kernel takes in one inference, by its name."""
    plan = plan_of(module) or Plan()
    attach_plan(module, replace(plan, blocks=tuple(picked.values())))
    fitting.phase(module, "vectorize")
    names = Source.of(module, fitting.name).symbols
    artifact = Artifact(*folder_contents(fitting.ctx, module, machine, fitting.name))
    with artifact.unpacked() as folder:
        inputs = random_arrays(read_tensors(folder, "inputs"), 0)
        if machine.is_native:
            costs = kernel_times(artifact, folder, inputs)
        else:
            costs = weighted(folder, machine, inputs)
    return {name: costs[symbol] for name, symbol in names.items() if symbol in costs}


def weighted(folder: Path, machine: Machine, inputs: Inputs) -> dict[str, int]:
    """Weighted instructions of each function in one inference."""
    image = build_program(folder, machine)
    histogram = count_inference(folder, machine, image, inputs).histogram
    counts = counts_by_function(image, machine, histogram)
    return {symbol: count.weighted for symbol, count in counts.items()}
