"""
The inner kernels of a chain: their results never exist whole, so nobody else has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain as chained

from xdsl.dialects import tensor
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import Rewriter

from ...analysis.chains import Chain
from ...dialects.deploy import KernelOp
from .tile_driver import refuse


def check_chain(chain: Chain) -> None:
    """Refuses a chain whose inner tensors somebody else needs."""
    kernels = [part.kernel for part in chain.parts]
    for kernel in kernels[:-1]:
        if len(kernel.results) != 1:
            refuse(kernel, "an inner kernel of a chain must have one result")
        users = readers(kernel.results[0])
        if not users or any(user not in kernels for user in users):
            refuse(kernel, "result of an inner kernel must be read in its chain only")


def readers(value: SSAValue) -> list[Operation]:
    """The operations that read a tensor, through pads."""
    users = [use.operation for use in value.uses]
    pads = [op for op in users if isinstance(op, tensor.PadOp)]
    rest = [op for op in users if not isinstance(op, tensor.PadOp)]
    return [*rest, *chained.from_iterable(readers(pad.result) for pad in pads)]


def erase_unused(kernels: Sequence[KernelOp]) -> None:
    """Erases the inner kernels of a chain, and the pads between them."""
    for kernel in reversed(kernels):
        erase_pads(kernel.results[0])
        Rewriter.erase_op(kernel)


def erase_pads(value: SSAValue) -> None:
    """Erases the pads of a tensor, which nobody reads any more."""
    for use in tuple(value.uses):
        if isinstance(use.operation, tensor.PadOp):
            erase_pads(use.operation.result)
            Rewriter.erase_op(use.operation)
