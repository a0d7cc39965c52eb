"""
The `deploy` dialect: what no upstream dialect has.

Kernels (groups of structured operations that keep their intermediates in registers),
buffers with a memory level, values that live in registers element by element,
transfers between memory levels, elementwise operations on vectors, an order of what
is computed and loaded, and bytes four at a time.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from .kernel import KernelOp, YieldOp
from .memory import REGISTER_SPACE, BufferOp, RegistersOp
from .order import AnewOp, LoadsAfterOp, OpaqueOp, TogetherOp
from .transfer import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp, TokenType
from .vector import VcastOp, VcmpOp, VselectOp
from .words import Dot4Op, WordsOp

__all__ = [
    "REGISTER_SPACE",
    "RENEWS_ATTRIBUTE",
    "AnewOp",
    "BufferOp",
    "Deploy",
    "DmaStartOp",
    "DmaWaitOp",
    "Dot4Op",
    "KernelOp",
    "LoadsAfterOp",
    "OpaqueOp",
    "RegistersOp",
    "TogetherOp",
    "TokenType",
    "VcastOp",
    "VcmpOp",
    "VselectOp",
    "WordsOp",
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
        OpaqueOp,
        TogetherOp,
        AnewOp,
        WordsOp,
        Dot4Op,
    ],
    [TokenType],
)
