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
from lowered import COMPILERS, DTYPES, argument, artifact_of, integers, outputs_of
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


def vector(element: str, lanes: int) -> str:
    return f"vector<{lanes}x{element}>"


def loops(cases: Sequence[Case], source: str, lanes: int) -> str:
    """Statements that do each of `cases` to all of the inputs, one after the other."""
    v, memory = vector(source, lanes), f'memref<{COUNT}x{source}, "ram">'
    lines: list[str] = []
    for number, case in enumerate(cases):
        target = f'memref<{COUNT}x{case.target}, "ram">'
        body = case.body.replace("VEC", v).replace("LANES", str(lanes))
        body = body.replace("WIDE", vector(case.target, lanes))
        lines += [
            "scf.for %i = %c0 to %count step %lanes {",
            *(f"  %{x} = vector.load %m{x}[%i] : {memory}, {v}" for x in used([case])),
            *(f"  {line.strip()}" for line in body.split(";")),
            f"  vector.store %r, %out{number}[%i] : {target}, "
            + vector(case.target, lanes),
            "}",
        ]
    return "\n    ".join(lines)


def program(cases: Sequence[Case], source: str, lanes: int) -> str:
    """A module of one kernel with an output for each of `cases`."""
    shape = str(COUNT)
    names, targets = used(cases), [case.target for case in cases]
    inputs = [argument(f"m{x}", "input", shape, source) for x in names]
    outputs = [
        argument(f"out{n}", "output", shape, case.target)
        for n, case in enumerate(cases)
    ]
    types = [f'memref<{COUNT}x{t}, "ram">' for t in (*[source] * len(names), *targets)]
    names = [f"%m{x}" for x in names] + [f"%out{n}" for n in range(len(cases))]
    kernel = ", ".join(f"{n}: {t}" for n, t in zip(names, types, strict=True))
    return f"""
builtin.module @vectors {{
  func.func @run({", ".join([*inputs, *outputs])}) {{
    func.call @kernel_0({", ".join(names)}) : ({", ".join(types)}) -> () loc("node")
    func.return
  }}
  func.func private @kernel_0({kernel}) attributes {{deploy.kernel}} {{
    %c0 = arith.constant 0 : index
    %count = arith.constant {COUNT} : index
    %lanes = arith.constant {lanes} : index
    %one = arith.constant 1 : index
    {loops(cases, source, lanes)}
    func.return
  }}
}}
"""


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


def agree(found: Array, expected: Array, case: Case, number: int) -> None:
    """Fails unless all bits agree; NaN is NaN, and maxima of zeros are any zero."""
    name = f"{number}: {case.body}"
    np.testing.assert_array_equal(found, expected, err_msg=name)
    chooses = any(word in case.body for word in ("max", "min"))
    if found.dtype.kind == "f" and not chooses:
        known = ~np.isnan(expected)
        signs = np.signbit(found[known]), np.signbit(expected[known])
        np.testing.assert_array_equal(*signs, err_msg=name)


@functools.lru_cache(maxsize=8)
def interpreted(text: str, source: str, names: str) -> tuple[Array, ...]:
    """What the program gives on the inputs of these names: the same on all machines."""
    module = Parser(new_context(), text).parse_module()
    module.verify()
    arrays = inputs_of(source)
    return run_module(module, [arrays[name] for name in names])


def assert_meaning(
    cases: Sequence[Case],
    source: str,
    machine: str | Machine,
    lanes: int | None = None,
) -> None:
    """Compares what `cases` give on `machine` and in the interpreter."""
    width = lanes or (4 if source.endswith("64") else 8)
    text = program(cases, source, width)
    arrays = inputs_of(source)
    inputs = [arrays[name] for name in used(cases)]
    expected = interpreted(text, source, "".join(used(cases)))
    found = outputs_of(artifact_of(text, machine), inputs)
    for number, case in enumerate(cases):
        agree(found[number], expected[number], case, number)


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
