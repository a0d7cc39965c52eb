"""Structured operations in C mean the same however their loops are cut."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from deployopt.interpreters import run_module
from deployopt.universe import new_context
from hypothesis import HealthCheck, Phase, given, settings
from lowered import Array, artifact_of, outputs_of
from transforms.vector.kernel_programs import program
from transforms.vector.random_kernels import kernels
from transforms.vector.structured_kernels import Kernel
from xdsl.parser import Parser


def drawn(count: int) -> list[Kernel]:
    """So many kernels, the same ones each time; blocks are written on every second."""
    found: list[Kernel] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(kernel=kernels())
    def draw(kernel: Kernel) -> None:
        found.append(replace(kernel, is_chosen=len(found) % 2 == 0))

    draw()
    return found


class Known(NamedTuple):
    """A program of some kernels, inputs for it, and what the interpreter gives."""

    kernels: list[Kernel]
    text: str
    inputs: list[Array]
    expected: tuple[Array, ...]


@functools.cache
def known(count: int) -> Known:
    """So many kernels, the same on all machines."""
    some = drawn(count)
    text = program(some)
    inputs = [array for n, kernel in enumerate(some) for array in kernel.values(n)]
    module = Parser(new_context(), text).parse_module()
    return Known(some, text, inputs, run_module(module, inputs))


def check(count: int, machine: str) -> None:
    some, text, inputs, expected = known(count)
    got = outputs_of(artifact_of(text, machine), inputs)
    for number, (have, want) in enumerate(zip(got, expected, strict=True)):
        np.testing.assert_array_equal(have, want, err_msg=some[number].text(number))


def test_random_blocks(vector_machine: str):
    check(16, vector_machine)


@pytest.mark.slow
def test_many_random_blocks(vector_machine: str):
    check(24, vector_machine)
