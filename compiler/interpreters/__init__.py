"""
What each operation means, in numpy: the reference that every pass is compared with.

xDSL's interpreters work on Python scalars, one loop iteration at a time; these work on
arrays, so that whole models run. The two sets are never registered together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter, InterpreterFunctions
from xdsl.traits import SymbolTable
from xdsl.utils.exceptions import InterpretationError

from . import arith, deploy, func, linalg, math, memref, nn, scf, tensor, vector
from .builtin import Array
from .entry import arguments, results

FUNCTIONS: tuple[type[InterpreterFunctions], ...] = (
    arith.ArithFunctions,
    arith.ArithBinaryFunctions,
    arith.ArithCastFunctions,
    math.MathFunctions,
    linalg.LinalgFunctions,
    tensor.TensorFunctions,
    memref.MemRefFunctions,
    scf.ScfFunctions,
    func.FuncFunctions,
    deploy.DeployFunctions,
    deploy.LaneFunctions,
    deploy.WordFunctions,
    vector.VectorFunctions,
    *nn.FUNCTIONS,
)
"""One class per dialect, more where their operations are of different kinds."""


def register(interpreter: Interpreter) -> None:
    """Gives `interpreter` the meaning of every operation of this project."""
    for functions in FUNCTIONS:
        interpreter.register_implementations(functions())


def run_module(
    module: ModuleOp, inputs: Sequence[Array], *, deferred: bool = False
) -> tuple[Array, ...]:
    """
    The results of `@run`, at any stage of the compiler from import to vectorize.

    `inputs` are in graph order, in the element types that `deploy.dtype` names; so are
    the results. Transfers are done when they start, or at their wait if `deferred`.
    Raises ValueError when an input has another shape or type.
    """
    entry = SymbolTable.lookup_symbol(module, "run")
    if not isinstance(entry, FuncOp):
        raise InterpretationError("module must have a function @run")
    interpreter = Interpreter(module)
    register(interpreter)
    interpreter.register_implementations(nn.plugin_functions(module)())
    if deferred:
        transfers = deploy.DeferredTransfers()
        interpreter.register_implementations(transfers, override=True)
    values = arguments(module, entry, inputs)
    with np.errstate(all="ignore"):
        returned = interpreter.call_op(entry, tuple(values))
    return results(entry, values, returned)
