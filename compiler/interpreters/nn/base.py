"""What operations with a scalar region share: running it, and unsigned elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl_terminator,
    register_impls,
)
from xdsl.ir import Region, SSAValue

from ...dialects import nn
from ..builtin import Array, dtype_of, shape_of


def signless(x: Array) -> Array:
    """The same bits as scalar regions see them: signed."""
    return x.view(f"int{8 * x.itemsize}") if x.dtype.kind == "u" else x


def run_region(
    interpreter: Interpreter, region: Region, args: Sequence[Array], result: SSAValue
) -> Array:
    """`region` on arrays that broadcast, as an array of the type of `result`."""
    values = tuple(signless(x) for x in args)
    (yielded,) = interpreter.run_ssacfg_region(region, values, "nn")
    whole = np.array(np.broadcast_to(yielded, shape_of(result.type)))
    return whole.view(dtype_of(result.type))


@register_impls
class NNBaseFunctions(InterpreterFunctions):
    """The terminator of all regions."""

    @impl_terminator(nn.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: nn.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Ends a region with the element of the result."""
        return ReturnedValues(args), ()
