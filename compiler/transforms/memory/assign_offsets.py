"""
Gives every buffer and every constant its offset in its memory level.

Before:
```mlir
memref.global "private" constant @weights_0 : memref<8xf32, "flash"> = dense<…>
%a = deploy.buffer "conv1" : memref<8xf32, "ram">
```
After:
```mlir
memref.global "private" constant @weights_0 : memref<8xf32, "flash"> = dense<…>
    {alignment = 16 : i64, deploy.offset = 0 : index}
%a = deploy.buffer "conv1" at 0 : memref<8xf32, "ram">
```

Buffers that are not live at the same time may share bytes; `analysis/planning/` finds
the offsets, unless all buffers of a level have one, which they keep. A buffer that no
kernel touches is removed. A level that does not suffice
is refused with the smallest size that would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import IndexType, IntegerAttr, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.groups import functions_of
from ...analysis.levels import levels_around
from ...analysis.lifetimes import Lifetime, lifetimes_of, operations_of, steps_of
from ...analysis.memory import (
    Budget,
    budget_of,
    bytes_of,
    level_of,
    machine_around,
)
from ...analysis.planning import (
    PLANNERS,
    Plan,
    Request,
    aligned,
    lower_bound,
    peak,
    plan,
)
from ...analysis.room import fits
from ...dialects.deploy import BufferOp
from ...dialects.deploy.marks import OFFSET_ATTRIBUTE
from ...errors import Shortage
from ...properties import Property
from ...shortage import refuse_shortage


def buffers_of(driver: func.FuncOp) -> dict[str, list[BufferOp]]:
    """The buffers of each level that somebody uses, in program order."""
    found: dict[str, list[BufferOp]] = {}
    for op in operations_of(driver):
        if isinstance(op, BufferOp) and op.result.uses:
            found.setdefault(op.level, []).append(op)
    return found


def erase_unused(driver: func.FuncOp) -> None:
    """Erases the buffers that nobody uses."""
    for op in tuple(operations_of(driver)):
        if isinstance(op, BufferOp) and not op.result.uses:
            op.detach()
            op.erase()


def request_of(buffer: BufferOp, lifetime: Lifetime, align: int) -> Request:
    """What the planner needs to know about a buffer."""
    size = bytes_of(buffer.result.type)
    return Request(buffer.label.data, size, align, lifetime.start, lifetime.end)


def widest_step(driver: func.FuncOp, requests: Sequence[Request]) -> Operation:
    """The step during which most bytes are live; the driver when it has none."""

    def live(number: int) -> int:
        return sum(r.size for r in requests if r.start <= number < r.end)

    steps = steps_of(driver)
    widest = max(range(len(steps)), key=live, default=None)
    return driver if widest is None else steps[widest]


def check_fits(place: Callable[[], Operation], asked: int, budget: Budget) -> None:
    """Refuses `asked` bytes where the level has less, at a place found only then."""
    if budget.needed(asked) <= budget.size:
        return
    available, needed = budget.available(asked), budget.needed(asked)
    lacking = Shortage(budget.level, budget.size, asked, available, needed)
    refuse_shortage(place(), lacking)


def check_writable(buffer: BufferOp) -> None:
    """Refuses a buffer in a level that is written only when the program is loaded."""
    machine = machine_around(buffer)
    if machine is None or machine.level(buffer.level).writable:
        return
    message = f"buffer must be in a level with access rw, got {buffer.level}"
    buffer.emit_error(message, PassFailedException(message))


def check_caller(driver: func.FuncOp) -> None:
    """Refuses what the caller supplies where its level has less."""
    level = levels_around(driver).caller
    budget = budget_of(driver, level)
    needed = budget.needed(0)
    if needed <= budget.size:
        return
    asked, available = needed - budget.before, max(budget.size - budget.before, 0)
    place = next(iter(steps_of(driver)), driver)
    refuse_shortage(place, Shortage(level, budget.size, asked, available, needed))


def wanted(
    driver: func.FuncOp, lifetimes: Mapping[SSAValue, Lifetime]
) -> Iterator[tuple[list[BufferOp], list[Request], Budget]]:
    """The buffers of each level, what they ask for and what there is."""
    by_level = buffers_of(driver)
    if levels_around(driver).caller not in by_level:
        check_caller(driver)
    for level, buffers in by_level.items():
        check_writable(buffers[0])
        budget = budget_of(driver, level)
        requests = [
            request_of(buffer, lifetimes[buffer.result], budget.align)
            for buffer in buffers
        ]
        yield buffers, requests, budget


def place_buffers(
    driver: func.FuncOp, planned: Callable[[Sequence[Request]], Plan]
) -> None:
    """Writes the offset of every buffer of a driver."""
    lifetimes = lifetimes_of(driver)
    erase_unused(driver)
    for buffers, requests, budget in wanted(driver, lifetimes):
        found = given(buffers, requests) or planned(requests)
        check_fits(partial(widest_step, driver, requests), found.peak, budget)
        write_offsets(buffers, found)


def given(buffers: Sequence[BufferOp], requests: Sequence[Request]) -> Plan | None:
    """The offsets that all of the buffers have already."""
    known = [buffer.offset for buffer in buffers]
    offsets = tuple(offset.value.data for offset in known if offset is not None)
    if len(offsets) < len(buffers):
        return None
    return Plan(offsets, peak(requests, offsets), lower_bound(requests))


def write_offsets(buffers: Sequence[BufferOp], found: Plan) -> None:
    """Puts the offsets of a plan on its buffers."""
    for buffer, offset in zip(buffers, found.offsets, strict=True):
        buffer.properties["offset"] = IntegerAttr(offset, IndexType())


def constant_places(module: ModuleOp) -> Iterator[tuple[memref.GlobalOp, int, int]]:
    """Each constant, its offset and its alignment, level by level in module order."""
    levels: dict[str, list[memref.GlobalOp]] = {}
    for op in module.body.block.ops:
        if isinstance(op, memref.GlobalOp):
            levels.setdefault(level_of(op.type), []).append(op)
    for level, constants in levels.items():
        budget = budget_of(module, level)
        end = 0
        for op in constants:
            offset = aligned(end, budget.align)
            end = offset + bytes_of(op.type)
            yield op, offset, budget.align
        check_fits(partial(largest, constants), end, budget)


def place_constants(module: ModuleOp) -> None:
    """Writes the offsets of all constants."""
    for op, offset, align in constant_places(module):
        op.attributes[OFFSET_ATTRIBUTE] = IntegerAttr(offset, IndexType())
        op.properties["alignment"] = IntegerAttr(align, 64)


def largest(constants: Sequence[memref.GlobalOp]) -> memref.GlobalOp:
    """The constant that takes most bytes."""
    return max(constants, key=lambda op: bytes_of(op.type))


@dataclass(frozen=True)
class MemoryAssignOffsetsPass(ModulePass):
    """Writes `at OFFSET` on every `deploy.buffer` and `deploy.offset` on constants."""

    name = "memory-assign-offsets"
    needs = (Property.BUFFERS, Property.STEPS)
    establishes = (Property.OFFSETS,)
    ends = (Property.FREE_OFFSETS,)

    planner: Literal["auto", "greedy", "cp-sat", "stacked"] = "auto"
    """
    `greedy` tries first fit and skyline in several orders, `cp-sat` searches where that
    is above the live bytes, `auto` does where OR-Tools is installed. `stacked` gives
    every buffer bytes of its own.
    """

    budget: int | float = 1
    """Deterministic seconds that `cp-sat` may search for each level."""

    @cached_property
    def plans(self) -> dict[tuple[Request, ...], Plan]:
        """What this pass has planned before: trials of sizes ask again."""
        return {}

    @cached_property
    def lifetimes(self) -> dict[func.FuncOp, Mapping[SSAValue, Lifetime]]:
        """What is known of drivers that have been checked, and stay as they are."""
        return {}

    def planned(self, requests: Sequence[Request]) -> Plan:
        """The offsets of one level's buffers."""
        asked = tuple(requests)
        if asked not in self.plans:
            self.plans[asked] = plan(asked, PLANNERS[self.planner], self.budget)
        return self.plans[asked]

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        place_constants(op)
        for driver in functions_of(op):
            place_buffers(driver, self.planned)

    def check(self, module: ModuleOp) -> None:
        """Refuses what `apply` would refuse; the module stays as it is for good."""
        for _ in constant_places(module):
            pass
        for driver in functions_of(module):
            if driver not in self.lifetimes:
                self.lifetimes[driver] = lifetimes_of(driver)
            for buffers, requests, budget in wanted(driver, self.lifetimes[driver]):
                self.check_level(driver, buffers, requests, budget)

    def check_level(
        self,
        driver: func.FuncOp,
        buffers: Sequence[BufferOp],
        requests: Sequence[Request],
        budget: Budget,
    ) -> None:
        """Refuses the buffers of one level; what fits easily is not planned."""
        found = given(buffers, requests)
        if found is None:
            if tuple(requests) not in self.plans and fits(requests, budget):
                return
            found = self.planned(requests)
        check_fits(partial(widest_step, driver, requests), found.peak, budget)
