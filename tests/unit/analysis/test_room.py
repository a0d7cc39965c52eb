"""What is found anew only where a driver changes is what there is to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from deployopt.analysis.lifetimes import (
    Lifetime,
    accesses_of,
    lifetimes_of,
    operations_of,
    steps_of,
)
from deployopt.analysis.memory import Budget, budget_of, bytes_of
from deployopt.analysis.planning import ORDERS, Key, Request, peak, skyline
from deployopt.analysis.room import Room, Snapshot, fits
from deployopt.dialects.deploy import BufferOp
from deployopt.machine import attach, load_machine
from deployopt.universe import new_context
from transforms.memory.random_drivers import random_driver
from xdsl.dialects import scf
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.parser import Parser

SEEDS = range(12)


def drawn_from(seed: int) -> Callable[[int, int], int]:
    random = np.random.default_rng(seed)
    return lambda low, high: int(random.integers(low, high + 1))


def driver_of(seed: int, size: int = 320) -> FuncOp:
    module = Parser(new_context(), random_driver(drawn_from(seed))).parse_module()
    attach(module, load_machine("scratchpad", {"L1.size": str(size)}))
    (driver,) = (op for op in module.ops if isinstance(op, FuncOp))
    return driver


def loops_around(op: Operation) -> list[scf.ForOp]:
    around, found = op.parent_op(), list[scf.ForOp]()
    while isinstance(around, scf.ForOp):
        found.append(around)
        around = around.parent_op()
    return found


def simply(driver: FuncOp) -> dict[SSAValue, Lifetime]:
    """Lifetimes buffer by buffer: first to last step, and loops that carry it."""
    steps = [(op, accesses_of(op) or ()) for op in steps_of(driver)]
    found: dict[SSAValue, Lifetime] = {}
    for value in dict.fromkeys(a.value for _, found_ in steps for a in found_):
        own = [
            (number, op, [a for a in accesses if a.value is value])
            for number, (op, accesses) in enumerate(steps)
            if any(a.value is value and (a.reads or a.writes) for a in accesses)
        ]
        if not own:
            continue
        start, end = own[0][0], own[-1][0] + 1
        for loop in {loop for _, op, _ in own for loop in loops_around(op)}:
            first = next(accesses for _, op, accesses in own if loop.is_ancestor(op))
            anew = all(a.whole and a.writes and not a.reads for a in first)
            if not anew and not loop.is_ancestor(value.owner):
                inside = [n for n, (op, _) in enumerate(steps) if loop.is_ancestor(op)]
                start, end = min(start, inside[0]), max(end, inside[-1] + 1)
        found[value] = Lifetime(start, end)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_lifetimes_are_those_found_buffer_by_buffer(seed: int):
    driver = driver_of(seed)
    assert dict(lifetimes_of(driver)) == simply(driver)


def blocks_of(driver: FuncOp) -> list[Block]:
    loops = (op for op in operations_of(driver) if isinstance(op, scf.ForOp))
    return [driver.body.block, *(loop.body.block for loop in loops)]


def shuffle(block: Block, draw: Callable[[int, int], int]) -> None:
    """Moves one operation to another place, whatever that means."""
    ops = list(block.ops)[:-1]
    moving, other = (ops[draw(0, len(ops) - 1)] for _ in range(2))
    if moving is not other:
        moving.detach()
        block.insert_op_before(moving, other)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_driver_is_as_if_seen_for_the_first_time(seed: int):
    driver, draw = driver_of(seed), drawn_from(seed)
    snapshot = Snapshot.of(driver.body.block, {})
    for _ in range(10):
        blocks = blocks_of(driver)
        block = blocks[draw(0, len(blocks) - 1)]
        shuffle(block, draw)
        snapshot = snapshot.changed(block)
        assert list(snapshot.whole.lifetimes.items()) == list(
            lifetimes_of(driver).items()
        )
        numbers = {op: number for number, op in enumerate(steps_of(driver))}
        for op in operations_of(driver):
            inside = [numbers[o] for o in (op, *operations_of(op)) if o in numbers]
            if inside:
                assert snapshot.steps_in(op) == (inside[0], inside[-1] + 1)


def test_a_change_leaves_the_snapshot_before_as_it_was():
    driver = driver_of(0)
    before = Snapshot.of(driver.body.block, {})
    lifetimes = dict(before.whole.lifetimes)
    for block in blocks_of(driver):
        shuffle(block, drawn_from(0))
        before.changed(block)
    assert before.whole.lifetimes == lifetimes


def may_be_more(driver: FuncOp, op: Operation, more: Mapping[SSAValue, int]) -> bool:
    """Whether there are so many more bytes in each step of `op`, step by step."""
    steps = steps_of(driver)
    inside = [n for n, step in enumerate(steps) if op is step or op.is_ancestor(step)]
    lifetimes = {
        value: life
        for value, life in lifetimes_of(driver).items()
        if isinstance(value.owner, BufferOp) and value.owner.level == "L1"
    }
    budget = budget_of(driver, "L1")
    for number in inside:
        live = {v for v, (start, end) in lifetimes.items() if start <= number < end}
        total = sum(bytes_of(value.type) for value in live | set(more))
        if budget.needed(total + sum(more.values())) > budget.size:
            return False
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_room_for_more_is_counted_in_each_step(seed: int):
    driver, draw = driver_of(seed, size=256), drawn_from(seed)
    room = Room(driver)
    buffers = (op for op in operations_of(driver) if isinstance(op, BufferOp))
    near: list[SSAValue] = [op.result for op in buffers if op.level == "L1"]
    for op in operations_of(driver):
        if op in steps_of(driver) or isinstance(op, scf.ForOp):
            more = {near[draw(0, len(near) - 1)]: 8 * draw(0, 16) for _ in range(2)}
            assert room.allows(op, more) == may_be_more(driver, op, more)


def random_requests(seed: int) -> list[Request]:
    draw = drawn_from(seed)
    requests: list[Request] = []
    for number in range(draw(1, 14)):
        start = draw(0, 20)
        end = start + draw(1, 6)
        requests.append(Request(f"{number}", draw(1, 40), 8, start, end))
    return requests


@pytest.mark.parametrize("seed", range(40))
def test_what_fits_is_what_a_skyline_of_everything_fits(seed: int):
    requests = random_requests(seed)
    ends = [peak(requests, skyline(requests, order)) for order in ORDERS]
    for size in range(16, max(ends) + 16, 8):
        budget = Budget("L1", size, 8, 0)
        assert fits(requests, budget) == (min(ends) <= size)


def lowest_first(requests: list[Request], order: Key) -> tuple[int, ...]:
    """A skyline by its definition: of all that is left, always the lowest."""
    offsets: dict[int, int] = {}

    def floor(index: int) -> int:
        mine = requests[index]
        tops = [
            requests[i].size + offset
            for i, offset in offsets.items()
            if requests[i].meets(mine)
        ]
        return -(-max(tops, default=0) // mine.align) * mine.align

    ranked = sorted(range(len(requests)), key=lambda i: order(requests[i]))
    while len(offsets) < len(requests):
        left = [index for index in ranked if index not in offsets]
        index = min(left, key=floor)
        offsets[index] = floor(index)
    return tuple(offsets[index] for index in range(len(requests)))


@pytest.mark.parametrize("seed", range(20))
def test_a_skyline_lays_the_lowest_first(seed: int):
    requests = random_requests(seed)
    for order in ORDERS:
        assert skyline(requests, order) == lowest_first(requests, order)
