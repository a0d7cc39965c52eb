"""
Puts what a plan says on the kernels that it was made for.

Before: `%y = deploy.kernel(…) … {…}` in a module with
        `deploy.plan = {kernels = [{nodes = ["conv1"], chain = 0, tile = [0, 8]}], …}`
After:  `%y = deploy.kernel(…) … {… {deploy.tile = [0, 8]}} {deploy.chain = 0}`

Kernels are known by their place in program order and by the ONNX nodes that they do. A
plan for other kernels is refused, and so is one that asks for what a kernel or the
machine does not have. What stands on a kernel already stays. A module without a plan
stays as it is: `linalg-choose-tiles` decides then.
"""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.decisions import (
    cut_operations,
    decide,
    driver_arguments,
    make_resident,
    tensor_kernels,
)
from ...analysis.memory import machine_around
from ...analysis.plans import KernelPlan, Plan, Sizes, plan_of
from ...analysis.structured import loop_ranges
from ...analysis.tiles import Structured
from ...dialects.deploy import KernelOp
from ...machine import Machine
from ...properties import Property
from ...rewriting import node_names


def faults(
    kernel: KernelOp, plan: KernelPlan, machine: Machine | None
) -> Iterator[str]:
    """What `kernel` or the machine does not have of what is planned."""
    nodes = node_names(kernel.location)
    if plan.nodes != nodes:
        yield f"kernel must do the nodes {list(plan.nodes)} of the plan, got {[*nodes]}"
    root, reducer = cut_operations(kernel)
    ranges = [] if root is None else [*loop_ranges(root)]
    if plan.loops and [*plan.loops] != ranges:
        yield f"kernel must have the loops {[*plan.loops]} of the plan, got {ranges}"
    yield from tile_faults("tile", root, plan.tile)
    yield from tile_faults("reduction", reducer, plan.reduction)
    order = plan.order or ()
    if len({*order}) < len(order) or any(loop >= len(ranges) for loop in order):
        yield f"order in the plan must name some of {len(ranges)} loops, got {[*order]}"
    if plan.level is None or machine is None:
        return
    levels = [level.name for level in machine.levels if level.writable]
    if plan.level not in levels:
        expected = ", ".join(levels)
        yield f"level in the plan must be one of {expected}, got '{plan.level}'"


def tile_faults(key: str, op: Structured | None, sizes: Sizes | None) -> Iterator[str]:
    """What is wrong with the sizes at `key` for the loops of `op`."""
    if sizes is None:
        return
    ranges = () if op is None else loop_ranges(op)
    pairs = zip(sizes, ranges, strict=False)
    if len(sizes) != len(ranges) or any(size > most for size, most in pairs):
        most = f"{len(ranges)} sizes of at most {list(ranges)}"
        yield f"{key} in the plan must have {most}, got {list(sizes)}"


def apply_plan(module: ModuleOp, plan: Plan) -> None:
    """Writes the decisions of `plan`, or refuses it."""
    kernels = tensor_kernels(module)
    if len(kernels) != len(plan.kernels):
        last = kernels[-1] if kernels else module
        message = (
            f"plan must have {len(kernels)} kernels, one for each of the module, "
            f"got {len(plan.kernels)}"
        )
        last.emit_error(message, PassFailedException(message))
    machine = machine_around(module)
    for kernel, decided in zip(kernels, plan.kernels, strict=True):
        for message in faults(kernel, decided, machine):
            kernel.emit_error(message, PassFailedException(message))
        decide(kernel, decided)
    apply_residents(module, plan)


def apply_residents(module: ModuleOp, plan: Plan) -> None:
    """Marks the arguments that are brought near once."""
    names = {name for _, _, name, _ in driver_arguments(module)}
    for name in plan.residents:
        if name not in names:
            message = f"residents in the plan must be inputs, got '{name}'"
            module.emit_error(message, PassFailedException(message))
    make_resident(module, set(plan.residents))


class LinalgApplyPlanPass(ModulePass):
    """Puts what `deploy.plan` says on kernels, if the module has one."""

    name = "linalg-apply-plan"
    needs = (Property.KERNELS, Property.FREE_TILES)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        plan = plan_of(op)
        if plan is not None:
            apply_plan(op, plan)
