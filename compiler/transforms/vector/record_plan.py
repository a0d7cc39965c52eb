"""
Writes down how kernels are cut into blocks, before it is acted upon.

Before: `linalg.generic {…, deploy.blocks = {sizes = array<i64: 4, 16>}} …`
After:  the same in a module with `deploy.plan = {blocks = [{kernel =
        "1a2b3c4d5e6f7a8b", operations = [{sizes = array<i64: 4, 16>}], …}], …}`

`vector-lower-kernels` uses the attributes up; `plan.json` and `vector-apply-plan` need
them later.
"""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.plans import Plan, attach_plan, plan_of
from ...properties import Property
from .planned_blocks import written


class VectorRecordPlanPass(ModulePass):
    """Writes the blocks of `deploy.plan` from `deploy.blocks`."""

    name = "vector-record-plan"
    needs = (Property.BLOCKS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        blocks = tuple(map(written, kernels_of(op)))
        attach_plan(op, replace(plan_of(op) or Plan(), blocks=blocks))
