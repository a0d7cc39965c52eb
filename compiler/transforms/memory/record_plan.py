"""
Writes down where buffers stand.

Before: `%a = deploy.buffer "conv1" at 64 : memref<8xf32, "ram">`
After:  the same in a module with
        `deploy.plan = {buffers = [{label = "conv1", offset = 64, …}], …}`

`plan.json` and `memory-apply-plan` need it when buffers are parts of arenas.
"""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.decisions import buffer_decision, used_buffers
from ...analysis.plans import Plan, attach_plan, plan_of
from ...properties import Property


class MemoryRecordPlanPass(ModulePass):
    """Writes the buffers of `deploy.plan` from their offsets."""

    name = "memory-record-plan"
    needs = (Property.BUFFERS, Property.OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        placed = [buffer for buffer in used_buffers(op) if buffer.offset is not None]
        buffers = tuple(map(buffer_decision, placed))
        attach_plan(op, replace(plan_of(op) or Plan(), buffers=buffers))
