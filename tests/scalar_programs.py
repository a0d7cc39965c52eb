"""Programs of operations on scalars, and what they must compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from lowered import (
    DTYPES,
    Array,
    argument,
    artifact_of,
    calling_module,
    kernel_call,
    outputs_of,
)

Meaning: TypeAlias = Callable[[Any, Any], Any]
"""Two arrays to what an operation makes of them."""


class Elementwise(NamedTuple):
    """A kernel that computes as many elements as each of its inputs has."""

    body: str
    """Lines that make `%r` of elements `%a`, `%b`, …."""
    target: str
    """The type of `%r`."""
    inputs: tuple[Array, ...]

    @property
    def types(self) -> list[str]:
        """The element types of inputs and output."""
        by_dtype = {dtype: element for element, dtype in DTYPES.items()}
        return [*(by_dtype[array.dtype.name] for array in self.inputs), self.target]

    @property
    def memories(self) -> list[str]:
        """The types of inputs and output."""
        count = len(self.inputs[0])
        return [f'memref<{count}x{element}, "ram">' for element in self.types]

    @property
    def names(self) -> list[str]:
        """What inputs and output are called."""
        return [*"abc"[: len(self.inputs)], "out"]


def computed(*kernels: Elementwise) -> list[Array]:
    """What kernels of one program compute, as `outputs_of` has it."""
    artifact = artifact_of(elementwise_module(kernels))
    return outputs_of(artifact, [array for one in kernels for array in one.inputs])


def elementwise_module(kernels: Sequence[Elementwise]) -> str:
    """A program that calls kernels one after the other."""
    inputs, outputs, calls = list[str](), list[str](), list[str]()
    for number, one in enumerate(kernels):
        *names, result = [f"k{number}{x}" for x in one.names]
        shape = str(len(one.inputs[0]))
        inputs += [
            argument(name, "input", shape, element)
            for name, element in zip(names, one.types, strict=False)
        ]
        outputs.append(argument(result, "output", shape, one.target))
        calls.append(kernel_call(number, [*names, result], one.memories))
    functions = [elementwise_kernel(number, one) for number, one in enumerate(kernels)]
    return calling_module("scalar", [*inputs, *outputs], calls, functions)


def elementwise_kernel(number: int, kernel: Elementwise) -> str:
    """The function of one kernel, a loop that nobody makes vectors of."""
    names, memories = kernel.names, kernel.memories
    parameters = ", ".join(
        f"%m{name}: {memory}" for name, memory in zip(names, memories, strict=True)
    )
    loads = "\n      ".join(
        f"%{name} = memref.load %m{name}[%i] : {memory}"
        for name, memory in zip(names[:-1], memories, strict=False)
    )
    return f"""
  func.func private @kernel_{number}({parameters}) attributes {{deploy.kernel}} {{
    %first = arith.constant 0 : index
    %count = arith.constant {len(kernel.inputs[0])} : index
    %step = arith.constant 1 : index
    scf.for %i = %first to %count step %step {{
      {loads}
      {kernel.body}
      memref.store %r, %m{names[-1]}[%i] : {memories[-1]}
    }}
    func.return
  }}"""


class Claim(NamedTuple):
    """What a kernel must compute: parts of equal size, one behind the other."""

    kernel: Elementwise
    parts: dict[str, Array]
    """What a part is of -> its elements."""


def assert_claims(*claims: Claim) -> None:
    """Compares what the kernels of one program compute with what they must."""
    results = computed(*(claim.kernel for claim in claims))
    for claim, result in zip(claims, results, strict=True):
        types, found = claim.kernel.types, np.split(result, len(claim.parts))
        for (name, wanted), part in zip(claim.parts.items(), found, strict=True):
            np.testing.assert_array_equal(part, wanted, err_msg=f"{name}: {types}")


def selected(forms: Sequence[str], element: str) -> str:
    """One body that computes all of `forms` and chooses one by the number `%c`."""
    zero = "0.0" if element.startswith("f") else "0"
    lines, chosen = [f"%start = arith.constant {zero} : {element}"], "%start"
    for number, form in enumerate(forms):
        name = "%r" if number == len(forms) - 1 else f"%s{number}"
        lines += [
            f"%v{number} = {form}",
            f"%n{number} = arith.constant {number} : i32",
            f"%is{number} = arith.cmpi eq, %c, %n{number} : i32",
            f"{name} = arith.select %is{number}, %v{number}, {chosen} : {element}",
        ]
        chosen = name
    return "\n      ".join(lines)


def claim_of(
    forms: dict[str, Meaning], a: Array, b: Array, target: str | None = None
) -> Claim:
    """
    That operations, as they are written, mean what they should on two arrays.

    `target` is the element type of what they make, if that is another one.
    """
    (source,) = [element for element, name in DTYPES.items() if name == a.dtype.name]
    target = target or source
    body = selected([f"{form} : {source}" for form in forms], target)
    with np.errstate(all="ignore"):
        parts = {
            form: np.asarray(meaning(a, b)).astype(DTYPES[target])
            for form, meaning in forms.items()
        }
    times = len(forms)
    numbers = np.repeat(np.arange(times, dtype=np.int32), len(a))
    inputs = (np.tile(a, times), np.tile(b, times), numbers)
    return Claim(Elementwise(body, target, inputs), parts)


def written(ops: dict[str, Meaning], form: str) -> dict[str, Meaning]:
    """The meanings of operations, each written as `form` says."""
    return {form.format(name=name): meaning for name, meaning in ops.items()}
