"""Pipelined transfers keep the meaning, whenever the hardware really copies."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from deployopt.analysis.lifetimes import operations_of
from deployopt.dialects.deploy import DmaStartOp, DmaWaitOp, KernelOp
from deployopt.interpreters import run_module
from deployopt.interpreters.builtin import Array
from deployopt.machine import attach, load_machine
from deployopt.printing import module_text
from deployopt.transforms.memory.assign_offsets import MemoryAssignOffsetsPass
from deployopt.transforms.memory.materialize_arenas import MemoryMaterializeArenasPass
from deployopt.transforms.memory.pipeline_transfers import MemoryPipelineTransfersPass
from deployopt.universe import new_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transforms.memory.dma_interpreters import KINDS, run_with
from transforms.memory.random_drivers import ROWS, Driver, Value, random_driver
from xdsl.dialects import arith
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import DiagnosticException

SIZES = (1 << 17, 512, 320, 256, 192, 128, 96)
"""Of L1: room for everything, for some halves, for none, and too little."""


def module_of(text: str, size: int = SIZES[0]) -> ModuleOp:
    module = Parser(new_context(), text).parse_module()
    attach(module, load_machine("scratchpad", {"L1.size": str(size)}))
    module.verify()
    return module


def pipelined(text: str, size: int = SIZES[0], ahead: int = 1) -> ModuleOp:
    module = module_of(text, size)
    MemoryPipelineTransfersPass(ahead).apply(new_context(), module)
    module.verify()
    return module


def steps_of(module: ModuleOp) -> list[Operation]:
    (driver,) = (op for op in module.ops if isinstance(op, FuncOp))
    kinds = DmaStartOp | DmaWaitOp | KernelOp
    return [op for op in operations_of(driver) if isinstance(op, kinds)]


def inputs_for(text: str) -> list[Array]:
    random = np.random.default_rng(1)
    count = text.count('deploy.role = "input"')
    return [random.integers(-99, 99, (ROWS, 2), np.int32) for _ in range(count)]


def differences(
    module: ModuleOp, inputs: list[Array], expected: tuple[Array, ...]
) -> list[str]:
    """The kinds of hardware on which a module gives something else."""
    found = [] if same(run_module(module, inputs), expected) else ["synchronous"]
    for kind in KINDS:
        if not same(run_with(kind, module, inputs), expected):
            found.append(kind.__name__)
    return found


def same(got: tuple[Array, ...], expected: tuple[Array, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))


def place(module: ModuleOp) -> None:
    MemoryAssignOffsetsPass().apply(new_context(), module)
    MemoryMaterializeArenasPass().apply(new_context(), module)
    module.verify()


def has_places(text: str, size: int) -> bool:
    module = module_of(text, size)
    try:
        place(module)
    except DiagnosticException:
        return False
    return True


def check(text: str, size: int, ahead: int) -> None:
    """The same results before offsets and with them, which there still are."""
    inputs = inputs_for(text)
    expected = run_module(module_of(text), inputs)
    assert differences(module_of(text), inputs, expected) == []
    module = pipelined(text, size, ahead)
    assert differences(module, inputs, expected) == []
    printed = module_text(new_context(), module)
    again = Parser(new_context(), printed).parse_module()
    again.verify()
    assert module_text(new_context(), again) == printed
    if has_places(text, size):
        place(module)
        assert differences(module, inputs, expected) == []


def drawn_from(seed: int) -> Callable[[int, int], int]:
    random = np.random.default_rng(seed)
    return lambda low, high: int(random.integers(low, high + 1))


@pytest.mark.parametrize("seed", range(8))
def test_random_drivers_keep_their_meaning(seed: int):
    draw = drawn_from(seed)
    check(random_driver(draw), SIZES[draw(0, len(SIZES) - 1)], draw(1, 2))


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=6,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
    database=None,
)
@given(st.data(), st.sampled_from(SIZES), st.integers(1, 3))
def test_any_driver_keeps_its_meaning(data: st.DataObject, size: int, ahead: int):
    text = random_driver(lambda low, high: data.draw(st.integers(low, high)))
    check(text, size, ahead)


def tiled_driver(rounds: int = 6) -> str:
    """Rows two by two from L2 to L1, through a kernel, and back."""
    driver = Driver(lambda low, high: high)
    source, target = Value("%x0", ROWS, "L2"), Value("%y0", ROWS, "L2")
    near, result = driver.buffer(2, "L1"), driver.buffer(2, "L1")

    def body(index: str) -> None:
        driver.transfer(driver.part(source, index, 2), near)
        driver.kernel([near], result)
        driver.transfer(result, driver.part(target, index, 2))

    driver.loop(0, 2 * rounds, 2, body)
    driver.arrays += [source, target]
    return driver.text()


def line_driver() -> str:
    """Two rows in and out, then two others, all in a straight line."""
    driver = Driver(lambda low, high: high)
    source, target = Value("%x0", ROWS, "L2"), Value("%y0", ROWS, "L2")
    nears = [driver.buffer(2, "L1") for _ in range(3)]
    results = [driver.buffer(2, "L1") for _ in range(3)]
    for number, (near, result) in enumerate(zip(nears, results, strict=True)):
        driver.transfer(driver.fixed_part(source, 2 * number, 2), near)
        driver.kernel([near], result)
        driver.transfer(result, driver.fixed_part(target, 2 * number, 2))
    driver.arrays += [source, target]
    return driver.text()


@pytest.mark.parametrize("rounds", range(1, 7))
def test_every_number_of_rounds(rounds: int):
    check(tiled_driver(rounds), SIZES[0], 1)


@pytest.mark.parametrize("text", [tiled_driver(), line_driver()], ids=["loop", "line"])
def test_only_the_first_and_the_last_transfer_run_alone(text: str):
    steps = steps_of(pipelined(text))
    alone = [
        number
        for number, (start, wait) in enumerate(pairwise(steps))
        if isinstance(start, DmaStartOp)
        and isinstance(wait, DmaWaitOp)
        and wait.token is start.token
    ]
    assert alone == [0, len(steps) - 2]


def expected_of(text: str) -> tuple[list[Array], tuple[Array, ...]]:
    inputs = inputs_for(text)
    return inputs, run_module(module_of(text), inputs)


@pytest.mark.parametrize("text", [tiled_driver(), line_driver()], ids=["loop", "line"])
def test_planted_a_wait_that_comes_too_late_is_seen(text: str):
    inputs, expected = expected_of(text)
    module = pipelined(text)
    assert differences(module, inputs, expected) == []
    waits = [op for op in steps_of(module) if isinstance(op, DmaWaitOp)]
    wait, kernel = next(
        (w, kernel) for w in waits if (kernel := kernel_behind(w)) is not None
    )
    wait.detach()
    Rewriter().insert_op(wait, InsertPoint.after(kernel))
    module.verify()
    assert differences(module, inputs, expected) == ["Deferred"]


def kernel_behind(op: Operation) -> Operation | None:
    """The next kernel in the same block."""
    behind = op.next_op
    while behind is not None and not isinstance(behind, KernelOp):
        behind = behind.next_op
    return behind


def test_planted_a_missing_wait_is_refused():
    module = pipelined(tiled_driver())
    wait = next(op for op in steps_of(module) if isinstance(op, DmaWaitOp))
    wait.detach()
    wait.erase()
    with pytest.raises(DiagnosticException, match="token must be used once"):
        module.verify()


def test_planted_a_buffer_reused_before_its_transfer_is_done_is_seen():
    text = line_driver()
    inputs, expected = expected_of(text)
    module = pipelined(text)
    assert differences(module, inputs, expected) == []
    kernels = [op for op in steps_of(module) if isinstance(op, KernelOp)]
    first, second, _ = (kernel.outputs[0] for kernel in kernels)
    second.replace_all_uses_with(first)
    assert differences(module, inputs, expected) == ["Deferred", "Eager"]


def test_planted_a_half_that_is_still_in_use_is_seen():
    text = tiled_driver()
    inputs, expected = expected_of(text)
    module = pipelined(text)
    assert differences(module, inputs, expected) == []
    other = next(op for op in module.walk() if isinstance(op, arith.SubiOp))
    assert isinstance(other.rhs.owner, arith.RemUIOp)
    other.result.replace_all_uses_with(other.rhs)
    assert differences(module, inputs, expected) != []
