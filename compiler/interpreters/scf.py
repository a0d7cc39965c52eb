"""Structured control flow."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import scf
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl,
    impl_terminator,
    register_impls,
)

from .builtin import dtype_of


@register_impls
class ScfFunctions(InterpreterFunctions):
    """Loops and branches whose bounds and conditions are scalars."""

    @impl(scf.ForOp)
    def run_for(
        self, interpreter: Interpreter, op: scf.ForOp, args: PythonValues
    ) -> PythonValues:
        """The body once per index, the carried values handed on."""
        low, high, step, *carried = args
        index_type = dtype_of(op.lb.type)
        for i in range(int(low), int(high), int(step)):
            values = (np.array(i, index_type), *carried)
            carried = interpreter.run_ssacfg_region(op.body, values, op.name)
        return tuple(carried)

    @impl(scf.IfOp)
    def run_if(
        self, interpreter: Interpreter, op: scf.IfOp, args: PythonValues
    ) -> PythonValues:
        """One of two regions."""
        region = op.true_region if bool(args[0]) else op.false_region
        return interpreter.run_ssacfg_region(region, (), op.name)

    @impl_terminator(scf.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: scf.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Ends a body with the carried values."""
        return ReturnedValues(args), ()
