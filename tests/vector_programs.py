"""Programs of operations on vectors, run and interpreted."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pytest
from deployopt.interpreters import run_module
from deployopt.machine import Machine
from deployopt.universe import new_context
from lowered import (
    COMPILERS,
    DTYPES,
    argument,
    artifact_of,
    calling_module,
    integers,
    kernel_call,
    outputs_of,
)
from numpy.typing import NDArray
from xdsl.parser import Parser

Array: TypeAlias = NDArray[Any]

COUNT = 96
"""Elements of each input."""


class Case(NamedTuple):
    """One operation: lines that make `%r` of the vectors `%a`, `%b` and `%c`."""

    body: str
    target: str
    """The element type of `%r`, which is a vector."""


class Group(NamedTuple):
    """Cases on vectors of the same type, which share a kernel and its inputs."""

    source: str
    """The element type of `%a`, `%b` and `%c`."""
    cases: tuple[Case, ...]
    lanes: int | None = None
    """Elements of a vector; by default as many as are 32 or 64 bytes."""

    @property
    def width(self) -> int:
        """Elements of a vector."""
        return self.lanes or (4 if self.source.endswith("64") else 8)


def vector(element: str, lanes: int) -> str:
    return f"vector<{lanes}x{element}>"


def memory(element: str) -> str:
    return f'memref<{COUNT}x{element}, "ram">'


def loops(group: Group) -> str:
    """Statements that do each of the cases to all of the inputs, one by one."""
    source, lanes = group.source, group.width
    v = vector(source, lanes)
    lines: list[str] = []
    for number, case in enumerate(group.cases):
        wide = vector(case.target, lanes)
        body = case.body.replace("VEC", v).replace("LANES", str(lanes))
        body = body.replace("WIDE", wide)
        loads = [
            f"  %{x} = vector.load %m{x}[%i] : {memory(source)}, {v}"
            for x in used([case])
        ]
        lines += [
            "scf.for %i = %c0 to %count step %lanes {",
            *loads,
            *(f"  {line.strip()}" for line in body.split(";")),
            f"  vector.store %r, %out{number}[%i] : {memory(case.target)}, {wide}",
            "}",
        ]
    return "\n    ".join(lines)


def kernel(group: Group, number: int) -> str:
    """The function of a group."""
    types = [*[group.source] * len(used(group.cases)), *(c.target for c in group.cases)]
    names = [f"%m{x}" for x in used(group.cases)]
    names += [f"%out{n}" for n in range(len(group.cases))]
    arguments = [f"{n}: {memory(t)}" for n, t in zip(names, types, strict=True)]
    head = f"@kernel_{number}({', '.join(arguments)}) attributes {{deploy.kernel}}"
    return f"""
  func.func private {head} {{
    %c0 = arith.constant 0 : index
    %count = arith.constant {COUNT} : index
    %lanes = arith.constant {group.width} : index
    %one = arith.constant 1 : index
    {loops(group)}
    func.return
  }}"""


def program(groups: Sequence[Group]) -> str:
    """A module of one kernel for each group, with an output for each of its cases."""
    shape = str(COUNT)
    inputs, outputs, calls = list[str](), list[str](), list[str]()
    for number, group in enumerate(groups):
        read = [f"g{number}{x}" for x in used(group.cases)]
        made = [f"g{number}out{n}" for n in range(len(group.cases))]
        targets = [case.target for case in group.cases]
        inputs += [argument(name, "input", shape, group.source) for name in read]
        outputs += [
            argument(name, "output", shape, target)
            for name, target in zip(made, targets, strict=True)
        ]
        types = [memory(one) for one in (*[group.source] * len(read), *targets)]
        calls.append(kernel_call(number, [*read, *made], types))
    kernels = [kernel(group, number) for number, group in enumerate(groups)]
    return calling_module("vectors", [*inputs, *outputs], calls, kernels)


def used(cases: Sequence[Case]) -> list[str]:
    """The inputs that occur."""
    return [x for x in "abc" if any(re.search(rf"%{x}\b", c.body) for c in cases)]


def floats(element: str, seed: int) -> Array:
    """Numbers that comparisons, rounding and conversions get wrong, and random ones."""
    known = [0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 126.5, 127.5, 1e9, 3e9, 1e-40, np.inf]
    halves = [2**22 + 0.5, 2**23 - 0.5, 2**31 - 129.0, 2**31 - 1.0, 2**31, 2**52 - 0.5]
    generator = np.random.default_rng(seed)
    numbers = np.array([*known, *halves, np.nan, 2.0**63, 2.0**24 + 2])
    rest = generator.normal(0, 10, COUNT - 2 * len(numbers))
    return generator.permutation([*numbers, *-numbers, *rest]).astype(DTYPES[element])


def inputs_of(source: str) -> dict[str, Array]:
    def made(seed: int) -> Array:
        is_float = source.startswith("f")
        return floats(source, seed) if is_float else integers(source, COUNT, seed)

    a, b, c = map(made, (1, 2, 3))
    b[::3] = a[::3]
    return {"a": a, "b": b, "c": c}


def agree(found: Array, expected: Array, case: Case, place: str) -> None:
    """Fails unless all bits agree; NaN is NaN, and maxima of zeros are any zero."""
    name = f"{place}: {case.body}"
    np.testing.assert_array_equal(found, expected, err_msg=name)
    chooses = any(word in case.body for word in ("max", "min"))
    if found.dtype.kind == "f" and not chooses:
        known = ~np.isnan(expected)
        signs = np.signbit(found[known]), np.signbit(expected[known])
        np.testing.assert_array_equal(*signs, err_msg=name)


def inputs_of_all(groups: Sequence[Group]) -> list[Array]:
    """The inputs of a program."""
    known = {group.source: inputs_of(group.source) for group in groups}
    return [known[group.source][x] for group in groups for x in used(group.cases)]


@functools.lru_cache(maxsize=8)
def interpreted(groups: tuple[Group, ...]) -> tuple[Array, ...]:
    """What the program gives, the same on all machines."""
    module = Parser(new_context(), program(groups)).parse_module()
    module.verify()
    return run_module(module, inputs_of_all(groups))


def assert_meaning(machine: str | Machine, *groups: Group) -> None:
    """Compares what the cases give on `machine` and in the interpreter."""
    found = outputs_of(artifact_of(program(groups), machine), inputs_of_all(groups))
    results = zip(found, interpreted(groups), strict=True)
    for group in groups:
        for number, case in enumerate(group.cases):
            agree(*next(results), case, f"{group.source} {number}")


WIDE = pytest.param("rv64gcv-vlen256", marks=[pytest.mark.spike, pytest.mark.slow])

ISAS = [
    COMPILERS[0],
    pytest.param("rv64gcv", marks=pytest.mark.spike),
    *(
        pytest.param(*known.values, marks=[*known.marks, pytest.mark.slow])
        for known in (
            *COMPILERS[1:],
            pytest.param("rv64gc", marks=pytest.mark.spike),
        )
    ),
]
"""Compilers of this computer and machines that differ in what an operation becomes."""

MACHINES = [*ISAS, WIDE]
"""Where the tests run: this computer with each compiler, and simulated ones."""

MASKS = "vector<LANESxi1>"
CHOICE = f"%r = deploy.vselect %m, %a, %b : {MASKS}, VEC"
