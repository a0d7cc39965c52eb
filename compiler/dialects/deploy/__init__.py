"""
The `deploy` dialect: what no upstream dialect has.

Kernels (groups of structured operations that keep their intermediates in registers),
buffers with a memory level, values that live in registers element by element,
transfers between memory levels, elementwise operations on vectors, and an order of what
is computed.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from .kernel import KernelOp, YieldOp
from .memory import REGISTER_SPACE, BufferOp, RegistersOp
from .order import LoadsAfterOp, TogetherOp
from .transfer import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp, TokenType
from .vector import VcastOp, VcmpOp, VselectOp

__all__ = [
    "REGISTER_SPACE",
    "RENEWS_ATTRIBUTE",
    "BufferOp",
    "Deploy",
    "DmaStartOp",
    "DmaWaitOp",
    "KernelOp",
    "LoadsAfterOp",
    "RegistersOp",
    "TogetherOp",
    "TokenType",
    "VcastOp",
    "VcmpOp",
    "VselectOp",
    "YieldOp",
]

Deploy = Dialect(
    "deploy",
    [
        YieldOp,
        KernelOp,
        BufferOp,
        RegistersOp,
        DmaStartOp,
        DmaWaitOp,
        VcastOp,
        VcmpOp,
        VselectOp,
        LoadsAfterOp,
        TogetherOp,
    ],
    [TokenType],
)
