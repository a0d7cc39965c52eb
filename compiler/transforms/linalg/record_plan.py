"""
Writes down what is decided about kernels, before it is acted upon.

Before: `%y = deploy.kernel(…) … {… {deploy.tile = [0, 8]}} {deploy.chain = 0}`
After:  the same in a module with
        `deploy.plan = {kernels = [{nodes = ["conv1"], chain = 0, tile = [0, 8]}], …}`

Tiling uses the attributes up; `plan.json` and `linalg-apply-plan` need them later.
"""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.decisions import kernel_decisions, residents_of, tensor_kernels
from ...analysis.plans import Plan, attach_plan, plan_of
from ...properties import Property


class LinalgRecordPlanPass(ModulePass):
    """Writes `deploy.plan` from the attributes of kernels and arguments."""

    name = "linalg-record-plan"
    needs = (Property.TILES,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        kernels = tuple(map(kernel_decisions, tensor_kernels(op)))
        plan = plan_of(op) or Plan()
        attach_plan(op, replace(plan, residents=residents_of(op), kernels=kernels))
