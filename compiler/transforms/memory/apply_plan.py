"""
Gives buffers the offsets that a plan says.

Before: `%a = deploy.buffer "conv1" : memref<8xf32, "ram">` in a module with
        `deploy.plan = {buffers = [{label = "conv1", offset = 64, …}], …}`
After:  `%a = deploy.buffer "conv1" at 64 : memref<8xf32, "ram">`

Buffers are known by label and level. A plan is refused that leaves one out, knows one
that is not there, or puts one where it cannot be: not aligned, beyond its level, or
where another one is live. A module whose plan has no buffers stays as it is:
`memory-assign-offsets` decides then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NoReturn, TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import IndexType, IntegerAttr, ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.decisions import used_buffers
from ...analysis.groups import functions_of
from ...analysis.lifetimes import lifetimes_of
from ...analysis.memory import Budget, budget_of, bytes_of
from ...analysis.plans import BufferPlan, plan_of
from ...dialects.deploy import BufferOp
from ...properties import Property

Placed: TypeAlias = tuple[BufferOp, BufferPlan]


def matched(module: ModuleOp, plans: Sequence[BufferPlan]) -> list[Placed]:
    """Each buffer of the module with its entry in the plan; or a refusal."""
    entries = {(plan.label, plan.level): plan for plan in plans}
    if len(entries) < len(plans):
        refuse(module, "buffers in the plan must differ in label or level")
    found: list[Placed] = []
    for buffer in used_buffers(module):
        label, level = buffer.label.data, buffer.level
        plan = entries.pop((label, level), None)
        if plan is None:
            refuse(buffer, f"plan must place buffer '{label}' in level {level}")
        found.append((buffer, plan))
    for label, level in entries:
        message = f"plan places buffer '{label}' in level {level}, which has none"
        refuse(module, message)
    return found


def refuse(op: BufferOp | ModuleOp, message: str) -> NoReturn:
    """Fails for `op`."""
    op.emit_error(message, PassFailedException(message))


def fault(placed: Placed, budget: Budget) -> str | None:
    """What is wrong with where one buffer is to stand, on its own."""
    buffer, plan = placed
    size = bytes_of(buffer.result.type)
    what = f"buffer '{plan.label}' in the plan"
    if plan.size != size:
        return f"{what} must have {size} bytes, got {plan.size}"
    if plan.offset % budget.align:
        align = budget.align
        return f"{what} must stand at a multiple of {align}, got {plan.offset}"
    end = plan.offset + size
    if budget.needed(end) > budget.size:
        free = budget.available(end)
        place = f"{plan.offset} to {end}"
        return f"{what} must lie in the {free} free bytes of {plan.level}, got {place}"
    return None


def collisions(driver: func.FuncOp, placed: Sequence[Placed]) -> Iterator[Placed]:
    """The buffers whose bytes another one holds at the same time."""
    lifetimes = lifetimes_of(driver)
    for one, other in combinations(placed, 2):
        spans = lifetimes.get(one[0].result), lifetimes.get(other[0].result)
        if spans[0] is None or spans[1] is None or one[1].level != other[1].level:
            continue
        together = spans[0].start < spans[1].end and spans[1].start < spans[0].end
        if together and one[1].meets(other[1]):
            yield other


def check(driver: func.FuncOp, placed: Sequence[Placed]) -> None:
    """Refuses places that buffers of a driver cannot have."""
    budgets = {
        level: budget_of(driver, level) for level in {p.level for _, p in placed}
    }
    for one in placed:
        if message := fault(one, budgets[one[1].level]):
            refuse(one[0], message)
    for buffer, plan in collisions(driver, placed):
        message = (
            f"buffer '{plan.label}' in the plan must not share bytes of {plan.level} "
            f"with one in use at the same time, got offset {plan.offset}"
        )
        refuse(buffer, message)


class MemoryApplyPlanPass(ModulePass):
    """Writes `at OFFSET` on buffers as `deploy.plan` says, if the module has one."""

    name = "memory-apply-plan"
    needs = (Property.BUFFERS, Property.STEPS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        plan = plan_of(op)
        if plan is None or plan.buffers is None:
            return
        placed = matched(op, plan.buffers)
        for driver in functions_of(op):
            check(driver, [p for p in placed if driver.is_ancestor(p[0])])
        for buffer, decided in placed:
            buffer.properties["offset"] = IntegerAttr(decided.offset, IndexType())
