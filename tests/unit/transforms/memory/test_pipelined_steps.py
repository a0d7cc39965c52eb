"""What a loop in another order needs is known before it is written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from deployopt.analysis.planning import Request
from deployopt.analysis.room import Room, Snapshot
from deployopt.analysis.schedules import Schedule
from deployopt.analysis.stages import Body, users_of, views_of
from deployopt.dialects.deploy import RENEWS_ATTRIBUTE, BufferOp, DmaStartOp
from deployopt.machine import attach, load_machine
from deployopt.transforms.memory.halves import NewBuffers
from deployopt.transforms.memory.pipeline_transfers import (
    MemoryPipelineTransfersPass,
    Pipeliner,
)
from deployopt.transforms.memory.pipelined_steps import PipelinedSteps
from deployopt.universe import new_context
from transforms.memory.random_drivers import ROWS, Driver, Value, random_driver
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.rewriter import InsertPoint, Rewriter

SIZES = (1 << 17, 512, 256, 192)
"""Of L1: room for everything, for some halves, for hardly any."""


def drawn_from(seed: int) -> Callable[[int, int], int]:
    random = np.random.default_rng(seed)
    return lambda low, high: int(random.integers(low, high + 1))


def driver_in(module: ModuleOp) -> FuncOp:
    (driver,) = (op for op in module.ops if isinstance(op, FuncOp))
    return driver


def wanted(room: Room, driver: Snapshot) -> list[list[Request]]:
    """What is live when, by level."""
    budgets = map(room.budget, ("L1", "L2", "L3"))
    return [room.requests(budget, driver.whole.lifetimes) for budget in budgets]


def asked(room: Room, body: Body, schedule: Schedule) -> list[list[Request]]:
    """What would be live when if a loop were in another order."""
    buffers, known = NewBuffers(set()), room.current.known
    own = body.own(schedule)
    steps = PipelinedSteps(body.loop, schedule, own, buffers, known).all()
    found = wanted(room, room.current.replaced(body.loop, steps))
    buffers.undo()
    return found


def check(text: str, size: int, change: Callable[[FuncOp], None]) -> int:
    """Pipelines a driver; how many of its loops have been written in another order."""
    written = Pipeliner.replace
    seen: list[Operation] = []

    def replace(self: Pipeliner, body: Body, schedule: Schedule) -> None:
        expected = asked(self.room, body, schedule)
        written(self, body, schedule)
        afresh = Snapshot.of(self.driver.body.block, {})
        assert wanted(self.room, afresh) == expected
        assert wanted(self.room, self.room.current) == expected
        seen.append(body.loop)

    module = Parser(new_context(), text).parse_module()
    attach(module, load_machine("scratchpad", {"L1.size": str(size)}))
    change(driver_in(module))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipeliner, "replace", replace)
        MemoryPipelineTransfersPass().apply(new_context(), module)
    module.verify()
    return len(seen)


@pytest.mark.parametrize("seed", range(16))
def test_room_is_asked_for_what_is_then_written(seed: int):
    draw = drawn_from(seed)
    text = random_driver(draw)

    def renew(driver: FuncOp) -> None:
        for op in driver.walk():
            if isinstance(op, DmaStartOp) and not draw(0, 2):
                op.attributes[RENEWS_ATTRIBUTE] = UnitAttr()

    found = [check(text, size, renew) for size in SIZES]
    assert any(found) or "scf.for" not in text


def loop_in_loop(rounds: int) -> str:
    """Rows from L2 to L1 in a loop, through two kernels in a loop in it, and back."""
    driver = Driver(lambda low, high: high)
    source, target = Value("%x0", ROWS, "L2"), Value("%y0", ROWS, "L2")
    near, between, result = (driver.buffer(2, "L1") for _ in range(3))

    def inner(_: str) -> None:
        driver.kernel([near], between)
        driver.kernel([between], result)

    def body(index: str) -> None:
        driver.transfer(driver.part(source, index, 2), near)
        driver.loop(0, 2, 1, inner)
        driver.transfer(result, driver.part(target, index, 2))

    driver.loop(0, 2 * rounds, 2, body)
    driver.arrays += [source, target]
    return driver.text()


def sink_buffers(driver: FuncOp) -> None:
    """Makes a buffer inside the inner loop that alone uses it."""
    for buffer in [op for op in driver.walk() if isinstance(op, BufferOp)]:
        blocks = {user.parent for user in users_of(buffer.result)}
        block = blocks.pop() if len(blocks) == 1 else None
        outer = block and block.parent_op()
        if block and outer and isinstance(outer.parent_op(), scf.ForOp):
            assert not any(views_of(buffer.result))
            buffer.detach()
            Rewriter().insert_op(buffer, InsertPoint.at_start(block))


@pytest.mark.parametrize("rounds", range(1, 7))
def test_buffers_inside_loops_are_made_for_each_round(rounds: int):
    assert all(check(loop_in_loop(rounds), size, sink_buffers) for size in SIZES[:2])
