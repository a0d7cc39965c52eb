"""
Cuts kernels into the blocks that a plan says.

Before: `linalg.generic {…} …` in a module with `deploy.plan = {blocks = [{kernel =
        "1a2b3c4d5e6f7a8b", operations = [{sizes = array<i64: 4, 16>}], …}], …}`
After:  `linalg.generic {…, deploy.blocks = {sizes = array<i64: 4, 16>}} …`

`vector-choose-blocks` then only decides about kernels that the plan does not know.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.plans import plan_of
from ...properties import Property
from .planned_blocks import signature, write


class VectorApplyPlanPass(ModulePass):
    """Writes `deploy.blocks` from `deploy.plan`."""

    name = "vector-apply-plan"
    needs = (Property.OUTLINED, Property.FREE_BLOCKS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        plan = plan_of(op)
        if plan is None or not plan.blocks:
            return
        known = {entry.kernel: entry for entry in plan.blocks}
        for kernel in kernels_of(op):
            found = known.get(signature(kernel))
            if found is not None:
                write(kernel, found)
