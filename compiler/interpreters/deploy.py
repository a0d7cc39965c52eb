"""
`deploy`: kernels run their bodies; a buffer is an array, wherever it lies.

A transfer is done when it starts; its token is None. `DeferredTransfers` do it at the
wait instead, which is as late as it may be.
"""

from __future__ import annotations

import numpy as np
from xdsl.dialects import arith
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

from ..dialects import deploy
from .arith import CASTS_BY_NAME, FLOAT_COMPARISONS, INTEGER_COMPARISONS
from .builtin import Array, dtype_of, poison, shape_of
from .elements import select


@register_impls
class DeployFunctions(InterpreterFunctions):
    """Kernels, buffers and registers."""

    @impl(deploy.KernelOp)
    def run_kernel(
        self, interpreter: Interpreter, op: deploy.KernelOp, args: PythonValues
    ) -> PythonValues:
        """The body on the operands."""
        return interpreter.run_ssacfg_region(op.body, args, op.name)

    @impl_terminator(deploy.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: deploy.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Ends a kernel with the written destinations."""
        return ReturnedValues(args), ()

    @impl(deploy.BufferOp)
    def run_buffer(
        self, interpreter: Interpreter, op: deploy.BufferOp, args: PythonValues
    ) -> PythonValues:
        """A buffer that nobody has written."""
        type_ = op.result.type
        return (poison(shape_of(type_), dtype_of(type_)),)

    @impl(deploy.RegistersOp)
    def run_registers(
        self, interpreter: Interpreter, op: deploy.RegistersOp, args: PythonValues
    ) -> PythonValues:
        """The registers of all iterations at once."""
        type_ = op.result.type
        return (poison(shape_of(type_), dtype_of(type_)),)

    @impl(deploy.DmaStartOp)
    def run_dma_start(
        self, interpreter: Interpreter, op: deploy.DmaStartOp, args: PythonValues
    ) -> PythonValues:
        """The copy itself."""
        source, destination = args
        destination[...] = source
        return (None,)

    @impl(deploy.DmaWaitOp)
    def run_dma_wait(
        self, interpreter: Interpreter, op: deploy.DmaWaitOp, args: PythonValues
    ) -> PythonValues:
        """Nothing: the copy has been made."""
        return ()


@register_impls
class LaneFunctions(InterpreterFunctions):
    """What `arith` does, on vectors."""

    @impl(deploy.VcastOp)
    def run_vcast(
        self, interpreter: Interpreter, op: deploy.VcastOp, args: PythonValues
    ) -> PythonValues:
        """The conversion of that name."""
        convert = CASTS_BY_NAME[op.kind.data]
        return (convert(args[0], dtype_of(op.result.type)),)

    @impl(deploy.VcmpOp)
    def run_vcmp(
        self, interpreter: Interpreter, op: deploy.VcmpOp, args: PythonValues
    ) -> PythonValues:
        """The comparison of that name, of floats or integers."""
        if op.is_float:
            number = arith.CMPF_COMPARISON_OPERATIONS.index(op.predicate.data)
            return (FLOAT_COMPARISONS[number](*args),)
        number = arith.CMPI_COMPARISON_OPERATIONS.index(op.predicate.data)
        return (INTEGER_COMPARISONS[number](*args),)

    @impl(deploy.TogetherOp)
    def run_together(
        self, interpreter: Interpreter, op: deploy.TogetherOp, args: PythonValues
    ) -> PythonValues:
        """The same values."""
        return args

    @impl(deploy.LoadsAfterOp)
    def run_loads_after(
        self, interpreter: Interpreter, op: deploy.LoadsAfterOp, args: PythonValues
    ) -> PythonValues:
        """The same value."""
        return args

    @impl(deploy.OpaqueOp)
    def run_opaque(
        self, interpreter: Interpreter, op: deploy.OpaqueOp, args: PythonValues
    ) -> PythonValues:
        """The same value."""
        return args

    @impl(deploy.AnewOp)
    def run_anew(
        self, interpreter: Interpreter, op: deploy.AnewOp, args: PythonValues
    ) -> PythonValues:
        """The same buffer."""
        return args

    @impl(deploy.VselectOp)
    def run_vselect(
        self, interpreter: Interpreter, op: deploy.VselectOp, args: PythonValues
    ) -> PythonValues:
        """A lane of one or the other."""
        return (select(*args),)


def four_bytes(words: Array, unsigned: bool) -> Array:
    """The bytes of words, along a new last axis, as 32-bit integers."""
    kind = np.dtype("<u1" if unsigned else "<i1")
    data = np.ascontiguousarray(words, dtype=np.dtype("<i4"))
    return data.view(kind).reshape(*words.shape, 4).astype(np.int32)


@register_impls
class WordFunctions(InterpreterFunctions):
    """Bytes four at a time."""

    @impl(deploy.WordsOp)
    def run_words(
        self, interpreter: Interpreter, op: deploy.WordsOp, args: PythonValues
    ) -> PythonValues:
        """The same bytes as words."""
        return (args[0].view(dtype_of(op.result.type)),)

    @impl(deploy.Dot4Op)
    def run_dot4(
        self, interpreter: Interpreter, op: deploy.Dot4Op, args: PythonValues
    ) -> PythonValues:
        """Four products, added to what there is; what does not fit is cut off."""
        acc, *words = args
        lhs, rhs = map(four_bytes, words, op.unsigned)
        return (np.asarray(acc + (lhs * rhs).sum(axis=-1, dtype=np.int32)),)


@register_impls
class DeferredTransfers(InterpreterFunctions):
    """Transfers that move nothing before the wait, and spoil the destination first."""

    @impl(deploy.DmaStartOp)
    def run_dma_start(
        self, interpreter: Interpreter, op: deploy.DmaStartOp, args: PythonValues
    ) -> PythonValues:
        """The destination holds nothing; the token is what the wait has to do."""
        source, destination = args
        destination[...] = poison(destination.shape, destination.dtype)
        return ((source, destination),)

    @impl(deploy.DmaWaitOp)
    def run_dma_wait(
        self, interpreter: Interpreter, op: deploy.DmaWaitOp, args: PythonValues
    ) -> PythonValues:
        """The copy."""
        ((source, destination),) = args
        destination[...] = source
        return ()
