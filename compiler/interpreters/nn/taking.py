"""The operation of `nn` that reads at computed places."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)

from ...dialects import nn
from ..builtin import Array, shape_of


def inside(indices: Array, size: int) -> Array:
    """Places among `size`; what is outside on either side is the nearest."""
    return np.clip(np.where(indices < 0, indices + size, indices), 0, size - 1)


@register_impls
class NNTakingFunctions(InterpreterFunctions):
    """Numpy's indexing by arrays."""

    @impl(nn.TakeOp)
    def run_take(
        self, interpreter: Interpreter, op: nn.TakeOp, args: PythonValues
    ) -> PythonValues:
        """One array for each dimension of the source, all of which broadcast."""
        source: Array = args[0]
        shape = shape_of(op.result.type)
        chosen = dict(zip(op.axes.get_values(), args[1:], strict=True))
        along = dict(zip(op.kept_axes, op.along.get_values(), strict=True))
        places = np.indices(shape, sparse=True)
        key = tuple(
            places[along[axis]] if axis in along else inside(chosen[axis], size)
            for axis, size in enumerate(source.shape)
        )
        return (np.array(np.broadcast_to(source[key], shape)),)
