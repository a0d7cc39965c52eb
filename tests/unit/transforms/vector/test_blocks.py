"""Structured operations mean the same, to the bit, however their loops are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.pipeline import PHASES
from deployopt.universe import all_passes, new_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transforms.vector.kernel_programs import program
from transforms.vector.random_kernels import kernels
from transforms.vector.structured_kernels import Kernel
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

SETTINGS = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
PASSES = next(phase.passes for phase in PHASES if phase.name == "vectorize")
MACHINES = ("rv64gc", "rv64gcv", "host")


def parsed(kernel: Kernel, machine: str) -> ModuleOp:
    module = Parser(new_context(), program([kernel])).parse_module()
    module.verify()
    attach(module, load_machine(machine))
    return module


def apply(module: ModuleOp) -> None:
    for name in PASSES:
        all_passes()[name]()().apply(new_context(), module)
        module.verify()


def same(got: Sequence[npt.NDArray[Any]], want: Sequence[npt.NDArray[Any]]) -> None:
    for have, expected in zip(got, want, strict=True):
        np.testing.assert_array_equal(have, expected, strict=True)


def check(kernel: Kernel, machine: str) -> None:
    module = parsed(kernel, machine)
    values = kernel.values(seed=len(kernel.blocks))
    expected = run_module(module, values)
    apply(module)
    same(run_module(module, values), expected)


@settings(SETTINGS, max_examples=60)
@given(kernel=kernels())
def test_blocks_by_hand(kernel: Kernel):
    check(kernel, "rv64gc")


@pytest.mark.parametrize("machine", MACHINES)
@settings(SETTINGS, max_examples=30)
@given(kernel=kernels())
def test_chosen_blocks(machine: str, kernel: Kernel):
    check(replace(kernel, is_chosen=True), machine)


@pytest.mark.slow
@settings(SETTINGS, max_examples=60)
@given(kernel=kernels(), machine=st.sampled_from(MACHINES), is_chosen=st.booleans())
def test_many_blocks(kernel: Kernel, machine: str, is_chosen: bool):
    check(replace(kernel, is_chosen=is_chosen), machine)
