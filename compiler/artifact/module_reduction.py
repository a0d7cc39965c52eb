"""
The smallest part of a module that still fails the way the whole of it does.

By hierarchical delta debugging (Misherghi and Su, *HDD*, 2006): what functions give
back, then the operations of one depth after the other, as long as there is less.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.traits import SymbolTable
from xdsl.utils.exceptions import DiagnosticException

from ..dialects.deploy.marks import ROLE_ATTRIBUTE
from ..errors import DeployError, UsageError, one_line, refusal
from ..execution.tensors import Array, Tensor
from ..interpreters import run_module
from ..interpreters.builtin import shape_of
from ..interpreters.entry import argument_attributes, outside_dtype, text
from ..machine import Machine, attach, has_machine
from ..printing import module_text
from ..requests import Passes
from ..resolution import run
from .arrays import random_arrays
from .delta_debugging import kind, smallest
from .module_parts import (
    operations_at,
    returns,
    without_operations,
    without_returns,
    without_unread_arguments,
)
from .reference import DIFFERS, compare

Failure: TypeAlias = Callable[[ModuleOp], "str | None"]
"""What is wrong with a module that verifies; None where nothing is."""

Without: TypeAlias = Callable[[ModuleOp, Collection[int]], "ModuleOp | None"]
"""A copy without some things, by number; None where that cannot be."""


@dataclass(frozen=True)
class ReducedModule:
    """A part of a module."""

    module: ModuleOp
    failure: str
    """What is wrong with it."""
    operations: int
    of: int


def reduced_module(
    module: ModuleOp, failure: Failure, progress: Callable[[str], None]
) -> ReducedModule:
    """
    The smallest part that fails; `progress` is told the number of operations left.

    Raises `DeployError` when the whole does not fail.
    """
    whole, count = failure(module), operations(module)
    if whole is None:
        raise DeployError("expected a module that fails, got one that does not")
    latest = whole

    def fails(candidate: ModuleOp | None) -> bool:
        nonlocal latest
        if candidate is None or not is_valid(candidate):
            return False
        told = failure(candidate)
        if told is None or kind(told) != kind(whole):
            return False
        latest = told
        progress(f"{operations(candidate)} of {count} operations")
        return True

    left = module
    while True:
        before, left = left, shrunk(left, fails)
        if operations(left) == operations(before):
            break
    return ReducedModule(left, latest, operations(left), count)


def operations(module: ModuleOp) -> int:
    """How many operations a module has, its own left out."""
    return sum(1 for _ in module.walk()) - 1


def is_valid(module: ModuleOp) -> bool:
    """Whether a module verifies."""
    try:
        module.verify()
    except DiagnosticException:
        return False
    return True


def shrunk(module: ModuleOp, fails: Callable[[ModuleOp | None], bool]) -> ModuleOp:
    """`module` without what is not needed at each depth, from the outside in."""
    module = fewest(module, len(returns(module)), without_returns, fails)
    depth = 1
    while found := operations_at(module, depth):
        less = partial(without_at, depth)
        module = fewest(module, len(found), less, fails)
        depth += 1
    plain = without_unread_arguments(module)
    return plain if fails(plain) else module


def without_at(
    depth: int, module: ModuleOp, dropped: Collection[int]
) -> ModuleOp | None:
    """`without_operations`, at one depth."""
    return without_operations(module, depth, dropped)


def fewest(
    module: ModuleOp,
    count: int,
    without: Without,
    fails: Callable[[ModuleOp | None], bool],
) -> ModuleOp:
    """`module` with as few of `count` things as it still fails with."""

    def less(kept: Sequence[int]) -> ModuleOp | None:
        return without(module, set(range(count)).difference(kept))

    if not count:
        return module
    kept = [] if fails(less(())) else smallest(range(count), lambda k: fails(less(k)))
    found = less(kept)
    assert found is not None, "it has failed before"
    return found


# What is wrong with a module.


@dataclass(frozen=True)
class FailingPasses:
    """Passes that refuse a module, break it, or change what `@run` means."""

    ctx: Context
    passes: Passes
    text: str
    """As behind `-p`."""
    machine: Machine | None
    """For a module that has none."""
    seed: int = 0
    """Of the inputs on which `@run` is interpreted."""

    def __call__(self, module: ModuleOp) -> str | None:
        """What is wrong; raises `UsageError` for passes that are not known."""
        before = module.clone()
        if self.machine is not None and not has_machine(before):
            attach(before, self.machine)
        after = before.clone()
        try:
            run(self.ctx, after, self.text, self.passes)
        except UsageError:
            raise
        except Exception as error:  # whatever a pass with a bug does
            return told(error)
        return self.difference(before, after)

    def difference(self, before: ModuleOp, after: ModuleOp) -> str | None:
        """Whether the module means something else now, as far as that can be known."""
        try:
            inputs = random_arrays(inputs_of(before), self.seed)
            expected = run_module(before, inputs)
        except Exception:  # nobody knows what would be right
            return None
        try:
            values = run_module(after, inputs)
        except Exception as error:
            return f"cannot be interpreted: {told(error)}"
        return DIFFERS if differ(values, expected) else None


def differ(values: Sequence[Array], expected: Sequence[Array]) -> bool:
    """Whether results are not what they should be; bytes may be rounded otherwise."""
    if len(values) != len(expected):
        return True
    pairs = zip(values, expected, strict=True)
    found = (compare("", v, e, quantized=e.dtype.itemsize == 1) for v, e in pairs)
    return not all(one.is_right for one in found)


def inputs_of(module: ModuleOp) -> list[Tensor]:
    """What the caller of `@run` supplies, besides memory; nothing without it."""
    entry = SymbolTable.lookup_symbol(module, "run")
    if not isinstance(entry, FuncOp):
        return []
    both = zip(entry.function_type.inputs.data, argument_attributes(entry), strict=True)
    return [
        Tensor("", outside_dtype(type_, attributes), shape_of(type_))
        for type_, attributes in both
        if text(attributes, ROLE_ATTRIBUTE) in (None, "input")
    ]


def told(error: Exception) -> str:
    """What an error says, in one line."""
    if isinstance(error, DeployError):
        return str(error)
    if isinstance(error, DiagnosticException):
        return str(refusal(error))
    return one_line(f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class FailingCommand:
    """
    A command that ends with another exit status than 0 for a file with the module.

    As mlir-reduce understands its `test`.
    """

    ctx: Context
    words: tuple[str, ...]

    def __call__(self, module: ModuleOp) -> str | None:
        """What is wrong; raises `OSError` where there is no such command."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "module.mlir")
            file.write_text(module_text(self.ctx, module), encoding="utf-8")
            done = subprocess.run([*self.words, str(file)], capture_output=True)
        status = done.returncode
        return f"{self.words[0]} ends with status {status}" if status else None
