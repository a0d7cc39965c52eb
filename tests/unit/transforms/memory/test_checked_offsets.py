"""What is refused is known without offsets, for levels of any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from deployopt.errors import DeployError
from deployopt.machine import attach, load_machine
from deployopt.printing import module_text
from deployopt.transforms.memory.assign_offsets import MemoryAssignOffsetsPass
from deployopt.universe import new_context
from transforms.memory.random_drivers import random_driver
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.utils.exceptions import DiagnosticException

SIZES = (1 << 16, 512, 256, 192, 160, 128, 112, 96, 80)
CALLER = (1 << 20, 4096, 3072, 2560)
"""Of L1, and of L3, which has the inputs and outputs."""


def drawn_from(seed: int) -> Callable[[int, int], int]:
    random = np.random.default_rng(seed)
    return lambda low, high: int(random.integers(low, high + 1))


def refused(act: Callable[[ModuleOp], None], module: ModuleOp) -> str | None:
    try:
        act(module)
    except (DiagnosticException, DeployError) as error:
        return str(error)
    return None


def apply(module: ModuleOp) -> None:
    MemoryAssignOffsetsPass(planner="greedy").apply(new_context(), module)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_refused_is_what_has_no_offsets(seed: int):
    module = Parser(new_context(), random_driver(drawn_from(seed))).parse_module()
    offsets = MemoryAssignOffsetsPass(planner="greedy")
    seen: set[bool] = set()
    for size in SIZES:
        for caller in CALLER:
            sizes = {"L1.size": str(size), "L3.size": str(caller)}
            attach(module, load_machine("scratchpad", sizes))
            before = module_text(new_context(), module)
            answer = refused(offsets.check, module)
            assert module_text(new_context(), module) == before
            assert answer == refused(apply, module.clone())
            seen.add(answer is None)
    assert seen == {True, False}
