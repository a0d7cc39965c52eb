"""What is predicted for a network is what its lowered program moves and takes."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from deployopt.analysis.groups import functions_of
from deployopt.analysis.levels import levels_of_machine
from deployopt.analysis.lifetimes import lifetimes_of
from deployopt.analysis.memory import bytes_of, level_of
from deployopt.analysis.plans import plan_of
from deployopt.analysis.traffic.driver_model import driver_model
from deployopt.dialects.deploy import DmaStartOp
from deployopt.frontend.onnx import import_model
from deployopt.machine import Machine, attach, load_machine
from deployopt.resolution import run
from deployopt.shortage import LevelShortage
from deployopt.sizes import with_size
from deployopt.transforms.linalg.choose_tiles import LinalgChooseTilesPass
from deployopt.universe import all_passes, new_context
from onnx import helper
from small_models import model, weights
from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.parser import Parser

CHOOSE = "linalg-choose-groups,linalg-form-kernels,linalg-choose-tiles"
LOWER = (
    "linalg-tile-kernels,linalg-expand-pads,linalg-form-kernels,"
    "linalg-stage-operands,dce,memory-bufferize,memory-split-transfers"
)
PADS = [1, 1, 1, 1]
ONCE = (4 * 256 + 2 * 3 * 3 * 4 * 4 + 4 + 4 * 256) * 4
"""Input, two convolutions with one bias, output, of four bytes each."""

APART = ONCE + 4 * 4
"""The same when the kernels do not share the bias."""


@cache
def network(pixels: int = 16) -> str:
    """Two convolutions of so many rows and 4 channels, the second with a residual."""
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], "first", pads=PADS),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        helper.make_node("Conv", ["r", "v", "b"], ["d"], "second", pads=PADS),
        helper.make_node("Add", ["d", "r"], ["y"], "add"),
    ]
    shape = ("float32", [1, 4, pixels, 16])
    constants = {"w": weights((4, 4, 3, 3), 1), "v": weights((4, 4, 3, 3), 2)}
    constants["b"] = weights((4,), 3)
    module = import_model(model(nodes, {"x": shape}, {"y": shape}, constants))
    run(new_context(), module, "fuse,layout,to-linalg", all_passes())
    return str(module)


def formed(machine: Machine, pixels: int = 16) -> ModuleOp:
    """The network as kernels that nobody has cut."""
    ctx = new_context()
    module = Parser(ctx, network(pixels), "network").parse_module()
    attach(module, machine)
    run(ctx, module, "linalg-choose-groups,linalg-form-kernels", all_passes())
    return module


def chosen(near: int) -> ModuleOp:
    """The network with choices for so many bytes of the near level."""
    ctx = new_context()
    module = Parser(ctx, network(), "network").parse_module()
    attach(module, load_machine("scratchpad-64k"))
    text = f"{CHOOSE}{{near_bytes={near}}},linalg-record-plan"
    run(ctx, module, text, all_passes())
    return module


def predicted(module: ModuleOp) -> int:
    """Bytes over the boundary of L1."""
    plan = plan_of(module)
    assert plan is not None
    costs = [kernel.cost for kernel in plan.kernels if kernel.cost]
    return sum(
        count
        for cost in costs
        for hop, count in cost["bytes"].items()
        if "L1" in hop.split("->")
    )


def constant(value: SSAValue) -> int:
    assert isinstance(value.owner, arith.ConstantOp)
    assert isinstance(value.owner.value, IntegerAttr)
    return value.owner.value.value.data


def repeats(op: Operation) -> int:
    """How often the loops around an operation run it."""
    around = op.parent_op()
    if around is None:
        return 1
    if not isinstance(around, scf.ForOp):
        return repeats(around)
    bounds = map(constant, (around.lb, around.ub, around.step))
    return len(range(*bounds)) * repeats(around)


def moved(module: ModuleOp) -> int:
    """Bytes over the boundary of L1."""
    return sum(
        bytes_of(op.source.type) * repeats(op)
        for op in module.walk()
        if isinstance(op, DmaStartOp)
        and "L1" in (level_of(op.source.type), level_of(op.destination.type))
    )


def most_live(module: ModuleOp) -> int:
    """The most bytes of L1 that are live at once, in whole alignments of 16."""
    (driver,) = (op for op in module.body.block.ops if isinstance(op, func.FuncOp))
    live = [
        (-(-bytes_of(value.type) // 16) * 16, lifetime)
        for value, lifetime in lifetimes_of(driver).items()
        if level_of(value.type) == "L1"
    ]
    return max(
        sum(size for size, other in live if other.start <= own.start < other.end)
        for _, own in live
    )


@pytest.mark.parametrize("near", [1500, 2500, 4000, 6000, 9000, 14000, 30000])
def test_as_predicted(near: int) -> None:
    module = chosen(near)
    expected = predicted(module)
    run(new_context(), module, LOWER, all_passes())
    assert moved(module) == expected
    assert most_live(module) <= near


def test_more_memory_never_costs_more() -> None:
    costs = [predicted(chosen(near)) for near in (1500, 3000, 6000, 12000, 24000)]
    assert all(small >= large - 16 for small, large in pairwise(costs))
    assert costs[-1] == APART
    assert costs[0] > APART


def test_what_cannot_be_cut_small_enough_is_refused() -> None:
    with pytest.raises(LevelShortage) as caught:
        chosen(64)
    shortage = caught.value.shortage
    assert shortage.available == 64
    assert predicted(chosen(shortage.asked)) > ONCE
    with pytest.raises(LevelShortage):
        chosen(shortage.asked - 16)


def test_what_is_remembered_changes_no_choice() -> None:
    machine, remembers = load_machine("scratchpad-64k"), LinalgChooseTilesPass()
    asked = [(16, "L1", 4000), (16, "L2", 70000), (16, "L3", 100000), (17, "L2", 70000)]
    for pixels, level, size in asked:
        module = formed(with_size(machine, level, size), pixels)
        other = module.clone()
        remembers.apply(new_context(), module)
        LinalgChooseTilesPass().apply(new_context(), other)
        assert str(module) == str(other)
    searches = remembers.searches.known
    assert [len(search.decisions) for search in searches] == [2, 1]


def test_kernels_that_are_alike_are_known_without_a_look() -> None:
    machine = load_machine("scratchpad")
    driver, other = (functions_of(formed(machine))[0] for _ in range(2))
    levels = levels_of_machine(machine)
    anew, known = driver_model(driver, levels), driver_model(other, levels)
    model = driver_model(driver, levels, known)
    assert [step.kernel for step in model.steps] == [step.kernel for step in anew.steps]
    assert model.steps
    assert all(step.kernel.op.parent_op() is driver for step in model.steps)
