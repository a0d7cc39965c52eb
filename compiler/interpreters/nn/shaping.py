"""Operations of `nn` that move elements."""

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
from ..builtin import Array, array_of, shape_of


@register_impls
class NNShapingFunctions(InterpreterFunctions):
    """Constants, and the same elements in other places."""

    @impl(nn.ConstantOp)
    def run_constant(
        self, interpreter: Interpreter, op: nn.ConstantOp, args: PythonValues
    ) -> PythonValues:
        """A tensor, unsigned where its type is."""
        return (array_of(op.value),)

    @impl(nn.ReshapeOp)
    def run_reshape(
        self, interpreter: Interpreter, op: nn.ReshapeOp, args: PythonValues
    ) -> PythonValues:
        """Row-major order stays."""
        return (args[0].reshape(shape_of(op.result.type)),)

    @impl(nn.TransposeOp)
    def run_transpose(
        self, interpreter: Interpreter, op: nn.TransposeOp, args: PythonValues
    ) -> PythonValues:
        """Dimensions reordered."""
        return (args[0].transpose(op.permutation.get_values()),)

    @impl(nn.ConcatOp)
    def run_concat(
        self, interpreter: Interpreter, op: nn.ConcatOp, args: PythonValues
    ) -> PythonValues:
        """One after the other."""
        return (np.concatenate(args, op.axis.value.data),)

    @impl(nn.SliceOp)
    def run_slice(
        self, interpreter: Interpreter, op: nn.SliceOp, args: PythonValues
    ) -> PythonValues:
        """Every element by its index, so that steps may be negative."""
        parts = zip(
            op.starts.get_values(),
            op.steps.get_values(),
            shape_of(op.result.type),
            strict=True,
        )
        places = [start + step * np.arange(size) for start, step, size in parts]
        return (args[0][np.ix_(*places)],)

    @impl(nn.PadOp)
    def run_pad(
        self, interpreter: Interpreter, op: nn.PadOp, args: PythonValues
    ) -> PythonValues:
        """The value is signless; its bits are those of the element."""
        x: Array = args[0]
        around = list(zip(op.low.get_values(), op.high.get_values(), strict=True))
        value = array_of(op.value).view(x.dtype)
        return (np.pad(x, around, constant_values=value),)

    @impl(nn.GatherOp)
    def run_gather(
        self, interpreter: Interpreter, op: nn.GatherOp, args: PythonValues
    ) -> PythonValues:
        """Entries of one dimension by their number."""
        return (np.take(args[0], op.indices.get_values(), op.axis.value.data),)
