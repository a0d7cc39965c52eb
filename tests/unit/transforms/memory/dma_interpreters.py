"""Transfers as hardware may do them: as late as can be, or as early as can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from deployopt.dialects.deploy import DmaStartOp, DmaWaitOp
from deployopt.interpreters import register
from deployopt.interpreters.builtin import Array
from deployopt.interpreters.entry import arguments, results
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.traits import SymbolTable

LEVELS = ("L1", "L2", "L3")
"""From the core outwards."""


def spoil(array: Array) -> None:
    """Contents that no program makes by chance."""
    array[...] = np.frombuffer(b"\x77" * array.itemsize, array.dtype)[0]


@register_impls
class Deferred(InterpreterFunctions):
    """Nothing is there before the wait, and what is there then is copied."""

    @impl(DmaStartOp)
    def run_start(
        self, interpreter: Interpreter, op: DmaStartOp, args: PythonValues
    ) -> PythonValues:
        spoil(args[1])
        return (args,)

    @impl(DmaWaitOp)
    def run_wait(
        self, interpreter: Interpreter, op: DmaWaitOp, args: PythonValues
    ) -> PythonValues:
        source, destination = args[0]
        destination[...] = source
        return ()


@register_impls
class Eager(InterpreterFunctions):
    """Everything is copied at once; what has gone out is lost at the wait."""

    @impl(DmaStartOp)
    def run_start(
        self, interpreter: Interpreter, op: DmaStartOp, args: PythonValues
    ) -> PythonValues:
        source, destination = args
        destination[...] = source
        near, far = map(LEVELS.index, op.levels)
        return (source if near < far else None,)

    @impl(DmaWaitOp)
    def run_wait(
        self, interpreter: Interpreter, op: DmaWaitOp, args: PythonValues
    ) -> PythonValues:
        if args[0] is not None:
            spoil(args[0])
        return ()


KINDS: tuple[type[InterpreterFunctions], ...] = (Deferred, Eager)


def run_with(
    kind: type[InterpreterFunctions], module: ModuleOp, inputs: Sequence[Array]
) -> tuple[Array, ...]:
    """What `@run` gives when transfers are of that kind."""
    entry = SymbolTable.lookup_symbol(module, "run")
    assert isinstance(entry, FuncOp)
    interpreter = Interpreter(module)
    register(interpreter)
    interpreter.register_implementations(kind(), override=True)
    values = arguments(module, entry, inputs)
    with np.errstate(all="ignore"):
        returned = interpreter.call_op(entry, tuple(values))
    return results(entry, values, returned)
