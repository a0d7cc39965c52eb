"""Modules written by hand as they are after `lower`, compiled and run by the tests."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.artifact import Artifact
from deployopt.artifact.folder import folder_contents
from deployopt.artifact.reference import compare, reference
from deployopt.execution.toolchain import COMPILER_VARIABLE
from deployopt.machine import Machine, attach, load_machine
from deployopt.resolution import run
from deployopt.universe import all_passes, new_context
from numpy.typing import NDArray
from onnx import ModelProto
from xdsl.parser import Parser

Array: TypeAlias = NDArray[Any]

STRICT = "-Wall -Wextra -Werror -Wpedantic"
SANITIZED = "-O0 -fsanitize=address,undefined -fno-sanitize-recover=all"
"""Optimised, there is less undefined behaviour to find, in four times the time."""


def sanitizes(compiler: str) -> bool:
    """Whether a compiler is there, and what it links for sanitizers."""
    if not shutil.which(compiler):
        return False
    command = [compiler, *SANITIZED.split(), "-x", "c", "-", "-o", os.devnull]
    program = "int main(void) { return 0; }"
    return not subprocess.run(
        command, input=program, text=True, stderr=subprocess.DEVNULL
    ).returncode


COMPILERS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            not sanitizes(name), reason=f"no {name} with sanitizers"
        ),
    )
    for name in ("gcc", "clang")
]

DTYPES = {
    "i1": "bool",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
    "i64": "int64",
    "f32": "float32",
    "f64": "float64",
}
"""Element type of the IR -> numpy's name."""


def artifact_of(text: str, machine: str | Machine = "host") -> Artifact:
    """The artifact of a module after `lower`, written by hand."""
    return _artifact(
        text, load_machine(machine) if isinstance(machine, str) else machine
    )


@functools.lru_cache(maxsize=8)
def _artifact(text: str, target: Machine) -> Artifact:
    """As `artifact_of`; two compilers on one machine get the same one, one by one."""
    ctx = new_context()
    module = Parser(ctx, text, "lowered.mlir").parse_module()
    module.verify()
    attach(module, target)
    run(ctx, module, "vectorize", all_passes())
    return Artifact(*folder_contents(ctx, module, target))


def outputs_of(artifact: Artifact, inputs: Sequence[Array]) -> list[Array]:
    """
    What the program computes on its default runner.

    Where it is to be sanitized, it must compute the same when it is optimised instead.
    """
    found = _outputs(artifact, inputs)
    command = os.environ.get(COMPILER_VARIABLE, "")
    if SANITIZED in command:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(COMPILER_VARIABLE, command.replace(SANITIZED, ""))
            optimized = _outputs(artifact, inputs)
        for one, other in zip(found, optimized, strict=True):
            np.testing.assert_array_equal(one, other)
    return found


def assert_right(artifact: Artifact, proto: ModelProto) -> None:
    """The program computes what onnxruntime does, and that is not all the same."""
    with artifact.session() as session:
        (x,) = random_arrays(session.inputs, 0)
    (expected,) = reference(proto, [{"x": x}])
    for number, result in enumerate(outputs_of(artifact, [x])):
        want, is_quantized = expected[number], expected[number].dtype == np.int8
        comparison = compare(f"y{number}", result, want, quantized=is_quantized)
        assert comparison.is_right, comparison
        assert want.min() < want.max()


def _outputs(artifact: Artifact, inputs: Sequence[Array]) -> list[Array]:
    """What the program computes, built as the environment says."""
    with artifact.session() as session:
        for number, array in enumerate(inputs):
            session.set_input(number, array)
        session.run()
        return [session.get_output(n) for n in range(len(session.outputs))]


def sanitized(monkeypatch: pytest.MonkeyPatch, compiler: str) -> None:
    """From now on programs are built strictly and stop at undefined behaviour."""
    monkeypatch.setenv(COMPILER_VARIABLE, f"{compiler} {STRICT} {SANITIZED}")


def argument(name: str, role: str, shape: str, element: str) -> str:
    """An input or output of the entry function; `shape` is like `4x8`."""
    dtype = DTYPES[element]
    values = {"role": role, "name": name, "dtype": dtype}
    attributes = ", ".join(f'"deploy.{k}" = "{v}"' for k, v in values.items())
    return f'%{name}: memref<{shape}x{element}, "ram"> {{{attributes}}}'


def kernel_call(number: int, names: Sequence[str], types: Sequence[str]) -> str:
    """A call of a kernel, as a node of its own."""
    values = ", ".join(f"%{name}" for name in names)
    call = f"func.call @kernel_{number}({values}) : ({', '.join(types)}) -> ()"
    return f'{call} loc("node{number}")'


def calling_module(
    name: str, arguments: Sequence[str], calls: Sequence[str], kernels: Sequence[str]
) -> str:
    """A program that calls kernels one after the other."""
    statements = "\n    ".join(calls)
    return f"""
builtin.module @{name} {{
  func.func @run({", ".join(arguments)}) {{
    {statements}
    func.return
  }}{"".join(kernels)}
}}
"""


def integers(element: str, count: int = 64, seed: int = 0) -> Array:
    """Numbers of an integer type: its ends, those around zero, then random ones."""
    dtype = np.dtype(DTYPES[element])
    if element == "i1":
        return np.arange(count) % 2 == 1
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    known = [low, low + 1, -2, -1, 0, 1, 2, 3, high - 1, high]
    generator = np.random.default_rng(seed)
    rest = generator.integers(low, high, count - len(known), dtype, endpoint=True)
    return generator.permutation(np.concatenate([np.array(known, dtype), rest]))
